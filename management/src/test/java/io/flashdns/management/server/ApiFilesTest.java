package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.management.grpc.ApiConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with the doors of the API is told before anything is opened. */
class ApiFilesTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(OutputStream out, String... arguments) {
    return Main.run(
        arguments,
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false));
  }

  private Path config(String more) throws IOException {
    Path zones = Files.createDirectories(folder.resolve("zones"));
    Path file = folder.resolve("c.yaml");
    Files.writeString(
        file,
        "listen: [127.0.0.1:0]\ndata: data\noperations: {enabled: false}\nzones: {folder: "
            + zones
            + "}\n"
            + more);
    return file;
  }

  private static final String TLS =
      """
      api:
        listen: 127.0.0.1:0
        json-listen: 127.0.0.1:0
        tls: {certificate: none.pem, key: none.key}
      """;
  private static final String ISSUER =
      "issuers: [{issuer: 'https://id.example', audiences: [x], authorities: zones}]\n";

  @Test
  void checkLooksAtThem() throws Exception {
    Path file = config(TLS + ISSUER);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    assertThat(run(out, "check", "--config", file.toString())).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(
            file + ": error: api.tls: " + folder.resolve("none.pem") + " does not exist: ",
            file
                + ": error: issuers: the authorities of https://id.example: "
                + folder.resolve("zones")
                + " is a folder: name the PEM file");
  }

  @Test
  void startEndsBeforeAnythingIsOpened() throws Exception {
    Path file = config(TLS);
    ByteArrayOutputStream out = new ByteArrayOutputStream();

    assertThat(run(out, "serve", "--config", file.toString())).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("api.tls: " + folder.resolve("none.pem") + " does not exist: ")
        .endsWith("flashdns: the configuration has errors, nothing was started\n");
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void withoutDoorsTheyAreNotNeeded() throws Exception {
    Path file = config(TLS.replace("api:", "api:\n  enabled: false"));

    assertThat(run(new ByteArrayOutputStream(), "check", "--config", file.toString())).isZero();
  }

  @Test
  void optionOutOfBoundsIsNamedAsItWasTyped() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(run(out, "serve", "--api-json", "0.0.0.0:8054")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("flashdns: --api-json 0.0.0.0 can");
    err.reset();
    assertThat(run(out, "serve", "--api", "0.0.0.0:8053")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("flashdns: --api 0.0.0.0 can");
  }

  @Test
  void addressThatIsNotHereIsNoPortThatIsTaken() {
    ApiConfig here = ApiConfig.defaults();
    ApiConfig away =
        here.withTls(
                io.flashdns.management.identity.TlsConfig.of(Path.of("a.pem"), Path.of("a.key")))
            .withListen(ListenAddress.parse("192.0.2.1:8053"), here.jsonListen());
    assertThatThrownBy(() -> PortProbe.refuseTaken(away))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("192.0.2.1:8053")
        .hasMessageContaining("an address of this machine")
        .hasMessageNotContaining("stop what is there");
  }

  @Test
  void outputThatCouldNotBeWrittenIsAFailure() {
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int octet) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    assertThat(run(full, "openapi")).isEqualTo(1);
    assertThat(run(new ByteArrayOutputStream(), "openapi")).isZero();
  }
}
