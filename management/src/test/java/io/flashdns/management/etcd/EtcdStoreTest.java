package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.GetOption;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.management.store.EmbeddedStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several nodes that share a store. */
final class EtcdStoreTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

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

  private static Path folder() throws Exception {
    return Files.createTempDirectory(temp, "node");
  }

  private static void awaitEqual(Node... nodes) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(
            () -> {
              for (Node node : nodes) {
                assertThat(node.standing()).isEqualTo(nodes[0].standing());
                assertThat(node.store().position()).isEqualTo(nodes[0].store().position());
              }
            });
  }

  @Test
  void whatOneNodeDoesAllHave() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config)) {
      one.create("example.org.");
      one.set("www.example.org.", "example.org.", "first", "");
      awaitEqual(one, two);
      two.set("www.example.org.", "example.org.", "second", "");
      awaitEqual(one, two);
      assertThat(one.text("www.example.org.", "example.org.")).isEqualTo("second");
      assertThat(one.history("example.org.")).isEqualTo(two.history("example.org.")).hasSize(3);
    }
  }

  @Test
  void ofManyNodesThatCreateOneZoneOneDoes() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config);
        Node three = Node.open(folder(), config);
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (int i = 0; i < 20; i++) {
        String apex = "z" + i + ".example.";
        List<Future<Boolean>> tries = new ArrayList<>();
        for (Node node : List.of(one, two, three)) {
          tries.add(
              threads.submit(
                  () -> {
                    try {
                      return node.create(apex).changed();
                    } catch (StoreException.Refused _) {
                      return false;
                    }
                  }));
        }
        int made = 0;
        for (Future<Boolean> each : tries) {
          made += each.get() ? 1 : 0;
        }
        assertThat(made).as("nodes that made %s", apex).isEqualTo(1);
      }
      awaitEqual(one, two, three);
    }
  }

  @Test
  void decisionsOfNodesThatRaceAreMadeOneAfterTheOther() throws Exception {
    EtcdConfig config = etcd.fresh();
    int each = 100;
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config);
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Node node = i % 2 == 0 ? one : two;
        writers.add(
            threads.submit(
                () -> {
                  for (int j = 0; j < each; j++) {
                    node.store().commit(Counter.INCREMENT);
                  }
                  return null;
                }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
      awaitEqual(one, two);
      try (StoreSnapshot snapshot = two.store().snapshot()) {
        assertThat(Counter.of(snapshot)).isEqualTo(8L * each);
      }
    }
  }

  @Test
  void requestOfOneNodeIsKnownToAll() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config)) {
      one.create("example.org.");
      CommitResult first = one.set("www.example.org.", "example.org.", "once", "r1");
      awaitEqual(one, two);
      CommitResult again = two.set("www.example.org.", "example.org.", "twice", "r1");
      assertThat(again.changed()).isFalse();
      assertThat(again.revision()).isEqualTo(first.revision());
      assertThat(two.text("www.example.org.", "example.org.")).isEqualTo("once");
    }
  }

  @Test
  void journalIsTheSameEverywhere() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config)) {
      one.store().journal(List.of(Octets.of("a"), Octets.of("b")));
      awaitEqual(one, two);
      two.store().journal(List.of(Octets.of("c")));
      awaitEqual(one, two);
      assertThat(one.store().journal(Long.MAX_VALUE, 9))
          .isEqualTo(two.store().journal(Long.MAX_VALUE, 9))
          .hasSize(3);
    }
  }

  @Test
  void groupLargerThanAValueIsMadeWhole() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config)) {
      one.store().commit(Counter.large(5 << 20));
      awaitEqual(one, two);
      try (Etcd asked = Etcd.of(config)) {
        SharedKeys keys = new SharedKeys(config.prefix());
        assertThat(asked.get(keys.parts(), Counts.below(keys.parts())).getCount())
            .isGreaterThanOrEqualTo(5);
      }
    }
  }

  @Test
  void newNodeTakesTheImageAndWhatCameAfterIt() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config)) {
      one.create("example.org.");
      for (int i = 0; i < 50; i++) {
        one.set("h" + i + ".example.org.", "example.org.", "v" + i, "");
      }
      one.store().publishBase();
      one.set("after.example.org.", "example.org.", "later", "");
      try (Node two = Node.open(folder(), config)) {
        awaitEqual(one, two);
        assertThat(two.store().counters().fetches.sum()).isEqualTo(1);
        assertThat(two.text("after.example.org.", "example.org.")).isEqualTo("later");
        assertThat(two.text("h7.example.org.", "example.org.")).isEqualTo("v7");
        two.set("from.example.org.", "example.org.", "two", "");
        awaitEqual(one, two);
      }
    }
  }

  @Test
  void imageIsWrittenAfterSoManyGroupsAndTheLogIsCut() throws Exception {
    EtcdConfig config = etcd.fresh();
    int groups = (int) Base.KEPT_GROUPS + 300;
    try (Node one = Node.open(folder(), config, groups);
        Etcd asked = Etcd.of(config)) {
      one.create("example.org.");
      for (int i = 0; i <= groups; i++) {
        one.set("h.example.org.", "example.org.", "v" + i, "");
      }
      SharedKeys keys = new SharedKeys(config.prefix());
      await().atMost(PATIENCE).until(() -> one.store().counters().images.sum() > 0);
      Base.Pointer base = new Base(asked, keys).find();
      assertThat(base.sequence()).isGreaterThanOrEqualTo(groups);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  asked.get(keys.logs(), Counts.below(keys.logs())).getCount()
                      <= Base.KEPT_GROUPS + 3);
    }
  }

  @Test
  void nodeThatIsTooFarBehindFetchesEverythingAnew() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config);
        Etcd asked = Etcd.of(config)) {
      one.create("example.org.");
      awaitEqual(one, two);
      two.stop();
      for (int i = 0; i < 20; i++) {
        one.set("h" + i + ".example.org.", "example.org.", "v" + i, "");
      }
      one.store().publishBase();
      SharedKeys keys = new SharedKeys(config.prefix());
      asked.delete(keys.logs(), keys.log(one.store().position().sequence()));
      one.set("last.example.org.", "example.org.", "x", "");
      two.reopen();
      awaitEqual(one, two);
      assertThat(two.store().counters().fetches.sum()).isEqualTo(1);
      assertThat(two.text("h19.example.org.", "example.org.")).isEqualTo("v19");
    }
  }

  @Test
  void copyThatDiffersIsFetchedAnewAndCanWriteNothingBefore() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config)) {
      one.create("example.org.");
      one.store().publishBase();
      one.set("www.example.org.", "example.org.", "right", "");
      awaitEqual(one, two);
      two.stop();
      // A copy that somebody wrote into: by no log, as its own.
      try (EmbeddedStore own = EmbeddedStore.open(two.folder(), EtcdStoreContractTest.CONFIG)) {
        own.commit(Counter.INCREMENT);
      }
      two.reopen();
      awaitEqual(one, two);
      assertThat(two.store().counters().differences.sum()).isPositive();
      try (StoreSnapshot snapshot = two.store().snapshot()) {
        assertThat(Counter.of(snapshot)).isZero();
      }
      two.set("www.example.org.", "example.org.", "again", "");
      awaitEqual(one, two);
    }
  }

  @Test
  void groupThatCannotBeReadStopsTheFollowingAndNothingElse() throws Exception {
    EtcdConfig config = etcd.fresh();
    SharedKeys keys = new SharedKeys(config.prefix());
    try (Node one = Node.open(folder(), config);
        Etcd writer = Etcd.of(config)) {
      one.create("example.org.");
      one.set("www.example.org.", "example.org.", "kept", "");
      one.store().publishBase();
      long next = one.store().position().sequence() + 1;
      Head head = new Head(one.store().position().store(), next, "whatever");
      writer.put(keys.log(next), SharedKeys.bytes("\u0001no group"), 0);
      writer.put(keys.head(), head.value(), 0);
      await()
          .atMost(PATIENCE)
          .until(() -> one.store().state().readOnlyReason().contains("cannot be read"));
      assertThat(one.store().counters().fetches.sum()).isEqualTo(1);
      assertThat(one.text("www.example.org.", "example.org.")).isEqualTo("kept");
      assertThatThrownBy(() -> one.set("www.example.org.", "example.org.", "lost", ""))
          .isInstanceOf(StoreException.Unavailable.class);
    }
  }

  @Test
  void nodeServesItsCopyAndTakesNoChangesWithoutEtcd() throws Exception {
    try (EtcdCluster own = EtcdCluster.start(folder(), 1)) {
      EtcdConfig config = own.fresh();
      Path folder = folder();
      try (Node one = Node.open(folder, config)) {
        one.create("example.org.");
        one.set("www.example.org.", "example.org.", "kept", "");
      }
      own.kill(own.members().getFirst());
      try (Node one = Node.open(folder, config)) {
        assertThat(one.text("www.example.org.", "example.org.")).isEqualTo("kept");
        long begin = System.nanoTime();
        assertThatThrownBy(() -> one.set("www.example.org.", "example.org.", "lost", ""))
            .isInstanceOf(StoreException.Unavailable.class)
            .hasMessageContaining("etcd takes no changes now");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
        await().atMost(PATIENCE).until(() -> !one.store().state().isWritable());
        own.start(own.members().getFirst());
        await().atMost(PATIENCE).until(() -> one.store().state().isWritable());
        one.set("www.example.org.", "example.org.", "changed", "");
        assertThat(one.text("www.example.org.", "example.org.")).isEqualTo("changed");
      }
    }
  }

  @Test
  void ownStoreIsNotTakenForACopy() throws Exception {
    Path folder = folder();
    try (EmbeddedStore own =
        EmbeddedStore.open(folder.resolve("store"), EtcdStoreContractTest.CONFIG)) {
      own.commit(Counter.INCREMENT);
    }
    assertThatThrownBy(() -> Node.open(folder, etcd.fresh()))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("flashdns migrate");
  }

  @Test
  void copyOfAnotherSharedStoreIsNotMixedWithThisOne() throws Exception {
    Path folder = folder();
    try (Node one = Node.open(folder, etcd.fresh())) {
      one.create("example.org.");
    }
    EtcdConfig other = etcd.fresh();
    try (Node another = Node.open(folder(), other)) {
      another.create("example.net.");
      try (Node one = Node.open(folder, other)) {
        await()
            .atMost(PATIENCE)
            .until(() -> one.store().state().readOnlyReason().contains("another shared store"));
        assertThatThrownBy(() -> one.create("example.com."))
            .isInstanceOf(StoreException.Unavailable.class);
      }
    }
  }

  @Test
  void forcedChangesAreNamedSoEverywhere() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node one = Node.open(folder(), config);
        Node two = Node.open(folder(), config)) {
      one.store().commit(Counter.INCREMENT.forced());
      awaitEqual(one, two);
      try (var watch = two.store().watch(0)) {
        assertThat(watch.next(PATIENCE).getFirst().forced()).isTrue();
      }
    }
  }

  /** A document that counts. */
  private static final class Counter {
    static final ChangeSet INCREMENT =
        ChangeSet.ofDecision(
            "test",
            (view, _, _) ->
                new Effects(
                    List.of(new DocumentEdit("counter", Octets.of(Long.toString(of(view) + 1)))),
                    List.of(),
                    Octets.EMPTY));

    static long of(ContentView view) throws StoreException {
      Document found = view.document("counter");
      return found == null ? 0 : Long.parseLong(found.value().text());
    }

    /** Writes octets that cannot be made shorter. */
    static ChangeSet large(int bytes) {
      List<Octets> entries = new ArrayList<>();
      Random random = new Random(1);
      for (int left = bytes; left > 0; left -= 1 << 16) {
        byte[] body = new byte[1 << 16];
        random.nextBytes(body);
        entries.add(Octets.of(body));
      }
      return ChangeSet.ofDecision(
          "test", (_, _, _) -> new Effects(List.of(), entries, Octets.EMPTY));
    }
  }

  /** What counts keys. */
  private static final class Counts {
    static GetOption below(ByteSequence prefix) {
      return GetOption.builder().withRange(SharedKeys.end(prefix)).withCountOnly(true).build();
    }
  }
}
