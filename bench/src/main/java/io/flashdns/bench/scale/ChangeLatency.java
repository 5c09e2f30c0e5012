package io.flashdns.bench.scale;

import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.StoreException;
import io.flashdns.transport.BackgroundThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Measures how soon a change of one record in a large zone is seen, and what many changes do to
 * those who ask for other names. Server, writers and askers share a process: there is no door for
 * changes from outside yet. Writers stand for clients of another machine: like the server's own
 * threads that write, they take no time from who answers ({@link BackgroundThread}). Run it with
 * the flags of the JVM that a server has.
 *
 * <ol>
 *   <li>One change at a time: from the return of its commit to the first reply, over UDP on the
 *       loopback interface, that has it.
 *   <li>The most queries a second that come through, without changes.
 *   <li>A share of these on a timetable: latency without changes, then with changes on a timetable
 *       of their own, some of which are looked for as in 1.
 * </ol>
 *
 * <p>Arguments are {@code key=value}: {@code folder=TEMPORARY names=1000000 single=1000
 * changes=1000 writers=16 seconds=60 share=50 load=0 workers=1 index=4096}; these are the defaults.
 * {@code share} is in hundredths of the most queries, {@code load} a number of queries a second
 * instead of that, {@code index} the memory for images in MiB. The last lines are for scripts.
 */
public final class ChangeLatency {
  private static final List<String> KEYS =
      List.of(
          "names", "single", "changes", "writers", "seconds", "share", "load", "workers", "index");
  private static final long LONGEST_NANOS = 60_000_000_000L;
  private static final int OUTSTANDING = 64;
  private static final double PEAK_SECONDS = 5;
  private static final int LOOKED_FOR = 50;

  private final Map<String, Integer> settings = new LinkedHashMap<>();
  private final List<String> lines = new ArrayList<>();

  private ChangeLatency() {
    int[] defaults = {1_000_000, 1_000, 1_000, 16, 60, 50, 0, 1, 4_096};
    for (int i = 0; i < defaults.length; i++) {
      settings.put(KEYS.get(i), defaults[i]);
    }
  }

  /** Runs the measurement and prints it. */
  public static void main(String[] arguments) throws Exception {
    for (String line : run(arguments)) {
      System.out.println(line);
    }
  }

  static List<String> run(String... arguments) throws Exception {
    ChangeLatency latency = new ChangeLatency();
    Path folder = null;
    for (String argument : arguments) {
      String[] pair = argument.split("=", 2);
      if (pair.length == 2 && pair[0].equals("folder")) {
        folder = Files.createDirectories(Path.of(pair[1]));
      } else if (pair.length == 2 && KEYS.contains(pair[0])) {
        latency.settings.put(pair[0], Integer.parseInt(pair[1]));
      } else {
        throw new IllegalArgumentException(
            "'" + argument + "' is no argument: write KEY=NUMBER with one of " + KEYS);
      }
    }
    if (folder == null) {
      folder = Files.createTempDirectory("flashdns-change");
    }
    latency.measure(folder);
    return latency.lines;
  }

  private int setting(String key) {
    return settings.getOrDefault(key, 0);
  }

