package io.flashdns.core.store;

/**
 * One reason why a change set was refused.
 *
 * @param kind what is to be done about it
 * @param change index of the change in its set
 * @param message one sentence with the place and the remedy
 */
public record Refusal(Kind kind, int change, String message) {
  /** What is to be done about a refusal. */
  public enum Kind {
    /** An expected revision does not hold: read again, and decide anew. */
    CONFLICT,
    /** There is no such zone. */
    NOT_FOUND,
    /** There is such a zone already. */
    EXISTS,
    /**
     * The content would not be a zone, for instance without SOA or NS at its apex, or is beyond a
     * limit: mend it.
     */
    INVALID,
    /**
     * The change would take away more than half of the names of a zone with more than 20, or put
     * the serial back: look again, then force it.
     */
    GUARD,
    /** The zone is kept by another source: change it there. */
    READ_ONLY,
    /** A {@link Decision} refused it, for reasons that its maker knows. */
    DECIDED
  }
}
