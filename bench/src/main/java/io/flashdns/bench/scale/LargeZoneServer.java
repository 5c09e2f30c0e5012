package io.flashdns.bench.scale;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneContents;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Views;
import io.flashdns.management.server.ZoneService;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import io.flashdns.transport.BackgroundThread;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportConfig;
import io.flashdns.transport.TransportException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * A server in this process with one zone of many names, {@code h0} and so on, an address each:
 * store, images, engine and port as {@code flashdns serve} has them.
 */
final class LargeZoneServer implements AutoCloseable {
  static final DomainName APEX = DomainName.parse("large.test");
  private static final int TTL = 300;
  private static final NameHash HASH = new NameHash(42);
  private static final int RECEIVE_BUFFER_BYTES = 4 << 20;
  private static final long HOUSEKEEPING_MILLIS = 100;

  private final ZoneStore store;
  private final ZoneService zones;
  private final Engine engine;
  private final Transport transport;
  private final Thread housekeeping;
  private final ZoneId zone;

  /**
   * Starts it over a folder; the zone is made when it is not there.
   *
   * @param names of the zone, besides its apex
   */
  LargeZoneServer(Path folder, int names, int workers, long indexBytes)
      throws StoreException, IOException, InterruptedException, TransportException {
    store =
        EmbeddedStore.open(
            folder.resolve("store"),
            StoreConfig.defaults(),
            BackgroundThread.factory("store-writer"));
    zone = zone(store, names);
    Views views = new Views();
    engine =
        new Engine(
            EngineConfig.of(HASH).withViews(views),
            List.of(new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults())));
    zones = ZoneService.over(store, folder.resolve("images"), indexBytes, HASH, views);
    zones.start(engine::publish);
    engine.start();
    transport =
        Transport.start(
            new TransportConfig(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                IoBackend.AUTO,
                workers,
                TcpLimits.defaults(),
                RECEIVE_BUFFER_BYTES),
            engine::newWorker);
    housekeeping = Thread.ofPlatform().daemon().name("housekeeping").start(this::housekeep);
  }

  private static ZoneId zone(ZoneStore store, int names)
      throws StoreException, InterruptedException {
    ZoneKey key = new ZoneKey(Views.PUBLIC_NAME, APEX);
    try (StoreSnapshot snapshot = store.snapshot()) {
      StoredZone there = snapshot.zone(key);
      if (there != null) {
        return there.id();
      }
    }
    ZoneContents contents = new ZoneContents(APEX);
    contents.add(new RRset(APEX, RecordType.SOA, TTL, List.of(soa())));
    RecordData server = RecordData.of(DomainName.parse("ns.invalid").wire());
    contents.add(new RRset(APEX, RecordType.NS, TTL, List.of(server)));
    for (int i = 0; i < names; i++) {
      contents.add(address(i, i));
    }
    ZoneChange create = new ZoneChange.Create(ZoneSettings.of(key), contents.block());
    return store.commit(ChangeSet.of("bench", create)).zones().getFirst().id();
  }

  private static RecordData soa() {
    byte[] name = DomainName.parse("ns.invalid").wire();
    byte[] data = new byte[2 * name.length + 20];
    System.arraycopy(name, 0, data, 0, name.length);
    System.arraycopy(name, 0, data, name.length, name.length);
    Wire.put32(data, 2 * name.length, 1);
    Wire.put32(data, 2 * name.length + 16, TTL);
    return RecordData.of(data);
  }

  static DomainName host(int number) {
    return DomainName.parse("h" + number, APEX);
  }

  private static RRset address(int host, int address) {
    byte[] octets = new byte[4];
    Wire.put32(octets, 0, address);
    return new RRset(host(host), RecordType.A, TTL, List.of(RecordData.of(octets)));
  }

  /** Gives a host another address; returns when that is safe, and at which revision. */
  long change(int host, int address) throws StoreException, InterruptedException {
    RRsetEdit put = new RRsetEdit.Put(address(host, address), RRsetEdit.ANY_REVISION);
    ZoneChange edit = new ZoneChange.Edit(zone, List.of(put), ZoneChange.ANY_REVISION);
    return store.commit(ChangeSet.of("bench", edit)).revision();
  }

  /** Waits until a revision is served. */
  void catchUp(long revision) throws StoreException, InterruptedException {
    zones.catchUp(revision);
  }

  private void housekeep() {
    try {
      while (true) {
        Thread.sleep(HOUSEKEEPING_MILLIS);
        engine.housekeep(System.nanoTime());
      }
    } catch (InterruptedException _) {
      // closed
    }
  }

  /** Where it listens. */
  InetSocketAddress address() {
    return transport.addresses().getFirst();
  }

  @Override
  public void close() {
    housekeeping.interrupt();
    transport.close();
    zones.close();
    engine.close();
  }
}
