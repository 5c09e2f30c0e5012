package io.flashdns.core.store;

/**
 * An entry of a store's journal, which only grows, and is cut at its old end.
 *
 * @param number grows by 1 with each entry of this store
 * @param epochMillis when it was written
 * @param revision of the change set that it was written with; 0 when that changed nothing else, and
 *     for one that came alone
 * @param body what it says, in the terms of who wrote it
 */
public record JournalEntry(long number, long epochMillis, long revision, Octets body) {
  /** Longest body. */
  public static final int MAX_BODY_BYTES = 1 << 20;

  /**
   * Checks a body.
   *
   * @throws IllegalArgumentException when it is too long
   */
  public static void checkBody(Octets body) {
    if (body.length() > MAX_BODY_BYTES) {
      throw new IllegalArgumentException(
          "an entry of the journal has at most "
              + MAX_BODY_BYTES
              + " octets, not "
              + body.length());
    }
  }
}
