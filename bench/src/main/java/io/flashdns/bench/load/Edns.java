package io.flashdns.bench.load;

/**
 * What the OPT record of each query says (RFC 6891).
 *
 * @param present whether there is one
 * @param dnssecOk the DO bit (RFC 3225)
 * @param payloadBytes largest UDP reply that is welcome
 */
public record Edns(boolean present, boolean dnssecOk, int payloadBytes) {
  /** What a resolver says today (RFC 9715). */
  public static final int USUAL_PAYLOAD_BYTES = 1232;

  /** No OPT record. */
  public static final Edns NONE = new Edns(false, false, 512);

  public Edns {
    if (payloadBytes < 512 || payloadBytes > 0xffff) {
      throw new IllegalArgumentException(
          "an EDNS payload has 512 to 65535 octets, not " + payloadBytes);
    }
    if (dnssecOk && !present) {
      throw new IllegalArgumentException("the DO bit needs EDNS");
    }
  }

  /** An OPT record with the usual payload size. */
  public static Edns of(boolean dnssecOk) {
    return new Edns(true, dnssecOk, USUAL_PAYLOAD_BYTES);
  }
}
