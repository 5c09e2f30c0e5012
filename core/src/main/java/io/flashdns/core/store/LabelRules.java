package io.flashdns.core.store;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The bounds of the marks that people and tools put on zones. */
final class LabelRules {
  private static final int MAX_LABELS = 64;
  private static final int MAX_KEY_CHARS = 63;
  private static final int MAX_VALUE_BYTES = 255;
  private static final int MAX_COMMENT_BYTES = 1_024;

  /** Of a key that is no key, so much is shown. */
  private static final int SHOWN_CHARS = 80;

  private LabelRules() {}

  /** What is wrong with them, as a sentence with the remedy; empty when nothing is. */
  static String fault(Map<String, String> labels, String comment) {
    if (labels.size() > MAX_LABELS) {
      return "it has "
          + labels.size()
          + " labels, at most "
          + MAX_LABELS
          + " are allowed: take some away";
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      if (!isKey(label.getKey())) {
        return "the label "
            + shown(label.getKey())
            + " must have 1 to "
            + MAX_KEY_CHARS
            + " characters of [a-z0-9._/-] and begin with a letter: rename it";
      }
      if (octets(label.getValue()) > MAX_VALUE_BYTES) {
        return "the value of the label "
            + label.getKey()
            + " has more than "
            + MAX_VALUE_BYTES
            + " octets: shorten it";
      }
    }
    if (octets(comment) > MAX_COMMENT_BYTES) {
      return "the comment has more than " + MAX_COMMENT_BYTES + " octets: shorten it";
    }
    return "";
  }

  private static boolean isKey(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_CHARS) {
      return false;
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      boolean isLetter = c >= 'a' && c <= 'z';
      boolean isOther = (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '/' || c == '-';
      if (!isLetter && (i == 0 || !isOther)) {
        return false;
      }
    }
    return true;
  }

  private static int octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String shown(String key) {
    return '"' + (key.length() <= SHOWN_CHARS ? key : key.substring(0, SHOWN_CHARS) + "…") + '"';
  }
}
