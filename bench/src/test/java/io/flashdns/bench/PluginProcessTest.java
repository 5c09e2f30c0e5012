package io.flashdns.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.flashdns.core.engine.Engine;
import io.flashdns.management.server.Main;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A plugin by a stranger, from its source to the wire: the example project is built by a Maven of
 * its own against our jars, dropped into the packaged distribution, and asked by dig.
 *
 * <p>Beside it runs a probe, which tells by TXT whether it can see a class. The distribution is
 * there when this module's tests run by {@code mvn verify}: they come after management's package
 * phase.
 */
class PluginProcessTest {
  private static final Path ROOT =
      Files.isDirectory(Path.of("management")) ? Path.of("").toAbsolutePath() : Path.of("..");

  private static final String VERSION = "0.1.0";
  private static final int BUILD_SECONDS = 180;

  private static final String ZONE =
      """
      $TTL 300
      @ SOA ns1 hostmaster 1 3600 600 86400 300
      @ NS ns1
      ns1 A 192.0.2.53
      www A 192.0.2.80
      shop A 192.0.2.81
      """;

  /** Answers TXT queries for CLASS.probe.example.com, with "_" for the dots of its name. */
  private static final String PROBE =
      """
      package probe;

      import io.flashdns.core.plugin.*;
      import java.util.List;

      public final class ProbeFactory implements PluginFactory<ProbeFactory.Config>, Answerer {
        public record Config() {}
        public String name() { return "probe"; }
        public int spiVersion() { return SPI_VERSION; }
        public Class<Config> configType() { return Config.class; }
        public Plugin create(Config config, PluginContext context) { return worker -> List.of(this); }

        public Verdict answer(Query query, Response response) {
          String asked = new String(query.message(), 13, query.message()[12] & 0xff);
          if (query.type() != 16 || !query.name().toString().endsWith(".probe.example.com.")) {
            return Verdict.CONTINUE;
          }
          byte[] said = (" " + look(asked.replace("--", ".").replace('_', '$'))).getBytes();
          said[0] = (byte) (said.length - 1);
          response.addRecord(Section.ANSWER, Response.QUESTION_NAME, 16, 0, said, 0, said.length);
          return Verdict.RESPOND;
        }

        private static String look(String name) {
          try {
            Class<?> found = Class.forName(name);
            var source = found.getProtectionDomain().getCodeSource();
            return "seen in " + (source == null ? "java" : source.getLocation().getPath());
          } catch (ClassNotFoundException | LinkageError e) {
            return "not seen";
          }
        }
      }
      """;

  @TempDir private static Path temp;
  private static Path home;
  private static Process server;
  private static Path serverOut;
  private static String port;

  @BeforeAll
  static void buildAndStart() throws Exception {
    Path distribution = ROOT.resolve("management/target/flashdns");
    if (!jarOf(Main.class).toString().endsWith(".jar") || Files.notExists(distribution)) {
      unavailable("the distribution is not packaged: run mvn verify");
    }
    if (System.getProperty("flashdns.maven.home") == null) {
      unavailable("only Maven runs this test: it says where it is, and its repository");
    }
    if (run(temp, temp.resolve("dig"), 20, List.of(), "sh", "-c", "command -v dig") != 0) {
      unavailable("dig is missing: install the package bind9-dnsutils");
    }
    home = temp.resolve("flashdns");
    copy(distribution, home);
    Path plugins = Files.createDirectories(home.resolve("plugins"));
    copy(buildExample(), plugins.resolve("maintenance"));
    buildProbe(plugins.resolve("probe"), plugins.resolve("maintenance"));
    closeToOthers(plugins);
    Path zones = Files.createDirectory(temp.resolve("zones"));
    Files.writeString(zones.resolve("example.com.zone"), ZONE);
    Files.writeString(
        home.resolve("conf/flashdns.yaml"),
        """
        listen: [127.0.0.1:0]
        data: %s
        zones: {folder: %s}
        operations: {enabled: false}
        plugins:
          probe:
          maintenance:
            names: [shop.example.com]
            addresses: [198.51.100.7, "2001:db8::7"]
            notice: back at noon
          zone:
        """
            .formatted(temp.resolve("data"), zones));
    serverOut = temp.resolve("server.out");
    server = start(home, serverOut, List.of(), home.resolve("bin/flashdns").toString(), "serve");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !server.isAlive() || Files.readString(serverOut).contains("\nready "));
    Matcher listening =
        Pattern.compile("listening +127\\.0\\.0\\.1:(\\d+)").matcher(Files.readString(serverOut));
    assertThat(listening.find()).as(Files.readString(serverOut)).isTrue();
    port = listening.group(1);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (server != null) {
      server.destroy();
      assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void pluginChangesTheAnswerOnTheWire() throws Exception {
    assertThat(dig("shop.example.com", "A")).containsExactly("198.51.100.7");
    assertThat(dig("SHOP.example.com", "AAAA")).containsExactly("2001:db8::7");
    assertThat(dig("shop.example.com", "TXT")).containsExactly("\"back at noon\"");
  }

  @Test
  void otherNamesAreAnsweredAsBefore() throws Exception {
    assertThat(dig("www.example.com", "A")).containsExactly("192.0.2.80");
    assertThat(dig("shop.example.com", "MX")).isEmpty();
  }

  @Test
  void startSaysWhereThePluginIsFromAndWhatItTakesPartIn() throws IOException {
    assertThat(Files.readString(serverOut))
        .containsPattern("answer +probe maintenance zone\n")
        .containsPattern(
            "plugin +maintenance from "
                + home.resolve("plugins/maintenance")
                + ": .*guava-.*maintenance-1\\.0\\.jar\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.flashdns.core.engine.Engine",
        "io.flashdns.core.answer.Denial",
        "io.flashdns.core.zonefile.ZoneFile",
        "io.flashdns.transport.Transport",
        "io.flashdns.plugins.zone.ZonePluginFactory",
        "io.flashdns.management.server.Main",
        "io.netty.channel.Channel",
        "org.slf4j.Logger",
        "picocli.CommandLine",
      })
  void classOfTheServerOutsideTheInterfaceIsNotVisible(String name) throws Exception {
    assertThat(isInTheServer(name)).as("is one of the server's").isTrue();
    assertThat(probe(name)).isEqualTo("not seen");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.flashdns.core.plugin.Query",
        "io.flashdns.core.zone.Zone",
        "io.flashdns.core.dns.NameKey",
        "org.jspecify.annotations.Nullable",
      })
  void interfaceIsVisibleAndTheServers(String name) throws Exception {
    assertThat(probe(name)).startsWith("seen in " + home.resolve("lib") + "/");
  }

