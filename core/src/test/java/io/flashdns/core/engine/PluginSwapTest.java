package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Catalog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A change of the plugins is whole or nothing, and no query notices it. */
final class PluginSwapTest {
  private static final NameHash HASH = new NameHash(3);

  private final List<String> life = new ArrayList<>();
  private @Nullable Engine made;

  @AfterEach
  void close() {
    Engine engine = made;
    if (engine != null) {
      engine.close();
    }
  }

  private Engine engine(TestPlugin... plugins) {
    Engine engine = new Engine(EngineConfig.of(HASH), bound(plugins));
    made = engine;
    return engine;
  }

  private static List<PluginBinding<?>> bound(TestPlugin... plugins) {
    return Arrays.stream(plugins).<PluginBinding<?>>map(TestPlugin::bound).toList();
  }

  /** A plugin that tells of its life. */
  private TestPlugin telling(String name, Hook... hooks) {
    return TestPlugin.making(
            name,
            worker -> {
              life.add(name + " hooks " + worker.index());
              return List.of(hooks);
            })
        .onCreate(_ -> life.add(name + " create"))
        .onStart(() -> life.add(name + " start"))
        .onCatalog(
            (before, after) -> life.add(name + " catalog " + before.size() + " " + after.size()))
        .onTick(_ -> life.add(name + " tick"))
        .onClose(() -> life.add(name + " close"));
  }

