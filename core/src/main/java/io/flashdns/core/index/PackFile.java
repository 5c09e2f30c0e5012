package io.flashdns.core.index;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One pack file: images one behind the other, only ever appended to.
 *
 * <p>Reads and writes name their position, so any number of threads may read while one appends. An
 * interrupt of a thread that reads closes a Java file channel for everybody; then it is opened
 * again, and the interrupt is kept for whoever waits for it.
 */
final class PackFile {
  private static final Pattern NAME = Pattern.compile("pack-(\\d{6,7})\\.img");

  final int number;
  final Path path;

  /** Guarded by the lock of {@link ImagePacks}: written to since it was last forced. */
  boolean unforced;

  /** Guarded by the lock of {@link ImagePacks}: the last saved catalog had no image in it. */
  boolean dead;

  /** Guarded by the lock of {@link ImagePacks}: the file is gone, and can still be read. */
  boolean deleted;

  private volatile FileChannel channel;
  private volatile boolean closed;

  private PackFile(int number, Path path, FileChannel channel) {
    this.number = number;
    this.path = path;
    this.channel = channel;
  }

  static PackFile create(Path folder, int number) throws IOException {
    Path path = folder.resolve(name(number));
    return new PackFile(
        number,
        path,
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  static PackFile open(Path path) throws IOException {
    return new PackFile(numberOf(path), path, channelOf(path));
  }

  private static FileChannel channelOf(Path path) throws IOException {
    return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  static String name(int number) {
    return String.format(Locale.ROOT, "pack-%06d.img", number);
  }

  /** The number in a pack's file name; -1 for other files. */
  static int numberOf(Path path) {
    Matcher matcher = NAME.matcher(path.getFileName().toString());
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : -1;
  }

  long size() throws IOException {
    return channel.size();
  }

  /** Fills what remains of {@code into} from {@code at}. */
  void read(ByteBuffer into, long at) throws IOException {
    int from = into.position();
    FileChannel used = channel;
    try {
      readWhole(used, into, at);
    } catch (ClosedChannelException e) {
      boolean interrupted = Thread.interrupted();
      try {
        FileChannel again = reopened(used, e);
        into.position(from);
        readWhole(again, into, at);
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private void readWhole(FileChannel from, ByteBuffer into, long at) throws IOException {
    long next = at;
    while (into.hasRemaining()) {
      int count = from.read(into, next);
      if (count < 0) {
        throw new IOException(
            path.getFileName()
                + " ends before octet "
                + (next + into.remaining())
                + ": it was cut");
      }
      next += count;
    }
  }

  /** Writes what remains of {@code from} at {@code at}. */
  void write(ByteBuffer from, long at) throws IOException {
    int start = from.position();
    FileChannel used = channel;
    try {
      writeWhole(used, from, at);
    } catch (ClosedChannelException e) {
      boolean interrupted = Thread.interrupted();
      try {
        FileChannel again = reopened(used, e);
        from.position(start);
        writeWhole(again, from, at);
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static void writeWhole(FileChannel to, ByteBuffer from, long at) throws IOException {
    long next = at;
    while (from.hasRemaining()) {
      next += to.write(from, next);
    }
  }

  @SuppressWarnings("ReferenceEquality") // another thread may have opened it again already
  private synchronized FileChannel reopened(FileChannel used, ClosedChannelException cause)
      throws IOException {
    if (closed) {
      throw cause;
    }
    if (channel == used) {
      channel = channelOf(path);
    }
    return channel;
  }

  void force() throws IOException {
    channel.force(false);
  }

  /** Removes the file; images in it can be read as long as it is not closed. */
  void delete() throws IOException {
    Files.deleteIfExists(path);
  }

  synchronized void close() throws IOException {
    closed = true;
    channel.close();
  }
}
