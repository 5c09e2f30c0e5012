package io.flashdns.core.zonefile;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.zone.RecordSink;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zone.ZoneProblem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Zones from files in master format (RFC 1035 §5). What is accepted is said in the description of
 * this package.
 */
public final class ZoneFile {
  private ZoneFile() {}

  /**
   * Reads a zone file and builds the zone.
   *
   * <p>The origin in the beginning comes from the file's name: {@code example.com.zone} gives
   * {@code example.com.}, {@code root.zone} the root. The folder of the file is the only place that
   * {@code $INCLUDE} may reach. Never throws for what stands in a file or for a file that cannot be
   * read: both are problems of the result. Reads the disk, so no thread that answers queries may
   * call it; any number of other threads may. Costs about 0.3 microseconds a record once hot, the
   * building of the zone not counted.
   *
   * @param file the zone file
   * @param limits how much the file may ask for
   * @param hash the hash of the catalog that the zone is meant for
   */
  public static ZoneFileResult load(Path file, ZoneFileLimits limits, NameHash hash) {
    ProblemLog log = new ProblemLog(limits.maxProblems());
    ZoneImageBuilder builder = new ZoneImageBuilder(hash);
    MasterFileReader reader = new MasterFileReader(builder, log, limits);
    reader.read(file);
    return new ZoneFileResult(build(builder, reader, log), log.report(), log.files());
  }

  /**
   * As {@link #load(Path, ZoneFileLimits, NameHash)}, but for a file whose name says nothing.
   *
   * @param origin the origin in the beginning: the apex of the zone
   */
  public static ZoneFileResult load(
      Path file, DomainName origin, ZoneFileLimits limits, NameHash hash) {
    ProblemLog log = new ProblemLog(limits.maxProblems());
    ZoneImageBuilder builder = new ZoneImageBuilder(hash);
    MasterFileReader reader = new MasterFileReader(builder, log, limits);
    reader.read(file, origin);
    return new ZoneFileResult(build(builder, reader, log), log.report(), log.files());
  }

  /**
   * Reads the records of a file that need not be a whole zone: nothing is asked of them together,
   * and an owner may be anywhere.
   *
   * @param origin the origin in the beginning
   * @param sink takes the records, also when there are errors
   * @return all that was found wrong
   */
  public static List<ZoneFileProblem> read(
      Path file, DomainName origin, ZoneFileLimits limits, RecordSink sink) {
    ProblemLog log = new ProblemLog(limits.maxProblems());
    new MasterFileReader(sink, log, limits).read(file, origin);
    return log.report();
  }

  /**
   * Builds a zone from text in memory, as {@link #load} does from a file, but for two things: there
   * is no file name to take an origin from, so names must be absolute or follow an {@code $ORIGIN};
   * and {@code $INCLUDE} is always refused. Problems name {@code <text>} as their file; the list of
   * files is empty. Reads no disk.
   */
  public static ZoneFileResult parse(String text, ZoneFileLimits limits, NameHash hash) {
    ProblemLog log = new ProblemLog(limits.maxProblems());
    ZoneImageBuilder builder = new ZoneImageBuilder(hash);
    MasterFileReader reader = new MasterFileReader(builder, log, limits);
    reader.read(Path.of("<text>"), text.getBytes(StandardCharsets.UTF_8));
    return new ZoneFileResult(build(builder, reader, log), log.report(), List.of());
  }

  private static @Nullable Zone build(
      ZoneImageBuilder builder, MasterFileReader reader, ProblemLog log) {
    boolean readWhole = !log.hasErrors();
    if (!readWhole && !reader.deliveredAny()) {
      return null;
    }
    // The zone is built in spite of errors: whoever corrects the file wants to know all that is
    // wrong with it.
    Zone zone =
        builder.build(
            problem -> {
              if (readWhole
                  || !reader.mayLackApex()
                  || problem.position() != ZoneProblem.NO_POSITION) {
                log.add(problem);
              }
            });
    return log.hasErrors() ? null : zone;
  }
}
