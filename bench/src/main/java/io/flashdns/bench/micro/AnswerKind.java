package io.flashdns.bench.micro;

/** Kinds of question, by the answer they get. Each has its own way through the server. */
public enum AnswerKind {
  /** A name that exists, with the type asked for: one A record. */
  HIT,
  /** A name that exists, without the type asked for: SOA (RFC 2308 §2.2). */
  NODATA,
  /** A name that does not exist: SOA (RFC 2308 §2.1). */
  NXDOMAIN,
  /** A name below a zone cut: NS and glue (RFC 1034 §4.3.2). */
  REFERRAL,
  /** An alias of a name in the same zone: CNAME and A. */
  CNAME,
  /** A name that a wildcard stands in for (RFC 4592). */
  WILDCARD,
  /** All types of a name, over UDP: one of them (RFC 8482). */
  ANY,
  /**
   * A name that does not exist in a zone with NSEC, DO set: SOA, two NSEC and their signatures (RFC
   * 4035 §3.1.3.2).
   */
  SIGNED_NXDOMAIN;

  boolean isSigned() {
    return this == SIGNED_NXDOMAIN;
  }

  int type() {
    return switch (this) {
      case HIT, NXDOMAIN, REFERRAL, CNAME, WILDCARD, SIGNED_NXDOMAIN -> 1;
      case NODATA -> 15;
      case ANY -> 255;
    };
  }
}
