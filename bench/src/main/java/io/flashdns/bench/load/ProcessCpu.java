package io.flashdns.bench.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Processor time of processes and of those that they started, from Linux's {@code /proc}. The
 * kernel tells it in hundredths of a second, over all threads, also those that have ended.
 */
final class ProcessCpu {
  private static final long TICK_NANOS = 10_000_000;

  /** Fields of {@code stat} after the name in parentheses: user and system time. */
  private static final int UTIME = 11;

  private static final int STIME = 12;

  private final List<Long> roots;
  private final Map<Long, Long> atStart;

  private ProcessCpu(List<Long> roots, Map<Long, Long> atStart) {
    this.roots = roots;
    this.atStart = atStart;
  }

  /**
   * Starts to count.
   *
   * @throws LoadException when there is no such process, or its time may not be read
   */
  static ProcessCpu start(List<Long> pids) throws LoadException {
    for (long pid : pids) {
      try {
        ticks(pid);
      } catch (IOException e) {
        throw new LoadException(
            "there is no process " + pid + " whose processor time could be read (--server-pid)", e);
      }
    }
    return new ProcessCpu(pids, all(pids));
  }

  /** Time since the start; of processes that ended meanwhile what they had is not known. */
  long nanos() {
    long ticks = 0;
    for (Map.Entry<Long, Long> process : all(roots).entrySet()) {
      ticks += process.getValue() - atStart.getOrDefault(process.getKey(), 0L);
    }
    return ticks * TICK_NANOS;
  }

  private static Map<Long, Long> all(List<Long> pids) {
    Map<Long, Long> ticks = new HashMap<>();
    for (long root : pids) {
      List<Long> tree = new ArrayList<>(List.of(root));
      ProcessHandle.of(root)
          .ifPresent(handle -> handle.descendants().forEach(child -> tree.add(child.pid())));
      for (long pid : tree) {
        try {
          ticks.put(pid, ticks(pid));
        } catch (IOException _) {
          // has ended meanwhile
        }
      }
    }
    return ticks;
  }

  private static long ticks(long pid) throws IOException {
    // A name may be anything.
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
  }
}
