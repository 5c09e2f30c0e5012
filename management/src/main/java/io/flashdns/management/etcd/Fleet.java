package io.flashdns.management.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Timestamps;
import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.api.Nodes;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.Standing;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.NodeState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes that share a store: what this one serves is told the others, and what they serve is
 * heard. Safe for all threads.
 *
 * <p><b>Telling.</b> A node writes what it serves as soon as that rises, at most fifty times a
 * second, into a key that goes with its lease: {@link Presence}.
 *
 * <p><b>Hearing.</b> One watch, and a list every five seconds, by which a watch is recognised that
 * has left something out; then there is another one. A node lives as long as its key is there.
 *
 * <p><b>Without etcd</b> nothing is heard. After ten seconds the others are shown as not heard of;
 * but what is served everywhere is still the least of what this node serves and of what the others
 * said last: they may serve more by now, not less. So nobody is told that a change is served
 * everywhere when that is not known; who waits is answered when the time is over, as always.
 *
 * <p><b>Comparing.</b> Nodes whose copies are at the same position of the log must hold the same.
 * When two do not, that is counted and logged; the one that differs from the log's head mends
 * itself.
 */
public final class Fleet implements Nodes, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Fleet.class);

  private static final String NAME = "[A-Za-z0-9._-]{1,63}";
  private static final long LIST_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** How long a taken name is waited for: a lease, and what etcd needs to end it. */
  private static final Duration PATIENCE = Presence.LIFE.plusSeconds(4);

  private static final long PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final int MAX_WAITING = 4_096;
  private static final int ATTEMPTS = 8;

  private final EtcdStore store;
  private final Etcd etcd;
  private final SharedKeys keys;
  private final Supplier<Node> self;
  private final InstantSource clock;
  private final HeardNodes heard;
  private final Presence presence;
  private final Thread thread;
  private final CountDownLatch ending = new CountDownLatch(1);
  private final AtomicLong served = new AtomicLong();
  private final LongAdder differences = new LongAdder();
  private final LongAdder watches = new LongAdder();
  private volatile boolean isDraining;

  /** Those that were logged, so that each is once. */
  private Set<HeardNodes.Difference> differing = Set.of();

  private Fleet(
      EtcdStore store,
      String name,
      Supplier<Node> self,
      InstantSource clock,
      Duration patience,
      ThreadFactory threads) {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "'" + name + "' is no name of a node: use 1 to 63 letters, digits and . _ -");
    }
    this.store = store;
    this.etcd = store.etcd();
    this.keys = store.keys();
    this.self = self;
    this.clock = clock;
    String process = UUID.randomUUID().toString().replace("-", "");
    this.heard = new HeardNodes(process, clock);
    this.presence = new Presence(etcd, keys, name, process, this::self, patience, threads);
    this.thread = threads.newThread(this::run);
  }

  /**
   * Joins the nodes of a store. Returns at once; etcd may be away. To be called when this node
   * serves all that its copy holds, and before it answers its first query: from then on who waits
   * for a change waits for this node too.
   *
   * @param name of this node, unique among those of the store, 1 to 63 letters, digits and {@code .
   *     _ -}
   * @param self what is to be said of this node; its id, position and standing are put in here, and
   *     {@linkplain NodeState#NODE_STATE_DETACHED detached} for serving when that is so. Any
   *     thread; it must not wait
   * @throws IllegalArgumentException when the name is none
   */
  public static Fleet open(
      EtcdStore store, String name, Supplier<Node> self, ThreadFactory threads) {
    return open(store, name, self, InstantSource.system(), PATIENCE, threads);
  }

  /** The same by another clock, and with another patience with a taken name. */
  static Fleet open(
      EtcdStore store,
      String name,
      Supplier<Node> self,
      InstantSource clock,
      Duration patience,
      ThreadFactory threads) {
    Fleet fleet = new Fleet(store, name, self, clock, patience, threads);
    fleet.served(self.get().getServedRevision());
    fleet.presence.start();
    fleet.thread.start();
    return fleet;
  }

  /** This node serves all changes up to a revision. Any thread; waits for nothing. */
  public void served(long revision) {
    if (served.getAndAccumulate(revision, Math::max) < revision) {
      heard.served(revision);
      presence.changed();
    }
  }

  /** This node finishes what it has and takes no more. */
  public void draining() {
    isDraining = true;
    presence.changed();
  }

  /**
   * What is the matter with this node's name, in one sentence with the remedy; empty for nothing. A
   * name that is taken is noticed some fifteen seconds after the start.
   */
  public String problem() {
    return presence.problem();
  }

  /** How often two nodes held different things at one position. */
  public long differences() {
    return differences.sum();
  }

  /** Seconds since all nodes were heard of last; infinite before. */
  public double silentSeconds() {
    return heard.silentSeconds();
  }

  /** Watches that were begun. */
  long watches() {
    return watches.sum();
  }

  private boolean areHeard() {
    return heard.silentSeconds() < Presence.LIFE.toSeconds();
  }

  // ---- as the API sees it --------------------------------------------------------------------

  @Override
  public Node self() {
    return self(presence.name());
  }

  private Node self(String name) {
    Node.Builder node = self.get().toBuilder().setId(name);
    node.setServedRevision(Math.max(node.getServedRevision(), served.get()));
    if (isDraining) {
      node.setState(NodeState.NODE_STATE_DRAINING);
    } else if (node.getState() == NodeState.NODE_STATE_SERVING && isDetached()) {
      node.setState(NodeState.NODE_STATE_DETACHED);
    }
    for (int i = 0; i < ATTEMPTS; i++) {
      Position position = store.position();
      Standing standing = store.standing();
      if (position.equals(store.position())) {
        node.setPosition(position.sequence()).setStanding(standing.text());
        break;
      }
    }
    return node.setSeenTime(Timestamps.fromMillis(clock.millis())).build();
  }

  private boolean isDetached() {
    return store.silentSeconds() >= Presence.LIFE.toSeconds();
  }

  @Override
  public List<Node> all() {
    Node own = self();
    Map<String, Node> byName =
        new TreeMap<>(heard.others(own.getId(), areHeard(), store.state().revision()));
    byName.put(own.getId(), own);
    return List.copyOf(byName.values());
  }

  @Override
  public List<Node> counted() {
    List<Node> counted = heard.counted(areHeard(), store.state().revision());
    counted.add(self());
    return counted;
  }

  @Override
  public long servedEverywhere() {
    return heard.everywhere();
  }

  @Override
  public boolean awaitServed(long revision, Duration timeout)
      throws StoreException, InterruptedException {
    boolean isServed = heard.await(revision, timeout);
    if (!isServed && heard.hasEnded()) {
      throw new StoreException.Unavailable(
          "what other nodes serve is no longer heard, for the server is ending");
    }
    return isServed;
  }

  // ---- hearing -------------------------------------------------------------------------------

  private void run() {
    long pause = PAUSE_MILLIS;
    while (ending.getCount() > 0) {
      try {
        long revision = list(new Listed());
        pause = PAUSE_MILLIS;
        follow(revision);
      } catch (EtcdFault e) {
        log.debug("the other nodes are not heard", e);
      } catch (RuntimeException e) {
        log.error("the other nodes are not heard", e);
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

  /** What a list had that was not known. */
  private static final class Listed {
    /** The newest revision of a key that was news. */
    long newest;
  }

  /** Lists all nodes; the revision of etcd at which that is how they were. */
  private long list(Listed listed) throws EtcdFault, InterruptedException {
    TxnResponse reply =
        etcd.transact(
            List.of(),
            List.of(
                Op.get(keys.nodes(), below(SharedKeys.end(keys.nodes()))),
                Op.get(keys.seen(), below(SharedKeys.end(keys.seen())))),
            List.of(),
            Etcd.CALL);
    long revision = reply.getHeader().getRevision();
    Map<String, HeardNodes.Heard> living = new HashMap<>();
    for (KeyValue one : reply.getGetResponses().getFirst().getKvs()) {
      try {
        living.put(
            keys.name(one.getKey()),
            new HeardNodes.Heard(
                NodeValue.parse(one.getValue()), one.getModRevision(), true, clock.millis()));
      } catch (InvalidProtocolBufferException e) {
        log.debug("{} cannot be read", one.getKey(), e);
      }
    }
    Map<String, Node> seen = seen(reply.getGetResponses().getLast(), living.keySet());
    listed.newest = heard.listed(living, seen, revision);
    String name = presence.name();
    if (!living.containsKey(name) || !heard.isOwn(name)) {
      presence.doubt();
    }
    compare();
    return revision;
  }

  private static GetOption below(ByteSequence end) {
    return GetOption.builder().withRange(end).build();
  }

  /** What those wrote that may live no longer; what is older than a day is removed. */
  private Map<String, Node> seen(GetResponse found, Set<String> living)
      throws EtcdFault, InterruptedException {
    Map<String, Node> seen = new HashMap<>();
    for (KeyValue one : found.getKvs()) {
      String name = keys.name(one.getKey());
      try {
        Node node = NodeValue.parse(one.getValue()).node();
        if (!HeardNodes.isForgotten(Timestamps.toMillis(node.getSeenTime()), clock.millis())) {
          seen.put(name, node);
          continue;
        }
      } catch (InvalidProtocolBufferException e) {
        log.debug("{} cannot be read", one.getKey(), e);
      }
      if (!living.contains(name)) {
        var _ =
            etcd.transact(
                List.of(
                    new Cmp(
                        one.getKey(), Cmp.Op.EQUAL, CmpTarget.modRevision(one.getModRevision()))),
                List.of(Op.delete(one.getKey(), DeleteOption.DEFAULT)),
                List.of(),
                Etcd.CALL);
      }
    }
    return seen;
  }

  private void compare() {
    Set<HeardNodes.Difference> now = new HashSet<>(heard.differences());
    for (HeardNodes.Difference one : now) {
      if (!differing.contains(one)) {
        differences.increment();
        log.warn(
            "the nodes {} and {} hold different things at group {} of the shared store: the one"
                + " that differs from it fetches its copy anew",
            one.one(),
            one.other(),
            one.position());
      }
    }
    differing = now;
  }

  /** Follows the watch from behind a revision of etcd until something is odd about it. */
  private void follow(long revision) throws EtcdFault, InterruptedException {
    BlockingQueue<WatchNews> news = new ArrayBlockingQueue<>(MAX_WAITING);
    WatchOption option =
        WatchOption.builder()
            .withRevision(revision + 1)
            .withRange(SharedKeys.end(keys.nodes()))
            .build();
    watches.increment();
    try (Watch.Watcher _ = etcd.watch(keys.nodes(), option, WatchNews.into(news))) {
      long delivered = revision;
      Listed listed = new Listed();
      long nextList = System.nanoTime() + LIST_NANOS;
      while (ending.getCount() > 0) {
        long left = TimeUnit.NANOSECONDS.toMillis(nextList - System.nanoTime());
        WatchNews one = news.poll(Math.max(left, 0), TimeUnit.MILLISECONDS);
        switch (one) {
          case WatchNews.Response(WatchResponse response) ->
              delivered = Math.max(delivered, take(response));
          case WatchNews.End(String why) -> {
            log.debug("the watch of the nodes ended: {}", why);
            return;
          }
          case null -> {}
        }
        if (System.nanoTime() - nextList >= 0) {
          if (delivered < listed.newest) {
            log.debug("the watch of the nodes has left something out");
            return;
          }
          var _ = list(listed);
          nextList = System.nanoTime() + LIST_NANOS;
        }
      }
    }
  }

  /** Takes what a watch delivers; the newest revision that it had. */
  private long take(WatchResponse response) {
    long newest = 0;
    for (WatchEvent event : response.getEvents()) {
      KeyValue one = event.getKeyValue();
      String name = keys.name(one.getKey());
      newest = Math.max(newest, one.getModRevision());
      if (event.getEventType() == WatchEvent.EventType.DELETE) {
        heard.ended(name, one.getModRevision());
        if (name.equals(presence.name())) {
          presence.doubt();
        }
        continue;
      }
      try {
        heard.wrote(name, NodeValue.parse(one.getValue()), one.getModRevision());
      } catch (InvalidProtocolBufferException e) {
        log.debug("{} cannot be read", one.getKey(), e);
      }
    }
    return newest;
  }

  /** Leaves the others; who waits is told. Takes no longer than two seconds. */
  @Override
  public void close() {
    heard.end();
    ending.countDown();
    thread.interrupt();
    boolean wasInterrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        wasInterrupted = true;
      }
    }
    presence.close();
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
