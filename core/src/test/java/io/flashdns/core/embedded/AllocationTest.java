package io.flashdns.core.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Protocol;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A query in steady state allocates nothing: octets of this thread, over thousands of rounds, for
 * each kind of answer.
 */
final class AllocationTest {
  private static final int ROUNDS = 5_000;

  private static final String ZONE =
      """
      $ORIGIN example.
      $TTL 3600
      @        SOA   ns hostmaster 1 7200 3600 1209600 300
      @        NS    ns
      @        MX    10 mail
      @        MX    20 mail2
      ns       A     192.0.2.53
      mail     A     192.0.2.25
      www      A     192.0.2.80
      www      AAAA  2001:db8::80
      www      TXT   "text"
      alias1   CNAME alias2
      alias2   CNAME alias3
      alias3   CNAME www.other.
      loop     CNAME loop
      *.wild   A     192.0.2.1
      dname    DNAME wild
      cut      NS    ns1.cut
      cut      NS    ns2.cut
      cut      NS    ns
      ns1.cut  A     192.0.2.2
      ns2.cut  AAAA  2001:db8::2
      svc      HTTPS 1 mail alpn=h2
      a.b.c.d  A     192.0.2.3
      """
          + large();

  private static final String OTHER =
      """
      $ORIGIN other.
      @   3600 SOA   ns hostmaster 1 7200 3600 1209600 300
      @   3600 NS    ns
      ns  3600 A     192.0.2.54
      www 3600 A     192.0.2.81
      """;

