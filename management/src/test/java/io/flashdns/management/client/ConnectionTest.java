package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.Code;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.flashdns.proto.v1.ZoneDiff;
import io.flashdns.proto.v1.ZoneName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTest {
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
  void plainTextIsSpokenToLoopbackAlone() throws ClientException {
    assertThat(Endpoint.parse("127.0.0.1:8053", null, null, null).tls()).isFalse();
    assertThat(Endpoint.parse("[::1]:8053", null, null, null).tls()).isFalse();
    assertThat(Endpoint.parse("localhost", null, null, null).port()).isEqualTo(8053);
    assertThat(Endpoint.parse("https://127.0.0.1:1", null, null, null).tls()).isTrue();
    assertThat(Endpoint.parse("dns.example.org", null, null, null).tls()).isTrue();
    assertThat(Endpoint.parse("2001:db8::1", null, null, null).tls()).isTrue();
    assertThatThrownBy(() -> Endpoint.parse("http://dns.example.org:8053", null, null, null))
        .hasMessageContaining("plain text is spoken to loopback addresses alone");
    assertThatThrownBy(() -> Endpoint.parse("http://127.0.0.1.example.org", null, null, null))
        .hasMessageContaining("plain text");
  }

  @Test
  void serverThatIsAwayIsOneSentence() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }

    Cli.Result result = cli.run("zone", "list", "--server", "127.0.0.1:" + free);

    assertThat(result.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(result.err())
        .isEqualTo(
            "flashdns: cannot reach 127.0.0.1:"
                + free
                + ": connection refused; is the server running? --server names another one\n");
  }

  @Test
  void whoIsNotKnownIsToldHowToLogIn() {
    cli.environment.put("FLASHDNS_TOKEN", "wrong");

    Cli.Result result = cli.run("whoami");

    assertThat(result.status()).isEqualTo(ExitStatus.DENIED);
    assertThat(result.err())
        .contains("does not know who you are (no token): log in by 'flashdns login'");
  }

  @Test
  void whoamiShowsRolesAndServer() {
    assertThat(cli.run("whoami").out())
        .isEqualTo(
            """
            principal  token:t1
            by         token
            server     %s
            role       admin of platform
            """
                .formatted(api.address()));
  }

  @Test
  void deniedEndsWithFour() {
    api.failures.add(TestApi.status(Code.PERMISSION_DENIED, "zones-read is missing"));

    assertThat(cli.run("zone", "list"))
        .isEqualTo(new Cli.Result(ExitStatus.DENIED, "", "flashdns: zones-read is missing\n"));
  }

  @Test
  void quotasAreNamedWithTheirLimits() {
    api.failures.add(
        TestApi.status(
            Code.RESOURCE_EXHAUSTED,
            "a quota is used up",
            QuotaFailure.newBuilder()
                .addViolations(
                    QuotaFailure.Violation.newBuilder()
                        .setSubject("acme/web")
                        .setDescription("zones: 500 of 500"))
                .build(),
            RetryInfo.newBuilder()
                .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(90))
                .build()));

    assertThat(cli.run("zone", "create", "x.example").err())
        .isEqualTo(
            "flashdns: a quota is used up\n  acme/web: zones: 500 of 500\n  try again in 1m30s\n");
  }

  @Test
  void watchGoesOnWhereItBroke() {
    api.watches.add(List.of(event(1, "t1"), event(2, "t2")));
    api.watches.add(List.of(event(3, "t3")));

    Cli.Result result = cli.run("watch", "--after", "0", "-o", "json");

    assertThat(result.out().lines()).hasSize(3).allMatch(line -> line.startsWith("{\"revision\":"));
    assertThat(api.sent(WatchChangesRequest.class))
        .extracting(request -> request.getAfterRevision() + request.getResumeToken())
        .containsExactly("0", "0t2", "0t3");
    assertThat(result.status()).isEqualTo(ExitStatus.NOT_FOUND);
  }

  @Test
  void watchEndsAfterItsCount() {
    api.watches.add(List.of(event(1, "t1"), event(2, "t2")));

    Cli.Result result = cli.run("watch", "--count", "1");

    assertThat(result.status()).isZero();
    assertThat(result.out()).contains("1  example.org.  2 added");
  }

  private static WatchChangesResponse event(long revision, String token) {
    return WatchChangesResponse.newBuilder()
        .setChange(
            Change.newBuilder()
                .setRevision(revision)
                .addZones(
                    ZoneDiff.newBuilder()
                        .setName(ZoneName.newBuilder().setApex("example.org."))
                        .setSerialBefore(1)
                        .setSerialAfter(2)
                        .setRecordsAdded(2)))
        .setResumeToken(token)
        .build();
  }

  @Test
  void waitWithoutARevisionMeansTheNewest() {
    assertThat(cli.run("wait").out())
        .isEqualTo("revision  100\nstate     in-sync\nnodes     2 of 2\n");
  }

  @Test
  void nodesAreATable() {
    assertThat(cli.run("node", "list").out())
        .isEqualTo(
            """
            NODE  STATE    REVISION  BEHIND  LAG  ZONES  VERSION  SEEN
            ns1   serving       100       0   0s     12
            """);
  }

  @Test
  void completionKnowsZonesAndRecords() {
    api.zone("example.org.", "www.example.org. 300 A 192.0.2.1");

    assertThat(cli.run("__complete", "--", "zone", "get", "exa").out()).isEqualTo("example.org\n");
    assertThat(cli.run("__complete", "--", "record", "get", "www.exa").out())
        .contains("www.example.org\n");
  }

  @Test
  void completionIsSilentWhenTheServerIsAway() {
    assertThat(cli.run("__complete", "--server", "127.0.0.1:1", "--", "zone", "get", "x"))
        .isEqualTo(new Cli.Result(0, "", ""));
  }

  @Test
  void completionScriptKnowsAllCommands() {
    assertThat(cli.run("completion", "bash").out())
        .contains("rollback", "--dry-run", "_flashdns_with_names", "complete -o default");
    assertThat(cli.run("completion", "fish").status()).isEqualTo(ExitStatus.USAGE);
  }
}
