package io.flashdns.core.plugin;

/**
 * Phase 1: decides by header and source whether a message is looked at at all. Access lists, limits
 * by source, cookies.
 *
 * <p>The question is not parsed yet: {@link Query#name} and what depends on it may not be used
 * here.
 */
@FunctionalInterface
public non-sealed interface Gate extends Hook {
  /**
   * Admits, answers or drops a message.
   *
   * @return {@link Verdict#CONTINUE} to admit; {@link Verdict#RESPOND} after {@link Response#rcode}
   *     was set; {@link Verdict#DROP}
   */
  Verdict admit(Query query, Response response);
}
