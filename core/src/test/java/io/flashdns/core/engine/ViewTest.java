package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Tenant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Record;

/** Zones of views and tenants, as they are answered from. */
final class ViewTest {
  private static final Tenant ONE = new Tenant(1, "acme", "web", false, 0);
  private static final Tenant TWO = new Tenant(2, "acme", "shop", false, 0);
  private static final Tenant SUSPENDED = new Tenant(3, "late", "payer", true, 0);

  /** The view is the number of the listener. */
  private static final TestPlugin BY_LISTENER =
      TestPlugin.of(
          "views",
          (Router)
              (query, _) -> {
                if (query.listener() != 0) {
                  query.view(query.listener());
                }
                return Verdict.CONTINUE;
              });

  private static String zone(String apex, String address, String... more) {
    return "$ORIGIN "
        + apex
        + "\n$TTL 60\n@ SOA ns hostmaster 1 7200 3600 1209600 300\n@ NS ns\nns A 192.0.2.53\nwww A "
        + address
        + "\n"
        + String.join("\n", more)
        + "\n";
  }

  private static EmbeddedServer.Builder builder() {
    return EmbeddedServer.builder().plugin(BY_LISTENER, TestPlugin.CONFIG);
  }

  private static StrictReply ask(EmbeddedServer server, int view, String name, int type) {
    byte[] message = EmbeddedServer.question(name, type, 1_232, false);
    return StrictReply.of(message, server.to(view).ask(message), Protocol.UDP);
  }

  private static List<String> answer(EmbeddedServer server, int view, String name) {
    return ask(server, view, name, RecordType.A).answer().stream()
        .map(Record::rdataToString)
        .toList();
  }

  @Test
  void eachViewAnswersFromItsZoneAndTheNextQueryFromItsOwn() {
    EmbeddedServer server =
        builder()
            .zone(zone("example.", "192.0.2.1"), ONE, "public", false)
            .zone(zone("example.", "192.0.2.2"), ONE, "inside", false)
            .zone(zone("only.inside.", "192.0.2.3"), ONE, "inside", false)
            .build();

    for (int i = 0; i < 3; i++) {
      assertThat(answer(server, 0, "www.example.")).containsExactly("192.0.2.1");
      assertThat(answer(server, 1, "www.example.")).containsExactly("192.0.2.2");
      assertThat(answer(server, 5, "www.example.")).containsExactly("192.0.2.1");
      assertThat(answer(server, 1, "www.only.inside.")).containsExactly("192.0.2.3");
      assertThat(ask(server, 0, "www.only.inside.", 1).rcode()).isEqualTo(Rcode.REFUSED);
      assertThat(ask(server, 5, "www.only.inside.", 1).rcode()).isEqualTo(Rcode.REFUSED);
    }
  }

  @Test
  void batchAnswersEachQueryFromItsView() {
    EmbeddedServer server =
        builder()
            .zone(zone("example.", "192.0.2.1"), ONE, "public", false)
            .zone(zone("example.", "192.0.2.2"), ONE, "inside", false)
            .build();
    Worker worker = server.engine().newWorker();
    byte[] message = EmbeddedServer.question("www.example.", RecordType.A);
    for (int slot = 0; slot < Worker.BATCH; slot++) {
      System.arraycopy(message, 0, worker.packet(slot), 0, message.length);
      worker.accept(slot, message.length, Protocol.UDP, slot & 1, 0, 0xffff_7f00_0001L, 53_000);
    }
    worker.lookAhead(Worker.BATCH);
    for (int slot = 0; slot < Worker.BATCH; slot++) {
      int length = worker.answer(slot);
      assertThat(worker.reply()[length - 1]).isEqualTo((byte) (1 + (slot & 1)));
    }
  }

