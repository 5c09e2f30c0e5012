package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileProblem;
import io.flashdns.core.zonefile.ZoneFileResult;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
 * The zone files of one folder, and the last good version of each.
 *
 * <p>Each {@link #load} looks at the folder anew: it reads the files that are new or changed, drops
 * those that have vanished, and makes a catalog of what is good. A file that is broken now keeps
 * the version it had; so does everything when the folder itself cannot be read, because a folder
 * that is away is not a folder that was emptied. Broken files are read again each time, so that
 * their problems are said again.
 *
 * <p>A file changes when its size, its time, its inode, or any of these in a file it includes
 * changes. Two files with one apex are an error of the second by file name, at start and at reload
 * alike, so that a restart serves what a reload served.
 *
 * <p>Files are parsed on threads of their own, the largest first: one large zone must not begin
 * when all others are done. What stays in memory of a file is its image and some 200 octets.
 *
 * <p>Used by one thread at a time.
 */
final class ZoneFolder {
  /** How the names of zone files end. */
  static final String SUFFIX = ".zone";

  private static final Logger log = LoggerFactory.getLogger(ZoneFolder.class);

  private final NameHash hash;
  private final int threads;
  private Map<Path, ReadFile> known = new TreeMap<>();
  private Map<DomainName, Zone> served = Map.of();
  private Catalog catalog;
  private @Nullable ZoneFileLimits limits;

  /**
   * @param hash of all zones
   * @param threads how many files are parsed at a time, 1 or more
   */
  ZoneFolder(NameHash hash, int threads) {
    this.hash = hash;
    this.threads = threads;
    this.catalog = Catalog.empty(hash);
  }

  /**
   * What is kept of a file.
   *
   * @param stamps of the file and all that it includes; empty when it must be read again anyway
   * @param zone the last good version, or null
   */
  private record ReadFile(List<FileStamp> stamps, @Nullable Zone zone) {
    boolean isUnchanged() {
      return !stamps.isEmpty() && stamps.stream().allMatch(FileStamp::isUnchanged);
    }
  }

  /** One file as the parser left it. */
  private record Parsed(ReadFile file, List<Problem> problems, boolean vanished) {}

  /**
   * Reads {@code folder} as it is now.
   *
   * @param progress hears from time to time how many files are done, and of how many
   * @throws InterruptedException when the thread is interrupted; nothing has changed then
   */
  ZoneLoad load(Path folder, ZoneFileLimits limits, BiConsumer<Integer, Integer> progress)
      throws InterruptedException {
    List<Problem> problems = new ArrayList<>();
    List<Path> files = list(folder, problems);
    return files == null
        ? ZoneLoad.nothingRead(catalog, served.values(), problems)
        : load(files, limits, problems, progress);
  }

  /** Reads these files and no others; that one of them is not there is an error. */
  ZoneLoad load(List<Path> files, ZoneFileLimits limits) throws InterruptedException {
    List<Problem> problems = new ArrayList<>();
    for (Path file : files) {
      if (Files.notExists(file)) {
        problems.add(Problem.error(file, "there is no such file"));
      }
    }
    return load(files, limits, problems, (_, _) -> {});
  }

  private ZoneLoad load(
      List<Path> files,
      ZoneFileLimits limits,
      List<Problem> problems,
      BiConsumer<Integer, Integer> progress)
      throws InterruptedException {
    long start = System.nanoTime();
    boolean all = !limits.equals(this.limits);
    List<Path> toRead = new ArrayList<>();
    for (Path file : files) {
      ReadFile old = known.get(file);
      if (all || old == null || !old.isUnchanged()) {
        toRead.add(file);
      }
    }
    Map<Path, Parsed> parsed = parse(toRead, limits, progress);

    Map<Path, ReadFile> now = new TreeMap<>();
    Set<Path> outdated = new HashSet<>();
    for (Path file : files) {
      ReadFile old = known.get(file);
      Parsed fresh = parsed.get(file);
      if (fresh == null) {
        if (old != null) {
          now.put(file, old);
        }
        continue;
      }
      problems.addAll(fresh.problems());
      if (fresh.vanished()) {
        continue;
      }
      Zone zone = fresh.file().zone();
      if (zone == null && old != null && old.zone() != null) {
        zone = old.zone();
        outdated.add(file);
        problems.add(
            Problem.warning(
                file, "the version read before, serial " + zone.serial() + ", stays in service"));
      }
      now.put(file, new ReadFile(fresh.file().stamps(), zone));
    }
    known = now;
    this.limits = limits;
    return publish(outdated, problems, toRead, start);
  }

  /** Makes the catalog of what is known, and counts what that changes for clients. */
  private ZoneLoad publish(
      Set<Path> outdated, List<Problem> problems, List<Path> readNow, long startNanos) {
    Map<DomainName, Zone> next = new TreeMap<>();
    Map<DomainName, Path> from = new HashMap<>();
    int kept = 0;
    for (Map.Entry<Path, ReadFile> entry : known.entrySet()) {
      Zone zone = entry.getValue().zone();
      if (zone == null) {
        continue;
      }
      Path first = from.putIfAbsent(zone.apex(), entry.getKey());
      if (first != null) {
        problems.add(
            Problem.error(
                entry.getKey(),
                "the zone %s is also in %s, which is served: remove one of the two files"
                    .formatted(zone.apex(), first)));
        continue;
      }
      Zone before = served.get(zone.apex());
      if (before != null && isSame(before, zone)) {
        zone = before; // the file was touched, moved or renamed, the zone is what it was
        entry.setValue(new ReadFile(entry.getValue().stamps(), before));
      }
      next.put(zone.apex(), zone);
      kept += outdated.contains(entry.getKey()) ? 1 : 0;
    }
    int added = 0;
    int changed = 0;
    for (Map.Entry<DomainName, Zone> entry : next.entrySet()) {
      Zone before = served.get(entry.getKey());
      added += before == null ? 1 : 0;
      changed += before != null && before != entry.getValue() ? 1 : 0;
    }
    int removed = served.size() - (next.size() - added);
    if (added + changed + removed > 0) {
      catalog = Catalog.of(hash, next.values());
    }
    served = next;
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    return new ZoneLoad(
        true,
        catalog,
        List.copyOf(next.values()),
        problems,
        added,
        changed,
        removed,
        kept,
        readNow.size(),
        millis);
  }

  /** The zone files in order of their names, or null when the folder cannot be read. */
  private static @Nullable List<Path> list(Path folder, List<Problem> problems) {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder, ZoneFolder::isZoneFileName)) {
      for (Path file : entries) {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
          // A pipe, of all things, would hold up the start for ever.
          problems.add(Problem.warning(file, "is no regular file and is not read"));
        } else {
          files.add(file);
        }
      }
    } catch (NoSuchFileException _) {
      problems.add(Problem.error(folder, "there is no such folder of zones"));
      return null;
    } catch (NotDirectoryException _) {
      problems.add(Problem.error(folder, "is no folder: give the folder that holds *.zone files"));
      return null;
    } catch (IOException | DirectoryIteratorException e) {
      problems.add(Problem.error(folder, "the folder of zones cannot be read: " + said(e)));
      return null;
    }
    files.sort(Comparator.naturalOrder());
    return files;
  }

  private static boolean isZoneFileName(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(SUFFIX) && !name.startsWith(".");
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
        return new Parsed(new ReadFile(List.of(), null), problems, false);
      }
      for (Path included : result.files()) {
        if (!included.equals(file)) {
          stamps.add(FileStamp.of(included, readFrom));
        }
      }
      return new Parsed(new ReadFile(stamps, zone), problems, false);
    } catch (NoSuchFileException _) {
      boolean gone = Files.notExists(file);
      if (!gone || Files.isSymbolicLink(file)) {
        problems.add(Problem.error(file, "leads to a file that is not there"));
        return new Parsed(new ReadFile(List.of(), null), problems, false);
      }
      return new Parsed(new ReadFile(List.of(), null), problems, true);
    } catch (IOException e) {
      problems.add(Problem.error(file, "cannot be read: " + said(e)));
    } catch (OutOfMemoryError _) {
      problems.add(
          Problem.error(
              file, "needs more memory than the heap has: raise -Xmx in conf/jvm.options"));
    } catch (RuntimeException | StackOverflowError e) {
      // Our fault, not the file's. The other zones are served all the same.
      log.error("{} made the reader of zone files fail", file, e);
      problems.add(Problem.error(file, "cannot be read for a fault in this server: " + e));
    }
    return new Parsed(new ReadFile(List.of(), null), problems, false);
  }

  /** A zone is its image. */
  private static boolean isSame(Zone one, Zone other) {
    return one == other || Arrays.equals(one.data(), other.data());
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

  private static String said(Exception e) {
    return e instanceof java.nio.file.AccessDeniedException
        ? "user " + System.getProperty("user.name") + " has no permission"
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }
}
