package io.flashdns.management.client;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ManagedChannelRegistry;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A channel to one server, with what says who calls. */
final class Connection implements AutoCloseable {
  private static final int MAX_ANSWER_BYTES = 64 << 20;

  private static final String UNUSABLE = "Unable to create SslContext: ";

  private final ManagedChannel channel;

  private Connection(ManagedChannel channel) {
    this.channel = channel;
  }

  static Connection open(Destination destination) throws ClientException {
    Endpoint endpoint = destination.endpoint();
    ManagedChannelBuilder<?> builder;
    try {
      builder =
          Grpc.newChannelBuilderForAddress(endpoint.host(), endpoint.port(), credentials(endpoint))
              .directExecutor()
              .disableRetry()
              .userAgent("flashdns")
              .maxInboundMessageSize(MAX_ANSWER_BYTES);
    } catch (IOException
        | IllegalArgumentException
        | ManagedChannelRegistry.ProviderNotFoundException e) {
      throw ClientException.failed(
          "the certificates cannot be used: "
              + reason(e)
              + "; --ca and --cert take PEM files, --key an unencrypted PKCS 8 key");
    }
    String token = destination.token();
    if (token != null) {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
    return new Connection(builder.build());
  }

  /** The library puts names of its classes around what is wrong with a file. */
  private static String reason(Exception e) {
    String said = String.valueOf(e.getMessage());
    int from = said.indexOf(UNUSABLE);
    int to = said.indexOf("; ", Math.max(from, 0));
    return from < 0 ? said : said.substring(from + UNUSABLE.length(), to < 0 ? said.length() : to);
  }

  private static ChannelCredentials credentials(Endpoint endpoint) throws IOException {
    if (!endpoint.tls()) {
      return InsecureChannelCredentials.create();
    }
    TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
    Path authorities = endpoint.ca();
    if (authorities != null) {
      tls.trustManager(authorities.toFile());
    }
    Path certificate = endpoint.certificate();
    Path key = endpoint.key();
    if (certificate != null && key != null) {
      tls.keyManager(certificate.toFile(), key.toFile());
    }
    return tls.build();
  }

  ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      var _ = channel.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
