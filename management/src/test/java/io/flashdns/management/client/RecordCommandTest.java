package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.ChangeState;
import io.flashdns.proto.v1.DeleteRecordRequest;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.UpdateRecordRequest;
import io.flashdns.proto.v1.WaitForChangeRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordCommandTest {
  @TempDir Path folder;
  private TestApi api;
  private Cli cli;

  @BeforeEach
  void start() throws IOException {
    api = new TestApi();
    api.zone(
        "example.org.",
        "example.org. 3600 SOA ns. host. 5 1 1 1 1",
        "www.example.org. 300 A 192.0.2.1",
        "www.example.org. 300 A 192.0.2.2");
    cli = new Cli(folder).at(api);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void setSendsOneUpdateWithAllData() {
    Cli.Result result =
        cli.run("record", "set", "www.example.org", "A", "192.0.2.1", "192.0.2.7", "--ttl", "5m");

    assertThat(result.err()).isEmpty();
    assertThat(result.status()).isZero();
    assertThat(result.out()).isEqualTo("www.example.org. A set at revision 101\n");
    UpdateRecordRequest sent = api.sent(UpdateRecordRequest.class).getFirst();
    assertThat(api.sent(UpdateRecordRequest.class)).hasSize(1);
    assertThat(sent.getRecord().getDataList())
        .extracting(RecordData::getText)
        .containsExactly("192.0.2.1", "192.0.2.7");
    assertThat(sent.getRecord().getTtl().getSeconds()).isEqualTo(300);
    assertThat(sent.getRecord().getType()).isEqualTo(RecordType.RECORD_TYPE_A);
    assertThat(sent.getZone().getId().getValue()).isEqualTo("z-example-org-");
    assertThat(sent.getAllowMissing()).isTrue();
    assertThat(sent.getRequestId()).hasSize(36);
  }

  @Test
  void ttlThatIsNotGivenIsNotSent() {
    cli.run("record", "set", "www.example.org", "A", "192.0.2.1");

    assertThat(api.sent(UpdateRecordRequest.class).getFirst().getRecord().hasTtl()).isFalse();
  }

  @Test
  void zoneOfARecordIsTheLongestThatIsSeen() {
    api.zone("sub.example.org.");

    cli.run("record", "set", "a.b.sub.example.org", "A", "192.0.2.1");

    assertThat(api.sent(GetZoneRequest.class))
        .extracting(request -> request.getZone().getName().getApex())
        .containsExactly("a.b.sub.example.org.", "b.sub.example.org.", "sub.example.org.");
    assertThat(api.sent(UpdateRecordRequest.class).getFirst().getZone().getId().getValue())
        .isEqualTo("z-sub-example-org-");
  }

  @Test
  void namesBesideAZoneAreRelativeToIt() {
    cli.run("record", "set", "@", "MX", "10 mail.example.net.", "--zone", "example.org");
    cli.run("record", "set", "www", "A", "192.0.2.1", "--zone", "example.org");
    cli.run("record", "set", "www.example.org", "A", "192.0.2.1", "--zone", "example.org");

    assertThat(api.sent(UpdateRecordRequest.class))
        .extracting(request -> request.getRecord().getName())
        .containsExactly("example.org.", "www.example.org.", "www.example.org.");
    assertThat(api.sent(GetZoneRequest.class)).isEmpty();
  }

  @Test
  void addAndRemoveEditSingleData() {
    cli.run("record", "add", "www.example.org", "A", "192.0.2.3");
    cli.run("record", "remove", "www.example.org", "A", "192.0.2.3");

    List<ApplyChangesRequest> sent = api.sent(ApplyChangesRequest.class);
    assertThat(sent.get(0).getChanges(0).getEdit().getEdits(0).getAdd().getData(0).getText())
        .isEqualTo("192.0.2.3");
    assertThat(sent.get(1).getChanges(0).getEdit().getEdits(0).getRemove().getName())
        .isEqualTo("www.example.org.");
  }

  @Test
  void deleteNamesOwnerAndType() {
    Cli.Result result = cli.run("record", "delete", "www.example.org", "a");

    assertThat(result.out()).startsWith("www.example.org. A deleted");
    DeleteRecordRequest sent = api.sent(DeleteRecordRequest.class).getFirst();
    assertThat(sent.getId().getName()).isEqualTo("www.example.org.");
    assertThat(sent.getId().getType()).isEqualTo(RecordType.RECORD_TYPE_A);
    assertThat(sent.getAllowMissing()).isFalse();
  }

  @Test
  void plainTextOfTxtGetsItsQuotes() {
    cli.run("record", "set", "example.org", "TXT", "v=spf1 -all", "\"a\" \"b\"", "x\"y");

    assertThat(api.sent(UpdateRecordRequest.class).getFirst().getRecord().getDataList())
        .extracting(RecordData::getText)
        .containsExactly("\"v=spf1 -all\"", "\"a\" \"b\"", "\"x\\\"y\"");
  }

  @Test
  void longTextOfTxtIsCutAt255Octets() {
    cli.run("record", "set", "example.org", "TXT", "k".repeat(300));

    assertThat(api.sent(UpdateRecordRequest.class).getFirst().getRecord().getData(0).getText())
        .isEqualTo("\"" + "k".repeat(255) + "\" \"" + "k".repeat(45) + "\"");
  }

  @Test
  void labelsAreAColumnWhenTheyAreAskedFor() {
    Map<String, Record> content = api.records.get("example.org.");
    content.replaceAll(
        (_, record) ->
            record.getName().startsWith("www.")
                ? record.toBuilder().putLabels("team", "a").putLabels("owner", "web").build()
                : record);

    assertThat(cli.run("record", "list", "example.org", "--show-labels").out())
        .isEqualTo(
            """
            NAME               TTL  TYPE  DATA                 LABELS
            example.org.      3600  SOA   ns. host. 5 1 1 1 1
            www.example.org.   300  A     192.0.2.1            owner=web,team=a
            www.example.org.   300  A     192.0.2.2            owner=web,team=a
            """);
    assertThat(cli.run("record", "list", "example.org").out()).doesNotContain("LABELS");
  }

  @Test
  void listIsATableWithALineForEachDatum() {
    Cli.Result result = cli.run("record", "list", "example.org", "--type", "A", "--name", "www*");

    assertThat(result.out())
        .isEqualTo(
            """
            NAME               TTL  TYPE  DATA
            example.org.      3600  SOA   ns. host. 5 1 1 1 1
            www.example.org.   300  A     192.0.2.1
            www.example.org.   300  A     192.0.2.2
            """);
    assertThat(api.sent(ListRecordsRequest.class).getFirst().getFilter())
        .isEqualTo("name = \"www*\" AND type = A");
  }

  @Test
  void listAsJsonIsAnArrayOfTheMessages() {
    Cli.Result result = cli.run("record", "list", "example.org", "-o", "json");

    assertThat(result.out())
        .startsWith("[{")
        .endsWith("}]\n")
        .contains("\"name\": \"www.example.org.\"");
  }

  @Test
  void listAsNamesHasNothingElse() {
    assertThat(cli.run("record", "list", "example.org", "-o", "name").out())
        .isEqualTo("example.org. SOA\nwww.example.org. A\n");
  }

  @Test
  void dryRunShowsADifferenceAndChangesNothing() {
    Cli.Result result =
        cli.run(
            "record",
            "set",
            "www.example.org",
            "A",
            "192.0.2.1",
            "192.0.2.7",
            "--ttl",
            "300",
            "--dry-run");

    assertThat(api.sent(UpdateRecordRequest.class).getFirst().getValidateOnly()).isTrue();
    assertThat(result.out())
        .isEqualTo(
            """
            --- example.org. serial 5
            +++ example.org. serial 6
            -www.example.org. 300 A 192.0.2.2
            +www.example.org. 300 A 192.0.2.7
            nothing was changed (--dry-run); it would be: www.example.org. A set
            """);
  }

  @Test
  void differencesHaveColoursOnATerminalAlone() {
    cli.isTerminal = true;
    String[] command = {"record", "set", "www.example.org", "A", "192.0.2.7", "--dry-run"};
    assertThat(cli.run(command).out()).contains("\u001b[31m-www");

    cli.environment.put("NO_COLOR", "1");
    assertThat(cli.run(command).out()).doesNotContain("\u001b");
  }

  @Test
  void waitAsksForTheRevisionOfTheChange() {
    Cli.Result result = cli.run("record", "add", "www.example.org", "A", "192.0.2.3", "--wait");

    assertThat(result.status()).isZero();
    assertThat(api.sent(WaitForChangeRequest.class).getFirst().getRevision()).isEqualTo(101);
  }

  @Test
  void changeThatIsNotServedInTimeEndsWithSix() {
    api.state = ChangeState.CHANGE_STATE_PENDING;

    Cli.Result result = cli.run("record", "add", "www.example.org", "A", "192.0.2.3", "--wait");

    assertThat(result.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(result.err())
        .isEqualTo("flashdns: revision 101 is durable, and served by 1 of 2 nodes after 30s\n");
  }

  @Test
  void refusedFieldsAreNamedByTheirArguments() {
    api.failures.add(
        TestApi.status(
            Code.INVALID_ARGUMENT,
            "two fields are wrong",
            TestApi.violation("record.data[1].text", "must be an IPv4 address"),
            TestApi.violation("record.ttl.seconds", "must be at most 2147483647")));

    Cli.Result result =
        cli.run("record", "set", "www", "A", "192.0.2.1", "nonsense", "--zone", "example.org");

    assertThat(result.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(result.err())
        .isEqualTo(
            """
            flashdns: the server does not take this:
              DATA 'nonsense': must be an IPv4 address
              --ttl: must be at most 2147483647
            """);
  }

  @Test
  void guardSaysHowToPassIt() {
    api.failures.add(
        TestApi.status(
            Code.FAILED_PRECONDITION,
            "more than half of the names would go",
            ErrorInfo.newBuilder().setReason("GUARD").build()));

    Cli.Result result = cli.run("record", "delete", "www", "A", "--zone", "example.org");

    assertThat(result.status()).isEqualTo(ExitStatus.CONFLICT);
    assertThat(result.err())
        .isEqualTo("flashdns: more than half of the names would go; --force passes the guard\n");
  }

  @Test
  void retriesKeepTheRequestId() {
    api.failures.add(TestApi.status(Code.UNAVAILABLE, "draining"));
    api.failures.add(TestApi.status(Code.UNAVAILABLE, "draining"));

    Cli.Result result = cli.run("record", "set", "www", "A", "192.0.2.1", "--zone", "example.org");

    assertThat(result.status()).isZero();
    assertThat(api.sent(UpdateRecordRequest.class))
        .hasSize(3)
        .containsOnly(api.sent(UpdateRecordRequest.class).getFirst());
  }

  @Test
  void retriesEndWithTheDeadline() {
    for (int i = 0; i < 50; i++) {
      api.failures.add(TestApi.status(Code.UNAVAILABLE, "no changes are taken: the disk is full"));
    }

    Cli.Result result =
        cli.run(
            "record",
            "set",
            "www",
            "A",
            "192.0.2.1",
            "--zone",
            "example.org",
            "--timeout",
            "300ms");

    assertThat(result.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(result.err()).contains("the disk is full");
  }

  @Test
  void waitingThatLastsSaysOnceWhatItWaitsFor() {
    for (int i = 0; i < 4; i++) {
      api.failures.add(TestApi.status(Code.UNAVAILABLE, "no changes are taken: the disk is full"));
    }

    Cli.Result result = cli.run("record", "set", "www", "A", "192.0.2.1", "--zone", "example.org");

    assertThat(result.status()).isZero();
    assertThat(result.err())
        .matches("waiting: no changes are taken: the disk is full; asked again for \\d+ s .*\n");
  }

  @Test
  void mistypedTypesGetAHint() {
    Cli.Result result = cli.run("record", "set", "www.example.org", "CNMAE", "x.");

    assertThat(result.status()).isEqualTo(ExitStatus.USAGE);
    assertThat(result.err())
        .startsWith("flashdns: 'CNMAE' is no type of records; did you mean 'CNAME'?");
  }

  @Test
  void namesOutsideEveryZoneSayWhatToDo() {
    Cli.Result result = cli.run("record", "set", "www.example.com", "A", "192.0.2.1");

    assertThat(result.status()).isEqualTo(ExitStatus.NOT_FOUND);
    assertThat(result.err()).contains("there is no zone at or above www.example.com.", "--zone");
  }
}
