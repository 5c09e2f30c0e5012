package io.flashdns.management.server;

/** Why the server does not start: a sentence for the operator, with the remedy. No stack trace. */
final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  private final String reason;

  StartException(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  /** The sentence. */
  String reason() {
    return reason;
  }
}
