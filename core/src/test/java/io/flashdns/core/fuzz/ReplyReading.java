package io.flashdns.core.fuzz;

import java.util.Arrays;

/**
 * A reply, read by a strict reader that shares no line with the server: every octet belongs to
 * something, every compression pointer goes to where a name, or the rest of one, was read before,
 * and only where names may be compressed at all (RFC 3597 §4).
 *
 * <p>Names and data are unfolded into one array, letters in lower case. Reused from reply to reply;
 * one thread.
 */
final class ReplyReading {
  static final int OPT = 41;
  static final int TSIG = 250;
  static final int CNAME = 5;
  static final int SOA = 6;
  static final int NS = 2;
  static final int DNAME = 39;

  private static final int POINTABLE = 0x4000;

  int id;
  int flags;
  final int[] counts = new int[4];
  int questionEnd;
  int questionNameLength;

  int records;
  int[] section = new int[64];
  int[] type = new int[64];
  int[] recordClass = new int[64];
  int[] ttl = new int[64];
  int[] ownerAt = new int[64];
  int[] ownerLength = new int[64];
  int[] dataAt = new int[64];
  int[] dataLength = new int[64];

  /** Names and data of all records; the question's name is at 0. */
  byte[] text = new byte[1 << 16];

  private final long[] nameStarts = new long[POINTABLE / 64];
  private byte[] message = new byte[0];
  private int length;
  private int used;

  int rcode() {
    return flags & 15;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /**
   * Reads a whole reply.
   *
   * @throws AssertionError when something in it is not as it must be
   */
  void read(byte[] reply, int replyLength) {
    message = reply;
    length = replyLength;
    used = 0;
    records = 0;
    Arrays.fill(nameStarts, 0, Math.min(nameStarts.length, (length >>> 6) + 1), 0);
    require(length >= 12, "a header of 12 octets");
    id = u16(0);
    flags = u16(2);
    for (int i = 0; i < 4; i++) {
      counts[i] = u16(4 + 2 * i);
    }
    require(counts[0] <= 1, "one question at most");
    int at = 12;
    questionNameLength = 0;
    if (counts[0] == 1) {
      at = name(at, false);
      questionNameLength = used;
      require(at + 4 <= length, "a whole question");
      at += 4;
    }
    questionEnd = at;
    for (int i = 1; i < 4; i++) {
      for (int n = counts[i]; n > 0; n--) {
        at = record(at, i);
      }
    }
    require(at == length, "no octet behind the last record");
  }

  /** Records of a type in a section: 1 answer, 2 authority, 3 additional. */
  int count(int in, int ofType) {
    int count = 0;
    for (int i = 0; i < records; i++) {
      count += section[i] == in && type[i] == ofType ? 1 : 0;
    }
    return count;
  }

  private int record(int start, int in) {
    if (records == section.length) {
      grow();
    }
    int r = records++;
    section[r] = in;
    ownerAt[r] = used;
    int at = name(start, true);
    ownerLength[r] = used - ownerAt[r];
    require(at + 10 <= length, "a whole record");
    type[r] = u16(at);
    recordClass[r] = u16(at + 2);
    ttl[r] = u16(at + 4) << 16 | u16(at + 6);
    int end = at + 10 + u16(at + 8);
    require(end <= length, "data that ends before the message does");
    dataAt[r] = used;
    data(at + 10, end, type[r]);
    dataLength[r] = used - dataAt[r];
    return end;
  }

  /**
   * Types with names in their data: octets before, how many names, and whether they may be
   * compressed.
   */
  private void data(int start, int end, int ofType) {
    switch (ofType) {
      case 2, 3, 4, 5, 7, 8, 9, 12 -> data(start, end, 0, 1, true);
      case 6, 14 -> data(start, end, 0, 2, true);
      case 15 -> data(start, end, 2, 1, true);
      case 17 -> data(start, end, 0, 2, false);
      case 18, 36, 64, 65 -> data(start, end, 2, 1, false);
      case 33 -> data(start, end, 6, 1, false);
      case 39, 47 -> data(start, end, 0, 1, false);
      case 46 -> data(start, end, 18, 1, false);
      default -> copy(start, end);
    }
  }

  private void data(int start, int end, int before, int names, boolean compressed) {
    require(start + before <= end, "data as long as its type needs");
    copy(start, start + before);
    int at = start + before;
    for (int i = 0; i < names; i++) {
      at = name(at, compressed);
      require(at <= end, "a name inside its record's data");
    }
    copy(at, end);
  }

  /** Reads a name, unfolds it into {@link #text} and returns the offset after it in the message. */
  private int name(int start, boolean mayPoint) {
    int at = start;
    int after = -1;
    int from = used;
    while (true) {
      require(at < length, "a name that ends before the message does");
      int octets = message[at] & 0xff;
      if (after < 0 && at < POINTABLE) {
        nameStarts[at >>> 6] |= 1L << at;
      }
      if (octets >= 0xc0) {
        require(mayPoint, "no pointer here");
        require(at + 1 < length, "a whole pointer");
        int target = u16(at) & 0x3fff;
        require(target < start && isNameStart(target), "a pointer to an earlier name");
        after = after < 0 ? at + 2 : after;
        at = target;
        continue;
      }
      require(octets <= 63, "labels of type 00");
      require(at + octets < length, "a whole label");
      copy(at, at + 1 + octets);
      require(used - from <= 255, "a name of at most 255 octets");
      at += 1 + octets;
      if (octets == 0) {
        return after < 0 ? at : after;
      }
    }
  }

  private boolean isNameStart(int offset) {
    return (nameStarts[offset >>> 6] & 1L << offset) != 0;
  }

  private void copy(int from, int to) {
    int count = to - from;
    if (used + count > text.length) {
      text = Arrays.copyOf(text, 2 * (used + count));
    }
    for (int i = 0; i < count; i++) {
      text[used + i] = KnownRecords.fold(message[from + i]);
    }
    used += count;
  }

  private void grow() {
    int size = 2 * section.length;
    section = Arrays.copyOf(section, size);
    type = Arrays.copyOf(type, size);
    recordClass = Arrays.copyOf(recordClass, size);
    ttl = Arrays.copyOf(ttl, size);
    ownerAt = Arrays.copyOf(ownerAt, size);
    ownerLength = Arrays.copyOf(ownerLength, size);
    dataAt = Arrays.copyOf(dataAt, size);
    dataLength = Arrays.copyOf(dataLength, size);
  }

  private int u16(int at) {
    return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
  }

  private static void require(boolean held, String wanted) {
    if (!held) {
      throw new AssertionError("the reply must have " + wanted);
    }
  }
}
