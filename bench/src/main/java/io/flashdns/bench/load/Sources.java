package io.flashdns.bench.load;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses to ask from: {@code 127.0.1.0/24}, {@code 192.0.2.1,192.0.2.2}. On Linux the loopback
 * interface has all of 127.0.0.0/8, so that one machine looks like many clients.
 */
final class Sources {
  /** More addresses than this are not spread over sockets. */
  static final int MOST = 1 << 16;

  private Sources() {}

  /**
   * Reads addresses and networks, with commas between them. The first and the last address of a
   * network are left out where it has more than two.
   *
   * @throws IllegalArgumentException with a sentence that quotes what is wrong
   */
  static List<InetAddress> parse(String text) {
    List<InetAddress> all = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      int slash = word.indexOf('/');
      byte[] first = octets(slash < 0 ? word : word.substring(0, slash), text);
      int bits = first.length * 8;
      int prefix = slash < 0 ? bits : prefix(word.substring(slash + 1), bits, text);
      int hostBits = Math.min(16, bits - prefix);
      int count = 1 << hostBits;
      int low = (first[first.length - 2] & 0xff) << 8 | (first[first.length - 1] & 0xff);
      low &= -count;
      for (int i = count > 2 ? 1 : 0; i < (count > 2 ? count - 1 : count); i++) {
        byte[] octets = first.clone();
        octets[octets.length - 2] = (byte) ((low + i) >>> 8);
        octets[octets.length - 1] = (byte) (low + i);
        all.add(address(octets));
      }
    }
    if (all.size() > MOST) {
      throw new IllegalArgumentException(
          "--sources: '%s' is more than %,d addresses".formatted(text, MOST));
    }
    return all;
  }

  private static byte[] octets(String word, String text) {
    try {
      if (word.matches("[0-9a-fA-F:.]+") && (word.indexOf(':') >= 0 || word.indexOf('.') >= 0)) {
        return InetAddress.getByName(word).getAddress();
      }
    } catch (UnknownHostException _) {
      // said below
    }
    throw new IllegalArgumentException(
        "--sources: '%s' in '%s' is no address; write 127.0.1.0/24, or addresses with commas"
            .formatted(word, text));
  }

  private static int prefix(String word, int bits, String text) {
    try {
      int prefix = Integer.parseInt(word);
      if (prefix >= 0 && prefix <= bits) {
        return prefix;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw new IllegalArgumentException(
        "--sources: '/%s' in '%s' is no prefix length from 0 to %d".formatted(word, text, bits));
  }

  private static InetAddress address(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
