package io.flashdns.management.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a zone file as words (RFC 1035 §5.1): comments gone, parentheses joined, quoted
 * strings with their quotes.
 */
final class ZoneFileEntries {
  private final String text;
  private int at;
  private int line = 1;

  ZoneFileEntries(String text) {
    this.text = text;
  }

  /**
   * An entry.
   *
   * @param words at least one
   * @param hasOwner false where the line begins with a blank: the owner is that of the entry before
   * @param line on which it begins, from 1
   */
  record Entry(List<String> words, boolean hasOwner, int line) {}

  /** The next one; null at the end. */
  @Nullable Entry next() throws ZoneFile.UncommonException {
    while (at < text.length()) {
      int begin = line;
      boolean hasOwner = !isBlank(text.charAt(at));
      List<String> words = words();
      if (!words.isEmpty()) {
        return new Entry(words, hasOwner, begin);
      }
    }
    return null;
  }

  private List<String> words() throws ZoneFile.UncommonException {
    List<String> words = new ArrayList<>();
    boolean inParentheses = false;
    while (at < text.length()) {
      char c = text.charAt(at);
      switch (c) {
        case '\n' -> {
          at++;
          line++;
          if (!inParentheses) {
            return words;
          }
        }
        case ' ', '\t', '\r' -> at++;
        case ';' -> {
          int end = text.indexOf('\n', at);
          at = end < 0 ? text.length() : end;
        }
        case '(', ')' -> {
          if (inParentheses == (c == '(')) {
            throw new ZoneFile.UncommonException("parentheses");
          }
          inParentheses = c == '(';
          at++;
        }
        default -> words.add(c == '"' ? quoted() : word());
      }
    }
    if (inParentheses) {
      throw new ZoneFile.UncommonException("parentheses");
    }
    return words;
  }

  private String quoted() throws ZoneFile.UncommonException {
    int begin = at++;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\n') {
        throw new ZoneFile.UncommonException("a string over lines");
      }
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    if (at >= text.length()) {
      throw new ZoneFile.UncommonException("quotes");
    }
    at++;
    return text.substring(begin, at);
  }

  private String word() throws ZoneFile.UncommonException {
    int begin = at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (isBlank(c) || c == '\n' || c == ';' || c == '(' || c == ')' || c == '\r') {
        break;
      }
      if (c == '"') {
        // alpn="h2": a word with quotes in it.
        quoted();
      } else {
        at += c == '\\' ? 2 : 1;
      }
    }
    if (at > text.length()) {
      throw new ZoneFile.UncommonException("a backslash at the end");
    }
    return text.substring(begin, at);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
