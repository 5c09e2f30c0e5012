package io.flashdns.plugins.querylog;

import io.flashdns.plugins.tap.RecordSink;
import io.flashdns.plugins.tap.RollingFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes lines of records, gathers them and writes them to the file.
 *
 * <p>Used by the drain's thread alone, but for the counters. When the file cannot be written, lines
 * are lost and counted until it can be opened again, which is tried each second.
 */
final class LineSink implements RecordSink {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final RollingFile file;
  private final LineFormat format;
  private final long maxFileBytes;
  private final TextBuffer lines = new TextBuffer(BUFFER_BYTES);
  private final ByteBuffer octets = ByteBuffer.wrap(lines.bytes);
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private volatile boolean failing;
  private int gathered;
  private long nextLook;

  LineSink(RollingFile file, LineFormat format, long maxFileBytes) {
    this.file = file;
    this.format = format;
    this.maxFileBytes = maxFileBytes;
    this.nextLook = System.nanoTime() + LOOK_NANOS;
  }

  /** Lines in files. Any thread. */
  long written() {
    return written.get();
  }

  /** Lines that could not be written. Any thread. */
  long lost() {
    return lost.get();
  }

  /** True while the file cannot be written. Any thread. */
  boolean isFailing() {
    return failing;
  }

  @Override
  public void accept(byte[] bytes, int offset, int length) {
    if (failing) {
      lost.incrementAndGet();
      return;
    }
    if (lines.length + LineFormat.MAX_LINE_BYTES > BUFFER_BYTES) {
      flush();
      if (failing) {
        lost.incrementAndGet();
        return;
      }
    }
    int before = lines.length;
    gathered++;
    try {
      format.append(bytes, offset, lines);
    } catch (RuntimeException e) {
      lines.length = before;
      gathered--;
      lost.incrementAndGet();
      throw e;
    }
  }

  @Override
  public void drained(long nowNanos) {
    flush();
    if (nowNanos - nextLook >= 0) {
      nextLook = nowNanos + LOOK_NANOS;
      look();
    }
  }

  @Override
  public void close() {
    flush();
    file.close();
  }

  /** Opens the file again when it failed, or when somebody has moved it away. */
  private void look() {
    try {
      if (failing || file.isElsewhere()) {
        failing = true;
        file.open();
        failing = false;
      }
    } catch (IOException _) {
      failing = true;
    }
  }

  private void flush() {
    if (gathered == 0) {
      return;
    }
    try {
      if (file.size() > 0 && file.size() + lines.length > maxFileBytes) {
        file.roll();
      }
      octets.clear().limit(lines.length);
      file.write(octets);
      written.addAndGet(gathered);
    } catch (IOException _) {
      failing = true;
      lost.addAndGet(gathered);
    }
    lines.length = 0;
    gathered = 0;
  }
}
