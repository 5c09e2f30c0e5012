package io.flashdns.bench.compare;

/** A number that a round measures, with its unit. */
enum Figure {
  CPU_MICROS("serverMicrosPerQuery", "CPU per query", "µs", Better.LESS, 3),
  RATE("queriesPerSecond", "Queries a second", "", Better.MORE, 0),
  RATE_PER_CPU("queriesPerCpuSecond", "Queries per CPU second", "", Better.MORE, 0),
  P50("p50Micros", "Latency, p50", "µs", Better.LESS, 0),
  P99("p99Micros", "Latency, p99", "µs", Better.LESS, 0),
  P9999("p9999Micros", "Latency, p99.99", "µs", Better.LESS, 0),
  MAX("maxMicros", "Longest latency", "µs", Better.LESS, 0),
  RESIDENT("residentMiB", "Resident memory", "MiB", Better.LESS, 0),
  READY("readySeconds", "Start to first answer", "s", Better.LESS, 2),
  SHARE_OF_PEAK("shareOfPeak", "Share of the own peak", "%", Better.MORE, 1),
  SHARE_ANSWERED("shareAnswered", "Share answered", "%", Better.MORE, 2),
  TIMES_PEAK("floodTimesPeak", "Flood, times the own peak", "×", Better.NEITHER, 2),
  REPLY_BYTES("replyBytes", "Octets of a reply", "", Better.NEITHER, 0);

  /** Which of two numbers is the better one. */
  enum Better {
    LESS,
    MORE,
    NEITHER
  }

  private final String key;
  private final String title;
  private final String unit;
  private final Better better;
  private final int digits;

  Figure(String key, String title, String unit, Better better, int digits) {
    this.key = key;
    this.title = title;
    this.unit = unit;
    this.better = better;
    this.digits = digits;
  }

  /** Its name in JSON, with the unit. */
  String key() {
    return key;
  }

  Better better() {
    return better;
  }

  /** Title and unit, as over a table. */
  String heading() {
    return unit.isEmpty() ? title : title + ", " + unit;
  }

  /** A value as it is written, without its unit. */
  String text(double value) {
    return String.format(java.util.Locale.ROOT, "%,." + digits + "f", value);
  }

  /** True when {@code one} is better than {@code other}. */
  boolean isBetter(double one, double other) {
    return switch (better) {
      case LESS -> one < other;
      case MORE -> one > other;
      case NEITHER -> false;
    };
  }

  /** The figure of a key. */
  static Figure ofKey(String key) {
    for (Figure figure : values()) {
      if (figure.key.equals(key)) {
        return figure;
      }
    }
    throw new IllegalArgumentException("no figure is named " + key);
  }
}
