package io.flashdns.management.identity;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer, kept for 10 minutes.
 *
 * <ul>
 *   <li>From the 9th minute on a call has them fetched beside it, and goes on with those that are
 *       there; after the 10th the next call waits for new ones.
 *   <li>When the issuer cannot be reached, the old ones do for an hour since they were fetched.
 *       Then all its tokens are refused.
 *   <li>A key that is not among them has them fetched anew, for the issuer may have changed them
 *       just now.
 *   <li>Never are there two fetches at a time, nor within 30 seconds; within 5 while there are no
 *       keys at all. Whatever callers send, an issuer does not feel it.
 * </ul>
 *
 * <p>Safe for all threads. Blocks for a fetch that is needed, 8 seconds at most.
 */
final class IssuerKeys implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);

  private static final Duration EARLY = Duration.ofMinutes(9);
  private static final Duration FRESH = Duration.ofMinutes(10);
  private static final Duration USABLE = Duration.ofHours(1);
  private static final Duration PAUSE = Duration.ofSeconds(30);
  private static final Duration PAUSE_WITHOUT_KEYS = Duration.ofSeconds(5);

  /** Longer than metadata and keys may take together. */
  private static final long WAIT_SECONDS = 8;

  private final String issuer;
  private final KeyFetch fetch;
  private final InstantSource clock;
  private final LongAdder fetches = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private volatile @Nullable Held held;
  private volatile boolean failed;

  // Under the lock of this.
  private @Nullable CompletableFuture<Void> underWay;
  private @Nullable Instant begun;

  /** Keys and when they were fetched. */
  private record Held(List<IssuerKey> keys, Instant fetched) {}

  /** The keys cannot be had, and none may be used that were had before. */
  static final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException() {
      super("no keys", null, false, false);
    }
  }

  IssuerKeys(String issuer, KeyFetch fetch, InstantSource clock) {
    this.issuer = issuer;
    this.fetch = fetch;
    this.clock = clock;
  }

  /**
   * The key for a token.
   *
   * @param id the token's {@code kid}; null when it has none, and then the issuer must have one key
   *     alone for the algorithm
   * @return null when there is none
   */
  @Nullable IssuerKey find(@Nullable String id, TokenAlgorithm algorithm)
      throws UnavailableException {
    Held now = current();
    IssuerKey key = find(now.keys(), id, algorithm);
    if (key == null && fetch(PAUSE, true)) {
      Held anew = held;
      key = anew == null ? null : find(anew.keys(), id, algorithm);
    }
    return key;
  }

  /** Has them fetched, without waiting, when there are none. */
  void warmUp() {
    if (held == null) {
      fetch(PAUSE_WITHOUT_KEYS, false);
    }
  }

  /** Fetches since the start. */
  long fetches() {
    return fetches.sum();
  }

  /** Those of them that brought nothing. */
  long failures() {
    return failures.sum();
  }

  @Override
  public void close() {
    fetch.close();
  }

  private Held current() throws UnavailableException {
    Held now = held;
    Duration age = age(now);
    if (age.compareTo(USABLE) > 0) {
      fetch(PAUSE_WITHOUT_KEYS, true);
    } else if (age.compareTo(FRESH) > 0) {
      // Who failed just now may fail for long: callers with good old keys do not wait for it.
      fetch(PAUSE, !failed);
    } else if (age.compareTo(EARLY) > 0) {
      fetch(PAUSE, false);
    }
    now = held;
    if (now == null || age(now).compareTo(USABLE) > 0) {
      throw new UnavailableException();
    }
    return now;
  }

  /** A clock that was put back makes keys old, not new. */
  private Duration age(@Nullable Held keys) {
    return keys == null
        ? Duration.ofDays(1)
        : Duration.between(keys.fetched(), clock.instant()).abs();
  }

  private static @Nullable IssuerKey find(
      List<IssuerKey> keys, @Nullable String id, TokenAlgorithm algorithm) {
    IssuerKey found = null;
    for (IssuerKey key : keys) {
      if (key.algorithm() == algorithm && (id == null || id.equals(key.id()))) {
        if (found != null) {
          return null;
        }
        found = key;
      }
    }
    return found;
  }

  /** Fetches, or joins the fetch that is under way. False when it is too early for one. */
  private boolean fetch(Duration pause, boolean wait) {
    CompletableFuture<Void> mine;
    synchronized (this) {
      if (underWay == null) {
        Instant now = clock.instant();
        if (begun != null && Duration.between(begun, now).abs().compareTo(pause) < 0) {
          return false;
        }
        begun = now;
        CompletableFuture<Void> flight = new CompletableFuture<>();
        underWay = flight;
        Thread.ofVirtual().name("issuer-keys").start(() -> fly(flight));
      }
      mine = underWay;
    }
    if (!wait) {
      return false;
    }
    try {
      mine.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException _) {
      // What is held decides.
    }
    return true;
  }

  private void fly(CompletableFuture<Void> flight) {
    fetches.increment();
    try {
      List<IssuerKey> keys = fetch.fetch();
      held = new Held(keys, clock.instant());
      if (failed) {
        failed = false;
        log.info("the keys of issuer {} can be had again: {}", issuer, keys.size());
      }
    } catch (IOException e) {
      fail(e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      fail(e.toString());
    } finally {
      synchronized (this) {
        underWay = null;
      }
      flight.complete(null);
    }
  }

  private void fail(@Nullable String why) {
    failures.increment();
    if (!failed) {
      failed = true;
      log.warn(
          "the keys of issuer {} cannot be had: {}; those at hand do for {} min since they were"
              + " fetched, then its tokens are refused",
          issuer,
          // What the other side sent may be part of it.
          String.valueOf(why).replaceAll("\\p{Cntrl}", " "),
          USABLE.toMinutes());
    }
  }
}
