package io.flashdns.core.zonefile;

import io.flashdns.core.dns.Wire;
import java.util.Locale;

/**
 * The text form of LOC (RFC 1876 §3): {@code d [m [s]] N|S d [m [s]] E|W altitude [size [horizontal
 * [vertical]]]}, the lengths in metres.
 */
final class LocationText {
  static final int BYTES = 16;

  private static final long EQUATOR = 1L << 31;
  private static final long ALTITUDE_BASE_CENTIMETRES = 10_000_000;
  private static final long MAX_ALTITUDE_CENTIMETRES = 4_284_967_295L;
  private static final long MAX_LENGTH_CENTIMETRES = 9_000_000_000L;

  /** Size 1 m, horizontal precision 10 km, vertical precision 10 m. */
  private static final byte[] DEFAULTS = {0x12, 0x16, 0x13};

  private final Entry entry;
  private int at;

  private LocationText(Entry entry, int first) {
    this.entry = entry;
    this.at = first;
  }

  /** Reads all tokens from {@code first} on into {@link #BYTES} octets at {@code offset}. */
  static void read(Entry entry, int first, byte[] out, int offset) throws BadEntry {
    new LocationText(entry, first).read(out, offset);
  }

  private void read(byte[] out, int offset) throws BadEntry {
    out[offset] = 0;
    System.arraycopy(DEFAULTS, 0, out, offset + 1, 3);
    Wire.put32(out, offset + 4, (int) (EQUATOR + angle(90, 'N', 'S')));
    Wire.put32(out, offset + 8, (int) (EQUATOR + angle(180, 'E', 'W')));
    long altitude =
        centimetres("an altitude", -ALTITUDE_BASE_CENTIMETRES, MAX_ALTITUDE_CENTIMETRES);
    Wire.put32(out, offset + 12, (int) (ALTITUDE_BASE_CENTIMETRES + altitude));
    for (int i = 1; i <= 3 && at < entry.count; i++) {
      out[offset + i] = (byte) scaled(centimetres("a length", 0, MAX_LENGTH_CENTIMETRES));
    }
    if (at < entry.count) {
      throw entry.bad(at, "surplus text " + entry.show(at) + " after the data of LOC: remove it");
    }
  }

  /** Thousandths of a second of arc, negative in the south and west. */
  private long angle(int maxDegrees, char positive, char negative) throws BadEntry {
    long total = 0;
    for (int part = 0; part < 4; part++) {
      if (at >= entry.count) {
        throw entry.bad(
            at, "the data of LOC ends too early: " + positive + " or " + negative + " is missing");
      }
      int letter = entry.length(at) == 1 ? entry.first(at) & 0xdf : 0;
      if (part > 0 && (letter == positive || letter == negative)) {
        if (total > maxDegrees * 3_600_000L) {
          throw entry.bad(at, "the angle is beyond " + maxDegrees + " degrees");
        }
        at++;
        return letter == positive ? total : -total;
      }
      total +=
          switch (part) {
            case 0 -> fixed(0, maxDegrees) * 3_600_000L;
            case 1 -> fixed(0, 59) * 60_000L;
            case 2 -> fixed(3, 59_999);
            default ->
                throw entry.bad(
                    at,
                    entry.show(at)
                        + " is not "
                        + positive
                        + " or "
                        + negative
                        + ", which must follow the angle");
          };
    }
    throw entry.bad(at, "the angle is wrong");
  }

  /**
   * A number without sign and with at most {@code decimals} digits after its point, in units of the
   * last digit.
   */
  private long fixed(int decimals, long most) throws BadEntry {
    long value = scan(entry.start[at], entry.end[at], decimals);
    if (value < 0 || value > most) {
      throw entry.bad(
          at,
          entry.show(at)
              + " is no number of this place in LOC: write degrees, minutes 0 to 59, seconds 0 to 59.999");
    }
    at++;
    return value;
  }

  private long centimetres(String what, long least, long most) throws BadEntry {
    if (at >= entry.count) {
      throw entry.bad(at, "the data of LOC ends too early: " + what + " in metres is missing");
    }
    int start = entry.start[at];
    int end = entry.end[at];
    boolean minus = end > start && entry.text[start] == '-';
    if (end - start > 1 && (entry.text[end - 1] | 0x20) == 'm') {
      end--;
    }
    long value = scan(minus ? start + 1 : start, end, 2);
    long signed = minus ? -value : value;
    if (value < 0 || signed < least || signed > most) {
      throw entry.bad(
          at,
          entry.show(at)
              + " is no "
              + what.substring(what.indexOf(' ') + 1)
              + " in metres that LOC can hold");
    }
    at++;
    return signed;
  }

  private long scan(int start, int end, int decimals) {
    byte[] text = entry.text;
    long value = 0;
    int i = start;
    while (i < end && TextValues.isDigit(text[i]) && i - start < 12) {
      value = value * 10 + text[i++] - '0';
    }
    boolean digits = i > start;
    int left = decimals;
    if (i < end && text[i] == '.' && decimals > 0) {
      i++;
      while (i < end && TextValues.isDigit(text[i]) && left > 0) {
        value = value * 10 + text[i++] - '0';
        left--;
      }
    }
    while (left-- > 0) {
      value *= 10;
    }
    return digits && i == end ? value : -1;
  }

  /** All values of the data of a LOC record. */
  static String print(byte[] data, int offset) {
    return angle(Wire.u32(data, offset + 4) - EQUATOR, 'N', 'S')
        + " "
        + angle(Wire.u32(data, offset + 8) - EQUATOR, 'E', 'W')
        + " "
        + metres(Wire.u32(data, offset + 12) - ALTITUDE_BASE_CENTIMETRES)
        + " "
        + metres(length(data[offset + 1]))
        + " "
        + metres(length(data[offset + 2]))
        + " "
        + metres(length(data[offset + 3]));
  }

  private static String angle(long value, char positive, char negative) {
    long milliseconds = Math.abs(value);
    return String.format(
        Locale.ROOT,
        "%d %d %d.%03d %c",
        milliseconds / 3_600_000,
        milliseconds / 60_000 % 60,
        milliseconds / 1_000 % 60,
        milliseconds % 1_000,
        value < 0 ? negative : positive);
  }

  private static String metres(long centimetres) {
    long value = Math.abs(centimetres);
    return String.format(
        Locale.ROOT, "%s%d.%02dm", centimetres < 0 ? "-" : "", value / 100, value % 100);
  }

  /** Centimetres of one digit and a power of ten. */
  private static long length(byte scaled) {
    long centimetres = (scaled & 0xff) >> 4;
    for (int power = scaled & 0xf; power > 0; power--) {
      centimetres *= 10;
    }
    return centimetres;
  }

  /** One digit and a power of ten, four bits each. */
  private static int scaled(long centimetres) {
    int power = 0;
    long value = centimetres;
    while (value > 9) {
      value /= 10;
      power++;
    }
    return (int) (value << 4 | power);
  }
}
