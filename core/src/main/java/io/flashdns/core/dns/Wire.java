package io.flashdns.core.dns;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Offsets, flag bits and number access of the DNS message format.
 *
 * <pre>
 *                                 1  1  1  1  1  1
 *   0  1  2  3  4  5  6  7  8  9  0  1  2  3  4  5
 * +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * |                      ID                       |
 * +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * |QR|   Opcode  |AA|TC|RD|RA| Z|AD|CD|   RCODE   |
 * +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * |                    QDCOUNT                    |
 * +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * |                    ANCOUNT                    |
 * +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * |                    NSCOUNT                    |
 * +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * |                    ARCOUNT                    |
 * +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 * </pre>
 *
 * Numbers are in network byte order, at any alignment; an access outside the array throws {@link
 * IndexOutOfBoundsException}, so callers check lengths first (RFC 1035 §4.1.1, RFC 4035 §3.1.6 for
 * AD and CD).
 */
public final class Wire {
  public static final int HEADER_BYTES = 12;
  public static final int ID = 0;
  public static final int FLAGS = 2;
  public static final int QDCOUNT = 4;
  public static final int ANCOUNT = 6;
  public static final int NSCOUNT = 8;
  public static final int ARCOUNT = 10;

  public static final int QR = 0x8000;
  public static final int OPCODE_MASK = 0x7800;
  public static final int OPCODE_SHIFT = 11;
  public static final int AA = 0x0400;
  public static final int TC = 0x0200;
  public static final int RD = 0x0100;
  public static final int RA = 0x0080;
  public static final int AD = 0x0020;
  public static final int CD = 0x0010;
  public static final int RCODE_MASK = 0x000f;

  /** Largest label, in octets without its length octet (RFC 1035 §2.3.4). */
  public static final int MAX_LABEL_BYTES = 63;

  /**
   * Largest name in wire form, in octets with all length octets and the root's (RFC 1035 §2.3.4).
   */
  public static final int MAX_NAME_BYTES = 255;

  /** Most labels that fit into a name of 255 octets, the root's not counted. */
  public static final int MAX_LABELS = 127;

  /** Largest message, in octets: what the two-octet length of TCP can say (RFC 1035 §4.2.2). */
  public static final int MAX_MESSAGE_BYTES = 65_535;

  /** Largest offset that a compression pointer can name (RFC 1035 §4.1.4). */
  public static final int MAX_POINTER = 0x3fff;

  /** The two upper bits that make a length octet a compression pointer. */
  public static final int POINTER = 0xc000;

  /** Octets of a record between its owner and its data: type, class, TTL, data length. */
  public static final int RECORD_FIXED_BYTES = 10;

  private static final VarHandle U16 =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle U32 =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle U64 =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private Wire() {}

  /** The unsigned octet at {@code offset}. */
  public static int u8(byte[] bytes, int offset) {
    return bytes[offset] & 0xff;
  }

  /** The unsigned 16-bit number at {@code offset}. */
  public static int u16(byte[] bytes, int offset) {
    return (short) U16.get(bytes, offset) & 0xffff;
  }

  /** The 32-bit number at {@code offset}, as its bit pattern. */
  public static int s32(byte[] bytes, int offset) {
    return (int) U32.get(bytes, offset);
  }

  /** The unsigned 32-bit number at {@code offset}. */
  public static long u32(byte[] bytes, int offset) {
    return (int) U32.get(bytes, offset) & 0xffff_ffffL;
  }

  /** The 64-bit number at {@code offset}. */
  public static long s64(byte[] bytes, int offset) {
    return (long) U64.get(bytes, offset);
  }

  /** Writes the lower 16 bits of {@code value}. */
  public static void put16(byte[] bytes, int offset, int value) {
    U16.set(bytes, offset, (short) value);
  }

  /** Writes 32 bits. */
  public static void put32(byte[] bytes, int offset, int value) {
    U32.set(bytes, offset, value);
  }

  /** Writes 64 bits. */
  public static void put64(byte[] bytes, int offset, long value) {
    U64.set(bytes, offset, value);
  }
}
