package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneChange;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guarded writes of many writers at three nodes, while the member of etcd that leads is killed
 * again and again.
 *
 * <p>Each name holds a number. A writer reads it, at whatever node and however old, and writes the
 * next one on condition that the record is unchanged. So the numbers that were made of a name are
 * 1, 2, 3 and so on, each once: a change that was lost would leave a number out or have it made
 * again.
 */
final class GuardedWritesTest {
  private static final boolean IS_CAMPAIGN = System.getProperty("campaign") != null;
  private static final int WRITES = IS_CAMPAIGN ? 20_000 : 500;
  private static final int WRITERS = 12;
  private static final int NAMES = 8;
  private static final String APEX = "example.org.";
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long KILL_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long DOWN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How a write ended for who asked; times are of the whole, with all its calls. */
  private record Written(
      String id, int name, long number, long revision, long beginNanos, long endNanos) {}

  /** What the writers know of the number that a name has, at one node. */
  private record Read(long number, long revision) {}

  @TempDir Path temp;

  private final AtomicInteger left = new AtomicInteger(WRITES);
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong turnedAway = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong unknownMade = new AtomicLong();
  private final AtomicLong slowestNanos = new AtomicLong();

  @Test
  void guardedWritesAreMadeOnceWhileLeadersDie() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(temp.resolve("etcd"), 3)) {
      EtcdConfig config = etcd.fresh();
      try (Node one = Node.open(temp.resolve("n1"), config);
          Node two = Node.open(temp.resolve("n2"), config);
          Node three = Node.open(temp.resolve("n3"), config)) {
        write(etcd, List.of(one, two, three));
      }
    }
  }

  private void write(EtcdCluster etcd, List<Node> nodes) throws Exception {
    nodes.getFirst().create(APEX);
    awaitEqual(nodes);
    List<Written> written = new ArrayList<>();
    int kills = 0;
    long begin = System.nanoTime();
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      List<Future<List<Written>>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        int writer = i;
        writers.add(threads.submit(() -> new Writer(nodes, writer).run()));
      }
      while (writers.stream().anyMatch(each -> !each.isDone())) {
        long next = System.nanoTime() + KILL_NANOS;
        if (killLeader(etcd)) {
          kills++;
        }
        while (System.nanoTime() - next < 0 && writers.stream().anyMatch(each -> !each.isDone())) {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
      for (Future<List<Written>> writer : writers) {
        written.addAll(writer.get());
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    awaitEqual(nodes);
    System.out.printf(
        "{\"guardedWrites\": %d, \"seconds\": %.1f, \"leadersKilled\": %d, \"calls\": %d,"
            + " \"refused\": %d, \"turnedAway\": %d, \"unknown\": %d, \"unknownMade\": %d,"
            + " \"slowestCallMillis\": %d}%n",
        written.size(),
        seconds,
        kills,
        calls.get(),
        refused.get(),
        turnedAway.get(),
        unknown.get(),
        unknownMade.get(),
        TimeUnit.NANOSECONDS.toMillis(slowestNanos.get()));
    assertThat(written).hasSize(WRITES);
    assertThat(kills).isPositive();
    for (Node node : nodes) {
      check(node, written);
    }
    checkOrder(written);
    assertThat(slowestNanos.get()).as("the slowest call").isLessThan(LIMIT_NANOS);
  }

  private static boolean killLeader(EtcdCluster etcd) throws Exception {
    EtcdCluster.Member leader = etcd.leader().orElse(null);
    if (leader == null) {
      return false;
    }
    etcd.kill(leader);
    LockSupport.parkNanos(DOWN_NANOS);
    etcd.start(leader);
    return true;
  }

  private static void awaitEqual(List<Node> nodes) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(
            () ->
                nodes.stream().map(node -> node.store().position()).distinct().count() == 1
                    && nodes.stream().map(Node::standing).distinct().count() == 1);
  }

  /** One writer: a write is ended before the next begins. */
  private final class Writer {
    private final List<Node> nodes;
    private final int writer;
    private final List<Written> written = new ArrayList<>();
    private int turn;

    Writer(List<Node> nodes, int writer) {
      this.nodes = nodes;
      this.writer = writer;
      this.turn = writer;
    }

    List<Written> run() throws Exception {
      int count = 0;
      while (left.getAndDecrement() > 0) {
        Written one = null;
        while (one == null) {
          one = attempt((writer + turn) % NAMES, "w" + writer + "-" + count++);
        }
        written.add(one);
        turn++;
      }
      return written;
    }

    /** Tries one write under one request id until it is known what became of it; null: not made. */
    private Written attempt(int name, String id) throws Exception {
      Node node = nodes.get(turn % nodes.size());
      Read read = read(node, name);
      long number = read.number() + 1;
      ChangeSet change = change(node, name, number, read.revision(), id);
      long begin = System.nanoTime();
      boolean isUnknown = false;
      for (int asked = 0; ; asked++) {
        // Asked again it is another node that answers.
        Node at = nodes.get((turn + asked) % nodes.size());
        long call = System.nanoTime();
        calls.incrementAndGet();
        try {
          CommitResult result = at.store().commit(change);
          if (isUnknown && !result.changed()) {
            unknownMade.incrementAndGet();
          }
          return new Written(id, name, number, result.revision(), begin, System.nanoTime());
        } catch (StoreException.Refused _) {
          refused.incrementAndGet();
          return null;
        } catch (StoreException.Unavailable e) {
          if (e.outcomeIsUnknown()) {
            isUnknown = true;
            unknown.incrementAndGet();
          } else {
            turnedAway.incrementAndGet();
          }
          if (!isUnknown) {
            LockSupport.parkNanos(PAUSE_NANOS);
            return null;
          }
        } finally {
          long took = System.nanoTime() - call;
          slowestNanos.accumulateAndGet(took, Math::max);
        }
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }

    private Read read(Node node, int name) throws StoreException {
      try (StoreSnapshot snapshot = node.store().snapshot()) {
        for (StoredRRset one :
            snapshot.rrsets(snapshot.zone(Node.key(APEX)).id(), DomainName.parse(owner(name)))) {
          if (one.rrset().type() == RecordType.TXT) {
            byte[] data = one.rrset().data().getFirst().octets();
            String text = new String(data, 1, data.length - 1, StandardCharsets.US_ASCII);
            return new Read(Long.parseLong(text), one.revision());
          }
        }
        return new Read(0, RRsetEdit.ABSENT);
      }
    }

    private ChangeSet change(Node node, int name, long number, long revision, String id)
        throws StoreException {
      RRsetEdit edit = new RRsetEdit.Put(Node.txt(owner(name), Long.toString(number)), revision);
      try (StoreSnapshot snapshot = node.store().snapshot()) {
        return ChangeSet.of(
                "test",
                new ZoneChange.Edit(
                    snapshot.zone(Node.key(APEX)).id(), List.of(edit), ZoneChange.ANY_REVISION))
            .withRequestId(id);
      }
    }
  }

  private static String owner(int name) {
    return "n" + name + "." + APEX;
  }

  /** Holds what a node has against what was said. */
  private static void check(Node node, List<Written> written) throws Exception {
    Map<String, Long> made = new HashMap<>();
    long revision = node.store().state().revision();
    long seen = 0;
    try (Watch watch = node.store().watch(0)) {
      while (seen < revision) {
        List<StoreEvent> events = watch.next(PATIENCE);
        assertThat(events).as("events after %d", seen).isNotEmpty();
        for (StoreEvent event : events) {
          seen = event.revision();
          if (!event.requestId().isEmpty()) {
            assertThat(made.put(event.requestId(), event.revision()))
                .as("%s was made before", event.requestId())
                .isNull();
          }
        }
      }
    }
    long[] numbers = new long[NAMES];
    List<Written> inOrder =
        written.stream().sorted(Comparator.comparingLong(Written::revision)).toList();
    for (Written one : inOrder) {
      assertThat(made.remove(one.id())).as("%s is there", one).isEqualTo(one.revision());
      assertThat(one.number()).as("%s", one).isEqualTo(++numbers[one.name()]);
    }
    assertThat(made).as("made, and said not to be").isEmpty();
    for (int i = 0; i < NAMES; i++) {
      assertThat(node.text(owner(i), APEX)).isEqualTo(Long.toString(numbers[i]));
    }
  }

  /** A write that began when another had ended comes behind it. */
  private static void checkOrder(List<Written> written) {
    long latestBegin = Long.MIN_VALUE;
    for (Written one :
        written.stream().sorted(Comparator.comparingLong(Written::revision)).toList()) {
      assertThat(one.endNanos()).as("%s", one).isGreaterThan(latestBegin);
      latestBegin = Math.max(latestBegin, one.beginNanos());
    }
  }
}
