package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HousekeepingTest {
  private final AtomicInteger rounds = new AtomicInteger();

  @Test
  void roundThatFailsIsFollowedByTheNext() {
    Runnable failing =
        () -> {
          if (rounds.incrementAndGet() < 3) {
            throw new StackOverflowError("on purpose");
          }
        };
    try (Housekeeping _ = Housekeeping.start(failing)) {
      await().until(() -> rounds.get() > 3);
    }
  }

  @Test
  void threadHasItsNameAndIsNoReasonToStayAlive() {
    AtomicReference<Thread> thread = new AtomicReference<>();
    try (Housekeeping _ = Housekeeping.start(() -> thread.set(Thread.currentThread()))) {
      await().until(() -> thread.get() != null);
    }
    assertThat(thread.get().getName()).isEqualTo("housekeeping");
    assertThat(thread.get().isDaemon()).isTrue();
    assertThat(thread.get().isAlive()).as("after close").isFalse();
  }

  @Test
  void interruptThatAPluginSwallowsDoesNotKeepItFromEnding() {
    Runnable swallowing =
        () -> {
          rounds.incrementAndGet();
          var _ = Thread.interrupted();
        };
    Housekeeping housekeeping = Housekeeping.start(swallowing);
    await().until(() -> rounds.get() > 0);

    housekeeping.close();

    int after = rounds.get();
    await().during(java.time.Duration.ofMillis(300)).until(() -> rounds.get() == after);
  }

  @Test
  void pluginThatNeverReturnsDoesNotHoldUpTheEnd() {
    CountDownLatch never = new CountDownLatch(1);
    Housekeeping housekeeping =
        Housekeeping.start(
            () -> {
              rounds.incrementAndGet();
              while (never.getCount() > 0) {
                Thread.onSpinWait();
              }
            });
    await().until(() -> rounds.get() > 0);

    housekeeping.close();
    never.countDown();

    assertThat(rounds).hasValue(1);
  }
}
