package io.flashdns.core.store;

/**
 * How the serial of a zone's SOA (RFC 1982) moves with each change of its content. Never backwards,
 * unless a change puts it back and is forced to.
 *
 * <p>A change that itself gives a greater serial keeps what it gives. For all but {@link #AS_GIVEN}
 * the serial 0 in what is given means that the policy is to choose.
 */
public enum SerialPolicy {
  /** One more than before. */
  INCREMENT,
  /**
   * YYYYMMDDnn of the day in UTC (RFC 1912 §2.2); one more than before when that is not greater.
   */
  DATE,
  /** Seconds since 1970; one more than before when that is not greater. */
  UNIX_TIME,
  /**
   * What the source of the zone says: zone files. A change of the content that keeps the serial is
   * taken as it is.
   */
  AS_GIVEN
}
