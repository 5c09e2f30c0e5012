package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.util.Timestamps;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.flashdns.core.store.StoreException;
import io.flashdns.proto.v1.NodeState;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of a store that tell each other what they serve. */
final class FleetTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration AT_ONCE = Duration.ZERO;
  private static final String STRANGER = "0123456789abcdef0123456789abcdef";

  @TempDir static Path temp;
  private static EtcdCluster etcd;

  @BeforeAll
  static void startEtcd() throws Exception {
    etcd = EtcdCluster.start(temp.resolve("etcd"), 1);
  }

  @AfterAll
  static void endEtcd() throws Exception {
    if (etcd != null) {
      etcd.close();
    }
  }

  /** A node with its store. */
  private static final class Member implements AutoCloseable {
    final Node node;
    final Fleet fleet;

    private Member(Node node, Fleet fleet) {
      this.node = node;
      this.fleet = fleet;
    }

    static Member open(EtcdConfig config, String name) throws Exception {
      return open(config, name, InstantSource.system(), Duration.ofSeconds(14));
    }

    static Member open(EtcdConfig config, String name, InstantSource clock, Duration patience)
        throws Exception {
      Node node = Node.open(Files.createTempDirectory(temp, "node"), config);
      return new Member(node, join(node, name, clock, patience));
    }

    static Fleet join(Node node, String name, InstantSource clock, Duration patience) {
      var self =
          io.flashdns.proto.v1.Node.newBuilder()
              .setVersion("0.1.0")
              .setState(NodeState.NODE_STATE_SERVING)
              .build();
      return Fleet.open(node.store(), name, () -> self, clock, patience, Thread::new);
    }

    /** What it knows of a node. */
    io.flashdns.proto.v1.Node knows(String id) {
      for (var each : fleet.all()) {
        if (each.getId().equals(id)) {
          return each;
        }
      }
      return io.flashdns.proto.v1.Node.getDefaultInstance();
    }

    List<String> names() {
      return fleet.all().stream().map(io.flashdns.proto.v1.Node::getId).toList();
    }

    @Override
    public void close() {
      fleet.close();
      node.close();
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5));
  }

  /** Waits until all of them know each other. */
  private static void awaitFleet(Member... members) {
    List<String> names =
        Arrays.stream(members).map(each -> each.fleet.self().getId()).sorted().toList();
    soon()
        .untilAsserted(
            () -> {
              for (Member each : members) {
                assertThat(each.names()).isEqualTo(names);
                assertThat(each.fleet.silentSeconds()).isFinite();
                for (var node : each.fleet.all()) {
                  assertThat(node.getState()).isEqualTo(NodeState.NODE_STATE_SERVING);
                }
              }
            });
  }

  private static KeyValue key(Member of, String name) throws Exception {
    var found = of.node.store().etcd().get(of.node.store().keys().node(name), GetOption.DEFAULT);
    return found.getKvs().isEmpty() ? null : found.getKvs().getFirst();
  }

  /** Writes a key as a process does that does nothing more; the lease. */
  private static long haunt(
      Member by, String name, Duration life, Consumer<io.flashdns.proto.v1.Node.Builder> change)
      throws Exception {
    var node = io.flashdns.proto.v1.Node.newBuilder().setState(NodeState.NODE_STATE_SERVING);
    change.accept(node);
    Etcd client = by.node.store().etcd();
    long lease = client.grant(life);
    client.put(
        by.node.store().keys().node(name), new NodeValue(STRANGER, node.build()).value(), lease);
    return lease;
  }

  @Test
  void whatEachServesAllHear() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one");
        Member two = Member.open(config, "two");
        Member three = Member.open(config, "three")) {
      awaitFleet(one, two, three);
      one.node.create("example.org.");
      soon().until(() -> three.node.standing().equals(one.node.standing()));
      one.fleet.served(1);
      two.fleet.served(1);
      assertThat(three.fleet.awaitServed(1, AT_ONCE)).isFalse();
      three.fleet.served(1);
      for (Member each : List.of(one, two, three)) {
        assertThat(each.fleet.awaitServed(1, PATIENCE)).isTrue();
        assertThat(each.fleet.servedEverywhere()).isEqualTo(1);
        assertThat(each.fleet.counted()).hasSize(3);
      }
      soon()
          .untilAsserted(
              () -> {
                var known = one.knows("two");
                assertThat(known.getPosition()).isEqualTo(one.node.store().position().sequence());
                assertThat(known.getStanding()).isEqualTo(one.node.standing());
                assertThat(known.getVersion()).isEqualTo("0.1.0");
                assertThat(known.getBehind()).isZero();
              });
      assertThat(one.fleet.differences()).isZero();
    }
  }

  @Test
  void whoWaitsIsAnsweredByTheLastNodeOrAtTheDeadline() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one");
        Member two = Member.open(config, "two");
        ExecutorService threads = Executors.newCachedThreadPool()) {
      awaitFleet(one, two);
      one.fleet.served(7);
      long began = System.nanoTime();
      assertThat(one.fleet.awaitServed(7, Duration.ofMillis(300))).isFalse();
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isBetween(Duration.ofMillis(300), Duration.ofSeconds(2));
      Future<Boolean> waits = threads.submit(() -> one.fleet.awaitServed(7, PATIENCE));
      two.fleet.served(6);
      soon().until(() -> one.fleet.servedEverywhere() == 6);
      assertThat(waits.isDone()).isFalse();
      two.fleet.served(7);
      assertThat(waits.get()).isTrue();
    }
  }

  @Test
  void manyRisesAreFewWritesAndTheLastIsHeard() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one");
        Member two = Member.open(config, "two")) {
      awaitFleet(one, two);
      two.fleet.served(Long.MAX_VALUE);
      long before = key(one, "one").getVersion();
      long began = System.nanoTime();
      AtomicLong revision = new AtomicLong();
      while (System.nanoTime() - began < 500_000_000) {
        one.fleet.served(revision.incrementAndGet());
      }
      assertThat(two.fleet.awaitServed(revision.get(), PATIENCE)).isTrue();
      long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
      assertThat(key(one, "one").getVersion() - before).isBetween(2L, 2 + millis / 20);
    }
  }

  @Test
  void nodeThatEndsIsShownAndNoLongerWaitedFor() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one")) {
      try (Member two = Member.open(config, "two")) {
        awaitFleet(one, two);
        one.fleet.served(3);
        two.fleet.served(2);
        assertThat(one.fleet.awaitServed(2, PATIENCE)).isTrue();
      }
      long began = System.nanoTime();
      assertThat(one.fleet.awaitServed(3, PATIENCE)).isTrue();
      assertThat(System.nanoTime() - began)
          .as("no lease was waited for")
          .isLessThan(4_000_000_000L);
      assertThat(one.knows("two").getState()).isEqualTo(NodeState.NODE_STATE_LOST);
      assertThat(one.knows("two").getServedRevision()).isEqualTo(2);
      assertThat(one.fleet.counted()).hasSize(1);
      try (Member three = Member.open(config, "three")) {
        soon()
            .untilAsserted(
                () -> {
                  var known = three.knows("two");
                  assertThat(known.getState()).isEqualTo(NodeState.NODE_STATE_LOST);
                  assertThat(Timestamps.toMillis(known.getSeenTime()))
                      .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
                });
      }
    }
  }

  @Test
  void nodeOfWhichNothingIsHeardLivesAsLongAsItsLease() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one")) {
      awaitFleet(one);
      one.fleet.served(3);
      long _ = haunt(one, "two", Duration.ofSeconds(2), node -> node.setServedRevision(1));
      soon().until(() -> one.fleet.servedEverywhere() == 1);
      assertThat(one.knows("two").getState()).isEqualTo(NodeState.NODE_STATE_SERVING);
      assertThat(one.fleet.awaitServed(3, AT_ONCE)).isFalse();
      assertThat(one.fleet.awaitServed(3, PATIENCE)).isTrue();
      assertThat(one.knows("two").getState()).isEqualTo(NodeState.NODE_STATE_LOST);
    }
  }

  @Test
  void leaseThatIsGoneIsReplacedAtOnce() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one");
        Member two = Member.open(config, "two")) {
      awaitFleet(one, two);
      for (int i = 0; i < 5; i++) {
        long lease = key(one, "one").getLease();
        one.node.store().etcd().revoke(lease);
        await()
            .atMost(Duration.ofSeconds(3))
            .pollInterval(Duration.ofMillis(5))
            .until(() -> key(one, "one") != null && key(one, "one").getLease() != lease);
      }
      awaitFleet(one, two);
      one.fleet.served(9);
      two.fleet.served(9);
      assertThat(two.fleet.awaitServed(9, PATIENCE)).isTrue();
      assertThat(one.fleet.problem()).isEmpty();
    }
  }

  @Test
  void keyThatSomebodyRemovedIsMadeAgain() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one")) {
      awaitFleet(one);
      var keys = one.node.store().keys();
      one.node.store().etcd().delete(keys.nodes(), SharedKeys.end(keys.nodes()));
      soon().until(() -> key(one, "one") != null);
      assertThat(one.fleet.problem()).isEmpty();
    }
  }

  @Test
  void secondNodeOfANameGetsAnotherAndSaysSo() throws Exception {
    EtcdConfig config = etcd.fresh();
    Duration patience = Duration.ofMillis(500);
    try (Member one = Member.open(config, "ns1")) {
      awaitFleet(one);
      long made = key(one, "ns1").getCreateRevision();
      try (Member two = Member.open(config, "ns1", InstantSource.system(), patience)) {
        soon().until(() -> !two.fleet.problem().isEmpty());
        String other = two.fleet.self().getId();
        assertThat(other).matches("ns1-[0-9a-f]{4}");
        assertThat(two.fleet.problem())
            .isEqualTo(
                "another living node of this store is called ns1: this one is called %s until one"
                    + " of them is given another name and started again",
                other);
        awaitFleet(one, two);
        assertThat(key(one, "ns1").getCreateRevision()).isEqualTo(made);
        one.fleet.served(4);
        assertThat(one.fleet.awaitServed(4, AT_ONCE)).as("both are waited for").isFalse();
        two.fleet.served(4);
        assertThat(one.fleet.awaitServed(4, PATIENCE)).isTrue();
        assertThat(one.fleet.problem()).isEmpty();
      }
    }
  }

  @Test
  void nodeThatIsStartedAgainHasItsNameWhenTheLeaseBeforeHasEnded() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one")) {
      awaitFleet(one);
      long _ = haunt(one, "ns1", Duration.ofSeconds(2), node -> node.setServedRevision(1));
      try (Member again = Member.open(config, "ns1")) {
        soon()
            .until(
                () -> {
                  KeyValue found = key(one, "ns1");
                  return found != null
                      && !NodeValue.parse(found.getValue()).process().equals(STRANGER);
                });
        assertThat(again.fleet.self().getId()).isEqualTo("ns1");
        assertThat(again.fleet.problem()).isEmpty();
      }
    }
  }

  @Test
  void nodeThatDrainsSaysSoAtOnce() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one");
        Member two = Member.open(config, "two")) {
      awaitFleet(one, two);
      two.fleet.draining();
      await()
          .atMost(Duration.ofSeconds(2))
          .until(() -> one.knows("two").getState() == NodeState.NODE_STATE_DRAINING);
      assertThat(two.fleet.self().getState()).isEqualTo(NodeState.NODE_STATE_DRAINING);
    }
  }

  @Test
  void nodesThatDifferAtOnePositionAreCountedOnce() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = Member.open(config, "one");
        Member two = Member.open(config, "two")) {
      one.node.create("example.org.");
      awaitFleet(one, two);
      long _ =
          haunt(
              one,
              "odd",
              Duration.ofSeconds(60),
              node ->
                  node.setPosition(one.node.store().position().sequence()).setStanding("another"));
      soon().until(() -> one.fleet.differences() == 1);
      double silent = one.fleet.silentSeconds();
      soon().until(() -> one.fleet.silentSeconds() < silent);
      soon().until(() -> one.fleet.silentSeconds() > 4);
      soon().until(() -> one.fleet.silentSeconds() < 1);
      assertThat(one.fleet.differences()).isEqualTo(1);
    }
  }

  @Test
  void nodeIsForgottenAfterADay() throws Exception {
    EtcdConfig config = etcd.fresh();
    AtomicLong millis = new AtomicLong(System.currentTimeMillis());
    InstantSource clock = () -> Instant.ofEpochMilli(millis.get());
    try (Member one = Member.open(config, "one", clock, PATIENCE)) {
      try (Member two = Member.open(config, "two", clock, PATIENCE)) {
        awaitFleet(one, two);
      }
      soon().until(() -> one.knows("two").getState() == NodeState.NODE_STATE_LOST);
      var keys = one.node.store().keys();
      assertThat(one.node.store().etcd().get(keys.seen("two"), GetOption.DEFAULT).getKvs())
          .isNotEmpty();
      millis.addAndGet(Duration.ofDays(1).toMillis() - 1_000);
      double silent = one.fleet.silentSeconds();
      soon().until(() -> one.fleet.silentSeconds() < silent || one.fleet.silentSeconds() > 5);
      assertThat(one.names()).containsExactly("one", "two");
      millis.addAndGet(2_000);
      soon().until(() -> one.names().equals(List.of("one")));
      soon()
          .until(
              () ->
                  one.node
                      .store()
                      .etcd()
                      .get(keys.seen("two"), GetOption.DEFAULT)
                      .getKvs()
                      .isEmpty());
    }
  }

  @Test
  void whoWaitsIsToldWhenTheServerEnds() throws Exception {
    try (Member one = Member.open(etcd.fresh(), "one");
        ExecutorService threads = Executors.newCachedThreadPool()) {
      awaitFleet(one);
      Future<Boolean> waits = threads.submit(() -> one.fleet.awaitServed(1, PATIENCE));
      one.fleet.close();
      assertThatThrownBy(waits::get).hasCauseInstanceOf(StoreException.Unavailable.class);
    }
  }

  @Test
  void nameThatIsNoneIsRefused() throws Exception {
    try (Node node = Node.open(Files.createTempDirectory(temp, "node"), etcd.fresh())) {
      for (String name : List.of("", "a/b", "x".repeat(64))) {
        assertThatThrownBy(() -> Member.join(node, name, InstantSource.system(), PATIENCE))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("'%s' is no name of a node: use 1 to 63 letters, digits and . _ -", name);
      }
    }
  }

  @Test
  void whatTheWatchLeavesOutIsHeardByTheListAndAnotherWatchIsBegun() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (EtcdRelay relay = EtcdRelay.to(etcd.members().getFirst());
        Member one = Member.open(relay.config(config), "one");
        Member two = Member.open(config, "two")) {
      awaitFleet(one, two);
      one.fleet.served(5);
      relay.events(_ -> List.of());
      long watches = one.fleet.watches();
      two.fleet.served(5);
      assertThat(two.fleet.awaitServed(5, PATIENCE)).isTrue();
      assertThat(one.fleet.awaitServed(5, PATIENCE)).isTrue();
      soon().until(() -> one.fleet.watches() > watches);
      relay.events(EtcdRelay.ALL);
      two.fleet.draining();
      soon().until(() -> one.knows("two").getState() == NodeState.NODE_STATE_DRAINING);
    }
  }

  @Test
  void watchThatEndsIsFollowedByAnotherAtOnce() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (EtcdRelay relay = EtcdRelay.to(etcd.members().getFirst());
        Member one = Member.open(relay.config(config), "one");
        Member two = Member.open(config, "two")) {
      awaitFleet(one, two);
      one.fleet.served(100);
      for (Status status : List.of(Status.OK, Status.RESOURCE_EXHAUSTED, Status.UNAVAILABLE)) {
        long revision = two.fleet.self().getServedRevision() + 1;
        relay.breakWatches(status.withDescription("broken"));
        two.fleet.served(revision);
        assertThat(one.fleet.awaitServed(revision, Duration.ofSeconds(4))).isTrue();
      }
    }
  }

  @Test
  void lostRepliesNeitherLoseTheNameNorWhatIsServed() throws Exception {
    EtcdConfig config = etcd.fresh();
    AtomicInteger left = new AtomicInteger(2);
    try (EtcdRelay relay = EtcdRelay.to(etcd.members().getFirst());
        Member one = Member.open(config, "one");
        Node node = Node.open(Files.createTempDirectory(temp, "node"), relay.config(config))) {
      relay.calls(
          (method, request) ->
              EtcdRelay.isWrite(method, request) && left.getAndDecrement() > 0
                  ? new EtcdRelay.Fate.LostReply()
                  : EtcdRelay.Fate.PASS);
      try (Fleet two = Member.join(node, "two", InstantSource.system(), Duration.ofSeconds(14))) {
        two.served(8);
        one.fleet.served(8);
        soon().until(() -> one.knows("two").getServedRevision() == 8);
        soon().until(() -> left.get() < 0);
        two.served(9);
        one.fleet.served(9);
        assertThat(one.fleet.awaitServed(9, PATIENCE)).isTrue();
        assertThat(two.problem()).isEmpty();
        assertThat(one.names()).containsExactly("one", "two");
      }
    }
  }

  @Test
  void withoutEtcdNothingIsSaidToBeServedThatIsNotKnownTo() throws Exception {
    try (EtcdCluster own = EtcdCluster.start(temp.resolve("away"), 1)) {
      EtcdConfig config = own.fresh();
      try (Member one = Member.open(config, "one");
          Member two = Member.open(config, "two")) {
        one.node.create("example.org.");
        awaitFleet(one, two);
        one.fleet.served(1);
        two.fleet.served(1);
        assertThat(one.fleet.awaitServed(1, PATIENCE)).isTrue();
        own.kill(own.members().getFirst());
        one.fleet.served(2);
        two.fleet.served(2);
        for (int i = 0; i < 2; i++) {
          long began = System.nanoTime();
          assertThat(one.fleet.awaitServed(1, AT_ONCE)).isTrue();
          assertThat(one.fleet.awaitServed(2, Duration.ofMillis(200))).isFalse();
          assertThat(System.nanoTime() - began).isLessThan(2_000_000_000L);
          assertThat(one.fleet.servedEverywhere()).isEqualTo(1);
          assertThat(one.fleet.counted()).hasSize(2);
          soon().until(() -> one.knows("two").getState() == NodeState.NODE_STATE_LOST);
          soon().until(() -> one.knows("one").getState() == NodeState.NODE_STATE_DETACHED);
        }
        // A node that is started now knows nothing of the others.
        Fleet alone = Member.join(two.node, "three", InstantSource.system(), PATIENCE);
        alone.served(1);
        assertThat(alone.servedEverywhere()).isZero();
        assertThat(alone.awaitServed(1, Duration.ofMillis(50))).isFalse();
        alone.close();

        own.start(own.members().getFirst());
        assertThat(one.fleet.awaitServed(2, PATIENCE)).isTrue();
        awaitFleet(one, two);
      }
    }
  }
}
