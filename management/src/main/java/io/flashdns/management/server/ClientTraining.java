package io.flashdns.management.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the JVM of the client commands learns from: commands of every kind, run one after the other
 * in this process against a server in another one, so that nothing of the server gets into the
 * cache of the clients.
 */
final class ClientTraining {
  private static final int STOP_SECONDS = 20;

  private final Terminal terminal;

  ClientTraining(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * Starts a server on free ports, and runs the commands.
   *
   * @param folder an empty one, for all files
   * @return the exit status
   */
  int run(Path folder) throws IOException, InterruptedException {
    Path log = folder.resolve("server.log");
    Path data = folder.resolve("data");
    Process server = start(folder, data, log);
    try {
      String address = address(server);
      if (address == null) {
        terminal.failure("the server of the warm-up did not start: " + Files.readString(log));
        return RootCommand.FAILED;
      }
      return commands(folder, address, data.resolve("admin-token"));
    } finally {
      server.destroy();
      if (!server.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        server.destroyForcibly().waitFor();
      }
    }
  }

  private static Process start(Path folder, Path data, Path log) throws IOException {
    Path zones = Files.createDirectories(folder.resolve("zones"));
    Path config = Files.writeString(folder.resolve("flashdns.yaml"), "workers: 1\n");
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "serve",
            "--config=" + config,
            "--zones=" + zones,
            "--data=" + data,
            "--listen=127.0.0.1:0",
            "--operations=127.0.0.1:0",
            "--api=127.0.0.1:0",
            "--api-json=127.0.0.1:0");
    return new ProcessBuilder(command).redirectError(log.toFile()).start();
  }

  /** Where its API is; null when it ended before. What it prints later is read to its end. */
  private static @Nullable String address(Process server) throws IOException {
    BufferedReader lines = server.inputReader(UTF_8);
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" +");
      if (words[0].equals("api")) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return words[1];
      }
    }
    return null;
  }

  private int commands(Path folder, String address, Path token) throws IOException {
    Path file = folder.resolve("warm-up.example.yaml");
    Files.writeString(
        file,
        """
        zone: warm-up.example
        project: warm/up
        labels: {team: web}
        ttl: 1h
        records:
          - {name: "@", type: MX, data: 10 mail.warm-up.example.}
          - {name: www, type: A, ttl: 5m, data: [192.0.2.1, 192.0.2.2]}
        """);
    for (String line :
        List.of(
            "whoami",
            "tenant create warm",
            "tenant create warm/up",
            "apply --yes --wait " + file,
            "zone list",
            "zone list -o json",
            "zone get warm-up.example -o yaml",
            "record set www.warm-up.example A 192.0.2.1 --ttl 5m --wait",
            "record add www.warm-up.example A 192.0.2.7 --dry-run",
            "record list warm-up.example",
            "record get www.warm-up.example A",
            "export warm-up.example",
            "diff warm-up.example",
            "history warm-up.example",
            "token create warm --scope warm/up",
            "token list",
            "policy list",
            "node list",
            "audit",
            "record set --help",
            "zone list")) {
      int status = run(line, address, token);
      if (status != RootCommand.OK) {
        return status;
      }
    }
    return RootCommand.OK;
  }

  private int run(String line, String address, Path token) {
    List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
    arguments.addAll(List.of("--server", address, "--token-file", token.toString()));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(said, false, UTF_8);
    int status = Main.run(arguments.toArray(String[]::new), new Terminal(out, out, false));
    out.flush();
    if (status != RootCommand.OK) {
      terminal.failure("'" + line + "' ended with " + status + ": " + said.toString(UTF_8));
    }
    return status;
  }
}
