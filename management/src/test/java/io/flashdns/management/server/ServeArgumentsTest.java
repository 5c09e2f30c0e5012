package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class ServeArgumentsTest {
  private static final Terminal TERMINAL =
      new Terminal(
          new PrintStream(OutputStream.nullOutputStream()),
          new PrintStream(OutputStream.nullOutputStream()),
          false);

  /** A value for each option that has one; picocli's own list says which there must be. */
  private static final Map<String, String> VALUES =
      Map.ofEntries(
          Map.entry("--config", "conf/x.yaml"),
          Map.entry("--zones", "/var/zones with blanks"),
          Map.entry("--listen", "[::1]:5300"),
          Map.entry("--workers", "3"),
          Map.entry("--io", "epoll"),
          Map.entry("--data", "d"),
          Map.entry("--store", "etcd://127.0.0.1:2379/dns/"),
          Map.entry("--index-memory", "256MiB"),
          Map.entry("--plugins", "p"),
          Map.entry("--operations", "127.0.0.1:0"),
          Map.entry("--api", "127.0.0.1:0"),
          Map.entry("--api-json", "127.0.0.1:0"));

  @Test
  void everyOptionIsTakenAsPicocliTakesIt() {
    for (OptionSpec option : options()) {
      var value = VALUES.get(option.longestName());
      assertThat(value).as("a value of %s for this test", option.longestName()).isNotNull();
      for (String name : option.names()) {
        assertSame("serve", name, value);
        if (name.startsWith("--")) {
          assertSame("serve", name + "=" + value, "--strict");
        }
      }
    }
  }

  @Test
  void allOptionsTogetherAreTakenAsPicocliTakesThem() {
    var arguments = new ArrayList<>(List.of("serve", "--strict", "-l", "127.0.0.1"));
    for (OptionSpec option : options()) {
      arguments.addAll(List.of(option.names()[0], VALUES.get(option.longestName())));
    }

    assertSame(arguments.toArray(String[]::new));
    assertSame("serve");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "check",
        "help",
        "--version",
        "serve --help",
        "serve -h",
        "serve -w",
        "serve -w three",
        "serve -w 1 -w 2",
        "serve -w1",
        "serve -w=1",
        "serve --workers=",
        "serve --listen -c",
        "serve -l example.com",
        "serve --strict --strict",
        "serve --strict=true",
        "serve --io quick",
        "serve --zone z",
        "serve z",
        "serve @file",
        "serve -c @file",
        "serve -c 'x'",
        "serve -- -w 1",
      })
  void whateverIsNotPlainIsLeftToPicocli(String line) {
    var arguments = line.isEmpty() ? new String[0] : line.split(" ");

    assertThat(ServeArguments.read(arguments, TERMINAL)).isNull();
  }

  private static List<OptionSpec> options() {
    return RootCommand.commandLine(TERMINAL)
        .getSubcommands()
        .get("serve")
        .getCommandSpec()
        .options()
        .stream()
        .filter(option -> option.arity().max() > 0)
        .toList();
  }

  private static void assertSame(String... arguments) {
    CommandLine line = RootCommand.commandLine(TERMINAL);
    line.parseArgs(arguments);
    ServeCommand byPicocli = line.getSubcommands().get("serve").getCommand();

    ServeCommand plain = ServeArguments.read(arguments, TERMINAL);

    assertThat(plain).as("%s", List.of(arguments)).isNotNull();
    assertThat(plain.isStrict()).isEqualTo(byPicocli.isStrict());
    assertThat(plain.options())
        .as("%s", List.of(arguments))
        .usingRecursiveComparison()
        .ignoringFields("spec", "loader")
        .isEqualTo(byPicocli.options());
  }
}