  @Test
  void pluginHasALibraryThatTheServerHasInAnotherVersion() throws Exception {
    assertThat(probe("com.google.common.net.InetAddresses"))
        .isEqualTo("seen in " + home.resolve("plugins/probe/guava-33.7.2-jre.jar"));
    try (Stream<Path> lib = Files.list(home.resolve("lib"))) {
      assertThat(lib.map(jar -> jar.getFileName().toString()))
          .anyMatch(jar -> jar.startsWith("guava-"))
          .doesNotContain("guava-33.7.2-jre.jar");
    }
    assertThat(probe("java.net.http.HttpClient")).isEqualTo("seen in /java.net.http");
  }

  @Test
  void checkDoesTheLoadingWithoutOpeningAPort() throws Exception {
    Path out = temp.resolve("check.out");

    int status = run(home, out, 60, List.of(), home.resolve("bin/flashdns").toString(), "check");

    assertThat(Files.readString(out))
        .containsPattern("answer +probe maintenance zone\n")
        .contains("plugin     maintenance from ")
        .contains("result     0 errors");
    assertThat(status).isZero();
  }

  @Test
  void checkRefusesABadValueOfThePluginWithPlaceAndSentence() throws Exception {
    Path config = temp.resolve("bad.yaml");
    Files.writeString(
        config, "plugins:\n  maintenance:\n    addresses: [localhost]\n    ttll: 5s\n");
    Path out = temp.resolve("bad.out");

    int status =
        run(
            home,
            out,
            60,
            List.of(),
            home.resolve("bin/flashdns").toString(),
            "check",
            "--config",
            config.toString());

    assertThat(Files.readString(out))
        .contains(
            config + ":4:5: error: plugins.maintenance.ttll: unknown key, did you mean 'ttl'?\n")
        .contains(
            config + ":3:16: error: plugins.maintenance.addresses: must not hold 'localhost'\n");
    assertThat(status).isEqualTo(1);
  }

