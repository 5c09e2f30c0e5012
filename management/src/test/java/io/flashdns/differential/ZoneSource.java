package io.flashdns.differential;

/**
 * A zone as it was generated.
 *
 * @param apex its name as text, with the final dot
 * @param signing how it is to be signed
 * @param text its zone file, unsigned
 */
record ZoneSource(String apex, Signing signing, String text) {
  /** How a zone denies what it does not have. */
  enum Signing {
    UNSIGNED,
    NSEC,
    NSEC3,
    NSEC3_OPT_OUT
  }
}
