package io.flashdns.core.dns;

/**
 * Response codes (RFC 1035 §4.1.1, RFC 6895 §2.3). Values above 15 need an OPT record, which
 * carries their upper eight bits (RFC 6891 §6.1.3).
 */
public final class Rcode {
  public static final int NOERROR = 0;
  public static final int FORMERR = 1;
  public static final int SERVFAIL = 2;
  public static final int NXDOMAIN = 3;
  public static final int NOTIMP = 4;
  public static final int REFUSED = 5;
  public static final int YXDOMAIN = 6;
  public static final int NOTAUTH = 9;
  public static final int BADVERS = 16;

  /**
   * One above the largest code that this server sends: the size of a table of counters by rcode.
   */
  public static final int COUNT = 24;

  private static final String[] TEXT = {
    "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET",
    "NXRRSET", "NOTAUTH", "NOTZONE", "DSOTYPENI", "RCODE12", "RCODE13", "RCODE14", "RCODE15",
    "BADVERS", "BADKEY", "BADTIME", "BADMODE", "BADNAME", "BADALG", "BADTRUNC", "BADCOOKIE"
  };

  private Rcode() {}

  /** The mnemonic, or {@code RCODEn} where none is registered. */
  public static String text(int rcode) {
    return rcode >= 0 && rcode < TEXT.length ? TEXT[rcode] : "RCODE" + rcode;
  }
}
