package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code flashdns} as a process of its own, started from the class path of the tests. */
final class ServerProcess {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> out = Collections.synchronizedList(new ArrayList<>());
  private final List<String> err = Collections.synchronizedList(new ArrayList<>());
  private final Thread outReader;
  private final Thread errReader;

  private ServerProcess(Process process) {
    this.process = process;
    this.outReader = read(process.getInputStream(), out);
    this.errReader = read(process.getErrorStream(), err);
  }

  /** Starts any command line. */
  static ServerProcess start(Path home, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-D" + Distribution.HOME + "=" + home);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    if (arguments.length > 0 && arguments[0].equals("serve") && !command.contains("--operations")) {
      command.addAll(List.of("--operations", "127.0.0.1:0")); // tests run beside each other
    }
    if (arguments.length > 0 && arguments[0].equals("serve") && !command.contains("--api")) {
      command.addAll(List.of("--api", "127.0.0.1:0", "--api-json", "127.0.0.1:0"));
    }
    return new ServerProcess(new ProcessBuilder(command).start());
  }

  /** Waits until it listens, and returns the first address. */
  InetSocketAddress awaitReady() {
    await()
        .atMost(LIMIT)
        .until(() -> !process.isAlive() || hasOut("ready ") && hasOut("listening "));
    assertThat(process.isAlive()).as("%s %s", out, err).isTrue();
    String line = out().stream().filter(l -> l.startsWith("listening ")).findFirst().orElseThrow();
    return ListenAddress.parse(line.split(" +")[1]);
  }

  /** Sends a signal by its name. */
  void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid()).start();
    assertThat(kill.waitFor()).isZero();
  }

  /** Sends SIGHUP and waits for the line that the reload ends with. */
  String reload() throws IOException, InterruptedException {
    long before = count("reload");
    signal("HUP");
    await().atMost(LIMIT).until(() -> count("reload") > before);
    return out().stream().filter(l -> l.contains("reload")).reduce((_, last) -> last).orElseThrow();
  }

  /** Waits for the end, reads all output, and returns the exit status. */
  int awaitEnd() throws InterruptedException {
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("%s", this).isTrue();
    outReader.join();
    errReader.join();
    return process.exitValue();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  List<String> out() {
    return List.copyOf(out);
  }

  List<String> err() {
    return List.copyOf(err);
  }

  boolean hasOut(String part) {
    return out().stream().anyMatch(line -> line.contains(part));
  }

  boolean hasErr(String part) {
    return err().stream().anyMatch(line -> line.contains(part));
  }

  /** Ends it if it still runs. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  @Override
  public String toString() {
    return "out: " + out() + " err: " + err();
  }

  private long count(String part) {
    return out().stream().filter(line -> line.contains(part)).count();
  }

  private static Thread read(InputStream stream, List<String> lines) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (BufferedReader reader =
                  new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                  lines.add(line);
                }
              } catch (IOException e) {
                lines.add("lost the stream: " + e);
              }
            });
  }
}
