package io.flashdns.management.etcd;

import io.flashdns.core.store.StoreContract;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.store.StoreConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Holds the shared store to what every store is held to. */
final class EtcdStoreContractTest {
  static final StoreConfig CONFIG =
      new StoreConfig(1L << 30, Duration.ofDays(90), Duration.ofDays(400), 0);

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

  /** A clock that goes, and can be moved. */
  private static final class MovableClock implements InstantSource {
    private final AtomicLong millis = new AtomicLong();

    @Override
    public Instant instant() {
      return Instant.now().plusMillis(millis.get());
    }
  }

  /** A node with a prefix of its own. */
  private static final class Harness implements StoreContract.Harness {
    private final MovableClock clock = new MovableClock();
    private final EtcdConfig config = etcd.fresh();
    private final Path folder;
    private EtcdStore store;

    Harness(Path folder) throws Exception {
      this.folder = folder;
      this.store = open();
    }

    private EtcdStore open() throws Exception {
      return EtcdStore.open(
          folder.resolve("store"), CONFIG, config, clock, Thread::new, Chores.Pace.USUAL, _ -> {});
    }

    @Override
    public ZoneStore store() {
      return store;
    }

    @Override
    public ZoneStore reopen() throws Exception {
      store.close();
      store = open();
      return store;
    }

    @Override
    public boolean advance(Duration time) {
      clock.millis.addAndGet(time.toMillis());
      return true;
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> storeInEtcdKeepsTheContract() {
    return StoreContract.claims(() -> new Harness(Files.createTempDirectory(temp, "node"))).stream()
        .map(claim -> DynamicTest.dynamicTest(claim.name(), claim::run));
  }
}
