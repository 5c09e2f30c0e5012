package io.flashdns.management.server;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How single values are written in the configuration, read and printed.
 *
 * <p>Each reader throws {@link IllegalArgumentException} with a sentence that says what is wrong
 * and how it would be right.
 */
final class ConfigText {
  private static final Pattern NUMBER = Pattern.compile("(-?\\d+(?:_\\d+)*)\\s*([^\\d\\s].*)?");

  private static final Pattern EXPONENT = Pattern.compile("(\\.\\d+)?([eE][+-]?\\d+)?");

  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "min", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
  private static final Map<String, Long> BYTES =
      Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

  private ConfigText() {}

  /** A plain whole number. */
  static long number(String text) {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no whole number");
    }
    if (matcher.group(2) != null) {
      if (EXPONENT.matcher(matcher.group(2)).matches()) {
        throw new IllegalArgumentException(
            "'" + text + "' is no whole number: write all of its digits");
      }
      throw new IllegalArgumentException(
          "'" + text + "' has a unit, but a plain number is meant: write " + matcher.group(1));
    }
    return parse(matcher.group(1));
  }

  /** A number of octets: {@code 1232}, {@code 64KiB}, {@code 256MiB}, {@code 2GiB}. */
  static long bytes(String text) {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size: write 1232, 64KiB or 256MiB");
    }
    String unit = matcher.group(2) == null ? "B" : matcher.group(2).strip();
    Long factor = BYTES.get(unit);
    if (factor == null) {
      throw new IllegalArgumentException(
          "'" + unit + "' is no unit of size: use B, KiB, MiB or GiB, such as 256MiB");
    }
    return multiply(text, parse(matcher.group(1)), factor);
  }

  /** A span of time: {@code 500ms}, {@code 5s}, {@code 10min}, {@code 2h}, {@code 1d}. */
  static Duration duration(String text) {
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no time span: write 5s or 10min");
    }
    String number = matcher.group(1);
    if (matcher.group(2) == null) {
      throw new IllegalArgumentException(
          "'" + text + "' has no unit: write " + number + "s or " + number + "ms");
    }
    String unit = matcher.group(2).strip();
    Long factor = MILLIS.get(unit);
    if (factor == null) {
      throw new IllegalArgumentException(
          "'" + unit + "' is no unit of time: use ms, s, min, h or d, such as " + number + "min");
    }
    return Duration.ofMillis(multiply(text, parse(number), factor));
  }

  /** {@code true} or {@code false}; the other words that YAML once knew are refused. */
  static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' must be true or false");
    };
  }

  /** A component name as a key: {@code maxReplyBytes} is {@code max-reply-bytes}. */
  static String key(String componentName) {
    StringBuilder key = new StringBuilder(componentName.length() + 4);
    for (int i = 0; i < componentName.length(); i++) {
      char c = componentName.charAt(i);
      if (Character.isUpperCase(c)) {
        key.append('-').append(Character.toLowerCase(c));
      } else {
        key.append(c);
      }
    }
    return key.toString();
  }

  /** An enum constant as it is written: {@code NEVER_DROP} is {@code never-drop}. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The shortest text that reads back to {@code duration}. */
  static String print(Duration duration) {
    long millis = duration.toMillis();
    for (String unit : new String[] {"d", "h", "min", "s"}) {
      long factor = MILLIS.getOrDefault(unit, 1L);
      if (millis != 0 && millis % factor == 0) {
        return millis / factor + unit;
      }
    }
    return millis == 0 ? "0s" : millis + "ms";
  }

  /** The shortest text that reads back to {@code bytes} octets. */
  static String print(long bytes) {
    for (String unit : new String[] {"GiB", "MiB", "KiB"}) {
      long factor = BYTES.getOrDefault(unit, 1L);
      if (bytes != 0 && bytes % factor == 0) {
        return bytes / factor + unit;
      }
    }
    return Long.toString(bytes);
  }

  private static long parse(String digits) {
    try {
      return Long.parseLong(digits.replace("_", ""));
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("the number " + digits + " is too large");
    }
  }

  private static long multiply(String text, long number, long factor) {
    try {
      return Math.multiplyExact(number, factor);
    } catch (ArithmeticException _) {
      throw new IllegalArgumentException("'" + text + "' is too large");
    }
  }
}
