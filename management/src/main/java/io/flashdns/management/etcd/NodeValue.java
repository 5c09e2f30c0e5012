package io.flashdns.management.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.etcd.jetcd.ByteSequence;
import io.flashdns.proto.v1.Node;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the key of a node holds: which process wrote it, in {@value #PROCESS_CHARS} characters, and
 * behind them the message that is what the process says of itself.
 */
record NodeValue(String process, Node node) {
  static final int PROCESS_CHARS = 32;

  ByteSequence value() {
    byte[] message = node.toByteArray();
    byte[] octets =
        Arrays.copyOf(process.getBytes(StandardCharsets.US_ASCII), PROCESS_CHARS + message.length);
    System.arraycopy(message, 0, octets, PROCESS_CHARS, message.length);
    return ByteSequence.from(octets);
  }

  /**
   * @throws InvalidProtocolBufferException when no node wrote it
   */
  static NodeValue parse(ByteSequence value) throws InvalidProtocolBufferException {
    byte[] octets = value.getBytes();
    if (octets.length < PROCESS_CHARS) {
      throw new InvalidProtocolBufferException("it is too short");
    }
    return new NodeValue(
        new String(octets, 0, PROCESS_CHARS, StandardCharsets.US_ASCII),
        Node.parseFrom(Arrays.copyOfRange(octets, PROCESS_CHARS, octets.length)));
  }
}
