package io.flashdns.management.identity;

import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What a call brings to say who it is.
 *
 * @param authorization all values of the header {@code authorization}, as they came
 * @param certificates the client's certificate and its chain, verified against the configured
 *     authorities by the handshake; empty when it showed none
 * @param source where the connection comes from
 */
public record Credentials(
    List<String> authorization, List<X509Certificate> certificates, InetSocketAddress source) {
  public Credentials {
    authorization = List.copyOf(authorization);
    certificates = List.copyOf(certificates);
  }
}
