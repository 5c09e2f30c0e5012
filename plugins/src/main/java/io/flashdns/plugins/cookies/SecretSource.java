package io.flashdns.plugins.cookies;

/**
 * Where secrets come from.
 *
 * <p>Used by one thread at a time, never by a worker. What goes wrong is an {@link
 * IllegalArgumentException} with a sentence for the operator.
 */
sealed interface SecretSource permits FleetSecrets, OperatorSecrets, OwnSecrets {
  /** The secrets that there are before {@link #open}; nothing is made or kept. */
  Secrets peek();

  /**
   * The first secrets.
   *
   * @param epochSeconds the wall clock
   */
  Secrets open(long epochSeconds);

  /**
   * Looks whether there are others now. Throws once for each change that goes wrong.
   *
   * @param epochSeconds the wall clock
   * @return {@code before} itself when nothing has changed
   */
  Secrets look(Secrets before, long epochSeconds);
}
