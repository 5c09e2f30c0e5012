package io.flashdns.core.zone;

/**
 * Something wrong with a zone's records, found when its image is built.
 *
 * @param severity whether the zone can be served in spite of it
 * @param position the position that came with the record, or {@link #NO_POSITION} where the zone as
 *     a whole is meant
 * @param message one sentence: what is wrong and what to do
 */
public record ZoneProblem(Severity severity, long position, String message) {
  /** The problem belongs to no single record. */
  public static final long NO_POSITION = -1;

  /** How bad it is. */
  public enum Severity {
    /** The zone is not served in this version. */
    ERROR,
    /** The zone is served; somebody should look. */
    WARNING
  }
}
