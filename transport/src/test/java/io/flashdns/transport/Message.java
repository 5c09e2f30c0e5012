package io.flashdns.transport;

import io.flashdns.core.dns.Wire;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Questions to {@link Answers} and what its replies say. */
record Message(byte[] octets) {
  private static final int QUESTION = 12;

  /**
   * A question of one label whose answer carries {@code filling} octets more than the fixed ones.
   */
  static byte[] query(int id, String label, int filling) {
    byte[] text = label.getBytes(StandardCharsets.US_ASCII);
    byte[] message = new byte[QUESTION + 1 + text.length + 1 + 4];
    Wire.put16(message, 0, id);
    Wire.put16(message, 4, 1);
    message[QUESTION] = (byte) text.length;
    System.arraycopy(text, 0, message, QUESTION + 1, text.length);
    Wire.put16(message, message.length - 4, Answers.TYPE + filling);
    Wire.put16(message, message.length - 2, 1);
    return message;
  }

  static byte[] query(int id) {
    return query(id, "name" + id, 0);
  }

  /** The same question, stretched by an EDNS option of padding to exactly {@code length} octets. */
  static byte[] padded(int id, int length) {
    byte[] plain = query(id);
    byte[] message = Arrays.copyOf(plain, length);
    Wire.put16(message, 10, 1);
    Wire.put16(message, plain.length + 1, 41);
    Wire.put16(message, plain.length + 3, 1232);
    int optionBytes = length - plain.length - 11;
    Wire.put16(message, plain.length + 9, optionBytes);
    Wire.put16(message, plain.length + 11, 12);
    Wire.put16(message, plain.length + 13, optionBytes - 4);
    return message;
  }

  /** Messages as TCP carries them: each behind its length. */
  static byte[] framed(byte[]... messages) {
    int total = 0;
    for (byte[] message : messages) {
      total += 2 + message.length;
    }
    byte[] stream = new byte[total];
    int at = 0;
    for (byte[] message : messages) {
      Wire.put16(stream, at, message.length);
      System.arraycopy(message, 0, stream, at + 2, message.length);
      at += 2 + message.length;
    }
    return stream;
  }

  int id() {
    return Wire.u16(octets, 0);
  }

  /** Whether the server took the source address for one that is not forged. */
  boolean isSourceProven() {
    return (octets[2] & 4) != 0;
  }

  boolean isReply() {
    return (octets[2] & 0x80) != 0;
  }

  int answers() {
    return Wire.u16(octets, 6);
  }

  int worker() {
    return octets[data()] & 0xff;
  }

  int listener() {
    return octets[data() + 1] & 0xff;
  }

  int sourcePort() {
    return Wire.u16(octets, data() + 18);
  }

  /** The source address as the worker was told it. */
  InetAddress source() {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(octets, data() + 2, data() + 18));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Data of the only answer: behind the question and the answer's pointer, type, class, TTL and
   * length.
   */
  private int data() {
    int at = QUESTION;
    while (octets[at] != 0) {
      at += 1 + octets[at];
    }
    return at + 1 + 4 + 2 + Wire.RECORD_FIXED_BYTES;
  }
}
