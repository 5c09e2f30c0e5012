package io.flashdns.core.dns;

/** Classes (RFC 1035 §3.2.4, RFC 6895 §3.2). FlashDNS serves the Internet class alone. */
public final class RecordClass {
  public static final int IN = 1;
  public static final int CH = 3;
  public static final int NONE = 254;
  public static final int ANY = 255;

  private RecordClass() {}
}
