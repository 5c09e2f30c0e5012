package io.flashdns.bench.load;

import java.util.Arrays;

/**
 * The queries that are out on one socket or connection: which id stands for which query, and since
 * when.
 *
 * <p>A query has a <i>slot</i>. The lower bits of its id name the slot, the upper ones change with
 * each use of it, so that a late reply is not taken for one to the next query. Slots are used in
 * turn: the one that was freed last is used last, and until then its last id is known, and with it
 * what a second reply is.
 *
 * <p><b>Thread</b>: one. <b>Cost</b>: nothing but the constructor allocates; what is used of the
 * arrays fits into the nearest cache for windows up to some tens.
 */
final class Lane {
  /** {@link #match}: nothing that could be known was asked under this id. */
  static final int STRAY = -1;

  /** {@link #match}: has its reply already. */
  static final int DUPLICATE = -2;

  /** {@link #match}: was given up. */
  static final int LATE = -3;

  private static final int IDS = 1 << 16;
  private static final int SPARE = 4;
  private static final byte UNUSED = 0;
  private static final byte OUT = 1;
  private static final byte ANSWERED = 2;
  private static final byte GIVEN_UP = 3;

  private final int window;
  private final int slots;
  private final int key;
  private final int[] ids;
  private final byte[] states;
  private final int[] queries;
  private final long[] numbers;
  private final long[] planned;
  private final long[] sent;
  private final int[] free;
  private int firstFree;
  private int freeCount;
  private int outstanding;

  /**
   * @param window most queries out, up to {@link Pace#MAX_WINDOW}
   * @param key what ids are mixed with
   */
  Lane(int window, int key) {
    this.window = window;
    int wanted = Math.min(IDS / 2, window * SPARE);
    slots = Integer.highestOneBit(Math.max(2, wanted) * 2 - 1);
    this.key = key & (IDS - 1);
    ids = new int[slots];
    states = new byte[slots];
    queries = new int[slots];
    numbers = new long[slots];
    planned = new long[slots];
    sent = new long[slots];
    free = new int[slots];
    for (int i = 0; i < slots; i++) {
      ids[i] = i;
      free[i] = i;
    }
    freeCount = slots;
  }

  /** Queries that may be sent now. */
  int room() {
    return Math.min(window - outstanding, freeCount);
  }

  int outstanding() {
    return outstanding;
  }

  /** Takes a slot for a query; there is {@link #room}. */
  int take(int query, long number, long plannedNanos, long nowNanos) {
    int slot = free[firstFree];
    firstFree = (firstFree + 1) & (slots - 1);
    freeCount--;
    outstanding++;
    ids[slot] = (ids[slot] + slots) & (IDS - 1);
    states[slot] = OUT;
    queries[slot] = query;
    numbers[slot] = number;
    planned[slot] = plannedNanos;
    sent[slot] = nowNanos;
    return slot;
  }

  /** Takes back the last {@link #take}: the query was not sent. */
  void undo() {
    firstFree = (firstFree - 1) & (slots - 1);
    freeCount++;
    outstanding--;
    states[free[firstFree]] = UNUSED;
  }

  /** The id of the query in a slot. */
  int id(int slot) {
    return ids[slot] ^ key;
  }

  int query(int slot) {
    return queries[slot];
  }

  long number(int slot) {
    return numbers[slot];
  }

  long plannedNanos(int slot) {
    return planned[slot];
  }

  /** The slot of the query that is out under an id, or one of the negative numbers above. */
  int match(int id) {
    int own = id ^ key;
    int slot = own & (slots - 1);
    if (ids[slot] != own) {
      return STRAY;
    }
    return switch (states[slot]) {
      case OUT -> slot;
      case ANSWERED -> DUPLICATE;
      case GIVEN_UP -> LATE;
      default -> STRAY;
    };
  }

  /** Frees the slot of a query that has its reply. */
  void answered(int slot) {
    release(slot, ANSWERED);
  }

  /** Frees the slot of a query that is given up. */
  void givenUp(int slot) {
    release(slot, GIVEN_UP);
  }

  private void release(int slot, byte state) {
    states[slot] = state;
    free[(firstFree + freeCount) & (slots - 1)] = slot;
    freeCount++;
    outstanding--;
  }

  /** The first slot from one on whose query was sent before a moment and is still out; or -1. */
  int sentBefore(int from, long nanos) {
    for (int slot = from; slot < slots; slot++) {
      if (states[slot] == OUT && sent[slot] - nanos < 0) {
        return slot;
      }
    }
    return -1;
  }

  /** The first slot from one on whose query is out; or -1. */
  int firstOut(int from) {
    for (int slot = from; slot < slots; slot++) {
      if (states[slot] == OUT) {
        return slot;
      }
    }
    return -1;
  }

  /** Forgets what is known of past queries: nothing of a connection that is closed comes again. */
  void forget() {
    Arrays.fill(states, UNUSED);
    for (int i = 0; i < slots; i++) {
      free[i] = i;
    }
    firstFree = 0;
    freeCount = slots;
    outstanding = 0;
  }
}
