package io.flashdns.plugins.tap;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Records of octets on their way from one thread to another: a ring of bounded size, without locks,
 * that says no when it is full.
 *
 * <p>One thread writes ({@link #claim}, {@link #commit}), one other thread reads ({@link #next},
 * {@link #length}, {@link #release}). Nothing waits and nothing allocates. A record costs the
 * writer some nanoseconds and the copying of its octets.
 *
 * <p>How it works: both threads count the octets that they have passed; the difference is what the
 * ring holds. A record is a length and its octets, starts at a multiple of eight, and lies in one
 * piece: when the end of the array is too near, a mark is left there and the record starts at the
 * front. The writer's count is stored with release after the record's octets and loaded with
 * acquire before they are read, the reader's likewise before room is used again. What the writer
 * stores and what the reader stores lie on cache lines of their own, and each looks at the other's
 * count only when the one it saw last does not suffice.
 */
public final class RecordRing {
  /** No room, or no record. */
  public static final int NONE = -1;

  /** Smallest ring, in octets. */
  public static final int MIN_BYTES = 1 << 10;

  /** Largest ring, in octets. */
  public static final int MAX_BYTES = 1 << 30;

  private static final int LENGTH_BYTES = 4;
  private static final int SKIP = -1;

  // Slots of the cursors, 128 octets apart where different threads write them.
  private static final int READ = 16;
  private static final int WRITTEN_SEEN = 17;
  private static final int WRITTEN = 32;
  private static final int READ_SEEN = 33;
  private static final int CLAIMED = 34;
  private static final int CURSORS = 48;

  private static final VarHandle CURSOR = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle LENGTH =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private final byte[] bytes;
  private final int mask;
  private final long[] cursors = new long[CURSORS];

  /**
   * An empty ring.
   *
   * @param atLeastBytes {@link #MIN_BYTES} to {@link #MAX_BYTES}; the next power of two is taken
   */
  public RecordRing(int atLeastBytes) {
    if (atLeastBytes < MIN_BYTES || atLeastBytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a ring has " + MIN_BYTES + " to " + MAX_BYTES + " octets, not " + atLeastBytes);
    }
    int capacity = Integer.highestOneBit(atLeastBytes - 1) << 1;
    this.bytes = new byte[capacity];
    this.mask = capacity - 1;
  }

  /** Where records stand, for both threads. */
  public byte[] bytes() {
    return bytes;
  }

  /** Octets of the ring: a power of two. */
  public int capacityBytes() {
    return bytes.length;
  }

  /**
   * Writer: asks for room for a record, which becomes one with {@link #commit}; asking again gives
   * the same room.
   *
   * @param atMostBytes octets that the record will have at most; what is above half of the ring may
   *     never find room
   * @return where in {@link #bytes} the record starts, or {@link #NONE}
   */
  public int claim(int atMostBytes) {
    long written = cursors[WRITTEN];
    long needed = aligned(atMostBytes);
    int index = (int) written & mask;
    int toEnd = bytes.length - index;
    long skipped = needed > toEnd ? toEnd : 0;
    if (written + skipped + needed - cursors[READ_SEEN] > bytes.length) {
      cursors[READ_SEEN] = (long) CURSOR.getAcquire(cursors, READ);
      if (written + skipped + needed - cursors[READ_SEEN] > bytes.length) {
        return NONE;
      }
    }
    if (skipped != 0) {
      LENGTH.set(bytes, index, SKIP);
      index = 0;
    }
    cursors[CLAIMED] = written + skipped;
    return index + LENGTH_BYTES;
  }

  /**
   * Writer: hands over the record that was written where {@link #claim} said.
   *
   * @param length octets that it has, at most those claimed
   */
  public void commit(int length) {
    long start = cursors[CLAIMED];
    LENGTH.set(bytes, (int) start & mask, length);
    CURSOR.setRelease(cursors, WRITTEN, start + aligned(length));
  }

  /**
   * Reader: the oldest record.
   *
   * @return where in {@link #bytes} it starts, or {@link #NONE}; it stays the oldest one until
   *     {@link #release}
   */
  public int next() {
    long read = cursors[READ];
    if (read == cursors[WRITTEN_SEEN]) {
      cursors[WRITTEN_SEEN] = (long) CURSOR.getAcquire(cursors, WRITTEN);
      if (read == cursors[WRITTEN_SEEN]) {
        return NONE;
      }
    }
    int index = (int) read & mask;
    if ((int) LENGTH.get(bytes, index) == SKIP) {
      // A mark is only handed over together with the record that follows it.
      CURSOR.setRelease(cursors, READ, read + bytes.length - index);
      index = 0;
    }
    return index + LENGTH_BYTES;
  }

  /** Reader: octets of the record that {@link #next} gave. */
  public int length() {
    return (int) LENGTH.get(bytes, (int) cursors[READ] & mask);
  }

  /** Reader: gives back the room of the record that {@link #next} gave. */
  public void release() {
    CURSOR.setRelease(cursors, READ, cursors[READ] + aligned(length()));
  }

  /** Octets that are in use, marks and lengths included; any thread, a value of some moment. */
  public long usedBytes() {
    long read = (long) CURSOR.getAcquire(cursors, READ);
    return Math.max(0, (long) CURSOR.getAcquire(cursors, WRITTEN) - read);
  }

  private static long aligned(int length) {
    return (length + (LENGTH_BYTES + 7L)) & ~7L;
  }
}
