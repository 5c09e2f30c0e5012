package io.flashdns.management.identity;

/** A caller was not recognised. The message may be shown to it, and says nothing of secrets. */
public final class UnauthenticatedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** One sentence, with the remedy. */
  public UnauthenticatedException(String message) {
    super(message, null, false, false);
  }
}
