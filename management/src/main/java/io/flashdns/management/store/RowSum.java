package io.flashdns.management.store;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The checksum that every row ends in: CRC-32C over the name of its table and all its columns, so
 * that a flipped bit in the file, a column or a row in the place of another is found when it is
 * read. One thread; one row after the other.
 */
final class RowSum {
  private final CRC32C crc = new CRC32C();
  private final byte[] number = new byte[9];

  /** Begins a row of {@code table}. */
  RowSum of(char table) {
    crc.reset();
    crc.update(table);
    return this;
  }

  /** The next column. */
  RowSum add(long value) {
    number[0] = 1;
    for (int i = 1; i < 9; i++) {
      number[i] = (byte) (value >>> (64 - 8 * i));
    }
    crc.update(number, 0, 9);
    return this;
  }

  /** The next column, which may be null. */
  RowSum add(byte @Nullable [] value) {
    if (value == null) {
      crc.update(2);
      return this;
    }
    // The length keeps apart columns that would be the same octets one after the other.
    add(value.length);
    crc.update(value, 0, value.length);
    return this;
  }

  /** The next column. */
  RowSum add(String value) {
    return add(value.getBytes(StandardCharsets.UTF_8));
  }

  /** The checksum of all columns. */
  long value() {
    return crc.getValue();
  }

  /**
   * 64 bits of a zone's row: their exclusive or over all zones is kept beside their number, so that
   * a lost or doubled row is noticed.
   */
  static long digest(long id, byte[] meta) {
    long hash = mix(id + 0x9e3779b97f4a7c15L);
    long word = 0;
    for (int i = 0; i < meta.length; i++) {
      word = word << 8 | (meta[i] & 0xff);
      if ((i & 7) == 7) {
        hash = mix(hash ^ word);
        word = 0;
      }
    }
    return mix(hash ^ word ^ ((long) meta.length << 56));
  }

  private static long mix(long value) {
    long mixed = (value ^ (value >>> 32)) * 0xd6e8feb86659fd93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8feb86659fd93L;
    return mixed ^ (mixed >>> 32);
  }
}
