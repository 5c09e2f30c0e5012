package io.flashdns.management.etcd;

import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a copy up to the end of the shared log, and keeps it there. One thread; see the package
 * for what it trusts, which is the log and not the watch.
 *
 * <p>The library's watch resumes by itself where it believes to have been, which after a break
 * before the first event is beyond events that it never delivered; and it ends for good on errors
 * that pass. Neither matters here: what it delivers is taken only when its number is the next one,
 * a gap or its end has the log read, and the head is compared twice a second in any case.
 */
final class Follower implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Follower.class);

  /** Twice this is how long a lost event can stay unnoticed while no other comes. */
  private static final long LOOK_MILLIS = 500;

  private static final long PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 500;
  private static final long RENEWAL_SECONDS = 2;
  private static final int MAX_WAITING = 4_096;

  /** What the follower asks of who holds the copy. */
  interface Copy {
    /** The copy as it is now. */
    EmbeddedStore local();

    /** Has everything fetched anew, from the image and the log. */
    void fetchAnew(String why) throws StoreException, EtcdFault, InterruptedException;

    /** An empty copy, of a shared store that has nothing yet. */
    void begin() throws StoreException, EtcdFault, InterruptedException;

    /**
     * Groups were made, or some time has passed.
     *
     * @param revision of etcd at that moment; 0 when it is not known
     */
    void advanced(long revision);
  }

  private final Etcd etcd;
  private final SharedKeys keys;
  private final EtcdLog shared;
  private final Contact contact;
  private final Copy copy;
  private final Thread thread;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final FollowCounters counters;

  private long nextRenewal = System.nanoTime();

  /** Why changes are not followed, when waiting does not help; for people, empty if they are. */
  private volatile String problem = "";

  private volatile boolean hasBeenWhole;

  /** The group for which everything was fetched anew last; 0 for none. */
  private long fetchedFor;

  Follower(
      Etcd etcd,
      SharedKeys keys,
      EtcdLog shared,
      Contact contact,
      Copy copy,
      FollowCounters counters,
      ThreadFactory threads) {
    this.etcd = etcd;
    this.keys = keys;
    this.shared = shared;
    this.contact = contact;
    this.copy = copy;
    this.counters = counters;
    this.thread = threads.newThread(this::run);
  }

  void start() {
    thread.start();
  }

  /** True once the copy had all that the log had at some moment since the start. */
  boolean hasBeenWhole() {
    return hasBeenWhole;
  }

  String problem() {
    return problem;
  }

  @Override
  public void close() {
    ending.countDown();
    thread.interrupt();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long pause = PAUSE_MILLIS;
    while (ending.getCount() > 0) {
      try {
        long revision = catchUp();
        hasBeenWhole = true;
        settled();
        copy.advanced(0);
        pause = PAUSE_MILLIS;
        follow(revision);
      } catch (EtcdFault e) {
        contact.failed(e);
        renewWhenSilent();
        log.debug("the shared log cannot be read", e);
        counters.faults.increment();
      } catch (StoreException | RuntimeException e) {
        report(String.valueOf(e.getMessage()), e);
        counters.faults.increment();
      } catch (InterruptedException _) {
        // Only the end interrupts.
        continue;
      }
      try {
        if (ending.await(pause, TimeUnit.MILLISECONDS)) {
          return;
        }
      } catch (InterruptedException _) {
        continue;
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
    }
  }

  /** While etcd is away it is tried with fresh connections, so that it is found when it is back. */
  private void renewWhenSilent() {
    long now = System.nanoTime();
    if (contact.silentSeconds() > RENEWAL_SECONDS && now - nextRenewal >= 0) {
      nextRenewal = now + TimeUnit.SECONDS.toNanos(RENEWAL_SECONDS);
      etcd.renew();
    }
  }

  private void report(String reason, Throwable e) {
    if (!reason.equals(problem)) {
      if (e instanceof StoreException.Unavailable) {
        // Somebody is to do something about it: where we were then tells them nothing.
        log.error("the shared store is not followed: {}", reason);
      } else {
        log.error("the shared store is not followed: {}", reason, e);
      }
    }
    problem = reason;
  }

  private void settled() {
    if (!problem.isEmpty()) {
      log.info("the shared store is followed again");
      problem = "";
    }
  }

  /**
   * Makes all groups that the log has.
   *
   * @return the revision of etcd at which it had no more
   */
  private long catchUp() throws EtcdFault, StoreException, InterruptedException {
    while (true) {
      EmbeddedStore local = copy.local();
      Position position = local.position();
      TxnResponse reply = read(position.sequence());
      contact.answered();
      GetResponse heads = reply.getGetResponses().getFirst();
      if (heads.getKvs().isEmpty()) {
        if (!position.equals(Position.NONE)) {
          throw new StoreException.Unavailable(
              "etcd has nothing under the prefix "
                  + keys.prefix()
                  + " of which this node has a copy up to group "
                  + position.sequence()
                  + ": restore etcd from a backup, or put the copy there by 'flashdns migrate'");
        }
        copy.begin();
        continue;
      }
      Head head = Head.parse(heads.getKvs().getFirst().getValue());
      if (position.equals(Position.NONE)) {
        join(head);
        continue;
      }
      if (isAtEnd(local, position, head)) {
        return reply.getHeader().getRevision();
      }
      take(reply.getGetResponses().getLast().getKvs(), local, position, head);
      copy.advanced(0);
    }
  }

  /** Reads fewer groups after those that did not come in time. */
  private TxnResponse read(long sequence) throws EtcdFault, InterruptedException {
    try {
      TxnResponse reply = etcd.transact(List.of(), shared.read(sequence), List.of(), Etcd.CALL);
      shared.readMore();
      return reply;
    } catch (EtcdFault e) {
      shared.readLess();
      throw e;
    }
  }

  private void join(Head head) throws EtcdFault, StoreException, InterruptedException {
    if (new Base(etcd, keys).find() != null) {
      copy.fetchAnew("");
    } else {
      copy.local().adopt(new Position(head.store(), 0));
    }
  }

  /** True when there is nothing to make; what cannot be made up for is thrown. */
  private boolean isAtEnd(EmbeddedStore local, Position position, Head head)
      throws EtcdFault, StoreException, InterruptedException {
    if (!head.store().equals(position.store())) {
      throw new StoreException.Unavailable(
          "this node's data folder has a copy of another shared store ("
              + position.store()
              + ", etcd has "
              + head.store()
              + "): name the right etcd and prefix, or remove the folder 'store' to fetch this"
              + " one");
    }
    if (head.sequence() < position.sequence()) {
      throw new StoreException.Unavailable(
          "etcd is at group "
              + head.sequence()
              + " and this node has "
              + position.sequence()
              + ", so etcd has lost changes: put this node's copy there by 'flashdns migrate"
              + " --replace', or remove its folder 'store' to take what etcd has");
    }
    if (head.sequence() > position.sequence()) {
      return false;
    }
    String is = local.standing().text();
    if (!is.equals(head.standing()) && local.position().equals(position)) {
      counters.differences.increment();
      copy.fetchAnew("it stands at %s where the others have %s".formatted(is, head.standing()));
      return false;
    }
    return true;
  }

  private void take(List<KeyValue> groups, EmbeddedStore local, Position position, Head head)
      throws EtcdFault, StoreException, InterruptedException {
    long next = position.sequence() + 1;
    if (groups.isEmpty() || keys.sequence(groups.getFirst().getKey()) != next) {
      copy.fetchAnew(
          "group %d is no longer in the log, which is at %d".formatted(next, head.sequence()));
      return;
    }
    List<byte[]> octets = new ArrayList<>(groups.size());
    for (KeyValue one : groups) {
      if (keys.sequence(one.getKey()) != next + octets.size()) {
        throw new StoreException.Damaged(
            "group "
                + (next + octets.size())
                + " is missing in the shared log: restore etcd from a backup");
      }
      octets.add(shared.group(one.getValue()));
    }
    var _ = make(local, next, octets);
  }

  /** Makes groups; false when the copy is another one now, or is elsewhere. */
  private boolean make(EmbeddedStore local, long first, List<byte[]> groups)
      throws EtcdFault, StoreException, InterruptedException {
    try {
      return local.follow(first, groups);
    } catch (StoreException.Damaged e) {
      long failed = local.position().sequence() + 1;
      if (fetchedFor == failed) {
        // What was fetched cannot make it either: the log is damaged, and fetching does not help.
        throw e;
      }
      fetchedFor = failed;
      counters.differences.increment();
      copy.fetchAnew(String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** Follows the watch from behind a revision of etcd until something is odd about it. */
  private void follow(long revision) throws EtcdFault, StoreException, InterruptedException {
    BlockingQueue<WatchNews> news = new ArrayBlockingQueue<>(MAX_WAITING);
    WatchOption option =
        WatchOption.builder()
            .withRevision(revision + 1)
            .withRange(SharedKeys.end(keys.logs()))
            .withNoDelete(true)
            .build();
    counters.watches.increment();
    try (Watch.Watcher _ = etcd.watch(keys.logs(), option, WatchNews.into(news))) {
      long least = 0;
      long nextLook = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
      while (ending.getCount() > 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(nextLook - System.nanoTime());
        WatchNews one = news.poll(Math.max(left, 0), TimeUnit.MILLISECONDS);
        switch (one) {
          case WatchNews.Response(WatchResponse response) -> {
            if (!take(response)) {
              counters.gaps.increment();
              return;
            }
            copy.advanced(0);
          }
          case WatchNews.End(String why) -> {
            log.debug("the watch of the shared log ended: {}", why);
            return;
          }
          case null -> {}
        }
        if (contact.takeDoubt()) {
          return;
        }
        if (System.nanoTime() - nextLook >= 0) {
          least = look(least);
          if (least < 0) {
            counters.gaps.increment();
            return;
          }
          nextLook = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS);
        }
      }
    }
  }

  /** Makes what a watch delivers; false when something before it is missing. */
  private boolean take(WatchResponse response)
      throws EtcdFault, StoreException, InterruptedException {
    EmbeddedStore local = copy.local();
    long first = local.position().sequence() + 1;
    List<byte[]> groups = new ArrayList<>();
    for (WatchEvent event : response.getEvents()) {
      long sequence = keys.sequence(event.getKeyValue().getKey());
      if (sequence < first + groups.size()) {
        continue;
      }
      if (sequence > first + groups.size()) {
        return false;
      }
      groups.add(shared.group(event.getKeyValue().getValue()));
    }
    return groups.isEmpty() || make(local, first, groups);
  }

  /**
   * Compares the copy with the head. A copy may be behind what the head says at that moment, but
   * not behind what it said the last time.
   *
   * @param least the sequence number that the head had the last time
   * @return the number that it has; −1 when the copy is not what it should be
   */
  private long look(long least) throws EtcdFault, StoreException, InterruptedException {
    GetResponse reply = etcd.get(keys.head(), GetOption.DEFAULT);
    contact.answered();
    copy.advanced(reply.getHeader().getRevision());
    List<KeyValue> heads = reply.getKvs();
    EmbeddedStore local = copy.local();
    Position position = local.position();
    String standing = local.standing().text();
    if (heads.isEmpty() || position.sequence() < least) {
      return -1;
    }
    Head head = Head.parse(heads.getFirst().getValue());
    boolean differs =
        head.sequence() == position.sequence()
            && !head.standing().equals(standing)
            && local.position().equals(position);
    return differs || !head.store().equals(position.store()) ? -1 : head.sequence();
  }
}
