package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

class HelpTest {
  private static CommandLine whole() {
    return Cli.line(
        new Console(
            new ByteArrayInputStream(new byte[0]),
            System.out,
            System.err,
            false,
            false,
            false,
            Map.of(),
            null));
  }

  private static List<CommandLine> all(CommandLine root) {
    List<CommandLine> all = new ArrayList<>();
    for (CommandLine line : root.getSubcommands().values()) {
      if (!line.getCommandName().equals("help")) {
        all.add(line);
        all.addAll(all(line));
      }
    }
    return all;
  }

  @Test
  void everyCommandHasAHeaderADescriptionAndAnExample() {
    for (CommandLine line : all(whole())) {
      var usage = line.getCommandSpec().usageMessage();
      String name = line.getCommandSpec().qualifiedName();
      assertThat(usage.header()).as(name).isNotEmpty();
      assertThat(usage.description()).as(name).isNotEmpty();
      assertThat(String.join("\n", usage.footer()))
          .as(name)
          .containsPattern("flashdns .*" + line.getCommandName());
    }
  }

  @Test
  void everyOptionAndParameterHasADescription() {
    for (CommandLine line : all(whole())) {
      for (OptionSpec option : line.getCommandSpec().options()) {
        assertThat(option.description())
            .as(line.getCommandSpec().qualifiedName() + " " + option)
            .isNotEmpty();
      }
      for (PositionalParamSpec parameter : line.getCommandSpec().positionalParameters()) {
        assertThat(parameter.description()).as(line.getCommandSpec().qualifiedName()).isNotEmpty();
      }
    }
  }

  @Test
  void everyCommandThatRunsSaysItsExitStatus() {
    for (CommandLine line : all(whole())) {
      if (line.getSubcommands().isEmpty()) {
        assertThat(line.getUsageMessage()).contains("Exit status:", "5   in conflict", "Examples:");
      }
    }
  }

  @Test
  void everyExampleIsUnderstood() {
    CommandLine root = whole();
    for (CommandLine line : all(root)) {
      for (String example : line.getCommandSpec().usageMessage().footer()) {
        String command = example.strip().split("[|<>&]|\\$\\(")[0].strip();
        if (command.startsWith("flashdns ")) {
          List<String> words = words(command.substring(9));
          assertThat(root.parseArgs(words.toArray(String[]::new)).hasSubcommand())
              .as(example)
              .isTrue();
        }
      }
    }
  }

  private static List<String> words(String command) {
    List<String> words = new ArrayList<>();
    var matcher = java.util.regex.Pattern.compile("'([^']*)'|(\\S+)").matcher(command);
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words;
  }

  @Test
  void onlyTheNamedCommandIsLoaded() {
    assertThat(Cli.line(console(), "zone", "list").getSubcommands())
        .containsOnlyKeys("help", "zone");
    assertThat(Cli.line(console(), "zoen").getSubcommands())
        .containsKeys("zone", "record", "audit");
  }

  private static Console console() {
    return new Console(
        new ByteArrayInputStream(new byte[0]),
        System.out,
        System.err,
        false,
        false,
        false,
        Map.of(),
        null);
  }

  @Test
  void helpLoadsNothingOfGrpc() throws IOException, InterruptedException {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:stdout",
                "-cp",
                System.getProperty("java.class.path"),
                HelpMain.class.getName())
            .redirectErrorStream(true)
            .start();
    String loaded;
    try (var in = java.getInputStream()) {
      loaded = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(java.waitFor()).isZero();
    assertThat(loaded).contains("ClientCommands", "Usage: flashdns zone create");
    assertThat(
            loaded
                .lines()
                .filter(line -> line.contains(" io.grpc.") || line.contains(" io.netty.")))
        .isEmpty();
  }

  /** Prints a help and ends. */
  static final class HelpMain {
    public static void main(String[] arguments) {
      Cli.line(console(), "zone", "create", "--help").execute("zone", "create", "--help");
    }
  }
}
