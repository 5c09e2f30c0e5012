package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.Standing;
import io.flashdns.management.store.StoreConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that moves into etcd and back. */
final class MigrationTest {
  private static final StoreConfig CONFIG = EtcdStoreContractTest.CONFIG;

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

  /** A store of a node's own, with a zone and a history. */
  private static Standing own(Path folder) throws Exception {
    try (EmbeddedStore own = EmbeddedStore.open(folder.resolve("store"), CONFIG)) {
      own.commit(Node.creation("example.org."));
      own.commit(Node.creation("example.net."));
      return own.standing();
    }
  }

  @Test
  void ownStoreIsSharedWithItsHistoryAndComesBack() throws Exception {
    Path folder = folder();
    Standing before = own(folder);
    EtcdConfig config = etcd.fresh();
    Migration.Moved moved =
        Migration.toShared(folder.resolve("store"), CONFIG, config, false, _ -> {});
    assertThat(moved.standing()).isEqualTo(before);
    try (Node one = Node.open(folder, config);
        Node two = Node.open(folder(), config)) {
      assertThat(two.standing()).isEqualTo(before.text());
      assertThat(two.history("example.org.")).isEqualTo(one.history("example.org.")).hasSize(1);
      two.set("www.example.org.", "example.org.", "shared", "");
    }
    Migration.Moved back = Migration.toOwn(folder.resolve("store"), CONFIG, config, _ -> {});
    assertThat(back.standing().revision()).isEqualTo(before.revision() + 1);
    try (EmbeddedStore own = EmbeddedStore.open(folder.resolve("store"), CONFIG);
        StoreSnapshot snapshot = own.snapshot()) {
      assertThat(own.position()).isEqualTo(Position.NONE);
      assertThat(own.standing()).isEqualTo(back.standing());
      assertThat(snapshot.zones(0, 9)).hasSize(2);
      own.commit(Node.creation("example.com."));
    }
  }

  @Test
  void storeThatEtcdHasIsReplacedOnlyWhenToldSo() throws Exception {
    EtcdConfig config = etcd.fresh();
    try (Node other = Node.open(folder(), config)) {
      other.create("other.example.");
    }
    Path folder = folder();
    Standing before = own(folder);
    Path store = folder.resolve("store");
    assertThatThrownBy(() -> Migration.toShared(store, CONFIG, config, false, _ -> {}))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("--replace");
    try (EmbeddedStore own = EmbeddedStore.open(store, CONFIG)) {
      assertThat(own.position()).as("nothing was changed").isEqualTo(Position.NONE);
    }
    Migration.toShared(store, CONFIG, config, true, _ -> {});
    try (Node fresh = Node.open(folder(), config)) {
      assertThat(fresh.standing()).isEqualTo(before.text());
    }
  }

  @Test
  void copyWhoseEtcdWasLostIsPutIntoAnother() throws Exception {
    Path folder = folder();
    String standing;
    try (Node one = Node.open(folder, etcd.fresh())) {
      one.create("example.org.");
      one.set("www.example.org.", "example.org.", "kept", "");
      standing = one.standing();
    }
    EtcdConfig another = etcd.fresh();
    Migration.toShared(folder.resolve("store"), CONFIG, another, false, _ -> {});
    try (Node one = Node.open(folder, another);
        Node two = Node.open(folder(), another)) {
      assertThat(one.standing()).isEqualTo(standing);
      assertThat(two.standing()).isEqualTo(standing);
      assertThat(two.text("www.example.org.", "example.org.")).isEqualTo("kept");
      one.set("www.example.org.", "example.org.", "changed", "");
    }
  }
}
