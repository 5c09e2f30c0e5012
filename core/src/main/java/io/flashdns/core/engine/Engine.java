package io.flashdns.core.engine;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Catalog;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The heart of the server: the catalog that is served, the plugins, and the workers that answer.
 *
 * <p>Safe for all threads. A new catalog is published by one release store; each worker reads it
 * once for each message, with acquire, so a query sees one catalog from beginning to end.
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
  private final List<NamedPlugin> plugins = new ArrayList<>();
  private final List<Worker> workers = new CopyOnWriteArrayList<>();

  @SuppressWarnings("FieldMayBeFinal") // written through CATALOG
  private Catalog catalog;

  /**
   * Starts the plugins.
   *
   * @param bindings in the order of the configuration, which is the order of their hooks within
   *     each phase
   * @throws IllegalArgumentException when a plugin was built against another SPI version
   * @throws RuntimeException what a factory throws; plugins that were already started are closed
   */
  public Engine(EngineConfig config, List<? extends PluginBinding<?>> bindings) {
    this.config = config;
    this.catalog = Catalog.empty(config.hash());
    try {
      for (PluginBinding<?> binding : bindings) {
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
        plugins.add(new NamedPlugin(binding.name(), binding.create()));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Makes a catalog the one that is served, from each worker's next message on. */
  public void publish(Catalog next) {
    if (next.hash().seed() != config.hash().seed()) {
      throw new IllegalArgumentException("the catalog was built with another hash seed");
    }
    CATALOG.setRelease(this, next);
  }

  /** The catalog that is served. */
  public Catalog catalog() {
    return (Catalog) CATALOG.getAcquire(this);
  }

  /** A worker for one event loop, with hooks of its own. */
  public synchronized Worker newWorker() {
    WorkerContext context = new WorkerContext(workers.size(), config.hash());
    Worker worker = new Worker(this, config, new Pipeline(plugins, context));
    workers.add(worker);
    return worker;
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

  /**
   * Phases and the plugins in them, in the order in which they are asked: a line for each phase.
   */
  public synchronized String describePipeline() {
    return new Pipeline(plugins, new WorkerContext(WorkerContext.DESCRIBE, config.hash()))
        .describe(plugins);
  }

  /** Closes the plugins, in reverse order. No worker may be in use any more. */
  @Override
  public void close() {
    for (int i = plugins.size() - 1; i >= 0; i--) {
      plugins.get(i).plugin().close();
    }
    plugins.clear();
  }
}
