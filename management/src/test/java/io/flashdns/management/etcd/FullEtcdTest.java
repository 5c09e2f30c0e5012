package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.options.GetOption;
import io.flashdns.core.store.StoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An etcd that has no space left, until somebody makes room. */
final class FullEtcdTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path temp;

  @Test
  void nodeSaysForAsLongAsItIsSoThatItIsFullAndThenTakesChangesByItself() throws Exception {
    List<String> options = List.of("--quota-backend-bytes=8388608");
    try (EtcdCluster etcd = EtcdCluster.start(temp.resolve("etcd"), 1, Optional.empty(), options);
        Node node = Node.open(temp.resolve("node"), etcd.at("/dns/"))) {
      node.create("before.example.");
      fill(etcd);
      assertThatThrownBy(() -> node.create("full.example."))
          .isInstanceOf(StoreException.Unavailable.class)
          .hasMessageContaining("it has no space left")
          .hasMessageContaining("etcdctl alarm disarm");
      Set<String> said = new HashSet<>();
      await()
          .during(Duration.ofSeconds(5))
          .atMost(PATIENCE)
          .until(
              () -> {
                said.add(node.store().state().readOnlyReason());
                return true;
              });
      assertThat(said).as("it does not come and go").hasSize(1);
      assertThat(said.iterator().next()).contains("it has no space left");
      String standing = node.standing();
      makeRoom(etcd);
      await().atMost(PATIENCE).until(() -> node.store().state().readOnlyReason().isEmpty());
      assertThat(node.standing()).as("finding out changes nothing").isEqualTo(standing);
      node.create("after.example.");
      try (Node other = Node.open(temp.resolve("other"), etcd.at("/dns/"))) {
        assertThat(other.standing()).isEqualTo(node.standing());
      }
    }
  }

  private static void fill(EtcdCluster etcd) throws Exception {
    byte[] octets = new byte[1 << 20];
    new Random(7).nextBytes(octets);
    try (Etcd client = Etcd.of(etcd.at("/fill/"))) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 64; i++) {
                  client.put(SharedKeys.bytes("/fill/" + i), ByteSequence.from(octets), 0);
                }
              })
          .isInstanceOf(EtcdFault.class)
          .hasMessageContaining("space");
    }
  }

  private static void makeRoom(EtcdCluster etcd) throws Exception {
    try (Etcd client = Etcd.of(etcd.at("/fill/"))) {
      ByteSequence from = SharedKeys.bytes("/fill/");
      client.delete(from, SharedKeys.end(from));
      client.compact(client.get(from, GetOption.DEFAULT).getHeader().getRevision());
    }
    EtcdAccessTest.control(etcd, "defrag");
    EtcdAccessTest.control(etcd, "alarm disarm");
  }
}
