package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.DeleteZoneRequest;
import io.flashdns.proto.v1.DiffZoneRequest;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.RollbackZoneRequest;
import io.flashdns.proto.v1.SerialPolicy;
import io.flashdns.proto.v1.UpdateZoneRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZoneCommandTest {
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
  void createSendsTheZone() {
    Cli.Result result =
        cli.run(
            "zone",
            "create",
            "example.org",
            "--project",
            "acme/web",
            "--label",
            "team=web",
            "--serial-policy",
            "date");

    assertThat(result.out()).isEqualTo("zone example.org. created at revision 101\n");
    CreateZoneRequest sent = api.sent(CreateZoneRequest.class).getFirst();
    assertThat(sent.getZone().getName().getApex()).isEqualTo("example.org.");
    assertThat(sent.getZone().getProject().getOrganisation()).isEqualTo("acme");
    assertThat(sent.getZone().getProject().getProject()).isEqualTo("web");
    assertThat(sent.getZone().getLabelsMap()).containsEntry("team", "web");
    assertThat(sent.getZone().getSerialPolicy()).isEqualTo(SerialPolicy.SERIAL_POLICY_DATE);
  }

  @Test
  void namesOutsideAsciiBecomeALabels() {
    cli.run("zone", "create", "bücher.example");

    assertThat(api.sent(CreateZoneRequest.class).getFirst().getZone().getName().getApex())
        .isEqualTo("xn--bcher-kva.example.");
  }

  @Test
  void tokenGoesAlong() {
    cli.run("zone", "list");

    assertThat(api.authorizations).containsExactly("Bearer t0ken");
  }

  @Test
  void listWalksAllPages() {
    for (int i = 1; i <= 5; i++) {
      api.zone("z" + i + ".example.");
    }

    Cli.Result result = cli.run("zone", "list", "-o", "name");

    assertThat(result.out().lines()).hasSize(5).first().isEqualTo("z1.example.");
    assertThat(api.sent(ListZonesRequest.class)).hasSize(3);
  }

  @Test
  void listStopsAtItsLimit() {
    for (int i = 1; i <= 5; i++) {
      api.zone("z" + i + ".example.");
    }

    assertThat(cli.run("zone", "list", "-o", "name", "--limit", "3").out().lines()).hasSize(3);
  }

  @Test
  void listIsATableForPeople() {
    api.zone("example.org.");

    assertThat(cli.run("zone", "list").out())
        .isEqualTo(
            """
            NAME          PROJECT   RECORDS  SERIAL  REVISION  STATE   LABELS
            example.org.  acme/web        0       5       100  active
            """);
    assertThat(cli.run("zone", "list", "--no-headers").out().lines()).hasSize(1);
  }

  @Test
  void narrowTerminalsCutWhatMayBeCut() {
    api.zone("a-name-that-is-rather-long-for-a-terminal-of-fifty-columns.example.");
    cli.isTerminal = true;
    cli.environment.put("COLUMNS", "70");

    String out = cli.run("zone", "list").out();

    assertThat(out.lines()).allMatch(line -> line.length() <= 70);
    assertThat(out).contains("…");
  }

  @Test
  void emptyListsAreEmpty() {
    assertThat(cli.run("zone", "list").out()).isEmpty();
    assertThat(cli.run("zone", "list", "-o", "json").out()).isEqualTo("[]\n");
    assertThat(cli.run("zone", "list", "-o", "yaml").out()).isEqualTo("[]\n");
  }

  @Test
  void filtersAreJoined() {
    cli.run(
        "zone",
        "list",
        "*.example.org",
        "--project",
        "acme/web",
        "--label",
        "team=*",
        "--filter",
        "revision > 5");

    assertThat(api.sent(ListZonesRequest.class).getFirst().getFilter())
        .isEqualTo(
            "name = \"*.example.org.\" AND organisation = \"acme\" AND project = \"web\""
                + " AND labels.team = \"*\" AND revision > 5");
  }

  @Test
  void getAsYamlIsTheJsonForm() {
    api.zone("example.org.");

    assertThat(cli.run("zone", "get", "example.org", "-o", "yaml").out())
        .contains("id:\n  value: z-example-org-\n", "serial: 5\n");
  }

  @Test
  void mistypedZonesGetAHint() {
    api.zone("example.org.");

    Cli.Result result = cli.run("zone", "get", "exmaple.org");

    assertThat(result.status()).isEqualTo(ExitStatus.NOT_FOUND);
    assertThat(result.err())
        .isEqualTo(
            "flashdns: there is no zone exmaple.org, or you may not see it; did you mean"
                + " 'example.org'?\n");
  }

  @Test
  void setKeepsOtherLabelsAndSendsTheVersion() {
    api.zones.put(
        "example.org.",
        api.zone("example.org.").toBuilder().putLabels("a", "1").putLabels("b", "2").build());

    cli.run("zone", "set", "example.org", "--label", "c=3", "--unlabel", "a");

    UpdateZoneRequest sent = api.sent(UpdateZoneRequest.class).getFirst();
    assertThat(sent.getZone().getLabelsMap()).containsOnlyKeys("b", "c");
    assertThat(sent.getEtag()).isEqualTo("e5");
    assertThat(sent.getUpdateMask().getPathsList()).containsExactly("labels");
  }

  @Test
  void setBeginsAnewWhenSomebodyElseWasFaster() {
    api.zone("example.org.");
    api.failures.add(TestApi.PASS);
    api.failures.add(TestApi.status(Code.ABORTED, "was changed meanwhile"));

    Cli.Result result = cli.run("zone", "set", "example.org", "--label", "a=b");

    assertThat(result.status()).isZero();
    assertThat(api.sent(UpdateZoneRequest.class))
        .hasSize(2)
        .extracting(UpdateZoneRequest::getRequestId)
        .doesNotHaveDuplicates();
  }

  @Test
  void deleteAsksOnATerminal() {
    api.zone("example.org.", "www.example.org. 300 A 192.0.2.1");
    cli.isTerminal = true;
    cli.input = "n\n";

    Cli.Result refused = cli.run("zone", "delete", "example.org");

    assertThat(refused.err())
        .isEqualTo(
            "delete zone example.org. with 1 records? [y/N] flashdns: nothing was changed\n");
    assertThat(refused.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(api.sent(DeleteZoneRequest.class)).isEmpty();

    cli.input = "yes\n";
    assertThat(cli.run("zone", "delete", "example.org").out())
        .isEqualTo("zone example.org. deleted at revision 101\n");
  }

  @Test
  void deleteWithoutATerminalNeedsYes() {
    api.zone("example.org.");

    Cli.Result result = cli.run("zone", "delete", "example.org");

    assertThat(result.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(result.err()).contains("add --yes");
    assertThat(api.sent(DeleteZoneRequest.class)).isEmpty();
    assertThat(cli.run("zone", "delete", "example.org", "--yes").status()).isZero();
  }

  @Test
  void deleteInADryRunDoesNotAsk() {
    api.zone("example.org.");

    Cli.Result result = cli.run("zone", "delete", "example.org", "--dry-run");

    assertThat(result.out()).startsWith("--- example.org. serial 5\n+++ /dev/null\n");
    assertThat(api.zones).isNotEmpty();
  }

  @Test
  void rollbackShowsWhatItWouldDoAndAsks() {
    api.zone("example.org.", "www.example.org. 300 A 192.0.2.1");
    cli.isTerminal = true;
    cli.environment.put("NO_COLOR", "1");
    cli.input = "y\n";

    Cli.Result result = cli.run("rollback", "example.org", "42");

    assertThat(result.out())
        .contains(
            "-www.example.org. 300 A 192.0.2.1\n", "zone example.org rolled back to revision 42");
    assertThat(api.sent(RollbackZoneRequest.class))
        .extracting(RollbackZoneRequest::getValidateOnly)
        .containsExactly(true, false);
  }

  @Test
  void diffOfRevisionsIsAUnifiedDiff() {
    api.zone("example.org.", "www.example.org. 300 A 192.0.2.1");

    Cli.Result result = cli.run("diff", "example.org", "--from", "1", "--to", "9", "--exit-code");

    assertThat(result.status()).isEqualTo(ExitStatus.DIFFERENT);
    assertThat(result.out())
        .isEqualTo(
            """
            --- example.org. serial 5
            +++ example.org. serial 6
            -www.example.org. 300 A 192.0.2.1
            +www.example.org. 300 A 192.0.2.9
            """);
    assertThat(cli.run("diff", "example.org", "--from", "7", "--exit-code").status()).isZero();
  }

  @Test
  void diffWithoutRevisionsIsTheLastChange() {
    api.zone("example.org.", "www.example.org. 300 A 192.0.2.1");

    cli.run("diff", "example.org");

    assertThat(api.sent(DiffZoneRequest.class).getFirst().getFromRevision()).isEqualTo(98);
  }

  @Test
  void historySaysWhenOlderChangesAreGone() {
    api.zone("example.org.");

    Cli.Result result = cli.run("history", "example.org");

    assertThat(result.out()).contains("99", "token:t1", "2 added");
    assertThat(result.err()).isEqualTo("older changes are no longer kept\n");
  }

  @Test
  void exportWritesWhatTheServerSends() throws IOException {
    String whole = "$ORIGIN example.org.\nwww 300 IN A 192.0.2.1\n";
    assertThat(cli.run("export", "example.org").out()).isEqualTo(whole);

    Path file = folder.resolve("example.org.zone");
    cli.run("export", "example.org", "--file", file.toString());
    assertThat(file).hasContent(whole.strip());
  }

  @Test
  void importStreamsTheFile() throws IOException {
    api.zone("example.org.");
    Path file = Files.writeString(folder.resolve("x.zone"), "a line\n".repeat(100_000));

    Cli.Result result = cli.run("zone", "import", "example.org", file.toString());

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            "zone example.org imported with 100000 records of " + file + " at revision 101\n");
    assertThat(api.sent(ImportZoneRequest.class).getFirst().getStart().getTotalBytes())
        .isEqualTo(700_000);
    assertThat(api.sent(ImportZoneRequest.class)).hasSize(4);
  }

  @Test
  void importTellsEveryProblemAndFails() throws IOException {
    api.zone("example.org.");
    Path file = Files.writeString(folder.resolve("x.zone"), "broken\n");

    Cli.Result result = cli.run("zone", "import", "example.org", file.toString());

    assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(result.err())
        .isEqualTo(
            file
                + ":3: error: no such type: BROKEN\n"
                + "    | x broken \\027[2J\n"
                + "flashdns: 1 problems in "
                + file
                + ", nothing was changed\n");
  }
}
