package io.flashdns.management.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Message;
import io.flashdns.proto.v1.DeleteSettingsRequest;
import io.flashdns.proto.v1.DeleteSettingsResponse;
import io.flashdns.proto.v1.UpdateSettingsRequest;
import io.flashdns.proto.v1.UpdateSettingsResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A section of the configuration that one server is given is in force on all. */
final class SharedSettingsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int QUERIES = 20;

  /** Limits everybody, and answers what is above the limit empty. */
  private static final String STRICT = "{rate: 2, burst: 2, whitelist: []}";

  @TempDir Path folder;

  @Test
  void rateLimitIsInForceOnAllServersAndStaysWithoutEtcd() throws Exception {
    try (Fleet fleet = Fleet.start(folder)) {
      Server first = fleet.servers().getFirst();
      Server last = fleet.servers().getLast();
      for (Server server : fleet.servers()) {
        assertThat(right(server)).as("%s before", server).isEqualTo(QUERIES);
      }

      UpdateSettingsRequest request =
          UpdateSettingsRequest.newBuilder().setSection("ratelimit").setYaml(STRICT).build();
      long revision =
          call(fleet, first, "SettingsService/UpdateSettings", request)
              .into(UpdateSettingsResponse.newBuilder())
              .getOutcome()
              .getRevision();
      awaitEverywhere(fleet, last, revision);
      for (Server server : fleet.servers()) {
        assertThat(right(server)).as("%s limited", server).isLessThan(QUERIES / 2);
      }

      // One that is started without etcd has it from its own copy.
      for (Member member : fleet.members()) {
        member.kill();
      }
      last.kill();
      last.start();
      fleet.awaitFixed(last);
      assertThat(right(last)).as("without etcd").isLessThan(QUERIES / 2);

      for (Member member : fleet.members()) {
        fleet.start(member);
      }
      last.awaitOpen();
      await().atMost(PATIENCE).until(fleet::isHealthy);
      long reset =
          call(
                  fleet,
                  last,
                  "SettingsService/DeleteSettings",
                  DeleteSettingsRequest.newBuilder().setSection("ratelimit").build())
              .into(DeleteSettingsResponse.newBuilder())
              .getOutcome()
              .getRevision();
      awaitEverywhere(fleet, first, reset);
      for (Server server : fleet.servers()) {
        assertThat(right(server)).as("%s after", server).isEqualTo(QUERIES);
      }
    }
  }

  private static Door.Reply call(Fleet fleet, Server server, String method, Message request)
      throws Exception {
    Door.Reply[] reply = new Door.Reply[1];
    await()
        .pollInSameThread()
        .atMost(PATIENCE)
        .until(
            () -> {
              reply[0] =
                  server.host().namespace().call(() -> fleet.door(server).call(method, request));
              return !reply[0].isNotMade();
            });
    assertThat(reply[0].isGood()).as(reply[0].body()).isTrue();
    return reply[0];
  }

  /** A server that was killed is waited for until its lease has ended, besides the one after it. */
  private static void awaitEverywhere(Fleet fleet, Server at, long revision) {
    assertThat(revision).isPositive();
    String request = "{\"revision\": \"" + revision + "\", \"timeout\": \"5s\"}";
    await()
        .pollInSameThread()
        .atMost(PATIENCE)
        .until(
            () ->
                at.host()
                    .namespace()
                    .call(() -> fleet.door(at).call("ChangeService/WaitForChange", request))
                    .body()
                    .contains("CHANGE_STATE_IN_SYNC"));
  }

  /** How many questions a server answers with an address. */
  private static int right(Server server) throws Exception {
    return server
        .host()
        .namespace()
        .call(
            () -> {
              int right = 0;
              try (Asker asker = new Asker(server.dns())) {
                for (int i = 0; i < QUERIES; i++) {
                  right += asker.isRight(i) ? 1 : 0;
                }
              }
              return right;
            });
  }
}
