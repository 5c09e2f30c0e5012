package io.flashdns.management.server;

/**
 * UDP.
 *
 * @param maxReplyBytes octets of the longest reply, and the size that the server offers by EDNS;
 *     512 to 4,096. Above 1,232 replies may be fragmented on the way.
 * @param receiveBufferBytes octets that the kernel is asked to hold for each socket; 64 KiB to 256
 *     MiB. The kernel's own limit (net.core.rmem_max) may give less.
 * @param overloadShield whether, while more queries come than can be read, the kernel drops what
 *     heavy sources send beyond their fair share; with the backend ffm
 */
record UdpConfig(int maxReplyBytes, int receiveBufferBytes, boolean overloadShield) {
  private static final int MIN_RECEIVE = 64 << 10;
  private static final int MAX_RECEIVE = 256 << 20;

  UdpConfig {
    if (maxReplyBytes < 512 || maxReplyBytes > 4_096) {
      throw new IllegalArgumentException("maxReplyBytes must be 512 to 4096, not " + maxReplyBytes);
    }
    if (receiveBufferBytes < MIN_RECEIVE || receiveBufferBytes > MAX_RECEIVE) {
      throw new IllegalArgumentException(
          "receiveBufferBytes must be 64KiB to 256MiB, not "
              + ConfigText.print((long) receiveBufferBytes));
    }
  }

  static UdpConfig defaults() {
    return new UdpConfig(1_232, 4 << 20, true);
  }
}
