package io.flashdns.management.store;

/**
 * Where a store stands, and a fingerprint of all that it holds: two copies with equal standings
 * hold the same zones, records and documents.
 *
 * @param revision the latest
 * @param lastZone the id given last; 0 for none
 * @param zones living zones
 * @param digest of the rows of all living zones, which hold the digests of their content
 * @param documents how many there are
 * @param documentDigest of all documents
 * @param journalEntries that were ever written
 */
public record Standing(
    long revision,
    long lastZone,
    long zones,
    long digest,
    long documents,
    long documentDigest,
    long journalEntries) {
  /** Of a store in which nothing was done yet. */
  public static final Standing EMPTY = Ledger.EMPTY.standing();

  /** One word for people and for comparisons: equal exactly when the standings are. */
  public String text() {
    return "%d-%d-%d-%016x-%d-%016x-%d"
        .formatted(revision, lastZone, zones, digest, documents, documentDigest, journalEntries);
  }
}
