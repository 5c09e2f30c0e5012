package io.flashdns.differential;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileResult;
import io.flashdns.plugins.nsid.NsidPluginConfig;
import io.flashdns.plugins.nsid.NsidPluginFactory;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportConfig;
import io.flashdns.transport.TransportException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** FlashDNS in this process, behind real sockets. */
final class FlashDnsServer implements NameServer {
  private final Engine engine;
  private final Transport transport;

  private FlashDnsServer(Engine engine, Transport transport) {
    this.engine = engine;
    this.transport = transport;
  }

  /**
   * Loads the zones from their files and serves them; tells its identity to who asks for it.
   *
   * @throws IllegalArgumentException when a zone has errors
   */
  static FlashDnsServer start(World world, IoBackend io) throws TransportException {
    PluginBinding<?> nsid =
        new PluginBinding<>(new NsidPluginFactory(), new NsidPluginConfig(NSID));
    return start(world, io, List.of(nsid));
  }

  /**
   * The same with these plugins instead, which are asked before the zone plugin.
   *
   * @throws IllegalArgumentException when a zone has errors
   */
  static FlashDnsServer start(World world, IoBackend io, List<PluginBinding<?>> first)
      throws TransportException {
    NameHash hash = new NameHash(7);
    List<Zone> zones = new ArrayList<>();
    for (ServedZone served : world.zones()) {
      ZoneFileResult result = ZoneFile.load(served.file(), ZoneFileLimits.defaults(), hash);
      Zone zone = result.zone();
      if (zone == null) {
        throw new IllegalArgumentException(served.apex() + ": " + result.problems());
      }
      zones.add(zone);
    }
    List<PluginBinding<?>> plugins = new ArrayList<>(first);
    plugins.add(new PluginBinding<>(new ZonePluginFactory(), new ZonePluginConfig()));
    Engine engine = new Engine(EngineConfig.of(hash), plugins);
    engine.publish(Catalog.of(hash, zones));
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Transport transport =
        Transport.start(
            new TransportConfig(List.of(anyPort), io, 1, TcpLimits.defaults(), 1 << 20),
            engine::newWorker);
    return new FlashDnsServer(engine, transport);
  }

  @Override
  public String name() {
    return "FlashDNS";
  }

  @Override
  public InetSocketAddress address() {
    return transport.addresses().getFirst();
  }

  @Override
  public void close() {
    transport.close();
    engine.close();
  }
}
