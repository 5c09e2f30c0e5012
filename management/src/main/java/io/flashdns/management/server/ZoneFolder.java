package io.flashdns.management.server;

import io.flashdns.core.store.StoreException;
import io.flashdns.management.operations.Health;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The zone files of one folder as a source of the store. With tenants it is a tree of folders
 * ({@link ZoneTree}) with a file that says more of them ({@link TenantsFile}).
 *
 * <p>Each {@link #load} looks at the folder anew: it reads the files that are new or changed,
 * commits what they hold, and deletes zones whose files have vanished. A file that is broken now
 * leaves the zone as it was; so does everything when the folder itself cannot be read, because a
 * folder that is away is not a folder that was emptied. Broken files are read again each time, so
 * that their problems are said again. What is known of files is in the store, so a restart reads no
 * file that has not changed meanwhile.
 *
 * <p>A broken {@code tenants.yaml} is another matter: who is suspended is not known then, so
 * nothing is changed at all, and no server is started.
 *
 * <p>A file changes when its size, its time, its inode, or any of these in a file it includes
 * changes, or its place in the folder or the limits of reading are others. Two files with one apex
 * in one view are an error of the second by its path. A zone that was made through another door is
 * never touched: a file with its apex is refused.
 *
 * <p>Used by one thread at a time.
 */
final class ZoneFolder {
  private final ZoneLedger ledger;
  private final int threads;
  private @Nullable TenantsFile settings;
  private boolean hadTenantsFile;
  private Set<Path> broken = Set.of();
  private Set<Path> outdated = Set.of();

  /**
   * @param ledger what the files are held against
   * @param threads how many files are parsed at a time, 1 or more
   */
  ZoneFolder(ZoneLedger ledger, int threads) {
    this.ledger = ledger;
    this.threads = threads;
  }

  /** The files of a server: what they say is committed to its store and awaited. */
  ZoneFolder(ZoneService service, int threads) {
    this(
        new StoreLedger(service.store(), settings -> service.tenants(settings), service::catchUp),
        threads);
  }

  /**
   * What is said of tenants, which must be known before anything is answered.
   *
   * @param problems takes what is wrong
   * @return null when it is not known: then nothing may be served
   */
  @Nullable TenantsFile tenants(Path folder, ZonesConfig config, List<Problem> problems) {
    Path file = folder.resolve(TenantsFile.NAME);
    boolean isThere = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    if (!config.tenants()) {
      if (isThere) {
        problems.add(
            Problem.warning(file, "is not read: set zones.tenants to true, or remove the file"));
      }
      hadTenantsFile = false;
      return TenantsFile.empty(file);
    }
    if (!isThere && hadTenantsFile) {
      problems.add(
          Problem.error(
              file,
              "was there when the zones were read last and is gone: put it back; if it is to say"
                  + " nothing any more, leave it empty"));
      return null;
    }
    TenantsFile read = isThere ? TenantsFile.read(file, problems) : TenantsFile.empty(file);
    hadTenantsFile |= isThere && read != null;
    return read;
  }

  /**
   * Takes over what {@code folder} holds now, and waits until it is served.
   *
   * @param config how it is read; that it names a folder itself does not matter
   * @param progress hears from time to time how many files are done, and of how many so far
   * @throws InterruptedException when the thread is interrupted; what was committed until then
   *     stays
   */
  ZoneLoad load(Path folder, ZonesConfig config, BiConsumer<Integer, Integer> progress)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    List<Problem> problems = new ArrayList<>();
    if (!ZoneTree.isReadable(folder, problems)) {
      return ZoneLoad.nothingRead(false, problems);
    }
    TenantsFile now = tenants(folder, config, problems);
    if (now == null) {
      return ZoneLoad.nothingRead(true, problems);
    }
    FolderSync sync =
        new FolderSync(
            ledger,
            new ZoneFileReader(config.limits()),
            folder,
            now,
            settings == null ? now : settings,
            problems);
    boolean wasRead = false;
    try {
      ledger.tenants(now);
      wasRead = sync.folder(folder, config.tenants(), threads, progress);
      ledger.awaitServed();
      settings = now;
      if (wasRead && config.tenants()) {
        Takeovers.warn(ledger, problems);
        now.warnOfUnknown(sync.places(), ledger);
      }
    } catch (StoreException e) {
      wasRead = false;
      problems.add(Problem.error(folder, "its zones cannot be taken over: " + e.getMessage()));
    } finally {
      ledger.release();
    }
    broken = sync.broken();
    outdated = sync.outdated();
    return sync.result(wasRead, startNanos);
  }

  /** Reads these files and no others; that one of them is not there is an error. */
  ZoneLoad load(List<Path> files, ZonesConfig config) throws InterruptedException {
    long startNanos = System.nanoTime();
    List<Problem> problems = new ArrayList<>();
    TenantsFile nobody = TenantsFile.empty(Path.of(TenantsFile.NAME));
    FolderSync sync =
        new FolderSync(
            ledger, new ZoneFileReader(config.limits()), Path.of(""), nobody, nobody, problems);
    boolean wereRead = false;
    try {
      sync.files(files, threads, (_, _) -> {});
      wereRead = true;
    } catch (StoreException e) {
      problems.add(Problem.error("the zones cannot be taken over: " + e.getMessage()));
    } finally {
      ledger.release();
    }
    return sync.result(wereRead, startNanos);
  }

  /** Says which files have no good version, and which are served in an older one. */
  void tell(Health health, ZoneLoad last) {
    health.zones(
        last.folderWasRead(),
        broken.stream().map(Path::toString).toList(),
        outdated.stream().map(Path::toString).toList());
  }
}
