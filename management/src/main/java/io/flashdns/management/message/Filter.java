package io.flashdns.management.message;

import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which entries of a list a request wants: comparisons, all of which must hold. The language is
 * that of the contract. Immutable, safe for all threads.
 *
 * <pre>
 * filter      comparison (AND comparison)*
 * comparison  field operator value
 * field       name | name.key of labels
 * operator    = | != and, for numbers and times, &lt; | &lt;= | &gt; | &gt;=
 * value       "text" | number | true | false | word of an enumeration
 * </pre>
 *
 * In text, {@code *} at its beginning or end stands for anything, {@code \*} there for the
 * asterisk. Names of the DNS are compared without regard to case or to a final dot.
 */
public final class Filter {
  /** Longest filter, in octets. */
  public static final int MAX_BYTES = 4_096;

  private final List<Test> tests;

  private Filter(List<Test> tests) {
    this.tests = List.copyOf(tests);
  }

  /** What a field holds. */
  enum Kind {
    TEXT,
    NAME,
    NUMBER,
    TIME,
    BOOL,
    WORD,
    LABELS
  }

  /** How two values compare. */
  enum Operator {
    EQUAL("="),
    NOT_EQUAL("!="),
    LESS("<"),
    AT_MOST("<="),
    GREATER(">"),
    AT_LEAST(">=");

    final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    boolean holds(int order) {
      return switch (this) {
        case EQUAL -> order == 0;
        case NOT_EQUAL -> order != 0;
        case LESS -> order < 0;
        case AT_MOST -> order <= 0;
        case GREATER -> order > 0;
        case AT_LEAST -> order >= 0;
      };
    }
  }

  /** One comparison. */
  sealed interface Test {
    String field();

    /** True when it is fulfilled by what another one like it is not. */
    boolean negated();

    /** True for a value that fits, the negation aside. */
    boolean fits(Object value);

    /** Of text, and of names. */
    record OfText(String field, boolean negated, boolean isName, Pattern pattern) implements Test {
      @Override
      public boolean fits(Object value) {
        return pattern.matches(isName ? Pattern.foldedName(value.toString()) : value.toString());
      }
    }

    /** Of one label. */
    record OfLabel(String field, String key, boolean negated, Pattern pattern) implements Test {
      @Override
      public boolean fits(Object value) {
        return value instanceof Map<?, ?> labels
            && labels.get(key) instanceof String label
            && pattern.matches(label);
      }
    }

    /** Of a number, or of a value of an enumeration by its number. */
    record OfNumber(String field, Operator operator, long number) implements Test {
      @Override
      public boolean negated() {
        return operator == Operator.NOT_EQUAL;
      }

      @Override
      public boolean fits(Object value) {
        Operator asked = negated() ? Operator.EQUAL : operator;
        return value instanceof Number given
            && asked.holds(Long.compare(given.longValue(), number));
      }
    }

    /** Of a time. */
    record OfTime(String field, Operator operator, Instant time) implements Test {
      @Override
      public boolean negated() {
        return operator == Operator.NOT_EQUAL;
      }

      @Override
      public boolean fits(Object value) {
        Operator asked = negated() ? Operator.EQUAL : operator;
        return value instanceof Instant given && asked.holds(given.compareTo(time));
      }
    }

    /** Of a yes or no. */
    record OfBool(String field, boolean negated, boolean wanted) implements Test {
      @Override
      public boolean fits(Object value) {
        return value instanceof Boolean given && given == wanted;
      }
    }
  }

  /**
   * A text, or a part of one.
   *
   * @param openBegin true when anything may stand before it
   * @param openEnd true when anything may stand behind it
   */
  record Pattern(String text, boolean openBegin, boolean openEnd) {
    boolean matches(String value) {
      if (openBegin && openEnd) {
        return value.contains(text);
      }
      if (openEnd) {
        return value.startsWith(text);
      }
      return openBegin ? value.endsWith(text) : value.equals(text);
    }

    boolean isExact() {
      return !openBegin && !openEnd;
    }

    /** For names: lower case, with the final dot. */
    Pattern asName() {
      String folded = folded(text);
      boolean dotMissing = !openEnd && !folded.isEmpty() && !folded.endsWith(".");
      return new Pattern(dotMissing ? folded + "." : folded, openBegin, openEnd);
    }

    static String foldedName(String name) {
      String folded = folded(name);
      return folded.endsWith(".") ? folded : folded + ".";
    }

    private static String folded(String text) {
      StringBuilder folded = new StringBuilder(text);
      for (int i = 0; i < folded.length(); i++) {
        char c = folded.charAt(i);
        if (c >= 'A' && c <= 'Z') {
          folded.setCharAt(i, (char) (c + 32));
        }
      }
      return folded.toString();
    }
  }

  /** A field that a list knows. */
  record Field(Kind kind, Function<String, @Nullable Long> words) {}

  /** The fields that a list knows. Immutable. */
  public static final class Fields {
    final Map<String, Field> byName;

    private Fields(Map<String, Field> byName) {
      this.byName = new LinkedHashMap<>(byName);
    }
  }

  /** Begins to say which fields a list knows. */
  public static FieldsBuilder fields() {
    return new FieldsBuilder();
  }

  /** Gathers fields. */
  public static final class FieldsBuilder {
    private final Map<String, Field> byName = new LinkedHashMap<>();

    private FieldsBuilder() {}

    private FieldsBuilder add(String name, Kind kind, Function<String, @Nullable Long> words) {
      byName.put(name, new Field(kind, words));
      return this;
    }

    private FieldsBuilder add(String name, Kind kind) {
      return add(name, kind, _ -> null);
    }

    /** Text; the row gives anything, of which {@code toString} is taken. */
    public FieldsBuilder text(String name) {
      return add(name, Kind.TEXT);
    }

