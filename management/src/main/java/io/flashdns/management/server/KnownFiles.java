package io.flashdns.management.server;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongConsumer;

/**
 * Which zone files the store knows: by the hash of its path, each file's zone, the hash of its
 * stamp, and whether the file is still there. 25 octets a file and no object, because a folder may
 * hold a million of them; paths and stamps in full are in the store. One thread.
 *
 * <p>Hashes have 64 bits and a seed of their own in each process. Whoever finds a file changed by
 * them asks the store before anything comes of it.
 */
final class KnownFiles {
  private static final long SEED = ThreadLocalRandom.current().nextLong();
  private static final byte THERE = 1;
  private static final byte INCLUDES = 2;

  private long[] paths = new long[64];
  private long[] stamps = new long[64];
  private long[] zones = new long[64];
  private byte[] flags = new byte[64];
  private int count;

  /** A hash of text; never 0. */
  static long hash(String text) {
    long hash = SEED ^ text.length();
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x9e37_79b9_7f4a_7c15L;
      hash ^= hash >>> 29;
    }
    hash *= 0xd1b5_4a32_d192_ed03L;
    hash ^= hash >>> 32;
    return hash == 0 ? 1 : hash;
  }

  /**
   * Takes note of a file that is not there yet, or of what there is to know of it now.
   *
   * @param stamp in full
   * @param zone id of its zone
   * @return its slot, until the next call
   */
  int put(String path, String stamp, long zone) {
    if (10 * count >= 6 * paths.length) {
      grow();
    }
    long hash = hash(path);
    int slot = slotOf(hash);
    if (paths[slot] == 0) {
      paths[slot] = hash;
      count++;
    }
    String itself = SourceStamp.ofFileItself(stamp);
    stamps[slot] = hash(itself);
    zones[slot] = zone;
    flags[slot] = itself.length() == stamp.length() ? 0 : INCLUDES;
    return slot;
  }

  /** The slot of a file, or −1 when it has no zone. */
  int find(String path) {
    int slot = slotOf(hash(path));
    return paths[slot] == 0 || zones[slot] == 0 ? -1 : slot;
  }

  /** The id of the file's zone. */
  long zone(int slot) {
    return zones[slot];
  }

  /** True when the file itself looks as it did. */
  boolean hasStamp(int slot, String ofFileItself) {
    return stamps[slot] == hash(ofFileItself);
  }

  /** True when it includes others. */
  boolean includes(int slot) {
    return (flags[slot] & INCLUDES) != 0;
  }

  /** The file is there. */
  void seen(int slot) {
    flags[slot] |= THERE;
  }

  /** The file is not there, or is another zone's now. */
  void gone(int slot) {
    flags[slot] &= ~THERE;
  }

  /** True when the file is there. */
  boolean isThere(int slot) {
    return (flags[slot] & THERE) != 0;
  }

  /** The file's zone belongs to another file now. */
  void forget(int slot) {
    zones[slot] = 0;
  }

  /** Gives the zones whose files are not there. */
  void forEachGone(LongConsumer zone) {
    for (int slot = 0; slot < paths.length; slot++) {
      if (paths[slot] != 0 && zones[slot] != 0 && (flags[slot] & THERE) == 0) {
        zone.accept(zones[slot]);
      }
    }
  }

  private int slotOf(long hash) {
    int mask = paths.length - 1;
    int slot = (int) (hash >>> 32) & mask;
    while (paths[slot] != 0 && paths[slot] != hash) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldPaths = paths;
    long[] oldStamps = stamps;
    long[] oldZones = zones;
    byte[] oldFlags = flags;
    int size = 2 * oldPaths.length;
    paths = new long[size];
    stamps = new long[size];
    zones = new long[size];
    flags = new byte[size];
    for (int i = 0; i < oldPaths.length; i++) {
      if (oldPaths[i] != 0) {
        int slot = slotOf(oldPaths[i]);
        paths[slot] = oldPaths[i];
        stamps[slot] = oldStamps[i];
        zones[slot] = oldZones[i];
        flags[slot] = oldFlags[i];
      }
    }
  }
}
