package io.flashdns.plugins.ratelimit;

import io.flashdns.core.plugin.Label;
import java.util.Arrays;
import java.util.Locale;

/** What became of a reply above the limit. */
enum Action {
  /** It went out without records, with TC set. */
  TRUNCATED(0),
  /** It was not sent. */
  DROPPED(1),
  /** It went out as it was, in a dry run. */
  PASSED(2);

  static final int COUNT = 3;

  private final int number;

  Action(int number) {
    this.number = number;
  }

  /** Its place among the labels, from 0. */
  int number() {
    return number;
  }

  static Label label() {
    return new Label(
        "action",
        Arrays.stream(values()).map(value -> value.name().toLowerCase(Locale.ROOT)).toList());
  }
}
