package io.flashdns.core.engine;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.Wire;
import org.jspecify.annotations.Nullable;

/**
 * What the engine needs to know besides plugins and zones.
 *
 * @param hash the hash of all names, zones and catalogs of this process
 * @param nsid octets of the name server identifier (RFC 5001), 1 to 128 of them; null to send none
 * @param maxUdpReplyBytes largest reply over UDP and the size that OPT advertises, 512 to 4,096
 *     octets; 1,232 keeps replies from being fragmented on any path (DNS Flag Day 2020)
 */
@SuppressWarnings(
    "ArrayRecordComponent") // octets of the wire; copied on the way in, compared by nobody
public record EngineConfig(NameHash hash, byte @Nullable [] nsid, int maxUdpReplyBytes) {
  /** The reply size over UDP that no path has to fragment. */
  public static final int DEFAULT_MAX_UDP_REPLY_BYTES = 1_232;

  private static final int MAX_NSID_BYTES = 128;

  /** Refuses values out of bounds. */
  public EngineConfig {
    if (nsid != null && (nsid.length == 0 || nsid.length > MAX_NSID_BYTES)) {
      throw new IllegalArgumentException(
          "nsid has " + nsid.length + " octets, 1 to 128 are allowed");
    }
    if (maxUdpReplyBytes < 512 || maxUdpReplyBytes > 4_096) {
      throw new IllegalArgumentException(
          "the largest UDP reply is " + maxUdpReplyBytes + " octets, 512 to 4096 are allowed");
    }
    nsid = nsid == null ? null : nsid.clone();
  }

  /** Defaults with a hash: no NSID, replies of at most 1,232 octets. */
  public static EngineConfig of(NameHash hash) {
    return new EngineConfig(hash, null, DEFAULT_MAX_UDP_REPLY_BYTES);
  }

  /** Octets that can be read or written behind a whole message in a worker's arrays. */
  static final int SLACK_BYTES = 16;

  static final int BUFFER_BYTES = Wire.MAX_MESSAGE_BYTES + SLACK_BYTES;
}
