package io.flashdns.core.store;

/**
 * How a store does.
 *
 * @param revision the latest
 * @param compactedRevision events up to and including this one are gone; 0 when all are kept
 * @param zones living zones
 * @param historyBytes octets that the kept events take
 * @param readOnlyReason why no change is taken, in one sentence with the remedy; empty when changes
 *     are taken
 */
public record StoreState(
    long revision, long compactedRevision, long zones, long historyBytes, String readOnlyReason) {
  /** True when changes are taken. */
  public boolean isWritable() {
    return readOnlyReason.isEmpty();
  }
}
