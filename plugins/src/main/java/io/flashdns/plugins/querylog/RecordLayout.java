package io.flashdns.plugins.querylog;

/** Where the facts of a query stand in a record of the ring, in octets from its start. */
final class RecordLayout {
  static final int RECEIVED_NANOS = 0;
  static final int SOURCE_HI = 8;
  static final int SOURCE_LO = 16;
  static final int SOURCE_PORT = 24;
  static final int WORKER = 26;
  static final int VIEW = 28;
  static final int TYPE = 32;
  static final int CLASS = 34;
  static final int RCODE = 36;
  static final int FACTS = 38;
  static final int REPLY_BYTES = 40;
  static final int OPCODE = 44;

  /** Octets of the zone's name, which the name ends with; 0 for no zone. */
  static final int APEX_BYTES = 45;

  static final int NAME_BYTES = 46;

  /** The name in lower case and wire form. */
  static final int NAME = 47;

  static final int MAX_BYTES = NAME + 255;

  // Bits of FACTS.
  static final int WELL_FORMED = 1;
  static final int SENT = 2;
  static final int TCP = 4;
  static final int AUTHORITATIVE = 8;
  static final int TRUNCATED = 16;
  static final int RECURSION_DESIRED = 32;
  static final int DNSSEC_OK = 64;
  static final int COOKIE = 128;

  private RecordLayout() {}
}
