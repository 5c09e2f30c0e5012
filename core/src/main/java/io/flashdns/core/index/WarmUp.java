package io.flashdns.core.index;

import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Zone;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads images into memory that nobody asked for yet. A daemon thread; reads without a lock, some
 * zones at a time, and rests as long as it worked, so that queries find a processor.
 */
final class WarmUp {
  private static final int SLICE_ZONES = 256;
  private static final long SLICE_BYTES = 1 << 20;

  /** Longest rest, however long a slice took. */
  private static final long MAX_REST_NANOS = 20_000_000;

  /** Bits of an index in the keys to sort by; 37 are left for the place in the files. */
  private static final int INDEX_BITS = 26;

  /** Within 64 KiB the order does not matter. */
  private static final int PLACE_SHIFT = 16;

  private final RecordIndex index;
  private final CompletableFuture<Long> done = new CompletableFuture<>();

  WarmUp(RecordIndex index) {
    this.index = index;
  }

  void start(Catalog catalog) {
    Thread.ofPlatform().daemon().name("flashdns-warm").start(() -> run(catalog));
  }

  CompletableFuture<Long> done() {
    return done;
  }

  private void run(Catalog catalog) {
    try {
      done.complete(readAll(catalog));
    } catch (RuntimeException | Error e) {
      done.completeExceptionally(e);
    }
  }

  private long readAll(Catalog catalog) {
    List<ColdZone> all = new ArrayList<>();
    catalog.forEach(
        entry -> {
          if (entry instanceof ColdZone cold && cold.location() >= 0) {
            all.add(cold);
          }
        });
    long count = 0;
    List<ColdZone> cold = new ArrayList<>();
    List<Zone> zones = new ArrayList<>();
    long bytes = 0;
    long began = System.nanoTime();
    for (int next : inFileOrder(all)) {
      if (index.isClosed()) {
        return count;
      }
      ColdZone entry = all.get(next);
      Zone zone = index.read(entry);
      if (zone != null) {
        cold.add(entry);
        zones.add(zone);
        bytes += zone.imageBytes();
      }
      if (zones.size() == SLICE_ZONES || bytes >= SLICE_BYTES) {
        if (!index.keepAll(cold, zones)) {
          return count;
        }
        count += zones.size();
        cold.clear();
        zones.clear();
        bytes = 0;
        LockSupport.parkNanos(Math.min(MAX_REST_NANOS, System.nanoTime() - began));
        began = System.nanoTime();
      }
    }
    boolean _ = index.keepAll(cold, zones);
    return count + zones.size();
  }

  /** Indexes of the zones as their images lie in the files, to 64 KiB. */
  private static int[] inFileOrder(List<ColdZone> zones) {
    long[] keys = new long[zones.size()];
    for (int i = 0; i < keys.length; i++) {
      long location = zones.get(i).location();
      long place =
          Location.pack(location) * (ImagePacks.PACK_BYTES >>> PLACE_SHIFT)
              + (Location.offset(location) >>> PLACE_SHIFT);
      keys[i] = place << INDEX_BITS | i;
    }
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) (keys[i] & ((1 << INDEX_BITS) - 1));
    }
    return order;
  }
}
