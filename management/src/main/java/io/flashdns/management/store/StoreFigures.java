package io.flashdns.management.store;

/**
 * What an embedded store did since it was opened, and how large it is.
 *
 * @param commits change sets that were made and changed something
 * @param groups transactions in which they were made: commits by groups is how many share an fsync
 * @param refusals change sets that broke a rule
 * @param failures change sets that failed for another reason
 * @param commitNanos time that the groups took, from the first change set to the acknowledgement
 * @param slowestCommitNanos the longest of them
 * @param databaseBytes octets of the database file
 * @param walBytes octets of the write-ahead log
 * @param waiting change sets that wait for the writer
 * @param openSnapshots snapshots that are open
 */
public record StoreFigures(
    long commits,
    long groups,
    long refusals,
    long failures,
    long commitNanos,
    long slowestCommitNanos,
    long databaseBytes,
    long walBytes,
    int waiting,
    int openSnapshots) {}
