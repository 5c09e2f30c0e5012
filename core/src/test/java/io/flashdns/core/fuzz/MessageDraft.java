package io.flashdns.core.fuzz;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import java.io.ByteArrayOutputStream;

/**
 * A message put together by hand, right or wrong. Counts follow what is added, unless {@link
 * #counts} says otherwise.
 */
final class MessageDraft {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final int[] counts = new int[4];
  private int id = 0x1234;
  private int flags;
  private int[] said = counts;

  static MessageDraft of(int flags) {
    MessageDraft draft = new MessageDraft();
    draft.flags = flags;
    return draft;
  }

  static MessageDraft query(String name, int type) {
    return of(0).question(DomainName.parse(name).wire(), type, 1);
  }

  MessageDraft id(int value) {
    id = value;
    return this;
  }

  MessageDraft question(byte[] name, int type, int recordClass) {
    counts[0]++;
    return octets(name).u16(type).u16(recordClass);
  }

  MessageDraft edns(int payload, boolean dnssecOk, int... options) {
    return opt(payload, 0, dnssecOk ? 0x8000 : 0, options);
  }

  MessageDraft opt(int payload, int version, int ednsFlags, int... options) {
    return record(3, new byte[1], 41, payload, version << 16 | ednsFlags, options);
  }

  /** Adds a record to a section: 1 answer, 2 authority, 3 additional. */
  MessageDraft record(int section, byte[] owner, int type, int recordClass, int ttl, int... data) {
    counts[section]++;
    octets(owner).u16(type).u16(recordClass).u16(ttl >>> 16).u16(ttl).u16(data.length);
    return octets(data);
  }

  MessageDraft tsig(int section) {
    int[] data = {
      11, 'h', 'm', 'a', 'c', '-', 's', 'h', 'a', '2', '5', '6', 0, 0, 0, 0x67, 0, 0, 0, 1, 44, 0,
      4, 1, 2, 3, 4, 0x12, 0x34, 0, 0, 0, 0
    };
    return record(section, new byte[] {3, 'k', 'e', 'y', 0}, 250, 255, 0, data);
  }

  /** Overrules the counts in the header. */
  MessageDraft counts(int questions, int answers, int authorities, int additionals) {
    said = new int[] {questions, answers, authorities, additionals};
    return this;
  }

  MessageDraft octets(byte[] octets) {
    body.writeBytes(octets);
    return this;
  }

  MessageDraft octets(int... octets) {
    for (int octet : octets) {
      body.write(octet);
    }
    return this;
  }

  MessageDraft u16(int value) {
    return octets(value >>> 8, value);
  }

  /** Offset in the message of what is added next. */
  int at() {
    return Wire.HEADER_BYTES + body.size();
  }

  byte[] build() {
    byte[] message = new byte[at()];
    Wire.put16(message, 0, id);
    Wire.put16(message, 2, flags);
    for (int i = 0; i < 4; i++) {
      Wire.put16(message, 4 + 2 * i, said[i]);
    }
    System.arraycopy(body.toByteArray(), 0, message, Wire.HEADER_BYTES, body.size());
    return message;
  }
}
