package io.flashdns.core.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Octets as a value that a store keeps without looking into it. Immutable, when nobody cheats. */
public final class Octets {
  /** None. */
  public static final Octets EMPTY = new Octets(new byte[0]);

  private final byte[] octets;

  private Octets(byte[] octets) {
    this.octets = octets;
  }

  /**
   * Wraps octets.
   *
   * @param octets are not copied, and not to be changed from now on
   */
  public static Octets of(byte[] octets) {
    return octets.length == 0 ? EMPTY : new Octets(octets);
  }

  /** A text in UTF-8. */
  public static Octets of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The octets themselves, not to be changed. */
  public byte[] array() {
    return octets;
  }

  /** How many. */
  public int length() {
    return octets.length;
  }

  /** True when there are none. */
  public boolean isEmpty() {
    return octets.length == 0;
  }

  /** As text in UTF-8. */
  public String text() {
    return new String(octets, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Octets that && Arrays.equals(octets, that.octets);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(octets);
  }

  @Override
  public String toString() {
    return octets.length + " octets";
  }
}
