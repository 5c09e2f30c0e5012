package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Protocol;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Record;
import org.xbill.DNS.TSIGRecord;

/**
 * What each kind of malformed or unusual message is answered with; whatever it is, no hook may have
 * thrown.
 */
final class BadPacketTest {
  private static final int SILENCE = -1;

  private final EmbeddedServer server =
      EmbeddedServer.serving(
          """
          $ORIGIN example.
          $TTL 3600
          @     SOA   ns hostmaster 1 7200 3600 1209600 300
          @     NS    ns
          ns    A     192.0.2.53
          www   A     192.0.2.80
          alias CNAME www
          *.w   TXT   "wild"
          cut   NS    ns.cut
          ns.cut A    192.0.2.1
          d     DNAME www
          """);

  @AfterEach
  void noHookThrew() {
    assertThat(server.counters().faults()).isZero();
  }

  /**
   * The response code, held against the rules for every reply; {@link #SILENCE} when there is none.
   */
  private int rcode(byte[] message) {
    int code = rcode(message, Protocol.UDP);
    assertThat(rcode(message, Protocol.TCP)).as("over TCP").isEqualTo(code);
    return code;
  }

  private int rcode(byte[] message, Protocol protocol) {
    byte[] reply = server.over(protocol).ask(message);
    return reply.length == 0 ? SILENCE : StrictReply.of(message, reply, protocol).rcode();
  }

  private static byte[] plain() {
    return EmbeddedServer.question("www.example.", RecordType.A);
  }

  private static byte[] edns() {
    return EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
  }

