package io.flashdns.bench.micro;

/** Where the hooks of a {@link PhasePlugin} take part. */
public enum HookPhase {
  GATE,
  ROUTE,
  ANSWER,
  SHAPE,
  OBSERVE
}
