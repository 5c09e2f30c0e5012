package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Holds the write-ahead log that a killed process left against its own checksums, before SQLite
 * reads it: SQLite takes the first frame that does not fit for the end of the log, so that a
 * flipped bit would take back, without a word, every commit behind it.
 *
 * <p>What a power cut leaves is let pass: each transaction is synced before the next one begins, so
 * only the last one can be torn. A frame that does not fit although a whole transaction ends at it
 * or behind it and another one was begun after that is damage. A flip in the very last transaction
 * cannot be told from a tear.
 *
 * <pre>
 * header  magic 32 (its last bit: checksums of big-endian words) | version 32 | page size 32
 *         checkpoint 32 | salts 2 × 32 | checksum 2 × 32
 * frame   page number 32 | pages after a commit, or 0 32 | salts 2 × 32 | checksum 2 × 32 | page
 * </pre>
 *
 * A checksum is over the first 24 octets of the header, or the first 8 of the frame and the page,
 * and goes on from the checksum before.
 */
final class WalCheck {
  private static final int MAGIC = 0x377f0682;
  private static final int HEADER_BYTES = 32;
  private static final int FRAME_HEADER_BYTES = 24;
  private static final int SALTS_AT = 16;
  private static final int HEADER_CHECKSUM_AT = 24;

  private final FileChannel channel;
  private final int pageBytes;
  private final long frames;
  private final ByteOrder order;
  private final ByteBuffer frame;
  private int sum1;
  private int sum2;

  private WalCheck(FileChannel channel, int pageBytes, ByteOrder order) throws IOException {
    this.channel = channel;
    this.pageBytes = pageBytes;
    this.order = order;
    this.frames = (channel.size() - HEADER_BYTES) / (FRAME_HEADER_BYTES + pageBytes);
    this.frame = ByteBuffer.allocate(FRAME_HEADER_BYTES + pageBytes);
  }

  /**
   * Verifies the log of a database that no process has open.
   *
   * @param pageBytes of the database
   * @throws StoreException.Damaged when a commit that was acknowledged would be dropped
   */
  static void verify(Path wal, int pageBytes) throws IOException, StoreException {
    if (!Files.exists(wal) || Files.size(wal) <= HEADER_BYTES) {
      return;
    }
    try (FileChannel channel = FileChannel.open(wal, StandardOpenOption.READ)) {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      readFully(channel, header, 0);
      ByteOrder order =
          (header.getInt(0) & 1) == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
      WalCheck check = new WalCheck(channel, pageBytes, order);
      check.add(header, 0, HEADER_CHECKSUM_AT);
      boolean isSound =
          (header.getInt(0) & ~1) == MAGIC
              && header.getInt(8) == pageBytes
              && check.isAt(header, HEADER_CHECKSUM_AT);
      boolean isDamaged =
          isSound
              ? check.losesCommits(header.getLong(SALTS_AT))
              : new WalCheck(channel, pageBytes, ByteOrder.LITTLE_ENDIAN).hasChain()
                  || new WalCheck(channel, pageBytes, ByteOrder.BIG_ENDIAN).hasChain();
      if (isDamaged) {
        throw new StoreException.Damaged(
            "the store's log "
                + wal
                + " is damaged, and acknowledged changes would be lost with it: restore a backup"
                + " (flashdns restore)");
      }
    }
  }

  /** Walks the frames from the header on. */
  private boolean losesCommits(long salts) throws IOException {
    long at = 0;
    while (at < frames) {
      read(at);
      add(frame, 0, 8);
      add(frame, FRAME_HEADER_BYTES, pageBytes);
      if (frame.getLong(8) != salts || !isAt(frame, SALTS_AT)) {
        return isFollowed(at, salts);
      }
      at++;
    }
    return false;
  }

  /** True when a transaction ends at the bad frame or behind it, and another one follows it. */
  private boolean isFollowed(long bad, long salts) throws IOException {
    read(bad);
    boolean isCommit = frame.getInt(4) != 0;
    long base = frame.getLong(SALTS_AT);
    for (long at = bad + 1; at < frames; at++) {
      read(at);
      boolean isOfThisLog = frame.getLong(8) == salts;
      if (isCommit && isOfThisLog && continuesFrom(base)) {
        return true;
      }
      isCommit = isOfThisLog && frame.getInt(4) != 0;
      base = frame.getLong(SALTS_AT);
    }
    return false;
  }

  /** True when two frames follow each other: so there is a log under a header that does not fit. */
  private boolean hasChain() throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
    readFully(channel, header, 0);
    long base = header.getLong(HEADER_CHECKSUM_AT);
    for (long at = 0; at < frames; at++) {
      read(at);
      if (continuesFrom(base)) {
        return true;
      }
      base = frame.getLong(SALTS_AT);
    }
    return false;
  }

  private boolean continuesFrom(long checksum) {
    sum1 = (int) (checksum >>> 32);
    sum2 = (int) checksum;
    add(frame, 0, 8);
    add(frame, FRAME_HEADER_BYTES, pageBytes);
    // A page of zeros after zeros is no chain: files are extended with those.
    return (sum1 | sum2) != 0 && isAt(frame, SALTS_AT);
  }

  private boolean isAt(ByteBuffer bytes, int at) {
    return bytes.getInt(at) == sum1 && bytes.getInt(at + 4) == sum2;
  }

  private void add(ByteBuffer bytes, int from, int length) {
    ByteBuffer words = bytes.duplicate().order(order);
    int a = sum1;
    int b = sum2;
    for (int at = from; at < from + length; at += 8) {
      a += words.getInt(at) + b;
      b += words.getInt(at + 4) + a;
    }
    sum1 = a;
    sum2 = b;
  }

  private void read(long index) throws IOException {
    frame.clear();
    readFully(channel, frame, HEADER_BYTES + index * (FRAME_HEADER_BYTES + pageBytes));
  }

  private static void readFully(FileChannel channel, ByteBuffer target, long from)
      throws IOException {
    while (target.hasRemaining()) {
      if (channel.read(target, from + target.position()) < 0) {
        throw new IOException("the log ends in the middle");
      }
    }
  }
}
