package io.flashdns.core.store;

/**
 * The identity of a zone in a store: given at its creation, never given again, also not to a zone
 * of the same name.
 *
 * @param value 1 or more
 */
public record ZoneId(long value) {
  public ZoneId {
    if (value < 1) {
      throw new IllegalArgumentException("a zone id must be 1 or more, not " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
