package io.flashdns.core.dns;

/**
 * Option codes of the OPT record (RFC 6891 §6.1.2) that the server or its plugins read or write.
 */
public final class EdnsOption {
  public static final int NSID = 3;
  public static final int COOKIE = 10;
  public static final int TCP_KEEPALIVE = 11;
  public static final int EXTENDED_ERROR = 15;

  private EdnsOption() {}
}
