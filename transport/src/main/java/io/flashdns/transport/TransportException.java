package io.flashdns.transport;

/**
 * A listener that cannot start. The message is one sentence or two: what, where, and the remedy.
 */
public final class TransportException extends Exception {
  private static final long serialVersionUID = 1L;

  TransportException(String message) {
    super(message);
  }

  TransportException(String message, Throwable cause) {
    super(message, cause);
  }
}
