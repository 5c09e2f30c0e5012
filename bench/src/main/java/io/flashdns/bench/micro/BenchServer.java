package io.flashdns.bench.micro;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Zone;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** An engine with plugins, its catalog and one worker, and the ways of asking it. One thread. */
final class BenchServer {
  static final NameHash HASH = new NameHash(42);

  private static final long CLIENT_LO = 0xffff_7f00_0001L;
  private static final int CLIENT_PORT = 53_000;

  private static final long IPV4 = 0xffff_0000_0000L;
  private static final int SOURCE_STEP = 0x9e37_79b9;
  private static final long BETWEEN_QUERIES_NANOS = 1_000_000;

  private final Worker worker;
  private int source;
  private long nanos;

  /**
   * A server of zones that belong to nobody.
   *
   * @param hooks hooks beside the zone plugin's, as in {@link HookPlugin.Config}
   */
  BenchServer(Collection<Zone> zones, int hooks) {
    this(
        zones,
        List.of(),
        hooks == 0
            ? List.of(zonePlugin())
            : List.of(
                new PluginBinding<>(new HookPlugin(), new HookPlugin.Config(hooks)), zonePlugin()));
  }

  /** A server with these plugins, all of them. */
  BenchServer(
      Collection<Zone> zones, Collection<Tenant> tenants, List<? extends PluginBinding<?>> all) {
    this(Catalog.of(HASH, zones, tenants), all);
  }

  /** A server of this catalog, which may have a source of zones. */
  BenchServer(Catalog catalog, List<? extends PluginBinding<?>> all) {
    Engine engine = new Engine(EngineConfig.of(HASH), all);
    engine.publish(catalog);
    worker = engine.newWorker();
  }

  static PluginBinding<?> zonePlugin() {
    return new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults());
  }

  /** Zones of a size, and one small signed zone of another shape for {@link Pollution}. */
  static List<Zone> zones(Size size, boolean signed) {
    List<Zone> zones = new ArrayList<>(size.zones + 1);
    for (int i = 0; i < size.zones; i++) {
      zones.add(BenchZone.build(HASH, BenchZone.apex(i), size.names, signed));
    }
    zones.add(Pollution.zone());
    return zones;
  }

  /** Asks the next message of a list; returns octets of the reply. */
  int ask(QueryList queries) {
    int length = queries.copyNext(worker.packet());
    return worker.onPacket(length, Protocol.UDP, 0, 0, CLIENT_LO, CLIENT_PORT);
  }

  /**
   * Asks the next message of a list from another address than before, all of IPv4 in turn, and a
   * millisecond later: no limit by source or time is near. Returns octets of the reply.
   */
  int askFromAnywhere(QueryList queries) {
    int length = queries.copyNext(worker.packet());
    source += SOURCE_STEP;
    nanos += BETWEEN_QUERIES_NANOS;
    worker.beginBatch(nanos);
    return worker.onPacket(length, Protocol.UDP, 0, 0, IPV4 | (source & 0xffff_ffffL), CLIENT_PORT);
  }

  /** Asks any octets; returns octets of the reply. */
  int ask(byte[] message, Protocol protocol) {
    System.arraycopy(message, 0, worker.packet(), 0, message.length);
    return worker.onPacket(message.length, protocol, 0, 0, CLIENT_LO, CLIENT_PORT);
  }

  /**
   * Asks the next {@link Worker#BATCH} messages of a list as one batch; returns octets of all
   * replies.
   */
  int askBatch(QueryList queries) {
    for (int slot = 0; slot < Worker.BATCH; slot++) {
      int length = queries.copyNext(worker.packet(slot));
      worker.accept(slot, length, Protocol.UDP, 0, 0, CLIENT_LO, CLIENT_PORT);
    }
    worker.lookAhead(Worker.BATCH);
    int octets = 0;
    for (int slot = 0; slot < Worker.BATCH; slot++) {
      octets += worker.answer(slot);
    }
    return octets;
  }

  /** The last message of {@link #ask}. */
  byte[] packet() {
    return worker.packet();
  }

  /** The last reply. */
  byte[] reply() {
    return worker.reply();
  }
}
