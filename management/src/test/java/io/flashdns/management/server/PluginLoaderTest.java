package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a folder of jars becomes: a plugin, or one sentence. */
class PluginLoaderTest {
  private static final String NOTHING = "worker -> List.of()";

  @TempDir private Path temp;
  private Path root;
  private Path folder;
  private final PluginLoader loader = new PluginLoader();

  @BeforeEach
  void makeFolders() throws IOException {
    root = Files.createDirectory(temp.resolve("plugins"));
    folder = Files.createDirectory(root.resolve("grey"));
    closeToOthers(root);
    closeToOthers(folder);
  }

  @Test
  void folderOfOneJarIsAPlugin() throws Exception {
    PluginJar.answering("grey", 1).write(folder.resolve("grey-1.0.jar"));

    PluginFactory<?> factory = load();

    assertThat(factory.name()).isEqualTo("grey");
    assertThat(PluginLoader.jarsOf(factory).digests()).containsOnlyKeys("grey-1.0.jar");
    assertThat(factory.getClass().getProtectionDomain().getCodeSource().getLocation())
        .isEqualTo(folder.resolve("grey-1.0.jar").toUri().toURL());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.flashdns.core.engine.Engine",
        "io.flashdns.core.embedded.EmbeddedServer",
        "io.flashdns.core.zonefile.ZoneFile",
        "io.flashdns.core.answer.AuthoritativeAnswerer",
        "io.flashdns.plugins.zone.ZonePluginFactory",
        "io.flashdns.transport.Transport",
        "io.flashdns.management.server.Main",
        "io.netty.channel.Channel",
        "com.github.benmanes.caffeine.cache.Cache",
        "org.xbill.DNS.Name",
        "org.slf4j.Logger",
        "ch.qos.logback.classic.Logger",
        "picocli.CommandLine",
        "org.junit.jupiter.api.Test",
      })
  void classOfTheServerOutsideTheInterfaceIsNotVisible(String name) throws Exception {
    PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    ClassLoader seen = load().getClass().getClassLoader();

    assertThat(Class.forName(name).getName()).as("is there for us").isEqualTo(name);
    assertThat(catchThrowableOfType(ClassNotFoundException.class, () -> seen.loadClass(name)))
        .hasMessageContaining(name);
    assertThat(seen.getResource(name.replace('.', '/') + ".class")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.flashdns.core.plugin.Query",
        "io.flashdns.core.zone.Zone",
        "io.flashdns.core.dns.NameKey",
        "org.jspecify.annotations.Nullable",
      })
  void classOfTheInterfaceIsTheServersOwn(String name) throws Exception {
    PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));

    assertThat(load().getClass().getClassLoader().loadClass(name)).isSameAs(Class.forName(name));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java.net.http.HttpClient",
        "java.sql.Driver",
        "javax.naming.Context",
        "org.w3c.dom.Node"
      })
  void allOfJavaIsVisible(String name) throws Exception {
    PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));

    assertThat(load().getClass().getClassLoader().loadClass(name).getName()).isEqualTo(name);
  }

  @Test
  void providersAndResourcesOfTheServerAreNotFound() throws Exception {
    PluginJar.answering("grey", 1)
        .entry("own.txt", "mine".getBytes(StandardCharsets.UTF_8))
        .write(folder.resolve("grey.jar"));
    ClassLoader seen = load().getClass().getClassLoader();
    String services = "META-INF/services/io.flashdns.core.plugin.PluginFactory";

    assertThat(getClass().getClassLoader().getResource("logback.xml")).isNotNull();
    assertThat(seen.getResource("logback.xml")).isNull();
    assertThat(
            seen.getResources("META-INF/services/org.slf4j.spi.SLF4JServiceProvider")
                .hasMoreElements())
        .isFalse();
    var found = seen.getResources(services);
    try (var in = found.nextElement().openStream()) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("acme.Factory\n");
    }
    assertThat(found.hasMoreElements()).isFalse();
    try (var in = seen.getResourceAsStream("own.txt")) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("mine");
    }
  }

  @Test
  void twoPluginsCarryTwoVersionsOfALibrary() throws Exception {
    for (Map.Entry<String, String> plugin : Map.of("grey", "one", "green", "two").entrySet()) {
      String library = "public class Library { public static String version() { return \"%s\"; } }";
      PluginJar jar = new PluginJar().source("Library", library.formatted(plugin.getValue()));
      Path home = root.resolve(plugin.getKey());
      jar.write(home.resolve("library.jar"));
      closeToOthers(home);
      new PluginJar()
          .source(
              "Factory",
              named(plugin.getKey())
                  .replace("/*more*/", "public String toString() { return Library.version(); }"))
          .library(home.resolve("library.jar"))
          .provides("Factory")
          .write(home.resolve("plugin.jar"));
    }

    assertThat(load("grey")).hasToString("one");
    assertThat(load("green")).hasToString("two");
  }

  @Test
  void ownCopyOfTheSharedAnnotationsDoesNoHarm() throws Exception {
    Path annotations =
        Path.of(
            org.jspecify.annotations.Nullable.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    Files.copy(annotations, folder.resolve("jspecify.jar"));
    closeToOthers(folder.resolve("jspecify.jar"));

    assertThat(load().getClass().getClassLoader().loadClass("org.jspecify.annotations.Nullable"))
        .isSameAs(org.jspecify.annotations.Nullable.class);
  }

  @Test
  void multiReleaseJarGivesTheEntriesForThisJava() throws Exception {
    int now = Runtime.version().feature();
    PluginJar.answering("grey", 1)
        .entry(
            "META-INF/MANIFEST.MF",
            "Manifest-Version: 1.0\nMulti-Release: true\n\n".getBytes(StandardCharsets.UTF_8))
        .entry("text", "general".getBytes(StandardCharsets.UTF_8))
        .entry("META-INF/versions/9/text", "old".getBytes(StandardCharsets.UTF_8))
        .entry("META-INF/versions/" + now + "/text", "this".getBytes(StandardCharsets.UTF_8))
        .entry("META-INF/versions/" + (now + 1) + "/text", "next".getBytes(StandardCharsets.UTF_8))
        .write(folder.resolve("grey.jar"));

    try (var in = load().getClass().getClassLoader().getResourceAsStream("text")) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("this");
    }
  }

  @Test
  void unchangedFolderKeepsItsFactory() throws Exception {
    Path jar = PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    PluginFactory<?> first = load();

    assertThat(load()).isSameAs(first);
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(5)));
    assertThat(load()).as("touched, and the same octets").isSameAs(first);
  }

  @Test
  void changedJarAndNewJarGiveANewFactory() throws Exception {
    PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    PluginFactory<?> first = load();

    PluginJar.answering("grey", 2).write(folder.resolve("grey.jar"));
    PluginFactory<?> second = load();
    new PluginJar().entry("x", new byte[1]).write(folder.resolve("more.jar"));
    PluginFactory<?> third = load();

    assertThat(second).isNotSameAs(first);
    assertThat(third).isNotSameAs(second);
    assertThat(second.getClass()).isNotSameAs(first.getClass());
  }

  @Test
  void whatIsNotInThePipelineAnyMoreIsLoadedAnewAndTheOldLoaderIsCollected() throws Exception {
    PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    WeakReference<ClassLoader> old = new WeakReference<>(load().getClass().getClassLoader());

    loader.retain(PluginRegistry.builtIn().defaultPipeline());
    await()
        .until(
            () -> {
              System.gc();
              return old.get() == null;
            });

    assertThat(load().name()).isEqualTo("grey");
  }

  @Test
  void jarThatIsReplacedDoesNotPullTheRugFromUnderARunningPlugin() throws Exception {
    Path jar = PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    PluginFactory<?> factory = load();

    Files.write(jar, new byte[100]); // over the same inode
    Plugin plugin = create(factory);

    // acme.Answer was not loaded yet: it comes from the jar as it was
    assertThat(plugin.hooks(describing()))
        .singleElement()
        .extracting(h -> h.getClass().getName())
        .isEqualTo("acme.Answer");
  }

  @Test
  void refusedChangeLeavesTheLastGoodOneToComeBackTo() throws Exception {
    Path jar = PluginJar.answering("grey", 1).write(folder.resolve("grey.jar"));
    byte[] good = Files.readAllBytes(jar);
    PluginFactory<?> first = load();

    Files.write(jar, Arrays.copyOf(good, good.length / 2));
    assertThat(sentence()).contains("cannot be read");
    Files.write(jar, good);

    assertThat(load()).isSameAs(first);
  }

  @Test
  void emptyFolderIsRefused() {
    assertThat(sentence())
        .isEqualTo(
            "the folder "
                + folder
                + " holds no jar: put the jar of the plugin grey into it, with those of its"
                + " libraries");
  }

  @Test
  void jarThatCannotBeReadIsRefused() throws IOException {
    Path jar = folder.resolve("grey.jar");
    byte[] good = PluginJar.answering("grey", 1).bytes();
    for (byte[] bad :
        List.of(
            new byte[0],
            "PK no".getBytes(StandardCharsets.UTF_8),
            Arrays.copyOf(good, good.length - 30),
            Arrays.copyOf(good, 200))) {
      Files.write(jar, bad);
      closeToOthers(jar);

      assertThat(sentence())
          .startsWith("the jar " + jar + " cannot be read (")
          .contains("): build it again");
    }
  }

  @Test
  void folderWithoutProviderIsRefused() throws IOException {
    new PluginJar().factory("Factory", "grey", NOTHING).write(folder.resolve("grey.jar"));

    assertThat(sentence())
        .startsWith("no jar in " + folder + " names a plugin: ")
        .contains("META-INF/services/io.flashdns.core.plugin.PluginFactory");
  }

  @Test
  void severalProvidersAreRefused() throws IOException {
    new PluginJar()
        .factory("One", "grey", NOTHING)
        .factory("Two", "green", NOTHING)
        .provides("One", "Two")
        .write(folder.resolve("grey.jar"));

    assertThat(sentence())
        .isEqualTo(
            "the jars in "
                + folder
                + " hold several plugins, acme.One, acme.Two: give each a folder of its own");
  }

  @Test
  void providerThatIsNotThereIsRefused() throws IOException {
    new PluginJar().provides("Nobody").write(folder.resolve("grey.jar"));

    assertThat(sentence()).contains(folder.toString()).contains("acme.Nobody");
  }

  @Test
  void providerThatIsNoFactoryIsRefused() throws IOException {
    new PluginJar()
        .source("Other", "public class Other {}")
        .provides("Other")
        .write(folder.resolve("grey.jar"));

    assertThat(sentence()).contains(folder.toString()).contains("acme.Other").contains("mend it");
  }

  @Test
  void folderOfAnotherNameIsRefused() throws IOException {
    PluginJar.answering("green", 1).write(folder.resolve("grey.jar"));

    assertThat(sentence())
        .isEqualTo(
            "the plugin in "
                + folder
                + " calls itself 'green': name its folder so, and the plugin in the configuration");
  }

  @Test
  void otherVersionOfTheInterfaceIsRefused() throws IOException {
    new PluginJar()
        .source("Factory", named("grey").replace("SPI_VERSION;", "SPI_VERSION + 6;"))
        .provides("Factory")
        .write(folder.resolve("grey.jar"));

    assertThat(sentence())
        .isEqualTo(
            "the plugin in %s was built against version 7 of the plugin interface, this server has 1: take the plugin's release for it"
                .formatted(folder));
  }

  @Test
  void configurationThatIsNoRecordIsRefused() throws IOException {
    new PluginJar()
        .source(
            "Factory",
            """
            @SuppressWarnings({"unchecked", "rawtypes"})
            public class Factory implements PluginFactory {
              public String name() { return "grey"; }
              public int spiVersion() { return SPI_VERSION; }
              public Class configType() { return String.class; }
              public Plugin create(Record config, PluginContext context) { return null; }
            }
            """)
        .provides("Factory")
        .write(folder.resolve("grey.jar"));

    assertThat(sentence())
        .contains(folder.toString())
        .contains("java.lang.String")
        .contains("is no record");
  }

  @Test
  void missingClassIsNamedWithTheRemedy() throws IOException {
    new PluginJar()
        .source("Base", "public class Base {}")
        .source("Factory", named("grey").replace("class Factory", "class Factory extends Base"))
        .without("Base")
        .provides("Factory")
        .write(folder.resolve("grey.jar"));
    assertThat(sentence())
        .isEqualTo(
            "the plugin in "
                + folder
                + " needs the class acme.Base, which it cannot see: put the jar that holds it into"
                + " the folder, if the plugin names it rightly");

    new PluginJar()
        .source(
            "Factory",
            named("grey")
                .replace(
                    "/*more*/",
                    "private final Object engine ="
                        + " io.flashdns.core.engine.FaultPolicy.defaults();"))
        .provides("Factory")
        .write(folder.resolve("grey.jar"));
    assertThat(sentence())
        .contains("needs the class io.flashdns.core.engine.FaultPolicy")
        .contains("there are the packages dns, plugin and zone of io.flashdns.core alone");
  }

  @Test
  void classForANewerJavaIsRefused() throws IOException {
    PluginJar jar = new PluginJar().factory("Factory", "grey", NOTHING).provides("Factory");
    byte[] code;
    jar.write(temp.resolve("whole.jar"));
    try (var zip = new java.util.zip.ZipFile(temp.resolve("whole.jar").toFile())) {
      code = zip.getInputStream(zip.getEntry("acme/Factory.class")).readAllBytes();
    }
    code[7]++; // the major version
    new PluginJar()
        .entry("acme/Factory.class", code)
        .provides("Factory")
        .write(folder.resolve("grey.jar"));

    assertThat(sentence())
        .startsWith("the plugin in " + folder + " is for a newer Java than this one")
        .contains("--release " + Runtime.version().feature());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "throw new IllegalStateException(\"no licence\");",
        "throw new AssertionError(\"no licence\");",
        "int[] none = {}; none[1] = 0;",
        "again();",
      })
  void whateverTheFactoryThrowsIsASentence(String statement) throws IOException {
    new PluginJar()
        .source(
            "Factory",
            named("grey")
                .replace(
                    "/*more*/",
                    "public Factory() { "
                        + statement
                        + " } private static int again() { return 1 + again(); }"))
        .provides("Factory")
        .write(folder.resolve("grey.jar"));

    assertThat(sentence()).startsWith("the plugin in " + folder + " cannot be loaded: ");
  }

  @Test
  void classesOfTheServerInAJarAreRefused() throws IOException {
    PluginJar.answering("grey", 1)
        .entry("io/flashdns/core/engine/Engine.class", new byte[4])
        .write(folder.resolve("grey.jar"));

    assertThat(sentence())
        .contains("holds classes of the server itself")
        .contains("scope 'provided'");
  }

  private PluginFactory<?> load() throws PluginRefusedException {
    return load("grey");
  }

  private PluginFactory<?> load(String name) throws PluginRefusedException {
    return loader.load(root, name, List.of());
  }

  private String sentence() {
    PluginRefusedException refused = catchThrowableOfType(PluginRefusedException.class, this::load);
    assertThat(refused).as("refused").isNotNull();
    assertThat(refused.sentence()).doesNotContain("\n");
    return refused.sentence();
  }

  /** The text of a factory with a place for more members. */
  static String named(String name) {
    return """
    public class Factory implements PluginFactory<Factory.Config> {
      public record Config() {}
      public String name() { return "%s"; }
      public int spiVersion() { return SPI_VERSION; }
      public Class<Config> configType() { return Config.class; }
      public Plugin create(Config config, PluginContext context) { return worker -> List.of(); }
      /*more*/
    }
    """
        .formatted(name);
  }

  @SuppressWarnings("unchecked")
  private static Plugin create(PluginFactory<?> factory) throws Exception {
    Record config = factory.configType().getConstructor().newInstance();
    return ((PluginFactory<Record>) factory).create(config, null);
  }

  private static WorkerContext describing() {
    return null; // the hooks of these plugins do not look at it
  }

  private static void closeToOthers(Path path) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
