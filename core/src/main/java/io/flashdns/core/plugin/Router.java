package io.flashdns.core.plugin;

/**
 * Phase 2: chooses the view in which the zone is looked for, with {@link Query#view(int)}. Without
 * a router it is the public one, 0.
 */
@FunctionalInterface
public non-sealed interface Router extends Hook {
  /**
   * Sets the view.
   *
   * @return {@link Verdict#CONTINUE} when another router may still choose; {@link Verdict#RESPOND}
   *     to answer at once with the response code set; {@link Verdict#DROP}
   */
  Verdict route(Query query, Response response);
}
