package io.flashdns.core.engine;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.plugin.Metrics;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Views;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The heart of the server: the catalog that is served, the plugins, and the workers that answer.
 *
 * <p>Safe for all threads. A new catalog is published by one release store; each worker reads it
 * once for each message, with acquire, so a query sees one catalog from beginning to end. A new
 * pipeline is offered to each worker the same way; it takes it with its next batch, and the plugins
 * that have no place any more are closed when all workers have.
 *
 * <p>{@link #housekeep} is to be called about ten times a second by one thread: it watches for
 * plugins that fail or block, and lets plugins do their periodic work.
 */
public final class Engine implements AutoCloseable {
  private static final VarHandle CATALOG;

  static {
    try {
      CATALOG = MethodHandles.lookup().findVarHandle(Engine.class, "catalog", Catalog.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final EngineConfig config;
  private final EngineEvents events;
  private final Watchdog watchdog;
  private final List<Worker> workers = new CopyOnWriteArrayList<>();

  /** Guards plugins and all that changes the pipeline. Workers never take it. */
  private final ReentrantLock structure = new ReentrantLock();

  private final List<Retired> retired = new ArrayList<>();
  private volatile List<RunningPlugin> plugins = List.of();
  private volatile long epochOffsetNanos;
  private volatile int blockedWorkers;
  private boolean started;

  @SuppressWarnings("FieldMayBeFinal") // written through CATALOG
  private Catalog catalog;

  /** Counts the changes of the pipeline. */
  private long generation;

  /** Plugins that wait for the workers to take a pipeline of this generation or a later one. */
  private record Retired(List<RunningPlugin> plugins, long generation) {}

  /**
   * Makes the plugins; {@link #start} starts them.
   *
   * @param bindings in the order of the configuration, which is the order of their hooks within
   *     each phase
   * @throws IllegalArgumentException when a plugin was built against another SPI version
   * @throws RuntimeException what a factory throws; plugins that were already made are closed
   */
  public Engine(EngineConfig config, List<? extends PluginBinding<?>> bindings) {
    this(config, bindings, EngineEvents.NONE);
  }

  /** The same, with somebody who hears of failing plugins. */
  public Engine(
      EngineConfig config, List<? extends PluginBinding<?>> bindings, EngineEvents events) {
    this.config = config;
    this.events = events;
    this.watchdog = new Watchdog(config.faults());
    this.catalog = Catalog.empty(config.hash());
    setClock(System.nanoTime());
    List<RunningPlugin> made = new ArrayList<>();
    try {
      for (PluginBinding<?> binding : bindings) {
        made.add(make(binding));
      }
    } catch (Throwable e) { // also a checked one, which other languages throw undeclared
      closeAll(made);
      throw e;
    }
    plugins = List.copyOf(made);
  }

  private RunningPlugin make(PluginBinding<?> binding) {
    if (binding.factory().spiVersion() != PluginFactory.SPI_VERSION) {
      throw new IllegalArgumentException(
          "plugin "
              + binding.name()
              + " was built against version "
              + binding.factory().spiVersion()
              + " of the plugin SPI, this server has version "
              + PluginFactory.SPI_VERSION
              + ": use a build of the plugin for this server");
    }
    PluginMetrics metrics = new PluginMetrics(binding.name());
    AtomicReference<@Nullable Plugin> made = new AtomicReference<>();
    PluginContext context = new Context(binding.name(), metrics);
    RunningPlugin.inItsLoader(binding, () -> made.set(binding.create(context)));
    Plugin plugin = made.get();
    if (plugin == null) {
      throw new IllegalStateException("plugin " + binding.name() + ": its factory made none");
    }
    return new RunningPlugin(binding, plugin, metrics, config.faults());
  }

  /**
   * Starts the plugins; again: does nothing. Without it they are started with the first worker.
   *
   * @throws RuntimeException what a plugin throws that cannot start; close the engine then
   */
  public void start() {
    structure.lock();
    try {
      if (!started) {
        for (RunningPlugin plugin : plugins) {
          start(plugin);
        }
        started = true;
      }
    } finally {
      structure.unlock();
    }
  }

  private void start(RunningPlugin plugin) {
    plugin.start();
    plugin.catalogChanged(Catalog.empty(config.hash()), catalog());
  }

  /**
   * Makes other plugins answer, from each worker's next batch on. A plugin whose factory and
   * configuration are the same goes on as it is, with all that it has counted.
   *
   * @param bindings the whole pipeline, in order
   * @throws RuntimeException when one of them cannot be made or started; nothing has changed then
   */
  public void replacePlugins(List<? extends PluginBinding<?>> bindings) {
    structure.lock();
    try {
      List<RunningPlugin> fresh = new ArrayList<>();
      List<RunningPlugin> next = new ArrayList<>();
      List<Pipeline> pipelines = new ArrayList<>();
      try {
        for (PluginBinding<?> binding : bindings) {
          RunningPlugin running = running(binding);
          if (running == null) {
            running = make(binding);
            fresh.add(running);
          }
          next.add(running);
        }
        if (started) {
          fresh.forEach(this::start);
        }
        generation++;
        for (int i = 0; i < workers.size(); i++) {
          pipelines.add(new Pipeline(next, i, config, generation));
        }
      } catch (Throwable e) {
        closeAll(fresh);
        throw e;
      }
      List<RunningPlugin> gone = new ArrayList<>(plugins);
      gone.removeAll(next);
      plugins = List.copyOf(next);
      offer(pipelines);
      retired.add(new Retired(gone, generation));
    } finally {
      structure.unlock();
    }
    closeRetired();
  }

  private @Nullable RunningPlugin running(PluginBinding<?> binding) {
    for (RunningPlugin plugin : plugins) {
      if (plugin.binding().equals(binding)) {
        return plugin;
      }
    }
    return null;
  }

  private void offer(List<Pipeline> pipelines) {
    for (int i = 0; i < pipelines.size(); i++) {
      workers.get(i).offer(pipelines.get(i));
    }
  }

  /** Closes the plugins that no worker uses any more. */
  private void closeRetired() {
    structure.lock();
    try {
      while (!retired.isEmpty() && haveLeft(retired.getFirst())) {
        closeAll(retired.removeFirst().plugins());
      }
    } finally {
      structure.unlock();
    }
  }

  /** True when each worker runs the pipeline that was offered then, or a later one. */
  private boolean haveLeft(Retired change) {
    for (Worker worker : workers) {
      if (worker.pipeline().generation < change.generation()) {
        return false;
      }
    }
    return true;
  }

  /** Makes a catalog the one that is served, from each worker's next message on. */
  public void publish(Catalog next) {
    if (next.hash().seed() != config.hash().seed()) {
      throw new IllegalArgumentException("the catalog was built with another hash seed");
    }
    structure.lock();
    try {
      Catalog before = catalog();
      CATALOG.setRelease(this, next);
      if (started) {
        for (RunningPlugin plugin : plugins) {
          try {
            plugin.catalogChanged(before, next);
          } catch (Throwable e) {
            taskFailed(plugin, e);
          }
        }
      }
    } finally {
      structure.unlock();
    }
  }

  /** The catalog that is served. */
  public Catalog catalog() {
    return (Catalog) CATALOG.getAcquire(this);
  }

  /** Names and numbers of the views, for those who place zones. */
  public Views views() {
    return config.views();
  }

  /** A worker for one event loop, with hooks of its own. */
  public Worker newWorker() {
    structure.lock();
    try {
      start();
      Worker worker =
          new Worker(this, config, new Pipeline(plugins, workers.size(), config, generation));
      workers.add(worker);
      return worker;
    } finally {
      structure.unlock();
    }
  }

  /**
   * Watches over plugins and workers, and lets plugins do their periodic work. One thread, about
   * ten times a second; never a worker's.
   *
   * @param nowNanos {@link System#nanoTime}, or what {@link Worker#beginBatch} is told
   */
  public void housekeep(long nowNanos) {
    setClock(nowNanos);
    List<RunningPlugin> now = plugins;
    blockedWorkers = watchdog.look(nowNanos, workers, now, events);
    for (RunningPlugin plugin : now) {
      plugin.report(events);
    }
    // While plugins are being changed, which may take its time, the rest can wait.
    if (structure.tryLock()) {
      try {
        lookAtBreakers(nowNanos);
        if (started) {
          for (RunningPlugin plugin : plugins) {
            tick(plugin, nowNanos);
          }
        }
        closeRetired();
      } finally {
        structure.unlock();
      }
    }
  }

  private void setClock(long nowNanos) {
    Instant now = config.clock().instant();
    epochOffsetNanos = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - nowNanos;
  }

  /** Seconds since 1970 at a time by {@link System#nanoTime}. */
  long epochSeconds(long nanos) {
    return Math.floorDiv(nanos + epochOffsetNanos, 1_000_000_000L);
  }

  private void lookAtBreakers(long nowNanos) {
    long queries = 0;
    for (Worker worker : workers) {
      queries += worker.begun();
    }
    boolean changed = false;
    for (RunningPlugin plugin : plugins) {
      Breaker breaker = plugin.breaker();
      if (breaker.look(nowNanos, plugin.faults(), queries)) {
        changed = true;
        if (breaker.isOut()) {
          events.pluginTakenOut(
              plugin.name(), plugin.failsClosed(), Duration.ofNanos(breaker.outNanos()));
        } else {
          events.pluginBack(plugin.name());
        }
      }
    }
    if (changed) {
      generation++;
      List<Pipeline> pipelines = new ArrayList<>();
      for (int i = 0; i < workers.size(); i++) {
        pipelines.add(new Pipeline(plugins, i, config, generation));
      }
      offer(pipelines);
    }
  }

  private void tick(RunningPlugin plugin, long nowNanos) {
    try {
      plugin.tick(nowNanos);
    } catch (Throwable e) {
      taskFailed(plugin, e);
    }
  }

  /** What all workers counted so far. */
  public EngineCounters counters() {
    long[] sum = new long[Counter.SLOTS];
    for (Worker worker : workers) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += worker.counter(i);
      }
    }
    List<Long> byRcode = new ArrayList<>(Rcode.COUNT);
    for (int i = 0; i < Rcode.COUNT; i++) {
      byRcode.add(sum[Counter.RCODES + i]);
    }
    return new EngineCounters(
        sum[Counter.UDP_QUERIES],
        sum[Counter.TCP_QUERIES],
        sum[Counter.REPLIES],
        sum[Counter.DROPPED],
        sum[Counter.MALFORMED],
        sum[Counter.TRUNCATED],
        sum[Counter.FAULTS],
        List.copyOf(byRcode));
  }

  /** All metrics of the engine and its plugins, but for those on demand. Allocates. */
  public List<Metric> metrics() {
    MetricCollector into = new MetricCollector();
    EngineMetrics.collect(counters(), catalog(), plugins, workers.size(), blockedWorkers, into);
    for (RunningPlugin plugin : plugins) {
      try {
        plugin.metrics().collect(into);
      } catch (Throwable e) {
        taskFailed(plugin, e);
      }
    }
    return into.metrics();
  }

  /**
   * The metrics of a set that a plugin gives on demand ({@link Metrics#onDemand}). Allocates.
   *
   * @return null when no plugin has a set of that name
   */
  public @Nullable List<Metric> metrics(String set) {
    MetricCollector into = new MetricCollector();
    boolean found = false;
    for (RunningPlugin plugin : plugins) {
      found |= plugin.metrics().collect(set, into);
    }
    return found ? into.metrics() : null;
  }

  /** Names of the sets of metrics on demand. */
  public Set<String> metricSets() {
    Set<String> sets = new TreeSet<>();
    for (RunningPlugin plugin : plugins) {
      sets.addAll(plugin.metrics().sets());
    }
    return sets;
  }

  /** The plugins and how they do, in the order of the configuration. */
  public List<PluginStatus> pluginStatus() {
    List<PluginStatus> status = new ArrayList<>();
    for (RunningPlugin plugin : plugins) {
      status.add(
          new PluginStatus(
              plugin.name(),
              plugin.faults(),
              plugin.blockedCount(),
              plugin.breaker().isOut(),
              plugin.failsClosed(),
              plugin.lastFault()));
    }
    return status;
  }

  /** How many workers are blocked by a hook now. */
  public int blockedWorkers() {
    return blockedWorkers;
  }

  /**
   * Phases and the plugins in them, in the order in which they are asked: a line for each phase.
   */
  public String describePipeline() {
    structure.lock();
    try {
      return new Pipeline(plugins, WorkerContext.DESCRIBE, config, generation).describe();
    } finally {
      structure.unlock();
    }
  }

  /** Closes the plugins, in reverse order. No worker may be in use any more. */
  @Override
  public void close() {
    structure.lock();
    try {
      Set<RunningPlugin> all = new HashSet<>();
      for (Retired change : retired) {
        all.addAll(change.plugins());
      }
      retired.clear();
      closeAll(List.copyOf(all));
      List<RunningPlugin> now = plugins;
      plugins = List.of();
      closeAll(now);
    } finally {
      structure.unlock();
    }
  }

  private void closeAll(List<RunningPlugin> closing) {
    for (int i = closing.size() - 1; i >= 0; i--) {
      try {
        closing.get(i).close();
      } catch (Throwable e) {
        taskFailed(closing.get(i), e);
      }
    }
  }

  /** Says what a plugin threw, without the sentence that names it once more. */
  private void taskFailed(RunningPlugin plugin, Throwable fault) {
    Throwable cause = fault.getCause();
    events.pluginTaskFailed(plugin.name(), cause == null ? fault : cause);
  }

  private final class Context implements PluginContext {
    private final String name;
    private final PluginMetrics metrics;

    Context(String name, PluginMetrics metrics) {
      this.name = name;
      this.metrics = metrics;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public NameHash hash() {
      return config.hash();
    }

    @Override
    public Metrics metrics() {
      return metrics;
    }

    @Override
    public @Nullable Path dataFolder() {
      return config.dataFolder().orElse(null);
    }

    @Override
    public List<InetSocketAddress> listeners() {
      return config.listeners();
    }

    @Override
    public Views views() {
      return config.views();
    }

    @Override
    public Catalog catalog() {
      return Engine.this.catalog();
    }

    @Override
    public long epochSeconds() {
      return Math.floorDiv(config.clock().millis(), 1_000L);
    }

    @Override
    public long epochNanos(long nanos) {
      return nanos + epochOffsetNanos;
    }
  }
}
