package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins/README.md says is so. */
class PluginsReadmeTest {
  private static final Path EXAMPLE =
      ShippedFiles.README.resolveSibling("src/test/resources/example-plugin");
  private static final Path README = ShippedFiles.README.resolveSibling("../plugins/README.md");

  /** A block of code with the file of the example that it is. */
  private static final Pattern BLOCK =
      Pattern.compile("<!-- example: (\\S+) -->\n```\\w+\n(.*?)```\n", Pattern.DOTALL);

  private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)\\)");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| \\[(\\w+)]\\(\\S+\\) \\| ([a-z, ]+) \\| (yes)? ?\\|");

  @TempDir private Path folder;

  @Test
  void codeIsThatOfTheExample() throws IOException {
    Matcher block = BLOCK.matcher(text());
    Set<String> seen = new HashSet<>();
    while (block.find()) {
      seen.add(block.group(1));
      assertThat(block.group(2))
          .as(block.group(1))
          .isEqualTo(Files.readString(EXAMPLE.resolve(block.group(1))));
    }
    assertThat(seen)
        .contains(
            "src/main/java/com/example/maintenance/MaintenanceFactory.java",
            "src/test/java/com/example/maintenance/MaintenanceTest.java")
        .hasSize(5);
  }

  @Test
  void dependencyIsThatOfTheExample() throws IOException {
    String pom = Files.readString(EXAMPLE.resolve("pom.xml"));
    String ours = Files.readString(ShippedFiles.README.resolveSibling("pom.xml"));
    Matcher version = Pattern.compile("<version>([^<]+)</version>").matcher(ours);

    assertThat(version.find()).isTrue();
    assertThat(pom).contains("<flashdns.version>" + version.group(1) + "</flashdns.version>");
    assertThat(text())
        .contains(
            """
              <artifactId>flashdns-core</artifactId>
              <version>%s</version>
              <scope>provided</scope>
            """
                .formatted(version.group(1)));
  }

  @Test
  void everyBuiltInPluginIsInTheTableAtItsPlace() throws IOException {
    Matcher row = ROW.matcher(text());
    List<String> names = new ArrayList<>();
    List<String> defaults = new ArrayList<>();
    while (row.find()) {
      names.add(row.group(1));
      if (row.group(3) != null) {
        defaults.add(row.group(1));
      }
    }

    assertThat(names).containsExactlyInAnyOrderElementsOf(PluginRegistry.builtIn().names());
    assertThat(defaults).isEqualTo(PluginRegistry.DEFAULT_PLUGINS);
  }

  @Test
  void phasesOfTheTableAreThoseOfThePlugins() throws IOException {
    Path file = folder.resolve("flashdns.yaml");
    Files.writeString(
        file, "plugins:\n  nsid: {id: ns1}\n  dnstap: {file: taps}\n" + rest("nsid", "dnstap"));
    List<Problem> problems = new ArrayList<>();
    Pipeline all = ServerOptions.readFile(file, problems::add).plugins();
    assertThat(problems).isEmpty();
    Map<String, List<String>> phases = new TreeMap<>();
    try (Engine engine =
        new Engine(EngineConfig.of(new NameHash(1)).withDataFolder(folder), all.bindings())) {
      for (String line : engine.describePipeline().split("\n")) {
        String[] words = line.split(" +");
        for (int i = 1; i < words.length; i++) {
          phases.computeIfAbsent(words[i], _ -> new ArrayList<>()).add(words[0]);
        }
      }
    }

    Matcher row = ROW.matcher(text());
    while (row.find()) {
      assertThat(List.of(row.group(2).split(", ")))
          .as(row.group(1))
          .containsSubsequence(phases.get(row.group(1)));
    }
  }

  private static String rest(String... without) {
    StringBuilder keys = new StringBuilder();
    for (String name : PluginRegistry.builtIn().names()) {
      if (!List.of(without).contains(name)) {
        keys.append("  ").append(name).append(":\n");
      }
    }
    return keys.toString();
  }

  @Test
  void everyLinkLeadsSomewhere() throws IOException {
    Matcher link = LINK.matcher(text().replaceAll("(?s)```.*?```", ""));
    int count = 0;
    while (link.find()) {
      assertThat(README.resolveSibling(link.group(1))).exists();
      count++;
    }
    assertThat(count).isGreaterThan(10);
  }

  private static String text() throws IOException {
    return Files.readString(README);
  }
}
