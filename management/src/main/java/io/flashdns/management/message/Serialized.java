package io.flashdns.management.message;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.io.IOException;

/** Messages as octets that are the same for the same message: maps in the order of their keys. */
final class Serialized {
  private Serialized() {}

  static byte[] octets(Message message) {
    byte[] octets = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(octets);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("memory cannot fail to be written", e);
    }
    return octets;
  }
}
