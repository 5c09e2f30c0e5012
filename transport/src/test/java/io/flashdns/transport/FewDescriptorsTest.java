package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakDetection.class)
class FewDescriptorsTest {

  @EachBackend
  void processWithoutDescriptorsAnswersByUdpDoesNotSpinAndRecovers(IoBackend io) throws Exception {
    TestServer.assumeAvailable(io);
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell to set the limit");
    try (Server server = new Server(io);
        UdpClient udp = new UdpClient(server.address)) {
      try (TcpClient warm = new TcpClient(server.address)) {
        assertThat(warm.ask(Message.query(1)).id()).isEqualTo(1);
      }
      assertThat(udp.ask(Message.query(2)).id()).isEqualTo(2);
      assertThat(server.say("hoard")).isPositive();

      // The system sets connections up by itself; the server cannot take them.
      try (TcpClient first = new TcpClient(server.address);
          TcpClient second = new TcpClient(server.address)) {
        first.send(Message.framed(Message.query(3)));
        second.send(Message.framed(Message.query(4)));
        long start = System.nanoTime();
        int asked = 0;
        while (System.nanoTime() - start < TimeUnit.SECONDS.toNanos(1)) {
          assertThat(udp.ask(Message.query(asked & 0xffff)).id()).isEqualTo(asked & 0xffff);
          asked++;
        }
        // It tries ten times a second.
        assertThat(server.say("errors")).isBetween(1, 40);

        start = System.nanoTime();
        assertThat(server.say("release")).isPositive();
        assertThat(first.receive().id()).isEqualTo(3);
        assertThat(second.receive().id()).isEqualTo(4);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      }
      assertThat(server.say("failures")).isZero();
    }
  }

  /** The process. */
  private static final class Server implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter commands;
    private final InetSocketAddress address;

    Server(IoBackend io) throws IOException {
      List<String> command =
          List.of(
              "/bin/sh",
              "-c",
              "ulimit -n 200; exec \"$0\" \"$@\"",
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "--enable-native-access=ALL-UNNAMED",
              "-Dslf4j.internal.verbosity=ERROR",
              "-cp",
              System.getProperty("java.class.path"),
              FewDescriptors.class.getName(),
              io.text());
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      answers = process.inputReader(StandardCharsets.UTF_8);
      commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
      address = new InetSocketAddress("127.0.0.1", Integer.parseInt(answers.readLine()));
    }

    int say(String command) throws IOException {
      commands.println(command);
      return Integer.parseInt(answers.readLine());
    }

    @Override
    public void close() throws IOException {
      commands.close();
      process.onExit().completeOnTimeout(process, 20, TimeUnit.SECONDS).join();
      process.destroyForcibly();
      answers.close();
    }
  }
}
