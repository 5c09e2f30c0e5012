package io.flashdns.management.tenancy;

import io.flashdns.core.store.DocumentEvent;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tenants of one store: their rules, rights, standing and tokens. A thread of its own follows the
 * store, so that what other nodes change holds here within a second. Safe for all threads.
 */
public final class Tenancy implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Tenancy.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final long UPKEEP_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long SETTLE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final ZoneStore store;
  private final TenancyConfig config;
  private final Access access;
  private final Standing standing;
  private final Tokens tokens;
  private final TenantRules rules;
  private final Sweep sweep;
  private final Thread follower;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private long followed;
  private volatile boolean closed;

  private Tenancy(ZoneStore store, TenancyConfig config, InstantSource clock) {
    this.store = store;
    this.config = config;
    this.access = new Access(clock);
    this.standing = new Standing(config);
    this.tokens = new Tokens(store, clock);
    this.rules = new TenantRules(config, clock);
    this.sweep = new Sweep(store, config);
    this.follower = Thread.ofPlatform().name("tenancy").daemon().unstarted(this::follow);
  }

  /**
   * Reads what there is, and follows from there on. To be closed before the store.
   *
   * @param clock tells when policies and tokens end
   */
  public static Tenancy open(ZoneStore store, TenancyConfig config, InstantSource clock)
      throws StoreException {
    Tenancy tenancy = new Tenancy(store, config, clock);
    tenancy.load();
    tenancy.follower.start();
    return tenancy;
  }

  /** As configured. */
  public TenancyConfig config() {
    return config;
  }

  /** What principals may do. */
  public Access access() {
    return access;
  }

  /** Who is suspended in the DNS. */
  public Standing standing() {
    return standing;
  }

  /** API tokens. */
  public Tokens tokens() {
    return tokens;
  }

  /** Rules for changes of zones. */
  public TenantRules rules() {
    return rules;
  }

  /**
   * Waits until all that was committed so far holds here: what a call has changed holds from the
   * next call on. A few milliseconds; gives up after five seconds.
   */
  public void settle() throws InterruptedException {
    long revision = store.state().revision();
    long rest = SETTLE_NANOS;
    lock.lock();
    try {
      while (followed < revision && rest > 0 && !closed) {
        rest = moved.awaitNanos(rest);
      }
    } finally {
      lock.unlock();
    }
  }

  private long load() throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      access.load(snapshot);
      standing.load(snapshot);
      reached(snapshot.revision());
      return snapshot.revision();
    }
  }

  private void reached(long revision) {
    lock.lock();
    try {
      followed = Math.max(followed, revision);
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private long followed() {
    lock.lock();
    try {
      return followed;
    } finally {
      lock.unlock();
    }
  }

  private void follow() {
    boolean again = false;
    while (!closed) {
      try {
        long from = again ? load() : followed();
        try (Watch watch = store.watch(from)) {
          watch(watch);
        }
      } catch (StoreException.Compacted _) {
        again = true;
      } catch (InterruptedException _) {
        // Closing.
      } catch (StoreException | RuntimeException e) {
        if (!closed) {
          again = true;
          log.warn("tenants cannot be followed, trying again in 1 s: {}", e.toString());
          pause();
        }
      }
    }
  }

  private void watch(Watch watch) throws StoreException, InterruptedException {
    long upkeep = System.nanoTime();
    while (!closed) {
      for (StoreEvent event : watch.next(POLL)) {
        for (DocumentEvent document : event.documents()) {
          access.apply(document);
          standing.apply(document);
        }
        reached(event.revision());
      }
      standing.tell();
      if (System.nanoTime() - upkeep > UPKEEP_NANOS) {
        upkeep = System.nanoTime();
        upkeep();
      }
    }
  }

  private void upkeep() throws InterruptedException {
    try {
      tokens.writeUses();
      sweep.runWhenDue();
    } catch (StoreException e) {
      log.warn("uses of tokens are not written now: {}", e.getMessage());
    }
  }

  private static void pause() {
    try {
      Thread.sleep(RETRY);
    } catch (InterruptedException _) {
      // Closing; the loop looks.
    }
  }

  /** Stops following; writes down which tokens were used. */
  @Override
  public void close() {
    closed = true;
    follower.interrupt();
    try {
      follower.join();
      tokens.writeUses();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (StoreException e) {
      log.warn("the last uses of tokens are not written: {}", e.getMessage());
    }
  }
}
