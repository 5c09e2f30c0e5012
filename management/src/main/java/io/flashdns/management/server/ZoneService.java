package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.index.RecordIndex;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.management.etcd.EtcdStore;
import io.flashdns.management.operations.Health;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import io.flashdns.transport.BackgroundThread;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The zones of a server: the store that keeps them, the files and the index of their images, and
 * what makes the one into the other. Of it there is one in a process that serves or imports.
 *
 * <p>Life: {@link #open} or {@link #over}; {@link #tenants}, so that nobody is served who is
 * suspended; {@link #start}, which returns when the catalog is what the store holds; {@link
 * #close}. Commits go to the {@link #store}, before the start or after it.
 *
 * <p>Safe for all threads.
 */
public final class ZoneService implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ZoneService.class);

  /** Folder of the store within the data folder. */
  static final String STORE = "store";

  /** Folder of the image files within the data folder. */
  static final String IMAGES = "images";

  /** Edited large zones, which cannot be evicted, may take this part of the index's memory. */
  private static final int EDITED_PART = 4;

  private final ZoneStore store;
  private final @Nullable ImageFiles files;
  private final RecordIndex index;
  private final ZoneApplier applier;
  private volatile UnaryOperator<Tenant> byOperator = UnaryOperator.identity();
  private volatile UnaryOperator<Tenant> byApi = UnaryOperator.identity();

  private ZoneService(
      ZoneStore store,
      @Nullable ImageFiles files,
      long indexBytes,
      NameHash hash,
      Views views,
      boolean keepsImages) {
    this.store = store;
    this.files = files;
    AtomicReference<@Nullable ZoneApplier> hearsOfDamage = new AtomicReference<>();
    Consumer<ColdZone> damaged =
        zone -> {
          ZoneApplier applier = hearsOfDamage.get();
          if (applier != null) {
            applier.damaged(zone);
          }
        };
    this.index = new RecordIndex(files, indexBytes, damaged);
    ZoneImages images = new ZoneImages(hash, files);
    this.applier =
        new ZoneApplier(store, index, files, views, images, indexBytes / EDITED_PART, keepsImages);
    hearsOfDamage.set(applier);
  }

  /**
   * Opens what lies in a data folder.
   *
   * @param data the data folder; null for a store in memory that ends with the process
   * @param keepsImages false for a process that nobody asks: images are written and let go
   */
  static ZoneService open(
      @Nullable Path data, ServerConfig config, NameHash hash, Views views, boolean keepsImages)
      throws StartException {
    try {
      ZoneStore store = store(data, config);
      try {
        return over(store, images(data), config.index().memoryBytes(), hash, views, keepsImages);
      } catch (IOException e) {
        store.close();
        throw new StartException(
            "the folder of image files %s cannot be used (%s): see that it is a folder, and that this user may write there"
                .formatted(images(data), ZoneTree.said(e)));
      }
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  private static ZoneStore store(@Nullable Path data, ServerConfig config)
      throws StoreException, StartException {
    if (!config.etcd().isShared()) {
      return data == null ? EmbeddedStore.inMemory(config.store()) : own(data, config);
    }
    if (data == null) {
      throw new StartException(
          "a shared store needs a folder for this node's copy: name one by --data");
    }
    try {
      return EtcdStore.open(
          data.resolve(STORE),
          config.store(),
          config.etcd(),
          BackgroundThread.factory("store"),
          doing -> log.info("not serving yet: {}", doing));
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException("the start was interrupted");
    }
  }

  private static EmbeddedStore own(Path data, ServerConfig config)
      throws StoreException, StartException {
    EmbeddedStore store =
        EmbeddedStore.open(
            data.resolve(STORE), config.store(), BackgroundThread.factory("store-writer"));
    try {
      refuseCopy(store, data.resolve(STORE));
      return store;
    } catch (StartException e) {
      store.close();
      throw e;
    }
  }

  /** What were written to a copy alone would be lost when it follows the others again. */
  static void refuseCopy(EmbeddedStore store, Path folder) throws StartException {
    if (!store.position().equals(Position.NONE)) {
      throw new StartException(
          "the store in "
              + folder
              + " is a copy of one that many nodes share: name its etcd by etcd.endpoints in the"
              + " configuration or by serve --store, or make the copy this node's own by 'flashdns"
              + " migrate --to embedded'");
    }
  }

  private static @Nullable Path images(@Nullable Path data) {
    return data == null ? null : data.resolve(IMAGES);
  }

  /**
   * Serves from a store that is open; it is closed with this.
   *
   * @param imageFolder where images are kept; null to keep them in memory alone
   * @param indexBytes octets of images in memory
   * @param views takes the names of the views that zones stand in
   */
  public static ZoneService over(
      ZoneStore store, @Nullable Path imageFolder, long indexBytes, NameHash hash, Views views)
      throws IOException {
    return over(store, imageFolder, indexBytes, hash, views, true);
  }

  /**
   * The same.
   *
   * @param keepsImages as for {@link #open}
   */
  static ZoneService over(
      ZoneStore store,
      @Nullable Path imageFolder,
      long indexBytes,
      NameHash hash,
      Views views,
      boolean keepsImages)
      throws IOException {
    ImageFiles files =
        imageFolder == null
            ? null
            : ImageFiles.open(imageFolder, hash, problem -> log.warn("image files: {}", problem));
    return new ZoneService(store, files, indexBytes, hash, views, keepsImages);
  }

  /**
   * Says who is suspended and has which budget; returns when that holds for all zones. At a reload
   * before its first commit.
   *
   * @param now gives a tenant as it stands now, from its number and its names
   */
  public void tenants(UnaryOperator<Tenant> now) {
    byOperator = now;
    applyStanding();
  }

  /**
   * The same by the API: a tenant that the operator has suspended stays so.
   *
   * @param now gives a tenant as it stands now, from how the operator has it
   */
  void standing(UnaryOperator<Tenant> now) {
    byApi = now;
    applyStanding();
  }

  private void applyStanding() {
    UnaryOperator<Tenant> first = byOperator;
    UnaryOperator<Tenant> then = byApi;
    applier.standing(tenant -> then.apply(first.apply(tenant)));
  }

  /** The same from a file. */
  void tenants(TenantsFile settings) {
    tenants(settings::standing);
  }

  /**
   * Brings the catalog up to the store's present revision and follows the store from there on. What
   * was saved at the last end is loaded, so that no zone is built but those that have changed.
   *
   * @param publish takes every catalog, on this thread and later on another one
   */
  public void start(Consumer<Catalog> publish) throws StoreException, InterruptedException {
    applier.start(publish);
  }

  /** Where changes are committed. */
  public ZoneStore store() {
    return store;
  }

  /** The images in memory. */
  public RecordIndex index() {
    return index;
  }

  /** The image files; null when there are none. */
  @Nullable ImageFiles files() {
    return files;
  }

  /** The catalog that was published last. */
  public Catalog catalog() {
    return index.catalog();
  }

  /** What follows the store. */
  ZoneApplier applier() {
    return applier;
  }

  /**
   * Waits until what was committed up to a revision is served.
   *
   * @throws StoreException.Unavailable when this is closed
   */
  public void catchUp(long revision) throws StoreException, InterruptedException {
    applier.catchUp(revision);
  }

  /**
   * The same, but no longer than this.
   *
   * @return false when the time was over
   */
  boolean catchUp(long revision, Duration timeout) throws StoreException, InterruptedException {
    return applier.catchUp(revision, timeout);
  }

  /** The revision of the store that is served; -1 before the start. */
  public long appliedRevision() {
    return applier.appliedRevision();
  }

  /** What is to be known of it by whoever asks whether the server is ready. */
  Health.Store health() {
    ApplierState state = applier.state();
    List<String> named = new ArrayList<>();
    state
        .namedFaults()
        .forEach((zone, fault) -> named.add("the zone " + zone + " stays as it was: " + fault));
    return new Health.Store(
        state.appliedRevision() >= 0,
        state.lagSeconds(),
        state.store().readOnlyReason(),
        store instanceof EtcdStore shared ? shared.withdrawal() : "",
        state.faults(),
        named);
  }

  /** Ends all of it; the catalog is saved, so that the next start finds it. */
  @Override
  public void close() {
    applier.close();
    index.close();
    ImageFiles open = files;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        log.warn("the image files cannot be closed: {}", e.toString());
      }
    }
    store.close();
  }
}
