package io.flashdns.management.server;

import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Views;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the image files in order: saves the catalog from time to time, so that the next start finds
 * it, moves together what is alive in them, and has images written that could not be.
 *
 * <p>Used in the turn of the {@link ZoneApplier}; saving itself is done by another thread.
 */
final class ImageUpkeep {
  private static final Logger log = LoggerFactory.getLogger(ImageUpkeep.class);
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int AFTER_ZONES = 65_536;

  /** After a start that had to build so many images the next one is to find them: saved at once. */
  private static final int FIRST_AFTER_ZONES = 1_024;

  private final RecordIndex index;
  private final ImageFiles files;
  private final Views views;
  private final ZoneImages images;
  private final ExecutorService chores;
  private final AtomicBoolean saving = new AtomicBoolean();
  private final AtomicBoolean failed = new AtomicBoolean();
  private final AtomicBoolean compacting = new AtomicBoolean();
  private int unsaved;
  private boolean isFirst = true;
  private long lastNanos = System.nanoTime();

  /**
   * @param chores runs the saving
   */
  ImageUpkeep(
      RecordIndex index, ImageFiles files, Views views, ZoneImages images, ExecutorService chores) {
    this.index = index;
    this.files = files;
    this.views = views;
    this.images = images;
    this.chores = chores;
  }

  /** So many zones have changed since the last call. */
  void changed(int zones) {
    unsaved += zones;
  }

  /**
   * Comes by between two rounds.
   *
   * @param revision that the latest catalog shows
   * @param publish takes the catalog when images have been moved
   * @return zones whose images are to be built again, because they could not be written
   */
  List<ZoneKey> lookAfter(long revision, Consumer<Catalog> publish) {
    if (saving.get()) {
      return List.of();
    }
    if (failed.getAndSet(false)) {
      unsaved++;
    }
    long now = System.nanoTime();
    boolean isTime = now - lastNanos >= EVERY_NANOS;
    List<ZoneKey> unfiled = isTime ? images.takeUnfiled() : List.of();
    if (unsaved >= (isFirst ? FIRST_AFTER_ZONES : AFTER_ZONES) || (isTime && unsaved > 0)) {
      isFirst = false;
      unsaved = 0;
      lastNanos = now;
      saveSoon(index.catalog(), revision);
    } else if (isTime) {
      lastNanos = now;
    }
    if (compacting.get() && !saving.get()) {
      compact(publish);
    }
    return unfiled;
  }

  /** Saves the catalog if anything has changed; the other thread has ended. */
  void end(@Nullable Catalog catalog, long revision) {
    if (catalog != null && (unsaved > 0 || failed.get())) {
      save(catalog, revision);
    }
  }

  private void saveSoon(Catalog catalog, long revision) {
    saving.set(true);
    try {
      chores.execute(
          () -> {
            try {
              save(catalog, revision);
            } catch (RuntimeException | Error e) {
              log.error("the catalog cannot be saved", e);
            } finally {
              saving.set(false);
            }
          });
    } catch (RejectedExecutionException _) {
      saving.set(false); // ending: the catalog is saved then
    }
  }

  private void save(Catalog catalog, long revision) {
    try {
      files.save(catalog, views, revision);
      compacting.set(true);
    } catch (IOException e) {
      failed.set(true);
      log.error(
          "the catalog cannot be saved, the next start takes longer for it: {}", e.toString());
    }
  }

  /** One slice: changes are not to wait for long. */
  private void compact(Consumer<Catalog> publish) {
    try {
      boolean moved = index.compact(publish);
      compacting.set(moved);
      unsaved += moved ? 1 : 0;
    } catch (IOException e) {
      compacting.set(false);
      log.warn("image files cannot be compacted, they take more room for it: {}", e.toString());
    }
  }
}
