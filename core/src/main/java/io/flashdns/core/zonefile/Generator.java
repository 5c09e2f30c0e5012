package io.flashdns.core.zonefile;

import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * {@code $GENERATE start-stop[/step] owner [ttl] [class] type data}, as BIND defines it: makes one
 * entry a step, in which <code>$</code> and <code>${offset[,width[,base]]}</code> stand for the
 * step's number. Data that is one token in quotes is taken without them, so that it may have
 * blanks; data of several tokens may also be written as in any record. Not thread-safe.
 */
final class Generator {
  private static final long MAX_NUMBER = Integer.MAX_VALUE;
  private static final int MAX_WIDTH = 255;

  private final Budget budget;
  private final EntryScanner scanner;
  private final int maxLineBytes;
  private final Entry generated = new Entry();

  /** The entry with its variables in it. */
  private byte[] template = new byte[256];

  private int templateLength;
  private Entry source = generated;

  private byte[] text = new byte[256];
  private int textLength;

  private long first;
  private long last;
  private long step;

  Generator(Budget budget, int maxLineBytes) {
    this.budget = budget;
    this.maxLineBytes = maxLineBytes;
    this.scanner = new EntryScanner(budget, maxLineBytes);
  }

  /** First number; with {@link #last} and {@link #step} the range that {@link #begin} has read. */
  long first() {
    return first;
  }

  long last() {
    return last;
  }

  long step() {
    return step;
  }

  /**
   * Reads a directive, whose first token is {@code $GENERATE}, and takes its steps from the budget.
   */
  void begin(Entry entry) throws BadEntry {
    if (entry.count < 5) {
      throw entry.bad(
          entry.count, "$GENERATE ends too early: write start-stop/step, owner, type and data");
    }
    readRange(entry);
    long steps = (last - first) / step + 1;
    if (!budget.takeSteps(steps)) {
      throw entry.bad(
          1,
          "$GENERATE asks for "
              + steps
              + " records, but only "
              + budget.maxSteps()
              + " are allowed in a zone: make the range smaller");
    }
    if (entry.quoted(2)) {
      throw entry.bad(2, "the owner stands in quotes: write " + entry.show(2) + " without them");
    }
    source = entry;
    templateLength = 0;
    // Owner, type and one quoted token: its content is the data.
    boolean unwrap = entry.quoted(entry.count - 1) && isType(entry, entry.count - 2);
    for (int token = 2; token < entry.count; token++) {
      if (token > 2 && !entry.glued(token)) {
        addToTemplate(' ');
      }
      boolean quotes = entry.quoted(token) && !unwrap;
      if (quotes) {
        addToTemplate('"');
      }
      int end = entry.end[token];
      for (int i = entry.start[token]; i < end; i++) {
        if (entry.text[i] == '\\' && i + 1 < end) {
          // Without the quotes around it, an escaped quote begins a string of its own.
          if (!unwrap || entry.text[i + 1] != '"') {
            addToTemplate('\\');
          }
          i++;
        }
        addToTemplate(entry.text[i]);
      }
      if (quotes) {
        addToTemplate('"');
      }
    }
  }

  /** The entry of one step; it is overwritten by the next. */
  Entry generate(long number, int line) throws BadEntry, IOException, ReadingStopped {
    textLength = 0;
    for (int at = 0; at < templateLength; ) {
      byte octet = template[at++];
      if (octet == '\\' && at < templateLength) {
        add(octet);
        add(template[at++]);
      } else if (octet != '$') {
        add(octet);
      } else if (at < templateLength && template[at] == '$') {
        add((byte) '\\');
        add((byte) '$');
        at++;
      } else if (at < templateLength && template[at] == '{') {
        at = addFormatted(number, at + 1);
      } else {
        add(Long.toString(number));
      }
    }
    scanner.reset(text, textLength, line);
    if (!scanner.next(generated) || generated.blankOwner) {
      throw source.bad(0, "the owner is empty");
    }
    if (generated.unclosedLine > 0) {
      throw source.bad(0, "a parenthesis in the data is not closed");
    }
    return generated;
  }

