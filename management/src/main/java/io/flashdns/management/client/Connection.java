package io.flashdns.management.client;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A channel to one server, with what says who calls. */
final class Connection implements AutoCloseable {
  private static final int MAX_ANSWER_BYTES = 64 << 20;

  private final ManagedChannel channel;
  private final EventLoopGroup loop;

  private Connection(ManagedChannel channel, EventLoopGroup loop) {
    this.channel = channel;
    this.loop = loop;
  }

  static Connection open(Destination destination) throws ClientException {
    Endpoint endpoint = destination.endpoint();
    EventLoopGroup loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("client", true), NioIoHandler.newFactory());
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
            .eventLoopGroup(loop)
            .channelType(NioSocketChannel.class)
            .directExecutor()
            .disableRetry()
            .userAgent("flashdns")
            .maxInboundMessageSize(MAX_ANSWER_BYTES);
    if (endpoint.tls()) {
      secure(builder, endpoint);
    } else {
      builder.usePlaintext();
    }
    String token = destination.token();
    if (token != null) {
      Metadata headers = new Metadata();
      headers.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
    }
    return new Connection(builder.build(), loop);
  }

  private static void secure(NettyChannelBuilder builder, Endpoint endpoint)
      throws ClientException {
    try {
      SslContextBuilder tls = GrpcSslContexts.forClient().protocols("TLSv1.3", "TLSv1.2");
      if (endpoint.ca() != null) {
        tls.trustManager(file(endpoint.ca()));
      }
      if (endpoint.certificate() != null) {
        tls.keyManager(file(endpoint.certificate()), file(endpoint.key()));
      }
      builder.sslContext(tls.build());
    } catch (SSLException | IllegalArgumentException e) {
      throw ClientException.failed(
          "the certificates cannot be used: "
              + e.getMessage()
              + "; --ca and --cert take PEM files, --key an unencrypted PKCS 8 key");
    }
  }

  private static @Nullable File file(@Nullable Path path) {
    return path == null ? null : path.toFile();
  }

  ManagedChannel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
