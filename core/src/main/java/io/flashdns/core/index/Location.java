package io.flashdns.core.index;

/**
 * Where an image lies in the pack files, as the catalog has it: 23 bits of pack number, 40 bits of
 * offset, so that a location that was given later is greater.
 */
final class Location {
  static final int OFFSET_BITS = 40;

  /** Most packs that there can have been: more than a lifetime of compactions needs. */
  static final int MAX_PACK = (1 << 23) - 1;

  private Location() {}

  static long of(int pack, long offset) {
    return (long) pack << OFFSET_BITS | offset;
  }

  static int pack(long location) {
    return (int) (location >>> OFFSET_BITS);
  }

  static long offset(long location) {
    return location & ((1L << OFFSET_BITS) - 1);
  }
}
