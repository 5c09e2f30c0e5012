package io.flashdns.bench.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that make a load fail: bounds on what became of it. */
final class Limits {
  @Option(
      names = "--max-wrong",
      paramLabel = "N",
      description = "Status 1 when more replies than this were wrong.")
  private @Nullable Long maxWrong;

  @Option(
      names = "--max-lost",
      paramLabel = "N",
      description =
          "Status 1 when more queries than this were lost, or not sent at their planned time.")
  private @Nullable Long maxLost;

  @Option(
      names = "--max-p99",
      paramLabel = "TIME",
      description = "Status 1 when the 99th percentile of the latency is above: 900us, 2.5ms, 1s.")
  private @Nullable String maxP99;

  /**
   * A bound and what was found.
   *
   * @param name as {@code p99Micros}
   */
  record Verdict(String name, double found, double bound) {
    boolean holds() {
      return found <= bound;
    }
  }

  /** Throws where a bound cannot be understood. */
  void check() {
    if (maxP99 != null) {
      micros(maxP99);
    }
  }

  /** What of the bounds holds. */
  List<Verdict> of(LoadResult result) {
    List<Verdict> verdicts = new ArrayList<>();
    if (maxWrong != null) {
      verdicts.add(new Verdict("wrong", result.wrong().total(), maxWrong));
    }
    if (maxLost != null) {
      verdicts.add(new Verdict("lost", result.lost() + result.notSent(), maxLost));
    }
    if (maxP99 != null) {
      verdicts.add(new Verdict("p99Micros", result.latencyMicros(99), micros(maxP99)));
    }
    return verdicts;
  }

  private static double micros(String text) {
    String[] units = {"us", "ms", "s"};
    double[] factors = {1, 1e3, 1e6};
    String word = text.toLowerCase(Locale.ROOT);
    for (int i = 0; i < units.length; i++) {
      if (word.endsWith(units[i])) {
        try {
          double number = Double.parseDouble(word.substring(0, word.length() - units[i].length()));
          if (number > 0) {
            return number * factors[i];
          }
        } catch (NumberFormatException _) {
          // said below
        }
        break;
      }
    }
    throw new IllegalArgumentException(
        "--max-p99: '" + text + "' is no time; write a number and us, ms or s, as 2.5ms");
  }
}
