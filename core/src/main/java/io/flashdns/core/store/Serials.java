package io.flashdns.core.store;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** Arithmetic of SOA serials (RFC 1982) and what a policy makes of them. */
final class Serials {
  private static final long MASK = 0xffff_ffffL;

  /** Octets of SOA data from the serial on (RFC 1035 §3.3.13). */
  static final int BYTES_FROM_SERIAL = 20;

  private Serials() {}

  /** True when {@code a} is greater than {@code b}. */
  static boolean isGreater(long a, long b) {
    long ahead = (a - b) & MASK;
    return ahead != 0 && ahead < 1L << 31;
  }

  /** The first serial of a zone whose client leaves it to the policy. */
  static long first(SerialPolicy policy, Instant now) {
    return switch (policy) {
      case INCREMENT, AS_GIVEN -> 1;
      case DATE -> date(now);
      case UNIX_TIME -> now.getEpochSecond() & MASK;
    };
  }

  /** The serial after {@code old} when the content changed. */
  static long next(SerialPolicy policy, long old, Instant now) {
    return switch (policy) {
      case AS_GIVEN -> old;
      case INCREMENT -> oneMore(old);
      case DATE -> later(date(now), old);
      case UNIX_TIME -> later(now.getEpochSecond() & MASK, old);
    };
  }

  private static long later(long wanted, long old) {
    return wanted != 0 && isGreater(wanted, old) ? wanted : oneMore(old);
  }

  /** Zero is passed over: in what is given it means that the policy is to choose. */
  private static long oneMore(long old) {
    return old == MASK ? 1 : old + 1;
  }

  private static long date(Instant now) {
    LocalDate day = LocalDate.ofInstant(now, ZoneOffset.UTC);
    return ((day.getYear() * 100L + day.getMonthValue()) * 100 + day.getDayOfMonth()) * 100 & MASK;
  }
}
