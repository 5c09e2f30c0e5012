package io.flashdns.management.store;

import io.flashdns.core.store.StoreException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Copies a store into one file, puts such a file back, and checks either. */
final class StoreBackup {
  private StoreBackup() {}

  /** See {@link EmbeddedStore#backup}. */
  static long backup(Path storeFolder, Path target) throws StoreException {
    Path file = existing(storeFolder);
    Path aside = beside(target);
    try {
      if (Files.exists(target)) {
        throw new FileAlreadyExistsException(target.toString());
      }
      Files.deleteIfExists(aside);
      // SQLite takes an empty file as if it were none, and keeps its permissions.
      StoreLock.createPrivate(aside);
      copy(file, aside);
      long revision = verified(aside, "the backup");
      if (StoreLock.isFree(storeFolder)) {
        Acknowledged.verify(storeFolder, revision);
      }
      StoreLock.force(aside);
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      StoreLock.force(target.toAbsolutePath().getParent());
      return revision;
    } catch (FileAlreadyExistsException _) {
      throw new StoreException.Unavailable(
          target + " is there already: name a file that is not, or remove it");
    } catch (IOException e) {
      throw new StoreException.Unavailable(
          "the backup " + target + " cannot be written (" + e + "): see that there is room",
          false,
          e);
    } finally {
      remove(aside);
    }
  }

  private static void copy(Path file, Path aside) throws StoreException {
    try (Reads reads = new Reads(Database.reader(file))) {
      // VACUUM INTO writes one revision, reading in one transaction; it counts as a write.
      reads.run("PRAGMA query_only=OFF");
      try (PreparedStatement copy = reads.prepared("VACUUM INTO ?")) {
        copy.setString(1, aside.toString());
        copy.execute();
      }
    } catch (SQLException e) {
      throw SqlFaults.ofRead(e, "copying " + file);
    }
  }

  /** See {@link EmbeddedStore#restore}. */
  static long restore(Path backup, Path storeFolder, boolean replace) throws StoreException {
    if (!Files.isRegularFile(backup)) {
      throw new StoreException.Unavailable(backup + " is not there: name a backup file");
    }
    try (StoreLock lock = StoreLock.take(storeFolder)) {
      Path file = lock.folder().resolve(Database.FILE);
      boolean isThere = Files.exists(file) && Files.size(file) > 0;
      if (isThere && !replace) {
        throw new StoreException.Unavailable(
            "there is a store in "
                + storeFolder
                + " already: say --replace when the backup is to take its place");
      }
      NativeCode.unpackInto(lock.folder());
      Path aside = beside(file);
      try {
        Files.copy(backup, aside, StandardCopyOption.REPLACE_EXISTING);
        StoreLock.makeFilePrivate(aside);
        bringUpToDate(aside, backup);
        long revision = verified(aside, backup.toString());
        StoreLock.force(aside);
        // The old log must not be taken for the new file's: a store that dies here has lost what
        // was in its log alone, so the log is brought into the old file first.
        if (isThere) {
          settle(file);
        }
        Acknowledged.remove(lock.folder());
        Files.move(
            aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        StoreLock.force(lock.folder());
        return revision;
      } finally {
        remove(aside);
      }
    } catch (IOException e) {
      throw new StoreException.Unavailable(
          "the store in " + storeFolder + " cannot be restored (" + e + "): look at the disk",
          false,
          e);
    }
  }

  /** A backup may be of an older version. */
  private static void bringUpToDate(Path copy, Path backup) throws StoreException {
    try {
      Database.bringUpToDate(copy);
    } catch (SQLException e) {
      throw unusable(backup.toString(), e);
    }
  }

  /** Ends the log of a store that nobody uses; of one that is beyond that, removes it. */
  private static void settle(Path file) throws IOException {
    try (Reads reads = new Reads(Database.writer(file))) {
      var _ = reads.number("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (SQLException | StoreException _) {
      // It is replaced because it is damaged.
    }
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-wal"));
    Files.deleteIfExists(file.resolveSibling(file.getFileName() + "-shm"));
    StoreLock.force(file.getParent());
  }

  /** See {@link EmbeddedStore#check}. */
  static int check(Path storeFolder, Consumer<String> problems, Consumer<String> progress)
      throws StoreException {
    Path file = existing(storeFolder);
    try (Reads reads = new Reads(Database.reader(file))) {
      reads.run("BEGIN");
      int found = new StoreCheck(reads, problems, progress).run();
      if (StoreLock.isFree(storeFolder)) {
        try {
          Acknowledged.verify(storeFolder, reads.ledger().revision());
        } catch (StoreException.Damaged e) {
          problems.accept(String.valueOf(e.getMessage()));
          found++;
        }
      }
      return found;
    } catch (SQLException e) {
      throw SqlFaults.ofRead(e, "checking " + file);
    }
  }

  /** The revision of a copy that is found to be whole. */
  private static long verified(Path copy, String name) throws StoreException {
    List<String> problems = new ArrayList<>();
    try (Reads reads = new Reads(Database.reader(copy))) {
      if (new StoreCheck(reads, problems::add, _ -> {}).run() > 0) {
        throw new StoreException.Damaged(
            name + " is damaged, it is not used: " + problems.getFirst());
      }
      return reads.ledger().revision();
    } catch (SQLException e) {
      throw unusable(name, e);
    }
  }

  /** See {@link EmbeddedStore#positionOf}. */
  static Position position(Path backup) throws StoreException {
    try (Reads reads = new Reads(Database.reader(backup))) {
      return reads.position();
    } catch (SQLException e) {
      throw unusable(backup.toString(), e);
    }
  }

  private static StoreException unusable(String name, SQLException e) {
    return new StoreException.Damaged(
        name + " is no backup of a store, or is damaged (" + SqlFaults.text(e) + "): name another",
        e);
  }

  private static Path existing(Path storeFolder) throws StoreException {
    Path file = storeFolder.toAbsolutePath().resolve(Database.FILE);
    if (!Files.isRegularFile(file)) {
      throw new StoreException.Unavailable(
          "there is no store in " + storeFolder + ": name the folder of one");
    }
    verifyLog(storeFolder);
    NativeCode.unpackInto(storeFolder.toAbsolutePath());
    return file;
  }

  /** Before SQLite opens a store that nobody uses: it would drop what is damaged of the log. */
  private static void verifyLog(Path storeFolder) throws StoreException {
    if (!StoreLock.isFree(storeFolder)) {
      return;
    }
    try {
      WalCheck.verify(storeFolder.toAbsolutePath().resolve(Database.WAL), Database.PAGE_BYTES);
    } catch (IOException e) {
      throw new StoreException.Unavailable(
          "the log of the store in " + storeFolder + " cannot be read (" + e + ")", false, e);
    }
  }

  private static Path beside(Path file) {
    return file.toAbsolutePath().resolveSibling(file.getFileName() + ".new");
  }

  private static void remove(Path aside) {
    for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
      try {
        Files.deleteIfExists(aside.resolveSibling(aside.getFileName() + suffix));
      } catch (IOException _) {
        // The next one takes its place.
      }
    }
  }
}
