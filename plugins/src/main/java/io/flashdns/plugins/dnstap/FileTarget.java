package io.flashdns.plugins.dnstap;

import io.flashdns.plugins.tap.RollingFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A stream in a file. Readers stop at the end of the first stream, so each file holds one: what the
 * file held before is renamed, not written after.
 */
final class FileTarget implements FrameTarget {
  private static final int STOP_BYTES = ControlFrame.STOP.octets().remaining();

  private final RollingFile file;
  private final long maxFileBytes;
  private final int headBytes = ControlFrame.START.octets().remaining();

  FileTarget(RollingFile file, long maxFileBytes) {
    this.file = file;
    this.maxFileBytes = maxFileBytes;
  }

  @Override
  public void open() throws IOException {
    file.open();
    if (file.size() > 0) {
      file.roll();
    }
    file.write(ControlFrame.START.octets());
  }

  @Override
  public boolean isOpen() {
    return file.isOpen();
  }

  @Override
  public void write(ByteBuffer frames) throws IOException {
    if (file.size() > headBytes && file.size() + frames.remaining() + STOP_BYTES > maxFileBytes) {
      file.write(ControlFrame.STOP.octets());
      file.roll();
      file.write(ControlFrame.START.octets());
    }
    file.write(frames);
  }

  @Override
  public void check() throws IOException {
    if (file.isElsewhere()) {
      close();
      throw new IOException("the dnstap file was moved away");
    }
  }

  @Override
  public void close() {
    if (file.isOpen()) {
      try {
        file.write(ControlFrame.STOP.octets());
      } catch (IOException _) {
        // Readers also take a file that just ends.
      }
      file.close();
    }
  }
}