  private static int ask(Worker worker) {
    byte[] message = EmbeddedServer.question("a.", RecordType.A);
    System.arraycopy(message, 0, worker.packet(), 0, message.length);
    worker.beginBatch(System.nanoTime());
    return worker.onPacket(message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
  }

  private List<String> since() {
    List<String> told = List.copyOf(life);
    life.clear();
    return told;
  }

  @Test
  void pluginIsCreatedStartedAskedForHooksAndClosed() {
    Engine engine = engine(telling("a"), telling("b"));
    assertThat(since()).containsExactly("a create", "b create");
    engine.housekeep(System.nanoTime());
    assertThat(since()).as("nothing before the start").isEmpty();

    engine.start();
    assertThat(since()).containsExactly("a start", "a catalog 0 0", "b start", "b catalog 0 0");
    engine.start();
    assertThat(since()).as("started once").isEmpty();

    engine.newWorker();
    engine.newWorker();
    assertThat(since()).containsExactly("a hooks 0", "b hooks 0", "a hooks 1", "b hooks 1");

    engine.housekeep(System.nanoTime());
    assertThat(since()).containsExactly("a tick", "b tick");

    engine.close();
    assertThat(since()).containsExactly("b close", "a close");
    engine.close();
    engine.housekeep(System.nanoTime());
    assertThat(since()).isEmpty();
  }

  @Test
  void firstWorkerStartsThePluginsToo() {
    Engine engine = engine(telling("a"));
    engine.newWorker();

    assertThat(since()).containsExactly("a create", "a start", "a catalog 0 0", "a hooks 0");
  }

  @Test
  void catalogsAreToldInOrderAndOnlyOnceStarted() {
    Engine engine = engine(telling("a"));
    Catalog one = catalog(1);
    Catalog two = catalog(2);
    engine.publish(one);
    assertThat(since()).containsExactly("a create");

    engine.start();
    assertThat(since()).containsExactly("a start", "a catalog 0 1");
    engine.publish(two);
    engine.publish(catalog(0));
    assertThat(since()).containsExactly("a catalog 1 2", "a catalog 2 0");
  }

  private static Catalog catalog(int zones) {
    List<io.flashdns.core.zone.Zone> built = new ArrayList<>();
    for (int i = 0; i < zones; i++) {
      built.add(
          io.flashdns.core.zonefile.ZoneFile.parse(
                  "z%1$d. 60 SOA a. b. 1 1 1 1 1\nz%1$d. 60 NS a.\n".formatted(i),
                  io.flashdns.core.zonefile.ZoneFileLimits.defaults(),
                  HASH)
              .zone());
    }
    return Catalog.of(HASH, built);
  }

  @Test
  void pluginThatCannotHearOfACatalogDoesNotKeepItFromTheOthers() {
    List<String> failed = new ArrayList<>();
    TestPlugin deaf =
        TestPlugin.of("deaf")
            .onCatalog(
                (_, after) -> {
                  if (after.size() == 1) {
                    throw sneaky(new IOException("on purpose"));
                  }
                })
            .onTick(
                _ -> {
                  throw sneaky(new IOException("on purpose"));
                })
            .onClose(
                () -> {
                  throw new StackOverflowError("on purpose");
                });
    Engine engine =
        new Engine(
            EngineConfig.of(HASH),
            bound(deaf, telling("b")),
            new EngineEvents() {
              @Override
              public void pluginTaskFailed(String plugin, Throwable fault) {
                failed.add(plugin + " " + fault.getClass().getSimpleName());
              }
            });
    engine.start();
    life.clear();
    engine.publish(catalog(1));
    engine.housekeep(System.nanoTime());
    assertThat(engine.catalog().size()).isEqualTo(1);
    engine.close();

    assertThat(since()).containsExactly("b catalog 0 1", "b tick", "b close");
    assertThat(failed)
        .containsExactly("deaf IOException", "deaf IOException", "deaf StackOverflowError");
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable thrown) throws T {
    throw (T) thrown;
  }

  @Test
  void samePluginWithTheSameConfigurationGoesOnWithItsHooksAndCounters() {
    int[] handle = {0};
    TestPlugin kept =
        TestPlugin.making(
                "kept",
                worker -> {
                  life.add("kept hooks " + worker.index());
                  return List.of(
                      TestPlugin.passing(
                          Phase.GATE, (_, _) -> worker.counts().increment(handle[0])));
                })
            .onCreate(
                context -> {
                  life.add("kept create");
                  handle[0] = context.metrics().counter("seen", "Queries seen");
                })
            .onClose(() -> life.add("kept close"));
    Engine engine = engine(kept, telling("old"));
    Worker worker = engine.newWorker();
    ask(worker);
    ask(worker);
    life.clear();

    engine.replacePlugins(bound(telling("new"), kept));
    ask(worker);
    engine.housekeep(System.nanoTime());
    assertThat(since())
        .containsExactly(
            "new create", "new start", "new catalog 0 0", "new hooks 0", "new tick", "old close");
    assertThat(metric(engine, "flashdns_kept_seen")).isEqualTo(3);
    assertThat(engine.describePipeline()).startsWith("gate     kept\n");
  }

  private static double metric(Engine engine, String name) {
    return engine.metrics().stream()
        .filter(metric -> metric.name().equals(name))
        .flatMap(metric -> metric.samples().stream())
        .mapToDouble(Metric.Sample::value)
        .sum();
  }

  @Test
  void otherConfigurationOfTheSameFactoryIsAnotherInstance() {
    TestPlugin factory = telling("p");
    Engine engine = new Engine(EngineConfig.of(HASH), List.of(factory.bound("one")));
    made = engine;
    Worker worker = engine.newWorker();
    life.clear();

    engine.replacePlugins(List.of(factory.bound("one")));
    assertThat(since()).isEmpty();
    engine.replacePlugins(List.of(factory.bound("two")));
    ask(worker);
    engine.housekeep(System.nanoTime());
    assertThat(since())
        .containsExactly("p create", "p start", "p catalog 0 0", "p hooks 0", "p tick", "p close");
  }

  @ParameterizedTest
  @ValueSource(strings = {"create", "null", "version", "start", "catalog", "hooks", "null hooks"})
  void changeThatFailsChangesNothingAndClosesWhatIsNew(String where) {
    RuntimeException onPurpose = new IllegalStateException("on purpose");
    TestPlugin bad =
        TestPlugin.making(
                "bad",
                _ -> {
                  if (where.equals("hooks")) {
                    throw sneaky(new IOException("on purpose"));
                  }
                  return where.equals("null hooks") ? null : List.of();
                })
            .onCreate(
                _ -> {
                  if (where.equals("create")) {
                    throw onPurpose;
                  }
                })
            .onStart(
                () -> {
                  if (where.equals("start")) {
                    throw onPurpose;
                  }
                })
            .onCatalog(
                (_, _) -> {
                  if (where.equals("catalog")) {
                    throw onPurpose;
                  }
                })
            .onClose(() -> life.add("bad close"));
    if (where.equals("version")) {
      bad = new TestPlugin("bad", 7, _ -> List.of());
    }
    if (where.equals("null")) {
      bad = TestPlugin.of("bad").makingNone();
    }
    TestPlugin answering =
        telling(
            "old",
            TestPlugin.hook(
                Phase.GATE,
                (_, response) -> {
                  response.rcode(Rcode.NXDOMAIN);
                  return Verdict.RESPOND;
                }));
    Engine engine = engine(answering);
    Worker worker = engine.newWorker();
    ask(worker);
    String described = engine.describePipeline();
    life.clear();
    TestPlugin[] next = {telling("new"), bad, telling("last")};

    assertThatThrownBy(() -> engine.replacePlugins(bound(next))).isNotNull();

    assertThat(life).startsWith("new create").doesNotContain("old close");
    assertThat(life.stream().filter(each -> each.endsWith("close")).toList())
        .as("closed in reverse order, whatever was made")
        .isEqualTo(
            switch (where) {
              case "create", "null", "version" -> List.of("new close");
              case "start", "catalog" -> List.of("last close", "bad close", "new close");
              default -> List.of("last close", "bad close", "new close");
            });
    life.clear();
    ask(worker);
    assertThat(worker.reply()[3] & 15).isEqualTo(Rcode.NXDOMAIN);
    engine.housekeep(System.nanoTime());
    assertThat(engine.describePipeline()).isEqualTo(described);
    assertThat(since()).containsExactly("old tick", "old hooks -1");
    assertThat(engine.pluginStatus()).extracting(PluginStatus::name).containsExactly("old");
  }

  @Test
  void goneOnesAreClosedWhenEachWorkerHasTakenABatchOrIsIdle() {
    Engine engine = engine(telling("a"), telling("b"));
    Worker first = engine.newWorker();
    Worker second = engine.newWorker();
    ask(first);
    ask(second);
    engine.replacePlugins(bound(telling("c")));
    life.clear();

    engine.housekeep(1);
    ask(first);
    engine.housekeep(2);
    assertThat(since()).as("the second may still use them").containsExactly("c tick", "c tick");
    second.idle();
    engine.housekeep(3);
    assertThat(since()).containsExactly("c tick", "b close", "a close");
    engine.housekeep(4);
    assertThat(since()).containsExactly("c tick");
  }

  @Test
  void severalChangesBeforeABatchCloseEachPluginOnce() {
    Engine engine = engine(telling("a"));
    Worker worker = engine.newWorker();
    ask(worker);
    engine.replacePlugins(bound(telling("b")));
    engine.replacePlugins(bound(telling("c")));
    engine.replacePlugins(bound());
    assertThat(life).noneMatch(each -> each.endsWith("close"));
    life.clear();

    ask(worker);
    engine.housekeep(1);
    assertThat(since()).containsExactly("a close", "b close", "c close");
  }

  @Test
  void waitingOnesAreClosedWithTheEngine() {
    Engine engine = engine(telling("a"));
    Worker worker = engine.newWorker();
    ask(worker);
    engine.replacePlugins(bound(telling("b")));
    life.clear();
    engine.close();

    assertThat(since()).containsExactly("a close", "b close");
  }

  @Test
  void newWorkerAfterAChangeRunsTheNewPlugins() {
    Engine engine = engine(telling("a"));
    engine.newWorker().idle();
    engine.replacePlugins(bound(telling("b")));
    life.clear();
    engine.newWorker();

    assertThat(since()).containsExactly("b hooks 1");
  }

  @Test
  void changeBeforeTheStartStartsNothing() {
    Engine engine = engine(telling("a"));
    engine.replacePlugins(bound(telling("b")));
    assertThat(since()).containsExactly("a create", "b create", "a close");
    engine.start();
    assertThat(since()).containsExactly("b start", "b catalog 0 0");
  }

  /** Each hook of a pipeline writes its version; a reply has one version in all four places. */
  private static TestPlugin[] version(int version, AtomicInteger open, AtomicInteger closedInUse) {
    byte[] number = {(byte) version};
    AtomicBoolean closed = new AtomicBoolean();
    return new TestPlugin[] {
      TestPlugin.of(
              "front",
              TestPlugin.passing(
                  Phase.GATE,
                  (_, response) -> {
                    if (closed.get()) {
                      closedInUse.incrementAndGet();
                    }
                    response.addOption(65_001, number, 0, 1);
                  }),
              TestPlugin.passing(
                  Phase.SHAPE, (_, response) -> response.addOption(65_002, number, 0, 1)))
          .onStart(open::incrementAndGet)
          .onClose(
              () -> {
                closed.set(true);
                open.decrementAndGet();
              }),
      TestPlugin.of(
          "back",
          TestPlugin.hook(
              Phase.ANSWER,
              (_, response) -> {
                response.addRecord(Section.ANSWER, 12, 16, version, number, 0, 1);
                return Verdict.RESPOND;
              }),
          TestPlugin.passing(
              Phase.SHAPE, (_, response) -> response.addOption(65_003, number, 0, 1)))
    };
  }

  @Test
  void everyQueryIsAnsweredByOnePipelineWholeWhileTheyAreSwapped() throws InterruptedException {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger closedInUse = new AtomicInteger();
    Engine engine = new Engine(EngineConfig.of(HASH), bound(version(1, open, closedInUse)));
    made = engine;
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    CountDownLatch going = new CountDownLatch(2);
    AtomicIntegerArray versionsSeen = new AtomicIntegerArray(2);
    List<Thread> loops = new ArrayList<>();
    List<Worker> workers = new ArrayList<>();
    for (int loop = 0; loop < 2; loop++) {
      Worker worker = engine.newWorker();
      workers.add(worker);
      int number = loop;
      loops.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      int last = 0;
                      for (int round = 0; !done.get(); round++) {
                        int now = checkBatch(worker, 1 + round % Worker.BATCH);
                        versionsSeen.addAndGet(number, now == last ? 0 : 1);
                        last = now;
                        going.countDown();
                      }
                    } catch (Throwable e) {
                      failure.set(e);
                      going.countDown();
                      going.countDown();
                    }
                  }));
    }
    going.await();
    for (int swap = 2; swap < 202 && failure.get() == null; swap++) {
      int first = versionsSeen.get(0);
      int second = versionsSeen.get(1);
      engine.replacePlugins(bound(version(1 + swap % 100, open, closedInUse)));
      engine.housekeep(System.nanoTime());
      // Now and then both workers are given the time to take it, else several are passed over.
      if (swap % 4 == 0) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (failure.get() == null
            && (versionsSeen.get(0) == first || versionsSeen.get(1) == second)
            && System.nanoTime() - deadline < 0) {
          Thread.yield();
        }
      }
    }
    done.set(true);
    for (Thread loop : loops) {
      loop.join();
    }
    workers.forEach(Worker::idle);
    engine.housekeep(System.nanoTime());

    assertThat(failure.get()).isNull();
    assertThat(closedInUse).as("hooks asked after their plugin was closed").hasValue(0);
    assertThat(engine.counters().faults()).isZero();
    assertThat(engine.counters().dropped()).isZero();
    assertThat(engine.counters().replies())
        .isEqualTo(engine.counters().udpQueries())
        .isGreaterThan(1_000);
    assertThat(versionsSeen.get(0)).isGreaterThan(40);
    assertThat(versionsSeen.get(1)).isGreaterThan(40);
    assertThat(open).as("all but the last are closed").hasValue(1);
  }

  /** Asks a batch; returns the version that answered the batch. */
  private static int checkBatch(Worker worker, int count) {
    byte[] message = EmbeddedServer.question("a.", RecordType.TXT, 1_232, false);
    worker.beginBatch(System.nanoTime());
    for (int slot = 0; slot < count; slot++) {
      System.arraycopy(message, 0, worker.packet(slot), 0, message.length);
      worker.accept(slot, message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
    }
    worker.lookAhead(count);
    int version = 0;
    for (int slot = 0; slot < count; slot++) {
      int now = check(worker.reply(), worker.answer(slot), message.length - 11);
      assertThat(version == 0 || version == now).as("one pipeline for a batch").isTrue();
      version = now;
    }
    return version;
  }

  /** The one version of a reply: TTL and data of its record, and three options. */
  private static int check(byte[] reply, int length, int questionEnd) {
    if (length != questionEnd + 13 + 11 + 15) {
      throw new AssertionError("a reply of " + length + " octets");
    }
    int version = reply[questionEnd + 12];
    int options = questionEnd + 13 + 11;
    if (Wire.s32(reply, questionEnd + 6) != version
        || reply[options + 4] != version
        || reply[options + 9] != version
        || reply[options + 14] != version) {
      throw new AssertionError(
          "a reply of several versions: " + Arrays.toString(Arrays.copyOf(reply, length)));
    }
    return version;
  }
}
