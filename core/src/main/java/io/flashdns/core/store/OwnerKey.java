package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/**
 * Owners as keys of databases: the order of the keys, octet by octet and unsigned, is the canonical
 * order of the names (RFC 4034 §6.1), and all keys at or below a name begin with its key.
 *
 * <p>The labels below the apex from the top downwards, each with a 0 behind it; in a label an octet
 * 0 is written 1 1, an octet 1 is written 1 2, letters in lower case. The apex is the empty key.
 */
public final class OwnerKey {
  /** Longest key in octets. */
  public static final int MAX_BYTES = 2 * Wire.MAX_NAME_BYTES;

  private static final int END = 0;
  private static final int ESCAPE = 1;

  private OwnerKey() {}

  /** The key of an owner at or below {@code apex}. */
  public static byte[] of(DomainName owner, DomainName apex) {
    return of(owner.wire(), owner.length(), apex.length());
  }

  /**
   * The key of the owner {@code name[0, length)}, in wire form, whose last {@code apexLength}
   * octets are its zone's apex.
   */
  public static byte[] of(byte[] name, int length, int apexLength) {
    int below = length - apexLength;
    if (below == 0) {
      return new byte[0];
    }
    byte[] key = new byte[2 * below];
    int at = key.length;
    // From the name's first label, which stands last in the key, to its highest.
    for (int label = 0; label < below; label += 1 + name[label]) {
      key[--at] = END;
      for (int i = label + name[label]; i > label; i--) {
        byte octet = (byte) NameKey.foldOctet(name[i]);
        if (octet == END || octet == ESCAPE) {
          key[--at] = (byte) (octet + 1);
          key[--at] = ESCAPE;
        } else {
          key[--at] = octet;
        }
      }
    }
    return Arrays.copyOfRange(key, at, key.length);
  }

  /**
   * The owner that a key is of.
   *
   * @throws IllegalArgumentException when it is no key
   */
  public static DomainName owner(byte[] key, DomainName apex) {
    byte[] name = new byte[Wire.MAX_NAME_BYTES];
    int at = name.length - apex.length();
    apex.folded().writeTo(name, at);
    for (int i = 0; i < key.length; ) {
      int end = i;
      int octets = 0;
      while (end < key.length && key[end] != END) {
        end += key[end] == ESCAPE ? 2 : 1;
        octets++;
      }
      if (end >= key.length || octets == 0 || octets > Wire.MAX_LABEL_BYTES || at < octets + 1) {
        throw new IllegalArgumentException(
            "these " + key.length + " octets are no key of an owner");
      }
      at -= octets + 1;
      name[at] = (byte) octets;
      for (int to = at + 1; i < end; i++, to++) {
        if (key[i] == ESCAPE) {
          i++;
          name[to] = (byte) (key[i] - 1);
        } else {
          name[to] = key[i];
        }
      }
      i = end + 1;
    }
    return DomainName.ofWire(name, at);
  }
}
