package io.flashdns.core.plugin;

/**
 * What a hook decides about a query. Response codes are data in {@link Response}, never control
 * flow.
 *
 * <p>Hooks return it and never switch on it, so that a constant can be added without breaking a
 * plugin.
 */
public enum Verdict {
  /** Not mine, or fine with me: ask the next hook of this phase, then go to the next phase. */
  CONTINUE,
  /** The reply is decided: go on with the {@link Shaper} phase. */
  RESPOND,
  /** Send nothing. Observers still see the query. */
  DROP
}
