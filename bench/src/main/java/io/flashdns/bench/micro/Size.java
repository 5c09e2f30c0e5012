package io.flashdns.bench.micro;

/** How much is served. */
public enum Size {
  /** One zone of 20 names: everything lies in the nearest cache. */
  ONE_SMALL(1, 20),
  /** One zone of a million names. */
  ONE_LARGE(1, 1_000_000),
  /** 10,000 zones of 20 names. */
  MANY_SMALL(10_000, 20);

  final int zones;
  final int names;

  Size(int zones, int names) {
    this.zones = zones;
    this.names = names;
  }
}
