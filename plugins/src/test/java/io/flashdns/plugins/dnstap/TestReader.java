package io.flashdns.plugins.dnstap;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A reader of Frame Streams on a TCP port: it keeps what comes, and can be rude. */
final class TestReader implements AutoCloseable {
  /** How it treats who connects. */
  enum Manner {
    /** Does the handshake and reads. */
    READS,
    /** Does the handshake and then reads nothing. */
    STOPS_READING,
    /** Accepts connections and says nothing. */
    SAYS_NOTHING,
    /** Accepts another type of content. */
    WANTS_OTHER_CONTENT,
    /** Answers what is no Frame Streams. */
    SPEAKS_HTTP
  }

  final List<byte[]> frames = new CopyOnWriteArrayList<>();
  final List<Integer> controls = new CopyOnWriteArrayList<>();
  private final ServerSocket server;
  private final Manner manner;
  private volatile @Nullable Socket last;
  private volatile int connections;

  TestReader(Manner manner, int port) throws IOException {
    this.manner = manner;
    this.server = new ServerSocket();
    server.setReuseAddress(true);
    server.setReceiveBufferSize(4_096);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    Thread.ofVirtual().start(this::serve);
  }

  InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
  }

  int connections() {
    return connections;
  }

  private void serve() {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        last = socket;
        connections++;
        talk(socket);
      } catch (IOException _) {
        // The next one.
      }
    }
  }

  private void talk(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    switch (manner) {
      case SAYS_NOTHING -> hold(in);
      case SPEAKS_HTTP -> {
        out.writeBytes("HTTP/1.1 400 Bad Request\r\n\r\n");
        hold(in);
      }
      case WANTS_OTHER_CONTENT -> {
        out.write(control(1, "protobuf:other"));
        hold(in);
      }
      case STOPS_READING -> {
        out.write(control(1, "protobuf:dnstap.Dnstap"));
        controls.add(frame(in));
        controls.add(frame(in));
        waitForClose();
      }
      case READS -> {
        controls.add(frame(in));
        out.write(control(1, "protobuf:dnstap.Dnstap"));
        while (true) {
          int type = frame(in);
          if (type != 0) {
            controls.add(type);
          }
          if (type == 3) {
            out.write(control(5, null));
          }
        }
      }
    }
  }

  private synchronized void waitForClose() {
    while (!server.isClosed()) {
      try {
        wait();
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private static void hold(InputStream in) throws IOException {
    while (in.read() >= 0) {
      // Until the other side gives up.
    }
  }

  /** Reads one frame; the type of a control frame, 0 for a data frame. */
  private int frame(DataInputStream in) throws IOException {
    int length = in.readInt();
    boolean control = length == 0;
    byte[] content = new byte[control ? in.readInt() : length];
    if (in.readNBytes(content, 0, content.length) != content.length) {
      throw new EOFException();
    }
    if (!control) {
      frames.add(content);
      return 0;
    }
    return content[3];
  }

  private static byte[] control(int type, @Nullable String contentType) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0);
    out.writeInt(contentType == null ? 4 : 12 + contentType.length());
    out.writeInt(type);
    if (contentType != null) {
      out.writeInt(1);
      out.writeInt(contentType.length());
      out.write(contentType.getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  /** Hangs up on who is connected. */
  void hangUp() throws IOException {
    Socket connected = last;
    if (connected != null) {
      connected.close();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    hangUp();
    synchronized (this) {
      notifyAll();
    }
  }
}
