package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Which processors are whose. The server under test has the first of those that this process may
 * use, the load generator all others.
 *
 * @param all processors of this process, two at least
 */
record Cores(List<Integer> all) {
  Cores {
    all = List.copyOf(all);
    if (all.size() < 2) {
      throw new IllegalArgumentException("no two processors");
    }
  }

  /** Those that this process may use. */
  static Cores ofProcess() throws CompareException {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("Cpus_allowed_list:")) {
          List<Integer> all = parse(line.substring(line.indexOf(':') + 1).strip());
          if (all.size() < 2) {
            throw new CompareException(
                "a comparison needs two processors, one for the server and one for the load"
                    + " generator, and this process may use "
                    + all.size()
                    + ": run it on a larger machine or widen its taskset");
          }
          return new Cores(all);
        }
      }
    } catch (IOException e) {
      throw new CompareException("a comparison needs Linux: " + e.getMessage(), e);
    }
    throw new CompareException("a comparison needs Linux: /proc/self/status names no processors");
  }

  /** Reads {@code 0-3,8}. */
  static List<Integer> parse(String list) {
    List<Integer> all = new ArrayList<>();
    for (String range : list.split(",", -1)) {
      int dash = range.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? range : range.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(range.substring(dash + 1));
      for (int i = first; i <= last; i++) {
        all.add(i);
      }
    }
    return all;
  }

  /**
   * The processors of a server with so many workers. With all of them taken the last one is shared
   * with the load generator.
   */
  String server(int workers) {
    return list(all.subList(0, Math.min(workers, all.size())));
  }

  /** The processors of the load generator beside a server with so many workers. */
  String generator(int workers) {
    return list(all.subList(Math.min(workers, all.size() - 1), all.size()));
  }

  /** Whether such a server and the load generator share a processor. */
  boolean isShared(int workers) {
    return workers >= all.size();
  }

  private static String list(List<Integer> processors) {
    return processors.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  /** Moves all threads of this process to processors. Threads that begin later follow. */
  static void pinSelf(String processors) throws CompareException, InterruptedException {
    try {
      Process taskset =
          new ProcessBuilder(
                  "taskset", "-acp", processors, Long.toString(ProcessHandle.current().pid()))
              .redirectErrorStream(true)
              .start();
      String said = new String(taskset.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (taskset.waitFor() != 0) {
        throw new CompareException(
            "the load generator could not be pinned to processors "
                + processors
                + ": "
                + said.strip().replace('\n', ' '));
      }
    } catch (IOException e) {
      throw new CompareException(
          "the program taskset is not there: install the package util-linux", e);
    }
  }
}
