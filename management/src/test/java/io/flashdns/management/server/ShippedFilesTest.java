package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.plugin.PluginFactory;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the distribution ships is right, and says of every key what it is. */
class ShippedFilesTest {
  /**
   * A key that is commented out: no blank behind the #, two for one inside a section, four for one
   * of a plugin.
   */
  private static final Pattern KEY = Pattern.compile("#((?: {2}){0,2})([a-z0-9-]+):(.*)");

  private static final Pattern SECTION = Pattern.compile("([a-z-]+):");

  /** A plugin, in force or commented out, or a section within a section. */
  private static final Pattern PLUGIN = Pattern.compile("#? {2}([a-z][a-z0-9-]*):");

  private static final Pattern PROSE = Pattern.compile(" *# (\\S.*)");

  private record Row(String key, String value, String meaning) {
    @Override
    public String toString() {
      String shown = value.isEmpty() ? "" : "`" + value + "`";
      return "| `%s` | %s | %s |".formatted(key, shown, meaning);
    }
  }

  @TempDir private Path folder;
  private final List<Problem> problems = new ArrayList<>();

  @Test
  void shippedConfigIsTheDefaults() {
    assertThat(ServerOptions.readFile(ShippedFiles.CONFIG, problems::add))
        .isEqualTo(ServerConfig.defaults());
    assertThat(problems).isEmpty();
  }

  @Test
  void shippedConfigWithAllKeysInForceIsTheDefaultsToo() throws IOException {
    Path conf = Files.createDirectory(folder.resolve("conf"));
    Path file = conf.resolve("flashdns.yaml");
    Files.writeString(file, allInForce());

    ServerConfig config = ServerOptions.readFile(file, problems::add);

    assertThat(problems).isEmpty();
    // three that are absent by default are written as the places that this means
    assertThat(config.zones().folder()).contains(folder.resolve("zones"));
    assertThat(config.data()).contains(folder.resolve("data"));
    assertThat(config.pluginFolder()).contains(folder.resolve("plugins"));
    assertThat(ConfigChanges.between(ServerConfig.defaults(), config))
        .filteredOn(key -> !key.equals("tcp.max-connections")) // depends on the machine
        .containsExactly("data", "zones.folder", "plugin-folder", "plugins");
  }

  @Test
  void shippedConfigHasAllBuiltInPluginsWithTheirDefaults() throws IOException {
    Path file = folder.resolve("flashdns.yaml");
    Files.writeString(file, allInForce());

    Pipeline all = ServerOptions.readFile(file, problems::add).plugins();

    assertThat(all.names()).containsExactlyInAnyOrderElementsOf(PluginRegistry.builtIn().names());
    assertThat(all.names()).containsSubsequence(PluginRegistry.DEFAULT_PLUGINS);
    for (PluginBinding<?> binding : all.bindings()) {
      Object defaults = ConfigBinder.defaultsOf(binding.factory().configType());
      switch (binding.factory().name()) {
        case "nsid" -> assertThat(defaults).as("a server has no name by default").isNull();
        // its file is written as the place that this means
        case "querylog" ->
            assertThat(ConfigChanges.between((Record) defaults, binding.config()))
                .containsExactly("file");
        default -> assertThat(binding.config()).isEqualTo(defaults);
      }
    }
  }

  @Test
  void everyKeyStandsInTheShippedConfigWithItsMeaning() throws IOException {
    List<String> keys = new ArrayList<>();
    collectKeys(ServerConfig.defaults(), "", keys);

    assertThat(reference()).extracting(Row::key).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(reference()).allSatisfy(row -> assertThat(row.meaning()).as(row.key()).isNotEmpty());
  }

  @Test
  void readmeHasTheSameReference() throws IOException {
    String table =
        reference().stream()
            .filter(row -> !row.key().startsWith("plugins."))
            .map(Row::toString)
            .collect(Collectors.joining("\n"));

    assertThat(Files.readString(ShippedFiles.README))
        .as("the table of keys in README.md must be:\n%s\n", table)
        .contains(table);
  }

