package io.flashdns.transport;

import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/**
 * Reads the header of the PROXY protocol, version 2 (HAProxy, "The PROXY protocol", section 2.2):
 * what a proxy puts before a client's datagram, or before the first message of a connection, to say
 * who the client is.
 *
 * <pre>{@code
 * octet  0             12        13        14        16
 *        +-------------+----+----+----+----+---------+-----------------------+
 *        |  signature  |ver |cmd |fam |tran|  rest   |  rest: so many octets |
 *        +-------------+----+----+----+----+---------+-----------------------+
 *         0d 0a 0d 0a   2    0 LOCAL: the rest is skipped, whatever family
 *         00 0d 0a 51        1 PROXY:
 *         55 49 54 0a
 *                                 0    0   unspecified: the rest is skipped
 *                                 1   1,2  IPv4, stream or datagram: 12 octets, and TLVs
 *                                 2   1,2  IPv6, stream or datagram: 36 octets, and TLVs
 *
 * octet  16        20        24    26    28
 *        +---------+---------+-----+-----+------------------
 *  IPv4  | source  | destin. |sport|dport| TLVs, skipped
 *        +---------+---------+-----+-----+------------------
 * octet  16                32                48    50    52
 *        +-----------------+-----------------+-----+-----+------------------
 *  IPv6  | source          | destination     |sport|dport| TLVs, skipped
 *        +-----------------+-----------------+-----+-----+------------------
 * }</pre>
 *
 * <p>All else is refused: version 1, which is text; UNIX sockets, and whatever the protocol does
 * not name; more than {@link #MAX_REST_BYTES} octets of rest; too few of them for the addresses; a
 * source port of 0, from which no client can ask. LOCAL, which a proxy sends for itself, and an
 * unspecified family name no client: the peer itself asks. Destination and TLVs are not looked at,
 * a checksum among them neither.
 *
 * <p><b>Thread</b>: its loop's; what was read is there until the next header is. <b>Cost</b>: no
 * allocation.
 */
final class ProxyHeader {
  /** What {@link #read} says of octets with which a header may begin. */
  static final int INCOMPLETE = 0;

  /** What {@link #read} says of octets with which no header begins that is taken here. */
  static final int REFUSED = -1;

  /** Octets before the rest. */
  static final int FIXED_BYTES = 16;

  /**
   * Longest rest: 500 octets for TLVs after IPv6 addresses. Proxies of DNS send a few dozen, if
   * any.
   */
  static final int MAX_REST_BYTES = 536;

  /** Longest header. */
  static final int MAX_BYTES = FIXED_BYTES + MAX_REST_BYTES;

  private static final byte[] SIGNATURE = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };
  private static final int COMMAND = 12;
  private static final int FAMILY = 13;
  private static final int REST_LENGTH = 14;

  private static final int VERSION_2_LOCAL = 0x20;
  private static final int VERSION_2_PROXY = 0x21;

  private static final int UNSPECIFIED = 0x00;
  private static final int IPV4_STREAM = 0x11;
  private static final int IPV4_DATAGRAM = 0x12;
  private static final int IPV6_STREAM = 0x21;
  private static final int IPV6_DATAGRAM = 0x22;

  private static final int IPV4_BYTES = 12;
  private static final int IPV6_BYTES = 36;

  private final byte[] octets = new byte[MAX_BYTES];
  private boolean namesClient;
  private boolean stream;
  private long sourceHigh;
  private long sourceLow;
  private int sourcePort;

  /** Room for the start of what came, for callers that have it in other memory. */
  byte[] octets() {
    return octets;
  }

  /**
   * Reads a header, or refuses it as soon as its first octets allow.
   *
   * @param octets holds what came from {@code from}, with it, to {@code to}, without it
   * @return the header's length, {@link #INCOMPLETE} or {@link #REFUSED}; only a length makes what
   *     the other methods say valid
   */
  int read(byte[] octets, int from, int to) {
    int length = to - from;
    int signed = Math.min(length, SIGNATURE.length);
    if (!Arrays.equals(octets, from, from + signed, SIGNATURE, 0, signed)) {
      return REFUSED;
    }
    if (length <= COMMAND) {
      return INCOMPLETE;
    }
    int command = Wire.u8(octets, from + COMMAND);
    if (command != VERSION_2_PROXY && command != VERSION_2_LOCAL) {
      return REFUSED;
    }
    if (length <= FAMILY) {
      return INCOMPLETE;
    }
    int family = command == VERSION_2_LOCAL ? UNSPECIFIED : Wire.u8(octets, from + FAMILY);
    int addressBytes = addressBytes(family);
    if (addressBytes < 0) {
      return REFUSED;
    }
    if (length < FIXED_BYTES) {
      return INCOMPLETE;
    }
    int rest = Wire.u16(octets, from + REST_LENGTH);
    if (rest > MAX_REST_BYTES || rest < addressBytes) {
      return REFUSED;
    }
    if (length < FIXED_BYTES + rest) {
      return INCOMPLETE;
    }
    namesClient = addressBytes != 0;
    stream = family == IPV4_STREAM || family == IPV6_STREAM;
    if (namesClient && !readSource(octets, from + FIXED_BYTES, addressBytes)) {
      return REFUSED;
    }
    return FIXED_BYTES + rest;
  }

  /** Octets of the addresses and ports of a family; -1 for one that is refused. */
  private static int addressBytes(int family) {
    return switch (family) {
      case UNSPECIFIED -> 0;
      case IPV4_STREAM, IPV4_DATAGRAM -> IPV4_BYTES;
      case IPV6_STREAM, IPV6_DATAGRAM -> IPV6_BYTES;
      default -> -1;
    };
  }

  /** False for a source port of 0. */
  private boolean readSource(byte[] octets, int at, int addressBytes) {
    if (addressBytes == IPV4_BYTES) {
      sourceHigh = 0;
      sourceLow = Addresses.mapped(Wire.s32(octets, at));
      sourcePort = Wire.u16(octets, at + 8);
    } else {
      sourceHigh = Wire.s64(octets, at);
      sourceLow = Wire.s64(octets, at + 8);
      sourcePort = Wire.u16(octets, at + 32);
    }
    return sourcePort != 0;
  }

  /** Whether the header says who asks; else it is the peer itself. */
  boolean namesClient() {
    return namesClient;
  }

  /**
   * Whether the client came to the proxy over a stream, so that its address is not forged; of a
   * header that names a client.
   */
  boolean isStream() {
    return stream;
  }

  /** The upper 64 bits of the client's address, as {@link Addresses#high} gives them. */
  long sourceHigh() {
    return sourceHigh;
  }

  /** The lower 64 bits of the client's address, as {@link Addresses#low} gives them. */
  long sourceLow() {
    return sourceLow;
  }

  /** The client's port, 1 to 65,535. */
  int sourcePort() {
    return sourcePort;
  }
}
