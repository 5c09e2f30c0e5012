package io.flashdns.core.store;

import java.util.Arrays;
import java.util.HexFormat;

/**
 * The data of one record in wire form, names in it uncompressed and, for the types of RFC 4034
 * §6.2, in lower case: so equal octets mean equal records.
 *
 * <p>Immutable; in the order of RFC 4034 §6.3, unsigned octets from the left.
 */
public final class RecordData implements Comparable<RecordData> {
  private final byte[] octets;

  private RecordData(byte[] octets) {
    this.octets = octets;
  }

  /** Copies {@code length} octets; 0 to 65,535. */
  public static RecordData of(byte[] bytes, int offset, int length) {
    if (length > 0xffff) {
      throw new IllegalArgumentException("record data of " + length + " octets: at most 65,535");
    }
    return new RecordData(Arrays.copyOfRange(bytes, offset, offset + length));
  }

  /** Copies all octets. */
  public static RecordData of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /** Number of octets. */
  public int length() {
    return octets.length;
  }

  /** The octets: to be read, never written. */
  public byte[] octets() {
    return octets;
  }

  @Override
  public int compareTo(RecordData other) {
    return Arrays.compareUnsigned(octets, other.octets);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RecordData data && Arrays.equals(octets, data.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(octets);
  }
}
