package io.flashdns.management.server;

import io.flashdns.core.zonefile.ZoneFileLimits;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where zone files are and how they are read. All of it is taken anew at each reload.
 *
 * @param folder every {@code *.zone} directly in it is a zone; absent means {@code zones} in the
 *     distribution
 * @param tenants whether folders in it are read, {@code ORGANISATION/PROJECT} with the zones of a
 *     tenant each, and {@code tenants.yaml}, see {@link TenantsFile}
 * @param include whether {@code $INCLUDE} is allowed, for files below the folder only
 * @param maxIncludeDepth how deep included files may include others; 0 to 64
 * @param maxGenerateSteps records that all {@code $GENERATE} lines of a zone may make together
 * @param maxLineBytes octets of one entry; 64 octets to 16 MiB
 * @param maxFileBytes octets of a zone file with all that it includes and generates; to 1 TiB
 * @param maxProblems problems that are shown of one file; 1 to 1,000,000
 */
record ZonesConfig(
    Optional<Path> folder,
    boolean tenants,
    boolean include,
    int maxIncludeDepth,
    int maxGenerateSteps,
    int maxLineBytes,
    long maxFileBytes,
    int maxProblems) {

  ZonesConfig {
    limits(include, maxIncludeDepth, maxGenerateSteps, maxLineBytes, maxFileBytes, maxProblems);
  }

  static ZonesConfig defaults() {
    ZoneFileLimits limits = ZoneFileLimits.defaults();
    return new ZonesConfig(
        Optional.empty(),
        false,
        limits.include(),
        limits.maxIncludeDepth(),
        limits.maxGenerateSteps(),
        limits.maxLineBytes(),
        limits.maxFileBytes(),
        limits.maxProblems());
  }

  /** The same with another folder. */
  ZonesConfig withFolder(Path other) {
    return new ZonesConfig(
        Optional.of(other),
        tenants,
        include,
        maxIncludeDepth,
        maxGenerateSteps,
        maxLineBytes,
        maxFileBytes,
        maxProblems);
  }

  /** What the reader of zone files needs of it. */
  ZoneFileLimits limits() {
    return limits(
        include, maxIncludeDepth, maxGenerateSteps, maxLineBytes, maxFileBytes, maxProblems);
  }

  /** Throws when one is out of its bounds. */
  private static ZoneFileLimits limits(
      boolean include, int depth, int steps, int lineBytes, long fileBytes, int problems) {
    return new ZoneFileLimits(include, depth, steps, lineBytes, fileBytes, problems);
  }
}
