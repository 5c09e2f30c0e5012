package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Zone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** The addresses of an answer turned round, and nothing else touched. */
@Tag("rfc1034")
final class AddressRotationTest {
  private static final String ZONE =
      """
      $ORIGIN example.
      $TTL 60
      @      SOA   ns hostmaster 1 7200 3600 1209600 300
      @      NS    ns
      ns     A     192.0.2.53
      one    A     192.0.2.1
      two    A     192.0.2.1
      two    A     192.0.2.2
      five   A     192.0.2.1
      five   A     192.0.2.2
      five   A     192.0.2.3
      five   A     192.0.2.4
      five   A     192.0.2.5
      six    AAAA  2001:db8::1
      six    AAAA  2001:db8::2
      six    AAAA  2001:db8::3
      chain  CNAME a.chain
      a.chain CNAME b.other
      b.other CNAME five
      both   A     192.0.2.1
      both   A     192.0.2.2
      both   AAAA  2001:db8::1
      both   AAAA  2001:db8::2
      both   AAAA  2001:db8::3
      both   TXT   "text"
      mail   MX    10 one
      mail   MX    10 two
      mail   MX    10 five
      signed A     192.0.2.1
      signed A     192.0.2.2
      signed A     192.0.2.3
      signed RRSIG A 13 2 60 20380101000000 20200101000000 1 example. c2lnbmF0dXJl
      """;

  private static EmbeddedServer rotating(int steps) {
    return with(
        (Shaper)
            (_, response) -> {
              response.rotateAddresses(steps);
              return Verdict.CONTINUE;
            });
  }

  private static EmbeddedServer with(Hook hook) {
    return EmbeddedServer.builder()
        .zone(ZONE)
        .plugin(TestPlugin.of("rotate", hook), TestPlugin.CONFIG)
        .build();
  }

  private static List<String> answer(EmbeddedServer server, String name, int type) {
    return texts(answers(server, name, type));
  }

  private static List<Record> answers(EmbeddedServer server, String name, int type) {
    byte[] message = EmbeddedServer.question(name, type, 1_232, true);
    StrictReply reply = SmallServer.ask(server, message, Protocol.TCP);
    assertThat(server.counters().faults()).isZero();
    return reply.answer();
  }

