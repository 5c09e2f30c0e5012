package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneChange.ChangeCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApplyCommandTest {
  private static final String ZONE =
      """
      zone: example.org
      project: acme/web
      labels: {team: web}
      ttl: 1h
      records:
        - {name: "@", type: MX, data: 10 mail.example.org.}
        - {name: www, type: A, ttl: 5m, data: [192.0.2.1, 192.0.2.2]}
        - {name: www, type: TXT, data: hello world}
      """;

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

  private List<ZoneChange> changes(int request) {
    return api.sent(ApplyChangesRequest.class).get(request).getChangesList();
  }

  @Test
  void zonesThatAreNotThereAreCreated() {
    cli.input = ZONE;

    Cli.Result result = cli.run("apply", "-", "--yes");

    assertThat(result.err()).isEmpty();
    assertThat(result.out())
        .isEqualTo(
            """
            --- /dev/null
            +++ example.org. serial 1
            +; labels: team=web
            +example.org. 3600 MX 10 mail.example.org.
            +www.example.org. 300 A 192.0.2.1
            +www.example.org. 300 A 192.0.2.2
            +www.example.org. 3600 TXT "hello world"
            1 zone changed at revision 101
            """);
    assertThat(api.sent(ApplyChangesRequest.class))
        .extracting(ApplyChangesRequest::getValidateOnly)
        .containsExactly(true, false);
    assertThat(changes(1).getFirst().getCreate().getZone().getProject().getProject())
        .isEqualTo("web");
    assertThat(changes(1).getFirst().getCreate().getZone().getLabelsMap())
        .containsEntry("team", "web");
  }

  @Test
  void withoutATerminalNothingIsDoneWithoutYes() {
    cli.input = ZONE;

    Cli.Result result = cli.run("apply", "-");

    assertThat(result.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(result.err()).contains("make these changes to 1 zone: nobody can be asked", "--yes");
    assertThat(api.sent(ApplyChangesRequest.class)).hasSize(1);
  }

  @Test
  void soaAndNsOfTheApexStayWhereTheFileSaysNothing() throws IOException {
    api.zone(
        "example.org.",
        "example.org. 3600 SOA ns. host. 5 1 1 1 1",
        "example.org. 3600 NS ns1.example.net.",
        "old.example.org. 300 A 192.0.2.1");
    Path file = Files.writeString(folder.resolve("x.yaml"), ZONE);

    Cli.Result result = cli.run("apply", file.toString(), "--yes");

    assertThat(result.out())
        .contains("-old.example.org. 300 A 192.0.2.1\n")
        .doesNotContain("NS", "SOA");
    var sent = changes(2).getFirst().getReplace();
    assertThat(sent.getEtag()).isEqualTo("e5");
    assertThat(sent.getRecordsList())
        .extracting(io.flashdns.proto.v1.Record::getType)
        .containsExactly(
            RecordType.RECORD_TYPE_MX,
            RecordType.RECORD_TYPE_A,
            RecordType.RECORD_TYPE_TXT,
            RecordType.RECORD_TYPE_NS,
            RecordType.RECORD_TYPE_SOA);
  }

  @Test
  void settingsChangeAfterRecords() throws IOException {
    api.zone("example.org.", "example.org. 3600 SOA ns. host. 5 1 1 1 1");
    Path file = Files.writeString(folder.resolve("x.yaml"), ZONE);

    Cli.Result result = cli.run("apply", file.toString(), "--yes");

    assertThat(result.out()).contains("-; labels: \n+; labels: team=web\n");
    assertThat(api.sent(ApplyChangesRequest.class))
        .extracting(request -> request.getChanges(0).getChangeCase())
        .containsExactly(
            ChangeCase.REPLACE, ChangeCase.CONFIGURE, ChangeCase.REPLACE, ChangeCase.CONFIGURE);
  }

  @Test
  void equalZonesAreLeftAlone() {
    api.zone("example.org.", "www.example.org. 300 A 192.0.2.1");
    cli.input =
        "zone: example.org\nrecords:\n  - {name: www, type: A, ttl: 300, data: 192.0.2.1}\n";

    Cli.Result result = cli.run("apply", "-", "--exit-code");

    assertThat(result.status()).isZero();
    assertThat(result.out()).isEqualTo("nothing to change: 1 zone as in the files\n");
    assertThat(api.sent(ApplyChangesRequest.class)).hasSize(1);
  }

  @Test
  void dryRunWithExitCodeTellsOfDifferences() {
    cli.input = ZONE;

    Cli.Result result = cli.run("apply", "-", "--dry-run", "--exit-code");

    assertThat(result.status()).isEqualTo(ExitStatus.DIFFERENT);
    assertThat(api.sent(ApplyChangesRequest.class)).hasSize(1);
  }

  @Test
  void severalFilesGoIntoOneChange() throws IOException {
    for (int i = 0; i < 20; i++) {
      Files.writeString(
          folder.resolve("z" + i + ".example.zone"),
          """
          $TTL 1h
          @ SOA ns1 host ( 1 2h 3600 ; refresh, retry
                           1w 300 )
            NS ns1
          ns1 A 192.0.2.1
          """);
    }

    Cli.Result result = cli.run("apply", folder.toString(), "--project", "acme/web", "--yes");

    assertThat(result.out()).endsWith("20 zones changed at revision 101\n");
    assertThat(api.sent(ApplyChangesRequest.class)).hasSize(2);
    assertThat(changes(1)).hasSize(20);
    var create = changes(1).getFirst().getCreate();
    assertThat(create.getZone().getName().getApex()).isEqualTo("z0.example.");
    assertThat(create.getZone().getProject().getOrganisation()).isEqualTo("acme");
    assertThat(create.getRecordsList())
        .flatExtracting(io.flashdns.proto.v1.Record::getDataList)
        .extracting(RecordData::getText)
        .containsExactly(
            "ns1.z0.example. host.z0.example. 1 7200 3600 604800 300",
            "ns1.z0.example.",
            "192.0.2.1");
  }

  @Test
  void serialThatIsNotAheadIsLeftToThePolicy() throws IOException {
    api.zone("a.example.", "a.example. 3600 SOA ns. host. 5 1 1 1 1");
    Path file =
        Files.writeString(
            folder.resolve("a.example.zone"), "@ 60 SOA ns. host. 4 1 1 1 1\n@ 60 NS ns.\n");

    cli.run("apply", file.toString(), "--dry-run");
    Files.writeString(file, "@ 60 SOA ns. host. 6 1 1 1 1\n@ 60 NS ns.\n");
    cli.run("apply", file.toString(), "--dry-run");

    assertThat(changes(0).getFirst().getReplace().getRecords(0).getData(0).getText())
        .isEqualTo("ns. host. 0 1 1 1 1");
    assertThat(changes(1).getFirst().getReplace().getRecords(0).getData(0).getText())
        .isEqualTo("ns. host. 6 1 1 1 1");
  }

  @Test
  void uncommonZoneFilesAreLeftToTheServer() throws IOException {
    api.zone("b.example.");
    Path file =
        Files.writeString(folder.resolve("b.example.zone"), "$GENERATE 1-9 h$ A 192.0.2.$\n");

    Cli.Result result = cli.run("apply", file.toString(), "--yes");

    assertThat(result.out())
        .contains("+new.b.example. 0 TXT \"x\"\n", "1 zone changed at revision 101");
    assertThat(api.sent(ApplyChangesRequest.class)).isEmpty();
    assertThat(api.sent(ImportZoneRequest.class))
        .filteredOn(ImportZoneRequest::hasStart)
        .extracting(part -> part.getStart().getValidateOnly())
        .containsExactly(true, false);
  }

  @Test
  void zonesTooLargeForAMessageAreImported() {
    StringBuilder yaml = new StringBuilder("zone: example.org\nrecords:\n");
    for (int i = 0; i < 21_000; i++) {
      yaml.append("  - {name: h").append(i).append(", type: A, ttl: 60, data: 192.0.2.1}\n");
    }
    cli.input = yaml.toString();

    Cli.Result result = cli.run("apply", "-", "--yes");

    assertThat(result.status()).isZero();
    assertThat(api.sent(ApplyChangesRequest.class)).isEmpty();
    assertThat(api.sent(ImportZoneRequest.class).getFirst().getStart().hasCreate()).isTrue();
  }

  @Test
  void pruneDeletesWhatNoFileHas() {
    api.zone("gone.example.");
    api.zone("example.org.", "www.example.org. 300 A 192.0.2.1");
    cli.isTerminal = true;
    cli.environment.put("NO_COLOR", "1");
    cli.input = "y\n";
    Path file = folder.resolve("x.yaml");
    try {
      Files.writeString(
          file,
          "zone: example.org\nrecords:\n  - {name: www, type: A, ttl: 300, data: 192.0.2.1}\n");
    } catch (IOException e) {
      throw new AssertionError(e);
    }

    Cli.Result result = cli.run("apply", file.toString(), "--prune", "--project", "acme/web");

    assertThat(result.err()).startsWith("make these changes to 1 zone, of which 1 go? [y/N]");
    assertThat(changes(1)).hasSize(1);
    assertThat(changes(1).getFirst().getDelete().getZone().getId().getValue())
        .isEqualTo("z-gone-example-");
  }

  @Test
  void pruneNeedsABound() {
    assertThat(cli.run("apply", "x.yaml", "--prune").status()).isEqualTo(ExitStatus.USAGE);
  }

  @Test
  void refusedRecordsAreNamedByTheirPlace() throws IOException {
    Path file = Files.writeString(folder.resolve("x.yaml"), ZONE);
    api.failures.add(TestApi.PASS);
    api.zone("example.org.", "example.org. 3600 SOA ns. host. 5 1 1 1 1");
    api.failures.add(TestApi.PASS);
    api.failures.add(
        TestApi.status(
            Code.INVALID_ARGUMENT,
            "a record is wrong",
            TestApi.violation("changes[0].replace.records[1].data[0].text", "must be an address")));

    Cli.Result result = cli.run("apply", file.toString(), "--yes");

    assertThat(result.err())
        .contains(file + ": zone example.org, record 2 (www.example.org. A): must be an address");
  }

  @Test
  void misspeltKeysGetAHint() {
    cli.input = "zone: example.org\nrecrods: []\n";

    Cli.Result result = cli.run("apply", "-");

    assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(result.err())
        .isEqualTo("flashdns: standard input: unknown key 'recrods'; did you mean 'records'?\n");
  }

  @Test
  void oneZoneInTwoFilesIsRefused() {
    cli.input = ZONE + "---\n" + ZONE;

    assertThat(cli.run("apply", "-").err())
        .isEqualTo("flashdns: zone example.org. is in standard input and in standard input\n");
  }
}
