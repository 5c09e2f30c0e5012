package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.flashdns.proto.v1.DeleteSettingsRequest;
import io.flashdns.proto.v1.UpdateSettingsRequest;
import io.flashdns.proto.v1.WaitForChangeRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flashdns settings}. */
class SettingsCommandTest {
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

  @Test
  void listShowsEachSectionOnALine() {
    assertThat(cli.run("settings", "list").out())
        .contains("SECTION", "ratelimit", "token:abc", "rate: 20; slip: 2");
    assertThat(cli.run("settings", "list", "-o", "name").out()).isEqualTo("ratelimit\n");
    assertThat(cli.run("settings", "list", "-o", "json").out())
        .contains("\"rate: 20\\nslip: 2\\n\"");
  }

  @Test
  void whatIsShownCanBeGivenBack() {
    String shown = cli.run("settings", "show", "ratelimit").out();
    assertThat(shown).startsWith("# ratelimit, set by token:abc").endsWith("rate: 20\nslip: 2\n");

    cli.input = shown;
    assertThat(cli.run("settings", "set", "ratelimit", "--file", "-").status()).isZero();
    assertThat(api.sent(UpdateSettingsRequest.class).getFirst().getYaml()).isEqualTo(shown);
  }

  @Test
  void fileIsGivenAndWaitedFor() throws Exception {
    Path file = Files.writeString(folder.resolve("limit.yaml"), "rate: 5\n");

    Cli.Result result = cli.run("settings", "set", "ratelimit", "-f", file.toString(), "--wait");

    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.out()).isEqualTo("settings of ratelimit set at revision 101\n");
    UpdateSettingsRequest sent = api.sent(UpdateSettingsRequest.class).getFirst();
    assertThat(sent.getSection()).isEqualTo("ratelimit");
    assertThat(sent.getYaml()).isEqualTo("rate: 5\n");
    assertThat(sent.getRequestId()).isNotEmpty();
    assertThat(api.sent(WaitForChangeRequest.class).getFirst().getRevision()).isEqualTo(101);
  }

  @Test
  void dryRunAsksWhatWouldBe() throws Exception {
    Path file = Files.writeString(folder.resolve("limit.yaml"), "rate: 5\n");
    assertThat(cli.run("settings", "set", "ratelimit", "-f", file.toString(), "--dry-run").out())
        .contains("nothing was changed (--dry-run)");
    assertThat(cli.run("settings", "reset", "ratelimit", "--dry-run").status()).isZero();
    assertThat(api.sent(UpdateSettingsRequest.class).getFirst().getValidateOnly()).isTrue();
    assertThat(api.sent(DeleteSettingsRequest.class).getFirst().getValidateOnly()).isTrue();
  }

  @Test
  void whatIsWrongIsSaidOfTheFile() throws Exception {
    Path file = Files.writeString(folder.resolve("limit.yaml"), "rat: 5\n");
    api.failures.add(
        TestApi.status(
            Code.INVALID_ARGUMENT,
            "no",
            TestApi.violation("yaml", "line 1, column 1: unknown key")));

    Cli.Result result = cli.run("settings", "set", "ratelimit", "-f", file.toString());

    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains(file + ": line 1, column 1: unknown key");
  }

  @Test
  void resetAsksFirst() {
    assertThat(cli.run("settings", "reset", "ratelimit").status()).isEqualTo(2);
    assertThat(api.sent(DeleteSettingsRequest.class)).isEmpty();
    assertThat(cli.run("settings", "reset", "ratelimit", "--yes").out())
        .contains("each node's own again at revision 101");
  }

  @Test
  void fileThatIsNotThereIsASentence() {
    Cli.Result result = cli.run("settings", "set", "ratelimit", "-f", folder + "/no");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("there is no file").doesNotContain("Exception");
  }
}
