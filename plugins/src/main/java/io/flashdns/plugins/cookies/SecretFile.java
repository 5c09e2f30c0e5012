package io.flashdns.plugins.cookies;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads and writes files that their owner alone may use. Messages never hold what is in them. */
final class SecretFile {
  private static final int MAX_BYTES = 4_096;

  /** What tells one state of a file from the next: any change of content or mode sets its ctime. */
  private static final String STAMP = "unix:ctime,size,fileKey";

  private static final Set<PosixFilePermission> OTHERS =
      EnumSet.complementOf(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));
  private static final FileAttribute<?> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<?> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private SecretFile() {}

  /**
   * The lines of a file, without blanks around them.
   *
   * @param key what the configuration calls the file
   * @throws IllegalArgumentException when it cannot be read, is too large, or others may use it
   */
  static List<String> read(Path file, String key) {
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      if (mode.stream().anyMatch(OTHERS::contains)) {
        throw new IllegalArgumentException(
            "%s %s may be used by others (%s): run chmod 600 on it"
                .formatted(key, file, PosixFilePermissions.toString(mode)));
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(
            "%s %s has more than %d octets: it should hold some lines of 32 hexadecimal digits"
                .formatted(key, file, MAX_BYTES));
      }
      return Files.readString(file, StandardCharsets.ISO_8859_1)
          .lines()
          .map(String::strip)
          .toList();
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "%s %s does not exist: make it with a line of 32 hexadecimal digits, mode 600"
              .formatted(key, file),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s %s cannot be read (%s)".formatted(key, file, said(e)), e);
    }
  }

  /** Tells one state of a file from the next; empty when it cannot be looked at. */
  static Map<String, Object> stamp(Path file) {
    try {
      return Files.readAttributes(file, STAMP);
    } catch (IOException _) {
      return Map.of(); // what is the matter is said by who reads it
    }
  }

  /**
   * Makes or replaces a file: whoever reads it sees the old content or the new one, whole.
   *
   * @throws IOException when it cannot
   */
  static void write(Path file, String content) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder, FOLDER_MODE);
    Path fresh = Files.createTempFile(folder, "." + file.getFileName(), null, FILE_MODE);
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(content.getBytes(StandardCharsets.ISO_8859_1)));
        channel.force(true);
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** What an exception says, with its kind, as some say a path alone. */
  static String said(IOException e) {
    String kind = e.getClass().getSimpleName();
    return e.getMessage() == null ? kind : kind + ": " + e.getMessage();
  }
}
