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
 * The memory of {@code recvmmsg} and {@code sendmmsg}: a batch of received datagrams, and the
 * replies to some of them. It is laid out once and then used for ever.
 *
 * <pre>{@code
 * struct mmsghdr {                        // 64 octets; one array for receiving, one for sending
 *   struct msghdr {
 *     void         *msg_name;             //  0  peer
 *     socklen_t     msg_namelen;          //  8
 *     struct iovec *msg_iov;              // 16
 *     size_t        msg_iovlen;           // 24  always 1
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
 * }</pre>
 *
 * These offsets are those of every 64-bit Linux with glibc, x86_64 and aarch64 alike.
 *
 * <p>A reply borrows the address and the control data of the datagram that it answers, where they
 * lie: nothing is copied, and so the next batch may be read only when the replies are sent. Replies
 * lie packed, one after another, so that a batch of small ones touches few cache lines; the slots
 * of received datagrams are not a power of two apart, since their first octets would then compete
 * for the same cache lines.
 *
 * <p><b>Thread</b>: the one that made it. <b>Cost</b>: no method but the constructor allocates.
 */
final class DatagramVector implements AutoCloseable {
  /** Most datagrams of one batch. */
  static final int CAPACITY = Limits.BATCH;

  /** Longest reply that is sure of its room: more than the engine sends by UDP. */
  static final int REPLY_BYTES = 4096;

  private static final int HEADER = 64;
  private static final int NAME = 0;
  private static final int NAME_LENGTH = 8;
  private static final int IOV = 16;
  private static final int IOV_LENGTH = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int RECEIVED_LENGTH = 56;
  private static final int IOVEC = 16;
  private static final int IPV4_NAME = 16;
  private static final int IPV6_NAME = 28;
  private static final int NAME_STRIDE = 32;
  private static final int IPV4_CONTROL = 32;
  private static final int IPV6_CONTROL = 40;
  private static final int CONTROL_STRIDE = 64;
  private static final int CONTROL_DATA = 16;
  private static final int CACHE_LINE = 64;

  private static final int RECEIVE = 0;
  private static final int SEND = RECEIVE + CAPACITY * HEADER;
  private static final int RECEIVE_IOV = SEND + CAPACITY * HEADER;
  private static final int SEND_IOV = RECEIVE_IOV + CAPACITY * IOVEC;
  private static final int NAMES = SEND_IOV + CAPACITY * IOVEC;
  private static final int CONTROLS = NAMES + CAPACITY * NAME_STRIDE;
  private static final int REPLIES = CONTROLS + CAPACITY * CONTROL_STRIDE;
  private static final int SLOTS = REPLIES + CAPACITY * REPLY_BYTES;

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
  private int replies;
  private int replyOffset = REPLIES;

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
    int nameBytes = ipv6 ? IPV6_NAME : IPV4_NAME;
    for (int i = 0; i < CAPACITY; i++) {
      long slot = base + SLOTS + (long) i * slotStride;
      setLong(RECEIVE_IOV + i * IOVEC, slot);
      setLong(RECEIVE_IOV + i * IOVEC + 8, datagramBytes);
      header(RECEIVE + i * HEADER, nameBytes, base + RECEIVE_IOV + (long) i * IOVEC);
      setLong(RECEIVE + i * HEADER + NAME, base + NAMES + (long) i * NAME_STRIDE);
      if (wildcard) {
        setLong(RECEIVE + i * HEADER + CONTROL, base + CONTROLS + (long) i * CONTROL_STRIDE);
      }
      header(SEND + i * HEADER, nameBytes, base + SEND_IOV + (long) i * IOVEC);
    }
  }

  private void header(int at, int nameBytes, long iovec) {
    setInt(at + NAME_LENGTH, nameBytes);
    setLong(at + IOV, iovec);
    setLong(at + IOV_LENGTH, 1);
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
        setLong(RECEIVE + i * HEADER + CONTROL_LENGTH, controlBytes);
      }
    }
    return base + RECEIVE;
  }

  /** Length of datagram {@code i}, cut to the room for one. */
  int length(int i) {
    return memory.get(JAVA_INT, RECEIVE + i * HEADER + (long) RECEIVED_LENGTH);
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

  /** Adds a reply to datagram {@code i}; false when there is no room for it. */
  boolean reply(int i, byte[] reply, int length) {
    if (length > SLOTS - replyOffset) {
      return false;
    }
    MemorySegment.copy(reply, 0, memory, JAVA_BYTE, replyOffset, length);
    int iovec = SEND_IOV + replies * IOVEC;
    setLong(iovec, base + replyOffset);
    setLong(iovec + 8, length);
    int header = SEND + replies * HEADER;
    setLong(header + NAME, base + NAMES + (long) i * NAME_STRIDE);
    if (controlBytes != 0) {
      replyFromAskedAddress(i, header);
    }
    replies++;
    replyOffset += (length + 7) & -8;
    return true;
  }

  /**
   * What the kernel said on receiving is what it wants to hear on sending (ip(7), RFC 3542 §6), but
   * for the interface: the reply's route need not be the query's. Link-local addresses mean nothing
   * without it.
   */
  private void replyFromAskedAddress(int i, int header) {
    int control = CONTROLS + i * CONTROL_STRIDE;
    long length = memory.get(JAVA_LONG, RECEIVE + i * HEADER + (long) CONTROL_LENGTH);
    if (length < controlBytes) {
      setLong(header + CONTROL, 0);
      setLong(header + CONTROL_LENGTH, 0);
      return;
    }
    setLong(header + CONTROL, base + control);
    setLong(header + CONTROL_LENGTH, controlBytes);
    if (!ipv6) {
      setInt(control + CONTROL_DATA, 0);
    } else if ((memory.get(BIG_SHORT, control + CONTROL_DATA) & 0xffc0) != 0xfe80) {
      setInt(control + CONTROL_DATA + 16, 0);
    }
  }

  /** Replies that were added and not yet cleared. */
  int replies() {
    return replies;
  }

  /** The vector of replies from number {@code from} on, as {@code sendmmsg} wants it. */
  long replyAddress(int from) {
    return base + SEND + (long) from * HEADER;
  }

  void clearReplies() {
    replies = 0;
    replyOffset = REPLIES;
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
