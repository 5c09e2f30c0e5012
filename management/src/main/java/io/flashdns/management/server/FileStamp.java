package io.flashdns.management.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What tells a changed file from an unchanged one without reading it.
 *
 * @param file the file; a link is followed
 * @param bytes its size
 * @param modified its time
 * @param inode device and inode, where the file system has them: a file that was moved into the
 *     place of another is a new one, whatever its time says
 * @param fresh true when it was modified while it was read, or so shortly before that another write
 *     may have got the same time; such a file counts as changed
 */
record FileStamp(Path file, long bytes, Instant modified, @Nullable Object inode, boolean fresh) {
  /** Longer than the clock tick by which file systems stamp. */
  private static final Duration TICK = Duration.ofMillis(20);

  /**
   * Looks at the file as it is now.
   *
   * @param readFrom no octet of the file was read before
   */
  static FileStamp of(Path file, Instant readFrom) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    Instant modified = now.lastModifiedTime().toInstant();
    boolean fresh = readFrom.isBefore(modified.plus(TICK));
    return new FileStamp(file, now.size(), modified, now.fileKey(), fresh);
  }

  /** True when the file is there and looks as it did. */
  boolean isUnchanged() {
    try {
      FileStamp now = of(file, Instant.MAX);
      return !fresh && now.bytes == bytes && now.modified.equals(modified) && sameInode(now);
    } catch (IOException _) {
      return false;
    }
  }

  private boolean sameInode(FileStamp other) {
    return inode == null ? other.inode == null : inode.equals(other.inode);
  }
}
