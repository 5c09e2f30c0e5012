package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReloaderTest {
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger ended = new AtomicInteger();
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private final Semaphore mayEnd = new Semaphore(0);
  private final Reloader reloader =
      new Reloader(
          () -> {
            begun.incrementAndGet();
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            mayEnd.acquire();
            atOnce.decrementAndGet();
            ended.incrementAndGet();
          });

  @AfterEach
  void stop() {
    reloader.stop();
  }

  @Test
  void requestsDuringARunMeanExactlyOneMoreRun() throws Exception {
    reloader.start();
    reloader.request();
    await().until(() -> begun.get() == 1);
    for (int i = 0; i < 10; i++) {
      reloader.request();
    }
    mayEnd.release();
    await().until(() -> begun.get() == 2);
    mayEnd.release();
    await().until(() -> ended.get() == 2);

    // A third run would have been queued by now: the next request is the one that begins it.
    assertThat(begun).hasValue(2);
    reloader.request();
    await().until(() -> begun.get() == 3);
    mayEnd.release();
    await().until(() -> ended.get() == 3);
    assertThat(mostAtOnce).hasValue(1);
  }

  @Test
  void requestBeforeTheStartIsNotLost() {
    reloader.request();
    reloader.start();

    await().until(() -> begun.get() == 1);
  }

  @Test
  void stopInterruptsARunAndWaitsForIt() throws Exception {
    reloader.start();
    reloader.request();
    await().until(() -> begun.get() == 1);

    reloader.stop();

    assertThat(ended).hasValue(0);
    reloader.request();
    mayEnd.release();
    assertThat(begun).hasValue(1);
  }

  @Test
  void failedRunDoesNotEndTheReloader() throws Exception {
    CountDownLatch twice = new CountDownLatch(2);
    Reloader failing =
        new Reloader(
            () -> {
              twice.countDown();
              throw new IllegalStateException("on purpose");
            });
    failing.start();
    failing.request();
    await().until(() -> twice.getCount() == 1);
    failing.request();

    assertThat(twice.await(10, TimeUnit.SECONDS)).isTrue();
    failing.stop();
  }
}
