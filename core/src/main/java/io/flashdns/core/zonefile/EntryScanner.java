package io.flashdns.core.zonefile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a master file into entries of tokens (RFC 1035 §5.1): blanks, comments, parentheses, quotes
 * and backslashes are known here, names and numbers are not. Reads in blocks; memory does not grow
 * with the file. Not thread-safe.
 *
 * <p>After an error it stands at the next entry that can be trusted. Outside parentheses that is
 * the next line. Inside, it is the next line that looks like the beginning of an entry, as what
 * follows in the parentheses would only bring errors that are none. Where a parenthesis is never
 * closed, the lines behind it are read once more, each on its own: a forgotten {@code )} must not
 * hide the rest of the file.
 */
final class EntryScanner {
  /** Octets that are read at once. */
  static final int BLOCK_BYTES = 128 * 1024;

  /**
   * Octets that may be read a second time because of parentheses that nothing closes. A file of
   * nothing but {@code (} would else be read as often as it has lines.
   */
  static final long MAX_REREAD_BYTES = 16L << 20;

  /**
   * Octets of text that the largest record data can need: {@code \DDD} for each of 65,535 octets.
   */
  static final int LONGEST_DATA_TEXT_BYTES = 4 * 65_535;

  private static final byte PLAIN = 0;
  private static final byte BLANK = 1;
  private static final byte NEWLINE = 2;
  private static final byte COMMENT = 3;
  private static final byte OPEN = 4;
  private static final byte CLOSE = 5;
  private static final byte QUOTE = 6;
  private static final byte ESCAPE = 7;
  private static final byte NUL = 8;

  private static final byte[] KIND = new byte[256];

  static {
    KIND[' '] = BLANK;
    KIND['\t'] = BLANK;
    KIND['\r'] = BLANK;
    KIND['\n'] = NEWLINE;
    KIND[';'] = COMMENT;
    KIND['('] = OPEN;
    KIND[')'] = CLOSE;
    KIND['"'] = QUOTE;
    KIND['\\'] = ESCAPE;
    KIND[0] = NUL;
  }

  private final @Nullable SeekableByteChannel channel;
  private final Budget budget;
  private final int maxEntryBytes;
  private byte[] block;
  private ByteBuffer blockView;

  /** First octet of the block that is not yet consumed, and the end of what was read. */
  private int at;

  private int limit;

  /** Offset in the file of the block's first octet. */
  private long blockOffset;

  /** Line of the next octet, from 1. */
  private int line = 1;

  private long reread;

  /** Where reading resumes when the open parenthesis turns out to be never closed, or −1. */
  private long resumeOffset;

  private int openLine;
  private int entryLimit;

  /**
   * Reads from {@code channel}'s position on, which must be its beginning; {@code budget} is
   * charged for each octet.
   */
  EntryScanner(SeekableByteChannel channel, Budget budget, int maxEntryBytes) throws IOException {
    this.channel = channel;
    this.budget = budget;
    this.maxEntryBytes = maxEntryBytes;
    this.block = new byte[Math.clamp(channel.size(), 8_192, BLOCK_BYTES)];
    this.blockView = ByteBuffer.wrap(block);
  }

  /** Reads text in memory, given by {@link #reset}. */
  EntryScanner(Budget budget, int maxEntryBytes) {
    this.channel = null;
    this.budget = budget;
    this.maxEntryBytes = maxEntryBytes;
    this.block = new byte[0];
    this.blockView = ByteBuffer.wrap(block);
  }

  /** Starts anew with text in memory that stands on {@code onLine} of the file. */
  void reset(byte[] text, int length, int onLine) throws ReadingStopped {
    block = text;
    at = 0;
    limit = length;
    line = onLine;
    budget.charge(length);
  }

  /** Line that is read next. */
  int line() {
    return line;
  }

