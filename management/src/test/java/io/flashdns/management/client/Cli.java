package io.flashdns.management.client;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine;

/** Runs commands as a user would, and keeps what they print. */
final class Cli {
  final Map<String, String> environment = new HashMap<>();
  Path home;
  boolean isTerminal;
  String input = "";

  /** What became of a command. */
  record Result(int status, String out, String err) {}

  @CommandLine.Command(name = "flashdns", subcommands = CommandLine.HelpCommand.class)
  static final class Root implements Runnable {
    @Override
    public void run() {}
  }

  Cli(Path folder) {
    environment.put("XDG_CONFIG_HOME", folder.resolve("config").toString());
  }

  /** Against this server, with a token. */
  Cli at(TestApi api) {
    environment.put("FLASHDNS_SERVER", api.address());
    environment.put("FLASHDNS_TOKEN", "t0ken");
    return this;
  }

  Result run(String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            isTerminal,
            isTerminal,
            isTerminal,
            environment,
            home);
    int status = line(console, arguments).execute(arguments);
    return new Result(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  static CommandLine line(Console console, String... arguments) {
    CommandLine root = new CommandLine(new Root());
    root.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
    root.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
    ClientCommands.addTo(root, console, arguments);
    return root;
  }
}
