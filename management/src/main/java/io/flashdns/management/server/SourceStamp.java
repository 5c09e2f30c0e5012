package io.flashdns.management.server;

import io.flashdns.core.zonefile.ZoneFileLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.List;

/**
 * What a zone file looked like when it was imported, as text for {@link
 * io.flashdns.core.store.ZoneSettings#sourceStamp}: from one process to the next it tells a changed
 * file from an unchanged one without reading it.
 *
 * <pre>
 * 1 LIMITS VIEW [ORGANISATION/PROJECT] OCTETS TIME INODE
 * OCTETS TIME INODE PATH                                   a line for each file that it includes
 * </pre>
 *
 * <p>The limits by which it was read, as a number, and its place are in it because a file is
 * another one under others. Empty when the file must be read again anyway.
 */
final class SourceStamp {
  private static final int VERSION = 1;

  private final String beginning;

  /** The stamps of files that are read by these limits. */
  SourceStamp(ZoneFileLimits limits) {
    this.beginning = VERSION + " " + Integer.toHexString(limits.toString().hashCode()) + " ";
  }

  /**
   * The stamp of a file.
   *
   * @param files the zone file, then those that it includes
   */
  String of(ZonePlace place, List<FileStamp> files) {
    StringBuilder text = new StringBuilder(128);
    for (FileStamp file : files) {
      String path = file.file().toString();
      if (file.fresh() || path.indexOf('\n') >= 0) {
        return "";
      }
      if (text.isEmpty()) {
        begin(text, place);
        append(text, file.bytes(), file.modified(), file.inode());
      } else {
        append(text.append('\n'), file.bytes(), file.modified(), file.inode());
        text.append(' ').append(path);
      }
    }
    return text.toString();
  }

  /** The stamp of a file that includes no other, by what the folder says of it. */
  String of(ZonePlace place, BasicFileAttributes now) {
    StringBuilder text = new StringBuilder(128);
    begin(text, place);
    append(text, now.size(), now.lastModifiedTime().toInstant(), FileStamp.inode(now));
    return text.toString();
  }

  /** The part of a stamp that is of the zone file itself. */
  static String ofFileItself(String stamp) {
    int end = stamp.indexOf('\n');
    return end < 0 ? stamp : stamp.substring(0, end);
  }

  /** True when the files that the zone file includes are there and look as they did. */
  static boolean includedAreUnchanged(String stamp) {
    int at = stamp.indexOf('\n');
    while (at >= 0) {
      int end = stamp.indexOf('\n', at + 1);
      String line = stamp.substring(at + 1, end < 0 ? stamp.length() : end);
      String[] parts = line.split(" ", 4);
      if (parts.length < 4 || !line.equals(included(Path.of(parts[3])))) {
        return false;
      }
      at = end;
    }
    return true;
  }

  private static String included(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      StringBuilder text = new StringBuilder(128);
      append(text, now.size(), now.lastModifiedTime().toInstant(), FileStamp.inode(now));
      return text.append(' ').append(file).toString();
    } catch (IOException _) {
      return "";
    }
  }

  private void begin(StringBuilder text, ZonePlace place) {
    text.append(beginning).append(place.view()).append(' ');
    if (!place.organisation().isEmpty()) {
      text.append(place.organisation()).append('/').append(place.project()).append(' ');
    }
  }

  private static void append(StringBuilder text, long bytes, Instant modified, String inode) {
    text.append(bytes).append(' ');
    text.append(modified.getEpochSecond()).append('.').append(modified.getNano());
    text.append(' ').append(inode);
  }
}
