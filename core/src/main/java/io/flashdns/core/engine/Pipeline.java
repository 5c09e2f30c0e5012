package io.flashdns.core.engine;

import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.WorkerContext;
import java.util.ArrayList;
import java.util.List;

/**
 * One worker's hooks, an array for each phase, and for each hook the number of the plugin that owns
 * it.
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
  final int[] gateOwners;
  final int[] routerOwners;
  final int[] answererOwners;
  final int[] shaperOwners;
  final int[] observerOwners;

  Pipeline(List<NamedPlugin> plugins, WorkerContext worker) {
    List<Owned<Gate>> gate = new ArrayList<>();
    List<Owned<Router>> route = new ArrayList<>();
    List<Owned<Answerer>> answer = new ArrayList<>();
    List<Owned<Shaper>> shape = new ArrayList<>();
    List<Owned<Observer>> observe = new ArrayList<>();
    for (int owner = 0; owner < plugins.size(); owner++) {
      for (Hook hook : plugins.get(owner).plugin().hooks(worker)) {
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
    gateOwners = gate.stream().mapToInt(Owned::owner).toArray();
    routerOwners = route.stream().mapToInt(Owned::owner).toArray();
    answererOwners = answer.stream().mapToInt(Owned::owner).toArray();
    shaperOwners = shape.stream().mapToInt(Owned::owner).toArray();
    observerOwners = observe.stream().mapToInt(Owned::owner).toArray();
  }

  private static <H extends Hook> void addIf(
      Hook hook, Class<H> phase, int owner, List<Owned<H>> hooks) {
    if (phase.isInstance(hook)) {
      hooks.add(new Owned<>(phase.cast(hook), owner));
    }
  }

  /** Phases and the plugins that take part, a line each. */
  String describe(List<NamedPlugin> plugins) {
    return line("gate", gateOwners, plugins)
        + line("route", routerOwners, plugins)
        + line("answer", answererOwners, plugins)
        + line("shape", shaperOwners, plugins)
        + line("observe", observerOwners, plugins);
  }

  private static String line(String phase, int[] owners, List<NamedPlugin> plugins) {
    StringBuilder text = new StringBuilder(String.format("%-8s", phase));
    for (int owner : owners) {
      text.append(' ').append(plugins.get(owner).name());
    }
    return text.append(owners.length == 0 ? " -\n" : "\n").toString();
  }

  private record Owned<H extends Hook>(H hook, int owner) {}
}
