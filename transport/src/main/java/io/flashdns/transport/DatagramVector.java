package io.flashdns.transport;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The memory of {@code recvmmsg}: a batch of received datagrams. It is laid out once and then used
 * for ever. {@link ReplyVector} is that of the replies.
 *
 * <pre>{@code
 * struct mmsghdr {                        // 64 octets
 *   struct msghdr {
 *     void         *msg_name;             //  0  peer
 *     socklen_t     msg_namelen;          //  8
 *     struct iovec *msg_iov;              // 16
 *     size_t        msg_iovlen;           // 24
 *     void         *msg_control;          // 32  which of our addresses was asked
 *     size_t        msg_controllen;       // 40
 *     int           msg_flags;            // 48
 *   } msg_hdr;
 *   unsigned int    msg_len;              // 56  received octets
 * };
 * struct iovec        { void *iov_base; size_t iov_len; };                                    // 16
 * struct sockaddr_in  { u16 family; be16 port; be32 addr; u8 zero[8]; };                      // 16
 * struct sockaddr_in6 { u16 family; be16 port; be32 flow; u8 addr[16]; u32 scope_id; };       // 28
 * struct cmsghdr      { size_t cmsg_len; int cmsg_level; int cmsg_type; };                    // 16
 * struct in_pktinfo   { int ifindex; be32 spec_dst; be32 addr; };     // 12, after a cmsghdr: 32 in all
 * struct in6_pktinfo  { u8 addr[16]; int ifindex; };                  // 20, after a cmsghdr: 40 in all
 * u16                 UDP_SEGMENT;                                    //  2, after a cmsghdr: 24 in all
 * }</pre>
 *
 * These offsets are those of every 64-bit Linux with glibc, x86_64 and aarch64 alike.
 *
 * <p>Replies borrow the addresses and the control data of the datagrams that they answer, where
 * they lie: nothing is copied, and so the next batch may be read only when the replies are sent.
 * The slots of datagrams are not a power of two apart, since their first octets would then compete
 * for the same cache lines.
 *
 * <p><b>Thread</b>: the one that made it. <b>Cost</b>: no method but the constructor allocates.
 */
final class DatagramVector implements AutoCloseable {
  /** Most datagrams of one batch. */
  static final int CAPACITY = Limits.BATCH;

  /** Offsets and sizes of the structures, for both vectors. */
  static final int HEADER = 64;

  static final int NAME = 0;
  static final int NAME_LENGTH = 8;
  static final int IOV = 16;
  static final int IOV_LENGTH = 24;
  static final int CONTROL = 32;
  static final int CONTROL_LENGTH = 40;
  static final int IOVEC = 16;
  static final int CACHE_LINE = 64;

  private static final int RECEIVED_LENGTH = 56;
  private static final int IPV4_NAME = 16;
  private static final int IPV6_NAME = 28;
  private static final int NAME_STRIDE = 32;
  private static final int IPV4_CONTROL = 32;
  private static final int IPV6_CONTROL = 40;
  private static final int CONTROL_STRIDE = 64;
  private static final int CONTROL_DATA = 16;

  private static final int HEADERS = 0;
  private static final int IOVECS = HEADERS + CAPACITY * HEADER;
  private static final int NAMES = IOVECS + CAPACITY * IOVEC;
  private static final int CONTROLS = NAMES + CAPACITY * NAME_STRIDE;
  private static final int SLOTS = CONTROLS + CAPACITY * CONTROL_STRIDE;

  private static final ValueLayout.OfInt BIG_INT = JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort BIG_SHORT = JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BIG_LONG = JAVA_LONG.withOrder(ByteOrder.BIG_ENDIAN);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment errno = arena.allocate(Libc.ERRNO_BYTES, Long.BYTES);
  private final MemorySegment memory;
  private final long base;
  private final boolean ipv6;
  private final int controlBytes;
  private final int slotStride;

  /**
   * @param ipv6 whether the socket's addresses are IPv6
   * @param wildcard whether the socket says which local address was asked, and wants to be told
   *     which to answer from
   * @param datagramBytes room for one datagram
   */
  DatagramVector(boolean ipv6, boolean wildcard, int datagramBytes) {
    this.ipv6 = ipv6;
    // An odd number of cache lines.
    slotStride = ((datagramBytes + CACHE_LINE - 1) / CACHE_LINE | 1) * CACHE_LINE;
    memory = arena.allocate(SLOTS + (long) CAPACITY * slotStride, CACHE_LINE);
    base = memory.address();
    controlBytes = !wildcard ? 0 : ipv6 ? IPV6_CONTROL : IPV4_CONTROL;
    for (int i = 0; i < CAPACITY; i++) {
      long slot = base + SLOTS + (long) i * slotStride;
      int header = HEADERS + i * HEADER;
      int iovec = IOVECS + i * IOVEC;
      setLong(iovec, slot);
      setLong(iovec + 8, datagramBytes);
      setLong(header + NAME, nameAddress(i));
      setInt(header + NAME_LENGTH, nameBytes());
      setLong(header + IOV, base + iovec);
      setLong(header + IOV_LENGTH, 1);
      if (wildcard) {
        setLong(header + CONTROL, base + CONTROLS + (long) i * CONTROL_STRIDE);
      }
    }
  }

