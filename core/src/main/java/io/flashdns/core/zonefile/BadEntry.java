package io.flashdns.core.zonefile;

/**
 * An entry that cannot be read. It ends the entry, not the file: the reader notes it and goes on.
 * Without a stack trace, as a file may hold very many of them.
 */
final class BadEntry extends Exception {
  private static final long serialVersionUID = 1;

  private final int line;

  /**
   * @param line line of the current file, from 1
   * @param reason one sentence for people
   */
  BadEntry(int line, String reason) {
    super(reason, null, false, false);
    this.line = line;
  }

  int line() {
    return line;
  }

  /** One sentence for people: what is wrong and what to do. */
  String reason() {
    return String.valueOf(getMessage());
  }
}
