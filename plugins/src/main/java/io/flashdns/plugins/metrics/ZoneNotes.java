package io.flashdns.plugins.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The zones of the queries that one worker looked at more closely: a ring of zone numbers, written
 * by the worker and read ten times a second. When it was lapped, the newest notes stand for all of
 * them.
 */
final class ZoneNotes {
  /** Room for 40,000 notes a second; a power of two. */
  static final int CAPACITY = 1 << 12;

  private static final VarHandle WRITTEN;

  static {
    try {
      WRITTEN = MethodHandles.lookup().findVarHandle(ZoneNotes.class, "written", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final int[] numbers = new int[CAPACITY];

  @SuppressWarnings("FieldMayBeFinal") // written through WRITTEN
  private long written;

  /** Notes a zone's number, 0 for none. By the worker alone. */
  void add(int zoneNumber) {
    long next = written;
    numbers[(int) next & CAPACITY - 1] = zoneNumber;
    WRITTEN.setRelease(this, next + 1);
  }

  /** How many there were so far. */
  long written() {
    return (long) WRITTEN.getAcquire(this);
  }

  /**
   * One of the last {@link #CAPACITY} notes. One that is overwritten meanwhile gives a newer one.
   */
  int at(long position) {
    return numbers[(int) position & CAPACITY - 1];
  }
}
