package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.NameHash;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the distribution ships is right, and says of every key what it is. */
class ShippedFilesTest {
  /** A key that is commented out: no blank behind the #, or two for one inside a section. */
  private static final Pattern KEY = Pattern.compile("#( {2})?([a-z-]+):(.*)");

  private static final Pattern SECTION = Pattern.compile("([a-z-]+):");
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
    Files.writeString(
        file, Files.readString(ShippedFiles.CONFIG).replaceAll("(?m)^#( {2})?(?=[a-z-]+:)", "$1"));

    ServerConfig config = ServerOptions.readFile(file, problems::add);

    assertThat(problems).isEmpty();
    // two that are absent by default are written as the places that this means
    assertThat(config.zones().folder()).contains(folder.resolve("zones"));
    assertThat(config.data()).contains(folder.resolve("data"));
    assertThat(ConfigChanges.between(ServerConfig.defaults(), config))
        .filteredOn(key -> !key.equals("tcp.max-connections")) // depends on the machine
        .containsExactly("data", "zones.folder");
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
    String table = String.join("\n", reference().stream().map(Row::toString).toList());

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
    ZoneLoad loaded =
        new ZoneFolder(new NameHash(1), 2)
            .load(ShippedFiles.ZONES, ZonesConfig.defaults().limits(), (_, _) -> {});

    assertThat(loaded.problems()).isEmpty();
    assertThat(loaded.zones())
        .extracting(zone -> zone.apex().toString())
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

  private static List<Row> reference() throws IOException {
    List<Row> rows = new ArrayList<>();
    String section = "";
    List<String> prose = new ArrayList<>();
    for (String line : Files.readAllLines(ShippedFiles.CONFIG)) {
      Matcher key = KEY.matcher(line);
      Matcher heading = SECTION.matcher(line);
      Matcher text = PROSE.matcher(line);
      if (key.matches()) {
        String prefix = key.group(1) == null ? "" : section;
        rows.add(new Row(prefix + key.group(2), key.group(3).strip(), String.join(" ", prose)));
      } else if (heading.matches()) {
        section = heading.group(1) + ".";
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
      if (value instanceof Pipeline pipeline) {
        keys.add(key);
        pipeline
            .bindings()
            .forEach(b -> collectKeys(b.config(), key + "." + b.factory().name() + ".", keys));
      } else if (value instanceof Record nested) {
        collectKeys(nested, key + ".", keys);
      } else {
        keys.add(key);
      }
    }
  }
}
