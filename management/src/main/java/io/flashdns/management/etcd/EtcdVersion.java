package io.flashdns.management.etcd;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A release of etcd, and what is to be thought of it. The older is the less.
 *
 * @param text as etcd says it
 */
record EtcdVersion(int major, int minor, int patch, String text)
    implements Comparable<EtcdVersion> {
  /** What a node wants: the repairs of watches and authentication that were made in 2026. */
  static final String WANTED = "3.5.33, 3.6.14 or newer";

  private static final int FIRST_OF_3_5 = 33;
  private static final int FIRST_OF_3_6 = 14;

  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})\\.([0-9]{1,4})(?:[-+][0-9A-Za-z.+-]{1,32})?");

  private static final Comparator<EtcdVersion> BY_AGE =
      Comparator.comparingInt(EtcdVersion::major)
          .thenComparingInt(EtcdVersion::minor)
          .thenComparingInt(EtcdVersion::patch)
          .thenComparing(EtcdVersion::text);

  /** How much of it is repaired. */
  enum Repairs {
    /** All that is known to matter here. */
    ALL,
    /** Newer releases of its line have more. */
    SOME,
    /** Its line gets none any more. */
    ENDED
  }

  /** Reads what a member calls itself; empty when that is no version. */
  static Optional<EtcdVersion> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new EtcdVersion(
            Integer.parseInt(matcher.group(1)),
            Integer.parseInt(matcher.group(2)),
            Integer.parseInt(matcher.group(3)),
            text));
  }

  Repairs repairs() {
    if (major != 3) {
      return major < 3 ? Repairs.ENDED : Repairs.ALL;
    }
    return switch (minor) {
      case 5 -> patch < FIRST_OF_3_5 ? Repairs.SOME : Repairs.ALL;
      case 6 -> patch < FIRST_OF_3_6 ? Repairs.SOME : Repairs.ALL;
      default -> minor < 5 ? Repairs.ENDED : Repairs.ALL;
    };
  }

  @Override
  public int compareTo(EtcdVersion other) {
    return BY_AGE.compare(this, other);
  }

  @Override
  public String toString() {
    return text;
  }
}
