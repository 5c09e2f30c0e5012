package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileProblem;
import io.flashdns.core.zonefile.ZoneFileResult;
import io.flashdns.management.operations.Health;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The zone files of one folder, and the last good version of each. With tenants it is a tree of
 * folders ({@link ZoneTree}) with a file that says more of them ({@link TenantsFile}).
 *
 * <p>Each {@link #load} looks at the folder anew: it reads the files that are new or changed, drops
 * those that have vanished, and makes a catalog of what is good. A file that is broken now keeps
 * the version it had; so does everything when the folder itself cannot be read, because a folder
 * that is away is not a folder that was emptied. Broken files are read again each time, so that
 * their problems are said again.
 *
 * <p>A broken {@code tenants.yaml} is another matter: who is suspended is not known then, so
 * nothing is published at all and everything stays as it was, at start nothing.
 *
 * <p>A file changes when its size, its time, its inode, or any of these in a file it includes
 * changes. Two files with one apex in one view are an error of the second by file name, at start
 * and at reload alike, so that a restart serves what a reload served.
 *
 * <p>Files are parsed on threads of their own, the largest first: one large zone must not begin
 * when all others are done. What stays in memory of a file is its image and some 200 octets.
 *
 * <p>Used by one thread at a time.
 */
final class ZoneFolder {
  private static final Logger log = LoggerFactory.getLogger(ZoneFolder.class);

  private final NameHash hash;
  private final int threads;
  private final ServedZones served;
  private Map<Path, ReadFile> known = new TreeMap<>();
  private @Nullable ZoneFileLimits limits;
  private boolean hadTenantsFile;
  private Set<Path> outdated = Set.of();

  /**
   * @param hash of all zones
   * @param views takes the names of the views that zones stand in
   * @param threads how many files are parsed at a time, 1 or more
   */
  ZoneFolder(NameHash hash, Views views, int threads) {
    this.hash = hash;
    this.threads = threads;
    this.served = new ServedZones(hash, views);
  }

  /**
   * What is kept of a file.
   *
   * @param stamps of the file and all that it includes; empty when it must be read again anyway
   * @param zone the last good version, or null
   * @param place whose zone it is
   */
  private record ReadFile(List<FileStamp> stamps, @Nullable Zone zone, ZonePlace place) {
    boolean isUnchanged() {
      return !stamps.isEmpty() && stamps.stream().allMatch(FileStamp::isUnchanged);
    }
  }

  /** One file as the parser left it. */
  private record Parsed(
      List<FileStamp> stamps, @Nullable Zone zone, List<Problem> problems, boolean vanished) {}

  /**
   * Reads {@code folder} as it is now.
   *
   * @param config how it is read; that it names a folder itself does not matter
   * @param progress hears from time to time how many files are done, and of how many
   * @throws InterruptedException when the thread is interrupted; nothing has changed then
   */
  ZoneLoad load(Path folder, ZonesConfig config, BiConsumer<Integer, Integer> progress)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    List<Problem> problems = new ArrayList<>();
    ZoneTree tree = ZoneTree.of(folder, config.tenants(), problems);
    if (tree == null) {
      return nothingRead(false, problems);
    }
    TenantsFile settings = settings(folder.resolve(TenantsFile.NAME), config.tenants(), problems);
    if (settings == null) {
      return nothingRead(true, problems);
    }
    Map<Path, ZonePlace> files = new TreeMap<>(tree.files());
    known.forEach(
        (file, old) -> {
          if (config.tenants() && tree.mayStillHold(file)) {
            files.putIfAbsent(file, old.place());
          }
        });
    return load(files, settings, config.limits(), problems, progress, startNanos);
  }

  /** Reads these files and no others; that one of them is not there is an error. */
  ZoneLoad load(List<Path> files, ZoneFileLimits limits) throws InterruptedException {
    long startNanos = System.nanoTime();
    List<Problem> problems = new ArrayList<>();
    Map<Path, ZonePlace> places = new TreeMap<>();
    for (Path file : files) {
      places.put(file, ZonePlace.OF_NOBODY);
      if (Files.notExists(file)) {
        problems.add(Problem.error(file, "there is no such file"));
      }
    }
    return load(
        places,
        TenantsFile.empty(Path.of(TenantsFile.NAME)),
        limits,
        problems,
        (_, _) -> {},
        startNanos);
  }

  /** Says which files have no good version, and which are served in an older one. */
  void tell(Health health, ZoneLoad last) {
    List<String> broken = new ArrayList<>();
    known.forEach(
        (file, read) -> {
          if (read.zone() == null) {
            broken.add(file.toString());
          }
        });
    health.zones(
        last.folderWasRead(), broken, outdated.stream().map(Path::toString).sorted().toList());
  }

  /**
   * What is said of the tenants; null when that is not known. Nothing is published then: it would
   * be the zones of those who are suspended.
   */
  private @Nullable TenantsFile settings(Path file, boolean tenants, List<Problem> problems) {
    boolean isThere = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    if (!tenants) {
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
    TenantsFile settings = isThere ? TenantsFile.read(file, problems) : TenantsFile.empty(file);
    hadTenantsFile |= isThere && settings != null;
    return settings;
  }

  private ZoneLoad nothingRead(boolean tenantsAreBroken, List<Problem> problems) {
    return ZoneLoad.nothingRead(
        tenantsAreBroken, served.catalog(), served.zones(), served.tenants(), problems);
  }

  private ZoneLoad load(
      Map<Path, ZonePlace> files,
      TenantsFile settings,
      ZoneFileLimits limits,
      List<Problem> problems,
      BiConsumer<Integer, Integer> progress,
      long startNanos)
      throws InterruptedException {
    boolean all = !limits.equals(this.limits);
    List<Path> toRead = new ArrayList<>();
    for (Path file : files.keySet()) {
      ReadFile old = known.get(file);
      if (all || old == null || !old.isUnchanged()) {
        toRead.add(file);
      }
    }
    Map<Path, Parsed> parsed = parse(toRead, limits, progress);

    Map<Path, ReadFile> now = new TreeMap<>();
    Set<Path> outdated = new HashSet<>();
    for (Map.Entry<Path, ZonePlace> entry : files.entrySet()) {
      Path file = entry.getKey();
      ReadFile old = known.get(file);
      Parsed fresh = parsed.get(file);
      if (fresh == null) {
        if (old != null) {
          now.put(file, new ReadFile(old.stamps(), old.zone(), entry.getValue()));
        }
        continue;
      }
      problems.addAll(fresh.problems());
      if (fresh.vanished()) {
        continue;
      }
      Zone zone = fresh.zone();
      if (zone == null && old != null && old.zone() != null) {
        zone = old.zone();
        outdated.add(file);
        problems.add(
            Problem.warning(
                file, "the version read before, serial " + zone.serial() + ", stays in service"));
      }
      now.put(file, new ReadFile(fresh.stamps(), zone, entry.getValue()));
    }
    known = now;
    this.outdated = outdated;
    this.limits = limits;
    return publish(outdated, settings, problems, toRead.size(), startNanos);
  }

  private ZoneLoad publish(
      Set<Path> outdated,
      TenantsFile settings,
      List<Problem> problems,
      int filesRead,
      long startNanos) {
    List<ServedZones.Found> found = new ArrayList<>();
    for (Map.Entry<Path, ReadFile> entry : known.entrySet()) {
      Zone zone = entry.getValue().zone();
      if (zone != null) {
        Path file = entry.getKey();
        found.add(
            new ServedZones.Found(file, zone, entry.getValue().place(), outdated.contains(file)));
      }
    }
    List<ZonePlace> places = known.values().stream().map(ReadFile::place).toList();
    ServedZones.Change change = served.replace(found, places, settings, problems);
    change
        .same()
        .forEach(
            (file, zone) ->
                known.computeIfPresent(
                    file, (_, read) -> new ReadFile(read.stamps(), zone, read.place())));
    return new ZoneLoad(
        true,
        false,
        served.catalog(),
        List.copyOf(served.zones()),
        served.tenants(),
        problems,
        change.added(),
        change.changed(),
        change.removed(),
        change.kept(),
        filesRead,
        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
  }

  private Map<Path, Parsed> parse(
      List<Path> files, ZoneFileLimits limits, BiConsumer<Integer, Integer> progress)
      throws InterruptedException {
    Map<Path, Parsed> done = new HashMap<>();
    if (files.isEmpty()) {
      return done;
    }
    CountDownLatch left = new CountDownLatch(files.size());
    ExecutorService pool =
        Executors.newFixedThreadPool(
            Math.min(threads, files.size()),
            Thread.ofPlatform().name("zone-file-", 0).daemon().factory());
    try {
      for (Path file : largestFirst(files)) {
        pool.execute(
            () -> {
              try {
                Parsed parsed = parse(file, limits);
                synchronized (done) {
                  done.put(file, parsed);
                }
              } finally {
                left.countDown();
              }
            });
      }
      while (!left.await(100, TimeUnit.MILLISECONDS)) {
        progress.accept(files.size() - (int) left.getCount(), files.size());
      }
    } finally {
      // Not awaited: when we are interrupted, a large file must not hold up the end of the process.
      pool.shutdownNow();
    }
    return done;
  }

  private Parsed parse(Path file, ZoneFileLimits limits) {
    List<Problem> problems = new ArrayList<>();
    List<FileStamp> stamps = new ArrayList<>();
    try {
      Instant readFrom = Instant.now();
      // Before the reading: a file that is written meanwhile must look changed next time.
      stamps.add(FileStamp.of(file, readFrom));
      ZoneFileResult result = ZoneFile.load(file, limits, hash);
      for (ZoneFileProblem problem : result.problems()) {
        problems.add(Problem.of(problem));
      }
      Zone zone = result.zone();
      if (zone == null) {
        return new Parsed(List.of(), null, problems, false);
      }
      for (Path included : result.files()) {
        if (!included.equals(file)) {
          stamps.add(FileStamp.of(included, readFrom));
        }
      }
      return new Parsed(stamps, zone, problems, false);
    } catch (NoSuchFileException _) {
      boolean gone = Files.notExists(file);
      if (!gone || Files.isSymbolicLink(file)) {
        problems.add(Problem.error(file, "leads to a file that is not there"));
        return new Parsed(List.of(), null, problems, false);
      }
      return new Parsed(List.of(), null, problems, true);
    } catch (IOException e) {
      problems.add(Problem.error(file, "cannot be read: " + ZoneTree.said(e)));
    } catch (OutOfMemoryError _) {
      problems.add(
          Problem.error(
              file, "needs more memory than the heap has: raise -Xmx in conf/jvm.options"));
    } catch (RuntimeException | StackOverflowError e) {
      // Our fault, not the file's. The other zones are served all the same.
      log.error("{} made the reader of zone files fail", file, e);
      problems.add(Problem.error(file, "cannot be read for a fault in this server: " + e));
    }
    return new Parsed(List.of(), null, problems, false);
  }

  private static List<Path> largestFirst(List<Path> files) {
    Map<Path, Long> sizes = new HashMap<>();
    for (Path file : files) {
      long size = 0;
      try {
        size = Files.size(file);
      } catch (IOException _) {
        // said when the file is read
      }
      sizes.put(file, size);
    }
    List<Path> ordered = new ArrayList<>(files);
    ordered.sort(Comparator.comparing((Path file) -> sizes.getOrDefault(file, 0L)).reversed());
    return ordered;
  }
}
