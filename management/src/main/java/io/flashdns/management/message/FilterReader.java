package io.flashdns.management.message;

import io.flashdns.management.message.Filter.Field;
import io.flashdns.management.message.Filter.Fields;
import io.flashdns.management.message.Filter.Kind;
import io.flashdns.management.message.Filter.Operator;
import io.flashdns.management.message.Filter.Pattern;
import io.flashdns.management.message.Filter.Test;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads a filter from left to right. Used once. */
final class FilterReader {
  private final String text;
  private final Fields fields;
  private int at;

  FilterReader(String text, Fields fields) {
    this.text = text;
    this.fields = fields;
  }

  List<Test> read() {
    List<Test> tests = new ArrayList<>();
    skipBlanks();
    while (at < text.length()) {
      tests.add(comparison());
      int end = at;
      skipBlanks();
      if (at < text.length()) {
        int and = at;
        if (!word("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz").equals("AND")
            || and == end) {
          throw bad(and, "comparisons are joined by AND, in capitals, with blanks around it");
        }
        skipBlanks();
        if (at == text.length()) {
          throw bad(and, "a comparison is missing after AND");
        }
      }
    }
    return tests;
  }

  private Test comparison() {
    int start = at;
    String name = word("abcdefghijklmnopqrstuvwxyz0123456789_");
    Field field = fields.byName.get(name);
    if (field == null) {
      throw bad(
          start,
          (name.isEmpty() ? "a field is wanted here" : "this list has no field " + name)
              + ": name one of "
              + String.join(", ", fields.byName.keySet()));
    }
    String key = "";
    if (field.kind() == Kind.LABELS) {
      if (at == text.length() || text.charAt(at) != '.') {
        throw bad(at, "the key of a label is wanted here, as " + name + ".owner");
      }
      at++;
      int keyAt = at;
      key = word("abcdefghijklmnopqrstuvwxyz0123456789._/-");
      if (!Note.isKey(key)) {
        throw bad(keyAt, "this is no key of a label");
      }
    }
    skipBlanks();
    int operatorAt = at;
    Operator operator = operator();
    boolean ordered = field.kind() == Kind.NUMBER || field.kind() == Kind.TIME;
    if (!ordered && operator != Operator.EQUAL && operator != Operator.NOT_EQUAL) {
      throw bad(operatorAt, name + " can be compared by = and != alone");
    }
    skipBlanks();
    boolean negated = operator == Operator.NOT_EQUAL;
    return switch (field.kind()) {
      case TEXT -> new Test.OfText(name, negated, false, pattern());
      case NAME -> new Test.OfText(name, negated, true, pattern().asName());
      case LABELS -> new Test.OfLabel(name, key, negated, pattern());
      case NUMBER -> new Test.OfNumber(name, operator, number());
      case TIME -> new Test.OfTime(name, operator, time());
      case BOOL -> new Test.OfBool(name, negated, bool());
      case WORD -> new Test.OfNumber(name, operator, value(name, field));
    };
  }

  private Operator operator() {
    for (Operator operator :
        List.of(
            Operator.NOT_EQUAL,
            Operator.AT_MOST,
            Operator.AT_LEAST,
            Operator.EQUAL,
            Operator.LESS,
            Operator.GREATER)) {
      if (text.startsWith(operator.sign, at)) {
        at += operator.sign.length();
        return operator;
      }
    }
    throw bad(at, "an operator is wanted here: one of = != < <= > >=");
  }

  private Pattern pattern() {
    if (at == text.length() || text.charAt(at) != '"') {
      throw bad(at, "text is wanted here, in double quotes");
    }
    int start = at++;
    StringBuilder value = new StringBuilder();
    boolean openBegin = false;
    boolean openEnd = false;
    while (at < text.length() && text.charAt(at) != '"') {
      char c = text.charAt(at++);
      boolean first = at == start + 2;
      boolean last = at < text.length() && text.charAt(at) == '"';
      if (c == '\\') {
        if (at == text.length() || "\"\\*".indexOf(text.charAt(at)) < 0) {
          throw bad(at - 1, "a backslash stands before \", \\ or * alone");
        }
        value.append(text.charAt(at++));
      } else if (c == '*' && (first || last)) {
        openBegin |= first;
        openEnd |= last;
      } else {
        value.append(c);
      }
    }
    if (at == text.length()) {
      throw bad(start, "this text is not closed: add the missing \"");
    }
    at++;
    return new Pattern(value.toString(), openBegin, openEnd);
  }

  private long number() {
    int start = at;
    try {
      return Long.parseLong(word("0123456789-"));
    } catch (NumberFormatException _) {
      throw bad(start, "a whole number is wanted here");
    }
  }

  private Instant time() {
    int start = at;
    Pattern pattern = pattern();
    try {
      if (pattern.isExact()) {
        String value = pattern.text().toUpperCase(Locale.ROOT);
        return OffsetDateTime.parse(value).toInstant();
      }
    } catch (DateTimeException _) {
      // Said below.
    }
    throw bad(start, "a time is wanted here, as \"2026-01-31T12:00:00Z\"");
  }

  private boolean bool() {
    int start = at;
    return switch (word("abcdefghijklmnopqrstuvwxyz")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw bad(start, "true or false is wanted here");
    };
  }

  private long value(String name, Field field) {
    int start = at;
    String word = word("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    Long number = word.isEmpty() ? null : field.words().apply(word);
    if (number == null) {
      throw bad(
          start, "a value of " + name + " is wanted here, without quotes, as AAAA for a type");
    }
    return number;
  }

  private String word(String characters) {
    int start = at;
    while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private CallException bad(int position, String message) {
    return CallException.invalid("filter", "at character " + (position + 1) + ": " + message);
  }
}
