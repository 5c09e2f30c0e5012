package io.flashdns.bench.neighbour;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.plugins.tenancy.TenancyPluginConfig;
import io.flashdns.plugins.tenancy.TenancyPluginFactory;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportConfig;
import io.flashdns.transport.TransportException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;

/** A server in this process that two tenants share. */
final class NeighbourServer implements AutoCloseable {
  /** Names {@code n0} to {@code n63} in each zone. */
  static final int NAMES = 64;

  static final String ZONE_A = "a.example.";
  static final String ZONE_B = "b.example.";

  private static final int RECEIVE_BUFFER_BYTES = 4 << 20;
  private static final long HOUSEKEEPING_MILLIS = 100;

  private final Engine engine;
  private final Transport transport;
  private final Thread housekeeping;

  /**
   * Starts it.
   *
   * @param budget queries per second that tenant A may ask; tenant B has no limit
   */
  NeighbourServer(int workers, int budget) throws TransportException {
    NameHash hash = new NameHash(42);
    Tenant a = new Tenant(1, "noisy", "a", false, budget);
    Tenant b = new Tenant(2, "quiet", "b", false, 0);
    engine =
        new Engine(
            EngineConfig.of(hash),
            List.of(
                new PluginBinding<>(new TenancyPluginFactory(), TenancyPluginConfig.defaults()),
                new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults())));
    engine.publish(
        Catalog.of(
            hash,
            List.of(
                zone(hash, ZONE_A).placed(1, Views.PUBLIC, a, false),
                zone(hash, ZONE_B).placed(2, Views.PUBLIC, b, false)),
            List.of(a, b)));
    engine.start();
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    transport =
        Transport.start(
            new TransportConfig(
                List.of(loopback),
                IoBackend.AUTO,
                workers,
                TcpLimits.defaults(),
                RECEIVE_BUFFER_BYTES),
            engine::newWorker);
    housekeeping = Thread.ofPlatform().daemon().name("housekeeping").start(this::housekeep);
  }

  private static Zone zone(NameHash hash, String apex) {
    StringBuilder text = new StringBuilder("$ORIGIN " + apex + "\n");
    text.append("@ 300 SOA ns.invalid. host.invalid. 1 3600 600 86400 300\n");
    text.append("@ 300 NS ns.invalid.\n");
    for (int i = 0; i < NAMES; i++) {
      text.append("n").append(i).append(" 300 A 192.0.2.").append(i).append('\n');
    }
    return Objects.requireNonNull(
        ZoneFile.parse(text.toString(), ZoneFileLimits.defaults(), hash).zone());
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

  /** How it reads and writes packets. */
  String description() {
    return transport.description();
  }

  @Override
  public void close() {
    housekeeping.interrupt();
    transport.close();
    engine.close();
  }
}