  /** Builds the example outside of this build's reactor; returns the folder to drop. */
  private static Path buildExample() throws Exception {
    Path project = temp.resolve("example-plugin");
    copy(ROOT.resolve("management/src/test/resources/example-plugin"), project);
    // A repository of its own, so that nobody else's build ever sees our jars in it.
    Path repository = temp.resolve("repository");
    install(repository, "flashdns-parent", ROOT.resolve("pom.xml"), null);
    install(repository, "flashdns-core", ROOT.resolve("core/pom.xml"), jarOf(Engine.class));
    Path settings = temp.resolve("settings.xml");
    String url = Path.of(System.getProperty("flashdns.maven.repository")).toUri().toString();
    String place =
        "<id>central</id><url>%s</url><releases><checksumPolicy>ignore</checksumPolicy></releases>"
            .formatted(url);
    Files.writeString(
        settings,
        """
        <settings>
          <!-- Nothing is fetched from anywhere: all that the example needs, the server's own build needed too. -->
          <mirrors><mirror><id>built-with</id><mirrorOf>*</mirrorOf><url>%s</url></mirror></mirrors>
          <profiles><profile>
            <id>built-with</id>
            <repositories><repository>%s</repository></repositories>
            <pluginRepositories><pluginRepository>%s</pluginRepository></pluginRepositories>
          </profile></profiles>
          <activeProfiles><activeProfile>built-with</activeProfile></activeProfiles>
        </settings>
        """
            .formatted(url, place, place));
    Path log = temp.resolve("maven.log");
    int status =
        run(
            project,
            log,
            BUILD_SECONDS,
            List.of("MAVEN_OPTS=--enable-native-access=ALL-UNNAMED"),
            Path.of(System.getProperty("flashdns.maven.home"), "bin/mvn").toString(),
            "--batch-mode",
            "--no-transfer-progress",
            "--settings",
            settings.toString(),
            "--global-settings",
            settings.toString(),
            "-Dmaven.repo.local=" + repository,
            "package");
    assertThat(status).as(Files.readString(log)).isZero();
    assertThat(Files.readString(log)).containsPattern("Tests run: [1-9]\\d*, Failures: 0");
    return project.resolve("target/plugins/maintenance");
  }

  private static void install(Path repository, String artifact, Path pom, Path jar)
      throws IOException {
    Path folder =
        Files.createDirectories(
            repository.resolve("io/flashdns").resolve(artifact).resolve(VERSION));
    Files.copy(pom, folder.resolve(artifact + "-" + VERSION + ".pom"));
    if (jar != null) {
      Files.copy(jar, folder.resolve(artifact + "-" + VERSION + ".jar"));
    }
  }

  private static void buildProbe(Path folder, Path maintenance) throws Exception {
    Path source = temp.resolve("probe/ProbeFactory.java");
    Path classes = temp.resolve("probe/classes");
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(source, PROBE);
    Files.writeString(
        services.resolve("io.flashdns.core.plugin.PluginFactory"), "probe.ProbeFactory\n");
    tool("javac", "-cp", jarOf(Engine.class).toString(), "-d", classes, source);
    Files.createDirectories(folder);
    tool("jar", "--create", "--file", folder.resolve("probe.jar"), "-C", classes, ".");
    try (Stream<Path> jars = Files.list(maintenance)) {
      for (Path jar : jars.filter(j -> j.getFileName().toString().startsWith("guava-")).toList()) {
        Files.copy(jar, folder.resolve(jar.getFileName()));
      }
    }
  }

  private static void tool(String name, Object... arguments) {
    ToolProvider tool = ToolProvider.findFirst(name).orElseThrow();
    String[] words = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    assertThat(tool.run(System.out, System.err, words)).as(name).isZero();
  }

  private static List<String> dig(String name, String type) throws Exception {
    Path out = temp.resolve("dig.out");
    int status =
        run(
            temp,
            out,
            30,
            List.of(),
            "dig",
            "@127.0.0.1",
            "-p",
            port,
            "+short",
            "+tries=1",
            name,
            type);
    assertThat(status).as(Files.readString(out)).isZero();
    return Files.readAllLines(out);
  }

  private static String probe(String className) throws Exception {
    String label = className.replace(".", "--");
    assertThat(label.length()).isLessThanOrEqualTo(63);
    return dig(label + ".probe.example.com", "TXT").getFirst().replace("\"", "");
  }

  private static boolean isInTheServer(String className) {
    try {
      Class<?> found = Class.forName(className, false, PluginProcessTest.class.getClassLoader());
      return found.getName().equals(className);
    } catch (ClassNotFoundException _) {
      return false;
    }
  }

  private static int run(
      Path folder, Path out, int seconds, List<String> environment, String... command)
      throws IOException, InterruptedException {
    Process process = start(folder, out, environment, command);
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail(String.join(" ", command) + " did not end: " + Files.readString(out));
    }
    return process.exitValue();
  }

  private static Process start(Path folder, Path out, List<String> environment, String... command)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(new ArrayList<>(List.of(command)))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("FLASHDNS_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().remove("MAVEN_ARGS");
    for (String variable : environment) {
      String[] parts = variable.split("=", 2);
      builder.environment().put(parts[0], parts[1]);
    }
    return builder.start();
  }

  private static Path jarOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(
              file, copy, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    }
  }

  /** Whatever the umask of this build: what others may write is refused. */
  private static void closeToOthers(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Files.setPosixFilePermissions(
            file,
            PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  private static void unavailable(String reason) {
    if (Boolean.getBoolean("flashdns.require.peers")) {
      fail(reason);
    }
    abort(reason);
  }
}