  private static byte[] with16(byte[] message, int offset, int value) {
    byte[] changed = message.clone();
    Wire.put16(changed, offset, value);
    return changed;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A record: owner in wire form, type, class, TTL zero, data. */
  private static byte[] record(byte[] owner, int type, int recordClass, byte... data) {
    byte[] fixed = new byte[10];
    Wire.put16(fixed, 0, type);
    Wire.put16(fixed, 2, recordClass);
    Wire.put16(fixed, 8, data.length);
    return join(owner, fixed, data);
  }

  private static byte[] withAdditional(byte[]... records) {
    return join(with16(plain(), Wire.ARCOUNT, records.length), join(records));
  }

  private static byte[] opt(byte... options) {
    return record(new byte[1], RecordType.OPT, 1_232, options);
  }

  @Test
  void goodMessageIsAnswered() {
    assertThat(rcode(plain())).isEqualTo(Rcode.NOERROR);
    assertThat(rcode(edns())).isEqualTo(Rcode.NOERROR);
    assertThat(rcode(withAdditional(opt()))).isEqualTo(Rcode.NOERROR);
  }

  @Test
  void messageShorterThanAHeaderGetsSilence() {
    for (int length = 0; length < Wire.HEADER_BYTES; length++) {
      assertThat(rcode(Arrays.copyOf(plain(), length))).isEqualTo(SILENCE);
    }
    assertThat(server.counters().dropped()).isEqualTo(24);
    assertThat(server.counters().replies()).isZero();
  }

  @Test
  void responsesGetSilenceWhateverElseTheySay() {
    for (int flags = 0x8000; flags <= 0xffff; flags += 0x0011) {
      assertThat(rcode(with16(plain(), Wire.FLAGS, flags), Protocol.UDP)).isEqualTo(SILENCE);
    }
  }

  @Test
  void messageFromPortZeroGetsSilence() {
    server.from(0x7f000001, 0);

    assertThat(rcode(plain())).isEqualTo(SILENCE);
  }

  @Test
  void goodQueryCutShortAnywhereIsAFormatError() {
    for (byte[] whole :
        List.of(plain(), edns(), withAdditional(opt((byte) 0, (byte) 3, (byte) 0, (byte) 0)))) {
      for (int length = Wire.HEADER_BYTES; length < whole.length; length++) {
        assertThat(rcode(Arrays.copyOf(whole, length)))
            .as("%d of %d octets", length, whole.length)
            .isEqualTo(Rcode.FORMERR);
      }
    }
    assertThat(server.counters().malformed()).isEqualTo(server.counters().replies()).isPositive();
  }

  @Test
  void formatErrorIsAHeaderAlone() {
    byte[] reply = server.ask(Arrays.copyOf(plain(), 20));

    assertThat(reply).hasSize(12).startsWith(0, 1, 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  }

  @Test
  void octetsLeftOverAreAFormatError() {
    for (int extra = 1; extra < 20; extra++) {
      assertThat(rcode(Arrays.copyOf(plain(), plain().length + extra))).isEqualTo(Rcode.FORMERR);
      assertThat(rcode(Arrays.copyOf(edns(), edns().length + extra))).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  @Tag("rfc9619")
  void oneQuestionIsAsked() {
    for (int count : new int[] {0, 2, 3, 255, 256, 65_535}) {
      assertThat(rcode(with16(plain(), Wire.QDCOUNT, count))).isEqualTo(Rcode.FORMERR);
    }
    byte[] two =
        join(with16(plain(), Wire.QDCOUNT, 2), Arrays.copyOfRange(plain(), 12, plain().length));
    assertThat(rcode(two)).isEqualTo(Rcode.FORMERR);
    assertThat(rcode(new byte[12])).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void countsThatAreNotTrueAreFormatErrors() {
    for (int count : new int[] {1, 2, 3, 4, 255, 256, 32_767, 65_535}) {
      assertThat(rcode(with16(plain(), Wire.ANCOUNT, count))).isEqualTo(Rcode.FORMERR);
      assertThat(rcode(with16(plain(), Wire.NSCOUNT, count))).isEqualTo(Rcode.FORMERR);
      assertThat(rcode(with16(plain(), Wire.ARCOUNT, count))).isEqualTo(Rcode.FORMERR);
      assertThat(rcode(with16(edns(), Wire.ANCOUNT, count))).isEqualTo(Rcode.FORMERR);
      assertThat(rcode(with16(edns(), Wire.NSCOUNT, count))).isEqualTo(Rcode.FORMERR);
      assertThat(rcode(with16(edns(), Wire.ARCOUNT, count + 1))).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void answersAndAuthorityHaveNoPlaceInAQuery() {
    byte[] soa = record(new byte[1], RecordType.SOA, 1, new byte[22]);
    assertThat(rcode(join(with16(plain(), Wire.ANCOUNT, 1), soa))).isEqualTo(Rcode.FORMERR);
    assertThat(rcode(join(with16(plain(), Wire.NSCOUNT, 1), soa))).isEqualTo(Rcode.FORMERR);

    // But IXFR says with a SOA in authority what the asker has (RFC 1995 section 3): a query that
    // is refused.
    byte[] ixfr = EmbeddedServer.question("example.", RecordType.IXFR);
    assertThat(rcode(join(with16(ixfr, Wire.NSCOUNT, 1), soa))).isEqualTo(Rcode.REFUSED);
    assertThat(rcode(join(with16(ixfr, Wire.ANCOUNT, 1), soa))).isEqualTo(Rcode.FORMERR);
    assertThat(rcode(with16(ixfr, Wire.NSCOUNT, 1))).isEqualTo(Rcode.FORMERR);
  }

  @Test
  void pointersInTheQuestionAreFormatErrors() {
    for (int target : new int[] {0, 4, 11, 12, 13, 16, 30, 0x3fff}) {
      byte[] message = new byte[12 + 2 + 4];
      Wire.put16(message, Wire.QDCOUNT, 1);
      Wire.put16(message, 12, Wire.POINTER | target);
      Wire.put16(message, 14, 1);
      Wire.put16(message, 16, 1);
      assertThat(rcode(message)).isEqualTo(Rcode.FORMERR);
      // And behind a label.
      byte[] later = new byte[12 + 4 + 4];
      Wire.put16(later, Wire.QDCOUNT, 1);
      later[12] = 1;
      later[13] = 'a';
      Wire.put16(later, 14, Wire.POINTER | target);
      Wire.put16(later, 18, 1);
      assertThat(rcode(later)).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void otherLabelTypesAreFormatErrors() {
    for (int first = 0x40; first < 0xc0; first++) {
      byte[] message = plain();
      message[12] = (byte) first;
      assertThat(rcode(message, Protocol.UDP)).isEqualTo(Rcode.FORMERR);
      message = plain();
      message[16] = (byte) first;
      assertThat(rcode(message, Protocol.UDP)).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void nameOf256OctetsIsAFormatErrorAndOneOf255IsNot() {
    for (int octets = 250; octets <= 258; octets++) {
      byte[] name = new byte[octets];
      int at = 0;
      while (octets - 1 - at > 0) {
        int label = octets - 1 - at == 3 ? 2 : 1;
        name[at] = (byte) label;
        at += label + 1;
      }
      byte[] tail = {0, 1, 0, 1};
      byte[] header = with16(new byte[12], Wire.QDCOUNT, 1);
      assertThat(rcode(join(header, name, tail)))
          .as("%d octets", octets)
          .isEqualTo(octets <= 255 ? Rcode.REFUSED : Rcode.FORMERR);
    }
  }

  @Test
  @Tag("rfc6891")
  void optStandsOnceAndIsOwnedByTheRoot() {
    assertThat(rcode(withAdditional(opt(), opt()))).isEqualTo(Rcode.FORMERR);
    assertThat(rcode(withAdditional(record(new byte[] {1, 'a', 0}, RecordType.OPT, 1_232))))
        .isEqualTo(Rcode.FORMERR);
    // A pointer to the root label of the question says the same name, but not in one octet.
    int root = plain().length - 5;
    byte[] pointer = {(byte) 0xc0, (byte) root};
    assertThat(rcode(withAdditional(record(pointer, RecordType.OPT, 1_232))))
        .isEqualTo(Rcode.FORMERR);
    assertThat(rcode(withAdditional(opt(), record(pointer, RecordType.OPT, 1_232))))
        .isEqualTo(Rcode.FORMERR);
  }

  @Test
  @Tag("rfc6891")
  void optionsFillTheirRecordExactly() {
    assertThat(
            rcode(withAdditional(opt((byte) 0, (byte) 10, (byte) 0, (byte) 2, (byte) 7, (byte) 7))))
        .isEqualTo(Rcode.NOERROR);
    for (byte[] bad :
        List.of(
            new byte[] {0},
            new byte[] {0, 10},
            new byte[] {0, 10, 0},
            new byte[] {0, 10, 0, 1},
            new byte[] {0, 10, (byte) 0xff, (byte) 0xff},
            new byte[] {0, 10, 0, 1, 7, 0},
            new byte[] {0, 10, 0, 1, 7, 0, 3, 0},
            new byte[] {0, 10, 0, 1, 7, 0, 3, 0, 1})) {
      assertThat(rcode(withAdditional(opt(bad)))).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void recordLongerThanTheMessageIsAFormatError() {
    byte[] message = edns();
    for (int length : new int[] {1, 2, 255, 65_535}) {
      assertThat(rcode(with16(message, message.length - 2, length))).isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void ownersOfAdditionalRecordsMayPointBackwardsOnly() {
    int at = plain().length;
    byte[] backwards = {(byte) 0xc0, 12};
    assertThat(rcode(withAdditional(record(backwards, 1, 1, new byte[4]))))
        .isEqualTo(Rcode.NOERROR);
    for (int target : new int[] {0, 11, at, at + 1, at + 5, 0x3fff}) {
      byte[] owner = new byte[2];
      Wire.put16(owner, 0, Wire.POINTER | target);
      assertThat(rcode(withAdditional(record(owner, 1, 1, new byte[4]))))
          .as("pointer to %d", target)
          .isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void fourAdditionalRecordsAreTooMany() {
    byte[] other = record(new byte[1], 1, 1, new byte[4]);

    assertThat(rcode(withAdditional(other, opt(), other))).isEqualTo(Rcode.NOERROR);
    assertThat(rcode(withAdditional(other, other, other, opt()))).isEqualTo(Rcode.FORMERR);
  }

  private static byte[] tsig(String keyName, byte[] data) {
    return record(
        io.flashdns.core.dns.DomainName.parse(keyName).wire(), RecordType.TSIG, 255, data);
  }

  /** Algorithm, time, fudge, MAC, id, error, other data. */
  private static byte[] tsigData(int macBytes) {
    byte[] algorithm = io.flashdns.core.dns.DomainName.parse("hmac-sha256.").wire();
    byte[] size = new byte[2];
    Wire.put16(size, 0, macBytes);
    return join(
        algorithm,
        new byte[] {0, 0, 0x65, 1, 2, 3, 1, 44},
        size,
        new byte[macBytes],
        new byte[] {0, 1, 0, 0, 0, 0});
  }

  @Test
  @Tag("rfc8945")
  void unknownKeyIsToldSo() {
    for (byte[] before : List.of(new byte[0], opt())) {
      byte[] message =
          join(
              with16(plain(), Wire.ARCOUNT, before.length == 0 ? 1 : 2),
              before,
              tsig("Key.Example.", tsigData(32)));
      byte[] reply = server.over(Protocol.UDP).ask(message);
      StrictReply strict = StrictReply.of(message, reply, Protocol.UDP);

      assertThat(strict.rcode()).isEqualTo(Rcode.NOTAUTH);
      assertThat(strict.has(Wire.AA)).isFalse();
      assertThat(strict.answer()).isEmpty();
      Record last = strict.additional().getLast();
      assertThat(last).isInstanceOf(TSIGRecord.class);
      TSIGRecord tsig = (TSIGRecord) last;
      assertThat(tsig.getName()).hasToString("key.example.");
      assertThat(tsig.getAlgorithm()).hasToString("hmac-sha256.");
      assertThat(tsig.getError()).isEqualTo(17);
      assertThat(tsig.getSignature()).isEmpty();
      assertThat(tsig.getTTL()).isZero();
      assertThat(tsig.getDClass()).isEqualTo(255);
      assertThat(tsig.getOriginalID()).isEqualTo(1);
      assertThat(tsig.getTimeSigned().getEpochSecond()).isEqualTo(0x65010203L);
    }
  }

  @Test
  @Tag("rfc8945")
  void tsigStandsLastAndOnce() {
    byte[] tsig = tsig("key.", tsigData(32));
    assertThat(rcode(withAdditional(tsig, opt()))).isEqualTo(Rcode.FORMERR);
    assertThat(rcode(withAdditional(tsig, tsig))).isEqualTo(Rcode.FORMERR);
  }

  @Test
  @Tag("rfc8945")
  void tsigThatCannotBeReadIsAFormatError() {
    byte[] data = tsigData(32);
    for (int length = 0; length < data.length; length++) {
      assertThat(rcode(withAdditional(tsig("key.", Arrays.copyOf(data, length)))))
          .as("%d octets", length)
          .isEqualTo(Rcode.FORMERR);
    }
    assertThat(rcode(withAdditional(tsig("key.", join(data, new byte[1])))))
        .isEqualTo(Rcode.FORMERR);
  }

  @Test
  void everyOpcodeIsAnsweredByItsRule() {
    for (int opcode = 0; opcode < 16; opcode++) {
      int wanted =
          switch (opcode) {
            case 0 -> Rcode.NOERROR;
            case 4, 5 -> Rcode.REFUSED;
            default -> Rcode.NOTIMP;
          };
      assertThat(rcode(with16(plain(), Wire.FLAGS, opcode << 11)))
          .as("opcode %d", opcode)
          .isEqualTo(wanted);
      // Other kinds of query have bodies of their own: nothing is said about them.
      assertThat(rcode(with16(Arrays.copyOf(plain(), 15), Wire.FLAGS, opcode << 11)))
          .isEqualTo(opcode == 0 ? Rcode.FORMERR : wanted);
    }
  }

  @Test
  @Tag("rfc6891")
  void otherKindsOfQueryGetTheirQuestionAndOptBackWhereTheyCanBeRead() {
    for (int opcode = 1; opcode < 16; opcode++) {
      byte[] message = with16(edns(), Wire.FLAGS, opcode << 11);
      StrictReply reply = StrictReply.of(message, server.ask(message), Protocol.UDP);
      assertThat(reply.questions()).isEqualTo(1);
      assertThat(reply.opt()).isNotNull();
      byte[] cut = with16(Arrays.copyOf(edns(), 20), Wire.FLAGS, opcode << 11);
      assertThat(server.ask(cut)).hasSize(12);
    }
  }

  @Test
  void flagsOfAQueryChangeNothing() {
    for (int flags = 0; flags < 0x0800; flags++) {
      assertThat(rcode(with16(plain(), Wire.FLAGS, flags), Protocol.UDP)).isEqualTo(Rcode.NOERROR);
    }
  }

  @Test
  void everyClassButTheInternetIsRefused() {
    byte[] message = plain();
    for (int recordClass = 0; recordClass <= 0xffff; recordClass++) {
      Wire.put16(message, message.length - 2, recordClass);
      int reply = server.exchange(message, message.length);
      assertThat(reply).isPositive();
      assertThat(server.reply()[3] & 15)
          .isEqualTo(recordClass == 1 ? Rcode.NOERROR : Rcode.REFUSED);
    }
  }

  @Test
  @Tag("rfc3597")
  void everyTypeIsAnsweredByItsRule() {
    for (int type = 0; type <= 0xffff; type++) {
      int refused =
          switch (type) {
            case RecordType.OPT, RecordType.TKEY, RecordType.TSIG, RecordType.NXNAME ->
                Rcode.FORMERR;
            case RecordType.AXFR, RecordType.IXFR -> Rcode.REFUSED;
            case RecordType.MAILA, RecordType.MAILB -> Rcode.NOTIMP;
            default -> 0;
          };
      boolean any = type == RecordType.ANY;
      assertAnswer(
          "www.example.", type, refused, type == RecordType.A || any ? 1 : 0, true, Rcode.NOERROR);
      assertAnswer(
          "x.w.example.",
          type,
          refused,
          type == RecordType.TXT || any ? 1 : 0,
          true,
          Rcode.NOERROR);
      assertAnswer("no.example.", type, refused, 0, true, Rcode.NXDOMAIN);
      assertAnswer("x.cut.example.", type, refused, 0, false, Rcode.NOERROR);
      assertAnswer("cut.example.", type, refused, 0, type == RecordType.DS, Rcode.NOERROR);
      int alias = type == RecordType.CNAME || any || type == RecordType.RRSIG ? 0 : 1;
      if (alias == 1) {
        assertAnswer(
            "alias.example.", type, refused, type == RecordType.A ? 2 : 1, true, Rcode.NOERROR);
      }
      assertAnswer("elsewhere.", type, refused, 0, false, refused == 0 ? Rcode.REFUSED : refused);
    }
  }

  private void assertAnswer(
      String name, int type, int refused, int answers, boolean authoritative, int rcode) {
    byte[] message = EmbeddedServer.question(name, type);
    int length = server.exchange(message, message.length);
    byte[] reply = server.reply();
    assertThat(length).isBetween(12, 512);
    assertThat(reply[3] & 15)
        .as("%s type %d", name, type)
        .isEqualTo(refused == 0 ? rcode : refused);
    assertThat(Wire.u16(reply, Wire.ANCOUNT))
        .as("%s type %d", name, type)
        .isEqualTo(refused == 0 ? answers : 0);
    assertThat((Wire.u16(reply, Wire.FLAGS) & Wire.AA) != 0)
        .as("%s type %d", name, type)
        .isEqualTo(refused == 0 && authoritative);
  }

  @Test
  void caseOfTheQuestionIsKeptOctetForOctet() {
    Random random = new Random(1);
    for (int round = 0; round < 200; round++) {
      byte[] message = EmbeddedServer.question("some.long-name.w.example.", RecordType.TXT);
      for (int i = 13; i < message.length - 5; i++) {
        boolean letter = message[i] >= 'a' && message[i] <= 'z';
        message[i] ^= (byte) (letter && random.nextBoolean() ? 0x20 : 0);
      }
      // The strict reader compares the question.
      StrictReply reply =
          StrictReply.of(message, server.over(Protocol.UDP).ask(message), Protocol.UDP);
      assertThat(reply.answer()).hasSize(1);
      String asked = io.flashdns.core.dns.DomainName.ofWire(message, 12).toString();
      assertThat(reply.answer().getFirst().getName()).hasToString(asked);
    }
  }

  @Test
  @Tag("rfc6672")
  void caseOfTheKeptLabelsGoesIntoTheSynthesizedAlias() {
    byte[] message = EmbeddedServer.question("KePt.LaBeLs.D.ExAmPlE.", RecordType.CNAME);
    StrictReply reply = StrictReply.of(message, server.ask(message), Protocol.UDP);

    assertThat(reply.answer().get(1).rdataToString()).isEqualTo("KePt.LaBeLs.www.example.");
  }

  @Test
  void randomDamageIsAnsweredOrDroppedButNeverThrown() {
    Random random = new Random(77);
    List<byte[]> seeds =
        List.of(
            plain(),
            edns(),
            withAdditional(
                opt((byte) 0, (byte) 3, (byte) 0, (byte) 0), tsig("key.", tsigData(16))));
    for (int round = 0; round < 40_000; round++) {
      byte[] message = seeds.get(random.nextInt(seeds.size())).clone();
      int changes = 1 + random.nextInt(4);
      for (int i = 0; i < changes; i++) {
        message[random.nextInt(message.length)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(3) == 0) {
        message = Arrays.copyOf(message, random.nextInt(message.length + 10));
      }
      Protocol protocol = random.nextBoolean() ? Protocol.UDP : Protocol.TCP;
      byte[] reply = server.over(protocol).ask(message);
      if (reply.length > 0) {
        StrictReply.of(message, reply, protocol);
      }
    }
    assertThat(server.counters().replies()).isGreaterThan(15_000);
  }
}
