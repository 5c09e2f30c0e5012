package io.flashdns.bench.micro;

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
 * What plugins cost by being there: a hit in a small zone, with up to six hooks of several phases
 * beside the zone plugin's. {@link HookBench} has them phase by phase.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PipelineBench {
  private static final int[] OTHER_PIPELINES = {0, 1, 2, 4, 6};

  /** Hooks beside the zone plugin's. */
  @Param({"0", "1", "2", "4", "6"})
  public int extraHooks;

  /**
   * True when workers with other pipelines have run in the same process, as in tests and after a
   * reload.
   */
  @Param({"false", "true"})
  public boolean otherPipelines;

  private QueryList queries = QueryList.of(AnswerKind.HIT, 1, 20, 1, 0);
  private BenchServer server = new BenchServer(List.of(), 0);

  /** Builds the pipeline, and others to be forgotten. */
  @Setup
  public void serve() {
    Size size = Size.ONE_SMALL;
    List<Zone> zones = BenchServer.zones(size, false);
    if (otherPipelines) {
      for (int hooks : OTHER_PIPELINES) {
        Pollution.run(new BenchServer(zones, hooks), size);
      }
    }
    server = new BenchServer(zones, extraHooks);
    queries = QueryList.of(AnswerKind.HIT, size.zones, size.names, 1 << 12, 3);
    Pollution.run(server, size);
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
