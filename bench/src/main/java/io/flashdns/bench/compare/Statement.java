package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Results.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Sentences that the figures support, those against this server among them. */
final class Statement {
  /** Nearer than this to a peer is neither better nor worse. */
  private static final double ALIKE = 0.03;

  private Statement() {}

  /** What of a part is compared in sentences: its first figure, and memory. */
  static boolean isHeadline(Part part, Figure figure) {
    return figure == part.figures().getFirst() || (figure == Figure.RESIDENT && part == Part.START);
  }

  /**
   * Where a build is better than all peers, or where one of them is better: a sentence for each
   * part and figure, with all its variants.
   *
   * @param better which of both
   */
  static List<String> of(Results results, String build, boolean better) {
    List<String> sentences = new ArrayList<>();
    for (Part part : results.parts()) {
      for (String workload : results.workloads(part)) {
        for (Figure figure : part.figures()) {
          List<String> cases = new ArrayList<>();
          for (String variant : results.variants(part, workload)) {
            String one = of(results, new Line(part, workload, variant), figure, build, better);
            if (one != null) {
              cases.add(one);
            }
          }
          if (!cases.isEmpty() && (isHeadline(part, figure) || !better)) {
            sentences.add(
                "%s, %s, %s: %s"
                    .formatted(part.title(), workload, figure.heading(), String.join("; ", cases)));
          }
        }
      }
    }
    return sentences;
  }

  private static @Nullable String of(
      Results results, Line line, Figure figure, String build, boolean better) {
    Line peers = peerLine(results, line);
    String peer = results.bestPeer(peers, figure);
    Spread own = results.spreads(line, figure).get(build);
    Spread other = peer == null ? null : results.spreads(peers, figure).get(peer);
    if (own == null || other == null || figure.better() == Figure.Better.NEITHER) {
      return null;
    }
    boolean alike = Math.abs(own.median() - other.median()) <= ALIKE * other.median();
    if (alike || figure.isBetter(own.median(), other.median()) != better) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        "%s %s against %s of %s, %.2f ×%s",
        line.variant(),
        figure.text(own.median()),
        figure.text(other.median()),
        peer,
        own.median() / other.median(),
        doubt(own, other));
  }

  /** A first start of this server has no like among the peers: theirs is always one. */
  static Line peerLine(Results results, Line line) {
    return line.part() == Part.START && line.variant().equals(StartParts.EMPTY)
        ? new Line(line.part(), line.workload(), StartParts.AGAIN)
        : line;
  }

  private static String doubt(Spread own, Spread other) {
    if (own.isOfFew() || other.isOfFew()) {
      return " (few rounds)";
    }
    return own.isWide() || other.isWide() ? " (rounds far apart)" : "";
  }
}
