package io.flashdns.plugins.ratelimit;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.plugin.Label;
import java.util.Arrays;
import java.util.Locale;

/** Kinds of replies with a budget each. */
enum Category {
  /** Data, NODATA and referrals: whatever has NOERROR. */
  ANSWER(0),
  /** The name is not there. */
  NXDOMAIN(1),
  /** Every other response code. */
  ERROR(2);

  static final int COUNT = 3;

  private final int number;

  Category(int number) {
    this.number = number;
  }

  /** Its place among the labels, from 0. */
  int number() {
    return number;
  }

  /** The number of a response code's category. */
  static int of(int rcode) {
    return rcode == Rcode.NOERROR ? 0 : rcode == Rcode.NXDOMAIN ? 1 : 2;
  }

  static Label label() {
    return new Label(
        "category",
        Arrays.stream(values()).map(value -> value.name().toLowerCase(Locale.ROOT)).toList());
  }
}
