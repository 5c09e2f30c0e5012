package io.flashdns.management.grpc;

import io.flashdns.management.identity.TestCertificates;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Calls by TLS, with a client certificate or without. */
final class TlsCalls {
  private TlsCalls() {}

  /** The comment of the zone, or the code of the refusal. */
  static String byGrpc(Rig rig, Path authority, TestCertificates.@Nullable Made client)
      throws Exception {
    TlsChannelCredentials.Builder credentials =
        TlsChannelCredentials.newBuilder().trustManager(authority.toFile());
    if (client != null) {
      credentials.keyManager(client.pem().toFile(), client.keyPem().toFile());
    }
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                "127.0.0.1", rig.server.address().getPort(), credentials.build())
            .build();
    try {
      return ZoneServiceGrpc.newBlockingStub(channel)
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .getZone(CallGateTest.get("example.org."))
          .getZone()
          .getComment();
    } catch (StatusRuntimeException e) {
      return Status.fromThrowable(e).getCode().name();
    } finally {
      channel.shutdownNow();
    }
  }

  /** The body of the answer, or what went wrong. */
  static String byJson(Rig rig, Path authority, TestCertificates.@Nullable Made client)
      throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (var in = Files.newInputStream(authority)) {
      trusted.setCertificateEntry(
          "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    if (client != null) {
      own.setKeyEntry(
          "client", client.key(), new char[0], new Certificate[] {client.certificate()});
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
    try (HttpClient http = HttpClient.newBuilder().sslContext(context).build()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "https://127.0.0.1:"
                              + rig.server.jsonAddress().getPort()
                              + "/flashdns.v1.ZoneService/GetZone"))
                  .header("Content-Type", "application/json")
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"zone\":{\"name\":{\"apex\":\"a.\"}}}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      return String.valueOf(e);
    }
  }
}
