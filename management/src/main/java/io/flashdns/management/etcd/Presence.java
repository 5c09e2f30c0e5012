package io.flashdns.management.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.flashdns.proto.v1.Node;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's key: under a lease that this class prolongs itself, call by call. One thread.
 *
 * <p>The key is made only where there is none, and written only while it is the one that was made:
 * so a process never takes the key of another. One that finds its name taken waits until the lease
 * of a process before it must have ended; when the key is still there, another node lives that is
 * called the same, and this one gets a name that has its process' first digits.
 */
final class Presence implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Presence.class);

  /** Of the lease: a node of which nothing is heard lives no longer. */
  static final Duration LIFE = Duration.ofSeconds(10);

  private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long COALESCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final long SEEN_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  private static final long PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final int MAX_NAME_CHARS = 63;
  private static final int ADDED_DIGITS = 4;

  private final Etcd etcd;
  private final SharedKeys keys;
  private final String process;
  private final Function<String, Node> self;
  private final long patienceNanos;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();

  /** Guarded by the lock. */
  private boolean mustWrite;

  private boolean mustLook;
  private boolean isEnding;

  private volatile String name;
  private volatile String problem = "";

  /** Of this thread alone from here on: 0 for none. */
  private long lease;

  private long keptNanos;

  /** The revision of etcd at which the key was made; 0 while it is not there. */
  private long madeAt;

  /** What is said was to be written and is not yet. */
  private boolean isWanted = true;

  private long takenSinceNanos;
  private boolean isTaken;
  private Node written = Node.getDefaultInstance();
  private long writtenNanos = System.nanoTime() - COALESCE_NANOS;
  private long seenNanos = System.nanoTime() - SEEN_NANOS;

  /**
   * @param process tells this process from all others, {@value NodeValue#PROCESS_CHARS} digits
   * @param self what is said of this node, by the name that it has
   * @param patience how long a taken name is waited for, more than a lease lives
   */
  Presence(
      Etcd etcd,
      SharedKeys keys,
      String name,
      String process,
      Function<String, Node> self,
      Duration patience,
      ThreadFactory threads) {
    this.etcd = etcd;
    this.keys = keys;
    this.name = name;
    this.process = process;
    this.self = self;
    this.patienceNanos = patience.toNanos();
    this.thread = threads.newThread(this::run);
  }

  void start() {
    thread.start();
  }

  /** What this node is called. */
  String name() {
    return name;
  }

  /** Why it is not called as it should be; empty if it is. */
  String problem() {
    return problem;
  }

  /** What is said of this node has changed. */
  void changed() {
    lock.lock();
    try {
      mustWrite = true;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The key may not be there, or another's may be gone. */
  void doubt() {
    lock.lock();
    try {
      mustLook = true;
      news.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    long pause = PAUSE_MILLIS;
    while (!isEnding()) {
      try {
        round();
        pause = PAUSE_MILLIS;
      } catch (EtcdFault e) {
        if (e.isNotFound()) {
          // The lease is gone, and the key with it.
          lease = 0;
          madeAt = 0;
          pause = PAUSE_MILLIS;
        }
        log.debug("what this node serves cannot be told the others", e);
        rest(TimeUnit.MILLISECONDS.toNanos(pause), false);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
      } catch (RuntimeException e) {
        log.error("what this node serves cannot be told the others", e);
        rest(TimeUnit.MILLISECONDS.toNanos(LONGEST_PAUSE_MILLIS), false);
      } catch (InterruptedException _) {
        // Only the end interrupts.
      }
    }
  }

  private boolean isEnding() {
    lock.lock();
    try {
      return isEnding;
    } finally {
      lock.unlock();
    }
  }

  /** Waits; no longer than until there is something to do, unless that is not to be looked at. */
  private void rest(long nanos, boolean endsWithNews) {
    lock.lock();
    try {
      long left = nanos;
      while (left > 0 && !isEnding && !(endsWithNews && (mustWrite || mustLook))) {
        left = news.awaitNanos(left);
      }
    } catch (InterruptedException _) {
      // Only the end interrupts.
    } finally {
      lock.unlock();
    }
  }

  /** Does what is due, and waits for what will be. */
  private void round() throws EtcdFault, InterruptedException {
    if (lease == 0) {
      keptNanos = System.nanoTime();
      lease = etcd.grant(LIFE);
    }
    takeNews();
    if (madeAt == 0 && !make()) {
      keep();
      rest(LOOK_AGAIN_NANOS, true);
      return;
    }
    isWanted |= keep();
    if (lease == 0) {
      return;
    }
    if (isWanted && !write()) {
      return;
    }
    if (System.nanoTime() - seenNanos >= SEEN_NANOS) {
      writeSeen();
    }
    long now = System.nanoTime();
    rest(writtenNanos + COALESCE_NANOS - now, false);
    rest(keptNanos + KEEP_NANOS - System.nanoTime(), true);
  }

  private void takeNews() {
    lock.lock();
    try {
      if (mustLook) {
        madeAt = 0;
      }
      isWanted |= mustWrite;
      mustLook = false;
      mustWrite = false;
    } finally {
      lock.unlock();
    }
  }

  /** Prolongs the lease when it is time; true when it did. */
  private boolean keep() throws EtcdFault, InterruptedException {
    long now = System.nanoTime();
    if (now - keptNanos < KEEP_NANOS) {
      return false;
    }
    if (etcd.keepAlive(lease) <= 0) {
      lease = 0;
      madeAt = 0;
      return false;
    }
    keptNanos = now;
    return true;
  }

  /** Makes the key, where there is none; true when it is this node's now. */
  private boolean make() throws EtcdFault, InterruptedException {
    Node node = self.apply(name);
    TxnResponse reply =
        etcd.transact(
            List.of(new Cmp(keys.node(name), Cmp.Op.EQUAL, CmpTarget.version(0))),
            List.of(put(node)),
            List.of(Op.get(keys.node(name), GetOption.DEFAULT)),
            Etcd.CALL);
    if (reply.isSucceeded()) {
      made(reply.getHeader().getRevision(), node);
      return true;
    }
    KeyValue found = reply.getGetResponses().getFirst().getKvs().getFirst();
    NodeValue value = parsed(found);
    if (value.process().equals(process)) {
      // The reply to an earlier attempt was lost; or the key has a lease before this one.
      made(found.getCreateRevision(), Node.getDefaultInstance());
      isWanted = true;
      return true;
    }
    taken();
    return false;
  }

  private void made(long revision, Node node) {
    madeAt = revision;
    isTaken = false;
    wrote(node);
  }

  private void wrote(Node node) {
    written = node;
    writtenNanos = System.nanoTime();
    isWanted = false;
  }

  /** A process that ended without saying so has its key for as long as its lease lives. */
  private void taken() {
    long now = System.nanoTime();
    if (!isTaken) {
      isTaken = true;
      takenSinceNanos = now;
      return;
    }
    if (now - takenSinceNanos < patienceNanos) {
      return;
    }
    String wanted = name;
    name =
        wanted.substring(0, Math.min(wanted.length(), MAX_NAME_CHARS - ADDED_DIGITS - 1))
            + "-"
            + process.substring(0, ADDED_DIGITS);
    isTaken = false;
    problem =
        "another living node of this store is called %s: this one is called %s until one of them is given another name and started again"
            .formatted(wanted, name);
    log.warn(problem);
    doubt();
  }

  private static NodeValue parsed(KeyValue found) {
    try {
      return NodeValue.parse(found.getValue());
    } catch (InvalidProtocolBufferException _) {
      return new NodeValue("", Node.getDefaultInstance());
    }
  }

  /**
   * Writes the key when there is something new; false when it is no longer the one that was made.
   */
  private boolean write() throws EtcdFault, InterruptedException {
    Node node = self.apply(name);
    if (isSame(node, written)) {
      isWanted = false;
      return true;
    }
    TxnResponse reply =
        etcd.transact(
            List.of(new Cmp(keys.node(name), Cmp.Op.EQUAL, CmpTarget.createRevision(madeAt))),
            List.of(put(node)),
            List.of(),
            Etcd.CALL);
    if (reply.isSucceeded()) {
      wrote(node);
    } else {
      madeAt = 0;
    }
    return reply.isSucceeded();
  }

  private static boolean isSame(Node one, Node other) {
    return one.toBuilder()
        .clearSeenTime()
        .build()
        .equals(other.toBuilder().clearSeenTime().build());
  }

  private Op put(Node node) {
    return Op.put(
        keys.node(name),
        new NodeValue(process, node).value(),
        PutOption.builder().withLeaseId(lease).build());
  }

  /** What is left of this node when it ends; for a day. */
  private void writeSeen() throws EtcdFault, InterruptedException {
    etcd.put(keys.seen(name), new NodeValue(process, self.apply(name)).value(), 0);
    seenNanos = System.nanoTime();
  }

  /** The key goes, if etcd answers; else its lease ends. Takes no longer than one call. */
  @Override
  public void close() {
    lock.lock();
    try {
      isEnding = true;
      news.signal();
    } finally {
      lock.unlock();
    }
    thread.interrupt();
    boolean wasInterrupted = Thread.interrupted();
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        wasInterrupted = true;
      }
    }
    try {
      if (madeAt != 0) {
        writeSeen();
      }
      if (lease != 0) {
        etcd.revoke(lease);
      }
    } catch (EtcdFault e) {
      log.debug("the others hear of this node's end when its lease ends", e);
    } catch (InterruptedException _) {
      wasInterrupted = true;
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
