package io.flashdns.management.client;

import java.util.List;

/** With what the client commands end: a part of their contract with scripts. */
final class ExitStatus {
  /** Done. */
  static final int OK = 0;

  /** It failed. */
  static final int FAILED = 1;

  /** Wrong use, or a value that the server refused. */
  static final int USAGE = 2;

  /** What was named is not there. */
  static final int NOT_FOUND = 3;

  /** Not allowed, or nobody knows who asks. */
  static final int DENIED = 4;

  /** Something stands against it as things are. */
  static final int CONFLICT = 5;

  /** Nobody answered, or not in time. */
  static final int UNAVAILABLE = 6;

  /** There are differences, and {@code --exit-code} was given. */
  static final int DIFFERENT = 7;

  private ExitStatus() {}

  /** As the help of each command shows them. */
  static List<String> lines() {
    return List.of(
        "0:done",
        "1:failed",
        "2:wrong use: an unknown option, or a value that cannot be taken",
        "3:what was named is not there, or may not be seen",
        "4:not logged in, or not allowed",
        "5:in conflict with what is there: changed meanwhile, exists already, a guard or a rule",
        "6:the server cannot be reached, takes no changes now, or did not answer in time",
        "7:there are differences, with --exit-code");
  }
}
