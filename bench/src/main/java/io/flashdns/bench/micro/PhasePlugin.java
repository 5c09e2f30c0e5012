package io.flashdns.bench.micro;

import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import java.util.List;

/**
 * A plugin with up to four hooks of one phase, each of a class of its own. They do next to nothing:
 * what is left is what the SPI takes for asking them.
 */
final class PhasePlugin implements PluginFactory<PhasePlugin.Config> {
  static final int MAX_HOOKS = 4;

  /** The phase, and how many hooks: 0 to {@value PhasePlugin#MAX_HOOKS}. */
  record Config(HookPhase phase, int hooks) {}

  @Override
  public String name() {
    return "phase";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<Config> configType() {
    return Config.class;
  }

  @Override
  public Plugin create(Config config, PluginContext context) {
    return _ -> hooks(config.phase(), new long[MAX_HOOKS]).subList(0, config.hooks());
  }

  /** Each expression is a class: four implementations at the call site, as in a real pipeline. */
  private static List<Hook> hooks(HookPhase phase, long[] seen) {
    return switch (phase) {
      case GATE ->
          List.of(
              (Gate) (query, _) -> pass(seen, 0, query.type()),
              (Gate) (query, _) -> pass(seen, 1, query.messageLength()),
              (Gate) (query, _) -> pass(seen, 2, query.sourcePort()),
              (Gate) (query, _) -> pass(seen, 3, query.flags()));
      case ROUTE ->
          List.of(
              (Router) (query, _) -> pass(seen, 0, query.type()),
              (Router) (query, _) -> pass(seen, 1, query.messageLength()),
              (Router) (query, _) -> pass(seen, 2, query.sourcePort()),
              (Router) (query, _) -> pass(seen, 3, query.flags()));
      case ANSWER ->
          List.of(
              (Answerer) (query, _) -> pass(seen, 0, query.type()),
              (Answerer) (query, _) -> pass(seen, 1, query.messageLength()),
              (Answerer) (query, _) -> pass(seen, 2, query.sourcePort()),
              (Answerer) (query, _) -> pass(seen, 3, query.flags()));
      case SHAPE ->
          List.of(
              (Shaper) (query, _) -> pass(seen, 0, query.type()),
              (Shaper) (_, response) -> pass(seen, 1, response.length()),
              (Shaper) (query, _) -> pass(seen, 2, query.sourcePort()),
              (Shaper) (_, response) -> pass(seen, 3, response.rcode()));
      case OBSERVE ->
          List.of(
              (Observer) (query, _, _) -> note(seen, 0, query.type()),
              (Observer) (_, response, _) -> note(seen, 1, response.length()),
              (Observer) (query, _, _) -> note(seen, 2, query.sourcePort()),
              (Observer) (_, response, _) -> note(seen, 3, response.rcode()));
    };
  }

  private static Verdict pass(long[] seen, int hook, int value) {
    note(seen, hook, value);
    return Verdict.CONTINUE;
  }

  private static void note(long[] seen, int hook, int value) {
    seen[hook] += value;
  }
}
