package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.ZoneContents;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileProblem;
import io.flashdns.core.zonefile.ZoneFileResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads one zone file after the other, whatever is in it. Safe for all threads. */
final class ZoneFileReader {
  private static final Logger log = LoggerFactory.getLogger(ZoneFileReader.class);

  /**
   * Zones that are read here are held against the rules and let go: no query is hashed like this.
   */
  private static final NameHash HASH = new NameHash(0);

  private final ZoneFileLimits limits;
  private final SourceStamp stamps;

  /** A file to be read. */
  record Task(Path file, ZonePlace place, long bytes) {}

  /**
   * What came of it.
   *
   * @param stamp for its next look; empty when it must be read again anyway
   * @param content null when it has errors
   * @param vanished true when it was not there any more, which is no error
   */
  record Parsed(
      Path file,
      ZonePlace place,
      String stamp,
      @Nullable RRsetBlock content,
      List<Problem> problems,
      boolean vanished) {}

  ZoneFileReader(ZoneFileLimits limits) {
    this.limits = limits;
    this.stamps = new SourceStamp(limits);
  }

  /** The stamps of what it reads. */
  SourceStamp stamps() {
    return stamps;
  }

  /** Reads a file. */
  Parsed read(Task task) {
    Path file = task.file();
    List<Problem> problems = new ArrayList<>();
    try {
      Instant readFrom = Instant.now();
      List<FileStamp> files = new ArrayList<>(1);
      // Before the reading: a file that is written meanwhile must look changed next time.
      files.add(FileStamp.of(file, readFrom));
      ZoneFileResult result = ZoneFile.load(file, limits, HASH);
      for (ZoneFileProblem problem : result.problems()) {
        problems.add(Problem.of(problem));
      }
      Zone zone = result.zone();
      if (zone != null) {
        for (Path included : result.files()) {
          if (!included.equals(file)) {
            files.add(FileStamp.of(included, readFrom));
          }
        }
        RRsetBlock content = ZoneContents.of(zone);
        return new Parsed(
            file, task.place(), stamps.of(task.place(), files), content, problems, false);
      }
    } catch (NoSuchFileException _) {
      boolean isGone = Files.notExists(file) && !Files.isSymbolicLink(file);
      if (isGone) {
        return new Parsed(file, task.place(), "", null, problems, true);
      }
      problems.add(Problem.error(file, "leads to a file that is not there"));
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
    return new Parsed(file, task.place(), "", null, problems, false);
  }
}
