package io.flashdns.management.client;

import java.net.IDN;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Domain names as arguments: absolute with the dot at the end or without, {@code @} and names below
 * a zone where a zone is given. Letters outside ASCII become A-labels (RFC 5890).
 */
final class DomainName {
  private DomainName() {}

  /** The absolute name, with its dot. */
  static String absolute(String text) throws ClientException {
    if (text.isEmpty() || (text.startsWith(".") && text.length() > 1) || text.contains("..")) {
      throw ClientException.usage(
          "'" + text + "' is no domain name: it has an empty label; the root is '.'");
    }
    String ascii = ascii(text);
    return endsWithDot(ascii) ? ascii : ascii + ".";
  }

  /**
   * A name as an argument beside a zone: {@code @} is the apex, a name at or below the apex or with
   * a dot at its end is absolute, any other is relative to the apex.
   */
  static String within(String text, String apex) throws ClientException {
    if (text.equals("@")) {
      return apex;
    }
    String name = absolute(text);
    if (endsWithDot(text) || isWithin(name, apex)) {
      return name;
    }
    return apex.equals(".") ? name : name + apex;
  }

  /** Whether an absolute name lies at or below another. */
  static boolean isWithin(String name, String apex) {
    String lower = name.toLowerCase(Locale.ROOT);
    String end = apex.toLowerCase(Locale.ROOT);
    return apex.equals(".") || lower.equals(end) || lower.endsWith("." + end);
  }

  /** The name itself and all above it, the root not among them. */
  static List<String> ancestors(String absolute) {
    List<String> names = new ArrayList<>();
    boolean atLabel = true;
    for (int i = 0; i < absolute.length(); i++) {
      char c = absolute.charAt(i);
      if (atLabel && c != '.') {
        names.add(absolute.substring(i));
      }
      atLabel = c == '.';
      if (c == '\\') {
        i++;
      }
    }
    return names;
  }

  /** False where the dot is escaped and belongs to the last label. */
  private static boolean endsWithDot(String text) {
    if (!text.endsWith(".")) {
      return false;
    }
    int backslashes = 0;
    for (int i = text.length() - 2; i >= 0 && text.charAt(i) == '\\'; i--) {
      backslashes++;
    }
    return backslashes % 2 == 0;
  }

  private static String ascii(String text) throws ClientException {
    if (text.chars().allMatch(c -> c < 128)) {
      return text;
    }
    try {
      return IDN.toASCII(text, IDN.ALLOW_UNASSIGNED);
    } catch (IllegalArgumentException _) {
      throw ClientException.usage(
          "'"
              + text
              + "' cannot be written as an internationalised domain name: use its xn-- form");
    }
  }
}
