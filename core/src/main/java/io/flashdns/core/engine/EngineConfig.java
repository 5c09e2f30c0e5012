package io.flashdns.core.engine;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.Views;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * What the engine needs to know besides plugins and zones.
 *
 * @param hash the hash of all names, zones and catalogs of this process
 * @param maxUdpReplyBytes largest reply over UDP and the size that OPT advertises, 512 to 4,096
 *     octets; 1,232 keeps replies from being fragmented on any path (DNS Flag Day 2020)
 * @param listeners addresses of the transport's listeners, in the order of their indices
 * @param dataFolder the folder of the server's own files, for plugins that keep some
 * @param views names and numbers of the views, shared with whoever places zones in them
 * @param faults what is done about plugins that fail or block
 * @param clock the wall clock
 */
public record EngineConfig(
    NameHash hash,
    int maxUdpReplyBytes,
    List<InetSocketAddress> listeners,
    Optional<Path> dataFolder,
    Views views,
    FaultPolicy faults,
    InstantSource clock) {
  /** The reply size over UDP that no path has to fragment. */
  public static final int DEFAULT_MAX_UDP_REPLY_BYTES = 1_232;

  /** Octets that can be read or written behind a whole message in a worker's arrays. */
  static final int SLACK_BYTES = 16;

  static final int BUFFER_BYTES = Wire.MAX_MESSAGE_BYTES + SLACK_BYTES;

  /** Refuses values out of bounds. */
  public EngineConfig {
    if (maxUdpReplyBytes < 512 || maxUdpReplyBytes > 4_096) {
      throw new IllegalArgumentException(
          "the largest UDP reply is " + maxUdpReplyBytes + " octets, 512 to 4096 are allowed");
    }
    listeners = List.copyOf(listeners);
  }

  /** Defaults with a hash: replies of at most 1,232 octets, no listeners, no folder. */
  public static EngineConfig of(NameHash hash) {
    return new EngineConfig(
        hash,
        DEFAULT_MAX_UDP_REPLY_BYTES,
        List.of(),
        Optional.empty(),
        new Views(),
        FaultPolicy.defaults(),
        InstantSource.system());
  }

  /** The same with another limit of replies over UDP. */
  public EngineConfig withMaxUdpReplyBytes(int bytes) {
    return new EngineConfig(hash, bytes, listeners, dataFolder, views, faults, clock);
  }

  /** The same with these listeners. */
  public EngineConfig withListeners(List<InetSocketAddress> addresses) {
    return new EngineConfig(hash, maxUdpReplyBytes, addresses, dataFolder, views, faults, clock);
  }

  /** The same with a folder for files. */
  public EngineConfig withDataFolder(Path folder) {
    return new EngineConfig(
        hash, maxUdpReplyBytes, listeners, Optional.of(folder), views, faults, clock);
  }

  /** The same with these views. */
  public EngineConfig withViews(Views shared) {
    return new EngineConfig(hash, maxUdpReplyBytes, listeners, dataFolder, shared, faults, clock);
  }

  /** The same with another policy for faults. */
  public EngineConfig withFaults(FaultPolicy policy) {
    return new EngineConfig(hash, maxUdpReplyBytes, listeners, dataFolder, views, policy, clock);
  }

  /** The same with another wall clock. */
  public EngineConfig withClock(InstantSource other) {
    return new EngineConfig(hash, maxUdpReplyBytes, listeners, dataFolder, views, faults, other);
  }
}
