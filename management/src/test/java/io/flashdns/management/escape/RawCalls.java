package io.flashdns.management.escape;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Octets to the doors, as no well-kept client would send them. */
final class RawCalls {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int SETTINGS = 4;
  private static final int GO_AWAY = 7;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private RawCalls() {}

  /** Everything that is answered to some octets until the other side closes or is silent. */
  static String http1(InetSocketAddress door, String text) throws IOException {
    try (Socket socket = new Socket(door.getAddress(), door.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
      ByteArrayOutputStream told = new ByteArrayOutputStream();
      try {
        socket.getInputStream().transferTo(told);
      } catch (IOException _) {
        // Reset or silent: what was told until then counts.
      }
      return told.toString(StandardCharsets.ISO_8859_1);
    }
  }

  /** A request by HTTP/1.1 that closes the connection. */
  static String post(String path, String body, String... headers) {
    return request("POST", path, "HTTP/1.1", body, headers);
  }

  static String request(
      String method, String path, String version, String body, String... headers) {
    StringBuilder text = new StringBuilder(method + " " + path + " " + version + "\r\n");
    text.append("Host: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n");
    for (String header : headers) {
      text.append(header).append("\r\n");
    }
    return text.append("Content-Length: " + body.length() + "\r\n\r\n").append(body).toString();
  }

  /** The status of each answer in a text; empty when none came. */
  static List<Integer> statuses(String told) {
    List<Integer> statuses = new ArrayList<>();
    var matcher = java.util.regex.Pattern.compile("HTTP/1\\.[01] (\\d{3}) ").matcher(told);
    while (matcher.find()) {
      statuses.add(Integer.parseInt(matcher.group(1)));
    }
    return statuses;
  }

  /**
   * A call by HTTP/2 with an empty message.
   *
   * @param headers in their order, pseudo-headers among them
   * @return true when an answer came, not a refusal
   */
  static boolean isAnswered(InetSocketAddress door, List<Map.Entry<String, String>> headers)
      throws IOException {
    try (Socket socket = new Socket(door.getAddress(), door.getPort())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      write(out, SETTINGS, 0, 0, new byte[0]);
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      for (Map.Entry<String, String> header : headers) {
        block.write(0);
        literal(block, header.getKey());
        literal(block, header.getValue());
      }
      write(out, HEADERS, END_HEADERS, 1, block.toByteArray());
      write(out, DATA, END_STREAM, 1, new byte[5]);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      boolean answered = false;
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int stream = in.readInt();
        byte[] payload = in.readNBytes(length);
        // A message begins with a zero and its length; what refuses in words does not.
        answered |=
            type == DATA
                && stream == 1
                && length >= 8
                && java.nio.ByteBuffer.wrap(payload).getLong() >>> 24 == length - 5;
        boolean end = (flags & END_STREAM) != 0 && (type == DATA || type == HEADERS);
        if (end || type == RESET || type == GO_AWAY) {
          return answered;
        }
      }
    } catch (java.io.EOFException | java.net.SocketException _) {
      return false;
    }
  }

  private static void literal(ByteArrayOutputStream block, String text) {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    if (octets.length < 127) {
      block.write(octets.length);
    } else {
      block.write(127);
      int rest = octets.length - 127;
      while (rest >= 128) {
        block.write(rest & 127 | 128);
        rest >>= 7;
      }
      block.write(rest);
    }
    block.writeBytes(octets);
  }

  private static void write(OutputStream out, int type, int flags, int stream, byte[] payload)
      throws IOException {
    byte[] frame = {
      (byte) (payload.length >> 16),
      (byte) (payload.length >> 8),
      (byte) payload.length,
      (byte) type,
      (byte) flags,
      0,
      0,
      0,
      (byte) stream
    };
    out.write(frame);
    out.write(payload);
    out.flush();
  }
}
