package io.flashdns.bench.load;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Questions in the order in which they are asked, round and round, and perhaps what must come back.
 * Immutable; any thread.
 *
 * <p>A list may be one of <b>new names</b>: then each question begins with a label of {@value
 * #NEW_LABEL_BYTES} octets that the generator writes anew whenever it asks, so that no name is
 * asked twice: a flood of random subdomains.
 */
public final class Queries {
  /** Octets of the label that is written anew: {@code x} and 48 bits in hexadecimal digits. */
  static final int NEW_LABEL_BYTES = 13;

  /** Class and type, after the name. */
  static final int FIXED_BYTES = 4;

  private final byte[] octets;
  private final int[] offsets;
  private final int count;
  private final boolean newNames;
  private final Expected @Nullable [] expected;

  private Queries(
      byte[] octets, int[] offsets, int count, boolean newNames, Expected @Nullable [] expected) {
    this.octets = octets;
    this.offsets = offsets;
    this.count = count;
    this.newNames = newNames;
    this.expected = expected;
  }

  /** Begins a list. */
  public static Builder builder() {
    return new Builder();
  }

  /** Number of questions, at least one. */
  public int size() {
    return count;
  }

  /** Whether the first label of each is written anew whenever it is asked. */
  public boolean hasNewNames() {
    return newNames;
  }

  /** What must come back for question {@code i}; null when that was not said. */
  public @Nullable Expected expected(int i) {
    return expected == null ? null : expected[i];
  }

  /** Whether it is said what must come back. */
  public boolean isExpecting() {
    return expected != null;
  }

  /** The question as it is written, {@code www.example. A}. */
  public String text(int i) {
    DomainName name = DomainName.ofWire(octets, offsets[i]);
    return name + " " + RecordType.text(Wire.u16(octets, offsets[i + 1] - FIXED_BYTES));
  }

  /**
   * This list with what must come back, in the same order.
   *
   * @throws IllegalArgumentException when these are not as many
   */
  public Queries expecting(Expected[] replies) {
    if (replies.length != count) {
      throw new IllegalArgumentException(
          replies.length + " expected replies do not fit " + count + " queries");
    }
    return new Queries(octets, offsets, count, newNames, replies.clone());
  }

  /** Octets of question {@code i}: name, type and class. */
  int bytes(int i) {
    return offsets[i + 1] - offsets[i];
  }

  long bytes() {
    return offsets[count];
  }

  byte[] octets() {
    return octets;
  }

  int offset(int i) {
    return offsets[i];
  }

  /** Collects questions. One thread. */
  public static final class Builder {
    private byte[] octets = new byte[1 << 12];
    private int[] offsets = new int[1 << 8];
    private int count;
    private boolean newNames;

    private Builder() {}

    /**
     * Adds a question.
     *
     * @throws IllegalArgumentException when the list is longer than 2 GiB
     */
    public Builder add(DomainName name, int type) {
      int at = offsets[count];
      if (at > Integer.MAX_VALUE - 2 * Wire.MAX_NAME_BYTES) {
        throw new IllegalArgumentException("more than 2 GiB of queries: split the list");
      }
      if (at + Wire.MAX_NAME_BYTES + FIXED_BYTES > octets.length) {
        octets = Arrays.copyOf(octets, (int) Math.min(Integer.MAX_VALUE - 8, octets.length * 2L));
      }
      if (count + 2 > offsets.length) {
        offsets = Arrays.copyOf(offsets, offsets.length * 2);
      }
      int end = name.writeTo(octets, at);
      Wire.put16(octets, end, type);
      Wire.put16(octets, end + 2, RecordClass.IN);
      count++;
      offsets[count] = end + FIXED_BYTES;
      return this;
    }

    /**
     * Adds a question for names below a name, always new ones.
     *
     * @throws IllegalArgumentException when there is no room for one more label, or when questions
     *     of the other kind were added
     */
    public Builder addNewBelow(DomainName apex, int type) {
      if (count > 0 && !newNames) {
        throw new IllegalArgumentException("a list has new names only, or none");
      }
      newNames = true;
      return add(DomainName.parse("x" + "0".repeat(NEW_LABEL_BYTES - 1), apex), type);
    }

    /** Questions up to now. */
    public int size() {
      return count;
    }

    /**
     * The list.
     *
     * @throws IllegalArgumentException when it is empty
     */
    public Queries build() {
      if (count == 0) {
        throw new IllegalArgumentException("there is no query");
      }
      return new Queries(
          Arrays.copyOf(octets, offsets[count]),
          Arrays.copyOf(offsets, count + 1),
          count,
          newNames,
          null);
    }
  }
}
