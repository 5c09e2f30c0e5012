package io.flashdns.management.message;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What people and tools note beside a record or a zone; not visible in the DNS.
 *
 * @param labels marks
 * @param comment for people
 * @param revision when it was written last; 0 for a new one, and when there is none
 */
public record Note(SortedMap<String, String> labels, String comment, long revision) {
  /** No note. */
  public static final Note EMPTY = new Note(Collections.emptySortedMap(), "", 0);

  /** Most labels. */
  public static final int MAX_LABELS = 64;

  /** Longest key of a label, in characters. */
  public static final int MAX_KEY_CHARS = 63;

  /** Longest value of a label, in octets. */
  public static final int MAX_VALUE_BYTES = 255;

  /** Longest comment, in octets. */
  public static final int MAX_COMMENT_BYTES = 1_024;

  public Note {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** A new note. */
  public static Note of(Map<String, String> labels, String comment) {
    return new Note(new TreeMap<>(labels), comment, 0);
  }

  /** True when it says nothing. */
  public boolean isEmpty() {
    return labels.isEmpty() && comment.isEmpty();
  }

  /** True when it says the same as another. */
  public boolean saysTheSame(Note other) {
    return labels.equals(other.labels) && comment.equals(other.comment);
  }

  /**
   * Notes in {@code violations} what is beyond the bounds of labels and comments.
   *
   * @param path of the message that has them: {@code record}
   */
  public static void check(
      Map<String, String> labels, String comment, String path, Violations violations) {
    checkLabels(labels, Paths.in(path, "labels"), violations);
    checkComment(comment, Paths.in(path, "comment"), violations);
  }

  /** As {@link #check}, for labels alone. */
  public static void checkLabels(Map<String, String> labels, String path, Violations violations) {
    if (labels.size() > MAX_LABELS) {
      violations.add(
          path, "there are " + labels.size() + " labels: at most " + MAX_LABELS + " are allowed");
    }
    // In their order, so that the same request has the same answer.
    new TreeMap<>(labels)
        .forEach(
            (key, value) -> {
              String place = path + "[\"" + Texts.shown(key) + "\"]";
              if (!isKey(key)) {
                violations.add(
                    place,
                    "the key of a label has 1 to 63 characters of a-z, 0-9, '.', '_', '/' and '-',"
                        + " and begins with a letter");
              }
              int octets = value.getBytes(StandardCharsets.UTF_8).length;
              if (octets > MAX_VALUE_BYTES) {
                violations.add(
                    place,
                    "the value has "
                        + octets
                        + " octets: at most "
                        + MAX_VALUE_BYTES
                        + " are allowed");
              }
            });
  }

  /** As {@link #check}, for a comment alone. */
  public static void checkComment(String comment, String path, Violations violations) {
    int octets = comment.getBytes(StandardCharsets.UTF_8).length;
    if (octets > MAX_COMMENT_BYTES) {
      violations.add(
          path,
          "the comment has " + octets + " octets: at most " + MAX_COMMENT_BYTES + " are allowed");
    }
  }

  static boolean isKey(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_CHARS || !isLetter(key.charAt(0))) {
      return false;
    }
    for (int i = 1; i < key.length(); i++) {
      char c = key.charAt(i);
      if (!isLetter(c) && (c < '0' || c > '9') && "._/-".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLetter(char c) {
    return c >= 'a' && c <= 'z';
  }
}
