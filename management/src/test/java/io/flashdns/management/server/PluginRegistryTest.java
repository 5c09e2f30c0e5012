package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
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
    public Plugin create(C config, PluginContext context) {
      return _ -> List.of();
    }
  }

  private static final Factory<GreyConfig> GREY =
      new Factory<>("grey", PluginFactory.SPI_VERSION, GreyConfig.class);
  private static final Factory<NoKeys> ZONE =
      new Factory<>("zone", PluginFactory.SPI_VERSION, NoKeys.class);

  private static final PluginRegistry BUILT_IN = new PluginRegistry(List.of(ZONE, GREY));

  @TempDir private Path folder;
  private final List<Problem> problems = new ArrayList<>();

  @BeforeEach
  void makeFolder() throws IOException {
    Files.createDirectory(root());
    Files.setPosixFilePermissions(root(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

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
                5, "plugins", "there is no plugin 'gray'; did you mean 'grey'?"),
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
  void pluginOfAFolderTakesItsPlaceInTheOrder() throws IOException {
    PluginJar.answering("green", 1).write(root().resolve("green/green.jar"));

    Pipeline pipeline = bindWithFolder("plugins: [grey, green, zone]\n");

    assertThat(problems).isEmpty();
    assertThat(pipeline.names()).containsExactly("grey", "green", "zone");
    assertThat(StartReport.folders(pipeline))
        .containsExactly("plugin     green from " + root().resolve("green") + ": green.jar");
  }

  @Test
  void folderThatTheConfigurationDoesNotNameIsNotOpened() throws IOException {
    Files.writeString(
        Files.createDirectories(root().resolve("green")).resolve("green.jar"), "no jar");

    assertThat(bindWithFolder("plugins: [zone]\n").names()).containsExactly("zone");
    assertThat(problems).isEmpty();
  }

  @Test
  void keysOfAPluginOfAFolderAreCheckedLikeOurOwn() throws IOException {
    new PluginJar()
        .source(
            "Factory",
            """
            public class Factory implements PluginFactory<Factory.Config> {
              public record Config(int size, List<Network> from) {
                public Config {
                  if (size < 1) {
                    throw new IllegalArgumentException("size must be 1 or more, not " + size);
                  }
                }
                public static Config defaults() { return new Config(5, List.of()); }
              }
              public String name() { return "green"; }
              public int spiVersion() { return SPI_VERSION; }
              public Class<Config> configType() { return Config.class; }
              public Plugin create(Config config, PluginContext context) { return null; }
            }
            """)
        .provides("Factory")
        .write(root().resolve("green/green.jar"));

    bindWithFolder("plugins:\n  green: {size: 0, frm: 1}\n");
    assertThat(problems)
        .extracting(p -> p.line() + ":" + p.column() + " " + p.key() + ": " + p.reason())
        .containsExactly(
            "2:20 plugins.green.frm: unknown key, did you mean 'from'?",
            "2:17 plugins.green.size: must be 1 or more, not 0");

    problems.clear();
    Pipeline pipeline = bindWithFolder("plugins:\n  green: {from: 10.0.0.0/8}\n");
    assertThat(problems).isEmpty();
    assertThat(pipeline.bindings().getFirst().config())
        .hasToString("Config[size=5, from=[10.0.0.0/8]]");
  }

  @Test
  void configurationThatFailsIsASentenceAtThePluginsPlace() throws IOException {
    new PluginJar()
        .source(
            "Factory",
            """
            public class Factory implements PluginFactory<Factory.Config> {
              public record Config(Map<String, String> map, double share) {}
              public String name() { return "green"; }
              public int spiVersion() { return SPI_VERSION; }
              public Class<Config> configType() { return Config.class; }
              public Plugin create(Config config, PluginContext context) { return null; }
            }
            """)
        .provides("Factory")
        .write(root().resolve("green/green.jar"));

    bindWithFolder("plugins:\n- zone\n- green: {map: {a: b}}\n");

    assertThat(problems)
        .extracting(p -> p.line() + ":" + p.column() + " " + p.key() + ": " + p.reason())
        .containsExactly(
            "3:3 plugins: the configuration of the plugin 'green' cannot be read, which is for its"
                + " author to mend: the type java.util.Map<java.lang.String, java.lang.String> of"
                + " plugins.green.map is not understood");
  }

  @Test
  void refusedPluginIsReportedWhereItIsNamed() throws IOException {
    for (String name : List.of("green", "grey")) {
      // Whatever the umask: what others may write is refused for that.
      Files.setPosixFilePermissions(
          Files.createDirectories(root().resolve(name)),
          PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    assertThat(bindWithFolder("plugins:\n- green\n- grey\n- gren\n")).isNull();

    assertThat(problems)
        .extracting(p -> p.line() + " " + p.reason())
        .containsExactly(
            "2 the folder "
                + root().resolve("green")
                + " holds no jar: put the jar of the plugin green into it, with those of its"
                + " libraries",
            "3 there are two plugins 'grey', a built-in one and the one in "
                + root().resolve("grey")
                + ": give yours another name, and remove that folder",
            "4 there is no plugin 'gren', neither built in nor as the folder "
                + root().resolve("gren")
                + "; did you mean 'green'?");
  }

  @Test
  void builtInPluginsAreFoundOnTheClassPath() {
    assertThat(PluginRegistry.builtIn().defaultPipeline().names())
        .isEqualTo(PluginRegistry.DEFAULT_PLUGINS);
    assertThat(Pipeline.defaults()).isEqualTo(Pipeline.defaults());
  }

  private Pipeline bind(String text) throws IOException {
    return bind(text, BUILT_IN);
  }

  private Pipeline bind(String text, PluginRegistry registry) throws IOException {
    Path path = folder.resolve("flashdns.yaml");
    Files.writeString(path, text);
    ConfigFile file = new ConfigFile(path, problems::add);
    ConfigNode node = file.read().entries().getFirst().value();
    return registry.bind(node, "plugins", file, new ConfigBinder(file, folder));
  }

  private Pipeline bindWithFolder(String text) throws IOException {
    return bind(text, BUILT_IN.with(new PluginFolder(root(), List.of(), new PluginLoader())));
  }

  private Path root() {
    return folder.resolve("plugins");
  }
}
