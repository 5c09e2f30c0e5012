package io.flashdns.plugins.dnstap;

/** Where facts and messages stand in a record of the ring, in octets from its start. */
final class TapLayout {
  static final int RECEIVED_NANOS = 0;
  static final int SENT_NANOS = 8;
  static final int SOURCE_HI = 16;
  static final int SOURCE_LO = 24;
  static final int SOURCE_PORT = 32;
  static final int LISTENER = 34;
  static final int FACTS = 36;

  /** Where in the query the name of the zone starts; 0 for no zone. */
  static final int ZONE_AT = 38;

  /** Octets of the query, 0 when it is not sent on. */
  static final int QUERY_BYTES = 40;

  /** Octets of the reply, 0 when it is not sent on. */
  static final int REPLY_BYTES = 44;

  /** The query, then the reply. */
  static final int MESSAGES = 48;

  // Bits of FACTS.
  static final int TCP = 1;

  private TapLayout() {}
}
