package io.flashdns.bench.load;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
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
import java.util.Objects;

/** A server in this process with the zones of a workload. */
final class WorkloadServer implements AutoCloseable {
  private final Engine engine;
  private final Transport transport;

  WorkloadServer(Workload workload) throws TransportException {
    NameHash hash = new NameHash(42);
    engine =
        new Engine(
            EngineConfig.of(hash),
            List.of(new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults())));
    List<Zone> zones = new ArrayList<>();
    for (int i = 0; i < workload.zones(); i++) {
      zones.add(
          Objects.requireNonNull(
              ZoneFile.parse(workload.zoneFile(i), ZoneFileLimits.defaults(), hash).zone()));
    }
    engine.publish(Catalog.of(hash, zones));
    engine.start();
    transport =
        Transport.start(
            new TransportConfig(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                IoBackend.AUTO,
                1,
                TcpLimits.defaults(),
                4 << 20),
            engine::newWorker);
  }

  InetSocketAddress address() {
    return transport.addresses().getFirst();
  }

  @Override
  public void close() {
    transport.close();
    engine.close();
  }
}
