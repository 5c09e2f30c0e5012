package io.flashdns.management.store;

/**
 * The row of table {@code meta}: where a store stands.
 *
 * @param revision the latest
 * @param compacted the newest revision whose events are gone
 * @param lastZone the id given last; 0 for none
 * @param zones living zones
 * @param digest exclusive or of {@link RowSum#digest} of all living zones
 * @param firstLog seq of the oldest row of the log that is kept
 * @param nextLog seq of the row that will be written next
 * @param historyBytes octets of the log rows that are kept
 * @param graves deleted zones whose history is kept
 * @param documents how many there are
 * @param documentDigest exclusive or of the digests of all documents
 * @param firstJournal number of the oldest entry of the journal that is kept
 * @param nextJournal number of the entry that will be written next
 */
record Ledger(
    long revision,
    long compacted,
    long lastZone,
    long zones,
    long digest,
    long firstLog,
    long nextLog,
    long historyBytes,
    long graves,
    long documents,
    long documentDigest,
    long firstJournal,
    long nextJournal) {
  /** Of a store in which nothing was done yet. */
  static final Ledger EMPTY = new Ledger(0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1);

  long sum(RowSum sum) {
    return sum.of('m')
        .add(revision)
        .add(compacted)
        .add(lastZone)
        .add(zones)
        .add(digest)
        .add(firstLog)
        .add(nextLog)
        .add(historyBytes)
        .add(graves)
        .add(documents)
        .add(documentDigest)
        .add(firstJournal)
        .add(nextJournal)
        .value();
  }

  /** What every copy of it has in common. */
  Standing standing() {
    return new Standing(
        revision, lastZone, zones, digest, documents, documentDigest, nextJournal - 1);
  }

  /** The same with other ends of the journal. */
  Ledger withJournal(long first, long next) {
    return new Ledger(
        revision,
        compacted,
        lastZone,
        zones,
        digest,
        firstLog,
        nextLog,
        historyBytes,
        graves,
        documents,
        documentDigest,
        first,
        next);
  }
}
