package io.flashdns.core.plugin;

/**
 * Phase 3: writes the answer. Also asked when no zone holds the name, or the class is not IN: then
 * {@link Query#zone} is null, and what nobody answers is REFUSED.
 */
@FunctionalInterface
public non-sealed interface Answerer extends Hook {
  /**
   * Answers, or leaves the query to the next answerer.
   *
   * @return {@link Verdict#RESPOND} once the response is complete; {@link Verdict#CONTINUE} for a
   *     query that is not this plugin's, with nothing written; {@link Verdict#DROP}
   */
  Verdict answer(Query query, Response response);
}
