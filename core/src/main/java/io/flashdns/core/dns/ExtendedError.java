package io.flashdns.core.dns;

/**
 * Info codes of the extended DNS error option (RFC 8914 §4, RFC 9824 §10) that this server or its
 * plugins send.
 */
public final class ExtendedError {
  /** No extended error: never on the wire. */
  public static final int NONE = -1;

  public static final int OTHER = 0;
  public static final int PROHIBITED = 18;
  public static final int NOT_READY = 14;
  public static final int NOT_AUTHORITATIVE = 20;
  public static final int NOT_SUPPORTED = 21;
  public static final int INVALID_DATA = 24;
  public static final int INVALID_QUERY_TYPE = 30;

  private ExtendedError() {}
}
