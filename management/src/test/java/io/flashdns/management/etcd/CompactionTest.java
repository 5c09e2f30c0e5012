package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.options.GetOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nodes have etcd forget its history, so that it does not grow for ever; and who was away meanwhile
 * lacks nothing. What takes ten minutes takes seconds here.
 */
final class CompactionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration HISTORY = Duration.ofSeconds(2);
  private static final Chores.Pace FAST = pace(Chores.Pace.USUAL.groupsABase());
  private static final String ZONE = "example.org.";
  private static final String OWNER = "h.example.org.";

  @TempDir static Path temp;
  private static EtcdCluster etcd;
  private EtcdConfig config;
  private SharedKeys keys;
  private Etcd asked;
  private int number;

  @BeforeAll
  static void startEtcd() throws Exception {
    etcd = EtcdCluster.start(temp.resolve("etcd"), 1);
  }

  @AfterAll
  static void endEtcd() {
    if (etcd != null) {
      etcd.close();
    }
  }

  @BeforeEach
  void begin() throws Exception {
    EtcdConfig fresh = etcd.fresh();
    config =
        new EtcdConfig(
            fresh.endpoints(),
            fresh.prefix(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            true);
    keys = new SharedKeys(config.prefix());
    asked = Etcd.of(config);
  }

  @AfterEach
  void end() {
    asked.close();
  }

  private static Chores.Pace pace(long groupsABase) {
    return new Chores.Pace(groupsABase, HISTORY, Duration.ofSeconds(1));
  }

  private static Path folder() throws Exception {
    return Files.createTempDirectory(temp, "node");
  }

  private static void awaitEqual(Node node, Node other) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .untilAsserted(
            () -> {
              assertThat(node.store().position()).isEqualTo(other.store().position());
              assertThat(node.standing()).isEqualTo(other.standing());
            });
  }

  /** Another change, so that something is overwritten. */
  private void change(Node node) throws Exception {
    number++;
    node.set(OWNER, ZONE, "v" + number, "");
  }

  /** The revision at which etcd is. */
  private long revision() throws Exception {
    return asked.get(keys.head(), GetOption.DEFAULT).getHeader().getRevision();
  }

  /** Whether etcd can no longer say how things were at a revision. */
  private boolean isForgotten(long revision) throws Exception {
    try {
      var _ = asked.get(keys.head(), GetOption.builder().withRevision(revision).build());
      return false;
    } catch (EtcdFault e) {
      assertThat(e).hasMessageContaining("compacted");
      return true;
    }
  }

  /** Changes something again and again until etcd has forgotten a revision. */
  private void changeUntilForgotten(Node node, long revision) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              change(node);
              return isForgotten(revision);
            });
  }

  /** A revision that etcd had at a time. */
  private record Moment(long nanos, long revision) {}

  @Test
  void historyIsForgottenAgainAndAgainAndNobodyIsRobbedOfTheNewest() throws Exception {
    try (Node one = Node.open(folder(), config, FAST);
        Node two = Node.open(folder(), config, FAST)) {
      one.create(ZONE);
      awaitEqual(one, two);
      ArrayDeque<Moment> young = new ArrayDeque<>();
      long end = System.nanoTime() + PATIENCE.toNanos();
      long oldest = revision();
      for (int rounds = 0; rounds < 3; ) {
        change(number % 2 == 0 ? one : two);
        young.addLast(new Moment(System.nanoTime(), revision()));
        while (System.nanoTime() - young.getFirst().nanos() >= HISTORY.toNanos()) {
          var _ = young.removeFirst();
        }
        Moment first = young.getFirst();
        boolean isRobbed =
            isForgotten(first.revision()) && System.nanoTime() - first.nanos() < HISTORY.toNanos();
        assertThat(isRobbed).as("%s was forgotten at once", first).isFalse();
        if (isForgotten(oldest)) {
          rounds++;
          oldest = revision();
        }
        if (System.nanoTime() - end >= 0) {
          fail("the history grows: after %d rounds revision %d is still known", rounds, oldest);
        }
      }
      awaitEqual(one, two);
      assertThat(one.text(OWNER, ZONE)).isEqualTo("v" + number);
      assertThat(one.store().counters().fetches.sum()).isZero();
      assertThat(two.store().counters().fetches.sum()).isZero();
    }
  }

  @Test
  void nodeThatWasAwayLongerThanTheHistoryGoesOnByTheLog() throws Exception {
    try (Node one = Node.open(folder(), config, FAST);
        Node two = Node.open(folder(), config, FAST)) {
      one.create(ZONE);
      awaitEqual(one, two);
      two.stop();
      change(one);
      changeUntilForgotten(one, revision());
      two.reopen();
      awaitEqual(two, one);
      assertThat(two.store().counters().fetches.sum()).isZero();
      assertThat(two.history(ZONE)).isEqualTo(one.history(ZONE));
      change(two);
      awaitEqual(one, two);
    }
  }

  @Test
  void nodeThatWasAwayLongerThanTheLogGoesOnByTheImage() throws Exception {
    Chores.Pace withImages = pace(Base.KEPT_GROUPS + 100);
    try (Node one = Node.open(folder(), config, withImages);
        Node two = Node.open(folder(), config, withImages)) {
      one.create(ZONE);
      awaitEqual(one, two);
      two.stop();
      long missed = two.store().position().sequence() + 1;
      change(one);
      long revision = revision();
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(1))
          .until(
              () -> {
                change(one);
                return asked.get(keys.log(missed), GetOption.DEFAULT).getKvs().isEmpty();
              });
      changeUntilForgotten(one, revision);
      two.reopen();
      awaitEqual(two, one);
      assertThat(two.store().counters().fetches.sum()).isEqualTo(1);
      assertThat(two.history(ZONE)).isEqualTo(one.history(ZONE));
      change(two);
      awaitEqual(one, two);
    }
  }

  @Test
  void historyThatIsForgottenWhileAWatchIsCutIsMadeUpFor() throws Exception {
    try (EtcdRelay relay = EtcdRelay.to(etcd.members().getFirst());
        Node writer = Node.open(folder(), config, FAST);
        Node node = Node.open(folder(), relay.config(config), FAST)) {
      writer.create(ZONE);
      awaitEqual(node, writer);
      relay.wire().cut();
      await().atMost(PATIENCE).until(() -> !node.store().state().isWritable());
      change(writer);
      changeUntilForgotten(writer, revision());
      assertThat(node.text(OWNER, ZONE)).isEmpty();
      int created = relay.watchesCreated();
      relay.wire().heal();
      awaitEqual(node, writer);
      assertThat(node.history(ZONE)).isEqualTo(writer.history(ZONE));
      await().atMost(PATIENCE).until(() -> relay.watchesCreated() > created);
      // The watch brings what comes now: it is not the look at the head that finds it.
      long gaps = node.store().counters().gaps.sum();
      long watches = node.store().counters().watches.sum();
      for (int i = 0; i < 20; i++) {
        change(writer);
        awaitEqual(node, writer);
      }
      assertThat(node.store().counters().gaps.sum()).isEqualTo(gaps);
      // A doubt that is left from the cut may have the log read once more.
      assertThat(node.store().counters().watches.sum()).isBetween(watches, watches + 1);
      assertThat(node.store().counters().fetches.sum()).isZero();
    }
  }
}
