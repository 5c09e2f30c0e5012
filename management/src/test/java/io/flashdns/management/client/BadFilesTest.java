package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and arguments that cannot be used are a sentence that names them. */
class BadFilesTest {
  @TempDir Path folder;
  private TestApi api;
  private Cli cli;

  @BeforeEach
  void start() throws IOException {
    api = new TestApi();
    cli = new Cli(folder).at(api);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private String refused(int status, String... arguments) {
    Cli.Result result = cli.run(arguments);
    assertThat(result.status()).as("%s", result).isEqualTo(status);
    assertThat(result.err().lines().filter(line -> !line.startsWith("Try '")))
        .as("one sentence")
        .hasSize(1);
    return result.err();
  }

  private Path yaml(String text) throws IOException {
    return Files.writeString(folder.resolve("a.yaml"), text);
  }

  @Test
  void deepYamlIsRefusedWhereItIsTooDeep() throws Exception {
    Path file = yaml("zone: " + "[".repeat(100_000) + "\n");

    assertThat(refused(1, "apply", file.toString()))
        .startsWith("flashdns: " + file + ":1:")
        .contains("nests deeper than 16");
  }

  @Test
  void brokenYamlIsOneSentenceWithItsPlace() throws Exception {
    Path file = yaml("zone: a.example\nrecords: [\n");
    assertThat(refused(1, "apply", file.toString()))
        .startsWith("flashdns: " + file + ":3:1: is not YAML: ");

    yaml("zone: a.example\nzone: b.example\n");
    assertThat(refused(1, "apply", file.toString()))
        .startsWith("flashdns: " + file + ":2:1: found duplicate key zone");
  }

  @Test
  void whatIsNoTextIsNamed() throws Exception {
    Path file = folder.resolve("b.yaml");
    Files.write(file, new byte[] {0x7a, (byte) 0xff, (byte) 0xfe});

    assertThat(refused(1, "apply", file.toString())).contains(file + " is no text in UTF-8");
    cli.environment.remove("FLASHDNS_TOKEN");
    assertThat(refused(1, "zone", "list", "--token-file", file.toString()))
        .contains(file + " is no text in UTF-8");
    assertThat(refused(1, "zone", "list", "--token-file", folder.toString()))
        .contains(folder + " is a folder");
  }

  @Test
  void exportIsNotBegunWhereItCannotBeWritten() {
    Path nowhere = folder.resolve("none").resolve("a.zone");

    assertThat(refused(2, "export", "a.example", "--file", nowhere.toString()))
        .contains("--file: " + nowhere, "make it first");
    assertThat(refused(2, "export", "a.example", "--file", folder.toString()))
        .contains("--file: " + folder + " is a folder");
  }

  @Test
  void limitBelowNothingIsRefused() {
    for (String text : new String[] {"-1", "x"}) {
      Cli.Result result = cli.run("zone", "list", "--limit", text);
      assertThat(result.status()).isEqualTo(2);
      assertThat(result.err()).contains("'--limit': must be a number from 0, not '" + text + "'");
    }
  }

  @Test
  void hostThatCanBeNoneIsRefusedAsSuch() {
    assertThat(refused(2, "context", "set", "a", "--server", "x y:8053"))
        .contains("must be HOST:PORT", "'x y:8053'");
  }

  @Test
  void authoritiesOfNoUseAreToldWithoutNamesOfClasses() throws Exception {
    Path file = Files.writeString(folder.resolve("ca.pem"), "nonsense");

    assertThat(refused(1, "zone", "list", "--ca", file.toString()))
        .contains("the certificates cannot be used: ", "--ca and --cert take PEM files")
        .doesNotContain("io.grpc")
        .doesNotContain("fault of its own");
  }

  @Test
  void serverWithoutTlsIsToldWithoutTheOctetsItSent() {
    assertThat(refused(6, "zone", "list", "--server", "https://" + api.address()))
        .contains("does not speak as the API does")
        .doesNotContain("000012");
  }
}
