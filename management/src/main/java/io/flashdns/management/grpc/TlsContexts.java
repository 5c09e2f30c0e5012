package io.flashdns.management.grpc;

import io.flashdns.management.identity.ServerTls;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** TLS by the JDK, as configured. */
final class TlsContexts {
  private TlsContexts() {}

  /** For gRPC: HTTP/2 is agreed on in the handshake, or there is none. */
  static SslContext http2(ServerTls tls) throws IOException {
    return built(GrpcSslContexts.configure(builder(tls), SslProvider.JDK), tls);
  }

  /** For HTTP/1.1. */
  static SslContext http1(ServerTls tls) throws IOException {
    return built(builder(tls).sslProvider(SslProvider.JDK), tls);
  }

  private static SslContextBuilder builder(ServerTls tls) {
    SslContextBuilder builder = SslContextBuilder.forServer(tls.keyManager());
    tls.trustManager()
        .ifPresent(
            trust -> {
              var _ = builder.trustManager(trust).clientAuth(ClientAuth.OPTIONAL);
            });
    return builder;
  }

  private static SslContext built(SslContextBuilder builder, ServerTls tls) throws IOException {
    try {
      return builder.protocols(tls.protocols()).ciphers(tls.cipherSuites()).build();
    } catch (SSLException e) {
      throw new IOException("tls: these settings cannot be used: " + e.getMessage(), e);
    }
  }
}
