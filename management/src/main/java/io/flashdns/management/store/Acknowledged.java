package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The revision that was acknowledged last, in a file of its own beside the database. It tells what
 * {@link WalCheck} cannot: that the last transaction of a log, which does not fit, was no torn
 * write but one that somebody counts on.
 *
 * <p>It is written after each commit and before its acknowledgement, and never synced: the system
 * keeps it when the process is killed, and after a power cut it may be older than the database,
 * which proves nothing and harms nothing. It is never newer, for the log is synced before. One
 * write of 16 octets in place for each group of commits.
 *
 * <pre>
 * revision 64 | CRC-32C of it 64
 * </pre>
 *
 * A file that does not fit its checksum says nothing.
 */
final class Acknowledged implements AutoCloseable {
  static final String FILE = "acknowledged";

  private static final int BYTES = 16;

  private final FileChannel channel;
  private final ByteBuffer record = ByteBuffer.allocateDirect(BYTES);

  private Acknowledged(FileChannel channel) {
    this.channel = channel;
  }

  /** Opens the file of a store that this process has, or makes it. */
  static Acknowledged open(Path storeFolder) throws IOException {
    Path file = storeFolder.resolve(FILE);
    StoreLock.createPrivate(file);
    return new Acknowledged(FileChannel.open(file, StandardOpenOption.WRITE));
  }

  /**
   * Holds a store that no process writes against it.
   *
   * @param revision that the database has
   * @throws StoreException.Damaged when more was acknowledged
   */
  static void verify(Path storeFolder, long revision) throws StoreException {
    long last = read(storeFolder.resolve(FILE));
    if (last > revision) {
      throw new StoreException.Damaged(
          "the store in "
              + storeFolder
              + " is at revision "
              + revision
              + " and "
              + last
              + " was acknowledged, so it has lost changes: restore a backup (flashdns restore), or"
              + " remove the file '"
              + FILE
              + "' in it to go on with what it holds");
    }
  }

  /** The revision; -1 when there is none that can be believed. */
  private static long read(Path file) {
    try {
      byte[] octets = Files.readAllBytes(file);
      if (octets.length != BYTES) {
        return -1;
      }
      ByteBuffer found = ByteBuffer.wrap(octets);
      return found.getLong(Long.BYTES) == sum(found.getLong(0)) ? found.getLong(0) : -1;
    } catch (NoSuchFileException _) {
      return -1;
    } catch (IOException _) {
      return -1; // It is an additional proof: the database has its own.
    }
  }

  /** Forgets it: the database is about to be replaced. */
  static void remove(Path storeFolder) throws IOException {
    Files.deleteIfExists(storeFolder.resolve(FILE));
  }

  /**
   * Says that all up to a revision is about to be acknowledged. By one thread.
   *
   * @throws IOException when that cannot be written; what was written before stays true
   */
  void write(long revision) throws IOException {
    record.clear().putLong(revision).putLong(sum(revision)).flip();
    int at = 0;
    while (record.hasRemaining()) {
      at += channel.write(record, at);
    }
  }

  private static long sum(long revision) {
    CRC32C sum = new CRC32C();
    sum.update(ByteBuffer.allocate(Long.BYTES).putLong(0, revision));
    return sum.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
