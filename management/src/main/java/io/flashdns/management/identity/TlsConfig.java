package io.flashdns.management.identity;

import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS of a door: what the server shows, and which clients it believes. Files are read again when
 * they change, without a restart.
 *
 * @param certificate PEM file with the server's certificate, then those between it and the root
 * @param key PEM file with its private key, PKCS #8 without a password: RSA, EC or Ed25519
 * @param clientAuthorities PEM file with the certificates of authorities whose client certificates
 *     are taken; absent, none is asked for
 * @param minimumVersion oldest version of TLS: 1.2, as without it, or 1.3. With 1.2, ciphers are
 *     AEAD with an ephemeral key alone
 */
public record TlsConfig(
    Path certificate, Path key, Optional<Path> clientAuthorities, Optional<String> minimumVersion) {
  private static final String TLS_1_2 = "1.2";
  private static final String TLS_1_3 = "1.3";

  /** Refuses versions that there are not, or that are broken. */
  public TlsConfig {
    String version = minimumVersion.orElse(TLS_1_2);
    if (!version.equals(TLS_1_2) && !version.equals(TLS_1_3)) {
      throw new IllegalArgumentException(
          "minimumVersion must be 1.2 or 1.3, not '"
              + version
              + "': older ones are not safe, write 1.2 for old clients");
    }
  }

  /** TLS 1.2 and 1.3, no client certificates. */
  public static TlsConfig of(Path certificate, Path key) {
    return new TlsConfig(certificate, key, Optional.empty(), Optional.empty());
  }

  /** The same, and client certificates of these authorities are taken. */
  public TlsConfig withClientAuthorities(Path authorities) {
    return new TlsConfig(certificate, key, Optional.of(authorities), minimumVersion);
  }

  /** True when TLS 1.2 may be spoken. */
  boolean allowsVersion12() {
    return minimumVersion.orElse(TLS_1_2).equals(TLS_1_2);
  }
}
