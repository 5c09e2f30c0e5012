package io.flashdns.management.grpc;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A client of HTTP/2 that does what no library would do. */
final class RawHttp2 implements AutoCloseable {
  static final int HEADERS = 1;
  static final int RESET = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int CONTINUATION = 9;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;

  /** One frame. */
  @SuppressWarnings("ArrayRecordComponent")
  record Frame(int type, int flags, int stream, byte[] payload) {
    int firstInt() {
      return (payload[0] & 0xFF) << 24
          | (payload[1] & 0xFF) << 16
          | (payload[2] & 0xFF) << 8
          | payload[3] & 0xFF;
    }

    /** The error code of a GOAWAY. */
    int goAwayCode() {
      return payload[7] & 0xFF;
    }
  }

  RawHttp2(InetSocketAddress server) throws IOException {
    socket = new Socket(server.getAddress(), server.getPort());
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(20));
    out = socket.getOutputStream();
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    write(SETTINGS, 0, 0, new byte[0]);
  }

  void write(int type, int flags, int stream, byte[] payload) throws IOException {
    byte[] frame = new byte[9 + payload.length];
    frame[0] = (byte) (payload.length >> 16);
    frame[1] = (byte) (payload.length >> 8);
    frame[2] = (byte) payload.length;
    frame[3] = (byte) type;
    frame[4] = (byte) flags;
    for (int i = 0; i < 4; i++) {
      frame[5 + i] = (byte) (stream >> 24 - 8 * i);
    }
    System.arraycopy(payload, 0, frame, 9, payload.length);
    out.write(frame);
    out.flush();
  }

  /** Begins a call of a path. */
  void call(int stream, String path, String token, int flags) throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    literal(block, ":method", "POST");
    literal(block, ":scheme", "http");
    literal(block, ":path", path);
    literal(block, ":authority", "127.0.0.1");
    literal(block, "te", "trailers");
    literal(block, "content-type", "application/grpc");
    literal(block, "authorization", "Bearer " + token);
    write(HEADERS, flags, stream, block.toByteArray());
  }

  /** A field without Huffman and without a place in the table (RFC 7541 §6.2.2). */
  static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    for (String part : Map.entry(name, value).toString().split("=", 2)) {
      byte[] octets = part.getBytes(StandardCharsets.US_ASCII);
      if (octets.length >= 127) {
        throw new IllegalArgumentException("too long for one octet of length");
      }
      block.write(octets.length);
      block.writeBytes(octets);
    }
  }

  /** The next frame; null when the server has closed. */
  @Nullable Frame read() throws IOException {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[length];
      in.readFully(payload);
      return new Frame(type, flags, stream, payload);
    } catch (EOFException | SocketException e) {
      return null;
    }
  }

  /** The next frame of a type; null when the server closes before. */
  @Nullable Frame read(int type) throws IOException {
    Frame frame = read();
    while (frame != null && frame.type() != type) {
      frame = read();
    }
    return frame;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
