package io.flashdns.core.zone;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/**
 * Record data for comparison: names inside the data of the types that RFC 4034 §6.2 lists (without
 * NSEC, RFC 6840 §5.1) compare without case, all other octets as they are.
 */
final class CanonicalData {
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
    int from = firstName(type, data);
    for (int names = names(type); names > 0 && from < data.length; names--) {
      int end = from;
      while (end < data.length && data[end] != 0) {
        end += 1 + Wire.u8(data, end);
      }
      // Length octets are below 'A': folding the whole name leaves them as they are.
      for (int i = from; i < Math.min(end, data.length); i++) {
        data[i] = (byte) NameKey.foldOctet(data[i]);
      }
      from = end + 1;
    }
    return data;
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

  private static int firstName(int type, byte[] data) {
    return switch (type) {
      case RecordType.MX, RecordType.AFSDB, RT, PX, KX -> 2;
      case RecordType.SRV -> 6;
      case RecordType.RRSIG, SIG -> 18;
      case RecordType.NAPTR -> {
        int at = 4;
        for (int strings = 0; strings < 3 && at < data.length; strings++) {
          at += 1 + Wire.u8(data, at);
        }
        yield at;
      }
      default -> 0;
    };
  }
}
