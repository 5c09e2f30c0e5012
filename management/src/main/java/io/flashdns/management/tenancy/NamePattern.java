package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import org.jspecify.annotations.Nullable;

/**
 * Owner names that a rule of access lets through. Case does not count.
 *
 * @param kind how the name is meant
 * @param name the name itself, the name above, or the one label
 */
record NamePattern(Kind kind, DomainName name) {
  /** How a name is meant. */
  enum Kind {
    /** {@code www.example.org.}: this name. */
    EXACT,
    /** {@code *.example.org.}: what lies below it. */
    BELOW,
    /** {@code _acme-challenge.*}: what begins with this label. */
    FIRST_LABEL
  }

  /** Reads one; null when it is none. */
  static @Nullable NamePattern parse(String text) {
    try {
      if (text.endsWith(".*") && !text.endsWith("\\.*")) {
        DomainName label = DomainName.parse(text.substring(0, text.length() - 2) + ".");
        return label.labels() == 1 && !isWildcard(label)
            ? new NamePattern(Kind.FIRST_LABEL, label.folded())
            : null;
      }
      DomainName name = DomainName.parse(text);
      if (!isWildcard(name)) {
        return new NamePattern(Kind.EXACT, name.folded());
      }
      DomainName above = name.parent();
      return above == null ? null : new NamePattern(Kind.BELOW, above.folded());
    } catch (IllegalArgumentException _) {
      return null;
    }
  }

  boolean fits(DomainName owner) {
    return switch (kind) {
      case EXACT -> owner.equals(name);
      case BELOW -> owner.labels() > name.labels() && owner.isAtOrBelow(name);
      case FIRST_LABEL -> firstLabelFits(owner);
    };
  }

  /** True when every name that fits {@code other} fits this. */
  boolean covers(NamePattern other) {
    return switch (other.kind) {
      case EXACT -> fits(other.name);
      case BELOW -> kind == Kind.BELOW && other.name.isAtOrBelow(name);
      case FIRST_LABEL -> equals(other);
    };
  }

  /** True when some name at or below an apex fits. */
  boolean mayFitIn(DomainName apex) {
    return switch (kind) {
      case EXACT -> name.isAtOrBelow(apex);
      case BELOW -> name.isAtOrBelow(apex) || apex.isAtOrBelow(name);
      case FIRST_LABEL -> true;
    };
  }

  private boolean firstLabelFits(DomainName owner) {
    byte[] mine = name.wire();
    byte[] theirs = owner.wire();
    return theirs[0] != 0 && DomainName.compareLabels(mine, 0, theirs, 0) == 0;
  }

  /** True when the first label is a lone asterisk (RFC 4592 §2.1.1). */
  static boolean isWildcard(DomainName name) {
    byte[] wire = name.wire();
    return wire[0] == 1 && wire[1] == '*';
  }
}
