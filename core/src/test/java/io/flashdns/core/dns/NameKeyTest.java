package io.flashdns.core.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class NameKeyTest {
  private static final NameHash HASH = new NameHash(5);

  private final NameKey key = new NameKey(HASH);

  @Test
  void newKeyIsTheRoot() {
    assertThat(key.length()).isEqualTo(1);
    assertThat(key.labels()).isZero();
    assertThat(key.suffixHash(0)).isEqualTo(HASH.root());
    assertThat(key).hasToString(".");
  }

  @Test
  @Tag("rfc4343")
  void everyOctetIsFoldedAtEveryPlaceInAChunk() {
    for (int place = 1; place <= 17; place++) {
      for (int octet = 0; octet < 256; octet++) {
        byte[] message = new byte[64];
        message[0] = 17;
        Arrays.fill(message, 1, 18, (byte) 'x');
        message[place] = (byte) octet;
        byte wanted = (byte) (octet >= 'A' && octet <= 'Z' ? octet + 32 : octet);

        assertThat(key.readUncompressed(message, 0, message.length)).isEqualTo(19);
        assertThat(key.folded()[place]).isEqualTo(wanted);
        assertThat(NameKey.foldOctet((byte) octet)).isEqualTo(wanted);
        assertThat(key.folded()[place - 1]).isEqualTo(place == 1 ? (byte) 17 : (byte) 'x');
        assertThat(key.folded()[place + 1]).isEqualTo(place == 17 ? (byte) 0 : (byte) 'x');
      }
    }
  }

  @Test
  void nameAtTheEndOfItsArrayIsFoldedWithoutSlack() {
    for (int slack = 0; slack <= 9; slack++) {
      byte[] message = new byte[13 + slack];
      byte[] name = DomainName.parse("WWW.Example.").wire();
      System.arraycopy(name, 0, message, 0, name.length);

      assertThat(key.readUncompressed(message, 0, 13)).isEqualTo(13);
      assertThat(key).hasToString("www.example.");
      assertThat(key.suffixHash(1)).isEqualTo(keyOf("example.").suffixHash(0));
    }
  }

  @Test
  void keyKeepsNothingOfALongerNameBefore() {
    NameKey fresh = keyOf("a.");
    key.set(DomainName.parse("a-very-long-label-indeed.zzzzzzzzzzzzzzzzzzzz.example.").wire(), 0);
    key.set(DomainName.parse("A.").wire(), 0);

    assertThat(key.suffixHash(0)).isEqualTo(fresh.suffixHash(0));
    assertThat(key.length()).isEqualTo(3);
    assertThat(key.labels()).isEqualTo(1);
    assertThat(key.labelOffset(1)).isEqualTo(2);
  }

  @Test
  void nameOf255OctetsIsReadAndOneOf256IsNot() {
    assertThat(key.readUncompressed(nameOf(254), 0, 300)).isEqualTo(254);
    assertThat(key.readUncompressed(nameOf(255), 0, 300)).isEqualTo(255);
    assertThat(key.length()).isEqualTo(255);
    assertThat(key.readUncompressed(nameOf(256), 0, 300)).isEqualTo(NameKey.MALFORMED);
    assertThat(key.readCompressed(nameOf(255), 0, 300)).isEqualTo(255);
    assertThat(key.readCompressed(nameOf(256), 0, 300)).isEqualTo(NameKey.MALFORMED);
  }

  @Test
  void nameOf127LabelsIsReadWithTheHashOfEachSuffix() {
    byte[] message = new byte[300];
    for (int i = 0; i < 127; i++) {
      message[2 * i] = 1;
      message[2 * i + 1] = (byte) ('a' + i % 26);
    }

    assertThat(key.readUncompressed(message, 0, 300)).isEqualTo(255);
    assertThat(key.labels()).isEqualTo(127);
    NameKey other = new NameKey(HASH);
    for (int label = 0; label <= 127; label++) {
      assertThat(key.labelOffset(label)).isEqualTo(2 * label);
      other.set(message, 2 * label);
      assertThat(key.suffixHash(label)).isEqualTo(other.suffixHash(0));
    }
  }

  @Test
  void labelOf63OctetsIsReadAndOneOf64IsAnotherLabelType() {
    byte[] message = new byte[100];
    message[0] = 63;
    assertThat(key.readUncompressed(message, 0, 100)).isEqualTo(65);
    for (int type : new int[] {0x40, 0x41, 0x7f, 0x80, 0xbf}) {
      message[0] = (byte) type;
      assertThat(key.readUncompressed(message, 0, 100)).isEqualTo(NameKey.MALFORMED);
      assertThat(key.readCompressed(message, 0, 100)).isEqualTo(NameKey.MALFORMED);
    }
  }

  @Test
  void pointersAreNoPartOfAnUncompressedName() {
    byte[] message = new byte[40];
    message[20] = (byte) 0xc0;
    message[21] = 12;

    assertThat(key.readUncompressed(message, 20, 40)).isEqualTo(NameKey.MALFORMED);
    assertThat(key.readCompressed(message, 20, 40)).isEqualTo(22);
    assertThat(key.length()).isEqualTo(1);
  }

  @Test
  void nameMustEndInsideTheMessage() {
    byte[] message = DomainName.parse("www.example.").wire();
    for (int end = 0; end < message.length; end++) {
      assertThat(key.readUncompressed(message, 0, end)).isEqualTo(NameKey.MALFORMED);
      assertThat(key.readCompressed(message, 0, end)).isEqualTo(NameKey.MALFORMED);
    }
  }

  @Test
  void malformedNamesAreRefusedWhenSet() {
    assertThatThrownBy(() -> key.set(new byte[] {3, 'a'}, 0)).hasMessageContaining("offset 0");
  }

  @Test
  @Tag("rfc1035")
  void pointersLeadBackwardsOnly() {
    byte[] message = new byte[60];
    message[20] = 1;
    message[21] = 'a';
    point(message, 22, 20); // a loop: a.a.a...
    assertThat(key.readCompressed(message, 20, 60)).isEqualTo(NameKey.MALFORMED);
    point(message, 22, 22); // at itself
    assertThat(key.readCompressed(message, 20, 60)).isEqualTo(NameKey.MALFORMED);
    assertThat(key.readCompressed(message, 22, 60)).isEqualTo(NameKey.MALFORMED);
    point(message, 22, 30); // forwards
    assertThat(key.readCompressed(message, 20, 60)).isEqualTo(NameKey.MALFORMED);
    point(message, 22, 11); // into the header
    assertThat(key.readCompressed(message, 20, 60)).isEqualTo(NameKey.MALFORMED);
    point(message, 22, 12);
    assertThat(key.readCompressed(message, 20, 60)).isEqualTo(24);
    assertThat(key).hasToString("a.");
  }

  @Test
  void twoPointersAtEachOtherAreRefused() {
    byte[] message = new byte[60];
    point(message, 20, 22);
    point(message, 22, 20);

    assertThat(key.readCompressed(message, 20, 60)).isEqualTo(NameKey.MALFORMED);
    assertThat(key.readCompressed(message, 22, 60)).isEqualTo(NameKey.MALFORMED);
  }

  @Test
  void halfAPointerIsRefused() {
    byte[] message = new byte[60];
    point(message, 20, 12);

    assertThat(key.readCompressed(message, 20, 21)).isEqualTo(NameKey.MALFORMED);
    assertThat(key.readCompressed(message, 20, 22)).isEqualTo(22);
  }

  @Test
  void chainOf127PointersIsFollowedAndOneOf128IsNot() {
    byte[] message = new byte[1000];
    for (int hop = 1; hop <= 128; hop++) {
      point(message, 20 + 2 * hop, hop == 1 ? 12 : 18 + 2 * hop);
    }

    assertThat(key.readCompressed(message, 20 + 2 * 127, 1000)).isEqualTo(22 + 2 * 127);
    assertThat(key.length()).isEqualTo(1);
    assertThat(key.readCompressed(message, 20 + 2 * 128, 1000)).isEqualTo(NameKey.MALFORMED);
  }

  @Test
  void compressedNameIsTheWholeName() {
    byte[] message = new byte[80];
    System.arraycopy(DomainName.parse("Example.ORG.").wire(), 0, message, 12, 13);
    message[40] = 3;
    message[41] = 'W';
    message[42] = 'w';
    message[43] = 'W';
    point(message, 44, 12);
    message[50] = 1;
    message[51] = 'B';
    point(message, 52, 40);

    assertThat(key.readCompressed(message, 50, 80)).isEqualTo(54);
    assertThat(key).hasToString("b.www.example.org.");
    assertThat(key.suffixHash(0)).isEqualTo(keyOf("b.www.example.org.").suffixHash(0));
    assertThat(key.labelOffset(2)).isEqualTo(6);
  }

  @Test
  void readingAgreesWithANaiveReaderOnRandomOctets() {
    Random random = new Random(20);
    int wellFormed = 0;
    for (int round = 0; round < 100_000; round++) {
      byte[] message = new byte[12 + random.nextInt(200)];
      scribble(random, message);
      int start = random.nextInt(message.length + 1);
      int end = message.length - random.nextInt(4);

      NaiveName wanted = NaiveName.read(message, start, end, true);
      int got = key.readCompressed(message, start, end);
      assertThat(got)
          .as("round %d", round)
          .isEqualTo(wanted == null ? NameKey.MALFORMED : wanted.after());
      if (wanted != null) {
        wellFormed++;
        assertSame(wanted);
      }

      NaiveName plain = NaiveName.read(message, start, end, false);
      got = key.readUncompressed(message, start, end);
      assertThat(got)
          .as("round %d", round)
          .isEqualTo(plain == null ? NameKey.MALFORMED : plain.after());
      if (plain != null) {
        assertSame(plain);
      }
    }
    assertThat(wellFormed).isGreaterThan(5_000);
  }

  private void assertSame(NaiveName wanted) {
    assertThat(key.length()).isEqualTo(wanted.folded().length);
    assertThat(Arrays.copyOf(key.folded(), key.length())).isEqualTo(wanted.folded());
    DomainName name = DomainName.ofWire(wanted.folded(), 0);
    assertThat(key.labels()).isEqualTo(name.labels());
    assertThat(key.suffixHash(0)).isEqualTo(keyOf(name.toString()).suffixHash(0));
  }

  /** Octets that are names often enough: small lengths, pointers to near places, zeros. */
  private static void scribble(Random random, byte[] message) {
    random.nextBytes(message);
    int at = 0;
    while (at < message.length) {
      switch (random.nextInt(6)) {
        case 0 -> message[at++] = 0;
        case 1 -> {
          if (at + 1 < message.length) {
            point(
                message,
                at,
                random.nextInt(4) == 0 ? random.nextInt(256) : 12 + random.nextInt(at + 1));
          }
          at += 2;
        }
        case 2 -> at++;
        default -> {
          int octets = random.nextInt(9) == 0 ? random.nextInt(70) : 1 + random.nextInt(6);
          message[at] = (byte) octets;
          at += 1 + octets;
        }
      }
    }
  }

  private static NameKey keyOf(String name) {
    NameKey key = new NameKey(HASH);
    key.set(DomainName.parse(name).wire(), 0);
    return key;
  }

  private static void point(byte[] message, int at, int target) {
    Wire.put16(message, at, Wire.POINTER | target);
  }

  /** An array of 300 octets that starts with a name of so many. */
  private static byte[] nameOf(int octets) {
    byte[] message = new byte[300];
    Arrays.fill(message, (byte) 'x');
    int at = 0;
    int left = octets - 1;
    while (left > 0) {
      int label = Math.min(63, left - 1);
      label = left - label - 1 == 1 ? label - 1 : label;
      message[at] = (byte) label;
      at += label + 1;
      left -= label + 1;
    }
    message[at] = 0;
    return message;
  }
}
