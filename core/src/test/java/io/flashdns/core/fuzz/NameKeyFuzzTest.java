package io.flashdns.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * {@link NameKey} reads what {@link NameReading} reads, from an array that ends with the message
 * and from one that goes on.
 *
 * <p>In the build it replays the corpus. To fuzz from there on:
 *
 * <pre>
 * JAZZER_FUZZ=1 JAZZER_MAX_DURATION=5m mvn -pl core -am test -Dtest=NameKeyFuzzTest
 * </pre>
 */
class NameKeyFuzzTest {
  private static final NameHash HASH = new NameHash(42);
  private static final int SLACK_BYTES = 64;
  private static final int SEEDED_NAMES = 50_000;

  private final NameKey key = new NameKey(HASH);
  private final NameKey suffix = new NameKey(HASH);

  /** First octet: where the name starts behind the header. Then the message. */
  @FuzzTest
  void readsNamesAsTheyAre(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] message = Arrays.copyOfRange(input, 1, input.length);
    int offset = 12 + (input[0] & 0xff);
    if (offset <= message.length) {
      check(message, offset);
    }
  }

  @Test
  void readsSeededNamesAsTheyAre() {
    Dice dice = new Dice();
    for (int seed = 0; seed < SEEDED_NAMES; seed++) {
      dice.seed(seed);
      check(labelsAndPointers(dice), 12 + dice.below(300));
    }
  }

  private void check(byte[] message, int offset) {
    byte[] padded = Arrays.copyOf(message, message.length + SLACK_BYTES);
    Arrays.fill(padded, message.length, padded.length, (byte) 0xc1);
    for (byte[] array : new byte[][] {message, padded}) {
      int end = message.length;
      compare(
          NameReading.uncompressed(message, offset, end), key.readUncompressed(array, offset, end));
      compare(NameReading.compressed(message, offset, end), key.readCompressed(array, offset, end));
    }
  }

  /** Without AssertJ: it would take most of the time of a fuzzing run. */
  private void compare(NameReading wanted, int end) {
    if (wanted == null) {
      require(end == NameKey.MALFORMED, "no name");
      return;
    }
    require(end == wanted.end(), "the end of the name");
    require(key.labels() == wanted.labels().size(), "all labels");
    byte[] wire = wanted.wire();
    require(key.length() == wire.length, "the length of the name");
    require(Arrays.equals(key.folded(), 0, wire.length, wire, 0, wire.length), "its octets");
    for (int label = 0; label <= key.labels(); label++) {
      byte[] rest = wanted.wireFrom(label);
      require(key.labelOffset(label) == wire.length - rest.length, "the offset of each label");
      suffix.set(rest, 0);
      require(key.suffixHash(label) == suffix.suffixHash(0), "the hash of each suffix");
    }
  }

  private static void require(boolean held, String wanted) {
    if (!held) {
      throw new AssertionError("the key must have " + wanted);
    }
  }

  /**
   * Octets in which labels, ends and pointers follow each other, so that most names go on for a
   * while.
   */
  private static byte[] labelsAndPointers(Dice dice) {
    byte[] message = new byte[312 + dice.below(600)];
    int at = 12;
    while (at < message.length) {
      int what = dice.below(16);
      if (what == 0) {
        message[at++] = 0;
      } else if (what < 4 && at + 1 < message.length) {
        int target = dice.oneIn(8) ? dice.below(message.length) : dice.below(at);
        message[at++] = (byte) (0xc0 | target >>> 8);
        message[at++] = (byte) target;
      } else {
        int octets = dice.oneIn(12) ? dice.below(256) : dice.below(dice.oneIn(3) ? 64 : 8);
        message[at++] = (byte) octets;
        for (int i = 0; i < (octets & 0x3f) && at < message.length; i++) {
          message[at++] = (byte) dice.below(256);
        }
      }
    }
    return message;
  }

  @Test
  void corpusHoldsEverySeed() throws IOException {
    for (Map.Entry<String, byte[]> seed : SeedCorpus.names().entrySet()) {
      String file = SeedCorpus.NAMES + "/" + seed.getKey();
      try (InputStream in = NameKeyFuzzTest.class.getResourceAsStream(file)) {
        assertThat(in).as("%s: write the corpus again with SeedCorpus", file).isNotNull();
        assertThat(in.readAllBytes()).as(file).isEqualTo(seed.getValue());
      }
    }
  }
}
