package io.flashdns.core.zone;

import java.util.Arrays;

/**
 * A map of 32-bit keys to 32-bit values of which every version stays as it is while the next one is
 * made: what a patched zone knows beyond its image.
 *
 * <p>Immutable, safe for all threads; {@link #get} allocates nothing and reads one or two cache
 * lines. The next version is made by {@link #edit} and shares all that did not change.
 *
 * <p>Extendible hashing (Fagin and others, 1979): a directory of chunks, chosen by the upper bits
 * of the mixed key. A chunk of {@value #CHUNK_SLOTS} slots is copied when it changes and split in
 * two when it is three quarters full, so that no change ever rehashes the whole.
 *
 * <pre>
 * chunk[0]      number of the edit that made it 32 | bits of the key that all its entries share 16 | entries 16
 * chunk[1...]   slots: key 32 | value 32; all zero = empty; a key is not 0 unless its value is not
 * </pre>
 */
final class OffsetTable {
  static final OffsetTable EMPTY =
      new OffsetTable(new long[][] {new long[] {1 << 16, 0}, new long[] {1 << 16, 0}}, 1);

  private static final int CHUNK_SLOTS = 128;
  private static final int SLOT_MASK = CHUNK_SLOTS - 1;
  private static final int FULL_CHUNK = CHUNK_SLOTS * 3 / 4;
  private static final int MAX_DEPTH = 22;

  private final long[][] directory;
  private final int depth;

  private OffsetTable(long[][] directory, int depth) {
    this.directory = directory;
    this.depth = depth;
  }

  /** The value of a key, or {@code absent}; the first one where several were added. */
  int get(int key, int absent) {
    return find(directory, depth, key, 0, absent);
  }

  /** The value that was added for a key after {@code skip} others, or 0. */
  int nth(int key, int skip) {
    return find(directory, depth, key, skip, 0);
  }

  /** All values, in no order. Allocates. */
  int[] values() {
    int[] values = new int[CHUNK_SLOTS];
    int count = 0;
    for (int i = 0; i < directory.length; i += 1 << (depth - localDepth(directory[i]))) {
      long[] chunk = directory[i];
      for (int slot = 1; slot < chunk.length; slot++) {
        if (chunk[slot] != 0) {
          if (count == values.length) {
            values = Arrays.copyOf(values, 2 * count);
          }
          values[count++] = (int) chunk[slot];
        }
      }
    }
    return Arrays.copyOf(values, count);
  }

  private static int find(long[][] directory, int depth, int key, int skip, int absent) {
    long hash = mix(key);
    long[] chunk = directory[(int) (hash >>> (Long.SIZE - depth))];
    int mask = chunk.length - 2;
    int slot = slotOf(hash) & mask;
    int left = skip;
    long entry;
    while ((entry = chunk[1 + slot]) != 0) {
      if ((int) (entry >>> 32) == key && left-- == 0) {
        return (int) entry;
      }
      slot = (slot + 1) & mask;
    }
    return absent;
  }

  private static int localDepth(long[] chunk) {
    return (int) (chunk[0] >>> 16) & 0xffff;
  }

  private static long mix(int key) {
    long z = key * 0x9e37_79b9_7f4a_7c15L;
    z = (z ^ (z >>> 32)) * 0xd6e8_feb8_6659_fd93L;
    return z ^ (z >>> 32);
  }

  private static int slotOf(long hash) {
    return (int) (hash >>> 32) & SLOT_MASK;
  }

  /**
   * Begins the next version.
   *
   * @param number of this edit, used for no other one of the same table
   */
  Edit edit(int number) {
    return new Edit(directory, depth, number);
  }

  /** The next version while it is made. One thread; used once. */
  static final class Edit {
    private final int number;
    private long[][] directory;
    private int depth;
    private boolean owned;

    private Edit(long[][] directory, int depth, int number) {
      this.directory = directory;
      this.depth = depth;
      this.number = number;
    }

    int get(int key, int absent) {
      return find(directory, depth, key, 0, absent);
    }

    /** Gives a key one value, in place of the one that it has. */
    void put(int key, int value) {
      long[] chunk = chunkFor(key);
      int slot = slotOf(mix(key));
      while (chunk[1 + slot] != 0) {
        if ((int) (chunk[1 + slot] >>> 32) == key) {
          chunk[1 + slot] = (long) key << 32 | (value & 0xffff_ffffL);
          return;
        }
        slot = (slot + 1) & SLOT_MASK;
      }
      chunk[1 + slot] = (long) key << 32 | (value & 0xffff_ffffL);
      chunk[0]++;
    }

    /** Gives a key one more value, which is not 0. */
    void add(int key, int value) {
      insert(chunkFor(key), key, value);
    }

    private static void insert(long[] chunk, int key, int value) {
      int slot = slotOf(mix(key));
      while (chunk[1 + slot] != 0) {
        slot = (slot + 1) & SLOT_MASK;
      }
      chunk[1 + slot] = (long) key << 32 | (value & 0xffff_ffffL);
      chunk[0]++;
    }

    /** The chunk of a key, this edit's own, with room for one more entry. */
    private long[] chunkFor(int key) {
      long hash = mix(key);
      while (true) {
        int at = (int) (hash >>> (Long.SIZE - depth));
        long[] chunk = directory[at];
        int entries = (int) chunk[0] & 0xffff;
        if (entries >= FULL_CHUNK) {
          if (localDepth(chunk) < MAX_DEPTH) {
            split(at);
            continue;
          }
          if (entries >= CHUNK_SLOTS - 1) {
            throw new PatchRefusedException();
          }
        }
        if ((int) (chunk[0] >>> 32) == number && chunk.length > CHUNK_SLOTS) {
          return chunk;
        }
        long[] copy = Arrays.copyOf(chunk, 1 + CHUNK_SLOTS);
        copy[0] = header(localDepth(chunk), entries);
        replace(at, localDepth(chunk), copy, copy);
        return copy;
      }
    }

    private long header(int localDepth, int entries) {
      return (long) number << 32 | localDepth << 16 | entries;
    }

    private void split(int at) {
      long[] full = directory[at];
      int local = localDepth(full);
      if (local == depth) {
        long[][] larger = new long[2 * directory.length][];
        for (int i = 0; i < larger.length; i++) {
          larger[i] = directory[i >>> 1];
        }
        directory = larger;
        owned = true;
        depth++;
        split(2 * at);
        return;
      }
      long[] low = new long[1 + CHUNK_SLOTS];
      long[] high = new long[1 + CHUNK_SLOTS];
      low[0] = header(local + 1, 0);
      high[0] = header(local + 1, 0);
      // In the order of the slots from an empty one on, so that values of one key keep their order.
      int start = 0;
      while (full[1 + start] != 0) {
        start++;
      }
      for (int i = 1; i <= CHUNK_SLOTS; i++) {
        long entry = full[1 + ((start + i) & SLOT_MASK)];
        if (entry != 0) {
          int key = (int) (entry >>> 32);
          boolean upper = (mix(key) >>> (Long.SIZE - 1 - local) & 1) != 0;
          insert(upper ? high : low, key, (int) entry);
        }
      }
      replace(at, local, low, high);
    }

    /** Puts two chunks into the halves of the part of the directory that a chunk had. */
    private void replace(int at, int local, long[] low, long[] high) {
      if (!owned) {
        directory = directory.clone();
        owned = true;
      }
      int span = 1 << (depth - local);
      int from = at & -span;
      for (int i = 0; i < span; i++) {
        directory[from + i] = i < span / 2 ? low : high;
      }
    }

    OffsetTable done() {
      return new OffsetTable(directory, depth);
    }
  }
}
