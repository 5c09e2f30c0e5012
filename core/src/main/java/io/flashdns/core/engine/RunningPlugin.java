package io.flashdns.core.engine;

import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Catalog;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A plugin with all that the engine keeps of it: its hooks by worker, its metrics, its faults.
 *
 * <p>Faults are noted by workers, everything else is done under the engine's lock.
 */
final class RunningPlugin {
  private final PluginBinding<?> binding;
  private final Plugin plugin;
  private final PluginMetrics metrics;
  private final Breaker breaker;
  private final List<@Nullable List<Hook>> hooks = new ArrayList<>();
  private final Map<Phase, LongAdder> faults = new EnumMap<>(Phase.class);
  private final LongAdder blocked = new LongAdder();
  private volatile @Nullable Throwable lastFault;
  private long reportedFaults;
  private boolean started;
  private boolean closed;

  RunningPlugin(
      PluginBinding<?> binding, Plugin plugin, PluginMetrics metrics, FaultPolicy policy) {
    this.binding = binding;
    this.plugin = plugin;
    this.metrics = metrics;
    this.breaker = new Breaker(policy);
    for (Phase phase : Phase.values()) {
      faults.put(phase, new LongAdder());
    }
  }

  PluginBinding<?> binding() {
    return binding;
  }

  PluginMetrics metrics() {
    return metrics;
  }

  Breaker breaker() {
    return breaker;
  }

  String name() {
    return binding.name();
  }

  boolean failsClosed() {
    return binding.factory().failsClosed();
  }

  /** Starts it, once. */
  void start() {
    if (!started) {
      started = true;
      inItsLoader(binding, plugin::start);
    }
  }

  void close() {
    if (!closed) {
      closed = true;
      inItsLoader(binding, plugin::close);
    }
  }

  /** The hooks of a worker, asked for once. */
  List<Hook> hooks(WorkerContext worker) {
    int index = worker.index();
    if (index == WorkerContext.DESCRIBE) {
      return ask(worker);
    }
    while (hooks.size() <= index) {
      hooks.add(null);
    }
    List<Hook> known = hooks.get(index);
    if (known == null) {
      known = ask(worker);
      hooks.set(index, known);
    }
    return known;
  }

  private List<Hook> ask(WorkerContext worker) {
    AtomicReference<@Nullable List<? extends Hook>> asked = new AtomicReference<>();
    inItsLoader(binding, () -> asked.set(plugin.hooks(worker)));
    List<? extends Hook> given = asked.get();
    if (given == null) {
      throw new IllegalStateException(
          "plugin " + name() + ": returned null for its hooks, an empty list means none");
    }
    return List.copyOf(given);
  }

  void catalogChanged(Catalog before, Catalog after) {
    inItsLoader(binding, () -> plugin.catalogChanged(before, after));
  }

  void tick(long nowNanos) {
    inItsLoader(binding, () -> plugin.tick(nowNanos));
  }

  /**
   * Runs a step of a plugin's life with its class loader as the thread's: libraries look for their
   * services there, and threads that the plugin starts inherit it.
   *
   * @throws IllegalArgumentException with the plugin's name when the step throws
   */
  static void inItsLoader(PluginBinding<?> binding, Runnable step) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(binding.factory().getClass().getClassLoader());
    try {
      step.run();
    } catch (RuntimeException | LinkageError e) {
      String reason =
          e.getMessage() == null || e instanceof LinkageError ? e.toString() : e.getMessage();
      throw new IllegalArgumentException("plugin " + binding.name() + ": " + reason, e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** This worker's context; its slots are made with the first call. */
  WorkerContext context(int worker, EngineConfig config) {
    return new Context(
        worker,
        config.hash(),
        worker == WorkerContext.DESCRIBE ? metrics.spareCounts() : metrics.counts(worker));
  }

  private record Context(int index, io.flashdns.core.dns.NameHash hash, Counts counts)
      implements WorkerContext {}

  /** Notes what a hook threw. By workers. */
  void fault(Phase phase, Throwable fault) {
    adder(phase).increment();
    lastFault = fault;
  }

  /** A hook of this plugin has blocked its worker. */
  void blocked() {
    blocked.increment();
  }

  long blockedCount() {
    return blocked.sum();
  }

  long faults(Phase phase) {
    return adder(phase).sum();
  }

  private LongAdder adder(Phase phase) {
    return Objects.requireNonNull(faults.get(phase));
  }

  long faults() {
    long sum = 0;
    for (LongAdder ofPhase : faults.values()) {
      sum += ofPhase.sum();
    }
    return sum;
  }

  /** Tells of faults since the last call, if there are any. */
  void report(EngineEvents events) {
    long now = faults();
    Throwable last = lastFault;
    if (now == reportedFaults || last == null) {
      return;
    }
    long fresh = now - reportedFaults;
    reportedFaults = now;
    try {
      events.pluginFailed(name(), fresh, last);
    } catch (Throwable _) {
      // Who logs it calls its methods, which are the plugin's: they may fail like its hooks.
      String what = last.getClass().getName() + ", which fails when it is shown";
      events.pluginFailed(name(), fresh, new IllegalStateException(what));
    }
  }

  @Nullable Throwable lastFault() {
    return lastFault;
  }

  /**
   * True when a frame of a stack is this plugin's: of a hook's class, or of the package of its
   * factory.
   */
  boolean owns(StackTraceElement frame) {
    String name = frame.getClassName();
    if (name.startsWith(binding.factory().getClass().getPackageName() + ".")
        && !name.startsWith("io.flashdns.core.")) {
      return true;
    }
    for (List<Hook> ofWorker : hooks) {
      if (ofWorker != null) {
        for (Hook hook : ofWorker) {
          String hookName = hook.getClass().getName();
          int lambda = hookName.indexOf("$$Lambda");
          if (name.equals(lambda < 0 ? hookName : hookName.substring(0, lambda))) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
