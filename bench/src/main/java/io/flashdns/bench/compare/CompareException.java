package io.flashdns.bench.compare;

/** A comparison that cannot be made or gone on with; the message is one sentence for the user. */
final class CompareException extends Exception {
  private static final long serialVersionUID = 1L;

  CompareException(String message) {
    super(message);
  }

  CompareException(String message, Throwable cause) {
    super(message, cause);
  }
}
