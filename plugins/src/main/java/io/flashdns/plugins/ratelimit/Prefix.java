package io.flashdns.plugins.ratelimit;

import io.flashdns.core.plugin.Label;
import java.util.Arrays;

/**
 * The prefixes that have a counter each, from the longest to the shortest of each family, and how
 * many times the rate and burst of one address they get: the figures of Knot DNS.
 */
enum Prefix {
  IPV4_32(1),
  IPV4_24(32),
  IPV4_20(256),
  IPV4_18(768),
  IPV6_128(1),
  IPV6_64(2),
  IPV6_56(3),
  IPV6_48(4),
  IPV6_32(64);

  /** Number of prefixes of both families. */
  static final int COUNT = 9;

  /** Prefixes of IPv4, which come first. */
  static final int OF_IPV4 = 4;

  /** Prefixes of IPv6. */
  static final int OF_IPV6 = COUNT - OF_IPV4;

  private final int multiple;

  Prefix(int multiple) {
    this.multiple = multiple;
  }

  /** How many times the rate and burst of one address. */
  int multiple() {
    return multiple;
  }

  /** True for those that many sources share. */
  boolean isWide() {
    return multiple >= 32;
  }

  /** Its value in a metric: {@code ipv4/24}. */
  String label() {
    return name().replace("IPV", "ipv").replace('_', '/');
  }

  static Label labels() {
    return new Label("prefix", Arrays.stream(values()).map(Prefix::label).toList());
  }
}