  private static List<String> texts(List<Record> records) {
    return records.stream().map(Record::rdataToString).toList();
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 2, 3, 4, 5, 6, 29, -1, -2, -5, -6, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void recordAtTheStepsComesFirstAndTheOthersFollowInTheirOrder(int steps) {
    List<String> plain = answer(rotating(0), "five.example.", RecordType.A);
    List<String> wanted = new ArrayList<>(plain);
    Collections.rotate(wanted, -Math.floorMod(steps, 5));

    assertThat(plain).hasSize(5);
    assertThat(answer(rotating(steps), "five.example.", RecordType.A)).isEqualTo(wanted);
    assertThat(wanted.getFirst()).isEqualTo(plain.get(Math.floorMod(steps, 5)));
  }

  @Test
  void addressesOfIpv6AreTurnedWhole() {
    List<String> plain = answer(rotating(0), "six.example.", RecordType.AAAA);
    List<String> wanted = new ArrayList<>(plain);
    Collections.rotate(wanted, -1);

    assertThat(plain).hasSize(3);
    assertThat(answer(rotating(1), "six.example.", RecordType.AAAA)).isEqualTo(wanted);
  }

  @Test
  void addressesBehindAChainOfAliasesAreTurnedAndTheAliasesStay() {
    List<Record> plain = answers(rotating(0), "chain.example.", RecordType.A);
    List<Record> turned = answers(rotating(2), "chain.example.", RecordType.A);

    assertThat(plain).hasSize(8);
    assertThat(turned.subList(0, 3)).isEqualTo(plain.subList(0, 3));
    List<Record> wanted = new ArrayList<>(plain.subList(3, 8));
    Collections.rotate(wanted, -2);
    assertThat(turned.subList(3, 8)).isEqualTo(wanted);
  }

  @Test
  void signaturesStayBehindTheirAddresses() {
    List<Record> plain = answers(rotating(0), "signed.example.", RecordType.A);
    List<Record> turned = answers(rotating(1), "signed.example.", RecordType.A);

    assertThat(plain).extracting(Record::getType).containsExactly(1, 1, 1, Type.RRSIG);
    assertThat(turned).extracting(Record::getType).containsExactly(1, 1, 1, Type.RRSIG);
    assertThat(turned.get(3)).isEqualTo(plain.get(3));
    assertThat(turned.getFirst()).isEqualTo(plain.get(1));
    assertThat(turned).containsExactlyInAnyOrderElementsOf(plain);
  }

  @Test
  void eachTypeIsTurnedForItself() {
    List<Record> plain = answers(rotating(0), "both.example.", RecordType.ANY);
    List<Record> turned = answers(rotating(1), "both.example.", RecordType.ANY);

    assertThat(plain).extracting(Record::getType).containsExactly(1, 1, 16, 28, 28, 28);
    assertThat(turned).extracting(Record::getType).containsExactly(1, 1, 16, 28, 28, 28);
    assertThat(texts(turned.subList(0, 2)))
        .containsExactly(plain.get(1).rdataToString(), plain.get(0).rdataToString());
    assertThat(texts(turned.subList(3, 6)))
        .containsExactly(
            plain.get(4).rdataToString(),
            plain.get(5).rdataToString(),
            plain.get(3).rdataToString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"one.example. 1", "mail.example. 15", "no.example. 1", "example. 6"})
  void whatHasNoTwoAddressesIsNotTouched(String question) {
    String[] words = question.split(" ");
    byte[] message = EmbeddedServer.question(words[0], Integer.parseInt(words[1]), 1_232, true);

    assertThat(rotating(1).ask(message)).isEqualTo(rotating(0).ask(message));
  }

  @Test
  void additionalAddressesStay() {
    byte[] message = EmbeddedServer.question("example.", RecordType.NS);

    assertThat(rotating(1).ask(message)).isEqualTo(EmbeddedServer.serving(ZONE).ask(message));
  }

  /**
   * Behind 16 KiB no pointer reaches an owner: each record has it whole. Before that the first has
   * it and the others point there.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 100, 20_000})
  void ownersThatAreWrittenOutDoNotDisturb(int octetsBefore) {
    byte[] before = new byte[octetsBefore];
    for (int steps = 0; steps < 5; steps++) {
      int by = steps;
      List<Record> answer =
          answers(
              with(
                  (Answerer)
                      (query, response) -> {
                        Zone zone = query.zone();
                        assertThat(zone).isNotNull();
                        NameKey name = new NameKey(query.catalog().hash());
                        name.set(DomainName.parse("five.example.").wire(), 0);
                        int node = zone.find(name);
                        response.addRecord(Section.ANSWER, 12, 65_280, 1, before, 0, before.length);
                        assertThat(
                                response.addRrset(
                                    Section.ANSWER,
                                    zone,
                                    node,
                                    zone.rrset(node, RecordType.A),
                                    Response.OWN_NAME))
                            .isTrue();
                        response.rotateAddresses(by);
                        return Verdict.RESPOND;
                      }),
              "one.example.",
              RecordType.A);

      assertThat(answer).hasSize(6);
      List<Record> addresses = answer.subList(1, 6);
      assertThat(addresses).extracting(r -> r.getName().toString()).containsOnly("five.example.");
      assertThat(addresses.getFirst().rdataToString()).isEqualTo("192.0.2." + (1 + steps));
      assertThat(texts(addresses)).doesNotHaveDuplicates();
    }
  }

  @Test
  void twoRrsetsOfOneTypeSideBySideAreTurnedEachForItself() {
    byte[] address = {(byte) 192, 0, 2, 0};
    List<Record> answer =
        answers(
            with(
                (Answerer)
                    (_, response) -> {
                      for (int owner : new int[] {12, 12, 16, 16, 16}) {
                        address[3]++;
                        response.addRecord(Section.ANSWER, owner, 1, 5, address, 0, 4);
                      }
                      address[3] = 0;
                      response.rotateAddresses(1);
                      return Verdict.RESPOND;
                    }),
            "one.example.",
            RecordType.A);

    assertThat(texts(answer))
        .containsExactly("192.0.2.2", "192.0.2.1", "192.0.2.4", "192.0.2.5", "192.0.2.3");
  }

  @Test
  void turnedReplyDiffersFromThePlainOneInItsAddressesAlone() {
    byte[] message = EmbeddedServer.question("five.example.", RecordType.A, 1_232, false);
    byte[] plain = rotating(0).ask(message);
    byte[] turned = rotating(3).ask(message);

    assertThat(turned).hasSameSizeAs(plain);
    int first = message.length - 11 + 12;
    for (int i = 0; i < plain.length; i++) {
      boolean address = i >= first && i < first + 5 * 16 && (i - first) % 16 < 4;
      if (!address) {
        assertThat(turned[i]).as("octet %d", i).isEqualTo(plain[i]);
      }
    }
    assertThat(Wire.u16(turned, Wire.ANCOUNT)).isEqualTo(5);
    assertThat(Arrays.equals(plain, turned)).isFalse();
  }
}