  private void readRange(Entry entry) throws BadEntry {
    byte[] range = entry.text;
    int start = entry.start[1];
    int end = entry.end[1];
    int dash = start;
    while (dash < end && range[dash] != '-') {
      dash++;
    }
    int slash = dash;
    while (slash < end && range[slash] != '/') {
      slash++;
    }
    first = TextValues.decimal(range, start, dash, MAX_NUMBER);
    last = dash < end ? TextValues.decimal(range, dash + 1, slash, MAX_NUMBER) : -1;
    step = slash < end ? TextValues.decimal(range, slash + 1, end, MAX_NUMBER) : 1;
    if (entry.quoted(1) || first < 0 || last < first || step < 1) {
      throw entry.bad(
          1,
          entry.show(1)
              + " is no range: write start-stop or start-stop/step, as 1-254/2, numbers up to 2147483647");
    }
  }

  /**
   * Adds the number in the form that stands at {@code from}, after the brace.
   *
   * @return the place after the closing brace
   */
  private int addFormatted(long number, int from) throws BadEntry {
    int close = from;
    while (close < templateLength && template[close] != '}') {
      close++;
    }
    int firstComma = comma(from, close);
    int secondComma = firstComma < close ? comma(firstComma + 1, close) : close;
    boolean minus = from < close && template[from] == '-';
    boolean sign = minus || (from < close && template[from] == '+');
    long offset = TextValues.decimal(template, sign ? from + 1 : from, firstComma, 1L << 31);
    // BIND takes an empty width as none.
    long width =
        firstComma + 1 < secondComma
            ? TextValues.decimal(template, firstComma + 1, secondComma, MAX_WIDTH)
            : 0;
    int base =
        secondComma >= close ? 'd' : close - secondComma == 2 ? template[secondComma + 1] : 0;
    long value = number + (minus ? -offset : offset);
    if (close == templateLength
        || offset < 0
        || width < 0
        || "doxXnN".indexOf(base) < 0
        || base == 0) {
      throw source.bad(
          0,
          "the text after $ is wrong: write ${offset,width,base} with a width up to 255 and a base of d, o, x, X, n, N");
    }
    if (value != (int) value) {
      throw source.bad(0, "the number with its offset is beyond 32 bits");
    }
    switch (base) {
      case 'd' -> addPadded(Long.toString(Math.abs(value)), (int) width, value < 0);
      case 'o' -> addPadded(Integer.toOctalString((int) value), (int) width, false);
      case 'x' -> addPadded(Integer.toHexString((int) value), (int) width, false);
      case 'X' ->
          addPadded(Integer.toHexString((int) value).toUpperCase(Locale.ROOT), (int) width, false);
      default -> addNibbles((int) value, (int) width, base == 'N');
    }
    return close + 1;
  }

  private int comma(int from, int end) {
    int at = from;
    while (at < end && template[at] != ',') {
      at++;
    }
    return at;
  }

  private void addPadded(String digits, int width, boolean minus) throws BadEntry {
    if (minus) {
      add((byte) '-');
    }
    for (int i = digits.length() + (minus ? 1 : 0); i < width; i++) {
      add((byte) '0');
    }
    add(digits);
  }

  /**
   * Hexadecimal digits from the lowest on with dots between them, as in ip6.arpa; the width counts
   * the dots.
   */
  private void addNibbles(int value, int width, boolean upperCase) throws BadEntry {
    int rest = value;
    int left = width;
    do {
      char digit = Character.forDigit(rest & 15, 16);
      add((byte) (upperCase ? Character.toUpperCase(digit) : digit));
      rest >>>= 4;
      left--;
      if (rest != 0 || left > 0) {
        add((byte) '.');
        left--;
      }
    } while (rest != 0 || left > 0);
  }

  private void add(String digits) throws BadEntry {
    for (int i = 0; i < digits.length(); i++) {
      add((byte) digits.charAt(i));
    }
  }

  private void add(byte octet) throws BadEntry {
    if (textLength == text.length) {
      if (textLength >= maxLineBytes) {
        throw source.bad(0, "the generated text is longer than " + maxLineBytes + " octets");
      }
      text = Arrays.copyOf(text, Math.min(textLength * 2, maxLineBytes));
    }
    text[textLength++] = octet;
  }

  private void addToTemplate(int octet) {
    if (templateLength == template.length) {
      template = Arrays.copyOf(template, templateLength * 2);
    }
    template[templateLength++] = (byte) octet;
  }

  private static boolean isType(Entry entry, int token) {
    return !entry.quoted(token)
        && TypeText.number(entry.text, entry.start[token], entry.end[token]) >= 0;
  }
}
