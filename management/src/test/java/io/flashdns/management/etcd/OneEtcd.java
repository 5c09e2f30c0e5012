package io.flashdns.management.etcd;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** One member of etcd for all tests of a class. */
final class OneEtcd implements BeforeAllCallback, AfterAllCallback {
  private final Supplier<Path> folder;
  private EtcdCluster cluster;

  /**
   * @param folder of the class's files, asked for when the first test begins
   */
  OneEtcd(Supplier<Path> folder) {
    this.folder = folder;
  }

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    cluster = EtcdCluster.start(folder.get().resolve("etcd"), 1);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** HOST:PORT. */
  String endpoint() {
    return cluster.endpoints().getFirst();
  }

  /** A way to it that tests can trouble; whoever takes it closes it. */
  EtcdRelay relay() throws IOException {
    return EtcdRelay.to(cluster.members().getFirst());
  }

  /** Under a prefix that nobody has used. */
  EtcdConfig fresh() {
    return cluster.fresh();
  }
}