    /** A domain name; the row gives it as such or as text. */
    public FieldsBuilder name(String name) {
      return add(name, Kind.NAME);
    }

    /** A number; the row gives a {@link Number}. */
    public FieldsBuilder number(String name) {
      return add(name, Kind.NUMBER);
    }

    /** A time; the row gives an {@link Instant}. */
    public FieldsBuilder time(String name) {
      return add(name, Kind.TIME);
    }

    /** Yes or no; the row gives a {@link Boolean}. */
    public FieldsBuilder bool(String name) {
      return add(name, Kind.BOOL);
    }

    /** A record type; the row gives its number. */
    public FieldsBuilder recordType(String name) {
      return add(name, Kind.WORD, Filter::recordType);
    }

    /** A value of an enumeration, with or without what all begin with; the row gives its number. */
    public FieldsBuilder enumeration(String name, EnumDescriptor values) {
      return add(name, Kind.WORD, word -> enumValue(values, word));
    }

    /** Labels, as {@code labels.owner}; the row gives a map of text to text. */
    public FieldsBuilder labels(String name) {
      return add(name, Kind.LABELS);
    }

    /** That is all. */
    public Fields build() {
      return new Fields(byName);
    }
  }

  /** An entry of a list, by its fields. */
  @FunctionalInterface
  public interface Row {
    /**
     * The value of a field; null where it has none; a collection where it has several, of which one
     * must fit.
     */
    @Nullable Object value(String field);
  }

  /**
   * Reads the filter of a request.
   *
   * @param text empty for everything
   * @throws CallException when it is none
   */
  public static Filter parse(String text, Fields fields) {
    if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      throw CallException.invalid(
          "filter", "it has more than " + MAX_BYTES + " octets: ask for less at once");
    }
    return new Filter(new FilterReader(text, fields).read());
  }

  /** True when it lets everything through. */
  public boolean isEmpty() {
    return tests.isEmpty();
  }

  /** True when some comparison is of this field. */
  public boolean mentions(String field) {
    return tests.stream().anyMatch(test -> test.field().equals(field));
  }

  /** True for an entry that it lets through. */
  public boolean matches(Row row) {
    for (Test test : tests) {
      Object value = row.value(test.field());
      boolean fits =
          value instanceof Collection<?> several
              ? anyFits(test, several)
              : value != null && test.fits(value);
      if (fits == test.negated()) {
        return false;
      }
    }
    return true;
  }

  private static boolean anyFits(Test test, Collection<?> values) {
    for (Object value : values) {
      if (value != null && test.fits(value)) {
        return true;
      }
    }
    return false;
  }

  private Stream<Pattern> patterns(String field) {
    return tests.stream()
        .filter(test -> test.field().equals(field) && !test.negated())
        .flatMap(test -> test instanceof Test.OfText text ? Stream.of(text.pattern) : Stream.of());
  }

  /**
   * What the text or name in this field must be; names in lower case with the final dot. So a list
   * need look at one entry alone.
   */
  public Optional<String> equalTo(String field) {
    return patterns(field).filter(Pattern::isExact).map(Pattern::text).findFirst();
  }

  /** What the text or name in this field must begin with. */
  public Optional<String> prefix(String field) {
    return patterns(field)
        .filter(pattern -> !pattern.openBegin && pattern.openEnd && !pattern.text.isEmpty())
        .map(Pattern::text)
        .findFirst();
  }

  /** What the text or name in this field must end with. */
  public Optional<String> suffix(String field) {
    return patterns(field)
        .filter(pattern -> pattern.openBegin && !pattern.openEnd && !pattern.text.isEmpty())
        .map(Pattern::text)
        .findFirst();
  }

  /** What the number, type or value of an enumeration in this field must be. */
  public OptionalLong numberEqualTo(String field) {
    for (Test test : tests) {
      if (test instanceof Test.OfNumber number
          && number.field.equals(field)
          && number.operator == Operator.EQUAL) {
        return OptionalLong.of(number.number);
      }
    }
    return OptionalLong.empty();
  }

  /** The earliest time in this field that it may let through; empty for any. */
  public Optional<Instant> notBefore(String field) {
    return times(field, Operator.AT_LEAST, Operator.GREATER).max(Instant::compareTo);
  }

  /** The latest time in this field that it may let through; empty for any. */
  public Optional<Instant> notAfter(String field) {
    return times(field, Operator.AT_MOST, Operator.LESS).min(Instant::compareTo);
  }

  private Stream<Instant> times(String field, Operator one, Operator other) {
    return tests.stream()
        .flatMap(test -> test instanceof Test.OfTime time ? Stream.of(time) : Stream.of())
        .filter(test -> test.field.equals(field))
        .filter(
            test ->
                test.operator == one || test.operator == other || test.operator == Operator.EQUAL)
        .map(Test.OfTime::time);
  }

  private static @Nullable Long recordType(String word) {
    String prefix = "RECORD_TYPE_";
    try {
      if (word.chars().allMatch(c -> c >= '0' && c <= '9')) {
        int number = Integer.parseInt(word);
        return number <= 0xffff ? Long.valueOf(number) : null;
      }
      String mnemonic = word.startsWith(prefix) ? word.substring(prefix.length()) : word;
      return (long) io.flashdns.core.dns.RecordType.parse(mnemonic);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  private static @Nullable Long enumValue(EnumDescriptor values, String word) {
    String prefix = values.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2");
    for (EnumValueDescriptor value : values.getValues()) {
      String name = value.getName();
      if (value.getNumber() != 0
          && (name.equals(word) || name.equalsIgnoreCase(prefix + "_" + word))) {
        return (long) value.getNumber();
      }
    }
    return null;
  }
}
