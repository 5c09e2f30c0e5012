package io.flashdns.core.plugin;

/**
 * Phase 4: the reply is written; it may still be dropped, truncated ({@link Response#truncate}) or
 * given EDNS options.
 */
@FunctionalInterface
public non-sealed interface Shaper extends Hook {
  /**
   * Lets the reply go, or drops it.
   *
   * @return {@link Verdict#CONTINUE} or {@link Verdict#RESPOND} to let it go, {@link Verdict#DROP}
   *     to send nothing
   */
  Verdict shape(Query query, Response response);
}
