package io.flashdns.core.engine;

import io.flashdns.core.dns.Rcode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A worker's counters: slots of one array, written by the worker alone with opaque stores and
 * summed by whoever reads. A reader sees each slot whole and rising, not all slots of one moment.
 */
final class Counter {
  static final int UDP_QUERIES = 0;
  static final int TCP_QUERIES = 1;
  static final int REPLIES = 2;
  static final int DROPPED = 3;
  static final int MALFORMED = 4;
  static final int TRUNCATED = 5;
  static final int FAULTS = 6;
  static final int RCODES = 7;
  static final int SLOTS = RCODES + Rcode.COUNT;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);

  private Counter() {}

  static void increment(long[] slots, int index) {
    SLOT.setOpaque(slots, index, slots[index] + 1);
  }

  static long read(long[] slots, int index) {
    return (long) SLOT.getOpaque(slots, index);
  }
}
