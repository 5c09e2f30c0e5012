package io.flashdns.differential;

import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/**
 * A question as it is sent.
 *
 * @param message whole; the id is filled in when it is sent
 * @param tcp whether it goes over TCP
 * @param name asked for
 * @param type asked for
 * @param recordClass asked for
 * @param payloadBytes what the OPT record offers, or -1 without one
 * @param dnssecOk the DO bit
 */
record Question(
    byte[] message,
    boolean tcp,
    Name name,
    int type,
    int recordClass,
    int payloadBytes,
    boolean dnssecOk) {
  private static final int PLAIN_UDP_BYTES = 512;
  private static final int MAX_UDP_BYTES = 1_232;
  private static final int MAX_MESSAGE_BYTES = 65_535;

  boolean hasEdns() {
    return payloadBytes >= 0;
  }

  /** Octets that a reply may have. */
  int limit() {
    if (tcp) {
      return MAX_MESSAGE_BYTES;
    }
    return hasEdns() ? Math.clamp(payloadBytes, PLAIN_UDP_BYTES, MAX_UDP_BYTES) : PLAIN_UDP_BYTES;
  }

  /** Octets of the question section. */
  int questionBytes() {
    return name.length() + 4;
  }

  /** True when the query has an NSID option (RFC 5001). */
  boolean asksNsid() {
    int at = 12 + questionBytes() + 11;
    while (hasEdns() && at + 4 <= message.length) {
      if (message[at] == 0 && message[at + 1] == 3) {
        return true;
      }
      at += 4 + ((message[at + 2] & 0xff) << 8 | (message[at + 3] & 0xff));
    }
    return false;
  }

  Question overTcp() {
    return new Question(message, true, name, type, recordClass, payloadBytes, dnssecOk);
  }

  @Override
  public String toString() {
    return name
        + " "
        + DClass.string(recordClass)
        + " "
        + Type.string(type)
        + (tcp ? " +tcp" : "")
        + (hasEdns() ? " +bufsize=" + payloadBytes : " +noedns")
        + (dnssecOk ? " +dnssec" : "")
        + " flags="
        + Integer.toHexString((message[2] & 0xff) << 8 | (message[3] & 0xff));
  }
}
