package io.flashdns.plugins.dnstap;

import io.flashdns.core.dns.Wire;
import io.flashdns.plugins.tap.RecordSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes frames of records, gathers them and hands them to the target.
 *
 * <p>Used by the drain's thread alone, but for the counters. While the target is away, frames are
 * lost and counted, and it is tried again after 1 s, 2 s, and so on up to 30 s.
 */
final class DnstapSink implements RecordSink {
  private static final int MAX_FRAME_BYTES =
      4 + Wire.MAX_MESSAGE_BYTES + DnstapEncoder.MAX_OVERHEAD_BYTES;
  private static final int BUFFER_BYTES = 4 * MAX_FRAME_BYTES;
  private static final long FIRST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final FrameTarget target;
  private final DnstapEncoder encoder;
  private final byte[] bytes = new byte[BUFFER_BYTES];
  private final ByteBuffer frames = ByteBuffer.wrap(bytes);
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private volatile boolean open;
  private int length;
  private int gathered;
  private long waitNanos = FIRST_WAIT_NANOS;
  private long nextTry;
  private long nextLook;
  private boolean tried;

  DnstapSink(FrameTarget target, DnstapEncoder encoder) {
    this.target = target;
    this.encoder = encoder;
  }

  /** Messages that the system took. Any thread. */
  long written() {
    return written.get();
  }

  /** Messages that found no reader or no room on the disk. Any thread. */
  long lost() {
    return lost.get();
  }

  /** True while there is somewhere to write to. Any thread. */
  boolean isOpen() {
    return open;
  }

  @Override
  public void accept(byte[] record, int offset, int recordLength) {
    if (Wire.s32(record, offset + TapLayout.QUERY_BYTES) > 0) {
      frame(record, offset, false);
    }
    if (Wire.s32(record, offset + TapLayout.REPLY_BYTES) > 0) {
      frame(record, offset, true);
    }
  }

  private void frame(byte[] record, int offset, boolean reply) {
    if (length + MAX_FRAME_BYTES > BUFFER_BYTES) {
      flush();
    }
    if (!open) {
      lost.incrementAndGet();
      return;
    }
    int end;
    try {
      end = encoder.encode(record, offset, reply, bytes, length + 4);
    } catch (RuntimeException e) {
      lost.incrementAndGet();
      throw e;
    }
    Wire.put32(bytes, length, end - length - 4);
    length = end;
    gathered++;
  }

  @Override
  public void drained(long nowNanos) {
    flush();
    if (!open) {
      if (!tried || nowNanos - nextTry >= 0) {
        open();
      }
    } else if (nowNanos - nextLook >= 0) {
      nextLook = nowNanos + LOOK_NANOS;
      try {
        target.check();
      } catch (IOException _) {
        away();
      }
    }
  }

  @Override
  public void close() {
    flush();
    open = false;
    target.close();
  }

  private void open() {
    tried = true;
    try {
      if (!target.isOpen()) {
        target.open();
      }
      open = true;
      waitNanos = FIRST_WAIT_NANOS;
      nextLook = System.nanoTime() + LOOK_NANOS;
    } catch (IOException _) {
      away();
    }
  }

  private void away() {
    open = false;
    nextTry = System.nanoTime() + waitNanos;
    waitNanos = Math.min(LONGEST_WAIT_NANOS, 2 * waitNanos);
  }

  private void flush() {
    if (gathered == 0) {
      return;
    }
    try {
      frames.clear().limit(length);
      target.write(frames);
      written.addAndGet(gathered);
    } catch (IOException _) {
      lost.addAndGet(gathered);
      away();
    }
    length = 0;
    gathered = 0;
  }
}
