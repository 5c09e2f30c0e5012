package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zone.ZoneProblem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds images of zones from what the store holds, and puts them into the image files.
 *
 * <p>Safe for all threads.
 */
final class ZoneImages {
  private static final Logger log = LoggerFactory.getLogger(ZoneImages.class);

  private static final int MAX_UNFILED = 100_000;

  private final NameHash hash;
  private final @Nullable ImageFiles files;
  private final Set<ZoneKey> unfiled = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean filesFail = new AtomicBoolean();
  private final LongAdder built = new LongAdder();

  /** What keeps a zone from being built. */
  static final class Unbuildable extends Exception {
    private static final long serialVersionUID = 1;

    Unbuildable(String reason, @Nullable Throwable cause) {
      super(reason, cause);
    }

    /** One sentence. */
    String reason() {
      return String.valueOf(getMessage());
    }
  }

  /**
   * @param files null when images are in memory alone
   */
  ZoneImages(NameHash hash, @Nullable ImageFiles files) {
    this.hash = hash;
    this.files = files;
  }

  /** The zone with this content, its image in the files. */
  Zone build(StoredZone zone, RRsetBlock content) throws Unbuildable {
    ZoneImageBuilder builder = builder(zone);
    try {
      content.writeTo(builder);
    } catch (RuntimeException e) {
      throw unreadable(e);
    }
    return finish(zone, builder);
  }

  /** The zone as a snapshot has it, its image in the files. */
  Zone build(StoredZone zone, StoreSnapshot snapshot) throws Unbuildable {
    ZoneImageBuilder builder = builder(zone);
    try (ContentView.ContentReader reader = snapshot.content(zone.id(), null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        block.writeTo(builder);
      }
    } catch (StoreException | RuntimeException e) {
      throw unreadable(e);
    }
    return finish(zone, builder);
  }

  /** The hash that all images use. */
  NameHash hash() {
    return hash;
  }

  /** How many images were built. */
  long built() {
    return built.sum();
  }

  private ZoneImageBuilder builder(StoredZone zone) {
    return new ZoneImageBuilder(hash).revision(zone.contentRevision());
  }

  private static Unbuildable unreadable(Exception e) {
    return new Unbuildable("its content in the store cannot be read: " + e.getMessage(), e);
  }

  private Zone finish(StoredZone zone, ZoneImageBuilder builder) throws Unbuildable {
    if (builder.recordCount() != zone.recordCount()) {
      throw new Unbuildable(
          "the store holds %,d of its %,d records: run 'flashdns fsck'"
              .formatted(builder.recordCount(), zone.recordCount()),
          null);
    }
    StringBuilder wrong = new StringBuilder();
    Zone image;
    try {
      image =
          builder.build(
              problem -> {
                if (problem.severity() == ZoneProblem.Severity.ERROR && wrong.isEmpty()) {
                  wrong.append(problem.message());
                }
              });
    } catch (RuntimeException e) {
      throw new Unbuildable("its image cannot be built for a fault in this server: " + e, e);
    }
    if (image == null) {
      throw new Unbuildable(wrong.isEmpty() ? "its content is no zone" : wrong.toString(), null);
    }
    built.increment();
    return filed(image, zone.settings().key());
  }

  /**
   * The same zone with its image in the files. Where that fails, the zone is served from memory
   * alone and stays there: the disk must not decide on what is answered.
   */
  private Zone filed(Zone zone, ZoneKey key) {
    ImageFiles to = files;
    if (to == null) {
      return zone;
    }
    try {
      Zone filed = to.append(zone);
      if (filesFail.compareAndSet(true, false)) {
        log.info("zone images can be written again");
      }
      return filed;
    } catch (IOException e) {
      if (unfiled.size() < MAX_UNFILED) {
        unfiled.add(key);
      }
      if (filesFail.compareAndSet(false, true)) {
        log.error(
            "zone images cannot be written, new versions of zones are kept in memory alone: {}",
            e.toString());
      }
      return zone;
    }
  }

  /**
   * Takes zones whose images could not be written, so that this is tried again: one while nothing
   * can be written, else all.
   */
  List<ZoneKey> takeUnfiled() {
    List<ZoneKey> taken = new ArrayList<>();
    for (ZoneKey key : List.copyOf(unfiled)) {
      unfiled.remove(key);
      taken.add(key);
      if (filesFail.get()) {
        break;
      }
    }
    return taken;
  }

  /** True while images cannot be written. */
  boolean filesFail() {
    return filesFail.get();
  }
}
