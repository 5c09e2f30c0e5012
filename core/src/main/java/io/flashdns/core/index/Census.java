package io.flashdns.core.index;

import java.util.Arrays;
import java.util.BitSet;

/** How much of each pack a catalog names. One thread. */
final class Census {
  private final int[] numbers;
  private final long[] sizes;
  private final long[] live;
  private final BitSet held = new BitSet();

  /**
   * @param numbers of packs, rising
   * @param sizes octets of each
   */
  Census(int[] numbers, long[] sizes) {
    this.numbers = numbers;
    this.sizes = sizes;
    this.live = new long[numbers.length];
  }

  /**
   * Counts an image.
   *
   * @return false when it does not lie in any of the packs
   */
  boolean add(long location, long imageBytes) {
    if (location < 0) {
      return false;
    }
    int index = Arrays.binarySearch(numbers, Location.pack(location));
    long size = ImagePacks.HEADER_BYTES + imageBytes;
    if (index < 0 || Location.offset(location) + size > sizes[index]) {
      return false;
    }
    live[index] += size;
    return true;
  }

  /** Keeps the pack of an image that must not be moved out of {@link #sparse}. */
  void hold(long location) {
    if (location >= 0) {
      held.set(Location.pack(location));
    }
  }

  /** True when the pack is known and nothing was counted in it. */
  boolean isEmpty(int number) {
    int index = Arrays.binarySearch(numbers, number);
    return index >= 0 && live[index] == 0;
  }

  long liveBytes() {
    return Arrays.stream(live).sum();
  }

  long totalBytes() {
    return Arrays.stream(sizes).sum();
  }

  /** Packs of which more than a quarter is dead, but not all: those go by themselves. */
  BitSet sparse() {
    BitSet sparse = new BitSet();
    for (int i = 0; i < numbers.length; i++) {
      if (live[i] > 0 && live[i] < sizes[i] - sizes[i] / 4) {
        sparse.set(numbers[i]);
      }
    }
    sparse.andNot(held);
    return sparse;
  }
}
