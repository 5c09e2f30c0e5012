package io.flashdns.bench.micro;

import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Catalog;
import io.flashdns.plugins.ratelimit.RateLimitPluginConfig;
import io.flashdns.plugins.ratelimit.RateLimitPluginFactory;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 * What the rate limit costs: a hit in a small zone, with the plugin and without. The difference is
 * the plugin's, for one kind of source.
 *
 * <p>Nobody is limited: the clock is moved by hand, slowly enough.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RateLimitBench {
  /** Who asks. */
  public enum Source {
    /** Somebody on the whitelist. */
    LOOPBACK(Protocol.UDP, 1_000_000),
    /** Somebody whose address is proven. */
    TCP(Protocol.TCP, 1_000_000),
    /** One address, a thousand times a second. */
    ONE(Protocol.UDP, 1_000_000),
    /** One IPv6 address, a thousand times a second. */
    ONE_IPV6(Protocol.UDP, 1_000_000),
    /** A million addresses, once a second each. */
    MILLION(Protocol.UDP, 1_000);

    final Protocol protocol;
    final long stepNanos;

    Source(Protocol protocol, long stepNanos) {
      this.protocol = protocol;
      this.stepNanos = stepNanos;
    }
  }

  private static final int MILLION_MASK = (1 << 20) - 1;
  private static final long IPV4 = 0xffff_0000_0000L;
  private static final int WARM_UP_ROUNDS = 20_000;

  /** Whether the plugin takes part. */
  @Param({"false", "true"})
  public boolean limit;

  /** Who asks. */
  @Param public Source source = Source.ONE;

  private final List<QueryList> pollution = new ArrayList<>();
  private QueryList queries = QueryList.of(AnswerKind.HIT, 1, 20, 1, 0);
  private Engine engine = new Engine(EngineConfig.of(BenchServer.HASH), List.of());
  private Worker worker = engine.newWorker();
  private long nanos;
  private long random = 1;

  /** Builds the pipeline, and asks everything as everybody. */
  @Setup
  public void serve() {
    Size size = Size.ONE_SMALL;
    List<PluginBinding<?>> plugins = new ArrayList<>();
    if (limit) {
      RateLimitPluginConfig usual = RateLimitPluginConfig.defaults();
      plugins.add(
          new PluginBinding<>(
              new RateLimitPluginFactory(),
              new RateLimitPluginConfig(
                  RateLimitPluginConfig.MAX_RATE,
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  usual.slip(),
                  usual.whitelist(),
                  usual.tableBytes(),
                  usual.dryRun())));
    }
    plugins.add(new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults()));
    engine = new Engine(EngineConfig.of(BenchServer.HASH), plugins);
    engine.publish(Catalog.of(BenchServer.HASH, BenchServer.zones(size, false)));
    worker = engine.newWorker();
    for (AnswerKind kind : AnswerKind.values()) {
      pollution.add(QueryList.of(kind, size.zones, size.names, 1_000, 13));
    }
    queries = QueryList.of(AnswerKind.HIT, size.zones, size.names, 1 << 12, 3);
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      for (Source other : Source.values()) {
        for (QueryList list : pollution) {
          ask(list, other);
        }
      }
    }
  }

  /** One message. */
  @Benchmark
  public int hit() {
    return ask(queries, source);
  }

  private int ask(QueryList list, Source from) {
    nanos += from.stepNanos;
    worker.beginBatch(nanos);
    int length = list.copyNext(worker.packet());
    long hi = 0;
    long lo = IPV4;
    switch (from) {
      case LOOPBACK -> lo |= 0x7f00_0001L;
      case ONE, TCP -> lo |= 0xc000_0201L;
      case ONE_IPV6 -> {
        hi = 0x2001_0db8_0000_0001L;
        lo = 2;
      }
      case MILLION -> {
        random = random * 6_364_136_223_846_793_005L + 1_442_695_040_888_963_407L;
        // An odd factor: as many addresses, all over the space.
        lo |= ((random >>> 40 & MILLION_MASK) * 0x9e37_79b1L) & 0xffff_ffffL;
      }
    }
    return worker.onPacket(length, from.protocol, 0, hi, lo, 53_000);
  }

  Worker worker() {
    return worker;
  }
}