  @Test
  @Tag("rfc4035")
  void dsOfAPrivateApexIsAskedOfTheZoneAboveInItsView() {
    EmbeddedServer server =
        builder()
            .zone(zone("example.", "192.0.2.1", "sub NS ns.sub", "ns.sub A 192.0.2.9"))
            .zone(zone("sub.example.", "192.0.2.2"), ONE, "inside", false)
            .build();

    StrictReply reply = ask(server, 1, "sub.example.", RecordType.DS);
    assertThat(reply.rcode()).isEqualTo(Rcode.NOERROR);
    assertThat(reply.authority().getFirst().getName()).hasToString("example.");
    assertThat(answer(server, 1, "www.sub.example.")).containsExactly("192.0.2.2");
  }

  @Test
  void aliasIsFollowedWithinItsTenantAlone() {
    EmbeddedServer server =
        builder()
            .zone(
                zone("one.", "192.0.2.1", "own CNAME www.also.one.", "other CNAME www.two."),
                ONE,
                "public",
                false)
            .zone(zone("also.one.", "192.0.2.11"), ONE, "public", false)
            .zone(zone("two.", "192.0.2.2"), TWO, "public", false)
            .build();

    assertThat(answer(server, 0, "own.one.")).containsExactly("www.also.one.", "192.0.2.11");
    assertThat(answer(server, 0, "other.one."))
        .as("the asker goes on himself")
        .containsExactly("www.two.");
    assertThat(ask(server, 0, "other.one.", 1).rcode()).isEqualTo(Rcode.NOERROR);
    assertThat(answer(server, 0, "www.two.")).containsExactly("192.0.2.2");
  }

  @Test
  void aliasIsNotFollowedIntoASuspendedZone() {
    EmbeddedServer server =
        builder()
            .zone(
                zone("one.", "192.0.2.1", "a CNAME www.off.one.", "b CNAME www.on.one."),
                ONE,
                "public",
                false)
            .zone(zone("off.one.", "192.0.2.2"), ONE, "public", true)
            .zone(zone("on.one.", "192.0.2.3"), ONE, "public", false)
            .build();

    assertThat(answer(server, 0, "a.one.")).containsExactly("www.off.one.");
    assertThat(answer(server, 0, "b.one.")).containsExactly("www.on.one.", "192.0.2.3");
  }

  @Test
  void zonesOfNobodyAreOneTenant() {
    EmbeddedServer server =
        builder()
            .zone(zone("one.", "192.0.2.1", "a CNAME www.two.", "b CNAME www.three."))
            .zone(zone("two.", "192.0.2.2"))
            .zone(zone("three.", "192.0.2.3"), SUSPENDED, "public", false)
            .build();

    assertThat(answer(server, 0, "a.one.")).containsExactly("www.two.", "192.0.2.2");
    assertThat(answer(server, 0, "b.one.")).containsExactly("www.three.");
  }

  @Test
  void aliasOfAPrivateZoneIsFollowedInItsViewAndOverThePublicOne() {
    EmbeddedServer server =
        builder()
            .zone(zone("target.", "192.0.2.1"), ONE, "public", false)
            .zone(zone("target.", "192.0.2.2"), ONE, "inside", false)
            .zone(zone("shared.", "192.0.2.4"), ONE, "public", false)
            .zone(
                zone("in.", "192.0.2.3", "a CNAME www.target.", "b CNAME www.shared."),
                ONE,
                "inside",
                false)
            .build();

    assertThat(answer(server, 1, "a.in.")).containsExactly("www.target.", "192.0.2.2");
    assertThat(answer(server, 1, "b.in.")).containsExactly("www.shared.", "192.0.2.4");
  }

  @Test
  @Tag("rfc6672")
  void synthesizedAliasDoesNotCrossTenantsEither() {
    EmbeddedServer server =
        builder()
            .zone(zone("one.", "192.0.2.1", "d DNAME two."), ONE, "public", false)
            .zone(zone("two.", "192.0.2.2"), TWO, "public", false)
            .build();

    assertThat(ask(server, 0, "www.d.one.", RecordType.A).answer())
        .extracting(Record::getType)
        .containsExactly(39, 5);
  }
}
