package io.flashdns.plugins.dnstap;

import io.flashdns.core.dns.Wire;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;

/**
 * Writes messages of the dnstap schema (dnstap.proto) in the encoding of Protocol Buffers: each
 * field is a number with a wire type, then a varint, four octets of little-endian number, or a
 * length and octets.
 *
 * <p>Used by the drain's thread alone; allocates nothing when it encodes.
 */
final class DnstapEncoder {
  /** Octets that a frame has at most besides its DNS message. */
  static final int MAX_OVERHEAD_BYTES = 2 * 258 + 300;

  // Wire types.
  private static final int VARINT = 0;
  private static final int OCTETS = 2;
  private static final int FIXED32 = 5;

  // Fields of Dnstap.
  private static final int IDENTITY = 1;
  private static final int VERSION = 2;
  private static final int MESSAGE = 14;
  private static final int TYPE = 15;
  private static final int TYPE_MESSAGE = 1;

  // Fields of Message.
  private static final int MESSAGE_TYPE = 1;
  private static final int SOCKET_FAMILY = 2;
  private static final int SOCKET_PROTOCOL = 3;
  private static final int QUERY_ADDRESS = 4;
  private static final int RESPONSE_ADDRESS = 5;
  private static final int QUERY_PORT = 6;
  private static final int RESPONSE_PORT = 7;
  private static final int QUERY_TIME_SEC = 8;
  private static final int QUERY_TIME_NSEC = 9;
  private static final int QUERY_MESSAGE = 10;
  private static final int QUERY_ZONE = 11;
  private static final int RESPONSE_TIME_SEC = 12;
  private static final int RESPONSE_TIME_NSEC = 13;
  private static final int RESPONSE_MESSAGE = 14;
  private static final int AUTH_QUERY = 1;
  private static final int AUTH_RESPONSE = 2;
  private static final int INET = 1;
  private static final int INET6 = 2;
  private static final int UDP = 1;
  private static final int TCP = 2;

  private static final byte[] NOTHING = {};

  private final byte[] identity;
  private final byte[] version;
  private final byte[][] listenerAddresses;
  private final int[] listenerPorts;
  private final LongUnaryOperator epochNanos;

  /** The message, whose length must be known before it is put where it goes. */
  private final byte[] message = new byte[Wire.MAX_MESSAGE_BYTES + MAX_OVERHEAD_BYTES];

  private byte[] to = message;
  private int at;

