package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.management.identity.TestCertificates;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.Position;
import io.flashdns.management.store.StoreConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ways into a shared store from the command line, as far as no etcd is needed. */
class StoreFilesTest {
  private static final String GOOD =
      """
      $TTL 300
      @ SOA ns1 hostmaster 1 3600 600 86400 300
      @ NS ns1
      ns1 A 192.0.2.53
      """;
  private static final String COPY = "is a copy of one that many nodes share";

  @TempDir private static Path made;

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path data;
  private Path zone;

  @BeforeEach
  void makeFiles() throws Exception {
    data = folder.resolve("data");
    zone = Files.writeString(folder.resolve("a.example.zone"), GOOD);
    Files.createDirectory(folder.resolve("zones"));
    if (Files.notExists(made.resolve("node.pem"))) {
      TestCertificates ca = new TestCertificates(made, "ca");
      Files.copy(ca.authority(), made.resolve("ca.pem"));
      TestCertificates.Made node = ca.client("node", "dns:ns1.example");
      Files.copy(node.keyPem(), made.resolve("node.key"));
      TestCertificates.Made other = ca.client("other", "dns:ns2.example");
      Files.copy(other.keyPem(), made.resolve("other.key"));
      Files.copy(node.keyPem(), made.resolve("open.key"));
      mode("node.key", "rw-------");
      mode("other.key", "rw-------");
      mode("open.key", "rw-r--r--");
      Files.writeString(made.resolve("junk.pem"), "junk\n");
      Files.writeString(made.resolve("blank"), "\n\n");
      Files.writeString(made.resolve("secret"), "secret\n");
      Files.writeString(made.resolve("open"), "secret\n");
      mode("secret", "rw-------");
      mode("open", "rw-r--r--");
      Files.copy(node.pem(), made.resolve("node.pem"));
    }
  }

  private static void mode(String file, String mode) throws Exception {
    Files.setPosixFilePermissions(made.resolve(file), PosixFilePermissions.fromString(mode));
  }

