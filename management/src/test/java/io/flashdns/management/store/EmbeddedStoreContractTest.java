package io.flashdns.management.store;

import io.flashdns.core.store.StoreContract;
import io.flashdns.core.store.ZoneStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Holds both kinds of the store to what every store is held to. */
final class EmbeddedStoreContractTest {
  @TempDir Path temp;

  /** A clock that goes, and can be moved. */
  private static final class MovableClock implements InstantSource {
    private final AtomicLong millis = new AtomicLong();

    @Override
    public Instant instant() {
      return Instant.now().plusMillis(millis.get());
    }

    boolean advance(Duration time) {
      millis.addAndGet(time.toMillis());
      return true;
    }
  }

  private static final class FileHarness implements StoreContract.Harness {
    private final MovableClock clock = new MovableClock();
    private final Path folder;
    private EmbeddedStore store;

    FileHarness(Path folder) throws Exception {
      this.folder = folder;
      this.store = EmbeddedStore.open(folder, TestZones.CONFIG, clock);
    }

    @Override
    public ZoneStore store() {
      return store;
    }

    @Override
    public ZoneStore reopen() throws Exception {
      store.close();
      store = EmbeddedStore.open(folder, TestZones.CONFIG, clock);
      return store;
    }

    @Override
    public boolean advance(Duration time) {
      return clock.advance(time);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  /** A store in memory ends with its process: it has no restart. */
  private static final class MemoryHarness implements StoreContract.Harness {
    private final MovableClock clock = new MovableClock();
    private final EmbeddedStore store;

    MemoryHarness() throws Exception {
      this.store = EmbeddedStore.inMemory(TestZones.CONFIG, clock);
    }

    @Override
    public ZoneStore store() {
      return store;
    }

    @Override
    public ZoneStore reopen() {
      return store;
    }

    @Override
    public boolean advance(Duration time) {
      return clock.advance(time);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @TestFactory
  Stream<DynamicTest> storeInAFileKeepsTheContract() {
    return tests(() -> new FileHarness(Files.createTempDirectory(temp, "store")));
  }

  @TestFactory
  Stream<DynamicTest> storeInMemoryKeepsTheContract() {
    return tests(MemoryHarness::new);
  }

  private static Stream<DynamicTest> tests(StoreContract.HarnessFactory factory) {
    return StoreContract.claims(factory).stream()
        .map(claim -> DynamicTest.dynamicTest(claim.name(), claim::run));
  }
}
