package io.flashdns.core.embedded;

import com.sun.management.ThreadMXBean;
import io.flashdns.core.answer.AuthoritativeAnswerer;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.EngineCounters;
import io.flashdns.core.engine.EngineEvents;
import io.flashdns.core.engine.FaultPolicy;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileResult;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A server in memory: zones as text, plugins with their configuration, one worker.
 *
 * <p>One thread. Without an answering plugin it answers from its zones as the zone plugin does.
 * {@link #ask(byte[])} is the convenient way; {@link #exchange} is the one that allocates nothing
 * and is fit for benchmarks.
 */
public final class EmbeddedServer implements AutoCloseable {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final PluginBinding<?> LOOKUP =
      new PluginBinding<>(new ZoneLookup(), new ZoneLookup.Config());

  private final Engine engine;
  private final ManualClock clock;
  private final boolean answersFromZones;
  private final Worker worker;
  private Protocol protocol = Protocol.UDP;
  private long sourceHi;
  private long sourceLo = 0xffff_7f00_0001L;
  private int sourcePort = 53_000;
  private int listener;

  private EmbeddedServer(
      Engine engine, ManualClock clock, boolean answersFromZones, Catalog catalog) {
    this.engine = engine;
    this.clock = clock;
    this.answersFromZones = answersFromZones;
    engine.publish(catalog);
    this.worker = engine.newWorker();
  }

  /** Starts describing a server. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * A server that answers from these zones; each text is a zone file whose names are absolute or
   * follow an $ORIGIN.
   */
  public static EmbeddedServer serving(String... zoneTexts) {
    Builder builder = builder();
    for (String text : zoneTexts) {
      builder.zone(text);
    }
    return builder.build();
  }

  /** Sends the following messages over this protocol; UDP at first. */
  public EmbeddedServer over(Protocol next) {
    protocol = next;
    return this;
  }

  /**
   * Sends the following messages from this IPv4 address, as its four octets in one number, and
   * port.
   */
  public EmbeddedServer from(int ipv4, int port) {
    sourceHi = 0;
    sourceLo = 0xffff_0000_0000L | (ipv4 & 0xffff_ffffL);
    sourcePort = port;
    return this;
  }

  /** Sends the following messages from this IPv6 address and port. */
  public EmbeddedServer from(long addressHi, long addressLo, int port) {
    sourceHi = addressHi;
    sourceLo = addressLo;
    sourcePort = port;
    return this;
  }

  /** Sends the following messages to this listener; to the first one, 0, at first. */
  public EmbeddedServer to(int index) {
    listener = index;
    return this;
  }

  /** Stops the clock at this time; from then on it moves by {@link #advance} alone. */
  public EmbeddedServer at(Instant time) {
    clock.stopAt(time);
    return housekeep();
  }

  /**
   * Moves the clock and does what the server does from time to time: periodic work of plugins,
   * breakers, watchdog. The first call stops the clock.
   */
  public EmbeddedServer advance(Duration time) {
    clock.advance(time);
    return housekeep();
  }

  private EmbeddedServer housekeep() {
    engine.housekeep(clock.nanos());
    worker.beginBatch(clock.nanos());
    engine.housekeep(clock.nanos());
    return this;
  }

  /**
   * Makes other plugins answer, after what {@link Builder#zone} gave: a change of the
   * configuration.
   */
  public EmbeddedServer replacePlugins(List<? extends PluginBinding<?>> plugins) {
    List<PluginBinding<?>> all = new ArrayList<>(plugins);
    if (answersFromZones) {
      all.add(LOOKUP);
    }
    engine.replacePlugins(all);
    return housekeep();
  }

  /** Sends a message and returns a copy of the reply, of no octets when there is none. */
  public byte[] ask(byte[] message) {
    int length = exchange(message, message.length);
    return Arrays.copyOf(worker.reply(), length);
  }

  /** Asks for a name and type in class IN, without EDNS, with id 1 and RD clear. */
  public byte[] ask(String name, int type) {
    return ask(question(name, type));
  }

  /**
   * Sends a message without allocating.
   *
   * @return octets of the reply, which stands in {@link #reply} until the next call; 0 for none
   */
  public int exchange(byte[] message, int length) {
    System.arraycopy(message, 0, worker.packet(), 0, length);
    worker.beginBatch(clock.nanos());
    return worker.onPacket(length, protocol, listener, sourceHi, sourceLo, sourcePort);
  }

  /** Where {@link #exchange} leaves the reply. */
  public byte[] reply() {
    return worker.reply();
  }

  /**
   * Octets that this thread allocates while {@code rounds} exchanges of a message run, after as
   * many to warm up.
   */
  public long allocatedBytes(byte[] message, int rounds) {
    long before = 0;
    for (int i = -rounds; i < rounds; i++) {
      if (i == 0) {
        before = THREADS.getCurrentThreadAllocatedBytes();
      }
      exchange(message, message.length);
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** What the server counted so far. */
  public EngineCounters counters() {
    return engine.counters();
  }

  /**
   * The value of a metric: what a plugin counted, or the engine.
   *
   * @param name as exported, without {@code _total}: {@code flashdns_ratelimit_limited}
   * @param labelValues in the order of the labels; none for the sum over all of them
   * @return 0 when nothing was counted
   */
  public double metric(String name, String... labelValues) {
    double sum = 0;
    for (Metric metric : engine.metrics()) {
      if (metric.name().equals(name)) {
        for (Metric.Sample sample : metric.samples()) {
          if (labelValues.length == 0 || sample.labelValues().equals(List.of(labelValues))) {
            sum += sample.value();
          }
        }
      }
    }
    return sum;
  }

  /** The engine, to publish other catalogs. */
  public Engine engine() {
    return engine;
  }

  /** A question without EDNS: id 1, one question in class IN. */
  public static byte[] question(String name, int type) {
    byte[] wire = DomainName.parse(name).wire();
    byte[] message = new byte[Wire.HEADER_BYTES + wire.length + 4];
    Wire.put16(message, Wire.ID, 1);
    Wire.put16(message, Wire.QDCOUNT, 1);
    System.arraycopy(wire, 0, message, Wire.HEADER_BYTES, wire.length);
    Wire.put16(message, Wire.HEADER_BYTES + wire.length, type);
    Wire.put16(message, Wire.HEADER_BYTES + wire.length + 2, RecordClass.IN);
    return message;
  }

  /** A question with an OPT record: EDNS version 0, this payload size, DO set or not. */
  public static byte[] question(String name, int type, int payloadBytes, boolean dnssecOk) {
    byte[] plain = question(name, type);
    byte[] message = Arrays.copyOf(plain, plain.length + 11);
    Wire.put16(message, Wire.ARCOUNT, 1);
    Wire.put16(message, plain.length + 1, 41);
    Wire.put16(message, plain.length + 3, payloadBytes);
    Wire.put16(message, plain.length + 7, dnssecOk ? 0x8000 : 0);
    return message;
  }

  @Override
  public void close() {
    engine.close();
  }

  /** Describes an embedded server. */
  public static final class Builder {
    private final NameHash hash = new NameHash(42);
    private final ManualClock clock = new ManualClock();
    private final List<Zone> zones = new ArrayList<>();
    private final List<Tenant> tenants = new ArrayList<>();
    private final List<PluginBinding<?>> plugins = new ArrayList<>();
    private EngineConfig config = EngineConfig.of(hash).withClock(clock);
    private EngineEvents events = EngineEvents.NONE;
    private boolean answersFromZones = true;

    private Builder() {}

    /**
     * Adds a zone.
     *
     * @throws IllegalArgumentException when the text has errors; the message lists them all
     */
    public Builder zone(String text) {
      return zone(parse(text));
    }

    /**
     * Adds a zone of a tenant; its number is the next one free.
     *
     * @param view the view that it stands in, {@code public} for everybody's
     */
    public Builder zone(String text, Tenant owner, String view, boolean suspended) {
      if (!tenants.contains(owner)) {
        tenants.add(owner);
      }
      int number = zones.size() + 1;
      return zone(parse(text).placed(number, config.views().number(view), owner, suspended));
    }

    private Zone parse(String text) {
      ZoneFileResult result = ZoneFile.parse(text, ZoneFileLimits.defaults(), hash);
      Zone zone = result.zone();
      if (zone == null) {
        throw new IllegalArgumentException(result.problems().toString());
      }
      return zone;
    }

    /** Adds a zone that was built with {@link #hash}. */
    public Builder zone(Zone zone) {
      zones.add(zone);
      return this;
    }

    /** The hash that zones of this server must be built with. */
    public NameHash hash() {
      return hash;
    }

    /** Adds a plugin, after those added before. */
    public <C extends Record> Builder plugin(PluginFactory<C> factory, C pluginConfig) {
      plugins.add(new PluginBinding<>(factory, pluginConfig));
      return this;
    }

    /** The listeners whose indices {@link EmbeddedServer#to} takes. */
    public Builder listeners(List<InetSocketAddress> listeners) {
      config = config.withListeners(listeners);
      return this;
    }

    /** A folder for plugins that keep files. */
    public Builder dataFolder(Path folder) {
      config = config.withDataFolder(folder);
      return this;
    }

    /** What is done about plugins that fail or block. */
    public Builder faults(FaultPolicy policy) {
      config = config.withFaults(policy);
      return this;
    }

    /** Who hears of plugins that fail or block. */
    public Builder events(EngineEvents listener) {
      events = listener;
      return this;
    }

    /** Leaves the answering to the plugins alone. */
    public Builder withoutZoneLookup() {
      answersFromZones = false;
      return this;
    }

    /** Starts it. */
    public EmbeddedServer build() {
      List<PluginBinding<?>> pipeline = new ArrayList<>(plugins);
      if (answersFromZones) {
        pipeline.add(LOOKUP);
      }
      return new EmbeddedServer(
          new Engine(config, pipeline, events),
          clock,
          answersFromZones,
          Catalog.of(hash, zones, tenants));
    }
  }

  /** The zone plugin's answerer without its options. */
  private static final class ZoneLookup implements PluginFactory<ZoneLookup.Config> {
    record Config() {}

    @Override
    public String name() {
      return "zone";
    }

    @Override
    public int spiVersion() {
      return SPI_VERSION;
    }

    @Override
    public Class<Config> configType() {
      return Config.class;
    }

    @Override
    public Plugin create(Config config, PluginContext context) {
      return (WorkerContext worker) -> List.of(new AuthoritativeAnswerer(worker.hash()));
    }
  }
}
