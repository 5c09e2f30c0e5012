package io.flashdns.bench.compare;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What is compared, and how.
 *
 * @param parts what is measured
 * @param rounds of each measurement
 * @param duration of a round
 * @param warmUpRounds rounds before them that do not count
 * @param lists of questions: hit, mix, nx
 * @param sockets source ports of the load
 * @param window queries out on each of them
 * @param spread source ports of a second measurement of the cost, each for one query at a time; 0
 *     for none
 * @param threads of the load generator
 * @param pause how long the longest pause is looked for, in each round
 * @param first seconds after the start that are looked at
 * @param signedZones zones that are signed
 * @param folder where zones, configurations and outputs lie
 * @param port from which on free ones are taken
 */
record CompareSettings(
    Set<Part> parts,
    int rounds,
    Duration duration,
    int warmUpRounds,
    List<String> lists,
    int sockets,
    int window,
    int spread,
    int threads,
    Duration pause,
    int first,
    int signedZones,
    Path folder,
    int port) {
  CompareSettings {
    parts = Set.copyOf(parts);
    lists = List.copyOf(lists);
  }

  double seconds() {
    return duration.toNanos() / 1e9;
  }
}
