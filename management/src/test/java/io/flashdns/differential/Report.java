package io.flashdns.differential;

import io.flashdns.differential.Comparison.Peer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xbill.DNS.Rcode;

/** Counts of a run. One thread. */
final class Report {
  private static final int MOST_EXAMPLES = 10;

  private final String title;
  private final long startNanos = System.nanoTime();
  private final Map<NameKind, Integer> kinds = new EnumMap<>(NameKind.class);
  private final Map<String, Integer> rcodes = new TreeMap<>();
  private final Map<Rule, int[]> rules = new EnumMap<>(Rule.class);
  private final List<String> problems = new ArrayList<>();
  private final int[] compared = new int[Peer.values().length];
  private final int[] explained = new int[Peer.values().length];
  private int questions;
  private int truncated;
  private int overTcp;
  private int found;

  /**
   * @param title what was run
   */
  Report(String title) {
    this.title = title;
  }

  void question(Question question, NameKind kind, Reply ours) {
    questions++;
    kinds.merge(kind, 1, Integer::sum);
    rcodes.merge(Rcode.string(ours.rcode()), 1, Integer::sum);
    truncated += ours.has(Reply.TC) ? 1 : 0;
    overTcp += question.tcp() ? 1 : 0;
  }

  void equal(Peer peer) {
    compared[peer.ordinal()]++;
  }

  void explained(Comparison comparison) {
    compared[comparison.peer.ordinal()]++;
    explained[comparison.peer.ordinal()]++;
    for (Rule rule : comparison.used()) {
      rules.computeIfAbsent(rule, _ -> new int[Peer.values().length])[comparison.peer.ordinal()]++;
    }
  }

  /** Takes a difference that no rule explains, or a fault of a reply of ours. */
  void problem(String problem) {
    found++;
    if (problems.size() < MOST_EXAMPLES) {
      problems.add(problem);
    }
  }

  /** How many problems there were. */
  int found() {
    return found;
  }

  /** The first problems, as text. */
  String problems() {
    return String.join("\n\n", problems);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(title)
        .append(": ")
        .append(questions)
        .append(" questions, ")
        .append(overTcp)
        .append(" over TCP, ");
    text.append(truncated)
        .append(" truncated, ")
        .append((System.nanoTime() - startNanos) / 1_000_000_000)
        .append(" s, ");
    text.append(found)
        .append(" problems\n  names: ")
        .append(kinds)
        .append("\n  answers: ")
        .append(rcodes);
    for (Peer peer : Peer.values()) {
      text.append("\n  ")
          .append(peer)
          .append(": ")
          .append(compared[peer.ordinal()])
          .append(" compared, ");
      text.append(explained[peer.ordinal()]).append(" differ by rule");
    }
    rules.forEach(
        (rule, uses) -> {
          text.append("\n    ").append(rule);
          for (Peer peer : Peer.values()) {
            text.append(' ').append(peer).append('=').append(uses[peer.ordinal()]);
          }
          text.append(" (").append(rule.reason()).append(')');
        });
    List<Rule> unused = new ArrayList<>(List.of(Rule.values()));
    unused.removeAll(rules.keySet());
    return text.append("\n  rules not needed: ").append(unused).toString();
  }
}
