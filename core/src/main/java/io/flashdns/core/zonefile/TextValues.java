package io.flashdns.core.zonefile;

import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/** Numbers, times and addresses in a master file: from a token to a value. */
final class TextValues {
  /** Largest TTL (RFC 2181 §8). */
  static final long MAX_TTL = 0x7fff_ffffL;

  static final long MAX_U32 = 0xffff_ffffL;

  private static final int[] DAYS_BEFORE_MONTH = {
    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365
  };

  private TextValues() {}

  static boolean isDigit(byte octet) {
    return octet >= '0' && octet <= '9';
  }

  /** Value of a hexadecimal digit, or −1. */
  static int hexDigit(int octet) {
    if (octet >= '0' && octet <= '9') {
      return octet - '0';
    }
    int letter = octet | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  }

  /**
   * The decimal number that is the whole of {@code text[start, end)}, or −1 where that is none or
   * above {@code most}.
   */
  static long decimal(byte[] text, int start, int end, long most) {
    if (start == end || end - start > 18) {
      return -1;
    }
    long value = 0;
    for (int i = start; i < end; i++) {
      if (!isDigit(text[i])) {
        return -1;
      }
      value = value * 10 + text[i] - '0';
    }
    return value <= most ? value : -1;
  }

  static long number(Entry entry, int token, long most) throws BadEntry {
    long value =
        entry.quoted(token) ? -1 : decimal(entry.text, entry.start[token], entry.end[token], most);
    if (value < 0) {
      throw entry.bad(token, entry.show(token) + " is no number from 0 to " + most);
    }
    return value;
  }

  /** Seconds, plain or with units: {@code 3600}, {@code 1h30m}, {@code 1W}. */
  static long seconds(Entry entry, int token, long most) throws BadEntry {
    byte[] text = entry.text;
    int at = entry.start[token];
    int end = entry.end[token];
    long total = 0;
    boolean units = false;
    boolean wrong = at == end || entry.quoted(token);
    while (at < end && !wrong) {
      long value = 0;
      int digits = at;
      // Eleven digits are beyond 32 bits; more could overflow.
      while (at < end && isDigit(text[at]) && at - digits < 11) {
        value = value * 10 + text[at++] - '0';
      }
      if (at == digits || (at == end && units)) {
        wrong = true;
      } else if (at < end) {
        units = true;
        long unit =
            switch (text[at++] | 0x20) {
              case 's' -> 1;
              case 'm' -> 60;
              case 'h' -> 3_600;
              case 'd' -> 86_400;
              case 'w' -> 604_800;
              default -> 0;
            };
        wrong = unit == 0;
        value *= unit;
      }
      total += value;
      wrong |= total > most;
    }
    if (wrong) {
      throw entry.bad(
          token,
          entry.show(token)
              + " is no time from 0 to "
              + most
              + " seconds: write 3600, or with units as 1h30m");
    }
    return total;
  }

  /** Date and time as YYYYMMDDHHmmSS, or seconds since 1970; 32 bits of it (RFC 4034 §3.2). */
  static int time(Entry entry, int token) throws BadEntry {
    byte[] text = entry.text;
    int start = entry.start[token];
    if (entry.length(token) != 14) {
      return (int) number(entry, token, MAX_U32);
    }
    int year = (int) decimal(text, start, start + 4, 9_999);
    int month = (int) decimal(text, start + 4, start + 6, 12);
    int day = (int) decimal(text, start + 6, start + 8, 31);
    int hour = (int) decimal(text, start + 8, start + 10, 23);
    int minute = (int) decimal(text, start + 10, start + 12, 59);
    int second = (int) decimal(text, start + 12, start + 14, 60);
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    boolean valid =
        year >= 1900 && month >= 1 && day >= 1 && hour >= 0 && minute >= 0 && second >= 0;
    if (valid) {
      int monthDays = DAYS_BEFORE_MONTH[month] - DAYS_BEFORE_MONTH[month - 1];
      valid = day <= (month == 2 && leap ? 29 : monthDays);
    }
    if (!valid || entry.quoted(token)) {
      throw entry.bad(token, entry.show(token) + " is no date: write YYYYMMDDHHmmSS in UTC");
    }
    int before = year - 1;
    long days =
        365L * (year - 1970)
            + (before / 4 - before / 100 + before / 400)
            - (1969 / 4 - 1969 / 100 + 1969 / 400)
            + DAYS_BEFORE_MONTH[month - 1]
            + (leap && month > 2 ? 1 : 0)
            + day
            - 1;
    return (int) (((days * 24 + hour) * 60 + minute) * 60 + second);
  }

  /** Four octets at {@code offset} from a dotted quad. */
  static void ipv4(Entry entry, int token, byte[] out, int offset) throws BadEntry {
    if (entry.quoted(token)
        || !ipv4(entry.text, entry.start[token], entry.end[token], out, offset)) {
      throw entry.bad(
          token, entry.show(token) + " is no IPv4 address: write four numbers as 192.0.2.1");
    }
  }

  /** Sixteen octets at {@code offset} from any form of RFC 4291 §2.2. */
  static void ipv6(Entry entry, int token, byte[] out, int offset) throws BadEntry {
    if (entry.quoted(token)
        || !ipv6(entry.text, entry.start[token], entry.end[token], out, offset)) {
      throw entry.bad(token, entry.show(token) + " is no IPv6 address: write it as 2001:db8::1");
    }
  }

  static boolean ipv4(byte[] text, int start, int end, byte[] out, int offset) {
    int at = start;
    for (int part = 0; part < 4; part++) {
      if (part > 0 && (at >= end || text[at++] != '.')) {
        return false;
      }
      int first = at;
      int value = 0;
      while (at < end && at - first < 3 && isDigit(text[at])) {
        value = value * 10 + text[at++] - '0';
      }
      // A leading zero is octal to some programs: refused rather than guessed.
      if (at == first || value > 255 || (text[first] == '0' && at - first > 1)) {
        return false;
      }
      out[offset + part] = (byte) value;
    }
    return at == end;
  }

  static boolean ipv6(byte[] text, int start, int end, byte[] out, int offset) {
    int at = start;
    int groups = 0;
    int gap = -1;
    if (end - start >= 2 && text[at] == ':' && text[at + 1] == ':') {
      gap = 0;
      at += 2;
    }
    while (at < end) {
      if (groups == 8) {
        return false;
      }
      int first = at;
      int value = 0;
      int digit;
      while (at < end && at - first < 5 && (digit = hexDigit(text[at])) >= 0) {
        value = value << 4 | digit;
        at++;
      }
      if (at < end && text[at] == '.') {
        if (groups > 6 || !ipv4(text, first, end, out, offset + groups * 2)) {
          return false;
        }
        groups += 2;
        at = end;
        break;
      }
      if (at == first || at - first > 4) {
        return false;
      }
      Wire.put16(out, offset + groups++ * 2, value);
      if (at == end) {
        break;
      }
      if (text[at++] != ':' || at == end) {
        return false;
      }
      if (text[at] == ':') {
        if (gap >= 0) {
          return false;
        }
        gap = groups;
        at++;
      }
    }
    if (gap < 0) {
      return groups == 8;
    }
    if (groups == 8) {
      return false;
    }
    int moved = (groups - gap) * 2;
    System.arraycopy(out, offset + gap * 2, out, offset + 16 - moved, moved);
    Arrays.fill(out, offset + gap * 2, offset + 16 - moved, (byte) 0);
    return true;
  }
}
