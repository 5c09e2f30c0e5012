package io.flashdns.bench.micro;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Wire;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reading a name from a message: check, fold, hash of every suffix. Names differ in the length of
 * each label, as they do in life: a processor that knew them by heart would guess right where it
 * cannot.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ParseBench {
  /** Shapes of names. */
  public enum Form {
    /** Three or four labels of 2 to 12 octets. */
    SHORT,
    /** 255 octets, labels of 30 to 63. */
    LONG,
    /** 127 labels of one octet. */
    DEEP
  }

  static final int NAMES = 1 << 12;
  private static final int STRIDE = 12 + 272;

  /** Shape of the names. */
  @Param public Form form = Form.SHORT;

  private final NameKey key = new NameKey(new NameHash(42));
  private final byte[] messages = new byte[NAMES * STRIDE + 16];
  private final int[] ends = new int[NAMES];
  private int next;

  /** Makes the names, and reads some that are none. */
  @Setup
  public void make() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < NAMES; i++) {
      ends[i] = write(i * STRIDE + Wire.HEADER_BYTES, random);
    }
    byte[] broken = {5, 'w', 'w', 'w', (byte) 0xc0, 12, 0, 0x41, 0};
    for (int i = 0; i < 20_000; i++) {
      key.readUncompressed(broken, i % broken.length, broken.length - i % 3);
      key.readCompressed(broken, i % broken.length, broken.length);
    }
  }

  private int write(int start, SplittableRandom random) {
    int total =
        switch (form) {
          case SHORT -> 0;
          case LONG, DEEP -> 255;
        };
    int labels = form == Form.SHORT ? random.nextInt(3, 5) : 127;
    int at = start;
    for (int i = 0; i < labels; i++) {
      int octets =
          switch (form) {
            case SHORT -> random.nextInt(2, 13);
            case LONG -> random.nextInt(30, 64);
            case DEEP -> 1;
          };
      int left = total - 2 - (at - start);
      if (total > 0 && left <= octets) {
        octets = left;
      } else if (left == octets + 1) {
        // A label needs an octet beside its length.
        octets--;
      }
      if (octets <= 0) {
        break;
      }
      messages[at++] = (byte) octets;
      for (int n = octets; n > 0; n--) {
        messages[at++] = (byte) ((random.nextInt(8) == 0 ? 'A' : 'a') + random.nextInt(26));
      }
    }
    messages[at++] = 0;
    return at;
  }

  /** The name of a question. */
  @Benchmark
  public long uncompressed() {
    int index = advance();
    key.readUncompressed(messages, index * STRIDE + Wire.HEADER_BYTES, ends[index]);
    return key.suffixHash(0);
  }

  /** The same name, read by the reader that follows pointers. */
  @Benchmark
  public long compressed() {
    int index = advance();
    key.readCompressed(messages, index * STRIDE + Wire.HEADER_BYTES, ends[index]);
    return key.suffixHash(0);
  }

  private int advance() {
    int index = next;
    next = (index + 1) & (NAMES - 1);
    return index;
  }

  NameKey key() {
    return key;
  }
}
