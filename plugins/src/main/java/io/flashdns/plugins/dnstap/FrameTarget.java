package io.flashdns.plugins.dnstap;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where frames go: a stream of the Frame Streams protocol, to a file or to a reader.
 *
 * <p>A data frame is its length in four octets and its content. A length of zero announces a
 * control frame: its own length, its type, and fields. A stream begins with START, which names the
 * type of the content, and ends with STOP. With a reader on the other side, READY and ACCEPT go
 * before to agree on the type, and FINISH comes back at the end.
 *
 * <p>Used by the drain's thread alone.
 */
sealed interface FrameTarget permits FileTarget, ReaderTarget {
  /**
   * Opens it and begins a stream.
   *
   * @throws IOException when it cannot; it is closed then
   */
  void open() throws IOException;

  /** True between {@link #open} and what ends it. */
  boolean isOpen();

  /**
   * Writes whole frames.
   *
   * @throws IOException when not all could be written; it is closed then
   */
  void write(ByteBuffer frames) throws IOException;

  /**
   * Looks whether it is still there.
   *
   * @throws IOException when it is not; it is closed then
   */
  void check() throws IOException;

  /** Ends the stream, if there is one, and closes. */
  void close();
}
