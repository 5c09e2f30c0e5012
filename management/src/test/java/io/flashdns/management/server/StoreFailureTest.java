package io.flashdns.management.server;

import static io.flashdns.management.server.StoredZones.create;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Views;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A store that can no longer be read, as when its disk has gone. */
class StoreFailureTest {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final AtomicBoolean fails = new AtomicBoolean();
  private final AtomicInteger failures = new AtomicInteger();

  @Test
  void zonesAreServedOnAndComeUpToDateWhenTheStoreIsBack() throws Exception {
    AtomicReference<Catalog> served = new AtomicReference<>();
    try (ZoneService service = service()) {
      service.start(served::set);
      long revision = service.store().commit(ChangeSet.of("t", create("a.test", 1))).revision();
      service.catchUp(revision);
      fails.set(true);
      long unseen = service.store().commit(ChangeSet.of("t", create("b.test", 1))).revision();
      await().atMost(LONGEST_WAIT).until(() -> failures.get() >= 2);
      assertThat(served.get().size()).isEqualTo(1);
      fails.set(false);
      service.catchUp(unseen);
      assertThat(served.get().size()).isEqualTo(2);
    }
  }

  @Test
  void theEndDoesNotWaitForTheNextAttempt() throws Exception {
    ZoneService service = service();
    service.start(_ -> {});
    fails.set(true);
    var _ = service.store().commit(ChangeSet.of("t", create("a.test", 1)));
    // Attempts are one, two and four seconds apart.
    await().atMost(LONGEST_WAIT).until(() -> failures.get() >= 3);
    long begin = System.nanoTime();
    service.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
  }

  private ZoneService service() throws Exception {
    ZoneStore store = EmbeddedStore.inMemory(StoreConfig.defaults());
    return ZoneService.over(
        failing(store, ZoneStore.class), null, 1 << 24, new NameHash(42), new Views());
  }

  /** The same, but snapshots and events fail while {@link #fails} says so. */
  private <T> T failing(T real, Class<T> type) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              boolean reads = method.getName().matches("snapshot|watch|next");
              if (reads) {
                fail();
              }
              try {
                Object result = method.invoke(real, arguments);
                if (method.getName().equals("next")) {
                  // It may have waited since before the failure began.
                  fail();
                }
                return result instanceof Watch watch ? failing(watch, Watch.class) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private void fail() throws StoreException {
    if (fails.get()) {
      failures.incrementAndGet();
      throw new StoreException.Unavailable("the disk has gone");
    }
  }
}