  private void measure(Path folder) throws Exception {
    int names = setting("names");
    long start = System.nanoTime();
    try (LargeZoneServer server =
            new LargeZoneServer(folder, names, setting("workers"), (long) setting("index") << 20);
        QueryLoad load = new QueryLoad(server.address(), names, 1)) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%,d names, served after %.1f s, settings %s",
              names,
              seconds(start),
              settings));
      Histogram single = new Histogram(LONGEST_NANOS, 3);
      Histogram commits = new Histogram(LONGEST_NANOS, 3);
      one(server, setting("single") / 10, new Histogram(single), new Histogram(single));
      one(server, setting("single"), single, commits);
      lines.add(String.format(Locale.ROOT, "commit, one at a time: %s", said(commits)));
      lines.add(String.format(Locale.ROOT, "visible after the commit: %s", said(single)));
      int perSecond = setting("load");
      if (perSecond == 0) {
        load.closed(OUTSTANDING, PEAK_SECONDS);
        QueryLoad.Outcome peak = load.closed(OUTSTANDING, PEAK_SECONDS);
        lines.add(String.format(Locale.ROOT, "most queries: %,.0f a second", peak.perSecond()));
        perSecond = (int) (peak.perSecond() * setting("share") / 100);
      }
      int seconds = setting("seconds");
      load.open(perSecond, Math.min(5, seconds));
      QueryLoad.Outcome idle = load.open(perSecond, seconds);
      lines.add(String.format(Locale.ROOT, "without changes: %s", said(idle)));
      Histogram looked = new Histogram(LONGEST_NANOS, 3);
      ConcurrentHistogram many = new ConcurrentHistogram(LONGEST_NANOS, 3);
      AtomicLong made = new AtomicLong();
      double[] took = new double[1];
      List<Thread> writers = write(server, many, made, took);
      Thread looker = look(server, looked, seconds);
      QueryLoad.Outcome busy = load.open(perSecond, seconds);
      for (Thread writer : writers) {
        writer.join();
      }
      looker.join();
      lines.add(String.format(Locale.ROOT, "with changes: %s", said(busy)));
      lines.add(
          String.format(
              Locale.ROOT, "%,d changes in %.1f s, commits %s", made.get(), took[0], said(many)));
      lines.add(
          String.format(Locale.ROOT, "visible after the commit, meanwhile: %s", said(looked)));
      double ratio = busy.micros(99) / idle.micros(99);
      figure("visible-p99-ms", single.getValueAtPercentile(99) / 1e6, 10, true);
      figure("visible-p99-ms-under-changes", looked.getValueAtPercentile(99) / 1e6, 10, true);
      figure("changes-a-second", made.get() / took[0], setting("changes") * 0.99, false);
      figure("query-p99-ratio", ratio, 2, true);
      figure("queries-lost", (double) busy.sent() - busy.answered(), 0, true);
      figure("queries-wrong", (double) busy.wrong() + idle.wrong(), 0, true);
    }
  }

  /** Changes one host after the other, and looks for each until it is there. */
  private void one(LargeZoneServer server, int count, Histogram visible, Histogram commits)
      throws IOException, StoreException, InterruptedException {
    SplittableRandom dice = new SplittableRandom(2);
    try (DatagramChannel socket = DatagramChannel.open().connect(server.address())) {
      for (int i = 0; i < count; i++) {
        change(server, socket, dice, visible, commits);
      }
    }
  }

  private void change(
      LargeZoneServer server,
      DatagramChannel socket,
      SplittableRandom dice,
      Histogram visible,
      Histogram commits)
      throws IOException, StoreException, InterruptedException {
    int host = dice.nextInt(setting("names"));
    int address = dice.nextInt() | 1;
    long begin = System.nanoTime();
    long _ = server.change(host, address);
    long committed = System.nanoTime();
    commits.recordValue(committed - begin);
    await(socket, host, address);
    visible.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - committed));
  }

  private static void await(DatagramChannel socket, int host, int address) throws IOException {
    byte[] question = QueryLoad.question(host);
    ByteBuffer message = ByteBuffer.allocateDirect(Wire.MAX_MESSAGE_BYTES);
    long patience = System.nanoTime() + LONGEST_NANOS;
    short id = 0;
    do {
      if (System.nanoTime() - patience > 0) {
        throw new IOException("the change of h" + host + " is not seen for a minute");
      }
      message.clear().put(question).flip().putShort(0, ++id);
      socket.write(message);
      do {
        message.clear();
        socket.read(message);
      } while (message.getShort(0) != id);
      message.flip();
    } while (QueryLoad.address(message) != address);
  }

  private List<Thread> write(
      LargeZoneServer server, ConcurrentHistogram commits, AtomicLong made, double[] took) {
    int writers = setting("writers");
    long count = (long) setting("changes") * setting("seconds");
    long start = System.nanoTime();
    AtomicLong next = new AtomicLong();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      SplittableRandom dice = new SplittableRandom(100 + i);
      threads.add(
          BackgroundThread.factory("writer-" + i)
              .newThread(
                  () -> {
                    try {
                      for (long n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                        pause(start + n * 1_000_000_000L / setting("changes"));
                        long begin = System.nanoTime();
                        long _ = server.change(dice.nextInt(setting("names")), dice.nextInt() | 1);
                        commits.recordValue(Math.min(LONGEST_NANOS, System.nanoTime() - begin));
                        if (made.incrementAndGet() == count) {
                          took[0] = seconds(start);
                        }
                      }
                    } catch (StoreException | InterruptedException e) {
                      throw new IllegalStateException(e);
                    }
                  }));
    }
    threads.forEach(Thread::start);
    return threads;
  }

  private Thread look(LargeZoneServer server, Histogram visible, int seconds) {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    Thread thread =
        BackgroundThread.factory("looker")
            .newThread(
                () -> {
                  SplittableRandom dice = new SplittableRandom(3);
                  Histogram commits = new Histogram(LONGEST_NANOS, 3);
                  try (DatagramChannel socket = DatagramChannel.open().connect(server.address())) {
                    while (System.nanoTime() - end < 0) {
                      change(server, socket, dice, visible, commits);
                      LockSupport.parkNanos(1_000_000_000L / LOOKED_FOR);
                    }
                  } catch (IOException | StoreException | InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                });
    thread.start();
    return thread;
  }

  private static void pause(long until) {
    for (long early = until - System.nanoTime(); early > 0; early = until - System.nanoTime()) {
      LockSupport.parkNanos(early);
    }
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static String said(Histogram nanos) {
    return String.format(
        Locale.ROOT,
        "p50 %.3f ms, p99 %.3f ms, max %.3f ms of %,d",
        nanos.getValueAtPercentile(50) / 1e6,
        nanos.getValueAtPercentile(99) / 1e6,
        nanos.getMaxValue() / 1e6,
        nanos.getTotalCount());
  }

  private static String said(QueryLoad.Outcome outcome) {
    return String.format(
        Locale.ROOT,
        "%,.0f queries a second, %d lost, %d wrong, p50 %.0f us, p99 %.0f us, p99.9 %.0f us",
        outcome.perSecond(),
        outcome.sent() - outcome.answered(),
        outcome.wrong(),
        outcome.micros(50),
        outcome.micros(99),
        outcome.micros(99.9));
  }

  private void figure(String name, double figure, double goal, boolean atMost) {
    boolean pass = atMost ? figure <= goal : figure >= goal;
    lines.add(
        String.format(
            Locale.ROOT,
            "change-latency.%s %.3f %s %s",
            name,
            figure,
            goal,
            pass ? "pass" : "fail"));
  }
}
