package io.flashdns.management.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * The folder of the server's own files. Made when something needs it, for its user alone.
 *
 * <p>It holds {@value #SEED_FILE}, the secret from which the hash of names is made: whoever knows
 * it could choose names that fall on one slot. It stays the same over restarts because what is
 * derived from zones is kept under it.
 */
final class DataFolder {
  /** 16 hexadecimal digits. */
  static final String SEED_FILE = "hash.seed";

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

  private final Path folder;
  private final SecureRandom random;

  DataFolder(Path folder, SecureRandom random) {
    this.folder = folder;
    this.random = random;
  }

  /** True when the seed is there or could be made. */
  boolean isUsable() {
    Path nearest = folder;
    while (nearest != null && Files.notExists(nearest)) {
      nearest = nearest.toAbsolutePath().getParent();
    }
    return Files.exists(folder.resolve(SEED_FILE))
        || (nearest != null && Files.isWritable(nearest));
  }

  /**
   * The seed, made at the first call of all.
   *
   * @throws StartException when it can be neither read nor made, or others may read it
   */
  long seed() throws StartException {
    Path file = folder.resolve(SEED_FILE);
    try {
      if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        make(file);
      }
      return read(file);
    } catch (IOException e) {
      throw new StartException(
          "the data folder "
              + folder
              + " cannot be used ("
              + said(e)
              + "): give another by --data");
    }
  }

  /** The seed if there is one; nothing is made. */
  void check() throws StartException {
    Path file = folder.resolve(SEED_FILE);
    try {
      if (Files.exists(file)) {
        read(file);
      }
    } catch (IOException e) {
      throw new StartException("the data folder " + folder + " cannot be used (" + said(e) + ")");
    }
  }

  private static long read(Path file) throws IOException, StartException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.stream().anyMatch(OTHERS::contains)) {
      throw new StartException(
          "the secret file %s may be used by others (%s): run chmod 600 on it, or remove it for a new secret"
              .formatted(file, PosixFilePermissions.toString(mode)));
    }
    String digits = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    if (!digits.matches("[0-9a-f]{16}")) {
      throw new StartException(
          "the secret file "
              + file
              + " does not hold 16 hexadecimal digits: remove it for a new one");
    }
    return HexFormat.fromHexDigitsToLong(digits);
  }

  /**
   * Written whole under another name, synced, and linked into place: a server that starts at the
   * same moment sees no half file, and both end with the same seed.
   */
  private void make(Path file) throws IOException {
    Files.createDirectories(folder, FOLDER_MODE);
    Path fresh = Files.createTempFile(folder, ".seed", null, FILE_MODE);
    try {
      String digits = HexFormat.of().toHexDigits(random.nextLong()) + "\n";
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(digits.getBytes(StandardCharsets.ISO_8859_1)));
        channel.force(true);
      }
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException _) {
      // the other server was first: its seed is ours
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static String said(IOException e) {
    String kind = e.getClass().getSimpleName();
    return e.getMessage() == null ? kind : kind + ": " + e.getMessage();
  }
}
