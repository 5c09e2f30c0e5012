package io.flashdns.management.server;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** "Did you mean": finds the known word that a misspelt one is nearest to. */
final class NearestWord {
  private NearestWord() {}

  /**
   * A clause to follow "unknown key 'x'": the nearest of {@code known}, or all of them when none is
   * near. Words are compared without case, {@code -} and {@code _}, by edit distance; near is at
   * most a third of the letters, at least one.
   */
  static String hint(String word, Collection<String> known) {
    String plain = plain(word);
    int best = Math.max(1, plain.length() / 3) + 1;
    String nearest = "";
    for (String candidate : known) {
      int distance = distance(plain, plain(candidate));
      if (distance < best) {
        best = distance;
        nearest = candidate;
      }
    }
    if (!nearest.isEmpty()) {
      return "did you mean '" + nearest + "'?";
    }
    if (known.isEmpty()) {
      return "none is known here";
    }
    return "known are " + known.stream().sorted().collect(Collectors.joining(", "));
  }

  private static String plain(String word) {
    String lower = word.toLowerCase(Locale.ROOT);
    return lower.replace("-", "").replace("_", "").replace(" ", "");
  }

  /** Levenshtein's distance with one row; words are short. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitute = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substitute, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
