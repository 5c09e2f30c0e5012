package io.flashdns.management.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.management.identity.TestCertificates.Made;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PemFilesTest {
  @TempDir static Path folder;
  private static Made made;

  @BeforeAll
  static void make() throws Exception {
    made = new TestCertificates(folder, "authority").server("server");
  }

  @Test
  void whatIsNoFileIsNamedWithItsPlace() throws Exception {
    Path pems = Files.createDirectory(folder.resolve("pems"));
    assertThatThrownBy(() -> PemFiles.certificates(pems))
        .isInstanceOf(IOException.class)
        .hasMessage(pems + " is a folder: name the PEM file");
    assertThatThrownBy(() -> PemFiles.key(Path.of("/dev/zero")))
        .isInstanceOf(IOException.class)
        .hasMessage("/dev/zero is no file: name the PEM file");
  }

  @Test
  void keyThatOthersMayReadIsToldWithItsRemedy() throws Exception {
    TlsConfig config = TlsConfig.of(made.pem(), made.keyPem());
    for (String open : new String[] {"rw-r--r--", "rw-r-----", "rw----r--"}) {
      Files.setPosixFilePermissions(made.keyPem(), PosixFilePermissions.fromString(open));
      assertThat(ServerTls.check(config))
          .as(open)
          .singleElement()
          .asString()
          .startsWith(made.keyPem() + " has a private key that others on this machine may read")
          .endsWith(": run chmod 600 on it");
    }
    Files.setPosixFilePermissions(made.keyPem(), PosixFilePermissions.fromString("rw-------"));
    assertThat(ServerTls.check(config)).isEmpty();
  }
}
