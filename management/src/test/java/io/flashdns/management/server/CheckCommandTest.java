package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as far as no port is opened. */
class CheckCommandTest {
  private static final String GOOD =
      """
      $TTL 300
      @ SOA ns1 hostmaster 1 3600 600 86400 300
      @ NS ns1
      ns1 A 192.0.2.53
      """;

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path zones;

  @BeforeEach
  void makeZone() throws IOException {
    zones = Files.createDirectory(folder.resolve("zones"));
    Files.writeString(zones.resolve("a.example.zone"), GOOD);
  }

  @Test
  void goodZonesGiveASummaryAndStatusZero() {
    assertThat(run("check", "--zones", zones.toString())).isZero();

    assertThat(out())
        .contains("config     none, all defaults")
        .contains("pipeline   ")
        .containsPattern("(?m)^zones      1 with 3 records in 1 file, read in \\d+ ms$")
        .containsPattern("(?m)^result     0 errors, 0 warnings$");
    assertThat(err()).isEmpty();
  }

  @Test
  void summaryNamesPhasesAndPlugins() {
    run("check", "--zones", zones.toString());

    assertThat(out().lines().map(String::strip).toList())
        .anyMatch(line -> line.matches("(pipeline +)?answer\\b.*\\bzone\\b.*"));
  }

  @Test
  void allProblemsArePrintedWithPlaceTextAndReason() throws IOException {
    Path config = config("workers: -1\nlisten: [localhost]\nworkes: x\n");
    Path bad = zones.resolve("b.example.zone");
    Files.writeString(bad, GOOD + "www A 300.1.2.3\nmail MX ten mail\n");

    assertThat(run("check", "--config", config.toString(), "--zones", zones.toString()))
        .isEqualTo(1);

    assertThat(out())
        .contains(config + ":1:10: error: workers: must be 0 to 1024, not -1\n  | workers: -1\n")
        .contains(config + ":2:10: error: listen[0]: 'localhost' must begin with an address")
        .contains(config + ":3:1: error: workes: unknown key, did you mean 'workers'?")
        .contains(bad + ":5: error: ")
        .contains("  | www A 300.1.2.3\n")
        .contains(bad + ":6: error: ")
        .contains("result     5 errors, 0 warnings\n");
  }

  @Test
  void quietPrintsProblemsOnly() throws IOException {
    assertThat(run("check", "--quiet", "--zones", zones.toString())).isZero();
    assertThat(out()).isEmpty();

    Files.writeString(zones.resolve("b.example.zone"), "nonsense\n");
    assertThat(run("check", "-q", "--zones", zones.toString())).isEqualTo(1);
    assertThat(out()).contains("b.example.zone:1: error:").doesNotContain("result");
  }

  @Test
  void warningsAreErrorsWithStrictOnly() throws IOException {
    Files.delete(zones.resolve("a.example.zone"));

    assertThat(run("check", "--zones", zones.toString())).isZero();
    assertThat(out()).contains("warning: holds no good zone");
    assertThat(run("check", "--strict", "--zones", zones.toString())).isEqualTo(1);
  }

  @Test
  void jsonIsOneArray() throws IOException {
    assertThat(run("check", "--format", "json", "--zones", zones.toString())).isZero();
    assertThat(out()).isEqualTo("[]\n");

    out.reset();
    Path config = config("io: fast\n");
    assertThat(run("check", "--format=json", "-c", config.toString(), "-z", zones.toString()))
        .isEqualTo(1);
    assertThat(out())
        .isEqualTo(
            """
            [
              {"severity": "error", "file": "%s", "line": 1, "column": 5, "key": "io", \
            "text": "io: fast", "reason": "'fast' must be one of auto, ffm, epoll, io_uring, nio"}
            ]
            """
                .formatted(config));
  }

  @Test
  void singleFilesAreCheckedInPlaceOfTheFolder() throws IOException {
    Path single = folder.resolve("single.example");
    Files.writeString(single, "$ORIGIN single.example.\n" + GOOD);
    Path bad = folder.resolve("bad.example.zone");
    Files.writeString(bad, "nonsense\n");

    assertThat(run("check", single.toString())).isZero();
    assertThat(run("check", single.toString(), bad.toString())).isEqualTo(1);
    assertThat(out()).contains(bad + ":1: error:");
    assertThat(run("check", folder.resolve("no.zone").toString())).isEqualTo(1);
  }

  @Test
  void missingConfigAndMissingFolderAreErrors() {
    assertThat(run("check", "-c", folder.resolve("no.yaml").toString())).isEqualTo(1);
    assertThat(out()).contains("no.yaml: error: there is no such file");
    assertThat(run("check", "-z", folder.resolve("no").toString())).isEqualTo(1);
    assertThat(out()).contains("no: error: there is no such folder of zones");
  }

