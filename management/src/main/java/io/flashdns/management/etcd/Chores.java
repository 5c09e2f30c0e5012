package io.flashdns.management.etcd;

import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.Position;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What some node of a fleet must do now and then: write an image, so that the log stays short, and
 * have etcd forget what was overwritten. Whose turn it is a key under a lease says; that two do it
 * at once costs work and nothing else.
 */
final class Chores implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Chores.class);

  /** Octets of groups after which an image is written, however few they are. */
  private static final long BYTES_A_BASE = 256 << 20;

  private static final Duration LOOK_EACH = Duration.ofSeconds(5);
  private static final Duration TURN = Duration.ofSeconds(60);

  /**
   * When there is something to do.
   *
   * @param groupsABase groups after which an image is written, so that the log stays short
   * @param history of etcd that is left to whoever reads it
   * @param compactEach how often etcd is told to forget what is older
   */
  record Pace(long groupsABase, Duration history, Duration compactEach) {
    static final Pace USUAL = new Pace(10_000, Duration.ofMinutes(10), Duration.ofMinutes(1));
  }

  /** When etcd was at a revision. */
  private record Moment(long nanos, long revision) {}

  private final Etcd etcd;
  private final SharedKeys keys;
  private final EtcdLog shared;
  private final Path folder;
  private final Supplier<Position> position;
  private final Pace pace;
  private final boolean compacts;
  private final FollowCounters counters;
  private final ExecutorService thread;
  private final AtomicBoolean publishes = new AtomicBoolean();

  /** Of the follower's thread. */
  private final ArrayDeque<Moment> moments = new ArrayDeque<>();

  private long nextLookNanos = System.nanoTime();

  /** Of our thread: the image that was seen last, and the octets that had been read then. */
  private long seenBase = -1;

  private long bytesAtBase;

  /**
   * @param folder of this node's copy
   * @param compacts whether etcd is told to forget
   */
  Chores(
      Etcd etcd,
      SharedKeys keys,
      EtcdLog shared,
      Path folder,
      Supplier<Position> position,
      Pace pace,
      boolean compacts,
      FollowCounters counters,
      ThreadFactory threads) {
    this.etcd = etcd;
    this.keys = keys;
    this.shared = shared;
    this.folder = folder;
    this.position = position;
    this.pace = pace;
    this.compacts = compacts;
    this.counters = counters;
    this.thread = Executors.newSingleThreadExecutor(threads);
  }

  /**
   * Does what is due, on a thread of its own. Called by the follower, often.
   *
   * @param revision of etcd now; 0 when it is not known
   */
  void lookAround(long revision) {
    if (compacts && revision > 0) {
      compactIfDue(revision);
    }
    if (System.nanoTime() - nextLookNanos < 0 || !publishes.compareAndSet(false, true)) {
      return;
    }
    nextLookNanos = System.nanoTime() + LOOK_EACH.toNanos();
    if (!begin(this::publishIfDue)) {
      publishes.set(false);
    }
  }

  private boolean begin(Runnable chore) {
    try {
      thread.execute(chore);
      return true;
    } catch (RejectedExecutionException _) {
      return false;
    }
  }

  private void compactIfDue(long revision) {
    long now = System.nanoTime();
    Moment newest = moments.peekLast();
    if (newest != null && now - newest.nanos() < pace.compactEach().toNanos()) {
      return;
    }
    moments.addLast(new Moment(now, revision));
    Moment oldest = moments.getFirst();
    if (now - oldest.nanos() >= pace.history().toNanos()) {
      moments.removeFirst();
      boolean _ = begin(() -> compact(oldest));
    }
  }

  private void compact(Moment until) {
    try {
      // The lease is left to end by itself: so long nobody else needs to.
      if (isOurTurn("compact", etcd.grant(pace.compactEach()))) {
        etcd.compact(until.revision());
      }
    } catch (EtcdFault e) {
      // Somebody else has compacted beyond it, or we may not.
      log.debug("etcd was not compacted: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isOurTurn(String chore, long lease) throws EtcdFault, InterruptedException {
    return etcd.transact(
            List.of(new Cmp(keys.turn(chore), Cmp.Op.EQUAL, CmpTarget.version(0))),
            List.of(
                Op.put(
                    keys.turn(chore),
                    SharedKeys.bytes(folder.toString()),
                    PutOption.builder().withLeaseId(lease).build())),
            List.of(),
            Etcd.CALL)
        .isSucceeded();
  }

  private void publishIfDue() {
    try {
      if (!isImageDue()) {
        return;
      }
      long lease = etcd.grant(TURN);
      if (isOurTurn("base", lease)) {
        var _ = publishBase();
      }
      etcd.revoke(lease);
    } catch (EtcdFault | StoreException | IOException e) {
      log.warn("no image of the shared store was written: {}", e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      publishes.set(false);
    }
  }

  private boolean isImageDue() throws EtcdFault, StoreException, InterruptedException {
    Base.Pointer present = new Base(etcd, keys).find();
    long base = present == null ? 0 : present.sequence();
    long bytes = shared.bytes();
    if (base != seenBase) {
      seenBase = base;
      bytesAtBase = bytes;
    }
    return position.get().sequence() - base >= pace.groupsABase()
        || bytes - bytesAtBase >= BYTES_A_BASE;
  }

  /** Writes an image of this node's copy; what it has leaves the log. */
  long publishBase() throws EtcdFault, StoreException, IOException, InterruptedException {
    Path aside = folder.resolveSibling(folder.getFileName() + ".image");
    long begin = System.nanoTime();
    long sequence = new Base(etcd, keys).publish(folder, aside);
    counters.images.increment();
    log.info(
        "the image of the shared store at group {} was written in {} ms",
        sequence,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
    return sequence;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
