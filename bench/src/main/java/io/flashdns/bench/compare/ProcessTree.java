package io.flashdns.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A process and all that it started, from Linux's {@code /proc}. */
final class ProcessTree {
  private static final String RESIDENT = "VmRSS:";

  private ProcessTree() {}

  /** The processes that live now, the first one itself among them. */
  static List<ProcessHandle> of(ProcessHandle first) {
    return Stream.concat(Stream.of(first), first.descendants())
        .filter(ProcessHandle::isAlive)
        .toList();
  }

  /** Resident memory of all of them; what they share is counted for each. */
  static double residentMiB(ProcessHandle first) {
    double kiB = 0;
    for (ProcessHandle process : of(first)) {
      try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
        kiB +=
            lines
                .filter(line -> line.startsWith(RESIDENT))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                .sum();
      } catch (IOException | java.io.UncheckedIOException _) {
        // has ended meanwhile
      }
    }
    return kiB / 1024;
  }
}
