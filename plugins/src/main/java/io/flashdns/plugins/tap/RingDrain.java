package io.flashdns.plugins.tap;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread that empties the rings of all workers into one sink.
 *
 * <p>Workers do not wake it, for that costs more than all the rest: it looks by itself, 1 ms after
 * it found something, after up to 10 ms when it finds nothing. So a ring must hold what a worker
 * writes in some 10 ms.
 *
 * <p>Methods are for threads that may block, not for workers.
 */
public final class RingDrain implements AutoCloseable {
  private static final long MIN_PAUSE_NANOS = 1_000_000;
  private static final long MAX_PAUSE_NANOS = 10_000_000;
  private static final long CLOSE_MILLIS = 5_000;

  private final String name;
  private final RecordSink sink;
  private final List<RecordRing> rings = new CopyOnWriteArrayList<>();
  private final AtomicLong faults = new AtomicLong();
  private volatile boolean closing;
  private @Nullable Thread thread;

  /**
   * A drain that does nothing before {@link #start}.
   *
   * @param name of its thread
   */
  public RingDrain(String name, RecordSink sink) {
    this.name = name;
    this.sink = sink;
  }

  /** A ring that this drain empties from now on. */
  public RecordRing newRing(int atLeastBytes) {
    RecordRing ring = new RecordRing(atLeastBytes);
    rings.add(ring);
    return ring;
  }

  /** Starts the thread. */
  public synchronized void start() {
    thread = Thread.ofPlatform().name(name).daemon().start(this::run);
  }

  /** How often the sink threw; the record in question is lost then. */
  public long faults() {
    return faults.get();
  }

  /**
   * Writes out what the rings hold and closes the sink; waits for that, but no more than five
   * seconds.
   */
  @Override
  public synchronized void close() {
    closing = true;
    Thread running = thread;
    thread = null;
    if (running == null) {
      return;
    }
    LockSupport.unpark(running);
    try {
      running.join(CLOSE_MILLIS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long pause = MIN_PAUSE_NANOS;
    drained();
    while (!closing) {
      boolean found = pass();
      pause = found ? MIN_PAUSE_NANOS : Math.min(MAX_PAUSE_NANOS, 2 * pause);
      LockSupport.parkNanos(this, pause);
    }
    boolean _ = pass();
    try {
      sink.close();
    } catch (RuntimeException _) {
      faults.incrementAndGet();
    }
  }

  private boolean pass() {
    boolean found = false;
    for (RecordRing ring : rings) {
      found |= empty(ring);
    }
    drained();
    return found;
  }

  private void drained() {
    try {
      sink.drained(System.nanoTime());
    } catch (RuntimeException _) {
      faults.incrementAndGet();
    }
  }

  /** Takes what a ring holds, but no more than it can hold at once: the others wait. */
  private boolean empty(RecordRing ring) {
    long left = ring.capacityBytes();
    boolean found = false;
    int record;
    while (left > 0 && (record = ring.next()) != RecordRing.NONE) {
      found = true;
      int length = ring.length();
      left -= length;
      try {
        sink.accept(ring.bytes(), record, length);
      } catch (RuntimeException _) {
        faults.incrementAndGet();
      } finally {
        ring.release();
      }
    }
    return found;
  }
}
