package io.flashdns.core.store;

/** A store did not do what it was asked; the message is one sentence with the remedy. */
public abstract sealed class StoreException extends Exception {
  private static final long serialVersionUID = 1L;

  private StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  private StoreException(String message) {
    super(message);
  }

  /**
   * The change set breaks a rule. Nothing was changed; asked again unchanged, it is refused again.
   */
  public static final class Refused extends StoreException {
    private static final long serialVersionUID = 1L;
    private final transient java.util.List<Refusal> refusals;

    /** At least one. */
    public Refused(java.util.List<Refusal> refusals) {
      super(refusals.getFirst().message() + more(refusals.size() - 1));
      this.refusals = java.util.List.copyOf(refusals);
    }

    private static String more(int others) {
      return others == 0 ? "" : " (and " + others + " more)";
    }

    /** All reasons. */
    public java.util.List<Refusal> refusals() {
      return refusals;
    }
  }

  /** The revision asked for is older than what is kept: start from a snapshot. */
  public static final class Compacted extends StoreException {
    private static final long serialVersionUID = 1L;
    private final long compactedRevision;

    public Compacted(long asked, long compactedRevision) {
      super(
          "revision "
              + asked
              + " is no longer kept, history begins after "
              + compactedRevision
              + ": read the present state instead");
      this.compactedRevision = compactedRevision;
    }

    /** The newest revision whose events are gone. */
    public long compactedRevision() {
      return compactedRevision;
    }
  }

  /**
   * The store takes no changes now: disk full, I/O error, closing. Nothing of the change set was
   * made, unless {@link #outcomeIsUnknown}.
   */
  public static final class Unavailable extends StoreException {
    private static final long serialVersionUID = 1L;
    private final boolean unknown;

    public Unavailable(String message, boolean outcomeIsUnknown, Throwable cause) {
      super(message, cause);
      this.unknown = outcomeIsUnknown;
    }

    public Unavailable(String message, boolean outcomeIsUnknown) {
      super(message);
      this.unknown = outcomeIsUnknown;
    }

    public Unavailable(String message) {
      this(message, false);
    }

    /**
     * True when the change may or may not have been made: ask again with the same request id to
     * learn.
     */
    public boolean outcomeIsUnknown() {
      return unknown;
    }
  }

  /** What is stored does not have the checksum that it was stored with: restore a backup. */
  public static final class Damaged extends StoreException {
    private static final long serialVersionUID = 1L;

    public Damaged(String message) {
      super(message);
    }

    public Damaged(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
