package io.flashdns.core.engine;

/** The phases of a query, in their order. */
enum Phase {
  GATE,
  ROUTE,
  ANSWER,
  SHAPE,
  OBSERVE
}
