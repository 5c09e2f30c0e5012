package io.flashdns.bench.micro;

import io.flashdns.core.engine.Worker;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From a message in the worker's array to the reply in the other: all of the server but the socket.
 * An operation is one message, copied in from a list of {@value #QUERIES} in random order.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AnswerBench {
  static final int QUERIES = 1 << 18;

  /** What is asked. */
  @Param public AnswerKind kind = AnswerKind.HIT;

  /** What is served. */
  @Param public Size size = Size.ONE_SMALL;

  private QueryList queries = QueryList.of(AnswerKind.HIT, 1, 20, 1, 0);
  private BenchServer server = new BenchServer(List.of(), 0);

  /** Builds the zones, and lets the worker see everything once. */
  @Setup
  public void serve() {
    serve(QUERIES);
  }

  void serve(int questions) {
    server = new BenchServer(BenchServer.zones(size, kind.isSigned()), 0);
    queries = QueryList.of(kind, size.zones, size.names, questions, 3);
    Pollution.run(server, size);
  }

  /** A message on its own. */
  @Benchmark
  public int single() {
    return server.ask(queries);
  }

  /** Messages in batches of {@link Worker#BATCH}, as they come from a busy socket. */
  @Benchmark
  @OperationsPerInvocation(Worker.BATCH)
  public int batch() {
    return server.askBatch(queries);
  }

  BenchServer server() {
    return server;
  }
}
