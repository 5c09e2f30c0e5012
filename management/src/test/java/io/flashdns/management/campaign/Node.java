package io.flashdns.management.campaign;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Views;
import io.flashdns.management.server.ZoneService;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportConfig;
import io.flashdns.transport.TransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A data folder in use, as a server uses it: the store and, when it serves, images, catalog, engine
 * and a port that opens last.
 */
final class Node implements AutoCloseable {
  private static final NameHash HASH = new NameHash(42);
  private static final long INDEX_BYTES = 64 << 20;
  private static final int RECEIVE_BUFFER_BYTES = 1 << 20;

  private final ZoneStore store;
  private final @Nullable Serving serving;

  private record Serving(ZoneService zones, Engine engine, Transport transport) {}

  private Node(ZoneStore store, @Nullable Serving serving) {
    this.store = store;
    this.serving = serving;
  }

  /**
   * Opens a data folder.
   *
   * @param serves whether zones are served from it
   * @param minFreeBytes that the store leaves free
   */
  static Node open(Path data, boolean serves, long minFreeBytes)
      throws StoreException, IOException, InterruptedException {
    StoreConfig config =
        new StoreConfig(1L << 30, Duration.ofDays(90), Duration.ofDays(400), minFreeBytes);
    ZoneStore store = EmbeddedStore.open(data.resolve("store"), config);
    try {
      return new Node(store, serves ? serve(data, store) : null);
    } catch (StoreException | IOException | InterruptedException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static Serving serve(Path data, ZoneStore store)
      throws StoreException, IOException, InterruptedException {
    Views views = new Views();
    Engine engine =
        new Engine(
            EngineConfig.of(HASH).withViews(views),
            List.of(new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults())));
    ZoneService zones = ZoneService.over(store, data.resolve("images"), INDEX_BYTES, HASH, views);
    try {
      zones.start(engine::publish);
      engine.start();
      return new Serving(zones, engine, listen(engine));
    } catch (StoreException | IOException | InterruptedException | RuntimeException e) {
      zones.close();
      engine.close();
      throw e;
    }
  }

  private static Transport listen(Engine engine) throws IOException {
    TransportConfig config =
        new TransportConfig(
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            IoBackend.AUTO,
            1,
            TcpLimits.defaults(),
            RECEIVE_BUFFER_BYTES);
    try {
      return Transport.start(config, engine::newWorker);
    } catch (TransportException e) {
      throw new IOException(e);
    }
  }

  ZoneStore store() {
    return store;
  }

  /** Where it is asked; null when it does not serve. */
  @Nullable InetSocketAddress dns() {
    return serving == null ? null : serving.transport().addresses().getFirst();
  }

  /** Waits until what was committed is served. */
  void awaitServed() throws StoreException, InterruptedException {
    if (serving != null) {
      serving.zones().catchUp(store.state().revision());
    }
  }

  @Override
  public void close() {
    if (serving == null) {
      store.close();
    } else {
      serving.transport().close();
      serving.zones().close();
      serving.engine().close();
    }
  }
}