  private Path config(String etcd) throws Exception {
    return Files.writeString(
        folder.resolve("c.yaml"),
        """
        listen: [127.0.0.1:0]
        data: data
        operations: {enabled: false}
        api: {enabled: false}
        zones: {folder: zones}
        etcd: {endpoints: ['127.0.0.1:1'], %s}
        """
            .formatted(etcd.replace("MADE", made.toString())));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tls: {authorities: MADE/no.pem} | error: etcd.tls: MADE/no.pem does not exist",
        "tls: {authorities: MADE/junk.pem} | error: etcd.tls: MADE/junk.pem has no certificate",
        "tls: {authorities: MADE} | error: etcd.tls: MADE is a folder: name the PEM file",
        "tls: {authorities: MADE/ca.pem, certificate: MADE/no.pem, key: MADE/node.key}"
            + "| error: etcd.tls: MADE/no.pem does not exist",
        "tls: {authorities: MADE/ca.pem, certificate: MADE/node.pem, key: MADE/no.key}"
            + "| error: etcd.tls: MADE/no.key does not exist",
        "tls: {authorities: MADE/ca.pem, certificate: MADE/node.pem, key: MADE/other.key}"
            + "| error: etcd.tls: MADE/other.key is not the key of the first certificate",
        "tls: {authorities: MADE/ca.pem, certificate: MADE/node.pem, key: MADE/node.pem}"
            + "| error: etcd.tls: MADE/node.pem has no private key in PKCS #8",
        "user: dns, password-file: MADE/no | error: etcd.password-file: MADE/no does not exist",
        "user: dns, password-file: MADE | error: etcd.password-file: MADE is a folder",
        "user: dns, password-file: MADE/blank | error: etcd.password-file: MADE/blank has no pass",
        "user: dns | error: etcd.user: give both of user and password-file, or none",
        "node-name: 'a b' | error: etcd.node-name: must be 1 to 63 letters",
        "prefix: dns | error: etcd.prefix: must be / or words between /",
        "withdraw-after: 5s | error: etcd.withdraw-after: must be 10s or more",
      })
  void checkAndServeFindThemBeforeAnythingIsOpened(String etcd, String sentence) throws Exception {
    Path file = config(etcd);
    String said = sentence.replace("MADE", made.toString());

    assertThat(run("check", "--config", file.toString())).isEqualTo(1);
    assertThat(out()).contains(said);

    assertThat(run("serve", "--config", file.toString())).isEqualTo(1);
    assertThat(err())
        .contains(said)
        .endsWith("flashdns: the configuration has errors, nothing was started\n");
    assertThat(data).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tls: {authorities: MADE/ca.pem, certificate: MADE/node.pem, key: MADE/open.key}"
            + "| warning: etcd.tls: MADE/open.key has a private key that others",
        "user: dns, password-file: MADE/open"
            + "| warning: etcd.password-file: MADE/open has a password that others",
      })
  void secretThatOthersMayReadIsAWarning(String etcd, String sentence) throws Exception {
    assertThat(run("check", "--config", config(etcd).toString())).isZero();
    assertThat(out()).contains(sentence.replace("MADE", made.toString())).contains("chmod 600");
  }

  @Test
  void goodFilesAreTaken() throws Exception {
    Path file =
        config(
            "user: dns, password-file: MADE/secret, tls: {authorities: MADE/ca.pem, certificate:"
                + " MADE/node.pem, key: MADE/node.key}");
    assertThat(run("check", "--quiet", "--config", file.toString())).isZero();
    assertThat(out()).doesNotContain("etcd");
  }

  /** A store that says of itself that it is a copy. */
  private void copy() throws Exception {
    Path store = data.resolve(ZoneService.STORE);
    try (EmbeddedStore own = EmbeddedStore.open(store, StoreConfig.defaults())) {
      own.adopt(new Position("of-many", 3));
    }
  }

  @Test
  void copyIsWrittenToByNobodyAlone() throws Exception {
    assertThat(run("import", "-d", data.toString(), zone.toString())).isZero();
    copy();
    String more = Files.writeString(folder.resolve("b.example.zone"), GOOD).toString();

    assertThat(run("import", "-d", data.toString(), more)).isEqualTo(1);
    assertThat(err()).contains(COPY).contains("flashdns migrate --to embedded");
    err.reset();
    assertThat(run("import", "--dry-run", "-d", data.toString(), more)).isEqualTo(1);
    assertThat(err()).contains(COPY);
    err.reset();
    String[] serve = {
      "serve", "-d", data.toString(), "-l", "127.0.0.1:0", "-z", folder.resolve("zones").toString()
    };
    assertThat(run(with(serve, "--operations", "127.0.0.1:0", "--api", "127.0.0.1:0")))
        .isEqualTo(1);
    assertThat(err()).contains(COPY);
    try (EmbeddedStore own =
        EmbeddedStore.open(data.resolve(ZoneService.STORE), StoreConfig.defaults())) {
      assertThat(own.position()).isEqualTo(new Position("of-many", 3));
      assertThat(own.state().zones()).isEqualTo(1);
    }
  }

  @Test
  void copyIsCheckedRestoredAndMadeOwnWithoutEtcd() throws Exception {
    assertThat(run("import", "-d", data.toString(), zone.toString())).isZero();
    copy();
    String backup = folder.resolve("backup.db").toString();
    assertThat(run("fsck", "--repair", "-d", data.toString())).isZero();
    assertThat(run("backup", "-d", data.toString(), backup)).isZero();
    out.reset();
    assertThat(run("restore", "--replace", "-d", data.toString(), backup)).isZero();
    assertThat(out()).contains("this is a copy of a store that many nodes share");

    assertThat(run("migrate", "--to", "embedded", "--as-is", "-d", data.toString())).isZero();
    String more = Files.writeString(folder.resolve("b.example.zone"), GOOD).toString();
    assertThat(run("import", "-d", data.toString(), more)).isZero();
    out.reset();
    assertThat(run("backup", "-d", data.toString(), backup + "2")).isZero();
    assertThat(run("restore", "--replace", "-d", data.toString(), backup + "2")).isZero();
    assertThat(out()).doesNotContain("is a copy");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--to etcd://127.0.0.1:1 | 1 | there is no store in",
        "--to etcd://127.0.0.1:1 --as-is | 2 | --as-is goes with --to embedded alone",
        "--to embedded | 2 | which etcd? name it by --from",
        "--to embedded --from embedded | 2 | which etcd? name it by --from",
        "--to embedded --from etcd://127.0.0.1:1 | 1 | it cannot be reached",
        "--to embedded --as-is | 1 | there is no store in",
        "--to mysql://x | 2 | is no store: write etcd://",
      })
  void moveThatCannotBeIsRefusedAndMakesNothing(String options, int status, String sentence) {
    assertThat(run(with(("migrate " + options).split(" "), "-d", data.toString())))
        .isEqualTo(status);
    assertThat(err()).contains(sentence);
    assertThat(data).doesNotExist();
  }

  private static String[] with(String[] first, String... more) {
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }

  private int run(String... arguments) {
    return Main.run(
        arguments,
        new Terminal(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            false));
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
