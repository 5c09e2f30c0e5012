package io.flashdns.management.etcd;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which release of etcd each member is, and a line in the log when that is one to be replaced.
 *
 * <p>Every member that the configuration names is asked, once a minute from the first answer of
 * etcd on, for they differ while a cluster is brought up to date. What is said is said of the
 * oldest, once for each version. A member that does not answer keeps the version that it had; one
 * that never did has none. Nobody waits for any of it: it has a thread of its own.
 */
final class MemberVersions implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MemberVersions.class);

  private static final Duration LOOK_EACH = Duration.ofMinutes(1);

  private final Etcd etcd;
  private final List<String> endpoints;
  private final ExecutorService thread;
  private final AtomicBoolean asks = new AtomicBoolean();
  private volatile Map<String, EtcdVersion> versions = Map.of();

  /** Of the follower's thread. */
  private long nextLookNanos = System.nanoTime();

  /** Of our thread. */
  private final Set<EtcdVersion> said = new HashSet<>();

  /**
   * @param endpoints members, each HOST:PORT
   */
  MemberVersions(Etcd etcd, List<String> endpoints, ThreadFactory threads) {
    this.etcd = etcd;
    this.endpoints = endpoints;
    this.thread = Executors.newSingleThreadExecutor(threads);
  }

  /** Etcd has answered: asks the members when that is due. Called by the follower, often. */
  void lookAround() {
    long now = System.nanoTime();
    if (now - nextLookNanos < 0 || !asks.compareAndSet(false, true)) {
      return;
    }
    nextLookNanos = now + LOOK_EACH.toNanos();
    try {
      thread.execute(this::look);
    } catch (RejectedExecutionException _) {
      // The server is ending.
    }
  }

  private void look() {
    try {
      ask();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      asks.set(false);
    }
  }

  /** Asks all members, one after the other. One thread. */
  void ask() throws InterruptedException {
    Map<String, EtcdVersion> heard = new TreeMap<>(versions);
    for (String endpoint : endpoints) {
      ask(endpoint).ifPresent(version -> heard.put(endpoint, version));
    }
    versions = Map.copyOf(heard);
    heard.entrySet().stream().min(Comparator.comparing(Map.Entry::getValue)).ifPresent(this::judge);
  }

  private Optional<EtcdVersion> ask(String endpoint) throws InterruptedException {
    try {
      String text = etcd.version(endpoint);
      Optional<EtcdVersion> version = EtcdVersion.parse(text);
      if (version.isEmpty()) {
        log.debug("etcd at {} says that it is version '{}', which is none", endpoint, text);
      }
      return version;
    } catch (EtcdFault | RuntimeException e) {
      // It is down, or the connections are being made anew: next time.
      log.debug("etcd at {} does not tell its version", endpoint, e);
      return Optional.empty();
    }
  }

  private void judge(Map.Entry<String, EtcdVersion> oldest) {
    EtcdVersion version = oldest.getValue();
    EtcdVersion.Repairs repairs = version.repairs();
    if (repairs == EtcdVersion.Repairs.ALL || !said.add(version)) {
      return;
    }
    switch (repairs) {
      case ALL -> {}
      case SOME ->
          log.warn(
              "etcd at {} is {}, which lacks repairs of watches and authentication that were made"
                  + " in 2026: bring all members to {}",
              oldest.getKey(),
              version,
              EtcdVersion.WANTED);
      case ENDED ->
          log.error(
              "etcd at {} is {}, of a line that is no longer repaired and has known faults of"
                  + " watches, compaction, leases and authentication: bring all members to {}",
              oldest.getKey(),
              version,
              EtcdVersion.WANTED);
    }
  }

  /** What each member that ever answered told last, by HOST:PORT. Any thread. */
  Map<String, String> told() {
    Map<String, String> told = new HashMap<>();
    versions.forEach((endpoint, version) -> told.put(endpoint, version.text()));
    return told;
  }

  /** Members of which a newer release has repairs that they lack. Any thread. */
  long outdated() {
    return versions.values().stream()
        .filter(version -> version.repairs() != EtcdVersion.Repairs.ALL)
        .count();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
