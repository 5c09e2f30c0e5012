package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Holds a store's folder for one process, and one store in it: a lock on the file {@code lock} that
 * the system gives back when the process ends, however it ends. The file says the process id.
 */
final class StoreLock implements AutoCloseable {
  private static final String FILE = "lock";

  /**
   * Folders that this process holds. Looked at before the lock file is opened: to close any
   * descriptor of a file gives back all POSIX locks that the process has on it.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;

  private StoreLock(Path folder, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
  }

  /** Makes the folder when it is not there, and takes it. */
  static synchronized StoreLock take(Path folder) throws StoreException {
    Path real;
    try {
      makePrivate(folder);
      real = folder.toRealPath();
      FileStore store = Files.getFileStore(real);
      if (isNetworkFileSystem(store.type())) {
        throw new StoreException.Unavailable(
            "the store's folder "
                + folder
                + " is on a network file system ("
                + store.type()
                + "), where a database is not safe: use a local disk");
      }
    } catch (IOException e) {
      throw cannotOpen(folder, e);
    }
    if (!HELD.add(real)) {
      throw inUse(folder, ProcessHandle.current().pid());
    }
    FileChannel channel = null;
    try {
      Path file = real.resolve(FILE);
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse(folder, holder(channel));
      }
      makeFilePrivate(file);
      channel.truncate(0);
      long pid = ProcessHandle.current().pid();
      channel.write(ByteBuffer.wrap((pid + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
      return new StoreLock(real, channel, lock);
    } catch (IOException e) {
      release(real, channel);
      throw cannotOpen(folder, e);
    } catch (StoreException e) {
      release(real, channel);
      throw e;
    }
  }

  private static void release(Path real, @Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException _) {
        // Nothing was written that matters, and the lock is not held.
      }
    }
    HELD.remove(real);
  }

  private static StoreException inUse(Path folder, long pid) {
    return new StoreException.Unavailable(
        "the store in "
            + folder
            + " is in use by "
            + (pid > 0 ? "process " + pid : "another process")
            + ": stop it first, or give this one another data folder");
  }

  private static StoreException cannotOpen(Path folder, IOException e) {
    return new StoreException.Unavailable(
        "the store's folder "
            + folder
            + " cannot be used ("
            + e.getClass().getSimpleName()
            + ": "
            + e.getMessage()
            + "): see that it is a folder that this user may write",
        false,
        e);
  }

  private static long holder(FileChannel channel) {
    ByteBuffer text = ByteBuffer.allocate(24);
    try {
      channel.read(text, 0);
      return Long.parseLong(
          new String(text.array(), 0, text.position(), StandardCharsets.US_ASCII).strip());
    } catch (IOException | NumberFormatException _) {
      return 0;
    }
  }

  /**
   * True for file systems whose disk is behind a network: their locks and shared memory do not hold
   * what SQLite's write-ahead log needs.
   */
  static boolean isNetworkFileSystem(String type) {
    String name = type.toLowerCase(Locale.ROOT);
    if (name.startsWith("fuse.")) {
      name = name.substring("fuse.".length());
    }
    return switch (name) {
      case "9p",
          "afs",
          "afpfs",
          "beegfs",
          "ceph",
          "cifs",
          "coda",
          "davfs",
          "davfs2",
          "glusterfs",
          "gpfs",
          "juicefs",
          "lustre",
          "ncpfs",
          "nfs",
          "nfs3",
          "nfs4",
          "s3fs",
          "seaweedfs",
          "smb",
          "smb2",
          "smb3",
          "smbfs",
          "sshfs",
          "vboxsf",
          "vmhgfs",
          "vmhgfs-fuse",
          "webdav",
          "rclone" ->
          true;
      default -> false;
    };
  }

  /** Makes a folder that nobody else may look into. */
  static void makePrivate(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Path parent = folder.toAbsolutePath().getParent();
      if (parent != null) {
        Files.createDirectories(parent);
      }
      if (isPosix(folder)) {
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      } else {
        Files.createDirectory(folder);
      }
      force(folder.toAbsolutePath().getParent());
    }
    if (isPosix(folder)) {
      Files.setPosixFilePermissions(folder, OWNER_ONLY);
    }
  }

  /** Takes a file from everybody else. */
  static void makeFilePrivate(Path file) throws IOException {
    if (isPosix(file)) {
      Files.setPosixFilePermissions(file, OWNER_FILE);
    }
  }

  /** Makes an empty file that nobody else may read, when there is none. */
  static void createPrivate(Path file) throws IOException {
    if (!Files.exists(file)) {
      if (isPosix(file)) {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(OWNER_FILE));
      } else {
        Files.createFile(file);
      }
    }
    makeFilePrivate(file);
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Brings a file, or the names in a folder, to stable storage. */
  static void force(@Nullable Path path) throws IOException {
    if (path == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      if (!Files.isDirectory(path) || isPosix(path)) {
        throw e;
      }
      // Windows opens no folders, and keeps names by itself.
    }
  }

  /** True when no process has the store of a folder open. */
  static synchronized boolean isFree(Path folder) {
    try {
      Path real = folder.toRealPath();
      if (HELD.contains(real)) {
        return false;
      }
      // A shared lock is only tried: it gives way at once, and refuses no server but for that time.
      try (FileChannel channel = FileChannel.open(real.resolve(FILE), StandardOpenOption.READ);
          FileLock lock = channel.tryLock(0, Long.MAX_VALUE, true)) {
        return lock != null;
      }
    } catch (NoSuchFileException _) {
      return true;
    } catch (IOException | OverlappingFileLockException _) {
      return false;
    }
  }

  /** The folder, by its real path. */
  Path folder() {
    return folder;
  }

  @Override
  public void close() {
    try {
      lock.release();
    } catch (IOException _) {
      // Closing the channel gives it back anyway.
    }
    release(folder, channel);
  }
}
