package io.flashdns.core.zone;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/**
 * Record data for comparison: names inside the data of the types that RFC 4034 §6.2 lists (without
 * NSEC, RFC 6840 §5.1) compare without case, all other octets as they are.
 */
public final class CanonicalData {
  private static final int RT = 21;
  private static final int SIG = 24;
  private static final int PX = 26;
  private static final int NXT = 30;
  private static final int KX = 36;

  private CanonicalData() {}

  /** True when two records of a type have the same data. */
  static boolean same(RecordTable table, int type, int a, int b) {
    int length = table.dataLength(a);
    if (length != table.dataLength(b)) {
      return false;
    }
    int aAt = table.dataOffset(a);
    int bAt = table.dataOffset(b);
    return Arrays.equals(
            table.dataBytes(a), aAt, aAt + length, table.dataBytes(b), bAt, bAt + length)
        || (names(type) > 0 && Arrays.equals(of(table, type, a), of(table, type, b)));
  }

  /** A copy of a record's data with its names in lower case. */
  static byte[] of(RecordTable table, int type, int rr) {
    int at = table.dataOffset(rr);
    byte[] data = Arrays.copyOfRange(table.dataBytes(rr), at, at + table.dataLength(rr));
    fold(type, data, 0, data.length);
    return data;
  }

  /**
   * Puts the names in the data of a record into lower case, in place. Data that is cut short is
   * folded as far as it goes.
   *
   * @param data record data of {@code type} in [from, to), names uncompressed
   * @return true when an octet was changed
   */
  public static boolean fold(int type, byte[] data, int from, int to) {
    int names = names(type);
    if (names == 0) {
      return false;
    }
    boolean changed = false;
    int at = firstName(type, data, from, to);
    for (; names > 0 && at < to; names--) {
      int end = at;
      while (end < to && data[end] != 0) {
        end += 1 + Wire.u8(data, end);
      }
      // Length octets are below 'A': folding the whole name leaves them as they are.
      for (int i = at; i < Math.min(end, to); i++) {
        byte folded = (byte) NameKey.foldOctet(data[i]);
        changed |= folded != data[i];
        data[i] = folded;
      }
      at = end + 1;
    }
    return changed;
  }

  private static int names(int type) {
    return switch (type) {
      case RecordType.NS,
          RecordType.MD,
          RecordType.MF,
          RecordType.CNAME,
          RecordType.MB,
          RecordType.MG,
          RecordType.MR,
          RecordType.PTR,
          RecordType.MX,
          RecordType.AFSDB,
          RecordType.SRV,
          RecordType.NAPTR,
          RecordType.DNAME,
          RecordType.RRSIG,
          RT,
          SIG,
          NXT,
          KX ->
          1;
      case RecordType.SOA, RecordType.MINFO, RecordType.RP, PX -> 2;
      default -> 0;
    };
  }

  private static int firstName(int type, byte[] data, int from, int to) {
    return switch (type) {
      case RecordType.MX, RecordType.AFSDB, RT, PX, KX -> from + 2;
      case RecordType.SRV -> from + 6;
      case RecordType.RRSIG, SIG -> from + 18;
      case RecordType.NAPTR -> {
        int at = from + 4;
        for (int strings = 0; strings < 3 && at < to; strings++) {
          at += 1 + Wire.u8(data, at);
        }
        yield at;
      }
      default -> from;
    };
  }
}