  /** Where the calls of this vector leave their error number. */
  MemorySegment errno() {
    return errno;
  }

  /**
   * The vector to receive into, as {@code recvmmsg} wants it. The kernel leaves all of it as it
   * was, for a socket of one address family, but for the length of the control data.
   */
  long receiveAddress() {
    if (controlBytes != 0) {
      for (int i = 0; i < CAPACITY; i++) {
        setLong(HEADERS + i * HEADER + CONTROL_LENGTH, controlBytes);
      }
    }
    return base + HEADERS;
  }

  /** Length of datagram {@code i}, cut to the room for one. */
  int length(int i) {
    return memory.get(JAVA_INT, HEADERS + i * HEADER + (long) RECEIVED_LENGTH);
  }

  /** Copies {@code length} octets of datagram {@code i}, from number {@code from} on. */
  void copyDatagram(int i, int from, byte[] to, int length) {
    MemorySegment.copy(memory, JAVA_BYTE, SLOTS + (long) i * slotStride + from, to, 0, length);
  }

  long sourceHigh(int i) {
    return ipv6 ? memory.get(BIG_LONG, NAMES + (long) i * NAME_STRIDE + 8) : 0;
  }

  long sourceLow(int i) {
    return ipv6
        ? memory.get(BIG_LONG, NAMES + (long) i * NAME_STRIDE + 16)
        : Addresses.mapped(memory.get(BIG_INT, NAMES + (long) i * NAME_STRIDE + 4));
  }

  int sourcePort(int i) {
    return memory.get(BIG_SHORT, NAMES + (long) i * NAME_STRIDE + 2) & 0xffff;
  }

  /** Octets of an address. */
  int nameBytes() {
    return ipv6 ? IPV6_NAME : IPV4_NAME;
  }

  /** Where the address of the peer of datagram {@code i} lies. */
  long nameAddress(int i) {
    return base + NAMES + (long) i * NAME_STRIDE;
  }

  /** Whether two datagrams have one peer, who asked one of our addresses. */
  boolean samePeer(int i, int j) {
    int a = NAMES + i * NAME_STRIDE;
    int b = NAMES + j * NAME_STRIDE;
    if (longAt(a) != longAt(b)) {
      return false;
    }
    if (ipv6
        && (longAt(a + 8) != longAt(b + 8)
            || longAt(a + 16) != longAt(b + 16)
            || intAt(a + 24) != intAt(b + 24))) {
      return false;
    }
    return controlBytes == 0 || sameAskedAddress(i, j);
  }

  private boolean sameAskedAddress(int i, int j) {
    if (!knowsAskedAddress(i) || !knowsAskedAddress(j)) {
      return false;
    }
    int a = CONTROLS + i * CONTROL_STRIDE + CONTROL_DATA;
    int b = CONTROLS + j * CONTROL_STRIDE + CONTROL_DATA;
    return ipv6
        ? longAt(a) == longAt(b) && longAt(a + 8) == longAt(b + 8) && intAt(a + 16) == intAt(b + 16)
        : intAt(a + 4) == intAt(b + 4) && intAt(a + 8) == intAt(b + 8);
  }

  private boolean knowsAskedAddress(int i) {
    return longAt(HEADERS + i * HEADER + CONTROL_LENGTH) >= controlBytes;
  }

  /**
   * Makes the control data of datagram {@code i} those of replies to it. What the kernel said on
   * receiving is what it wants to hear on sending (ip(7), RFC 3542 §6), but for the interface: the
   * reply's route need not be the query's. Link-local addresses mean nothing without it.
   *
   * @param segmentBytes how the kernel is to cut what is sent into datagrams (udp(7), UDP_SEGMENT);
   *     0 for not at all
   * @return octets of the control data, which lie at {@link #controlAddress}
   */
  int replyControl(int i, int segmentBytes) {
    int control = CONTROLS + i * CONTROL_STRIDE;
    int length = 0;
    if (controlBytes != 0 && knowsAskedAddress(i)) {
      length = controlBytes;
      if (!ipv6) {
        setInt(control + CONTROL_DATA, 0);
      } else if ((memory.get(BIG_SHORT, control + CONTROL_DATA) & 0xffc0) != 0xfe80) {
        setInt(control + CONTROL_DATA + 16, 0);
      }
    }
    if (segmentBytes != 0) {
      int segment = control + length;
      setLong(segment, CONTROL_DATA + Short.BYTES);
      setInt(segment + 8, Libc.SOL_UDP);
      setInt(segment + 12, Libc.UDP_SEGMENT);
      memory.set(JAVA_SHORT, segment + CONTROL_DATA, (short) segmentBytes);
      length += CONTROL_DATA + Long.BYTES;
    }
    return length;
  }

  /** Where the control data of datagram {@code i} lie. */
  long controlAddress(int i) {
    return base + CONTROLS + (long) i * CONTROL_STRIDE;
  }

  private long longAt(int at) {
    return memory.get(JAVA_LONG, at);
  }

  private int intAt(int at) {
    return memory.get(JAVA_INT, at);
  }

  private void setLong(int at, long value) {
    memory.set(JAVA_LONG, at, value);
  }

  private void setInt(int at, int value) {
    memory.set(JAVA_INT, at, value);
  }

  @Override
  public void close() {
    arena.close();
  }
}
