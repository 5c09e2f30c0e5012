package io.flashdns.bench.compare;

import io.flashdns.bench.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report as Markdown, in the form of the project's results. */
final class Markdown {
  static final String LEGEND =
      "Medians; in brackets the least and the most. † fewer than three rounds, ≈ rounds that lie"
          + " more than a fifth of their median apart: neither of these says much.";

  private Markdown() {}

  /**
   * The whole text.
   *
   * @param rawFile name of the file that has all rounds
   */
  static String of(Results results, String rawFile) {
    StringBuilder text = new StringBuilder();
    Origin origin = results.origin();
    text.append("## %s · Side by side\n\n".formatted(origin.date().toString().substring(0, 10)));
    text.append(method(results)).append("\n\n");
    text.append("All rounds: [%s](%s).\n\n".formatted(rawFile, rawFile));
    for (String note : results.notes()) {
      text.append("- ").append(note).append('\n');
    }
    text.append("\n").append(LEGEND).append("\n");
    for (Part part : results.parts()) {
      for (String workload : results.workloads(part)) {
        text.append("\n### %s: %s\n".formatted(part.title(), workload));
        for (Figure figure : part.figures()) {
          text.append(table(results, part, workload, figure));
        }
      }
    }
    statements(text, results);
    faults(text, results);
    return text.toString();
  }

  /** How it was measured, in a few sentences. */
  static String method(Results results) {
    Origin origin = results.origin();
    Map<String, String> settings = results.settings();
    StringBuilder servers = new StringBuilder();
    results
        .versions()
        .forEach(
            (title, version) ->
                servers
                    .append(servers.isEmpty() ? "" : ", ")
                    .append(title)
                    .append(' ')
                    .append(version));
    return """
    %s, %d processors, %s, %s; commit %s. %s. The server has one worker on processor %s, the load \
    generator %s; servers are asked in turn, round after round: %s rounds of %s s after %s of \
    warm-up, %s source ports with %s queries out on each. Load average at the end: %s. Processor \
    time is that of the whole process tree, collector and compiler included.\
    """
        .formatted(
            origin.cpu(),
            origin.cores(),
            origin.system(),
            origin.jdk(),
            origin.commit(),
            servers,
            settings.getOrDefault("serverProcessor", "?"),
            settings.getOrDefault("generatorProcessors", "?"),
            settings.getOrDefault("rounds", "?"),
            settings.getOrDefault("secondsOfARound", "?"),
            settings.getOrDefault("warmUpRounds", "?"),
            settings.getOrDefault("sockets", "?"),
            settings.getOrDefault("windowOfASocket", "?"),
            settings.getOrDefault("loadAverageAtTheEnd", "?"));
  }

  private static String table(Results results, Part part, String workload, Figure figure) {
    Grid grid = Grid.of(results, part, workload, figure);
    if (grid.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("\n");
    row(text, grid.head());
    row(text, grid.head().stream().map(_ -> "---").toList());
    grid.rows().forEach(cells -> row(text, cells));
    return text.toString();
  }

  private static void row(StringBuilder text, List<String> cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  private static void statements(StringBuilder text, Results results) {
    for (String build : results.baselines()) {
      list(
          text,
          "Where %s is better than the best peer".formatted(build),
          Statement.of(results, build, true));
      list(
          text,
          "Where a peer is better than %s".formatted(build),
          Statement.of(results, build, false));
    }
  }

  private static void list(StringBuilder text, String title, List<String> sentences) {
    text.append("\n### ").append(title).append("\n\n");
    if (sentences.isEmpty()) {
      text.append("Nowhere in this run.\n");
    }
    sentences.forEach(sentence -> text.append("- ").append(sentence).append('\n'));
  }

  private static void faults(StringBuilder text, Results results) {
    text.append("\n### Lost and wrong\n\n");
    row(text, Grid.FAULT_HEAD);
    row(text, Grid.FAULT_HEAD.stream().map(_ -> "---").toList());
    Grid.faultRows(results).forEach(cells -> row(text, cells));
    for (String fault : wrong(results)) {
      text.append("\n- ").append(fault);
    }
    text.append('\n');
  }

  /** The first wrong replies of each server. */
  static List<String> wrong(Results results) {
    List<String> all = new ArrayList<>();
    for (Round round : results.rounds()) {
      for (String fault : round.faults()) {
        String sentence =
            String.format(Locale.ROOT, "%s, %s: %s", round.server(), round.variant(), fault);
        if (all.size() < 20 && !all.contains(sentence)) {
          all.add(sentence);
        }
      }
    }
    return all;
  }
}
