package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A hook that blocks its worker is named, once, with its stack. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class WatchdogTest {
  private static final long MILLI = 1_000_000L;

  private final List<String> events = new ArrayList<>();
  private List<StackTraceElement> stack = List.of();
  private final CountDownLatch blocking = new CountDownLatch(1);
  private final CountDownLatch free = new CountDownLatch(1);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private @Nullable Engine engine;
  private @Nullable Thread loop;
  private long now = System.nanoTime();

  private final EngineEvents listener =
      new EngineEvents() {
        @Override
        public void workerBlocked(
            int worker, @Nullable String plugin, Duration since, List<StackTraceElement> at) {
          events.add("worker " + worker + " blocked by " + plugin + " for " + since.toMillis());
          stack = at;
        }

        @Override
        public void workerResumed(int worker, @Nullable String plugin, Duration after) {
          events.add("worker " + worker + " goes on after " + plugin + " " + after.toMillis());
        }
      };

  @AfterEach
  void end() throws InterruptedException {
    free.countDown();
    Thread thread = loop;
    if (thread != null) {
      thread.join();
    }
    Engine running = engine;
    if (running != null) {
      running.close();
    }
    assertThat(failure.get()).isNull();
  }

  private Engine engine(TestPlugin... plugins) {
    List<PluginBinding<?>> bindings = new ArrayList<>();
    for (TestPlugin plugin : plugins) {
      bindings.add(plugin.bound());
    }
    Engine made = new Engine(EngineConfig.of(new NameHash(1)), bindings, listener);
    engine = made;
    return made;
  }

  /** What a hook must not do. */
  private void block() {
    blocking.countDown();
    try {
      assertThat(free.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void onLoop(Runnable what) {
    loop =
        Thread.ofPlatform()
            .name("loop")
            .start(
                () -> {
                  try {
                    what.run();
                  } catch (Throwable e) {
                    failure.set(e);
                  }
                });
  }

  private void ask(Worker worker) {
    byte[] message = EmbeddedServer.question("a.", 1);
    System.arraycopy(message, 0, worker.packet(), 0, message.length);
    worker.beginBatch(now);
    worker.onPacket(message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
  }

  private void housekeep(Engine running, long millis) {
    now += millis * MILLI;
    running.housekeep(now);
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void hookThatBlocksIsNamedOnceWithItsStackAndSoIsItsEnd(Phase phase) throws InterruptedException {
    Engine running =
        engine(
            TestPlugin.of("innocent", new Innocent()),
            TestPlugin.of("slow", TestPlugin.passing(phase, (_, _) -> block())));
    Worker worker = running.newWorker();
    onLoop(() -> ask(worker));
    blocking.await();
    housekeep(running, 100);
    assertThat(events).as("not seen for long enough").isEmpty();
    housekeep(running, 99);
    assertThat(events).isEmpty();
    housekeep(running, 1);
    assertThat(events).containsExactly("worker 0 blocked by slow for 100");
    for (int i = 0; i < 20; i++) {
      housekeep(running, 100);
    }

    assertThat(events).as("said once").hasSize(1);
    assertThat(stack).extracting(StackTraceElement::getMethodName).contains("block");
    assertThat(stack)
        .as("down to the hook, not into the worker")
        .noneMatch(frame -> frame.getClassName().equals(Worker.class.getName()));
    assertThat(running.blockedWorkers()).isEqualTo(1);
    assertThat(metric(running, "flashdns_blocked_workers")).isEqualTo(1);
    assertThat(metric(running, "flashdns_plugin_blocked")).isEqualTo(1);
    assertThat(running.pluginStatus()).extracting(PluginStatus::blocked).containsExactly(0L, 1L);

    free.countDown();
    await().until(() -> worker.finished() == worker.begun());
    housekeep(running, 100);
    assertThat(events).hasSize(2).last().asString().startsWith("worker 0 goes on after slow 2200");
    assertThat(running.blockedWorkers()).isZero();
    assertThat(metric(running, "flashdns_blocked_workers")).isZero();
    assertThat(metric(running, "flashdns_plugin_blocked")).as("a counter stays").isEqualTo(1);
  }

  private static double metric(Engine running, String name) {
    return running.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .flatMap(metric -> metric.samples().stream())
        .mapToDouble(Metric.Sample::value)
        .sum();
  }

  private static final class Innocent implements Gate {
    @Override
    public Verdict admit(Query query, Response response) {
      return Verdict.CONTINUE;
    }
  }

  private final class Sleeper implements Gate {
    @Override
    public Verdict admit(Query query, Response response) {
      block();
      return Verdict.CONTINUE;
    }
  }

  @Test
  void hookOfAClassOfItsOwnIsNamedToo() throws InterruptedException {
    Hook sleeper = new Sleeper();
    Engine running =
        engine(TestPlugin.of("innocent", new Innocent()), TestPlugin.of("slow", sleeper));
    Worker worker = running.newWorker();
    onLoop(() -> ask(worker));
    blocking.await();
    housekeep(running, 0);
    housekeep(running, 100);

    assertThat(events).containsExactly("worker 0 blocked by slow for 100");
    assertThat(stack).extracting(StackTraceElement::getMethodName).contains("admit");
  }

  @Test
  void blockedWorkerIsOneOfSeveral() throws InterruptedException {
    Engine running =
        engine(
            TestPlugin.making(
                "slow", worker -> worker.index() == 1 ? List.of(new Sleeper()) : List.of()));
    Worker first = running.newWorker();
    Worker second = running.newWorker();
    onLoop(() -> ask(second));
    blocking.await();
    for (int i = 0; i < 5; i++) {
      ask(first);
      housekeep(running, 100);
    }

    assertThat(events).hasSize(1).first().asString().startsWith("worker 1 blocked by slow");
    assertThat(running.blockedWorkers()).isEqualTo(1);
  }

  /** The transport sends a reply, which may take its time: no hook is in the way. */
  @Test
  void workerBetweenTwoPacketsOfABatchIsNotBlocked() throws InterruptedException {
    Engine running = engine(TestPlugin.of("innocent", new Innocent()));
    Worker worker = running.newWorker();
    onLoop(
        () -> {
          byte[] message = EmbeddedServer.question("a.", 1);
          worker.beginBatch(now);
          for (int slot = 0; slot < 3; slot++) {
            System.arraycopy(message, 0, worker.packet(slot), 0, message.length);
            worker.accept(slot, message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
          }
          worker.lookAhead(3);
          worker.answer(0);
          block();
          worker.answer(1);
          worker.answer(2);
        });
    blocking.await();
    assertThat(worker.begun()).isEqualTo(3);
    assertThat(worker.finished()).isEqualTo(1);
    for (int i = 0; i < 20; i++) {
      housekeep(running, 100);
    }

    assertThat(events).isEmpty();
    assertThat(running.blockedWorkers()).isZero();
  }

  @Test
  void workerThatIsSlowButGoesOnIsNotBlocked() {
    Engine running = engine(TestPlugin.of("innocent", new Innocent()));
    Worker worker = running.newWorker();
    for (int i = 0; i < 50; i++) {
      ask(worker);
      housekeep(running, 99);
    }
    for (int i = 0; i < 50; i++) {
      housekeep(running, 1_000);
    }

    assertThat(events).as("neither a busy one nor one that sleeps").isEmpty();
  }

  @Test
  void workerBeforeItsFirstBatchIsNotLookedAt() {
    Engine running = engine(TestPlugin.of("innocent", new Innocent()));
    running.newWorker();
    housekeep(running, 100);
    housekeep(running, 1_000);

    assertThat(events).isEmpty();
  }
}
