package io.flashdns.plugins.tenancy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * What one worker counted: two slots for each zone number, answered and not, and one for each
 * tenant that went over its budget.
 *
 * <p>Written by its worker alone, read by whoever adds up. The worker replaces an array by a longer
 * copy when it meets a number that is new to it, which happens after zones were added; readers of
 * the old array see what was counted until then.
 */
final class WorkerLedger {
  /** Offset of the slot of queries that were answered. */
  static final int ANSWERED = 0;

  /** Offset of the slot of queries that were refused, failed or dropped. */
  static final int UNANSWERED = 1;

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int MIN_SPARE = 64;

  private volatile long[] zones;
  private volatile long[] tenants = {};

  /**
   * @param zoneNumbers one more than the highest number that is known now
   */
  WorkerLedger(int zoneNumbers) {
    zones = new long[2 * zoneNumbers + 2 * MIN_SPARE];
  }

  /** Counts a query of a zone, 0 for none. Its worker. */
  void count(int zone, int outcome) {
    int slot = 2 * zone + outcome;
    long[] slots = zones;
    if (slot >= slots.length) {
      slots = longer(slots, slot);
      zones = slots;
    }
    SLOT.setOpaque(slots, slot, slots[slot] + 1);
  }

  /** Counts a query above a tenant's budget. Its worker. */
  void countOverBudget(int tenant) {
    long[] slots = tenants;
    if (tenant >= slots.length) {
      slots = longer(slots, tenant);
      tenants = slots;
    }
    SLOT.setOpaque(slots, tenant, slots[tenant] + 1);
  }

  /** By an eighth at least: a server whose zones are added one by one copies seldom. */
  private static long[] longer(long[] slots, int slot) {
    return Arrays.copyOf(slots, slot + 1 + Math.max(MIN_SPARE, slot >>> 3));
  }

  /** What was counted for a zone. Any thread. */
  long read(int zone, int outcome) {
    return read(zones, 2 * zone + outcome);
  }

  /** What was counted above a tenant's budget. Any thread. */
  long overBudget(int tenant) {
    return read(tenants, tenant);
  }

  /** What was counted above all budgets. Any thread. */
  long overBudget() {
    long[] slots = tenants;
    long sum = 0;
    for (int i = 0; i < slots.length; i++) {
      sum += read(slots, i);
    }
    return sum;
  }

  private static long read(long[] slots, int slot) {
    return slot < slots.length ? (long) SLOT.getOpaque(slots, slot) : 0;
  }

  /** Octets that it takes. */
  long bytes() {
    return 8L * (zones.length + tenants.length);
  }
}
