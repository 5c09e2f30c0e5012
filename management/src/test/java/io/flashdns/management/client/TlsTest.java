package io.flashdns.management.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.GetIdentityRequest;
import io.flashdns.proto.v1.GetIdentityResponse;
import io.flashdns.proto.v1.Identity;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final String PASSWORD = "changeit";

  @TempDir Path folder;
  private Path certificate;
  private Path key;
  private Server server;
  private Cli cli;

  @BeforeEach
  void start() throws Exception {
    Path store = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "a",
                "-keyalg",
                "EC",
                "-dname",
                "CN=test",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    certificate = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
    key = pem("PRIVATE KEY", keys.getKey("a", PASSWORD.toCharArray()).getEncoded());
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .sslContext(
                GrpcSslContexts.forServer(certificate.toFile(), key.toFile())
                    .trustManager(certificate.toFile())
                    .clientAuth(ClientAuth.OPTIONAL)
                    .build())
            .addService(
                new AccessServiceGrpc.AccessServiceImplBase() {
                  @Override
                  public void getIdentity(
                      GetIdentityRequest request, StreamObserver<GetIdentityResponse> to) {
                    to.onNext(
                        GetIdentityResponse.newBuilder()
                            .setIdentity(Identity.newBuilder().setPrincipal("somebody"))
                            .build());
                    to.onCompleted();
                  }
                })
            .build()
            .start();
    cli = new Cli(folder);
    cli.environment.put("FLASHDNS_SERVER", "https://127.0.0.1:" + server.getPort());
  }

  private Path pem(String what, byte[] octets) throws Exception {
    return Files.writeString(
        folder.resolve(what.replace(' ', '-') + ".pem"),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(what, Base64.getMimeEncoder().encodeToString(octets), what));
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void serverIsCheckedByTheNamedAuthority() {
    assertThat(cli.run("whoami", "--ca", certificate.toString(), "-o", "name").out())
        .isEqualTo("somebody\n");
  }

  @Test
  void certificateIsShown() {
    Cli.Result result =
        cli.run(
            "whoami",
            "-o",
            "name",
            "--ca",
            certificate.toString(),
            "--cert",
            certificate.toString(),
            "--key",
            key.toString());

    assertThat(result).isEqualTo(new Cli.Result(0, "somebody\n", ""));
  }

  @Test
  void unknownAuthorityIsRefusedWithTheRemedy() {
    Cli.Result result = cli.run("whoami", "--timeout", "5s");

    assertThat(result.status()).isEqualTo(ExitStatus.UNAVAILABLE);
    assertThat(result.err()).contains("TLS failed", "--ca FILE names who signs its certificate");
  }

  @Test
  void keyThatIsNoneIsOneSentence() {
    Cli.Result result =
        cli.run(
            "whoami",
            "--ca",
            certificate.toString(),
            "--cert",
            certificate.toString(),
            "--key",
            certificate.toString());

    assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
    assertThat(result.err()).contains("the certificates cannot be used");
  }
}
