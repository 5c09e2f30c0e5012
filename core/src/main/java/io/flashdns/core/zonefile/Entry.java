package io.flashdns.core.zonefile;

import java.util.Arrays;

/**
 * The tokens of one entry: a directive or a record, on one line or, within parentheses, on several.
 * Filled by {@link EntryScanner}, used again for the next entry. Not thread-safe.
 *
 * <p>A token's octets stand in {@link #text} from {@code start[i]} to {@code end[i]} as they stand
 * in the file, escapes untouched, quotes removed.
 */
final class Entry {
  /** The token stood in quotes. */
  static final byte QUOTED = 1;

  /**
   * Nothing stood between this token and the one before: {@code key="value"} is two tokens, the
   * second one glued.
   */
  static final byte GLUED = 2;

  private static final int SHOWN_CHARS = 60;

  byte[] text = new byte[4_096];
  int textLength;
  int[] start = new int[64];
  int[] end = new int[64];
  int[] line = new int[64];
  byte[] flags = new byte[64];

  /** Number of tokens. */
  int count;

  /** The entry began with a blank: its owner is the one of the record before (RFC 1035 §5.1). */
  boolean blankOwner;

  /**
   * Line on which a parenthesis was opened that nothing closes, or 0. Such an entry is not whole.
   */
  int unclosedLine;

  /** Line on which another parenthesis opened inside that one, or 0 when the file ended. */
  int nestedLine;

  void clear() {
    textLength = 0;
    count = 0;
    blankOwner = false;
    unclosedLine = 0;
    nestedLine = 0;
  }

  /** What the entry counts against its limit: its octets, and one for each token. */
  int weight() {
    return textLength + count;
  }

  void beginToken(int onLine, int flag) {
    if (count == start.length) {
      int grown = count * 2;
      start = Arrays.copyOf(start, grown);
      end = Arrays.copyOf(end, grown);
      line = Arrays.copyOf(line, grown);
      flags = Arrays.copyOf(flags, grown);
    }
    start[count] = textLength;
    line[count] = onLine;
    flags[count] = (byte) flag;
  }

  void append(byte[] source, int offset, int octets) {
    if (textLength + octets > text.length) {
      text = Arrays.copyOf(text, Math.max(text.length * 2, textLength + octets));
    }
    System.arraycopy(source, offset, text, textLength, octets);
    textLength += octets;
  }

  void endToken() {
    end[count++] = textLength;
  }

  int length(int token) {
    return end[token] - start[token];
  }

  boolean quoted(int token) {
    return (flags[token] & QUOTED) != 0;
  }

  boolean glued(int token) {
    return (flags[token] & GLUED) != 0;
  }

  /** First octet of a token, or −1 for an empty one. */
  int first(int token) {
    return end[token] > start[token] ? text[start[token]] & 0xff : -1;
  }

  /** Line of the entry's first token. */
  int firstLine() {
    return line[0];
  }

  /** True for an unquoted token of exactly this text, in any case of its letters. */
  boolean is(int token, String word) {
    if (quoted(token) || length(token) != word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      char c = (char) (text[start[token] + i] & 0xff);
      if (Character.toLowerCase(c) != Character.toLowerCase(word.charAt(i)) || c > 0x7e) {
        return false;
      }
    }
    return true;
  }

  /** The token for a message: in single quotes, printable, cut. */
  String show(int token) {
    return "'" + Printable.of(text, start[token], length(token), SHOWN_CHARS) + "'";
  }

  /** An error on the line of {@code token}, or of the last token where it is beyond that. */
  BadEntry bad(int token, String reason) {
    return new BadEntry(line[Math.min(token, count - 1)], reason);
  }
}