  private static String large() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      text.append("large MX ").append(i).append(" host").append(i).append('\n');
    }
    return text.toString();
  }

  private static String signed(String name) {
    try {
      return Files.readString(ScenarioRun.folder().resolve("zones").resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final EmbeddedServer SERVER =
      EmbeddedServer.builder()
          .zone(ZONE)
          .zone(OTHER)
          .zone(signed("nsec.zone"))
          .zone(signed("nsec3.zone"))
          .plugin(
              new OptionPlugin(), new OptionPlugin.Config(EdnsOption.NSID, new byte[] {'n', 's'}))
          .build();

  /**
   * Octets that rounds of a query allocate in steady state: the least of a few runs. What the
   * runtime allocates once, for a class it loads or code it compiles anew, falls into one of them;
   * what a query allocates falls into all.
   */
  private static long allocated(byte[] message, int rounds) {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 5 && least > 0; i++) {
      least = Math.min(least, SERVER.allocatedBytes(message, rounds));
    }
    return least;
  }

  static Stream<Arguments> plain() {
    List<Arguments> all = new ArrayList<>();
    query(all, "hit", "www.example.", RecordType.A, 0, Rcode.NOERROR);
    query(all, "hit in another case", "WWW.EXAMPLE.", RecordType.AAAA, 0, Rcode.NOERROR);
    query(all, "NODATA", "www.example.", RecordType.SRV, 0, Rcode.NOERROR);
    query(all, "empty non-terminal", "c.d.example.", RecordType.A, 0, Rcode.NOERROR);
    query(all, "NXDOMAIN", "no.such.example.", RecordType.A, 0, Rcode.NXDOMAIN);
    query(all, "referral", "www.cut.example.", RecordType.A, 0, Rcode.NOERROR);
    query(all, "chain over zones", "alias1.example.", RecordType.A, 0, Rcode.NOERROR);
    query(all, "chain to no such type", "alias1.example.", RecordType.MX, 0, Rcode.NOERROR);
    query(all, "loop", "loop.example.", RecordType.A, 0, Rcode.NOERROR);
    query(all, "wildcard", "x.y.wild.example.", RecordType.A, 0, Rcode.NOERROR);
    query(all, "DNAME", "x.dname.example.", RecordType.A, 0, Rcode.NOERROR);
    query(all, "MX", "example.", RecordType.MX, 0, Rcode.NOERROR);
    query(all, "SOA", "example.", RecordType.SOA, 0, Rcode.NOERROR);
    query(all, "NS", "example.", RecordType.NS, 0, Rcode.NOERROR);
    query(all, "ANY", "www.example.", RecordType.ANY, 0, Rcode.NOERROR);
    query(all, "HTTPS", "svc.example.", RecordType.HTTPS, 0, Rcode.NOERROR);
    query(all, "DS", "cut.example.", RecordType.DS, 0, Rcode.NOERROR);
    query(all, "REFUSED", "elsewhere.", RecordType.A, 0, Rcode.REFUSED);
    query(all, "meta type", "www.example.", RecordType.TKEY, 0, Rcode.FORMERR);
    query(all, "AXFR", "example.", RecordType.AXFR, 0, Rcode.REFUSED);
    query(all, "truncated", "large.example.", RecordType.MX, 1_232, Rcode.NOERROR);
    query(all, "EDNS", "www.example.", RecordType.A, 1_232, Rcode.NOERROR);
    query(
        all, "EDNS REFUSED with extended error", "elsewhere.", RecordType.A, 1_232, Rcode.REFUSED);
    return all.stream();
  }

  private static void query(
      List<Arguments> all, String what, String name, int type, int payload, int rcode) {
    byte[] message =
        payload < 512
            ? EmbeddedServer.question(name, type)
            : EmbeddedServer.question(name, type, payload, false);
    all.add(Arguments.of(what, message, rcode));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("plain")
  void answerAllocatesNothing(String what, byte[] message, int rcode) {
    for (Protocol protocol : Protocol.values()) {
      byte[] reply = SERVER.over(protocol).ask(message);
      assertThat(StrictReply.of(message, reply, protocol).rcode()).as(what).isEqualTo(rcode);
      assertThat(allocated(message, ROUNDS)).as("%s over %s", what, protocol).isZero();
    }
  }

  static Stream<Arguments> signed() {
    List<Arguments> all = new ArrayList<>();
    for (String zone : List.of("nsec.test.", "nsec3.test.")) {
      for (String name :
          List.of(
              "mail.",
              "no.",
              "x.y.no.",
              "x.wild.",
              "x.wildalias.",
              "ent.",
              "insecure.",
              "a.secure.",
              "x.dname.",
              "")) {
        for (int type : new int[] {RecordType.A, RecordType.TXT, RecordType.DNSKEY}) {
          all.add(
              Arguments.of(
                  name + zone + " " + type,
                  EmbeddedServer.question(name + zone, type, 1_232, true)));
        }
      }
    }
    return all.stream();
  }

  /**
   * The digest of a name in an NSEC3 zone is made by the runtime's SHA-1, which allocates nothing
   * either.
   */
  @ParameterizedTest(name = "{0}")
  @MethodSource("signed")
  void signedAnswerAllocatesNothing(String what, byte[] message) {
    byte[] reply = SERVER.over(Protocol.UDP).ask(message);
    StrictReply.of(message, reply, Protocol.UDP);

    assertThat(allocated(message, 2_000)).as(what).isZero();
  }

  @Test
  void badMessagesAllocateNothing() {
    byte[] good = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
    byte[] cut = java.util.Arrays.copyOf(good, 20);
    byte[] trailing = java.util.Arrays.copyOf(good, good.length + 1);
    byte[] version = good.clone();
    version[good.length - 5] = 1;
    byte[] opcode = good.clone();
    opcode[2] = 0x78;
    byte[] response = good.clone();
    response[2] = (byte) 0x80;
    for (byte[] bad :
        List.of(cut, trailing, version, opcode, response, new byte[12], new byte[5], new byte[0])) {
      assertThat(allocated(bad, ROUNDS)).isZero();
    }
  }

  @Test
  void nsidAllocatesNothing() {
    byte[] plain = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
    byte[] message = java.util.Arrays.copyOf(plain, plain.length + 4);
    Wire.put16(message, plain.length - 2, 4);
    Wire.put16(message, plain.length, 3);
    assertThat(StrictReply.of(message, SERVER.ask(message), Protocol.UDP).opt()).isNotNull();

    assertThat(allocated(message, ROUNDS)).isZero();
  }

  @Test
  void largeAnswerOverTcpAllocatesNothing() {
    byte[] message = EmbeddedServer.question("large.example.", RecordType.MX);
    byte[] reply = SERVER.over(Protocol.TCP).ask(message);
    assertThat(StrictReply.of(message, reply, Protocol.TCP).answer()).hasSize(1_000);
    assertThat(reply.length).isGreaterThan(16_384);

    assertThat(allocated(message, 1_000)).isZero();
    SERVER.over(Protocol.UDP);
  }

  @Test
  void measureSeesAnAllocation() {
    EmbeddedServer allocating =
        EmbeddedServer.builder()
            .plugin(new AllocatingPlugin(), new AllocatingPlugin.Config())
            .build();

    assertThat(allocating.allocatedBytes(EmbeddedServer.question("a.", 1), 1_000))
        .isGreaterThanOrEqualTo(1_000 * 16L);
  }

  /** Allocates for each query, so that the measure is known to measure. */
  private static final class AllocatingPlugin
      implements io.flashdns.core.plugin.PluginFactory<AllocatingPlugin.Config> {
    record Config() {}

    private static volatile byte[] sink = new byte[0];

    @Override
    public String name() {
      return "allocating";
    }

    @Override
    public int spiVersion() {
      return SPI_VERSION;
    }

    @Override
    public Class<Config> configType() {
      return Config.class;
    }

    @Override
    public io.flashdns.core.plugin.Plugin create(
        Config config, io.flashdns.core.plugin.PluginContext context) {
      return worker ->
          List.of(
              (io.flashdns.core.plugin.Observer)
                  (query, response, sent) -> sink = new byte[sink.length == 8 ? 9 : 8]);
    }
  }
}
