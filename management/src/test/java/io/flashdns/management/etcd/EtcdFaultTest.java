package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.etcd.jetcd.options.GetOption;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** What is known of a call that failed. */
final class EtcdFaultTest {
  private static EtcdFault faultOf(int port) throws Exception {
    EtcdConfig config = EtcdConfig.defaults().at("etcd://127.0.0.1:" + port + "/faults");
    try (Etcd etcd = Etcd.of(config)) {
      return catchThrowableOfType(
          EtcdFault.class, () -> etcd.get(SharedKeys.bytes("a"), GetOption.DEFAULT));
    }
  }

  @Test
  void callThatNobodyTookTheConnectionOfWasNotSent() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertThat(faultOf(port).isUnsent()).isTrue();
  }

  @Test
  void callWhoseConnectionBreaksMayHaveBeenSent() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      var _ = Thread.ofVirtual().start(() -> takeAndBreak(socket));
      assertThat(faultOf(socket.getLocalPort()).isUnsent()).isFalse();
    }
  }

  private static void takeAndBreak(ServerSocket socket) {
    try {
      while (true) {
        try (Socket one = socket.accept()) {
          var _ = one.getInputStream().read(new byte[24]);
        }
      }
    } catch (IOException _) {
      // The end of the test.
    }
  }
}
