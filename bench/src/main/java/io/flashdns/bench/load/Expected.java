package io.flashdns.bench.load;

import io.flashdns.core.dns.Rcode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * What must come back for one query.
 *
 * @param rcode of the header
 * @param answers records in the answer section; {@link #ANY} for any number
 * @param addressKey {@link #key} of the first A or AAAA record in the answer section; 0 for any
 */
public record Expected(int rcode, int answers, long addressKey) {
  /** No number of answers is expected. */
  public static final int ANY = -1;

  private static final long FOLD = 0x9e37_79b9_7f4a_7c15L;
  private static final long IPV4 = 1L << 32;

  public Expected {
    if (rcode < 0 || rcode > 15 || answers < ANY || answers > 0xffff) {
      throw new IllegalArgumentException(
          "no reply has rcode " + rcode + " and " + answers + " answers");
    }
  }

  /** A number in an address's place: IPv4 as it is, IPv6 folded to 64 bits; never 0. */
  static long key(byte[] address) {
    if (address.length == 4) {
      return ipv4Key(
          (address[0] & 0xff) << 24
              | (address[1] & 0xff) << 16
              | (address[2] & 0xff) << 8
              | (address[3] & 0xff));
    }
    long high = 0;
    long low = 0;
    for (int i = 0; i < 8; i++) {
      high = high << 8 | (address[i] & 0xff);
      low = low << 8 | (address[8 + i] & 0xff);
    }
    return ipv6Key(high, low);
  }

  static long ipv4Key(int address) {
    return IPV4 | (address & 0xffff_ffffL);
  }

  static long ipv6Key(long high, long low) {
    return (high * FOLD ^ low) | 1L << 63;
  }

  /**
   * Reads {@code RCODE [ANSWERS [ADDRESS]]}: the rcode by name or number, {@code -} for any number
   * of answers or any address; the address may be a number, where 0 is any.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong
   */
  public static Expected parse(String line) {
    String[] words = line.strip().split("\\s+");
    if (words.length > 3 || words[0].isEmpty()) {
      throw new IllegalArgumentException(
          "'" + line.strip() + "' is not RCODE [ANSWERS [ADDRESS]], as in 'NOERROR 1 192.0.2.1'");
    }
    int answers = words.length < 2 || words[1].equals("-") ? ANY : number(words[1], 0xffff);
    return new Expected(rcode(words[0]), answers, words.length < 3 ? 0 : address(words[2]));
  }

  /**
   * Reads an rcode, by name or number.
   *
   * @throws IllegalArgumentException when it is none that fits into a header
   */
  public static int rcode(String word) {
    String name = word.toUpperCase(Locale.ROOT);
    for (int i = 0; i <= 15; i++) {
      if (Rcode.text(i).equals(name)) {
        return i;
      }
    }
    try {
      return number(word, 15);
    } catch (IllegalArgumentException _) {
      throw new IllegalArgumentException(
          "'" + word + "' is no rcode: write a name as NXDOMAIN, or a number from 0 to 15");
    }
  }

  private static int number(String word, int most) {
    try {
      int number = Integer.parseInt(word);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IllegalArgumentException("'" + word + "' is no number from 0 to " + most);
  }

  private static long address(String word) {
    if (word.equals("-") || word.equals("0")) {
      return 0;
    }
    try {
      if (word.matches("\\d+")) {
        return ipv4Key(Integer.parseUnsignedInt(word));
      }
      if (word.matches("[0-9a-fA-F:.]+")) {
        return key(InetAddress.getByName(word).getAddress());
      }
    } catch (NumberFormatException | UnknownHostException _) {
      // said below
    }
    throw new IllegalArgumentException("'" + word + "' is no address");
  }
}
