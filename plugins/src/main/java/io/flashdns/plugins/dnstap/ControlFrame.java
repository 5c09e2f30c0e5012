package io.flashdns.plugins.dnstap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Control frames of the Frame Streams protocol. */
enum ControlFrame {
  /** From the reader: it takes one of the types. */
  ACCEPT(1),
  /** The stream begins. */
  START(2),
  /** No frame follows. */
  STOP(3),
  /** To the reader: these types there are. */
  READY(4),
  /** From the reader: it has read all. */
  FINISH(5);

  /** The type of content: a Dnstap message of the dnstap schema. */
  static final byte[] CONTENT_TYPE = "protobuf:dnstap.Dnstap".getBytes(StandardCharsets.US_ASCII);

  /** Largest control frame, in octets after its length. */
  static final int MAX_BYTES = 512;

  private static final int CONTENT_TYPE_FIELD = 1;

  private final int number;

  ControlFrame(int number) {
    this.number = number;
  }

  /** The frame, ready to be written; all but STOP and FINISH name the type of content. */
  ByteBuffer octets() {
    boolean typed = this != STOP && this != FINISH;
    int length = 4 + (typed ? 8 + CONTENT_TYPE.length : 0);
    ByteBuffer frame = ByteBuffer.allocate(8 + length);
    frame.putInt(0).putInt(length).putInt(number);
    if (typed) {
      frame.putInt(CONTENT_TYPE_FIELD).putInt(CONTENT_TYPE.length).put(CONTENT_TYPE);
    }
    return frame.flip();
  }

  /**
   * Checks a frame that came.
   *
   * @param content what follows the length of the control frame
   * @throws IOException when it is another frame, or names types of content and ours is not there
   */
  void expect(ByteBuffer content) throws IOException {
    if (content.remaining() < 4 || content.getInt() != number) {
      throw new IOException("the dnstap reader did not send " + this);
    }
    boolean typed = false;
    while (content.remaining() >= 8) {
      int field = content.getInt();
      int length = content.getInt();
      if (length < 0 || length > content.remaining()) {
        break;
      }
      ByteBuffer value = content.slice(content.position(), length);
      content.position(content.position() + length);
      if (field == CONTENT_TYPE_FIELD) {
        if (value.equals(ByteBuffer.wrap(CONTENT_TYPE))) {
          return;
        }
        typed = true;
      }
    }
    if (typed || content.hasRemaining()) {
      throw new IOException("the reader does not take the type protobuf:dnstap.Dnstap");
    }
  }
}
