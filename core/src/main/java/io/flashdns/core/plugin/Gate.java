package io.flashdns.core.plugin;

/**
 * Phase 1: decides by source, header and EDNS whether a message is looked at at all. Access lists,
 * limits by source, cookies.
 *
 * <p>The question is read but no zone is looked for yet. Gates also see what cannot be read ({@link
 * Query#isWellFormed}) and opcodes other than QUERY.
 */
@FunctionalInterface
public non-sealed interface Gate extends Hook {
  /**
   * Admits, answers or drops a message.
   *
   * @return {@link Verdict#CONTINUE} to admit; {@link Verdict#RESPOND} after {@link Response#rcode}
   *     was set, without records; {@link Verdict#DROP}
   */
  Verdict admit(Query query, Response response);
}
