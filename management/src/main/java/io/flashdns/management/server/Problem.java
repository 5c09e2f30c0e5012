package io.flashdns.management.server;

import io.flashdns.core.zone.ZoneProblem;
import io.flashdns.core.zonefile.ZoneFileProblem;
import java.nio.file.Path;

/**
 * Something wrong with what the user gave: the place, the reason, the remedy.
 *
 * @param severity an error is refused, a warning is taken and said
 * @param file path of the file, or empty where no file is meant
 * @param line line in the file from 1, or 0 for the file as a whole
 * @param column column in the line from 1, or 0 for the line as a whole
 * @param key path of the configuration key, such as {@code udp.max-reply-bytes}, or empty
 * @param text the offending line, shortened, or empty
 * @param reason one sentence
 */
record Problem(
    Severity severity, String file, int line, int column, String key, String text, String reason) {

  /** How bad it is. */
  enum Severity {
    /** What it stands in is not used. */
    ERROR("error"),
    /** It is used; somebody should look. */
    WARNING("warning");

    private final String text;

    Severity(String text) {
      this.text = text;
    }

    /** The word that is printed. */
    String text() {
      return text;
    }
  }

  /** An error of a file as a whole. */
  static Problem error(Path file, String reason) {
    return new Problem(Severity.ERROR, file.toString(), 0, 0, "", "", reason);
  }

  /** A warning about a file as a whole. */
  static Problem warning(Path file, String reason) {
    return new Problem(Severity.WARNING, file.toString(), 0, 0, "", "", reason);
  }

  /** An error that belongs to no file. */
  static Problem error(String reason) {
    return new Problem(Severity.ERROR, "", 0, 0, "", "", reason);
  }

  /** A warning that belongs to no file. */
  static Problem warning(String reason) {
    return new Problem(Severity.WARNING, "", 0, 0, "", "", reason);
  }

  /** What the reader of zone files found. */
  static Problem of(ZoneFileProblem found) {
    Severity severity =
        found.severity() == ZoneProblem.Severity.ERROR ? Severity.ERROR : Severity.WARNING;
    return new Problem(
        severity, found.file().toString(), found.line(), 0, "", found.text(), found.reason());
  }

  boolean isError() {
    return severity == Severity.ERROR;
  }

  /**
   * One line, {@code FILE:LINE:COLUMN: error: KEY: REASON}, and the offending text on a second one.
   * Control characters are shown and not sent to the terminal: the text may be a stranger's.
   */
  String format() {
    StringBuilder out = new StringBuilder();
    if (!file.isEmpty()) {
      out.append(file).append(':');
      if (line > 0) {
        out.append(line).append(':');
      }
      if (column > 0) {
        out.append(column).append(':');
      }
      out.append(' ');
    }
    out.append(severity.text()).append(": ");
    if (!key.isEmpty()) {
      out.append(key).append(": ");
    }
    out.append(reason);
    String first = visible(out.toString());
    return text.isBlank() ? first : first + System.lineSeparator() + "  | " + visible(text);
  }

  private static String visible(String line) {
    StringBuilder out = new StringBuilder(line.length());
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\t') {
        out.append(' ');
      } else if (Character.isISOControl(c)) {
        out.append(String.format("\\x%02x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
