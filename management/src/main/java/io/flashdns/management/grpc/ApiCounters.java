package io.flashdns.management.grpc;

import java.util.concurrent.atomic.LongAdder;

/** What the doors have counted since they were opened. Safe for all threads. */
public final class ApiCounters {
  final LongAdder connections = new LongAdder();
  final LongAdder connectionsRefused = new LongAdder();
  final LongAdder connectionsEvicted = new LongAdder();
  final LongAdder handshakesTimedOut = new LongAdder();
  final LongAdder malformed = new LongAdder();
  final LongAdder calls = new LongAdder();
  final LongAdder unauthenticated = new LongAdder();
  final LongAdder denied = new LongAdder();
  final LongAdder limited = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder auditWithChange = new LongAdder();
  final LongAdder auditEntries = new LongAdder();
  final LongAdder auditGathered = new LongAdder();
  final LongAdder auditLost = new LongAdder();

  /**
   * The counts at one moment.
   *
   * @param connections taken in
   * @param connectionsRefused turned away, for there were too many
   * @param connectionsEvicted ended for a new one
   * @param handshakesTimedOut ended before they had begun to speak
   * @param malformed requests by JSON that are none, are too long, or are not what the door takes
   * @param calls begun, of all kinds
   * @param unauthenticated calls whose caller was not recognised
   * @param denied calls whose caller may not make them
   * @param limited calls beyond a rate or a number
   * @param failed calls that the server failed at, INTERNAL
   * @param auditWithChange entries of the audit log that were written with their change
   * @param auditEntries entries of the audit log that came without a change
   * @param auditGathered calls that became one entry with others
   * @param auditLost entries that could not be written
   */
  public record Counts(
      long connections,
      long connectionsRefused,
      long connectionsEvicted,
      long handshakesTimedOut,
      long malformed,
      long calls,
      long unauthenticated,
      long denied,
      long limited,
      long failed,
      long auditWithChange,
      long auditEntries,
      long auditGathered,
      long auditLost) {}

  /** Now. */
  public Counts now() {
    return new Counts(
        connections.sum(),
        connectionsRefused.sum(),
        connectionsEvicted.sum(),
        handshakesTimedOut.sum(),
        malformed.sum(),
        calls.sum(),
        unauthenticated.sum(),
        denied.sum(),
        limited.sum(),
        failed.sum(),
        auditWithChange.sum(),
        auditEntries.sum(),
        auditGathered.sum(),
        auditLost.sum());
  }
}
