package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.options.GetOption;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.Standing;
import io.flashdns.management.store.StoreConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  @Test
  void folderWithoutStoreIsNotMoved() throws Exception {
    Path store = folder().resolve("nothing/store");
    EtcdConfig config = etcd.fresh();
    assertThatThrownBy(() -> Migration.toShared(store, CONFIG, config, false, _ -> {}))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("there is no store in " + store.getParent());
    assertThat(store.getParent()).doesNotExist();
    try (Etcd asked = Etcd.of(config)) {
      SharedKeys keys = new SharedKeys(config.prefix());
      assertThat(asked.get(keys.head(), GetOption.DEFAULT).getKvs()).isEmpty();
    }
  }

  @Test
  void nothingIsBroughtBackFromWhereThereIsNoStore() throws Exception {
    Path store = folder().resolve("store");
    EtcdConfig config = etcd.fresh();
    assertThatThrownBy(() -> Migration.toOwn(store, CONFIG, config, _ -> {}))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("there is no store at " + config.url());
    EtcdConfig away = EtcdConfig.defaults().at("etcd://127.0.0.1:1/dns/");
    assertThatThrownBy(() -> Migration.toOwn(store, CONFIG, away, _ -> {}))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("it cannot be reached")
        .hasMessageContaining("--as-is");
    assertThat(store).doesNotExist();
    try (Etcd asked = Etcd.of(config)) {
      SharedKeys keys = new SharedKeys(config.prefix());
      assertThat(asked.get(keys.head(), GetOption.DEFAULT).getKvs()).as("none is begun").isEmpty();
    }
  }

  @Test
  void copyOfAnotherStoreIsToldSoonAndStaysACopy() throws Exception {
    EtcdConfig config = etcd.fresh();
    EtcdConfig other = etcd.fresh();
    Path folder = folder();
    try (Node one = Node.open(folder, config);
        Node _ = Node.open(folder(), other)) {
      one.create("example.org.");
    }
    Path store = folder.resolve("store");
    long before = System.nanoTime();
    assertThatThrownBy(() -> Migration.toOwn(store, CONFIG, other, _ -> {}))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("copy of another shared store");
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(30));
    try (EmbeddedStore copy = EmbeddedStore.open(store, CONFIG)) {
      assertThat(copy.position()).isNotEqualTo(Position.NONE);
    }
  }

  @Test
  void copyWhoseEtcdIsLostGoesOnAlone() throws Exception {
    Path folder = folder();
    String standing;
    try (Node one = Node.open(folder, etcd.fresh())) {
      one.create("example.org.");
      standing = one.standing();
    }
    Path store = folder.resolve("store");
    assertThat(Migration.asItIs(store, CONFIG).standing().text()).isEqualTo(standing);
    try (EmbeddedStore own = EmbeddedStore.open(store, CONFIG)) {
      assertThat(own.position()).isEqualTo(Position.NONE);
      own.commit(Node.creation("example.com."));
    }
    assertThatThrownBy(() -> Migration.asItIs(store, CONFIG))
        .isInstanceOf(StoreException.Unavailable.class)
        .hasMessageContaining("is this node's own already");
  }
}
