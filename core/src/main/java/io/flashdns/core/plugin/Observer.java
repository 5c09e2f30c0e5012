package io.flashdns.core.plugin;

/**
 * Phase 5: counters, query log, taps. Sees every query that passed the header checks, dropped ones
 * too.
 */
@FunctionalInterface
public non-sealed interface Observer extends Hook {
  /**
   * Looks at a finished query.
   *
   * @param sent false when the query was dropped; then the response's content means nothing
   */
  void observe(Query query, Response response, boolean sent);
}
