package io.flashdns.bench.load;

import com.sun.management.OperatingSystemMXBean;
import io.flashdns.bench.load.LoadSettings.Protocol;
import io.flashdns.bench.load.Tally.Seen;
import io.flashdns.transport.QuerySocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Makes one load and says what became of it.
 *
 * <pre>{@code
 * LoadResult result = new Load(LoadSettings.of(server, queries)).run(second -> {});
 * }</pre>
 *
 * <p>{@link #run} may be called once, by any thread; {@link #stop} by any thread.
 */
public final class Load {
  private static final long START_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
  private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** After this time without a reply a refusal is taken as the last word. */
  private static final long REFUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** A shorter rest of a second belongs to the second before. */
  private static final long LAST_NANOS = SECOND_NANOS / 10;

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final LoadSettings settings;
  private final List<QuerySocket> sockets = new ArrayList<>();
  private final List<Tally> tallies = new ArrayList<>();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private volatile boolean stopped;
  private volatile @Nullable Course course;

  /** A load that is not made yet. */
  public Load(LoadSettings settings) {
    this.settings = settings;
  }

  /**
   * Opens the sockets, makes the load, waits for the last replies, and closes the sockets.
   *
   * @param eachSecond hears how it goes, on the calling thread
   * @throws LoadException when it cannot be made, or nobody listens
   * @throws InterruptedException when the caller was interrupted; the load has ended then
   */
  public LoadResult run(Consumer<LoadSecond> eachSecond)
      throws LoadException, InterruptedException {
    try (Messages messages = new Messages(settings.queries(), settings.edns())) {
      List<Thread> threads = new ArrayList<>();
      try {
        open();
        Before atOnce = new Before(settings, 0);
        Course made = new Course(settings, messages, System.nanoTime() + START_NANOS);
        course = made;
        if (stopped) {
          made.end();
        }
        for (int i = 0; i < settings.threads(); i++) {
          Tally tally = new Tally();
          tallies.add(tally);
          threads.add(
              Thread.ofPlatform().daemon().name("load-" + i).unstarted(work(made, i, tally)));
        }
        threads.forEach(Thread::start);
        return watch(made, threads, eachSecond, atOnce);
      } finally {
        Course made = course;
        if (made != null) {
          made.abandon();
        }
        for (Thread thread : threads) {
          end(thread);
        }
        sockets.forEach(QuerySocket::close);
      }
    }
  }

  /** Ends the load early: nothing more is sent, and {@link #run} returns what there is. */
  public void stop() {
    stopped = true;
    Course made = course;
    if (made != null) {
      made.end();
    }
  }

  private void open() throws LoadException {
    if (settings.protocol() != Protocol.UDP) {
      return;
    }
    String reason = QuerySocket.unavailable();
    if (reason != null) {
      throw new LoadException("the load generator " + reason);
    }
    for (int i = 0; i < settings.sockets(); i++) {
      try {
        sockets.add(
            QuerySocket.open(settings.server(), source(settings, i), settings.bufferBytes()));
      } catch (IOException e) {
        throw new LoadException(socketSentence(i, settings.sockets(), e), e);
      }
    }
  }

  /** The address that a socket asks from; null for any. */
  static @Nullable InetAddress source(LoadSettings settings, int socket) {
    List<InetAddress> sources = settings.sources();
    return sources.isEmpty() ? null : sources.get(socket % sources.size());
  }

  static String socketSentence(int socket, int sockets, IOException e) {
    String message = String.valueOf(e.getMessage());
    return "cannot open socket %d of %d: %s%s"
        .formatted(
            socket + 1,
            sockets,
            message,
            message.contains("open files")
                ? "; raise the limit (ulimit -n) or ask from fewer sockets (-c)"
                : "");
  }

  private Runnable work(Course made, int thread, Tally tally) {
    int all = settings.sockets();
    int first = (int) ((long) all * thread / settings.threads());
    int next = (int) ((long) all * (thread + 1) / settings.threads());
    return () -> {
      try {
        switch (settings.protocol()) {
          case UDP -> new UdpLoop(made, thread, sockets.subList(first, next), first, tally).run();
          case TCP -> new TcpLoop(made, thread, first, next - first, tally).run();
        }
      } catch (Throwable e) {
        failure.compareAndSet(null, e);
        made.end();
      } finally {
        made.sent(thread);
      }
    };
  }

  /** What had been used before the measurement. */
  private static final class Before {
    final long received;
    final ProcessCpu server;
    final long generatorCpu = SYSTEM.getProcessCpuTime();

    Before(LoadSettings settings, long received) throws LoadException {
      this.received = received;
      server = ProcessCpu.start(settings.serverPids());
    }
  }

  /** Looks on until the threads have ended, and adds up what they counted. */
  private LoadResult watch(
      Course made, List<Thread> threads, Consumer<LoadSecond> eachSecond, Before atOnce)
      throws LoadException, InterruptedException {
    Before used = atOnce;
    if (settings.warmUp().isPositive()) {
      made.awaitSent(made.countFromNanos);
      used = new Before(settings, value(seen(), Seen.RECEIVED));
    }
    Instant startedAt = Instant.now();
    long start = made.countFromNanos;
    long from = start;
    Map<Seen, Long> before = new EnumMap<>(Seen.class);
    List<LoadSecond> seconds = new ArrayList<>();
    boolean sent = false;
    for (int i = 1; !sent; i++) {
      long until = start + i * SECOND_NANOS;
      sent = made.awaitSent(made.endNanos() - until < LAST_NANOS ? Long.MAX_VALUE : until);
      long now = System.nanoTime();
      Map<Seen, Long> after = seen();
      LoadSecond second = second(i, Math.max(1, now - from), before, after);
      seconds.add(second);
      eachSecond.accept(second);
      before = after;
      from = now;
      refuseSilence(after, now - made.startNanos);
    }
    long generatorCpu = SYSTEM.getProcessCpuTime() - used.generatorCpu;
    long serverCpu = settings.serverPids().isEmpty() ? -1 : used.server.nanos();
    for (Thread thread : threads) {
      thread.join();
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw thrown instanceof UncheckedIOException e
          ? new LoadException(cause(e), e)
          : new LoadException("the load generator failed: " + thrown, thrown);
    }
    refuseSilence(seen(), Long.MAX_VALUE);
    double took = Math.max(1, from - start) / 1e9;
    long received = value(before, Seen.RECEIVED);
    return sum(
        startedAt, took, received, received - used.received, seconds, generatorCpu, serverCpu);
  }

  /** Where nothing comes but "nobody listens here", that is what is to be said. */
  private void refuseSilence(Map<Seen, Long> seen, long sinceNanos) throws LoadException {
    if (sinceNanos > REFUSED_NANOS
        && value(seen, Seen.RECEIVED) == 0
        && value(seen, Seen.REFUSALS) > 0) {
      throw new LoadException(
          "nobody listens on %s port %d (%s)"
              .formatted(
                  settings.server().getAddress().getHostAddress(),
                  settings.server().getPort(),
                  settings.protocol()));
    }
  }

  private Map<Seen, Long> seen() {
    Map<Seen, Long> sums = new EnumMap<>(Seen.class);
    for (Seen what : Seen.values()) {
      long sum = 0;
      for (Tally tally : tallies) {
        sum += tally.seen(what);
      }
      sums.put(what, sum);
    }
    return sums;
  }

  private static long value(Map<Seen, Long> seen, Seen what) {
    return seen.getOrDefault(what, 0L);
  }

  private static LoadSecond second(
      int number, long nanos, Map<Seen, Long> before, Map<Seen, Long> after) {
    long received = value(after, Seen.RECEIVED) - value(before, Seen.RECEIVED);
    long latency = value(after, Seen.LATENCY_NANOS) - value(before, Seen.LATENCY_NANOS);
    return new LoadSecond(
        number,
        nanos / 1e9,
        value(after, Seen.SENT) - value(before, Seen.SENT),
        received,
        value(after, Seen.LOST) - value(before, Seen.LOST),
        value(after, Seen.WRONG) - value(before, Seen.WRONG),
        value(after, Seen.OUTSTANDING),
        value(after, Seen.BACKLOG),
        received == 0 ? Double.NaN : latency / 1e3 / received);
  }

  private LoadResult sum(
      Instant startedAt,
      double seconds,
      long receivedWhileSending,
      long receivedWithCpu,
      List<LoadSecond> perSecond,
      long generatorCpu,
      long serverCpu) {
    Histogram latency = new Histogram(tallies.getFirst().latencyNanos);
    long[] rcodes = new long[Tally.RCODES];
    List<String> faults = new ArrayList<>();
    for (Tally tally : tallies) {
      latency.add(tally.latencyNanos);
      Arrays.setAll(rcodes, i -> rcodes[i] + tally.rcodes[i]);
      faults.addAll(tally.faults);
    }
    return new LoadResult(
        settings,
        startedAt,
        seconds,
        sum(tally -> tally.sent),
        sum(tally -> tally.received),
        receivedWhileSending,
        sum(tally -> tally.lost),
        sum(tally -> tally.notSent),
        sum(tally -> tally.maxBacklog),
        new LoadResult.Wrong(
            sum(tally -> tally.wrongQuestion),
            sum(tally -> tally.wrongRcode),
            sum(tally -> tally.wrongAnswers)),
        sum(tally -> tally.duplicates),
        sum(tally -> tally.late),
        sum(tally -> tally.strays),
        sum(tally -> tally.malformed),
        sum(tally -> tally.truncated),
        sum(tally -> tally.refusals),
        sum(tally -> tally.connections),
        sum(tally -> tally.failedConnections),
        Arrays.stream(rcodes).boxed().toList(),
        sum(tally -> tally.replyBytes),
        latency,
        perSecond,
        receivedWithCpu,
        generatorCpu,
        sum(tally -> tally.cpuNanos),
        serverCpu,
        faults);
  }

  private long sum(ToLongFunction<Tally> number) {
    return tallies.stream().mapToLong(number).sum();
  }

  private static String cause(UncheckedIOException e) {
    Throwable cause = e.getCause();
    return String.valueOf((cause == null ? e : cause).getMessage());
  }

  /** Waits for a thread that is about to end, also when interrupted. */
  private static void end(Thread thread) {
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
