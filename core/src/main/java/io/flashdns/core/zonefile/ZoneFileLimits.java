package io.flashdns.core.zonefile;

/**
 * How much a zone file may ask of the server. Immutable; safe for all threads.
 *
 * @param include whether {@code $INCLUDE} is allowed; even then it reaches files below the zone
 *     file's folder only
 * @param maxIncludeDepth how deep included files may include others: 0 to 64
 * @param maxGenerateSteps records that all {@code $GENERATE} lines of one zone may make together
 * @param maxLineBytes octets of text in one entry, comments and blanks not counted; where the data
 *     of a record may legally be longer than that (TXT, keys, {@code \#}), an entry may be as long
 *     as 65,535 octets of data need
 * @param maxFileBytes octets of the zone file, of all that it includes and of all that it
 *     generates, together
 * @param maxProblems problems that are kept and reported; the others are counted
 */
public record ZoneFileLimits(
    boolean include,
    int maxIncludeDepth,
    int maxGenerateSteps,
    int maxLineBytes,
    long maxFileBytes,
    int maxProblems) {

  /** The name of the setting behind {@link #include}, as messages to people call it. */
  public static final String INCLUDE_OPTION = "zones.include";

  private static final ZoneFileLimits DEFAULTS =
      new ZoneFileLimits(false, 5, 65_536, 65_536, 256L << 20, 1_000);

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException when one is out of range; the message says which
   */
  public ZoneFileLimits {
    check("maxIncludeDepth", maxIncludeDepth, 0, 64);
    check("maxGenerateSteps", maxGenerateSteps, 0, Integer.MAX_VALUE);
    check("maxLineBytes", maxLineBytes, 64, 1 << 24);
    check("maxFileBytes", maxFileBytes, 1, 1L << 40);
    check("maxProblems", maxProblems, 1, 1_000_000);
  }

  /**
   * No {@code $INCLUDE}, else depth 5; 65,536 steps; 64 KiB a line; 256 MiB a file; 1,000 problems.
   */
  public static ZoneFileLimits defaults() {
    return DEFAULTS;
  }

  private static void check(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but must be from " + least + " to " + most);
    }
  }
}
