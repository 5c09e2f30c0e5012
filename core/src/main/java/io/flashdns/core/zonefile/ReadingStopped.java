package io.flashdns.core.zonefile;

/**
 * A bound was met that ends the reading of a zone file at once: nothing that follows in it would be
 * read.
 */
final class ReadingStopped extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param reason one sentence for people
   */
  ReadingStopped(String reason) {
    super(reason, null, false, false);
  }

  /** One sentence for people: which bound, and what to do. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
