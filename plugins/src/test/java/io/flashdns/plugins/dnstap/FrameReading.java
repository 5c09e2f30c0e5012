package io.flashdns.plugins.dnstap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads Frame Streams and Protocol Buffers, written from the two descriptions alone. */
final class FrameReading {
  /** Control frames by type, and the contents of data frames, in their order. */
  record Streamed(List<Integer> controls, List<byte[]> frames) {}

  private FrameReading() {}

  /** Reads a whole stream. */
  static Streamed read(byte[] octets) {
    ByteBuffer in = ByteBuffer.wrap(octets);
    List<Integer> controls = new ArrayList<>();
    List<byte[]> frames = new ArrayList<>();
    while (in.hasRemaining()) {
      int length = in.getInt();
      if (length == 0) {
        int controlLength = in.getInt();
        controls.add(in.getInt());
        in.position(in.position() + controlLength - 4);
      } else {
        byte[] frame = new byte[length];
        in.get(frame);
        frames.add(frame);
      }
    }
    return new Streamed(controls, frames);
  }

  /**
   * The fields of a message by number: a {@code Long} for varints and fixed numbers, {@code byte[]}
   * for octets. A field that comes twice is refused.
   */
  static Map<Integer, Object> fields(byte[] message) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    Map<Integer, Object> fields = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      long tag = varint(in);
      Object value =
          switch ((int) tag & 7) {
            case 0 -> (Object) varint(in);
            case 5 -> Integer.toUnsignedLong(in.getInt());
            case 2 -> {
              byte[] octets = new byte[(int) varint(in)];
              in.get(octets);
              yield octets;
            }
            default -> throw new AssertionError("wire type of tag " + tag);
          };
      if (fields.put((int) (tag >>> 3), value) != null) {
        throw new AssertionError("field " + (tag >>> 3) + " comes twice");
      }
    }
    return fields;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte octet = in.get();
      value |= (octet & 0x7fL) << shift;
      if (octet >= 0) {
        return value;
      }
    }
  }
}