  /**
   * Skips a byte order mark at the beginning of a file.
   *
   * @return false when the mark says that the file is in UTF-16, which this reader does not know
   */
  boolean skipByteOrderMark() throws IOException, ReadingStopped {
    if (at == limit && !fill()) {
      return true;
    }
    int first = block[0] & 0xff;
    int second = limit > 1 ? block[1] & 0xff : 0;
    if (first == 0xef && second == 0xbb && limit > 2 && (block[2] & 0xff) == 0xbf) {
      at = 3;
    }
    return !(first == 0xfe && second == 0xff) && !(first == 0xff && second == 0xfe);
  }

  /**
   * Reads the next entry that has a token.
   *
   * @return false at the end of the file
   * @throws BadEntry when it cannot be cut into tokens; the next call goes on behind it
   */
  boolean next(Entry entry) throws IOException, BadEntry, ReadingStopped {
    entry.clear();
    openLine = 0;
    resumeOffset = -1;
    entryLimit = maxEntryBytes;
    boolean lineStart = true;
    boolean glued = false;
    while (true) {
      if (at == limit && !fill()) {
        entry.unclosedLine = openLine;
        return entry.count > 0 || openLine > 0;
      }
      switch (KIND[block[at] & 0xff]) {
        case BLANK -> {
          at++;
          entry.blankOwner |= lineStart;
          glued = false;
        }
        case NEWLINE -> {
          at++;
          line++;
          glued = false;
          if (openLine > 0) {
            if (resumeOffset < 0) {
              resumeOffset = blockOffset + at;
            }
          } else if (entry.count > 0) {
            return true;
          } else {
            entry.clear();
            lineStart = true;
            continue;
          }
        }
        case COMMENT -> {
          skipToNewline();
          glued = false;
        }
        case OPEN -> {
          if (openLine > 0) {
            entry.unclosedLine = openLine;
            entry.nestedLine = line;
            return true;
          }
          at++;
          openLine = line;
          glued = false;
        }
        case CLOSE -> {
          at++;
          if (openLine == 0) {
            throw fail(line, "a parenthesis is closed that was never opened: remove it");
          }
          openLine = 0;
          glued = false;
        }
        case QUOTE -> {
          readQuoted(entry, glued);
          glued = true;
        }
        default -> {
          readPlain(entry, glued);
          glued = true;
        }
      }
      lineStart = false;
    }
  }

  /**
   * Goes on after an entry whose parenthesis nothing closes, at the earliest on {@code fromLine}:
   * reads again from the line after the parenthesis.
   */
  void resumeAfterUnclosed(int unclosedLine, int fromLine) throws IOException, ReadingStopped {
    if (resumeOffset < 0) {
      if (skipLine()) {
        skipContinuation();
      }
      return;
    }
    reread += blockOffset + at - resumeOffset;
    if (reread > MAX_REREAD_BYTES) {
      throw new ReadingStopped(
          "too many parentheses are never closed: correct them and read the file again");
    }
    if (resumeOffset >= blockOffset) {
      at = (int) (resumeOffset - blockOffset);
    } else if (channel != null) {
      channel.position(resumeOffset);
      blockOffset = resumeOffset;
      at = 0;
      limit = 0;
    }
    line = unclosedLine + 1;
    while (line < fromLine && skipLine()) {
      // each step leaves one line
    }
    skipContinuation();
  }

  private void readPlain(Entry entry, boolean glued) throws IOException, BadEntry, ReadingStopped {
    entry.beginToken(line, glued ? Entry.GLUED : 0);
    while (true) {
      byte[] bytes = block;
      int end = limit;
      int scan = at;
      while (scan < end && KIND[bytes[scan] & 0xff] == PLAIN) {
        scan++;
      }
      append(entry, scan - at);
      if (scan == end) {
        if (!fill()) {
          break;
        }
      } else if (KIND[bytes[scan] & 0xff] == ESCAPE) {
        readEscape(entry);
      } else if (bytes[scan] == 0) {
        throw nul();
      } else {
        break;
      }
    }
    entry.endToken();
  }

