package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginRegistryTest {
  record GreyConfig(Duration window, int maxEntries) {
    GreyConfig {
      if (maxEntries < 1) {
        throw new IllegalArgumentException("maxEntries must be 1 or more, not " + maxEntries);
      }
    }

    static GreyConfig defaults() {
      return new GreyConfig(Duration.ofMinutes(1), 100);
    }
  }

  record NoKeys() {}

  record Factory<C extends Record>(String name, int spiVersion, Class<C> configType)
      implements PluginFactory<C> {
    @Override
    public Plugin create(C config) {
      return _ -> List.of();
    }
  }

  private static final Factory<GreyConfig> GREY =
      new Factory<>("grey", PluginFactory.SPI_VERSION, GreyConfig.class);
  private static final Factory<NoKeys> ZONE =
      new Factory<>("zone", PluginFactory.SPI_VERSION, NoKeys.class);

  @TempDir private Path folder;
  private final List<Problem> problems = new ArrayList<>();

  @Test
  void orderIsThatOfTheFile() throws IOException {
    assertThat(bind("plugins: [zone, grey]\n").names()).containsExactly("zone", "grey");
    assertThat(bind("plugins: {grey: , zone: }\n").names()).containsExactly("grey", "zone");
    assertThat(problems).isEmpty();
  }

  @Test
  void sectionBelowANameIsBoundToThePluginsRecord() throws IOException {
    Pipeline pipeline =
        bind("plugins:\n  - grey:\n      window: 5s\n      max-entries: 7\n  - zone\n");

    assertThat(problems).isEmpty();
    assertThat(pipeline.bindings().getFirst().config())
        .isEqualTo(new GreyConfig(Duration.ofSeconds(5), 7));
    assertThat(pipeline.bindings().getLast().config()).isEqualTo(new NoKeys());
  }

  @Test
  void allProblemsOfAllPluginsAreReported() throws IOException {
    assertThat(
            bind(
                """
                plugins:
                  grey:
                    windw: 5s
                    max-entries: 0
                  gray: {}
                  zone: {x: 1}
                """))
        .isNull();

    assertThat(problems)
        .extracting(Problem::line, Problem::key, Problem::reason)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                3, "plugins.grey.windw", "unknown key, did you mean 'window'?"),
            org.assertj.core.groups.Tuple.tuple(
                4, "plugins.grey.max-entries", "must be 1 or more, not 0"),
            org.assertj.core.groups.Tuple.tuple(
                5, "plugins", "there is no plugin 'gray'; there are grey, zone"),
            org.assertj.core.groups.Tuple.tuple(
                6, "plugins.zone.x", "unknown key, none is known here"));
  }

  @Test
  void twoFactoriesOfOneNameAreRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new PluginRegistry(List.of(ZONE, ZONE)))
        .withMessageContaining("two plugins have the name 'zone'");
  }

  @Test
  void factoryOfAnotherSpiVersionIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> new PluginRegistry(List.of(new Factory<>("old", 0, NoKeys.class))))
        .withMessageContaining("plugin 'old' was built against version 0");
  }

  @Test
  void builtInPluginsAreFoundOnTheClassPath() {
    assertThat(PluginRegistry.builtIn().defaultPipeline().names()).containsExactly("zone");
    assertThat(Pipeline.defaults()).isEqualTo(Pipeline.defaults());
  }

  private Pipeline bind(String text) throws IOException {
    Path path = folder.resolve("flashdns.yaml");
    Files.writeString(path, text);
    ConfigFile file = new ConfigFile(path, problems::add);
    ConfigNode node = file.read().entries().getFirst().value();
    return new PluginRegistry(List.of(ZONE, GREY))
        .bind(node, "plugins", file, new ConfigBinder(file, folder));
  }
}