  @Test
  void nothingIsWritten() throws Exception {
    Path data = folder.resolve("data");
    assertThat(run("check", "-z", zones.toString(), "--data", data.toString())).isZero();
    assertThat(data).doesNotExist();

    new DataFolder(data, new java.security.SecureRandom()).seed();
    Files.setPosixFilePermissions(
        data.resolve(DataFolder.SEED_FILE),
        java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(run("check", "-z", zones.toString(), "--data", data.toString())).isEqualTo(1);
    assertThat(out()).contains("chmod 600");
  }

  @Test
  void pluginsOfOthersAreLoadedAndNotStarted() throws IOException {
    String started = "flashdns.test.started";
    Path plugins = folder.resolve("plugins");
    new PluginJar()
        .factory("Factory", "grey", "new Starting()")
        .source(
            "Starting",
            """
            final class Starting implements Plugin {
              public List<? extends Hook> hooks(WorkerContext worker) {
                return List.of((Gate) (query, response) -> Verdict.CONTINUE);
              }
              public void start() { System.setProperty("%s", "yes"); }
            }
            """
                .formatted(started))
        .provides("Factory")
        .write(plugins.resolve("grey/grey.jar"));
    Files.setPosixFilePermissions(plugins, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path config = config("plugins: [grey, zone]\n");
    String[] line = {
      "check", "-c", config.toString(), "-z", zones.toString(), "--plugins", plugins.toString()
    };

    assertThat(run(line)).isZero();

    assertThat(out()).containsPattern("(?m)^pipeline   gate     grey$");
    assertThat(out()).contains("plugin     grey from " + plugins.resolve("grey") + ": grey.jar\n");
    assertThat(System.getProperty(started)).isNull();

    out.reset();
    Files.delete(plugins.resolve("grey/grey.jar"));
    assertThat(run(line)).isEqualTo(1);
    assertThat(out())
        .startsWith(config + ":1:11: error: plugins: the folder " + plugins.resolve("grey"));
  }

  @Test
  void pluginThatCannotBeMadeIsAnErrorThatNamesIt() throws IOException {
    Path plugins = folder.resolve("plugins");
    new PluginJar()
        .factory(
            "Factory", "grey", "worker -> { throw new IllegalStateException(\"no licence\"); }")
        .provides("Factory")
        .write(plugins.resolve("grey/grey.jar"));
    Files.setPosixFilePermissions(plugins, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path config = config("plugins: [grey, zone]\nplugin-folder: plugins\n");

    assertThat(run("check", "-c", config.toString(), "-z", zones.toString())).isEqualTo(1);

    assertThat(out()).contains("error: ").contains("plugin grey: no licence");
  }

  @Test
  void folderOfPluginsThatWasNamedAndIsNotThereIsAnError() throws IOException {
    assertThat(run("check", "-z", zones.toString(), "--plugins", folder.resolve("no").toString()))
        .isEqualTo(1);
    assertThat(out())
        .contains(folder.resolve("no") + ": error: there is no such folder of plugins");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "\"\"                            | which command?",
        "serv                          | Did you mean: flashdns serve",
        "check --confg x               | Unknown option",
        "check --format xml            | expected one of [text, json]",
        "check --io fast               | use auto, ffm, epoll, io_uring or nio",
        "check --workers two           | 'two' is not an int",
        "check --workers 1025          | must be 0 to 1024, not 1025",
        "check --listen :53            | names no address",
        "check --listen localhost:53   | names are not looked up",
        "check --listen 1.2.3.4 --listen 1.2.3.4:53 | names 1.2.3.4:53 twice",
        "check --config                | Missing required parameter",
        "serve --strict extra          | Unmatched argument",
        "version extra                 | Unmatched argument",
      })
  void wrongUseIsStatusTwoAndASentence(String line, String sentence) {
    assertThat(run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(2);

    assertThat(err()).startsWith("flashdns: ").contains(sentence).contains("--help'.");
    assertThat(out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "help", "serve --help", "help serve", "check --help"})
  void helpIsStatusZeroAndNamesTheExitStatus(String line) {
    assertThat(run(line.split(" "))).isZero();

    assertThat(out()).contains("Usage: flashdns").contains("Exit status:").contains("Examples:");
    assertThat(out().lines()).allMatch(text -> text.length() <= 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "--version", "serve --version"})
  void versionIsPrinted(String line) {
    assertThat(run(line.split(" "))).isZero();

    assertThat(out()).startsWith("flashdns ").contains("Java " + Runtime.version());
  }

  private int run(String... arguments) {
    return RootCommand.commandLine(new Terminal(stream(out), stream(err), false))
        .execute(arguments);
  }

  private Path config(String text) throws IOException {
    Path file = folder.resolve("flashdns.yaml");
    Files.writeString(file, text);
    return file;
  }

  private static PrintStream stream(ByteArrayOutputStream target) {
    return new PrintStream(target, true, StandardCharsets.UTF_8);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
