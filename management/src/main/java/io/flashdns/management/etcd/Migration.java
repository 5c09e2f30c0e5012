package io.flashdns.management.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.Standing;
import io.flashdns.management.store.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Moves a store that is a node's own into etcd, and a copy of a shared store back to its node. Both
 * take zones, history, documents, audit and request ids, and compare the digests of both sides
 * before they say that it is done. Of a data folder that no server uses.
 */
public final class Migration {
  private static final int ATTEMPTS = 3;

  private Migration() {}

  /**
   * What was moved.
   *
   * @param store identity of the shared store
   * @param standing on both sides
   */
  public record Moved(String store, Standing standing) {}

  /**
   * Puts a node's store into etcd, where there must be none; the node's store is a copy of it then.
   * A copy whose etcd was lost is put there as it is.
   *
   * @param folder of the store
   * @param replace true to take the place of what etcd has; nodes that follow that stop following
   * @param progress gets a sentence for each step
   */
  public static Moved toShared(
      Path folder, StoreConfig config, EtcdConfig to, boolean replace, Consumer<String> progress)
      throws StoreException, IOException, InterruptedException {
    refuseAbsent(folder);
    SharedKeys keys = new SharedKeys(to.prefix());
    Path aside = folder.resolveSibling(folder.getFileName() + ".image");
    try (Etcd etcd = Etcd.of(to)) {
      List<KeyValue> heads = heads(etcd, keys);
      if (!heads.isEmpty() && !replace) {
        throw new StoreException.Unavailable(
            to.url()
                + " has a store already: give another prefix, or say --replace when this one is to"
                + " take its place");
      }
      Standing standing;
      Position position;
      try (EmbeddedStore own = EmbeddedStore.open(folder, config)) {
        position = own.position();
        if (position.equals(Position.NONE)) {
          position = new Position(UUID.randomUUID().toString(), 1);
          own.adopt(position);
        }
        standing = own.standing();
      }
      progress.accept("writing %,d zones to %s".formatted(standing.zones(), to.url()));
      Files.deleteIfExists(aside);
      var _ = EmbeddedStore.backup(folder, aside);
      Base base = new Base(etcd, keys);
      Base.Pointer pointer = base.write(aside, position);
      begin(etcd, keys, heads, pointer, Head.of(position, standing));
      base.sweep(pointer);
      progress.accept("reading it back");
      verify(base, config, aside, standing);
      return new Moved(position.store(), standing);
    } catch (EtcdFault e) {
      throw new StoreException.Unavailable(
          to.url() + " did not take the store: " + e.getMessage(), false, e);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  /**
   * Without this an empty store would be made, and put into etcd, of a folder that was mistyped.
   */
  private static void refuseAbsent(Path folder) throws StoreException {
    if (Files.notExists(folder)) {
      throw new StoreException.Unavailable(
          "there is no store in " + folder.getParent() + ": name another data folder by --data");
    }
  }

  /** The head, if there is one. A first call may take longer than others: it connects. */
  private static List<KeyValue> heads(Etcd etcd, SharedKeys keys)
      throws EtcdFault, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      try {
        return etcd.get(keys.head(), GetOption.DEFAULT).getKvs();
      } catch (EtcdFault e) {
        if (e.isRefusal() || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /** Image and head in one transaction, over exactly what was there. */
  private static void begin(
      Etcd etcd, SharedKeys keys, List<KeyValue> heads, Base.Pointer pointer, Head head)
      throws EtcdFault, StoreException, InterruptedException {
    ByteSequence logs = keys.logs();
    Cmp unchanged =
        heads.isEmpty()
            ? new Cmp(keys.head(), Cmp.Op.EQUAL, CmpTarget.version(0))
            : new Cmp(keys.head(), Cmp.Op.EQUAL, CmpTarget.value(heads.getFirst().getValue()));
    boolean isMade =
        etcd.transact(
                List.of(unchanged),
                List.of(
                    Op.delete(logs, DeleteOption.builder().withRange(SharedKeys.end(logs)).build()),
                    Op.put(keys.base(), pointer.value(), PutOption.DEFAULT),
                    Op.put(keys.head(), head.value(), PutOption.DEFAULT)),
                List.of(),
                Etcd.CALL)
            .isSucceeded();
    if (!isMade) {
      throw new StoreException.Unavailable(
          "somebody changed the store in etcd meanwhile, nothing was moved: stop the nodes, then"
              + " try again");
    }
  }

  private static void verify(Base base, StoreConfig config, Path aside, Standing standing)
      throws EtcdFault, StoreException, IOException, InterruptedException {
    Base.Pointer written = base.find();
    if (written == null) {
      throw new StoreException.Damaged("etcd does not have the image that was written");
    }
    base.fetch(written, aside, _ -> {});
    Path folder = aside.resolveSibling(aside.getFileName() + ".read");
    try {
      var _ = EmbeddedStore.restore(aside, folder, true);
      try (EmbeddedStore read = EmbeddedStore.open(folder, config)) {
        if (!read.standing().equals(standing)) {
          throw new StoreException.Damaged(
              "what etcd gives back stands at %s, and %s was written: do not use it"
                  .formatted(read.standing().text(), standing.text()));
        }
      }
    } finally {
      remove(folder);
    }
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (var files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /**
   * Makes a node's copy, brought up to what etcd has, a store of its own. Etcd keeps what it has.
   *
   * @param folder of the copy; one that is not there is fetched
   */
  public static Moved toOwn(
      Path folder, StoreConfig config, EtcdConfig from, Consumer<String> progress)
      throws StoreException, IOException, InterruptedException {
    refuseWithoutStore(from);
    Standing standing;
    String store;
    progress.accept("bringing the copy up to date with " + from.url());
    try (EtcdStore shared = EtcdStore.open(folder, config, from, Thread::new, progress)) {
      Head head = shared.awaitHead(Duration.ofSeconds(60));
      standing = shared.standing();
      store = head.store();
      if (!standing.text().equals(head.standing())) {
        throw new StoreException.Damaged(
            "the copy stands at %s and etcd at %s: stop the nodes that change it, then try again"
                .formatted(standing.text(), head.standing()));
      }
    }
    try (EmbeddedStore own = EmbeddedStore.open(folder, config)) {
      own.adopt(Position.NONE);
    }
    return new Moved(store, standing);
  }

  /**
   * Following waits for etcd for ever, and begins a store where there is none: neither is meant.
   */
  private static void refuseWithoutStore(EtcdConfig from)
      throws StoreException, IOException, InterruptedException {
    try (Etcd etcd = Etcd.of(from)) {
      if (heads(etcd, new SharedKeys(from.prefix())).isEmpty()) {
        throw new StoreException.Unavailable(
            "there is no store at " + from.url() + ": name another prefix or another etcd");
      }
    } catch (EtcdFault e) {
      throw new StoreException.Unavailable(
          from.url()
              + " cannot be asked what it has: "
              + e.getMessage()
              + "; when it is lost, --as-is makes the copy a store of its own as it stands",
          false,
          e);
    }
  }

  /**
   * Makes a node's copy a store of its own as it stands, without asking etcd.
   *
   * @param folder of the copy
   */
  public static Moved asItIs(Path folder, StoreConfig config)
      throws StoreException, InterruptedException {
    refuseAbsent(folder);
    try (EmbeddedStore own = EmbeddedStore.open(folder, config)) {
      Position position = own.position();
      if (position.equals(Position.NONE)) {
        throw new StoreException.Unavailable(
            "the store in " + folder + " is this node's own already: nothing was changed");
      }
      own.adopt(Position.NONE);
      return new Moved(position.store(), own.standing());
    }
  }
}
