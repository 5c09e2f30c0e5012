package io.flashdns.core.engine;

import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import java.util.ArrayList;
import java.util.List;

/**
 * One worker's hooks, an array for each phase, and for each hook the plugin that owns it. Never
 * changed: a change of the configuration, or a plugin taken out, makes a new one.
 *
 * <p>Arrays by phase and one loop over each keep the call sites of a worker apart: with one or two
 * hooks in a phase, which is the rule, the compiler inlines them.
 */
final class Pipeline {
  final Gate[] gates;
  final Router[] routers;
  final Answerer[] answerers;
  final Shaper[] shapers;
  final Observer[] observers;
  final RunningPlugin[] gateOwners;
  final RunningPlugin[] routerOwners;
  final RunningPlugin[] answererOwners;
  final RunningPlugin[] shaperOwners;
  final RunningPlugin[] observerOwners;

  /** Higher than that of each pipeline that was offered before. */
  final long generation;

  /**
   * The pipeline of a worker.
   *
   * @param plugins in the order of the configuration; of those that their breaker has taken out the
   *     hooks are left away, and a plugin that fails closed gets a gate that refuses
   */
  Pipeline(List<RunningPlugin> plugins, int worker, EngineConfig config, long generation) {
    this.generation = generation;
    List<Owned<Gate>> gate = new ArrayList<>();
    List<Owned<Router>> route = new ArrayList<>();
    List<Owned<Answerer>> answer = new ArrayList<>();
    List<Owned<Shaper>> shape = new ArrayList<>();
    List<Owned<Observer>> observe = new ArrayList<>();
    for (RunningPlugin owner : plugins) {
      if (owner.breaker().isOut()) {
        if (owner.failsClosed()) {
          gate.add(new Owned<>(new Refusal(owner.name()), owner));
        }
        continue;
      }
      for (Hook hook : owner.hooks(owner.context(worker, config))) {
        // One object may take part in several phases, so this is no switch.
        addIf(hook, Gate.class, owner, gate);
        addIf(hook, Router.class, owner, route);
        addIf(hook, Answerer.class, owner, answer);
        addIf(hook, Shaper.class, owner, shape);
        addIf(hook, Observer.class, owner, observe);
      }
    }
    gates = gate.stream().map(Owned::hook).toArray(Gate[]::new);
    routers = route.stream().map(Owned::hook).toArray(Router[]::new);
    answerers = answer.stream().map(Owned::hook).toArray(Answerer[]::new);
    shapers = shape.stream().map(Owned::hook).toArray(Shaper[]::new);
    observers = observe.stream().map(Owned::hook).toArray(Observer[]::new);
    gateOwners = owners(gate);
    routerOwners = owners(route);
    answererOwners = owners(answer);
    shaperOwners = owners(shape);
    observerOwners = owners(observe);
  }

  private static <H extends Hook> void addIf(
      Hook hook, Class<H> phase, RunningPlugin owner, List<Owned<H>> hooks) {
    if (phase.isInstance(hook)) {
      hooks.add(new Owned<>(phase.cast(hook), owner));
    }
  }

  private static <H extends Hook> RunningPlugin[] owners(List<Owned<H>> hooks) {
    return hooks.stream().map(Owned::owner).toArray(RunningPlugin[]::new);
  }

  /** Phases and the plugins that take part, a line each. */
  String describe() {
    return line("gate", gateOwners)
        + line("route", routerOwners)
        + line("answer", answererOwners)
        + line("shape", shaperOwners)
        + line("observe", observerOwners);
  }

  private static String line(String phase, RunningPlugin[] owners) {
    StringBuilder text = new StringBuilder(String.format("%-8s", phase));
    for (RunningPlugin owner : owners) {
      text.append(' ').append(owner.name());
    }
    return text.append(owners.length == 0 ? " -\n" : "\n").toString();
  }

  private record Owned<H extends Hook>(H hook, RunningPlugin owner) {}

  /** Stands where a plugin that must not be left away was taken out. */
  private static final class Refusal implements Gate {
    private final byte[] text;

    Refusal(String plugin) {
      text =
          ("plugin " + plugin + " is out of service")
              .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    @Override
    public Verdict admit(Query query, Response response) {
      response.rcode(Rcode.REFUSED);
      response.extendedError(ExtendedError.NOT_READY, text);
      return Verdict.RESPOND;
    }
  }
}
