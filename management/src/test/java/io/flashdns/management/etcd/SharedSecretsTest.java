package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.management.store.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets of cookies that all nodes of a store have. */
final class SharedSecretsTest {
  private static final long NOW = 1_800_000_000;
  private static final Duration LOOK = Duration.ofMillis(20);

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

  private final AtomicLong now = new AtomicLong(NOW);
  private final InstantSource clock = () -> Instant.ofEpochSecond(now.get());

  /** A node with its data folder. */
  private final class Member implements AutoCloseable {
    final Path data = Files.createTempDirectory(temp, "data");
    final Node node;
    SharedSecrets secrets;

    Member(EtcdConfig config) throws Exception {
      node = Node.open(data, config);
    }

    Member begin() {
      secrets = SharedSecrets.open(node.store(), data, clock, LOOK, Thread::new);
      return this;
    }

    Path file() {
      return data.resolve("cookies.shared");
    }

    List<String> lines() throws IOException {
      return Files.exists(file()) ? Files.readAllLines(file()) : List.of();
    }

    List<Long> times() throws IOException {
      return lines().stream().map(line -> Long.valueOf(line.split(" ")[1])).toList();
    }

    @Override
    public void close() {
      secrets.close();
      node.close();
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(5));
  }

  @Test
  void nodesThatBeginAtOnceHaveTheSameSecretsAndNobodyElse() throws Exception {
    EtcdConfig config = etcd.fresh();
    List<Member> members = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        members.add(new Member(config));
      }
      members.forEach(Member::begin);
      for (Member each : members) {
        soon().untilAsserted(() -> assertThat(each.lines()).hasSize(2));
        assertThat(each.lines()).isEqualTo(members.getFirst().lines());
        assertThat(each.lines()).allMatch(line -> line.matches("[0-9a-f]{32} [0-9]+"));
        assertThat(each.times()).containsExactly(NOW + 86_400, NOW);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each.file())))
            .isEqualTo("rw-------");
        assertThat(each.node.store().position()).extracting(Position::sequence).isEqualTo(0L);
        try (var files = Files.list(each.data)) {
          assertThat(files.map(file -> file.getFileName().toString()))
              .containsExactlyInAnyOrder("cookies.shared", "store");
        }
      }
    } finally {
      members.forEach(Member::close);
    }
  }

  @Test
  void secretThatSignsWasKnownToAllForAPeriodAndIsAcceptedForAnother() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = new Member(config).begin();
        Member two = new Member(config).begin()) {
      soon().untilAsserted(() -> assertThat(two.lines()).hasSize(2));
      List<String> before = two.lines();
      now.addAndGet(86_399);
      Files.delete(one.file());
      soon().untilAsserted(() -> assertThat(one.lines()).as("nothing is due").isEqualTo(before));
      now.addAndGet(1);
      for (Member each : List.of(one, two)) {
        soon().untilAsserted(() -> assertThat(each.lines()).hasSize(3));
        assertThat(each.lines().subList(1, 3)).isEqualTo(before);
        assertThat(each.times().getFirst()).isEqualTo(NOW + 2 * 86_400);
      }
      assertThat(one.lines()).isEqualTo(two.lines());
      now.addAndGet(86_400);
      soon().untilAsserted(() -> assertThat(one.times().getFirst()).isEqualTo(NOW + 3 * 86_400));
      assertThat(one.lines()).hasSize(3).doesNotContain(before.getLast());
    }
  }

  @Test
  void secretIsKnownBeforeItSignsAlsoAfterAllNodesWereDown() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = new Member(config).begin()) {
      soon().untilAsserted(() -> assertThat(one.lines()).hasSize(2));
    }
    now.addAndGet(Duration.ofDays(30).toSeconds());
    try (Member two = new Member(config).begin()) {
      soon().untilAsserted(() -> assertThat(two.lines()).hasSize(3));
      assertThat(two.times()).containsExactly(now.get() + 600, NOW + 86_400, NOW);
    }
  }

  @Test
  void removedKeyGivesAllNodesOtherSecrets() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Member one = new Member(config).begin();
        Member two = new Member(config).begin()) {
      soon().untilAsserted(() -> assertThat(two.lines()).hasSize(2));
      List<String> before = two.lines();
      var keys = one.node.store().keys();
      one.node.store().etcd().delete(keys.secrets(""), SharedKeys.end(keys.secrets("")));
      for (Member each : List.of(one, two)) {
        awaitOthers(each, before);
      }
      soon().untilAsserted(() -> assertThat(one.lines()).isEqualTo(two.lines()));
    }
  }

  private static void awaitOthers(Member member, List<String> before) {
    soon()
        .untilAsserted(
            () -> assertThat(member.lines()).hasSize(2).doesNotContainAnyElementsOf(before));
  }

  @Test
  void fileThatWasRemovedOrOpenedToOthersIsWrittenAgain() throws Exception {
    try (Member one = new Member(etcd.fresh()).begin()) {
      soon().untilAsserted(() -> assertThat(one.lines()).hasSize(2));
      List<String> before = one.lines();
      Files.delete(one.file());
      soon().untilAsserted(() -> assertThat(one.lines()).isEqualTo(before));
      Files.setPosixFilePermissions(one.file(), PosixFilePermissions.fromString("rw-r--r--"));
      soon()
          .untilAsserted(
              () ->
                  assertThat(
                          PosixFilePermissions.toString(Files.getPosixFilePermissions(one.file())))
                      .isEqualTo("rw-------"));
      assertThat(one.lines()).isEqualTo(before);
    }
  }

  @Test
  void nodeWithAStoreOfItsOwnForgetsThem() throws Exception {
    Path data = Files.createTempDirectory(temp, "data");
    Files.writeString(data.resolve("cookies.shared"), "x");
    SharedSecrets.forget(data);
    SharedSecrets.forget(data);
    assertThat(data).isEmptyDirectory();
  }
}
