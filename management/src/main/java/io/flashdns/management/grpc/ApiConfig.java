package io.flashdns.management.grpc;

import io.flashdns.management.identity.TlsConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The doors of the API.
 *
 * @param enabled whether there are any
 * @param listen address and TCP port of gRPC. Port 0 takes a free one
 * @param jsonEnabled whether the same calls are taken as JSON over HTTP
 * @param jsonListen address and TCP port of JSON over HTTP. Port 0 takes a free one
 * @param tls certificate and key of both; absent for plain text, which only loopback may speak
 * @param reflection whether callers who are recognised may ask for the description of the API, as
 *     grpcurl does
 * @param origins web pages of other hosts that may call by JSON (CORS), each as in the header
 *     {@code Origin}: {@code https://dns.example.org}. None by default
 * @param limits what a client may take
 */
public record ApiConfig(
    boolean enabled,
    InetSocketAddress listen,
    boolean jsonEnabled,
    InetSocketAddress jsonListen,
    Optional<TlsConfig> tls,
    boolean reflection,
    List<String> origins,
    ApiLimits limits) {
  /** Port of gRPC. */
  static final int PORT = 8_053;

  /** Port of JSON over HTTP. */
  static final int JSON_PORT = 8_054;

  private static final int DNS_PORT = 53;
  private static final int MAX_ORIGINS = 64;

  /** Refuses what would send credentials in the clear. */
  public ApiConfig {
    origins = List.copyOf(origins);
    check("listen", listen, tls.isPresent());
    check("jsonListen", jsonListen, tls.isPresent());
    if (enabled && jsonEnabled && listen.getPort() != 0 && listen.equals(jsonListen)) {
      throw new IllegalArgumentException(
          "jsonListen must not be that of listen: write another port, such as " + JSON_PORT);
    }
    if (origins.size() > MAX_ORIGINS) {
      throw new IllegalArgumentException(
          "origins must be at most " + MAX_ORIGINS + ", not " + origins.size());
    }
    for (String origin : origins) {
      if (!isOrigin(origin)) {
        throw new IllegalArgumentException(
            "origins has '"
                + origin
                + "', which is none: write scheme, host and, where it is not the usual one, port,"
                + " with nothing behind them, such as https://dns.example.org");
      }
    }
  }

  private static void check(String what, InetSocketAddress address, boolean encrypted) {
    InetAddress host = address.getAddress();
    if (host == null) {
      throw new IllegalArgumentException(
          what + " must be an address, such as 127.0.0.1:" + PORT + ", not a name");
    }
    if (!encrypted && !host.isLoopbackAddress()) {
      throw new IllegalArgumentException(
          what
              + " "
              + host.getHostAddress()
              + " can be reached by others, who would read tokens on their way: set tls, or listen"
              + " on 127.0.0.1");
    }
    if (address.getPort() == DNS_PORT) {
      throw new IllegalArgumentException(
          what + " must not have port 53, which is that of DNS: write 127.0.0.1:" + PORT);
    }
  }

  private static boolean isOrigin(String text) {
    try {
      URI uri = new URI(text);
      return uri.getHost() != null
          && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
          && text.equals(
              uri.getScheme()
                  + "://"
                  + uri.getHost()
                  + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
    } catch (URISyntaxException _) {
      return false;
    }
  }

  /** On loopback, ports 8053 and 8054, without TLS. */
  public static ApiConfig defaults() {
    return new ApiConfig(
        true,
        loopback(PORT),
        true,
        loopback(JSON_PORT),
        Optional.empty(),
        false,
        List.of(),
        ApiLimits.defaults());
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
  }

  /** The same at other addresses. */
  public ApiConfig withListen(InetSocketAddress grpc, InetSocketAddress json) {
    return new ApiConfig(enabled, grpc, jsonEnabled, json, tls, reflection, origins, limits);
  }

  /** The same with TLS. */
  public ApiConfig withTls(TlsConfig config) {
    return new ApiConfig(
        enabled, listen, jsonEnabled, jsonListen, Optional.of(config), reflection, origins, limits);
  }

  /** The same with or without reflection. */
  public ApiConfig withReflection(boolean on) {
    return new ApiConfig(enabled, listen, jsonEnabled, jsonListen, tls, on, origins, limits);
  }

  /** The same with other origins. */
  public ApiConfig withOrigins(List<String> pages) {
    return new ApiConfig(enabled, listen, jsonEnabled, jsonListen, tls, reflection, pages, limits);
  }

  /** The same with other limits. */
  public ApiConfig withLimits(ApiLimits others) {
    return new ApiConfig(
        enabled, listen, jsonEnabled, jsonListen, tls, reflection, origins, others);
  }

  /**
   * Why a server that others can reach must not start; null when it may. Whoever can reach it must
   * be able to show who they are by a certificate or by an issuer.
   *
   * @param recognises whether an issuer of tokens or client certificates are configured
   */
  public @Nullable String refusal(boolean recognises) {
    if (!enabled || recognises) {
      return null;
    }
    InetSocketAddress open =
        !listen.getAddress().isLoopbackAddress()
            ? listen
            : jsonEnabled && !jsonListen.getAddress().isLoopbackAddress() ? jsonListen : null;
    return open == null
        ? null
        : open.getAddress().getHostAddress()
            + " can be reached by others, but nothing says who they are: configure an issuer of"
            + " tokens or client certificates, or listen on 127.0.0.1";
  }
}
