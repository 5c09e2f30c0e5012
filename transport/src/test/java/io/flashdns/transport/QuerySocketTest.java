package io.flashdns.transport;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class QuerySocketTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static void put(QueryVector vector, int i, byte... octets) {
    MemorySegment.copy(octets, 0, vector.memory(), JAVA_BYTE, vector.queryOffset(i), octets.length);
    vector.queryLength(i, octets.length);
  }

  @Test
  void aBatchGoesAndComesInOneCall() throws Exception {
    InetAddress source = InetAddress.getByName("127.0.7.7");
    try (DatagramSocket server = new DatagramSocket(0, LOOPBACK);
        QuerySocket socket =
            QuerySocket.open(
                new InetSocketAddress(LOOPBACK, server.getLocalPort()), source, 1 << 16);
        QueryVector vector = new QueryVector(4, 64, 3)) {
      assertThat(socket.receive(vector, 4)).isEqualTo(QuerySocket.WOULD_BLOCK);
      put(vector, 0, (byte) 1);
      put(vector, 1, (byte) 2, (byte) 3);
      assertThat(socket.send(vector, 2)).isEqualTo(2);

      for (int length = 1; length <= 2; length++) {
        DatagramPacket packet = new DatagramPacket(new byte[64], 64);
        server.receive(packet);
        assertThat(packet.getLength()).isEqualTo(length);
        assertThat(packet.getAddress()).isEqualTo(source);
        packet.setData(new byte[] {7, 8, 9, 10}, 0, 2 * length);
        server.send(packet);
      }
      AtomicInteger received = new AtomicInteger();
      await()
          .pollInSameThread()
          .until(() -> received.addAndGet(Math.max(0, socket.receive(vector, 4))) > 0);
      if (received.get() == 1) {
        assertThat(vector.replyLength(0)).isEqualTo(2);
        await().pollInSameThread().until(() -> socket.receive(vector, 4) == 1);
        assertThat(vector.replyLength(0)).as("cut to the room").isEqualTo(3);
      } else {
        assertThat(vector.replyLength(0)).isEqualTo(2);
        assertThat(vector.memory().get(JAVA_BYTE, vector.replyOffset(0) + 1)).isEqualTo((byte) 8);
        assertThat(vector.replyLength(1)).as("cut to the room").isEqualTo(3);
      }
    }
  }

  @Test
  void nobodyListeningIsTold() throws Exception {
    int port;
    try (DatagramSocket server = new DatagramSocket(0, LOOPBACK)) {
      port = server.getLocalPort();
    }
    try (QuerySocket socket = QuerySocket.open(new InetSocketAddress(LOOPBACK, port), null, 0);
        QueryVector vector = new QueryVector(1, 64, 64)) {
      put(vector, 0, (byte) 1);
      assertThat(socket.send(vector, 1)).isEqualTo(1);
      await().pollInSameThread().until(() -> socket.receive(vector, 1) == QuerySocket.REFUSED);
    }
  }

  @Test
  void anAddressOfAnotherMachineIsNoSource() {
    assertThatThrownBy(
            () ->
                QuerySocket.open(
                    new InetSocketAddress(LOOPBACK, 53), InetAddress.getByName("192.0.2.77"), 0))
        .isInstanceOf(BindException.class)
        .hasMessageContaining("192.0.2.77");
  }
}
