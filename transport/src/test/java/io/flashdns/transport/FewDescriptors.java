package io.flashdns.transport;

import io.flashdns.core.engine.Engine;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A server in a process of its own, whose file descriptors can be used up. Says its port, then
 * obeys line by line.
 */
final class FewDescriptors {
  private FewDescriptors() {}

  public static void main(String[] arguments) throws Exception {
    TransportConfig config =
        new TransportConfig(
            List.of(new InetSocketAddress("127.0.0.1", 0)),
            IoBackend.parse(arguments[0]),
            1,
            TcpLimits.defaults(),
            0);
    List<FileInputStream> hoard = new ArrayList<>();
    try (Engine engine = Answers.engine();
        Transport transport = Transport.start(config, engine::newWorker);
        BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      // Classes that are loaded from a folder need a descriptor: all of this has run once before
      // they are gone.
      hoard(hoard);
      release(hoard);
      transport.counters();
      System.out.println(transport.addresses().getFirst().getPort());
      for (String command = commands.readLine(); command != null; command = commands.readLine()) {
        switch (command) {
          case "hoard" -> System.out.println(hoard(hoard));
          case "release" -> System.out.println(release(hoard));
          case "errors" -> System.out.println(transport.counters().tcpAcceptErrors());
          case "failures" -> System.out.println(transport.counters().failures());
          default -> throw new IllegalArgumentException(command);
        }
      }
      release(hoard);
    }
  }

  private static int hoard(List<FileInputStream> hoard) {
    try {
      while (true) {
        hoard.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException _) {
      return hoard.size();
    }
  }

  private static int release(List<FileInputStream> hoard) throws IOException {
    int held = hoard.size();
    for (FileInputStream file : hoard) {
      file.close();
    }
    hoard.clear();
    return held;
  }
}
