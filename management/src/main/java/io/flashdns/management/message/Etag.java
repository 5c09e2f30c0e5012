package io.flashdns.management.message;

import org.jspecify.annotations.Nullable;

/**
 * The version of a record or a zone, as its readers are given it and give it back.
 *
 * @param revision of the RRset or the zone; -1 for any, 0 for one that is not there
 * @param note of the note beside an RRset; 0 when there is none
 */
public record Etag(long revision, long note) {
  /** Whatever is there. */
  public static final Etag ANY = new Etag(-1, -1);

  private static final int RADIX = 36;
  private static final int MAX_CHARS = 40;
  private static final char SEPARATOR = '-';

  /** Of something without a note. */
  public static Etag of(long revision) {
    return new Etag(revision, 0);
  }

  /** True when it asks for nothing. */
  public boolean isAny() {
    return revision < 0;
  }

  /** As it is given out. */
  public String text() {
    if (isAny()) {
      return "";
    }
    String text = Long.toString(revision, RADIX);
    return note == 0 ? text : text + SEPARATOR + Long.toString(note, RADIX);
  }

  /**
   * Reads what was given back; empty is {@link #ANY}.
   *
   * @return null when it is none, which is noted
   */
  public static @Nullable Etag parse(String text, String path, Violations violations) {
    if (text.isEmpty()) {
      return ANY;
    }
    Etag etag = parsed(text);
    if (etag == null) {
      violations.add(path, "this is no etag: give one back as it was read, or leave it empty");
    }
    return etag;
  }

  /**
   * The revision that an etag stands for; -1 for an empty one.
   *
   * @throws CallException when it is none
   */
  public static long revisionOf(String text, String path) {
    Violations violations = new Violations();
    Etag etag = parse(text, path, violations);
    violations.throwIfAny();
    return etag == null ? ANY.revision : etag.revision;
  }

  private static @Nullable Etag parsed(String text) {
    if (text.length() > MAX_CHARS) {
      return null;
    }
    int separator = text.indexOf(SEPARATOR);
    long revision = number(separator < 0 ? text : text.substring(0, separator));
    long note = separator < 0 ? 0 : number(text.substring(separator + 1));
    Etag etag = new Etag(revision, note);
    // One form alone: what is written otherwise was not read here.
    return revision >= 0 && note >= 0 && etag.text().equals(text) ? etag : null;
  }

  private static long number(String digits) {
    try {
      return Long.parseLong(digits, RADIX);
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
