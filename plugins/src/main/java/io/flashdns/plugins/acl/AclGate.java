package io.flashdns.plugins.acl;

import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the list, in one piece or in two.
 *
 * <p>The view of a query is known only after the route phase. So the gate goes from rule to rule
 * until one matches that does not ask for the view: that one decides. When it meets one that does,
 * and all else of it fits, no rule behind it may decide before it is known whether this one does:
 * the gate lets the query pass and notes the place, and {@link #inAnswerPhase} goes on from there.
 * So the first rule of the list that matches decides, as if there were one list in one place.
 *
 * <p>A message that is never routed has no view, and no rule that asks for one matches it.
 */
final class AclGate implements Gate {
  private final RuleTable table;
  private final Counts counts;
  private final int decided;

  /** Rules that wait for the view of this query; null when its case is decided. */
  private CompiledRule @Nullable [] waiting;

  private int waitingFrom;

  /**
   * A gate of one worker.
   *
   * @param decided handle of the family of counters by rule and action
   */
  AclGate(RuleTable table, Counts counts, int decided) {
    this.table = table;
    this.counts = counts;
    this.decided = decided;
  }

  @Override
  public Verdict admit(Query query, Response response) {
    waiting = null;
    CompiledRule[] rules = table.rulesFor(query.sourceHi(), query.sourceLo());
    for (int i = 0; i < rules.length; i++) {
      CompiledRule rule = rules[i];
      if (rule.fits(query)) {
        if (!rule.needsView()) {
          return decide(rule, response);
        }
        if (query.opcode() == Opcode.QUERY && query.isWellFormed()) {
          waiting = rules;
          waitingFrom = i;
          return Verdict.CONTINUE;
        }
      }
    }
    throw noLastRule();
  }

  /** The second half: the hook of the answer phase, for lists with views. */
  Answerer inAnswerPhase() {
    return this::answer;
  }

  private Verdict answer(Query query, Response response) {
    CompiledRule[] rules = waiting;
    if (rules == null) {
      return Verdict.CONTINUE;
    }
    waiting = null;
    for (int i = waitingFrom; i < rules.length; i++) {
      CompiledRule rule = rules[i];
      if (rule.fits(query) && rule.fitsView(query.view())) {
        return decide(rule, response);
      }
    }
    throw noLastRule();
  }

  private Verdict decide(CompiledRule rule, Response response) {
    counts.increment(decided + rule.slot);
    return switch (rule.action) {
      case ALLOW -> Verdict.CONTINUE;
      case REFUSE -> {
        response.rcode(Rcode.REFUSED);
        response.extendedError(ExtendedError.PROHIBITED);
        yield Verdict.RESPOND;
      }
      case DROP -> Verdict.DROP;
    };
  }

  private static IllegalStateException noLastRule() {
    return new IllegalStateException("a list of rules without an end");
  }
}
