package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a pipeline is shown to an operator. */
final class PipelineDescriptionTest {
  private final List<String> asked = new ArrayList<>();

  private Gate gate(String name, Verdict verdict) {
    return (query, response) -> note(name, verdict);
  }

  private Verdict note(String name, Verdict verdict) {
    asked.add(name);
    return verdict;
  }

  private Observer observer() {
    return (query, response, sent) ->
        asked.add("observer sent=" + sent + " rcode=" + response.rcode());
  }

  @Test
  void pipelineIsDescribedByPhase() {
    TestPlugin gates = TestPlugin.of("acl", gate("g", Verdict.CONTINUE), observer());
    TestPlugin observers = TestPlugin.of("log", observer());
    try (Engine engine =
        new Engine(EngineConfig.of(new NameHash(1)), List.of(gates.bound(), observers.bound()))) {
      engine.newWorker();

      assertThat(engine.describePipeline())
          .isEqualTo("gate     acl\nroute    -\nanswer   -\nshape    -\nobserve  acl log\n");
    }
  }

  @Test
  void pluginOfSeveralPhasesStandsInEachAndHooksOfOnePhaseInTheirOrder() {
    TestPlugin both =
        TestPlugin.of(
            "both",
            TestPlugin.passing(Phase.SHAPE, (_, _) -> {}),
            TestPlugin.passing(Phase.ROUTE, (_, _) -> {}),
            TestPlugin.passing(Phase.SHAPE, (_, _) -> {}));
    TestPlugin answering = TestPlugin.of("zone", TestPlugin.passing(Phase.ANSWER, (_, _) -> {}));
    TestPlugin none = TestPlugin.of("none");
    try (Engine engine =
        new Engine(
            EngineConfig.of(new NameHash(1)),
            List.of(answering.bound(), none.bound(), both.bound()))) {
      assertThat(engine.describePipeline())
          .isEqualTo("gate     -\nroute    both\nanswer   zone\nshape    both both\nobserve  -\n");
    }
  }

  @Test
  void pipelineIsShownWithoutStartingAnything() {
    List<String> life = new ArrayList<>();
    TestPlugin plugin =
        TestPlugin.making(
                "p",
                worker -> {
                  life.add("hooks " + worker.index());
                  return List.of();
                })
            .onStart(() -> life.add("start"))
            .onClose(() -> life.add("close"));
    Engine engine = new Engine(EngineConfig.of(new NameHash(1)), List.of(plugin.bound()));
    engine.describePipeline();
    engine.close();

    assertThat(life).containsExactly("hooks -1", "close");
  }

  @Test
  void oneObjectMayTakePartInSeveralPhases() {
    final class Everywhere implements Gate, Observer {
      @Override
      public Verdict admit(Query query, Response response) {
        return note("gate", Verdict.CONTINUE);
      }

      @Override
      public void observe(Query query, Response response, boolean sent) {
        asked.add("observer");
      }
    }
    EmbeddedServer server = SmallServer.with(new Everywhere());
    SmallServer.ask(server);

    assertThat(asked).containsExactly("gate", "observer");
    assertThat(server.engine().describePipeline()).contains("gate     plugin0", "observe  plugin0");
  }
}
