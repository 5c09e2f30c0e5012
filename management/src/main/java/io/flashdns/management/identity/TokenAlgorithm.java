package io.flashdns.management.identity;

/**
 * How an issuer signs (RFC 7518 §3.1, RFC 8037 §3.1). There are no others: those with a shared
 * secret would make every server an issuer, and {@code none} everybody.
 */
public enum TokenAlgorithm {
  /** RSA with PKCS #1 padding and SHA-256; keys of 2,048 to 8,192 bits. */
  RS256("RS256"),
  /** ECDSA on P-256 with SHA-256. */
  ES256("ES256"),
  /** Ed25519. */
  EDDSA("EdDSA");

  private final String header;

  TokenAlgorithm(String header) {
    this.header = header;
  }

  /** Its name in the header {@code alg}. Case counts. */
  String header() {
    return header;
  }
}
