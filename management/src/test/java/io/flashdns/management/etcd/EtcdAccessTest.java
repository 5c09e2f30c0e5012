package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.flashdns.management.etcd.EtcdConfig.EtcdTls;
import io.flashdns.management.identity.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a node shows etcd who it is, and etcd the node. */
final class EtcdAccessTest {
  private static final SharedKeys KEYS = new SharedKeys("/dns/");

  @TempDir Path temp;

  @Test
  void nodeAndEtcdShowEachOtherTheirCertificates() throws Exception {
    TestCertificates ca = new TestCertificates(temp, "etcd-ca");
    TestCertificates.Made server = ca.server("etcd");
    TestCertificates.Made node = ca.client("node", "dns:ns1.example.net");
    EtcdTls tls = new EtcdTls(ca.authority(), Optional.of(node.pem()), Optional.of(node.keyPem()));
    List<String> options =
        List.of(
            "--cert-file=" + server.pem(),
            "--key-file=" + server.keyPem(),
            "--client-cert-auth",
            "--trusted-ca-file=" + ca.authority());
    try (EtcdCluster etcd = EtcdCluster.start(temp.resolve("etcd"), 1, Optional.of(tls), options);
        Node one = Node.open(temp.resolve("one"), etcd.at("/dns/"));
        Node two = Node.open(temp.resolve("two"), etcd.at("/dns/"))) {
      one.create("example.org.");
      two.store().awaitHead(Duration.ofSeconds(10));
      assertThat(two.standing()).isEqualTo(one.standing());
      awaitVersions(two, etcd);
      String url = "https://" + etcd.endpoints().getFirst();
      assertThat(new VersionPage(Optional.of(tls)).ask(url)).isIn(told(two));
      EtcdTls nobody = new EtcdTls(ca.authority(), Optional.empty(), Optional.empty());
      assertThatThrownBy(() -> new VersionPage(Optional.of(nobody)).ask(url))
          .isInstanceOf(IOException.class);
      assertRefused(with(etcd, Optional.empty(), Optional.of(nobody)));
      EtcdTls stranger =
          new EtcdTls(
              new TestCertificates(temp, "other-ca").authority(), tls.certificate(), tls.key());
      assertRefused(with(etcd, Optional.empty(), Optional.of(stranger)));
    }
  }

  @Test
  void userThatHasThePrefixAloneIsEnough() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(temp.resolve("etcd"), 1)) {
      for (String command :
          List.of(
              "user add root:secret",
              "user grant-role root root",
              "role add dns",
              "role grant-permission dns --prefix=true readwrite /dns/",
              "user add dns:password",
              "user grant-role dns dns",
              "auth enable")) {
        control(etcd, command);
      }
      Path password = Files.writeString(temp.resolve("password"), "password\n");
      EtcdConfig config = with(etcd, Optional.of(password), Optional.empty());
      try (Node one = Node.open(temp.resolve("one"), config);
          Node two = Node.open(temp.resolve("two"), config)) {
        one.create("example.org.");
        one.store().publishBase();
        two.store().awaitHead(Duration.ofSeconds(10));
        assertThat(two.standing()).isEqualTo(one.standing());
        awaitVersions(two, etcd);
        String url = "http://" + etcd.endpoints().getFirst();
        assertThat(new VersionPage(Optional.empty()).ask(url)).isIn(told(two));
      }
      try (Etcd asked = Etcd.of(config)) {
        assertThatThrownBy(
                () -> asked.put(SharedKeys.bytes("/elsewhere"), SharedKeys.bytes("x"), 0))
            .isInstanceOf(EtcdFault.class)
            .hasMessageContaining("grant that");
      }
      Path wrong = Files.writeString(temp.resolve("wrong"), "wrong\n");
      assertRefused(with(etcd, Optional.of(wrong), Optional.empty()));
      assertRefused(etcd.at("/dns/"));
    }
  }

  /** The versions of etcd's members are told on the same way, to the same user. */
  private static void awaitVersions(Node node, EtcdCluster etcd) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> node.store().figures().versions().keySet().containsAll(etcd.endpoints()));
  }

  private static Collection<String> told(Node node) {
    return node.store().figures().versions().values();
  }

  private static void assertRefused(EtcdConfig config) throws Exception {
    try (Etcd asked = Etcd.of(config)) {
      assertThatThrownBy(() -> asked.put(KEYS.node("x"), SharedKeys.bytes("x"), 0))
          .isInstanceOf(EtcdFault.class);
    }
  }

  private static EtcdConfig with(
      EtcdCluster etcd, Optional<Path> passwordFile, Optional<EtcdTls> tls) {
    return new EtcdConfig(
        etcd.endpoints(),
        "/dns/",
        passwordFile.map(_ -> "dns"),
        passwordFile,
        tls,
        Optional.empty(),
        Optional.empty(),
        false);
  }

  /** Has etcdctl do something. */
  static void control(EtcdCluster etcd, String command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("etcdctl", "--endpoints"));
    words.add(String.join(",", etcd.endpoints()));
    words.addAll(List.of(command.split(" ")));
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
  }
}
