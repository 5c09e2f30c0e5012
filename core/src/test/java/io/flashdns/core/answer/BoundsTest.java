package io.flashdns.core.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Protocol;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** What a hostile zone can make of one query: answers stay within their limits, and right. */
final class BoundsTest {
  private static final String APEX =
      """
      $TTL 3600
      @ SOA ns.elsewhere.test. hostmaster.elsewhere.test. 1 7200 3600 1209600 300
      @ NS ns.elsewhere.test.
      """;

  private static String zone(String apex, String... lines) {
    return "$ORIGIN " + apex + "\n" + APEX + String.join("\n", lines) + "\n";
  }

  private static StrictReply ask(
      EmbeddedServer server, Protocol protocol, String name, int type, boolean dnssecOk) {
    byte[] message = EmbeddedServer.question(name, type, 1_232, dnssecOk);
    StrictReply reply = StrictReply.of(message, server.over(protocol).ask(message), protocol);
    assertThat(server.counters().faults()).isZero();
    return reply;
  }

  @Test
  void chainEndsAfterElevenAliases() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      lines.append("a").append(i).append(" CNAME a").append(i + 1).append('\n');
    }
    EmbeddedServer server =
        EmbeddedServer.serving(zone("example.", lines.toString(), "a30 A 192.0.2.1"));

    StrictReply reply = ask(server, Protocol.TCP, "a0.example.", RecordType.A, false);
    assertThat(reply.rcode()).isEqualTo(Rcode.NOERROR);
    assertThat(reply.answer()).hasSize(AuthoritativeAnswerer.MAX_CHAIN);
    assertThat(reply.authority()).isEmpty();
    assertThat(reply.has(Wire.TC)).isFalse();
    assertThat(ask(server, Protocol.TCP, "a18.example.", RecordType.A, false).answer()).hasSize(11);
    assertThat(ask(server, Protocol.TCP, "a19.example.", RecordType.A, false).answer()).hasSize(11);
    assertThat(
            ask(server, Protocol.TCP, "a20.example.", RecordType.A, false)
                .answer()
                .getLast()
                .getType())
        .isEqualTo(Type.A);
  }

  @Test
  void wildcardThatPointsBelowItselfEndsToo() {
    EmbeddedServer server =
        EmbeddedServer.serving(zone("example.", "*.w CNAME a.b.w", "*.x CNAME y.*.x"));

    assertThat(ask(server, Protocol.TCP, "q.w.example.", RecordType.A, false).answer()).hasSize(2);
    assertThat(ask(server, Protocol.TCP, "q.x.example.", RecordType.A, false).rcode())
        .isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void proofsOfAWholeChainOfWildcardsFit() {
    String[] zones = new String[11];
    for (int i = 0; i < 11; i++) {
      String next = i == 10 ? "gone" : "q.w.z" + (i + 1) + ".";
      zones[i] =
          zone(
              "z" + i + ".",
              "*.w CNAME " + next,
              "@ NSEC *.w NS SOA RRSIG NSEC",
              "*.w NSEC @ CNAME RRSIG NSEC",
              "gone.w NSEC @ A RRSIG NSEC",
              i == 10 ? "gone.w A 192.0.2.1" : "gone.w TXT t");
    }
    EmbeddedServer server = EmbeddedServer.serving(zones);

    StrictReply reply = ask(server, Protocol.TCP, "a.w.z0.", RecordType.A, true);
    assertThat(reply.answer()).hasSize(11);
    Set<String> proofs = new HashSet<>();
    for (Record record : reply.authority()) {
      if (record.getType() == Type.NSEC) {
        assertThat(proofs.add(record.getName().toString())).as("each once").isTrue();
      }
    }
    // One for each of the eleven wildcards: the chain ends there.
    assertThat(proofs).hasSize(11);
  }

  @Test
  void deepestNameOfADeepZoneIsAnswered() {
    String deep = "a.".repeat(125);
    EmbeddedServer server =
        EmbeddedServer.serving(zone("x.", deep.substring(0, deep.length() - 1) + " A 192.0.2.1"));

    assertThat(ask(server, Protocol.UDP, "b." + deep + "x.", RecordType.A, false).rcode())
        .isEqualTo(Rcode.NXDOMAIN);
    assertThat(
            ask(server, Protocol.UDP, "b." + deep.substring(4) + "b.x.", RecordType.A, false)
                .rcode())
        .isEqualTo(Rcode.NXDOMAIN);
    assertThat(ask(server, Protocol.UDP, deep + "x.", RecordType.A, false).answer()).hasSize(1);
    assertThat(ask(server, Protocol.UDP, deep.substring(2) + "x.", RecordType.A, false).rcode())
        .isEqualTo(Rcode.NOERROR);
  }

  @Test
  void largestRrsetsAreAnsweredOverTcpAndTruncatedOverUdp() {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 3_800; i++) {
      lines.append("a A 10.0.").append(i / 256).append('.').append(i % 256).append('\n');
    }
    for (int i = 0; i < 228; i++) {
      lines.append("t TXT \"").append("%03d".formatted(i)).append("x".repeat(252)).append("\"\n");
    }
    lines
        .append("t RRSIG TXT 8 2 3600 20360101000000 20260101000000 1 example. ")
        .append("A".repeat(680))
        .append("\n");
    for (int i = 0; i < 1_300; i++) {
      lines.append("n NS host").append(i).append(".n\nhost").append(i).append(".n A 192.0.2.1\n");
    }
    EmbeddedServer server =
        EmbeddedServer.serving(zone("example.", lines.toString(), "far CNAME n", "toa CNAME a"));

    assertThat(ask(server, Protocol.TCP, "a.example.", RecordType.A, false).answer())
        .hasSize(3_800);
    assertThat(ask(server, Protocol.TCP, "toa.example.", RecordType.A, false).answer())
        .hasSize(3_801);
    StrictReply text = ask(server, Protocol.TCP, "t.example.", RecordType.TXT, true);
    assertThat(text.answer()).hasSize(229);
    assertThat(text.has(Wire.TC)).isFalse();
    for (String name : List.of("x.n.example.", "far.example.")) {
      StrictReply referral = ask(server, Protocol.TCP, name, RecordType.A, true);
      assertThat(referral.length()).isLessThanOrEqualTo(65_535);
      assertThat(referral.authority()).hasSize(1_300);
      assertThat(referral.has(Wire.TC)).isEqualTo(referral.additional().size() < 1_300);
    }
    for (String name :
        List.of("a.example.", "t.example.", "n.example.", "far.example.", "toa.example.")) {
      for (int type : new int[] {RecordType.A, RecordType.TXT, RecordType.ANY}) {
        for (boolean dnssecOk : new boolean[] {false, true}) {
          // The strict reader holds the length against what was offered.
          ask(server, Protocol.UDP, name, type, dnssecOk);
          ask(server, Protocol.TCP, name, type, dnssecOk);
        }
      }
    }
    assertThat(ask(server, Protocol.UDP, "a.example.", RecordType.A, false).has(Wire.TC)).isTrue();
    assertThat(ask(server, Protocol.UDP, "a.example.", RecordType.A, false).answer()).isEmpty();
  }

  @Test
  void anyOfManyLargeRrsetsIsTruncatedOverTcp() {
    StringBuilder lines = new StringBuilder();
    for (int type = 65_280; type < 65_290; type++) {
      for (int i = 0; i < 50; i++) {
        lines
            .append("big TYPE")
            .append(type)
            .append(" \\# 200 ")
            .append("%04x".formatted(i))
            .append("00".repeat(198))
            .append('\n');
      }
    }
    EmbeddedServer server = EmbeddedServer.serving(zone("example.", lines.toString()));

    StrictReply reply = ask(server, Protocol.TCP, "big.example.", RecordType.ANY, false);
    assertThat(reply.has(Wire.TC)).isTrue();
    assertThat(reply.length()).isBetween(40_000, 65_535);
    assertThat(reply.answer()).hasSize(300);
  }

  @Test
  void recordsBehindSixteenKibibytesAreReadBackRight() {
    // Glue and proofs that stand where no pointer reaches, with several records and signatures
    // each.
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 600; i++) {
      lines.append("cut NS a-name-server-").append(i).append(".cut\n");
    }
    for (int i = 0; i < 600; i++) {
      lines.append("a-name-server-").append(i).append(".cut A 192.0.2.1\n");
      lines.append("a-name-server-").append(i).append(".cut A 192.0.2.2\n");
    }
    lines.append("@ NSEC cut NS SOA RRSIG NSEC\ncut NSEC @ NS RRSIG NSEC\n");
    for (int key = 1; key <= 2; key++) {
      lines
          .append("cut RRSIG NSEC 13 2 3600 20360101000000 20260101000000 ")
          .append(key)
          .append(" example. AAAA\n");
    }
    EmbeddedServer server =
        EmbeddedServer.serving(
            zone("example.", lines.toString(), "alias CNAME x.cut"),
            zone("other.", "a CNAME x.cut.example."));

    for (String name : List.of("x.cut.example.", "alias.example.", "a.other.")) {
      StrictReply reply = ask(server, Protocol.TCP, name, RecordType.A, true);
      assertThat(reply.length()).isGreaterThan(20_000);
      assertThat(reply.authority().stream().filter(record -> record.getType() == Type.NS))
          .hasSize(600);
      assertThat(reply.authority().stream().filter(record -> record.getType() == Type.NSEC))
          .hasSize(1);
      List<Record> signatures =
          reply.authority().stream().filter(record -> record.getType() == Type.RRSIG).toList();
      assertThat(signatures)
          .hasSize(2)
          .allMatch(record -> record.getName().toString().equals("cut.example."));
      assertThat(reply.additional()).hasSizeGreaterThan(600);
      assertThat(reply.additional())
          .allMatch(
              record ->
                  record.getName().toString().matches("a-name-server-\\d+\\.cut\\.example\\."))
          .allMatch(record -> record.getType() == Type.A);
    }
  }

  @Test
  void nothingIsLostToLongNames() {
    // The apex, the owner and the target take 250 octets each; another zone's records are written
    // with whole names.
    String label = "l".repeat(60);
    String apex = String.join(".", label, label, label) + ".";
    EmbeddedServer server =
        EmbeddedServer.serving(
            zone(
                apex,
                "x".repeat(60) + " A 192.0.2.1",
                "*." + "w".repeat(50) + " CNAME " + "x".repeat(60)),
            zone(
                "z.",
                "a CNAME " + "x".repeat(60) + "." + apex,
                "b CNAME no." + apex,
                "c DNAME " + apex));

    assertThat(ask(server, Protocol.UDP, "a.z.", RecordType.A, false).answer()).hasSize(2);
    assertThat(ask(server, Protocol.UDP, "b.z.", RecordType.A, false).rcode())
        .isEqualTo(Rcode.NXDOMAIN);
    assertThat(ask(server, Protocol.UDP, "x".repeat(60) + ".c.z.", RecordType.A, false).answer())
        .hasSize(3);
    assertThat(
            ask(
                    server,
                    Protocol.UDP,
                    "y.".repeat(7) + "w".repeat(50) + "." + apex,
                    RecordType.A,
                    false)
                .answer())
        .hasSize(2);
    assertThat(ask(server, Protocol.UDP, "x".repeat(60) + ".no.c.z.", RecordType.A, false).rcode())
        .isEqualTo(Rcode.NXDOMAIN);
    assertThat(
            ask(
                    server,
                    Protocol.UDP,
                    "x".repeat(60) + "." + "y".repeat(30) + ".c.z.",
                    RecordType.A,
                    false)
                .rcode())
        .isEqualTo(Rcode.YXDOMAIN);
  }
}