  private void readQuoted(Entry entry, boolean glued) throws IOException, BadEntry, ReadingStopped {
    int quoteLine = line;
    entry.beginToken(line, glued ? Entry.QUOTED | Entry.GLUED : Entry.QUOTED);
    at++;
    while (true) {
      int scan = at;
      while (scan < limit
          && block[scan] != '"'
          && block[scan] != '\\'
          && block[scan] != '\n'
          && block[scan] != 0) {
        scan++;
      }
      append(entry, scan - at);
      if (scan == limit) {
        if (!fill()) {
          throw fail(quoteLine, "a quoted string is not closed: add the missing \"");
        }
      } else if (block[scan] == '"') {
        at++;
        break;
      } else if (block[scan] == '\\') {
        readEscape(entry);
      } else if (block[scan] == 0) {
        throw nul();
      } else {
        throw fail(quoteLine, "a quoted string is not closed on its line: add the missing \"");
      }
    }
    entry.endToken();
  }

  /**
   * Takes a backslash and the octet after it as they are: what they mean depends on where they
   * stand.
   */
  private void readEscape(Entry entry) throws IOException, BadEntry, ReadingStopped {
    append(entry, 1);
    if ((at == limit && !fill()) || block[at] == '\n' || block[at] == '\r') {
      throw fail(line, "a backslash ends the line: write \\\\ for a backslash, or remove it");
    }
    if (block[at] == 0) {
      throw nul();
    }
    append(entry, 1);
  }

  private BadEntry nul() throws IOException, ReadingStopped {
    return fail(
        line, "an octet of value zero stands in the text: the file is damaged, or \\000 is meant");
  }

  /** Takes the next {@code octets} of the block, which must be there, into the entry's text. */
  private void append(Entry entry, int octets) throws IOException, BadEntry, ReadingStopped {
    if (entry.weight() + octets > entryLimit) {
      if (entryLimit == maxEntryBytes && RdataReader.mayBeLong(entry)) {
        entryLimit += LONGEST_DATA_TEXT_BYTES;
        append(entry, octets);
        return;
      }
      String reason = "the entry has more than " + entryLimit + " octets of text: shorten it";
      if (openLine > 0) {
        resumeAfterUnclosed(openLine, 0);
        throw new BadEntry(openLine, reason + ", or close the parenthesis that is opened here");
      }
      throw fail(line, reason);
    }
    entry.append(block, at, octets);
    at += octets;
  }

  /** Leaves the entry and makes the error that the caller throws. */
  private BadEntry fail(int onLine, String reason) throws IOException, ReadingStopped {
    if (skipLine() && openLine > 0) {
      skipContinuation();
    }
    return new BadEntry(onLine, reason);
  }

  /**
   * Skips lines until one looks like the beginning of an entry: its first octet is none of a blank,
   * ), " and ;.
   */
  private void skipContinuation() throws IOException, ReadingStopped {
    while (at < limit || fill()) {
      switch (KIND[block[at] & 0xff]) {
        case PLAIN, ESCAPE, NUL -> {
          return;
        }
        default -> skipLine();
      }
    }
  }

  private void skipToNewline() throws IOException, ReadingStopped {
    while (true) {
      while (at < limit) {
        if (block[at] == '\n') {
          return;
        }
        at++;
      }
      if (!fill()) {
        return;
      }
    }
  }

  /** Goes behind the next newline; false when the file ends first. */
  private boolean skipLine() throws IOException, ReadingStopped {
    skipToNewline();
    if (at == limit) {
      return false;
    }
    at++;
    line++;
    return true;
  }

  /** Reads the next block; false at the end of the file. The block must be consumed. */
  private boolean fill() throws IOException, ReadingStopped {
    if (channel == null) {
      return false;
    }
    blockOffset += limit;
    at = 0;
    limit = 0;
    blockView.clear();
    int octets;
    do {
      octets = channel.read(blockView);
    } while (octets == 0);
    if (octets < 0) {
      return false;
    }
    limit = octets;
    budget.charge(octets);
    return true;
  }
}
