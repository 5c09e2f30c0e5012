package io.flashdns.management.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.management.identity.TlsConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which configurations are refused. */
final class ApiConfigTest {
  private static final TlsConfig TLS = TlsConfig.of(Path.of("a.pem"), Path.of("a.key"));

  private static InetSocketAddress at(String address, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(address), port);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0.0.0.0", "::", "192.0.2.1", "10.0.0.1", "169.254.1.1", "2001:db8::1", "fe80::1"})
  void plainTextStaysOnLoopback(String address) {
    ApiConfig usual = ApiConfig.defaults();
    InetSocketAddress open = at(address, 9_000);
    assertThatThrownBy(() -> usual.withListen(open, usual.jsonListen()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set tls, or listen on 127.0.0.1");
    assertThatThrownBy(() -> usual.withListen(usual.listen(), open))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("jsonListen");
    ApiConfig encrypted = usual.withTls(TLS).withListen(open, usual.jsonListen());
    assertThat(encrypted.refusal(false)).contains("nothing says who they are");
    assertThat(encrypted.refusal(true)).isNull();
    assertThat(usual.withTls(TLS).withListen(usual.listen(), open).refusal(false)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "::1"})
  void loopbackMayBePlain(String address) {
    ApiConfig config = ApiConfig.defaults().withListen(at(address, 9_000), at(address, 9_001));
    assertThat(config.refusal(false)).isNull();
  }

  @Test
  void portsAreThoseOfNobodyElse() {
    ApiConfig usual = ApiConfig.defaults();
    assertThatThrownBy(() -> usual.withListen(at("127.0.0.1", 53), usual.jsonListen()))
        .hasMessageContaining("port 53");
    assertThatThrownBy(() -> usual.withListen(usual.listen(), usual.listen()))
        .hasMessageContaining("jsonListen must not be that of listen");
    assertThatCode(() -> usual.withListen(at("127.0.0.1", 0), at("127.0.0.1", 0)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*",
        "null",
        "dns.example.org",
        "https://a.example/",
        "https://a.example/x",
        "ftp://a.example"
      })
  void originIsSchemeAndHost(String origin) {
    assertThatThrownBy(() -> ApiConfig.defaults().withOrigins(List.of(origin)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reflectionAndOriginsAreOffByDefault() {
    assertThat(ApiConfig.defaults().reflection()).isFalse();
    assertThat(ApiConfig.defaults().origins()).isEmpty();
    assertThat(ApiConfig.defaults().listen()).isEqualTo(at("127.0.0.1", 8_053));
    assertThat(ApiConfig.defaults().jsonListen()).isEqualTo(at("127.0.0.1", 8_054));
  }
}
