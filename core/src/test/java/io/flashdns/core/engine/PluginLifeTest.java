package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.plugin.WorkerContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** From the making of a plugin to its closing. */
final class PluginLifeTest {
  @Test
  void pluginForAnotherSpiIsRefusedAndTheOthersAreClosed() {
    List<String> closed = new ArrayList<>();
    TestPlugin good = TestPlugin.of("good").onClose(() -> closed.add("good"));
    TestPlugin old = new TestPlugin("old", 0, _ -> List.of()).onClose(() -> closed.add("old"));

    assertThatThrownBy(
            () -> new Engine(EngineConfig.of(new NameHash(1)), List.of(good.bound(), old.bound())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "plugin old was built against version 0 of the plugin SPI, this server has version 1: use a build of the plugin for this server");
    assertThat(closed).containsExactly("good");
  }

  @Test
  void pluginsAreClosedInReverseOrder() {
    List<String> closed = new ArrayList<>();
    TestPlugin first = TestPlugin.of("first").onClose(() -> closed.add("first"));
    TestPlugin second = TestPlugin.of("second").onClose(() -> closed.add("second"));
    Engine engine =
        new Engine(EngineConfig.of(new NameHash(1)), List.of(first.bound(), second.bound()));

    engine.close();
    assertThat(closed).containsExactly("second", "first");
    engine.close();
    assertThat(closed).as("closed once").hasSize(2);
  }

  @Test
  void eachWorkerHasHooksOfItsOwn() {
    List<Integer> workers = new ArrayList<>();
    TestPlugin plugin =
        TestPlugin.making(
            "p",
            worker -> {
              workers.add(worker.index());
              return List.of();
            });
    try (Engine engine = new Engine(EngineConfig.of(new NameHash(1)), List.of(plugin.bound()))) {
      engine.newWorker();
      engine.newWorker();
      assertThat(workers).containsExactly(0, 1);

      engine.describePipeline();
      assertThat(workers).containsExactly(0, 1, WorkerContext.DESCRIBE);
    }
  }
}
