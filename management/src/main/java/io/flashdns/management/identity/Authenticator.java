package io.flashdns.management.identity;

/** Recognises callers. Safe for all threads; may block, for keys of an issuer, some seconds. */
@FunctionalInterface
public interface Authenticator {
  /**
   * Who calls.
   *
   * @throws UnauthenticatedException when there are no credentials, or none that are valid now
   */
  Principal authenticate(Credentials credentials) throws UnauthenticatedException;
}