  @Test
  void copyOfTheLogConfigurationInTheJarIsTheShippedOne() throws IOException {
    try (InputStream copy = Main.class.getResourceAsStream("/logback.xml")) {
      assertThat(new String(copy.readAllBytes(), StandardCharsets.UTF_8))
          .isEqualTo(Files.readString(ShippedFiles.DIST.resolve("conf/logback.xml")));
    }
  }

  @Test
  void exampleZonesAreServedWithoutAWarning() throws Exception {
    MemoryLedger ledger = new MemoryLedger();
    ZoneLoad loaded =
        new ZoneFolder(ledger, 2).load(ShippedFiles.ZONES, ZonesConfig.defaults(), (_, _) -> {});

    assertThat(loaded.problems()).isEmpty();
    List<String> apexes = new ArrayList<>();
    ledger.forEach(zone -> apexes.add(zone.settings().key().apex().toString()));
    assertThat(apexes)
        .containsExactlyInAnyOrder("example.com.", "example.org.", "2.0.192.in-addr.arpa.");
    assertThat(loaded.records()).isGreaterThan(40);
  }

  @Test
  void exampleZonesUseDocumentationAddressesOnly() throws IOException {
    Pattern address =
        Pattern.compile("\\b\\d{1,3}(?:\\.\\d{1,3}){3}\\b|\\b[0-9a-f]{1,4}:[0-9a-f:]+");
    for (String name : List.of("example.com.zone", "example.org.zone")) {
      Matcher matcher = address.matcher(Files.readString(ShippedFiles.ZONES.resolve(name)));
      while (matcher.find()) {
        assertThat(matcher.group()).matches("192\\.0\\.2\\.\\d+|2001:db8:.*");
      }
    }
  }

  /** The shipped configuration without the # before keys and plugins. */
  private static String allInForce() throws IOException {
    return Files.readString(ShippedFiles.CONFIG)
        .replaceAll("(?m)^#((?: {2}){0,2})(?=[a-z0-9-]+:)", "$1");
  }

  private static List<Row> reference() throws IOException {
    List<Row> rows = new ArrayList<>();
    String section = "";
    String plugin = "";
    List<String> prose = new ArrayList<>();
    for (String line : Files.readAllLines(ShippedFiles.CONFIG)) {
      Matcher key = KEY.matcher(line);
      Matcher name = PLUGIN.matcher(line);
      Matcher heading = SECTION.matcher(line);
      Matcher text = PROSE.matcher(line);
      if (section.equals("plugins.") && name.matches()) {
        plugin = name.group(1) + ".";
      } else if (key.matches()) {
        String prefix =
            switch (key.group(1).length()) {
              case 0 -> "";
              case 2 -> section;
              default -> section + plugin;
            };
        rows.add(new Row(prefix + key.group(2), key.group(3).strip(), String.join(" ", prose)));
      } else if (!section.isEmpty() && name.matches() && !line.startsWith("#")) {
        plugin = name.group(1) + ".";
      } else if (heading.matches()) {
        section = heading.group(1) + ".";
        plugin = "";
      } else if (text.matches()) {
        prose.add(text.group(1));
        continue;
      }
      prose.clear();
    }
    return rows;
  }

  private static void collectKeys(Record defaults, String path, List<String> keys) {
    for (RecordComponent component : defaults.getClass().getRecordComponents()) {
      String key = path + ConfigText.key(component.getName());
      Object value = ConfigBinder.read(component, defaults);
      if (value instanceof Pipeline) {
        for (PluginFactory<?> factory : PluginRegistry.builtIn().factories()) {
          for (RecordComponent own : factory.configType().getRecordComponents()) {
            keys.add(key + "." + factory.name() + "." + ConfigText.key(own.getName()));
          }
        }
      } else if (value instanceof Record nested) {
        collectKeys(nested, key + ".", keys);
      } else {
        keys.add(key);
      }
    }
  }
}
