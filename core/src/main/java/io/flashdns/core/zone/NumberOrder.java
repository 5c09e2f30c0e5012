package io.flashdns.core.zone;

/**
 * An order of numbers that stand for something else, such as places of records in an array: a
 * million of them are sorted without a million objects.
 */
@FunctionalInterface
public interface NumberOrder {
  /** Negative, zero or positive, as in {@link java.util.Comparator}. */
  int compare(int a, int b);

  /**
   * Sorts the first {@code count} numbers by merging; equal ones keep their order. Takes as much
   * memory again, and one comparison each when they are in order.
   */
  default void sort(int[] numbers, int count) {
    sort(numbers, numbers.clone(), 0, count);
  }

  /** Sorts target[from, to); {@code source} holds the same numbers there and is overwritten. */
  private void sort(int[] target, int[] source, int from, int to) {
    if (to - from < 2) {
      return;
    }
    int middle = (from + to) >>> 1;
    sort(source, target, from, middle);
    sort(source, target, middle, to);
    if (compare(source[middle - 1], source[middle]) <= 0) {
      System.arraycopy(source, from, target, from, to - from);
      return;
    }
    int left = from;
    int right = middle;
    for (int i = from; i < to; i++) {
      if (right >= to || (left < middle && compare(source[left], source[right]) <= 0)) {
        target[i] = source[left++];
      } else {
        target[i] = source[right++];
      }
    }
  }
}
