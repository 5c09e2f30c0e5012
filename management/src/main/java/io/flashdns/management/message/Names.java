package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import org.jspecify.annotations.Nullable;

/** Domain names in messages: presentation form, always absolute (RFC 1035 §5.1). */
public final class Names {
  /** Longest text of a name: four characters for each of 255 octets. */
  private static final int MAX_CHARS = 1_020;

  private Names() {}

  /**
   * The name, in the case in which it is written; a final dot may be missing.
   *
   * @return null when it is none, which is noted
   */
  public static @Nullable DomainName parse(String text, String path, Violations violations) {
    String wrong = whatIsWrong(text);
    if (wrong == null) {
      try {
        return DomainName.parse(text);
      } catch (IllegalArgumentException e) {
        wrong = e.getMessage() + ": give a domain name as www.example.org.";
      }
    }
    violations.add(path, wrong);
    return null;
  }

  /**
   * The owner of records, in lower case.
   *
   * @param apex of its zone; null when it is not known
   * @return null when it is none, or not at or below the apex, which is noted
   */
  public static @Nullable DomainName owner(
      String text, String path, @Nullable DomainName apex, Violations violations) {
    DomainName name = parse(text, path, violations);
    if (name == null || apex == null || name.isAtOrBelow(apex)) {
      return name == null ? null : name.folded();
    }
    violations.add(
        path,
        name
            + " is not at or below the zone's apex "
            + apex
            + ": names are absolute, write the whole of it");
    return null;
  }

  private static @Nullable String whatIsWrong(String text) {
    if (text.isEmpty()) {
      return "a name is required: give a domain name as www.example.org.";
    }
    if (text.equals("@")) {
      return "@ means nothing here: write the whole name, or \\@ for the label";
    }
    if (text.length() > MAX_CHARS) {
      return "the name has more than 255 octets: shorten it";
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > '~') {
        return "the name has a character outside ASCII: write the xn-- form (IDNA), or \\DDD for an"
            + " octet";
      }
      if (c <= ' ') {
        return "the name has a blank or a control character: write \\DDD for such an octet";
      }
      if (c == '"') {
        return "the name has a quotation mark: leave it out, or write \\034";
      }
      if (c == '\\' && i + 1 < text.length() && text.charAt(i + 1) > ' ') {
        i++;
      }
    }
    return null;
  }
}
