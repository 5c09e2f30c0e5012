package io.flashdns.management.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;

/**
 * What tells a changed file from an unchanged one without reading it.
 *
 * @param file the file; a link is followed
 * @param bytes its size
 * @param modified its time
 * @param inode its inode, {@code -} where the file system has none: a file that was moved into the
 *     place of another is a new one, whatever its time says
 * @param fresh true when it was modified while it was read, or so shortly before that another write
 *     may have got the same time; such a file counts as changed
 */
record FileStamp(Path file, long bytes, Instant modified, String inode, boolean fresh) {
  /** Longer than the clock tick by which file systems stamp. */
  private static final Duration TICK = Duration.ofMillis(20);

  private static final String INODE = "ino=";

  /**
   * Looks at the file as it is now.
   *
   * @param readFrom no octet of the file was read before
   */
  static FileStamp of(Path file, Instant readFrom) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    Instant modified = now.lastModifiedTime().toInstant();
    boolean fresh = readFrom.isBefore(modified.plus(TICK));
    return new FileStamp(file, now.size(), modified, inode(now), fresh);
  }

  /** True when the file is there and looks as it did. */
  boolean isUnchanged() {
    try {
      FileStamp now = of(file, Instant.MAX);
      return !fresh
          && now.bytes == bytes
          && now.modified.equals(modified)
          && now.inode.equals(inode);
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * The inode without the device: devices may be numbered anew when the machine starts, and then
   * all files would look changed.
   */
  static String inode(BasicFileAttributes attributes) {
    Object key = attributes.fileKey();
    if (key == null) {
      return "-";
    }
    String text = key.toString();
    int at = text.indexOf(INODE);
    int end = text.indexOf(')', Math.max(at, 0));
    return at < 0 || end < 0
        ? text.replaceAll("\\s", "_")
        : text.substring(at + INODE.length(), end);
  }
}
