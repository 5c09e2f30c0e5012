package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.api.AlarmRequest;
import io.etcd.jetcd.api.AlarmResponse;
import io.etcd.jetcd.api.AlarmType;
import io.etcd.jetcd.api.MaintenanceGrpc;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.Watch;
import io.flashdns.management.etcd.EtcdRelay.Fate;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of a node whose transactions, or the replies to them, are lost on the way: each is made
 * once, and who asked for it hears so. Another node reaches etcd directly.
 */
final class LostRepliesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long MOST_MILLIS = 5_000;
  private static final Status BROKEN = Status.UNAVAILABLE.withDescription("broken");
  private static final String ZONE = "example.org.";
  private static final String NAME = "www.example.org.";

  @TempDir static Path temp;
  @RegisterExtension static final OneEtcd etcd = new OneEtcd(() -> temp);
  private EtcdRelay relay;
  private Node node;
  private Node other;

  /** Transactions that would have written, as the relay saw them. */
  private final AtomicInteger writes = new AtomicInteger();

  @BeforeEach
  void openNodes() throws Exception {
    relay = etcd.relay();
    EtcdConfig config = etcd.fresh();
    other = Node.open(folder(), config);
    other.create(ZONE);
    node = Node.open(folder(), relay.config(config));
    awaitEqual();
  }

  @AfterEach
  void closeNodes() {
    node.close();
    other.close();
    relay.close();
  }

  private static Path folder() throws Exception {
    return Files.createTempDirectory(temp, "node");
  }

  private void awaitEqual() {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(2))
        .until(
            () ->
                node.store().position().equals(other.store().position())
                    && node.standing().equals(other.standing()));
  }

  /** Has transactions that write, counted from 1, meet these fates. */
  private void writesMeet(IntFunction<Fate> fates) {
    writes.set(0);
    relay.calls(
        (method, request) ->
            EtcdRelay.isWrite(method, request) ? fates.apply(writes.incrementAndGet()) : Fate.PASS);
  }

  private void firstWriteMeets(Fate fate) {
    writesMeet(number -> number == 1 ? fate : Fate.PASS);
  }

  private static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  /** Requests that changed something, in the order in which a node made them. */
  private static List<String> requests(Node node) throws Exception {
    List<String> all = new ArrayList<>();
    long revision = node.store().state().revision();
    try (Watch watch = node.store().watch(0)) {
      for (long seen = 0; seen < revision; ) {
        for (StoreEvent event : watch.next(PATIENCE)) {
          seen = event.revision();
          if (!event.requestId().isEmpty()) {
            all.add(event.requestId());
          }
        }
      }
    }
    return all;
  }

  private void assertMadeOnce(String request) throws Exception {
    awaitEqual();
    assertThat(requests(node)).containsOnlyOnce(request);
    assertThat(requests(other)).isEqualTo(requests(node));
  }

  @Test
  void changeWhoseReplyIsLostIsAnsweredAsMade() throws Exception {
    firstWriteMeets(new Fate.LostReply());
    long begin = System.nanoTime();
    assertThat(node.set(NAME, ZONE, "once", "r1").changed()).isTrue();
    assertThat(millisSince(begin)).isLessThan(MOST_MILLIS);
    // The lost one, and the one that asked: the library adds none.
    assertThat(writes).hasValue(2);
    assertMadeOnce("r1");
  }

  @Test
  void changeWhoseRequestIsLostIsMade() throws Exception {
    firstWriteMeets(new Fate.LostRequest());
    long begin = System.nanoTime();
    assertThat(node.set(NAME, ZONE, "once", "r1").changed()).isTrue();
    assertThat(millisSince(begin)).isLessThan(MOST_MILLIS);
    assertThat(writes).hasValue(2);
    assertMadeOnce("r1");
  }

  @Test
  void changeWhoseReplyIsAnErrorIsAnsweredAsMade() throws Exception {
    List<Status> errors =
        List.of(
            Status.UNAVAILABLE,
            Status.UNAVAILABLE.withDescription("etcdserver: request timed out"),
            Status.UNAVAILABLE.withDescription("etcdserver: leader changed"),
            Status.UNAVAILABLE.withDescription("etcdserver: no leader"),
            Status.UNKNOWN,
            Status.INTERNAL.withDescription("RST_STREAM"),
            Status.CANCELLED,
            Status.ABORTED,
            Status.DEADLINE_EXCEEDED);
    for (int i = 0; i < errors.size(); i++) {
      firstWriteMeets(new Fate.BrokenReply(errors.get(i)));
      assertThat(node.set(NAME, ZONE, "v" + i, "r" + i).changed())
          .as("made in spite of %s", errors.get(i).toString())
          .isTrue();
      assertThat(writes).as("transactions after %s", errors.get(i).toString()).hasValue(2);
      assertMadeOnce("r" + i);
    }
  }

  @Test
  void changeThatEtcdRefusesForGoodIsNotMadeAndThatIsKnown() throws Exception {
    writesMeet(
        _ ->
            new Fate.Refused(
                Status.PERMISSION_DENIED.withDescription("etcdserver: permission denied")));
    assertThatThrownBy(() -> node.set(NAME, ZONE, "never", "r1"))
        .isInstanceOfSatisfying(
            StoreException.Unavailable.class, e -> assertThat(e.outcomeIsUnknown()).isFalse())
        .hasMessageContaining("grant");
    relay.calls((_, _) -> Fate.PASS);
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
    assertThat(node.set(NAME, ZONE, "now", "r1").changed()).isTrue();
    assertMadeOnce("r1");
  }

  @Test
  void changeThatEtcdMadeWithItsLastSpaceIsAnsweredAsMade() throws Exception {
    // etcd applies the transaction that exceeds its quota, and answers that it has no space.
    Status full =
        Status.RESOURCE_EXHAUSTED.withDescription("etcdserver: mvcc: database space exceeded");
    firstWriteMeets(new Fate.BrokenReply(full));
    assertThat(node.set(NAME, ZONE, "made", "r1").changed()).isTrue();
    assertMadeOnce("r1");
    firstWriteMeets(new Fate.Refused(full));
    assertThatThrownBy(() -> node.set(NAME, ZONE, "never", "r2"))
        .isInstanceOfSatisfying(
            StoreException.Unavailable.class, e -> assertThat(e.outcomeIsUnknown()).isFalse())
        .hasMessageContaining("space exceeded");
    awaitEqual();
    assertThat(other.text(NAME, ZONE)).isEqualTo("made");
  }

  @Test
  void nodeFollowsAnEtcdWithoutSpaceAndKnowsThatItsChangesAreNotMade() throws Exception {
    ManagedChannel channel = NettyChannelBuilder.forTarget(etcd.endpoint()).usePlaintext().build();
    try {
      var _ = alarm(channel, AlarmRequest.AlarmAction.ACTIVATE);
      assertThatThrownBy(() -> node.set(NAME, ZONE, "never", "r1"))
          .isInstanceOfSatisfying(
              StoreException.Unavailable.class, e -> assertThat(e.outcomeIsUnknown()).isFalse())
          .hasMessageContaining("space exceeded");
      // It goes on following: that writes nothing.
      awaitEqual();
      assertThat(node.store().state().readOnlyReason()).contains("no space left");
    } finally {
      var _ = alarm(channel, AlarmRequest.AlarmAction.DEACTIVATE);
      channel.shutdownNow();
    }
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
    assertThat(node.set(NAME, ZONE, "now", "r1").changed()).isTrue();
    assertMadeOnce("r1");
  }

  private static AlarmResponse alarm(ManagedChannel channel, AlarmRequest.AlarmAction action) {
    return MaintenanceGrpc.newBlockingStub(channel)
        .alarm(AlarmRequest.newBuilder().setAction(action).setAlarm(AlarmType.NOSPACE).build());
  }

  @Test
  void transactionThatComesLateIsNotMadeTwice() throws Exception {
    CompletableFuture<Void> then = new CompletableFuture<>();
    firstWriteMeets(new Fate.Late(then));
    assertThat(node.set(NAME, ZONE, "once", "r1").changed()).isTrue();
    then.complete(null);
    assertThat(node.set(NAME, ZONE, "after", "r2").changed()).isTrue();
    assertMadeOnce("r1");
    assertMadeOnce("r2");
    assertThat(other.text(NAME, ZONE)).isEqualTo("after");
  }

  @Test
  void changeThatIsMadeWhenNobodyWaitsAnyMoreIsKnownByItsRequest() throws Exception {
    CompletableFuture<Void> then = new CompletableFuture<>();
    writesMeet(_ -> new Fate.Late(then));
    long begin = System.nanoTime();
    assertThatThrownBy(() -> node.set(NAME, ZONE, "late", "r1"))
        .isInstanceOfSatisfying(
            StoreException.Unavailable.class, e -> assertThat(e.outcomeIsUnknown()).isTrue());
    assertThat(millisSince(begin)).isLessThan(MOST_MILLIS);
    then.complete(null);
    await().atMost(PATIENCE).until(() -> other.text(NAME, ZONE).equals("late"));
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
    assertThat(node.set(NAME, ZONE, "again", "r1").changed()).isFalse();
    assertMadeOnce("r1");
    assertThat(node.text(NAME, ZONE)).isEqualTo("late");
  }

  @Test
  void refusalWhoseReplyIsLostIsARefusal() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    relay.calls(
        (method, _) ->
            method.equals("etcdserverpb.KV/Txn") && asked.incrementAndGet() == 1
                ? new Fate.BrokenReply(BROKEN)
                : Fate.PASS);
    assertThatThrownBy(() -> node.create(ZONE)).isInstanceOf(StoreException.Refused.class);
    assertThat(asked).hasValueGreaterThanOrEqualTo(2);
  }

  @Test
  void ofThreeHundredChangesWithEveryThirdReplyLostEachIsMadeOnceAndInOrder() throws Exception {
    // Most end by an error at once; a few in silence, which takes longer.
    manyChanges(
        300,
        number ->
            number % 3 != 0
                ? Fate.PASS
                : number == 150 ? new Fate.LostReply() : new Fate.BrokenReply(BROKEN));
  }

  @Test
  void ofManyChangesWithEveryThirdRequestLostEachIsMadeOnceAndInOrder() throws Exception {
    manyChanges(
        90,
        number ->
            number % 3 != 0
                ? Fate.PASS
                : number == 90 ? new Fate.LostRequest() : new Fate.Refused(BROKEN));
  }

  private void manyChanges(int count, IntFunction<Fate> fates) throws Exception {
    writesMeet(fates);
    List<String> asked = new ArrayList<>();
    List<Long> millis = new ArrayList<>();
    long revision = node.store().state().revision();
    for (int i = 0; i < count; i++) {
      asked.add("r" + i);
      long begin = System.nanoTime();
      CommitResult made = node.set(NAME, ZONE, "v" + i, "r" + i);
      millis.add(millisSince(begin));
      assertThat(made.changed()).isTrue();
      assertThat(made.revision()).isEqualTo(++revision);
    }
    awaitEqual();
    assertThat(requests(node)).isEqualTo(asked);
    assertThat(requests(other)).isEqualTo(asked);
    List<Long> sorted = millis.stream().sorted().toList();
    System.out.printf(
        "%d changes, %d transactions: ms median %d, p90 %d, max %d%n",
        count, writes.get(), sorted.get(count / 2), sorted.get(count * 9 / 10), sorted.getLast());
    assertThat(writes.get()).isGreaterThanOrEqualTo(count * 4 / 3);
    assertThat(sorted.getLast()).isLessThan(MOST_MILLIS);
  }

  @Test
  void nodesThatRaceCountRightWhenRepliesAreLost() throws Exception {
    writesMeet(number -> number % 3 == 0 ? new Fate.BrokenReply(BROKEN) : Fate.PASS);
    int each = 50;
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Node at = i % 2 == 0 ? node : other;
        writers.add(
            threads.submit(
                () -> {
                  for (int j = 0; j < each; j++) {
                    at.store().commit(INCREMENT);
                  }
                  return null;
                }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
    awaitEqual();
    for (Node one : List.of(node, other)) {
      try (StoreSnapshot snapshot = one.store().snapshot()) {
        Document counter = snapshot.document("counter");
        assertThat(counter).isNotNull();
        assertThat(counter.value().text()).isEqualTo(Integer.toString(8 * each));
      }
    }
  }

  private static final ChangeSet INCREMENT =
      ChangeSet.ofDecision(
          "test",
          (view, _, _) -> {
            Document found = view.document("counter");
            long before = found == null ? 0 : Long.parseLong(found.value().text());
            DocumentEdit edit = new DocumentEdit("counter", Octets.of(Long.toString(before + 1)));
            return new Effects(List.of(edit), List.of(), Octets.EMPTY);
          });

  /** Writes octets that cannot be made shorter. */
  private static ChangeSet large(int bytes) {
    List<Octets> entries = new ArrayList<>();
    Random random = new Random(1);
    for (int left = bytes; left > 0; left -= 1 << 16) {
      byte[] body = new byte[1 << 16];
      random.nextBytes(body);
      entries.add(Octets.of(body));
    }
    return ChangeSet.ofDecision("test", (_, _, _) -> new Effects(List.of(), entries, Octets.EMPTY));
  }

  @Test
  void largeGroupWhoseReplyIsLostIsMadeOnce() throws Exception {
    firstWriteMeets(new Fate.BrokenReply(BROKEN));
    node.store().commit(large(5 << 20));
    assertThat(writes).hasValue(2);
    awaitEqual();
    assertThat(other.store().journal(Long.MAX_VALUE, 200)).hasSize(80);
  }

  @Test
  void largeGroupThatCannotBeWrittenInTimeIsRefusedInTime() throws Exception {
    slowly("etcdserverpb.KV/Put");
    long begin = System.nanoTime();
    assertThatThrownBy(() -> node.store().commit(large(7 << 20)))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(millisSince(begin)).isLessThan(MOST_MILLIS);
    relay.calls((_, _) -> Fate.PASS);
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
    node.store().commit(large(7 << 20));
    awaitEqual();
    assertThat(other.store().journal(Long.MAX_VALUE, 200)).hasSize(112);
  }

  @Test
  void changeIsAnsweredInTimeWhileALargeGroupOfAnotherNodeCannotBe() throws Exception {
    slowly("etcdserverpb.KV/Range");
    other.store().commit(large(7 << 20));
    long begin = System.nanoTime();
    assertThatThrownBy(() -> node.set(NAME, ZONE, "first", "r1"))
        .isInstanceOfSatisfying(
            StoreException.Unavailable.class, e -> assertThat(e.outcomeIsUnknown()).isFalse());
    assertThat(millisSince(begin)).isLessThan(MOST_MILLIS);
    relay.calls((_, _) -> Fate.PASS);
    awaitEqual();
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
    assertThat(node.set(NAME, ZONE, "second", "r1").changed()).isTrue();
    assertMadeOnce("r1");
  }

  /** Has calls of a method take longer than a second, each. */
  private void slowly(String slow) {
    relay.calls(
        (method, _) ->
            method.equals(slow)
                ? new Fate.Late(
                    new CompletableFuture<Void>()
                        .completeOnTimeout(null, 1_200, TimeUnit.MILLISECONDS))
                : Fate.PASS);
  }

  @Test
  void changesOfANodeThatIsCutOffAreRefusedInTimeAndNoneIsHalfMade() throws Exception {
    relay.wire().cut();
    int refused = 0;
    for (int i = 0; i < 3; i++) {
      long begin = System.nanoTime();
      try {
        var _ = node.set(NAME, ZONE, "v" + i, "r" + i);
      } catch (StoreException.Unavailable _) {
        refused++;
      }
      assertThat(millisSince(begin)).isLessThan(MOST_MILLIS);
    }
    assertThat(refused).isEqualTo(3);
    other.set(NAME, ZONE, "meanwhile", "o1");
    relay.wire().heal();
    await().atMost(PATIENCE).until(() -> node.store().state().isWritable());
    assertThat(node.set(NAME, ZONE, "healed", "r0").changed()).isTrue();
    awaitEqual();
    assertThat(requests(other)).containsExactly("o1", "r0");
  }
}
