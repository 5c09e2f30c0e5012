package io.flashdns.bench.load;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Finds the query of a reply, holds the reply against what it must be, and counts it.
 *
 * <p>A reply that is wrong is a reply: it frees its slot and has a latency. It is wrong when it is
 * no response, does not repeat the question, or is not what was expected.
 *
 * <p><b>Thread</b>: one. <b>Cost</b>: no allocation, but for the first few wrong replies.
 */
final class Judge {
  private static final ValueLayout.OfShort BIG_SHORT =
      JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BIG_LONG =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final Queries queries;
  private final Messages messages;
  private final Tally[] tallies;
  private final int goodRcodes;
  private final long countFromNanos;

  /**
   * @param goodRcodes a bit for each rcode that is right; 0 when all are
   * @param countFromNanos replies to queries planned before this are not counted: the warm-up
   */
  Judge(Queries queries, Messages messages, Tally tally, int goodRcodes, long countFromNanos) {
    this.queries = queries;
    this.messages = messages;
    tallies = new Tally[] {tally, new Tally()};
    this.goodRcodes = goodRcodes;
    this.countFromNanos = countFromNanos;
  }

  /**
   * Takes the reply of {@code length} octets at {@code at}; true when a query had waited for it.
   */
  boolean reply(Lane lane, MemorySegment memory, long at, int length, long nowNanos) {
    if (length < Wire.HEADER_BYTES) {
      tally(nowNanos).malformed++;
      return false;
    }
    int slot = lane.match(memory.get(BIG_SHORT, at) & 0xffff);
    if (slot < 0) {
      unasked(slot, tally(nowNanos));
      return false;
    }
    lane.answered(slot);
    long planned = lane.plannedNanos(slot);
    Tally tally = tally(planned);
    int flags = memory.get(BIG_SHORT, at + Wire.FLAGS) & 0xffff;
    tally.received++;
    tally.replyBytes += length;
    tally.rcodes[flags & Wire.RCODE_MASK]++;
    tally.latency(nowNanos - planned);
    boolean isCut = (flags & Wire.TC) != 0;
    tally.truncated += isCut ? 1 : 0;
    int query = lane.query(slot);
    if ((flags & Wire.QR) == 0
        || !messages.isEchoed(query, lane.number(slot), memory, at, length)) {
      tally.wrongQuestion++;
      fault(tally, query, "another question or no response");
    } else if (goodRcodes != 0 && (goodRcodes >>> (flags & Wire.RCODE_MASK) & 1) == 0) {
      tally.wrongRcode++;
      fault(tally, query, Rcode.text(flags & Wire.RCODE_MASK));
    } else if (queries.isExpecting()) {
      compare(tally, query, flags, isCut, memory, at, length);
    }
    return true;
  }

  /**
   * What counts, or what does not: the same steps for either, and no branch that is taken for the
   * first time when the warm-up has ended, for the compiler would have to begin anew.
   */
  private Tally tally(long nanos) {
    return tallies[(int) ((nanos - countFromNanos) >>> (Long.SIZE - 1))];
  }

  private static void unasked(int why, Tally tally) {
    switch (why) {
      case Lane.DUPLICATE -> tally.duplicates++;
      case Lane.LATE -> tally.late++;
      default -> tally.strays++;
    }
  }

  private void compare(
      Tally tally, int query, int flags, boolean isCut, MemorySegment memory, long at, int length) {
    Expected expected = queries.expected(query);
    if (expected == null) {
      return;
    }
    int rcode = flags & Wire.RCODE_MASK;
    if (rcode != expected.rcode()) {
      tally.wrongRcode++;
      if (tally.wantsFault()) {
        fault(tally, query, Rcode.text(rcode) + ", not " + Rcode.text(expected.rcode()));
      }
      return;
    }
    if (isCut) {
      return; // the rest is asked by TCP
    }
    int answers = memory.get(BIG_SHORT, at + Wire.ANCOUNT) & 0xffff;
    if (expected.answers() != Expected.ANY && answers != expected.answers()) {
      tally.wrongAnswers++;
      if (tally.wantsFault()) {
        fault(tally, query, answers + " answers, not " + expected.answers());
      }
    } else if (expected.addressKey() != 0
        && firstAddress(memory, at, length, query, answers) != expected.addressKey()) {
      tally.wrongAnswers++;
      fault(tally, query, "another address");
    }
  }

  private void fault(Tally tally, int query, String what) {
    if (tally.wantsFault()) {
      tally.faults.add(queries.text(query) + ": " + what);
    }
  }

  /** {@link Expected#key} of the first address among the answers; 0 when there is none. */
  private long firstAddress(MemorySegment memory, long at, int length, int query, int answers) {
    long end = at + length;
    long record = at + Wire.HEADER_BYTES + messages.questionBytes(query);
    for (int i = 0; i < answers; i++) {
      int label = 0;
      while (record < end && (label = memory.get(JAVA_BYTE, record) & 0xff) != 0 && label < 0xc0) {
        record += 1 + label;
      }
      record += label == 0 ? 1 : 2;
      long data = record + Wire.RECORD_FIXED_BYTES;
      if (data > end) {
        return 0;
      }
      int type = memory.get(BIG_SHORT, record) & 0xffff;
      int bytes = memory.get(BIG_SHORT, data - 2) & 0xffff;
      if (data + bytes > end) {
        return 0;
      }
      if (type == RecordType.A && bytes == 4) {
        return Expected.ipv4Key(memory.get(BIG_INT, data));
      }
      if (type == RecordType.AAAA && bytes == 16) {
        return Expected.ipv6Key(memory.get(BIG_LONG, data), memory.get(BIG_LONG, data + 8));
      }
      record = data + bytes;
    }
    return 0;
  }
}
