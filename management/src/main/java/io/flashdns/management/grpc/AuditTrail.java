package io.flashdns.management.grpc;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.proto.v1.AuditEntry;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Entries of the audit log that come without a change: calls that were refused, or came to nothing.
 * One thread writes them, many at a time. While it cannot keep up, changing calls are not taken
 * ({@link #hasRoom}).
 *
 * <p>Nobody fills the disk with refused calls: beyond a rate, what one source or one principal does
 * becomes a number in one entry every ten seconds.
 *
 * <p>Safe for all threads.
 */
final class AuditTrail implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditTrail.class);

  private static final int MAX_WAITING = 16_384;
  private static final int MAX_BATCH = 256;
  private static final int MAX_KEYS = 4_096;
  private static final long GATHER_SECONDS = 10;
  private static final long RETRY_SECONDS = 1;

  /** How many entries of one kind are written one by one. */
  enum Rate {
    /** Of callers who are known. */
    KNOWN(200, 12_000),
    /** Beyond a rate: floods by their nature. */
    LIMITED(5, 50),
    /** Of callers who are not known. */
    UNKNOWN(10, 200);

    private final int perSecond;
    private final int atOnce;

    Rate(int perSecond, int atOnce) {
      this.perSecond = perSecond;
      this.atOnce = atOnce;
    }
  }

  /** Entries of all callers who are not known. */
  private static final int STRANGERS_PER_SECOND = 100;

  private static final int STRANGERS_AT_ONCE = 2_000;
  private static final String OTHERS = "others";

  private final ApiServer.Journal journal;
  private final ApiCounters counters;
  private final InstantSource clock;
  private final BlockingQueue<Octets> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Gathered> gathered = new HashMap<>();
  private final Bucket strangers =
      new Bucket(STRANGERS_PER_SECOND, STRANGERS_AT_ONCE, System.nanoTime());
  private final Thread thread;
  private volatile boolean closing;

  /** What one source does. */
  private static final class Gathered {
    private final Bucket bucket;
    private AuditEntry last = AuditEntry.getDefaultInstance();
    private long rest;

    Gathered(Bucket bucket) {
      this.bucket = bucket;
    }
  }

  AuditTrail(ApiServer.Journal journal, ApiCounters counters, InstantSource clock) {
    this.journal = journal;
    this.counters = counters;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("api-audit").start(this::write);
  }

  /** False while so many entries wait that none is to be added by a call that can wait. */
  boolean hasRoom() {
    return waiting.remainingCapacity() > MAX_WAITING / 4;
  }

  /**
   * Hands an entry over; never blocks.
   *
   * @param who principal or source that is bounded together
   */
  void add(AuditEntry entry, String who, Rate rate) {
    if (!isAlone(entry, rate.name() + " " + who, rate)) {
      return;
    }
    offer(entry);
  }

  private void offer(AuditEntry entry) {
    if (waiting.offer(Octets.of(entry.toByteArray()))) {
      counters.auditEntries.increment();
    } else {
      counters.auditLost.increment();
    }
  }

  private boolean isAlone(AuditEntry entry, String key, Rate rate) {
    long now = System.nanoTime();
    lock.lock();
    try {
      Gathered of =
          gathered.computeIfAbsent(
              gathered.size() < MAX_KEYS || gathered.containsKey(key) ? key : OTHERS,
              _ -> new Gathered(new Bucket(rate.perSecond, rate.atOnce, now)));
      if (of.bucket.isTaken(now) && (rate != Rate.UNKNOWN || strangers.isTaken(now))) {
        return true;
      }
      of.last = entry;
      of.rest++;
      counters.auditGathered.increment();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** What was gathered becomes entries. */
  private void flush() {
    List<AuditEntry> entries = new ArrayList<>();
    long now = System.nanoTime();
    Instant time = clock.instant();
    lock.lock();
    try {
      gathered
          .values()
          .removeIf(
              of -> {
                if (of.rest == 0) {
                  return of.bucket.isFull(now);
                }
                entries.add(
                    of.last.toBuilder()
                        .setTime(Timestamps.fromMillis(time.toEpochMilli()))
                        .clearRequestJson()
                        .setStatusMessage(
                            "the last of "
                                + of.rest
                                + " such calls within "
                                + GATHER_SECONDS
                                + " seconds, which have this entry together: "
                                + of.last.getStatusMessage())
                        .build());
                of.rest = 0;
                return false;
              });
    } finally {
      lock.unlock();
    }
    entries.forEach(this::offer);
  }

  private void write() {
    long flushNanos = System.nanoTime();
    List<Octets> batch = new ArrayList<>(MAX_BATCH);
    while (true) {
      try {
        boolean last = closing;
        if (last || System.nanoTime() - flushNanos >= TimeUnit.SECONDS.toNanos(GATHER_SECONDS)) {
          flush();
          flushNanos = System.nanoTime();
        }
        if (batch.isEmpty()) {
          Octets first = last ? waiting.poll() : waiting.poll(RETRY_SECONDS, TimeUnit.SECONDS);
          if (first == null) {
            if (last) {
              return;
            }
            continue;
          }
          batch.add(first);
          waiting.drainTo(batch, MAX_BATCH - 1);
          batch.removeIf(Octets::isEmpty);
        }
        if (!batch.isEmpty()) {
          journal.write(batch);
        }
        batch.clear();
      } catch (InterruptedException _) {
        // close() has waited long enough.
      } catch (StoreException.Unavailable e) {
        if (closing) {
          lost(batch, e);
          return;
        }
        pause();
      } catch (StoreException | RuntimeException e) {
        lost(batch, e);
        batch.clear();
      }
    }
  }

  private void lost(List<Octets> batch, Exception why) {
    counters.auditLost.add(batch.size() + (closing ? waiting.size() : 0));
    log.error("{} entries of the audit log could not be written", batch.size(), why);
  }

  private void pause() {
    try {
      TimeUnit.SECONDS.sleep(RETRY_SECONDS);
    } catch (InterruptedException _) {
      // close() wakes it so.
    }
  }

  /** Writes what waits, then ends. */
  @Override
  public void close() {
    closing = true;
    // No entry, but something to wake up for.
    var _ = waiting.offer(Octets.EMPTY);
    try {
      if (!thread.join(java.time.Duration.ofSeconds(RETRY_SECONDS + 1))) {
        thread.interrupt();
        thread.join(java.time.Duration.ofSeconds(RETRY_SECONDS));
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
