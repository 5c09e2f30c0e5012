package io.flashdns.management.client;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Times as people write them: {@code 300}, {@code 5m}, {@code 1h30m}, {@code 2w}. */
final class TimeText implements ITypeConverter<Duration> {
  private static final Pattern PART = Pattern.compile("(\\d{1,12})(ms|min|[smhdw]|$)");

  @Override
  public Duration convert(String text) {
    return parse(text);
  }

  /** Reads one; without a unit it is seconds. */
  static Duration parse(String text) {
    Matcher part = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (end < text.length() && part.find(end) && part.start() == end) {
      long number = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "m", "min" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                case "d" -> Duration.ofDays(number);
                case "w" -> Duration.ofDays(7 * number);
                default -> Duration.ofSeconds(number);
              });
      end = part.end();
    }
    if (text.isEmpty() || end != text.length()) {
      throw new TypeConversionException(
          "must be a time such as 300, 5m, 1h30m or 2d, not '" + text + "'");
    }
    return sum;
  }

  /** The other way: {@code 1h30m}. */
  static String format(Duration time) {
    long seconds = time.toSeconds();
    if (seconds == 0) {
      return time.isZero() ? "0s" : time.toMillis() + "ms";
    }
    StringBuilder text = new StringBuilder();
    append(text, seconds / 86_400, 'd');
    append(text, seconds / 3600 % 24, 'h');
    append(text, seconds / 60 % 60, 'm');
    append(text, seconds % 60, 's');
    return text.toString();
  }

  private static void append(StringBuilder text, long number, char unit) {
    if (number > 0) {
      text.append(number).append(unit);
    }
  }

  /** A TTL of the DNS; bounds are the server's to check. */
  static final class Seconds implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      Duration time = parse(text);
      if (time.toSeconds() > Integer.MAX_VALUE || time.toMillisPart() > 0) {
        throw new TypeConversionException(
            "must be whole seconds up to 2147483647, not '" + text + "'");
      }
      return Math.toIntExact(time.toSeconds());
    }
  }
}