  /**
   * An encoder for one server.
   *
   * @param listeners by {@link io.flashdns.core.plugin.Query#listener}
   * @param epochNanos from {@link System#nanoTime} to nanoseconds since 1970
   */
  DnstapEncoder(
      Optional<String> identity,
      Optional<String> version,
      List<InetSocketAddress> listeners,
      LongUnaryOperator epochNanos) {
    this.identity = identity.map(DnstapEncoder::utf8).orElse(NOTHING);
    this.version = version.map(DnstapEncoder::utf8).orElse(NOTHING);
    this.listenerAddresses = new byte[listeners.size()][];
    this.listenerPorts = new int[listeners.size()];
    this.epochNanos = epochNanos;
    for (int i = 0; i < listeners.size(); i++) {
      InetAddress address = listeners.get(i).getAddress();
      // A wildcard address is not where the query came to.
      listenerAddresses[i] =
          address == null || address.isAnyLocalAddress() ? NOTHING : address.getAddress();
      listenerPorts[i] = listeners.get(i).getPort();
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Writes the query, or the reply, of a record of the ring.
   *
   * @param target has room for the message and {@link #MAX_OVERHEAD_BYTES}
   * @return the offset after what was written
   */
  int encode(byte[] record, int start, boolean reply, byte[] target, int offset) {
    to = message;
    at = 0;
    writeMessage(record, start, reply);
    int length = at;
    to = target;
    at = offset;
    if (identity.length > 0) {
      octets(IDENTITY, identity, 0, identity.length);
    }
    if (version.length > 0) {
      octets(VERSION, version, 0, version.length);
    }
    octets(MESSAGE, message, 0, length);
    number(TYPE, TYPE_MESSAGE);
    return at;
  }

  private void writeMessage(byte[] record, int start, boolean reply) {
    long hi = Wire.s64(record, start + TapLayout.SOURCE_HI);
    long lo = Wire.s64(record, start + TapLayout.SOURCE_LO);
    boolean ipv4 = hi == 0 && lo >>> 32 == 0xffff;
    boolean tcp = (Wire.u16(record, start + TapLayout.FACTS) & TapLayout.TCP) != 0;
    number(MESSAGE_TYPE, reply ? AUTH_RESPONSE : AUTH_QUERY);
    number(SOCKET_FAMILY, ipv4 ? INET : INET6);
    number(SOCKET_PROTOCOL, tcp ? TCP : UDP);
    address(QUERY_ADDRESS, hi, lo, ipv4);
    int listener = Wire.u16(record, start + TapLayout.LISTENER);
    if (listener < listenerAddresses.length) {
      byte[] address = listenerAddresses[listener];
      if (address.length == (ipv4 ? 4 : 16)) {
        octets(RESPONSE_ADDRESS, address, 0, address.length);
      }
      number(RESPONSE_PORT, listenerPorts[listener]);
    }
    number(QUERY_PORT, Wire.u16(record, start + TapLayout.SOURCE_PORT));
    long received = Wire.s64(record, start + TapLayout.RECEIVED_NANOS);
    time(QUERY_TIME_SEC, QUERY_TIME_NSEC, received);
    int queryBytes = Wire.s32(record, start + TapLayout.QUERY_BYTES);
    int messageAt = start + TapLayout.MESSAGES + (reply ? queryBytes : 0);
    int zoneAt = Wire.u16(record, start + TapLayout.ZONE_AT);
    if (zoneAt != 0) {
      int zone = messageAt + zoneAt;
      octets(QUERY_ZONE, record, zone, nameLength(record, zone));
    }
    if (reply) {
      time(
          RESPONSE_TIME_SEC,
          RESPONSE_TIME_NSEC,
          Math.max(received, Wire.s64(record, start + TapLayout.SENT_NANOS)));
      octets(RESPONSE_MESSAGE, record, messageAt, Wire.s32(record, start + TapLayout.REPLY_BYTES));
    } else {
      octets(QUERY_MESSAGE, record, messageAt, queryBytes);
    }
  }

  private static int nameLength(byte[] bytes, int offset) {
    int end = offset;
    while (bytes[end] != 0) {
      end += 1 + bytes[end];
    }
    return end + 1 - offset;
  }

  private void address(int field, long hi, long lo, boolean ipv4) {
    varint(((long) field << 3) | OCTETS);
    if (ipv4) {
      varint(4);
      Wire.put32(to, at, (int) lo);
      at += 4;
    } else {
      varint(16);
      Wire.put64(to, at, hi);
      Wire.put64(to, at + 8, lo);
      at += 16;
    }
  }

  private void time(int secondsField, int nanosField, long nanos) {
    long epoch = epochNanos.applyAsLong(nanos);
    long perSecond = TimeUnit.SECONDS.toNanos(1);
    number(secondsField, Math.floorDiv(epoch, perSecond));
    varint(((long) nanosField << 3) | FIXED32);
    Wire.put32(to, at, Integer.reverseBytes((int) Math.floorMod(epoch, perSecond)));
    at += 4;
  }

  private void number(int field, long value) {
    varint(((long) field << 3) | VARINT);
    varint(value);
  }

  private void octets(int field, byte[] source, int offset, int length) {
    varint(((long) field << 3) | OCTETS);
    varint(length);
    System.arraycopy(source, offset, to, at, length);
    at += length;
  }

  /** Seven bits an octet, the lowest first; the top bit says that there are more. */
  private void varint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      to[at++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    to[at++] = (byte) rest;
  }
}
