package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.api.WatchResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose watch does what watches do in bad hours: it follows all the same. One node writes to
 * etcd directly, the other one follows through a relay.
 */
final class WatchFaultsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Status BROKEN = Status.UNAVAILABLE.withDescription("broken");
  private static final String ZONE = "example.org.";

  @TempDir static Path temp;
  @RegisterExtension static final OneEtcd etcd = new OneEtcd(() -> temp);
  private EtcdRelay relay;
  private EtcdConfig config;
  private Node writer;
  private Node node;

  @BeforeEach
  void openNodes() throws Exception {
    relay = etcd.relay();
    config = etcd.fresh();
    writer = Node.open(folder(), config);
    writer.create(ZONE);
    node = Node.open(folder(), relay.config(config));
    awaitEqual();
    await().atMost(PATIENCE).until(() -> relay.watchesCreated() > 0);
  }

  @AfterEach
  void closeNodes() {
    node.close();
    writer.close();
    relay.close();
  }

  private static Path folder() throws Exception {
    return Files.createTempDirectory(temp, "node");
  }

  private void awaitEqual() {
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(2)).until(() -> isEqual(node, writer));
  }

  private static boolean isEqual(Node node, Node writer) {
    return node.store().position().equals(writer.store().position())
        && node.standing().equals(writer.standing());
  }

  /** Milliseconds until the node has what the writer has. */
  private long millisUntilEqual() {
    long begin = System.nanoTime();
    awaitEqual();
    return (System.nanoTime() - begin) / 1_000_000;
  }

  private void set(int number) throws StoreException, InterruptedException {
    writer.set("h" + number + "." + ZONE, ZONE, "v" + number, "");
  }

  private static void report(String what, Object... figures) {
    System.out.println(what.formatted(figures));
  }

  /** Has the node's next watch asked for, but not begun, until the future completes. */
  private CompletableFuture<Void> holdNextWatch() {
    CompletableFuture<Void> then = new CompletableFuture<>();
    int before = relay.watchesAsked();
    relay.holdWatchesUntil(then);
    relay.breakWatches(BROKEN);
    await().atMost(PATIENCE).until(() -> relay.watchesAsked() > before);
    return then;
  }

  @Test
  void nothingIsSkippedWhenAWatchBreaksBetweenItsBeginAndItsFirstEvent() throws Exception {
    int keys = 5_000;
    EtcdConfig direct = etcd.fresh();
    EtcdConfig copied = etcd.fresh();
    SharedKeys from = new SharedKeys(direct.prefix());
    SharedKeys to = new SharedKeys(copied.prefix());
    try (Etcd raw = Etcd.of(direct);
        Node source = Node.open(folder(), direct)) {
      source.create(ZONE);
      make(raw, copy(raw, from, to, 1, 1));
      try (Node behind = Node.open(folder(), relay.config(copied))) {
        await().atMost(PATIENCE).until(() -> isEqual(behind, source));
        node.close();
        await().atMost(PATIENCE).until(() -> relay.watchesOpen() == 1);
        setAll(source, keys);
        long groups = source.store().position().sequence();
        List<List<Op>> all = copy(raw, from, to, 2, groups);
        // In less time than it takes the node to look at the head twice.
        CompletableFuture<Void> begin = holdNextWatch();
        make(raw, all);
        relay.breakAfterCreated(BROKEN);
        int created = relay.watchesCreated();
        begin.complete(null);
        long start = System.nanoTime();
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> isEqual(behind, source));
        long millis = (System.nanoTime() - start) / 1_000_000;
        report(
            "watch broken before its first event: %d changes in %d groups, equal after %d ms",
            keys, groups, millis);
        assertThat(millis).isLessThan(60_000);
        assertThat(relay.watchesCreated()).isGreaterThan(created);
        assertThat(behind.store().counters().gaps.sum()).isZero();
        assertThat(behind.store().counters().fetches.sum()).isZero();
        assertThat(behind.history(ZONE)).isEqualTo(source.history(ZONE));
        for (int i = 0; i < keys; i += 499) {
          assertThat(behind.text("h" + i + "." + ZONE, ZONE)).isEqualTo("v" + i);
        }
        source.set("last." + ZONE, ZONE, "x", "");
        make(raw, copy(raw, from, to, groups + 1, groups + 1));
        await().atMost(PATIENCE).until(() -> behind.text("last." + ZONE, ZONE).equals("x"));
      }
    }
  }

  /** Sets that many names, several at once. */
  private static void setAll(Node source, int keys) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      List<Future<?>> made = new ArrayList<>();
      for (int i = 0; i < keys; i++) {
        int number = i;
        made.add(
            threads.submit(() -> source.set("h" + number + "." + ZONE, ZONE, "v" + number, "")));
      }
      for (Future<?> one : made) {
        one.get();
      }
    }
  }

  /** What copies groups of one log, and its head, to another one, fifty groups at once. */
  private static List<List<Op>> copy(
      Etcd raw, SharedKeys from, SharedKeys to, long first, long last) throws Exception {
    List<List<Op>> all = new ArrayList<>();
    List<Op> puts = new ArrayList<>();
    for (long next = first; next <= last; next++) {
      puts.add(Op.put(to.log(next), value(raw, from.log(next)), PutOption.DEFAULT));
      if (puts.size() == 50 || next == last) {
        all.add(puts);
        puts = new ArrayList<>();
      }
    }
    all.getLast().add(Op.put(to.head(), value(raw, from.head()), PutOption.DEFAULT));
    return all;
  }

  private static ByteSequence value(Etcd raw, ByteSequence key) throws Exception {
    return raw.get(key, GetOption.DEFAULT).getKvs().getFirst().getValue();
  }

  private static void make(Etcd raw, List<List<Op>> all) throws Exception {
    for (List<Op> puts : all) {
      var _ = raw.transact(List.of(), puts, List.of(), Etcd.CALL);
    }
  }

  /** Writes octets that cannot be made shorter. */
  private static ChangeSet large(int bytes, long seed) {
    List<Octets> entries = new ArrayList<>();
    Random random = new Random(seed);
    for (int left = bytes; left > 0; left -= 1 << 16) {
      byte[] body = new byte[1 << 16];
      random.nextBytes(body);
      entries.add(Octets.of(body));
    }
    return ChangeSet.ofDecision("test", (_, _, _) -> new Effects(List.of(), entries, Octets.EMPTY));
  }

  @Test
  void backlogOfMoreThanFourMebibytesIsFollowed() throws Exception {
    CompletableFuture<Void> begin = holdNextWatch();
    for (int i = 0; i < 10; i++) {
      writer.store().commit(large(800 << 10, i));
    }
    begin.complete(null);
    long millis = millisUntilEqual();
    report("trap (b): 8 MiB in 10 groups, equal after %d ms", millis);
    assertThat(millis).isLessThan(10_000);
  }

  @Test
  void backlogThatTheWatchCannotDeliverIsReadFromTheLog() throws Exception {
    CompletableFuture<Void> begin = holdNextWatch();
    for (int i = 0; i < 10; i++) {
      writer.store().commit(large(800 << 10, i));
    }
    relay.breakAfterCreated(
        Status.RESOURCE_EXHAUSTED.withDescription("gRPC message exceeds maximum size 4194304"));
    begin.complete(null);
    assertThat(millisUntilEqual()).isLessThan(10_000);
  }

  @Test
  void watchThatEtcdCompletesIsBegunAnew() throws Exception {
    for (int i = 0; i < 10; i++) {
      int created = relay.watchesCreated();
      relay.breakWatches(Status.OK);
      set(i);
      awaitEqual();
      await().atMost(PATIENCE).until(() -> relay.watchesCreated() > created);
    }
  }

  @Test
  void watchThatEndsForAnyReasonIsBegunAnew() throws Exception {
    List<Status> reasons =
        List.of(
            Status.UNAVAILABLE.withDescription("etcdserver: no leader"),
            Status.UNAVAILABLE.withDescription("etcdserver: leader changed"),
            Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests"),
            Status.PERMISSION_DENIED.withDescription("etcdserver: permission denied"),
            Status.UNAUTHENTICATED.withDescription("etcdserver: invalid auth token"),
            Status.OUT_OF_RANGE.withDescription(
                "etcdserver: mvcc: required revision has been compacted"),
            Status.CANCELLED.withDescription("broken"),
            Status.INTERNAL.withDescription("broken"),
            Status.UNKNOWN.withDescription("broken"),
            Status.DEADLINE_EXCEEDED.withDescription("broken"));
    int number = 0;
    for (Status reason : reasons) {
      int created = relay.watchesCreated();
      relay.breakWatches(reason);
      set(number++);
      awaitEqual();
      await()
          .atMost(PATIENCE)
          .alias("a watch after " + reason)
          .until(() -> relay.watchesCreated() > created && relay.watchesOpen() == 1);
      assertThat(node.store().state().isWritable()).as("writable after %s", reason).isTrue();
    }
  }

  @Test
  void callsThatFailForAWhileAreMadeUpFor() throws Exception {
    List<Status> reasons =
        List.of(
            Status.UNAVAILABLE.withDescription("etcdserver: no leader"),
            Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: too many requests"),
            Status.INTERNAL.withDescription("broken"));
    for (Status reason : reasons) {
      relay.calls((_, _) -> new EtcdRelay.Fate.Refused(reason));
      await().atMost(PATIENCE).until(() -> !node.store().state().isWritable());
      set(reasons.indexOf(reason));
      relay.calls((_, _) -> EtcdRelay.Fate.PASS);
      assertThat(millisUntilEqual()).isLessThan(3_000);
      await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
    }
  }

  @Test
  void compactionWhileCutOffLosesNothing() throws Exception {
    relay.wire().cut();
    await().atMost(PATIENCE).until(() -> !node.store().state().isWritable());
    for (int i = 0; i < 50; i++) {
      set(i);
    }
    compactAll();
    set(50);
    relay.wire().heal();
    assertThat(millisUntilEqual()).isLessThan(10_000);
    assertThat(node.text("h0." + ZONE, ZONE)).isEqualTo("v0");
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
  }

  @Test
  void watchFromARevisionThatWasCompactedIsBegunAnew() throws Exception {
    CompletableFuture<Void> begin = holdNextWatch();
    for (int i = 0; i < 50; i++) {
      set(i);
    }
    compactAll();
    int created = relay.watchesCreated();
    begin.complete(null);
    assertThat(millisUntilEqual()).isLessThan(10_000);
    // The one that etcd began and ended, and the one after it.
    await().atMost(PATIENCE).until(() -> relay.watchesCreated() >= created + 2);
    set(50);
    awaitEqual();
  }

  private void compactAll() throws Exception {
    try (Etcd asked = Etcd.of(config)) {
      SharedKeys keys = new SharedKeys(config.prefix());
      asked.compact(asked.get(keys.head(), GetOption.DEFAULT).getHeader().getRevision());
    }
  }

  @Test
  void watchThatSaysNothingAnyMoreIsNoticed() throws Exception {
    relay.events(_ -> List.of());
    for (int i = 0; i < 3; i++) {
      set(i);
      assertThat(millisUntilEqual()).isLessThan(3_000);
    }
    assertThat(node.store().counters().gaps.sum()).isPositive();
  }

  @Test
  void connectionThatSaysNothingAnyMoreIsNoticedAndMadeUpFor() throws Exception {
    relay.wire().silence();
    for (int i = 0; i < 20; i++) {
      set(i);
    }
    await().atMost(PATIENCE).until(() -> !node.store().state().isWritable());
    assertThat(node.text("h0." + ZONE, ZONE)).isEmpty();
    relay.wire().heal();
    long millis = millisUntilEqual();
    report("silence: equal %d ms after it ended", millis);
    assertThat(millis).isLessThan(3_000);
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
  }

  @Test
  void connectionsThatAreResetAgainAndAgainAreMadeUpFor() throws Exception {
    for (int i = 0; i < 20; i++) {
      relay.wire().reset();
      set(i);
    }
    assertThat(millisUntilEqual()).isLessThan(5_000);
  }

  @Test
  void backlogIsReadOverAWayOnWhichMuchOfItDoesNotComeInTime() throws Exception {
    node.close();
    for (int i = 0; i < 8; i++) {
      writer.store().commit(large(800 << 10, i));
    }
    relay.wire().slow(4 << 20);
    node.reopen();
    long millis = millisUntilEqual();
    report("6.3 MiB in 8 groups at 4 MiB/s, equal after %d ms", millis);
    assertThat(node.store().state().isWritable()).isTrue();
  }

  /** What is done to the two events of a round. */
  private enum Fault {
    FIRST_DROPPED,
    SECOND_DROPPED,
    BOTH_DROPPED,
    DOUBLED,
    REORDERED,
    OLD_ONE_AGAIN
  }

  /** A node, and the fault of this round on its way. */
  private static final class Followed implements AutoCloseable {
    final EtcdRelay relay;
    final Node node;
    private Fault fault = Fault.DOUBLED;
    private boolean isArmed;
    private int seen;
    private WatchResponse held = WatchResponse.getDefaultInstance();
    private WatchResponse old = WatchResponse.getDefaultInstance();
    private volatile long injectedNanos;

    Followed(EtcdConfig config) throws Exception {
      relay = etcd.relay();
      relay.events(this::pass);
      node = Node.open(folder(), relay.config(config));
    }

    synchronized void arm(Fault next) {
      fault = next;
      isArmed = true;
      seen = 0;
      injectedNanos = 0;
    }

    /** When the fault of this round was injected; 0 when it was not. */
    long injectedNanos() {
      return injectedNanos;
    }

    private synchronized List<WatchResponse> pass(WatchResponse one) {
      if (!isArmed) {
        old = one;
        return List.of(one);
      }
      seen++;
      boolean isFirst = seen == 1;
      if (!isFirst) {
        isArmed = false;
      }
      return switch (fault) {
        case FIRST_DROPPED -> isFirst ? injected() : List.of(one);
        case SECOND_DROPPED -> isFirst ? List.of(one) : injected();
        case BOTH_DROPPED -> injected();
        case DOUBLED -> injected(one, one);
        case REORDERED -> {
          if (isFirst) {
            held = one;
            yield List.of();
          }
          yield injected(one, held);
        }
        case OLD_ONE_AGAIN -> isFirst ? injected(old, one) : List.of(one);
      };
    }

    private List<WatchResponse> injected(WatchResponse... instead) {
      if (injectedNanos == 0) {
        injectedNanos = System.nanoTime();
      }
      return Arrays.stream(instead).filter(one -> one.getEventsCount() > 0).toList();
    }

    @Override
    public void close() {
      node.close();
      relay.close();
    }
  }

  @Test
  void eventsThatAreDroppedDoubledOrReorderedAreFoundAndMadeUpFor() throws Exception {
    int faults = 200;
    List<Followed> followed = new ArrayList<>();
    Map<Fault, List<Long>> millis = new EnumMap<>(Fault.class);
    int injected = 0;
    int number = 0;
    try {
      for (int i = 0; i < 16; i++) {
        followed.add(new Followed(config));
      }
      for (int round = 0; injected < faults; round++) {
        List<Long> watches = new ArrayList<>();
        for (int i = 0; i < followed.size(); i++) {
          Followed one = followed.get(i);
          watches.add(one.node.store().counters().watches.sum());
          one.arm(Fault.values()[(round + i) % Fault.values().length]);
        }
        set(number++);
        set(number++);
        List<Followed> waiting = new ArrayList<>(followed);
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(1))
            .until(
                () -> {
                  waiting.removeIf(
                      one -> {
                        if (!isEqual(one.node, writer)) {
                          return false;
                        }
                        if (one.injectedNanos() != 0) {
                          millis
                              .computeIfAbsent(one.fault, _ -> new ArrayList<>())
                              .add((System.nanoTime() - one.injectedNanos()) / 1_000_000);
                        }
                        return true;
                      });
                  return waiting.isEmpty();
                });
        injected = millis.values().stream().mapToInt(List::size).sum();
        for (int i = 0; i < followed.size(); i++) {
          awaitWatch(followed.get(i), watches.get(i));
        }
      }
      for (Followed one : followed) {
        assertThat(one.node.history(ZONE)).isEqualTo(writer.history(ZONE));
        assertThat(one.node.store().counters().fetches.sum()).isZero();
      }
    } finally {
      followed.forEach(Followed::close);
    }
    millis.forEach(
        (fault, each) ->
            report(
                "%-15s %3d injected; ms until equal: min %d, median %d, max %d",
                fault, each.size(), at(each, 0), at(each, 0.5), at(each, 1)));
    List<Long> all = millis.values().stream().flatMap(List::stream).toList();
    report(
        "all             %3d injected; ms until equal: median %d, p90 %d, p99 %d, max %d",
        all.size(), at(all, 0.5), at(all, 0.9), at(all, 0.99), at(all, 1));
    assertThat(all).hasSizeGreaterThanOrEqualTo(faults);
    assertThat(at(all, 1)).isLessThanOrEqualTo(60_000).isLessThanOrEqualTo(5_000);
  }

  /** Waits until a fault that ends a watch has ended it and the next one is there. */
  private static void awaitWatch(Followed one, long before) {
    boolean ends =
        one.injectedNanos() != 0 && one.fault != Fault.DOUBLED && one.fault != Fault.OLD_ONE_AGAIN;
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              long begun = one.node.store().counters().watches.sum();
              return (!ends || begun > before) && one.relay.watchesCreated() >= begun;
            });
  }

  private static long at(List<Long> figures, double part) {
    List<Long> sorted = figures.stream().sorted().toList();
    return sorted.get((int) Math.round(part * (sorted.size() - 1)));
  }
}
