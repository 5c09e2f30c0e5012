package io.flashdns.plugins.tap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A file that is written at its end; when it is large enough, it becomes {@code NAME.1}, what was
 * {@code NAME.1} becomes {@code NAME.2}, and so on, and the oldest one goes.
 *
 * <p>One thread. Files are made with mode 0640. What is no file but a device or a pipe is written
 * and never renamed.
 */
public final class RollingFile {
  private static final Set<StandardOpenOption> OPTIONS =
      Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

  private final Path path;
  private final int files;
  private @Nullable FileChannel channel;
  private @Nullable Object key;
  private boolean regular;
  private long size;

  /**
   * A file that is not open yet.
   *
   * @param path absolute
   * @param files how many there may be, the one that is written included; at least 1
   */
  public RollingFile(Path path, int files) {
    this.path = path;
    this.files = files;
  }

  /** Opens the file, or makes it, to write after what it holds. */
  public void open() throws IOException {
    close();
    FileChannel opened =
        FileChannel.open(
            path,
            OPTIONS,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    channel = opened;
    regular = Files.isRegularFile(path);
    size = regular ? opened.size() : 0;
    key = keyOf(path);
  }

  /** Renames the files, and opens a new one. A single file is emptied; a device stays as it is. */
  public void roll() throws IOException {
    close();
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      open();
      return;
    }
    if (files == 1) {
      Files.deleteIfExists(path);
    }
    for (int i = files - 1; i > 0; i--) {
      Path from = i == 1 ? path : numbered(i - 1);
      if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(from, numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    open();
  }

  /** The path of an older file. */
  private Path numbered(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }

  /** Octets in the file; 0 for what is none. */
  public long size() {
    return size;
  }

  /** True when it is open. */
  public boolean isOpen() {
    return channel != null;
  }

  /** True when the path does not lead to the open file any more, because somebody moved it. */
  public boolean isElsewhere() throws IOException {
    return isOpen() && !Objects.equals(key, keyOf(path));
  }

  /**
   * Writes octets, all of them or none.
   *
   * @throws IOException when the file is not open, or the system refuses; the file is closed then
   */
  public void write(ByteBuffer octets) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      throw new IOException(path + " is not open");
    }
    int length = octets.remaining();
    try {
      while (octets.hasRemaining()) {
        int _ = open.write(octets);
      }
      size += regular ? length : 0;
    } catch (IOException e) {
      takeBack(open);
      close();
      throw e;
    }
  }

  /** Cuts off what was written of a part: a disk that is full takes some octets still. */
  private void takeBack(FileChannel open) {
    try {
      if (regular) {
        open.truncate(size);
      }
    } catch (IOException _) {
      // Nothing else can be done.
    }
  }

  /** Closes the file, if it is open. */
  public void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException _) {
        // All octets were handed over; what the system could not keep it has not told us.
      }
    }
  }

  private static @Nullable Object keyOf(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException _) {
      return null;
    }
  }
}
