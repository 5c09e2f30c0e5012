package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A control group of Linux that holds a server to a part of one processor, so that one generator
 * can ask many times what the server can do. Both generations of control groups are known; either
 * takes root.
 *
 * <p>The processor is given in short periods: a server that has used its part waits for the next
 * one, and so do its replies.
 */
final class CpuShare implements AutoCloseable {
  private static final Path FIRST_GENERATION = Path.of("/sys/fs/cgroup/cpu");
  private static final Path SECOND_GENERATION = Path.of("/sys/fs/cgroup");
  private static final String PROCESSES = "cgroup.procs";

  /** The kernel grants no less in a period. */
  private static final long LEAST_QUOTA_MICROS = 1_000;

  private static final long PERIOD_MICROS = 10_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Path group;
  private final Path parent;

  private CpuShare(Path group, Path parent) {
    this.group = group;
    this.parent = parent;
  }

  /**
   * Holds processes, with all that they started, to a part of one processor.
   *
   * @param share above 0, up to 1
   * @throws IOException when this process may not, or there are no control groups
   */
  static CpuShare hold(String name, List<Long> pids, double share) throws IOException {
    boolean first = Files.isWritable(FIRST_GENERATION.resolve(PROCESSES));
    Path parent = first ? FIRST_GENERATION : SECOND_GENERATION;
    if (!first && !controlsProcessors()) {
      throw new IOException("no control group for processors may be made here, root may");
    }
    CpuShare made = new CpuShare(Files.createDirectory(parent.resolve(name)), parent);
    try {
      made.limit(first, share);
      for (long pid : pids) {
        for (ProcessHandle process : ProcessHandle.of(pid).map(ProcessTree::of).orElse(List.of())) {
          write(made.group.resolve(PROCESSES), Long.toString(process.pid()));
        }
      }
      return made;
    } catch (IOException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private static boolean controlsProcessors() throws IOException {
    Path controllers = SECOND_GENERATION.resolve("cgroup.subtree_control");
    return Files.isWritable(controllers)
        && List.of(Files.readString(controllers).strip().split(" ", -1)).contains("cpu");
  }

  private void limit(boolean first, double share) throws IOException {
    long period = Math.max(PERIOD_MICROS, (long) Math.ceil(LEAST_QUOTA_MICROS / share));
    long quota = Math.max(LEAST_QUOTA_MICROS, Math.round(period * share));
    if (first) {
      write(group.resolve("cpu.cfs_period_us"), Long.toString(period));
      write(group.resolve("cpu.cfs_quota_us"), Long.toString(quota));
    } else {
      write(group.resolve("cpu.max"), quota + " " + period);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.write(file, text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Sets the processes free, and takes the group away. */
  @Override
  public void close() throws IOException {
    long begin = System.nanoTime();
    while (true) {
      for (String pid : Files.readAllLines(group.resolve(PROCESSES))) {
        try {
          write(parent.resolve(PROCESSES), pid);
        } catch (IOException _) {
          // has ended meanwhile
        }
      }
      try {
        Files.delete(group);
        return;
      } catch (IOException e) {
        // The kernel takes a moment.
        if (System.nanoTime() - begin > PATIENCE_NANOS) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }
}
