package io.flashdns.management.store;

/**
 * Of which shared store this is a copy, and how far.
 *
 * @param store its identity, given when it was begun; empty for a store that is nobody's copy
 * @param sequence of the group of its log that was made last; 0 before the first
 */
public record Position(String store, long sequence) {
  /** Of a store that is nobody's copy. */
  public static final Position NONE = new Position("", 0);

  Position next() {
    return new Position(store, sequence + 1);
  }

  long sum(RowSum sum) {
    return sum.of('p').add(store).add(sequence).value();
  }
}
