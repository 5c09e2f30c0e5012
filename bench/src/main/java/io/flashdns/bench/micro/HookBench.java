package io.flashdns.bench.micro;

import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Zone;
import java.util.List;
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
 * What the SPI takes for one hook of each phase: a hit in a small zone, with hooks that do next to
 * nothing before the zone plugin's. The price of a hook is the difference to {@code hooks=0},
 * divided by the hooks. Workers with hooks in all phases have run in the process before.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HookBench {
  /** The phase of the hooks. */
  @Param public HookPhase phase = HookPhase.GATE;

  /** Hooks of that phase, each of another class. */
  @Param({"0", "1", "2", "4"})
  public int hooks;

  private QueryList queries = QueryList.of(AnswerKind.HIT, 1, 20, 1, 0);
  private BenchServer server = new BenchServer(List.of(), 0);

  /** Builds the pipeline, and others to be forgotten. */
  @Setup
  public void serve() {
    Size size = Size.ONE_SMALL;
    List<Zone> zones = BenchServer.zones(size, false);
    for (HookPhase other : HookPhase.values()) {
      Pollution.run(server(zones, other, PhasePlugin.MAX_HOOKS), size);
    }
    server = server(zones, phase, hooks);
    queries = QueryList.of(AnswerKind.HIT, size.zones, size.names, 1 << 12, 3);
    Pollution.run(server, size);
  }

  private static BenchServer server(List<Zone> zones, HookPhase phase, int hooks) {
    return new BenchServer(
        zones,
        List.of(),
        List.of(
            new PluginBinding<>(new PhasePlugin(), new PhasePlugin.Config(phase, hooks)),
            BenchServer.zonePlugin()));
  }

  /** One message. */
  @Benchmark
  public int hit() {
    return server.ask(queries);
  }

  BenchServer server() {
    return server;
  }
}
