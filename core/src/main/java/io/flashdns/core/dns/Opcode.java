package io.flashdns.core.dns;

/** Kinds of query (RFC 1035 §4.1.1, RFC 6895 §2.2): four bits of the header's third octet. */
public final class Opcode {
  public static final int QUERY = 0;
  public static final int NOTIFY = 4;
  public static final int UPDATE = 5;

  private Opcode() {}
}
