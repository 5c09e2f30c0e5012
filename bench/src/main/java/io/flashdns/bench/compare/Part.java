package io.flashdns.bench.compare;

import java.util.List;
import java.util.Locale;

/** What is compared. */
enum Part {
  COST("Processor time per query", Figure.CPU_MICROS, Figure.RATE, Figure.P99, Figure.RESIDENT),
  TCP("By TCP", Figure.RATE_PER_CPU, Figure.CPU_MICROS, Figure.RATE, Figure.P99),
  SIGNED("Signed zones", Figure.CPU_MICROS, Figure.RATE, Figure.P99, Figure.REPLY_BYTES),
  START("Start and memory", Figure.READY, Figure.RESIDENT),
  FIRST("First seconds after the start", Figure.SHARE_OF_PEAK, Figure.P99, Figure.RATE),
  CURVE("Latency over offered load", Figure.P99, Figure.P50, Figure.SHARE_ANSWERED),
  PAUSE("Longest pauses", Figure.P9999, Figure.MAX, Figure.P99, Figure.P50),
  FLOOD("Flood of random names", Figure.SHARE_ANSWERED, Figure.P99, Figure.TIMES_PEAK),
  WORKERS("Two workers against one", Figure.CPU_MICROS, Figure.RATE, Figure.P99);

  private final String title;

  @SuppressWarnings("ImmutableEnumChecker") // of List.of
  private final List<Figure> figures;

  Part(String title, Figure... figures) {
    this.title = title;
    this.figures = List.of(figures);
  }

  String title() {
    return title;
  }

  /** What its rounds measure, the most telling one first. */
  List<Figure> figures() {
    return figures;
  }

  /** As it is written on the command line. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
