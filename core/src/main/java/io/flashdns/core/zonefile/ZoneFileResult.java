package io.flashdns.core.zonefile;

import io.flashdns.core.zone.Zone;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a zone file. Immutable; safe for all threads.
 *
 * @param zone the zone, or null when at least one problem is an error
 * @param problems all that was found, in the order of files and lines, errors and warnings
 * @param files the zone file and each file that it included, once each: those whose change calls
 *     for reading again
 */
public record ZoneFileResult(
    @Nullable Zone zone, List<ZoneFileProblem> problems, List<Path> files) {
  /** Takes over unmodifiable copies of the lists. */
  public ZoneFileResult {
    problems = List.copyOf(problems);
    files = List.copyOf(files);
  }
}
