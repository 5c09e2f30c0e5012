package io.flashdns.bench.micro;

import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Zone;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the plugins of the default pipeline cost, each beside the zone plugin and all together: a
 * hit in one of many zones of ten tenants, asked from anywhere, so that no limit is near. The price
 * of a plugin is the difference to {@code zone} alone.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PluginBench {
  /** All that run when the configuration names none, in their order. */
  static final String DEFAULTS = "cookies ratelimit tenancy metrics zone";

  private static final int ZONES = 100;
  private static final int NAMES = 20;
  private static final int TENANTS = 10;

  /** Names of the plugins, in their order, each with its defaults. */
  @Param({"zone", "cookies zone", "ratelimit zone", "tenancy zone", "metrics zone", DEFAULTS})
  public String plugins = "zone";

  private QueryList queries = QueryList.of(AnswerKind.HIT, 1, 20, 1, 0);
  private BenchServer server = new BenchServer(List.of(), 0);

  /** Builds the pipeline, and others to be forgotten. */
  @Setup
  public void serve() {
    List<Tenant> tenants = new ArrayList<>();
    for (int i = 1; i <= TENANTS; i++) {
      tenants.add(new Tenant(i, "organisation" + i, "project", false, 0));
    }
    List<Zone> zones = new ArrayList<>();
    for (int i = 0; i < ZONES; i++) {
      Zone zone = BenchZone.build(BenchServer.HASH, BenchZone.apex(i), NAMES, false);
      zones.add(zone.placed(i + 1, 0, tenants.get(i % TENANTS), false));
    }
    zones.add(Pollution.zone());
    for (int hooks : new int[] {0, 2, 6}) {
      Pollution.run(new BenchServer(zones, hooks), Size.ONE_SMALL);
    }
    Pollution.run(server(zones, tenants, DEFAULTS), Size.ONE_SMALL);
    server = server(zones, tenants, plugins);
    queries = QueryList.of(AnswerKind.HIT, ZONES, NAMES, 1 << 14, 3);
    Pollution.run(server, Size.ONE_SMALL);
  }

  private static BenchServer server(List<Zone> zones, List<Tenant> tenants, String names) {
    List<PluginBinding<?>> bindings = new ArrayList<>();
    for (String name : names.split(" ")) {
      bindings.add(withDefaults(name));
    }
    return new BenchServer(zones, tenants, bindings);
  }

  private static PluginBinding<?> withDefaults(String name) {
    for (PluginFactory<?> factory : ServiceLoader.load(PluginFactory.class)) {
      if (factory.name().equals(name)) {
        return withDefaults(factory);
      }
    }
    throw new IllegalArgumentException("no plugin " + name + " on the class path");
  }

  private static <C extends Record> PluginBinding<C> withDefaults(PluginFactory<C> factory) {
    try {
      Object defaults = factory.configType().getMethod("defaults").invoke(null);
      return new PluginBinding<>(factory, factory.configType().cast(defaults));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("plugin " + factory.name() + " has no defaults", e);
    }
  }

  /** One message. */
  @Benchmark
  public int hit() {
    return server.askFromAnywhere(queries);
  }

  BenchServer server() {
    return server;
  }
}
