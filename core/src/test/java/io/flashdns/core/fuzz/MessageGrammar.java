package io.flashdns.core.fuzz;

import io.flashdns.core.dns.Wire;

/**
 * Makes messages: mostly questions that mean something, with everything in them that a sender can
 * get wrong.
 *
 * <p>A message is a function of its seed. What it bends: header bits and counts; names (of the
 * zones, beside them, below them, of 255 and 256 octets, of 127 labels, with labels of types 01 and
 * 10, with pointers into the header, forward, to themselves, and in chains); types, classes; OPT
 * (versions, two of them, broken options, an owner that is not the root); TSIG and SIG(0) in and
 * out of place; IXFR with its authority record; octets behind the end; and then, blindly, bits,
 * octets, cuts and splices. One thread.
 */
final class MessageGrammar {
  /** No message is longer; the limit of the format is {@link Wire#MAX_MESSAGE_BYTES}. */
  static final int MAX_BYTES = 4_096;

  private static final int OPT = 41;
  private static final int SIG = 24;
  private static final int TSIG = 250;
  private static final int IXFR = 251;

  private static final int[] TYPES = {
    1, 1, 1, 1, 2, 2, 5, 5, 6, 6, 12, 15, 15, 16, 16, 28, 28, 33, 35, 39, 41, 43, 43, 46, 47, 48,
    50, 51, 52, 64, 65, 65, 65, 99, 128, 249, 250, 251, 252, 253, 254, 255, 255, 255, 256, 257,
    65_280, 65_281, 65_400, 65_401, 65_535, 0, 13, 14, 17, 18, 29, 36
  };
  private static final int[] PAYLOADS = {
    0, 1, 511, 512, 512, 513, 600, 700, 800, 1_000, 1_220, 1_231, 1_232, 1_232, 1_232, 1_233, 4_096,
    4_096, 65_535
  };
  private static final int[] OCTETS = {
    0, 1, 12, 16, 0x3f, 0x40, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xff
  };

  private final byte[][] names;
  private final byte[][] seeds;
  private final Dice dice = new Dice();
  private byte[] out = new byte[MAX_BYTES];
  private int at;
  private int questionName;

  /**
   * @param names whole names in wire form, to ask for
   * @param seeds messages to damage
   */
  MessageGrammar(byte[][] names, byte[][] seeds) {
    this.names = names;
    this.seeds = seeds;
  }

  /**
   * Writes the message of a seed.
   *
   * @param target {@link #MAX_BYTES} octets
   * @return octets of the message
   */
  int write(long seed, byte[] target) {
    dice.seed(seed);
    out = target;
    at = 0;
    switch (dice.below(32)) {
      case 0 -> noise();
      case 1, 2 -> {
        append(seeds[dice.below(seeds.length)]);
        damage();
      }
      default -> {
        message();
        if (dice.oneIn(8)) {
          damage();
        }
      }
    }
    return at;
  }

  private void noise() {
    int length = dice.below(dice.oneIn(8) ? 600 : 64);
    for (int i = 0; i < length; i++) {
      put8(dice.below(256));
    }
    if (length > 3) {
      out[2] &= 0x7f;
    }
  }

  private void message() {
    put16(dice.below(0x1_0000));
    put16(flags());
    at = 12;
    int questions = dice.oneIn(48) ? dice.below(4) : 1;
    int type = 0;
    for (int i = 0; i < questions; i++) {
      questionName = at;
      name();
      type = dice.oneIn(8) ? dice.below(0x1_0000) : dice.oneOf(TYPES);
      put16(type);
      put16(recordClass());
    }
    int answers = dice.oneIn(64) ? records(dice.below(3)) : 0;
    int authorities = type == IXFR || dice.oneIn(64) ? records(dice.below(3)) : 0;
    int additionals = additionals();
    put16(4, lie(questions));
    put16(6, lie(answers));
    put16(8, lie(authorities));
    put16(10, lie(additionals));
    if (dice.oneIn(64)) {
      for (int i = dice.between(1, 20); i > 0; i--) {
        put8(dice.oneOf(OCTETS));
      }
    }
  }

  private int flags() {
    return switch (dice.below(64)) {
      case 0 -> dice.below(0x1_0000);
      case 1, 2 -> dice.below(0x8000);
      case 3, 4, 5, 6 -> dice.below(0x0800);
      default -> dice.below(2) << 8 | (dice.oneIn(8) ? 0x10 : 0) | (dice.oneIn(8) ? 0x20 : 0);
    };
  }

  private int recordClass() {
    return dice.oneIn(24) ? dice.oneOf(0, 2, 3, 4, 254, 255, dice.below(0x1_0000)) : 1;
  }

  private int lie(int count) {
    return dice.oneIn(160) ? dice.oneOf(0, 1, count + 1, count - 1, 0x1_0000 - 1, 256) : count;
  }

  private int additionals() {
    int count = 0;
    if (dice.oneIn(96)) {
      count += tsig();
    }
    if (dice.oneIn(48)) {
      count += records(1);
    }
    if (dice.below(8) < 5) {
      count += opt();
      if (dice.oneIn(64)) {
        count += opt();
      }
    }
    if (dice.oneIn(64)) {
      count += sig();
    }
    if (dice.oneIn(24)) {
      count += tsig();
    }
    return count;
  }

  private int opt() {
    if (dice.oneIn(64)) {
      name();
    } else if (dice.oneIn(64)) {
      put16(Wire.POINTER | dice.below(at));
    } else {
      put8(0);
    }
    put16(OPT);
    put16(dice.oneIn(16) ? dice.below(0x1_0000) : dice.oneOf(PAYLOADS));
    put8(dice.oneIn(24) ? dice.below(256) : 0);
    put8(dice.oneIn(24) ? dice.oneOf(1, 2, 255) : 0);
    put16((dice.oneIn(2) ? 0x8000 : 0) | (dice.oneIn(24) ? dice.below(0x8000) : 0));
    int lengthAt = at;
    put16(0);
    if (dice.oneIn(3)) {
      for (int i = dice.between(1, 4); i > 0; i--) {
        option();
      }
    }
    put16(lengthAt, at - lengthAt - 2 + wrong());
    return 1;
  }

  private void option() {
    int code = dice.oneOf(3, 3, 8, 10, 10, 11, 12, 15, 20_292, 65_001, dice.below(0x1_0000));
    int length =
        switch (code) {
          case 3 -> dice.oneIn(8) ? dice.below(20) : 0;
          case 8 -> dice.oneOf(4, 7, 8, 11, 20);
          case 10 -> dice.oneOf(8, 16, 24, 40, 7, 41);
          case 11 -> dice.oneOf(0, 2);
          default -> dice.below(dice.oneIn(4) ? 300 : 12);
        };
    put16(code);
    put16(length + wrong());
    for (int i = 0; i < length; i++) {
      put8(dice.below(256));
    }
  }

  private int tsig() {
    name();
    put16(TSIG);
    put16(dice.oneIn(16) ? 1 : 255);
    put32(dice.oneIn(16) ? dice.below(0x1_0000) : 0);
    int lengthAt = at;
    put16(0);
    if (dice.oneIn(6)) {
      name();
    } else {
      append(dice.oneIn(2) ? HMAC_SHA256 : HMAC_MD5);
    }
    put16(0);
    put32((int) dice.bits());
    put16(300);
    int mac = dice.oneOf(0, 16, 32, 64);
    put16(mac + wrong());
    for (int i = 0; i < mac; i++) {
      put8(dice.below(256));
    }
    put16(dice.below(0x1_0000));
    put16(dice.oneIn(4) ? dice.oneOf(16, 17, 18) : 0);
    int other = dice.oneIn(8) ? 6 : 0;
    put16(other);
    for (int i = 0; i < other; i++) {
      put8(i);
    }
    if (dice.oneIn(12)) {
      at = Math.max(lengthAt + 2, at - dice.below(60));
    }
    put16(lengthAt, at - lengthAt - 2 + wrong());
    return 1;
  }

  private static final byte[] HMAC_SHA256 = {
    11, 'h', 'm', 'a', 'c', '-', 's', 'h', 'a', '2', '5', '6', 0
  };
  private static final byte[] HMAC_MD5 = {
    8, 'h', 'm', 'a', 'c', '-', 'm', 'd', '5', 7, 's', 'i', 'g', '-', 'a', 'l', 'g', 3, 'r', 'e',
    'g', 3, 'i', 'n', 't', 0
  };

  /** SIG(0), RFC 2931 §3. */
  private int sig() {
    put8(0);
    put16(SIG);
    put16(255);
    put32(0);
    int lengthAt = at;
    put16(0);
    for (int i = 0; i < 18; i++) {
      put8(dice.below(4));
    }
    recordName();
    for (int i = dice.below(64); i > 0; i--) {
      put8(dice.below(256));
    }
    put16(lengthAt, at - lengthAt - 2 + wrong());
    return 1;
  }

  private int records(int count) {
    for (int i = 0; i < count; i++) {
      int chain = dice.oneIn(6) ? pointerChain() : 0;
      if (chain != 0) {
        put16(Wire.POINTER | chain);
        i++;
      } else {
        recordName();
      }
      put16(dice.oneIn(3) ? dice.below(0x1_0000) : dice.oneOf(TYPES));
      put16(recordClass());
      put32(dice.below(0x1_0000));
      int lengthAt = at;
      put16(0);
      if (dice.oneIn(3)) {
        recordName();
      }
      for (int n = dice.below(24); n > 0; n--) {
        put8(dice.oneOf(OCTETS));
      }
      put16(lengthAt, at - lengthAt - 2 + wrong());
    }
    return count;
  }

  /**
   * A record whose data is pointers, each to the one before, and the offset of the last: a name of
   * many hops.
   */
  private int pointerChain() {
    put8(0);
    put16(65_300);
    put16(1);
    put32(0);
    int hops = dice.oneOf(1, 2, 30, 126, 127, 128, 500);
    put16(2 * hops);
    int target = dice.oneIn(4) ? dice.below(at) : questionName;
    for (int i = 0; i < hops; i++) {
      int here = at;
      put16(Wire.POINTER | target);
      target = here;
    }
    return target;
  }

  private void recordName() {
    switch (dice.below(8)) {
      case 0 -> put8(0);
      case 1, 2, 3 -> put16(Wire.POINTER | questionName);
      case 4 -> put16(Wire.POINTER | dice.below(Math.min(at + 4, Wire.MAX_POINTER)));
      case 5 -> {
        put8(1);
        put8('x');
        put16(Wire.POINTER | dice.below(at));
      }
      default -> name();
    }
  }

  private void name() {
    int start = at;
    switch (dice.below(80)) {
      case 0 -> put8(0);
      case 1 -> {
        for (int i = dice.between(1, 5); i > 0; i--) {
          label(dice.between(1, 12));
        }
        put8(0);
      }
      case 2 -> longName(255, dice.between(1, 63));
      case 3 -> longName(dice.between(250, 258), dice.between(20, 63));
      case 4 -> longName(dice.between(253, 257), 1);
      case 5 -> {
        label(dice.below(8) + 1);
        put8(dice.oneOf(0x40, 0x41, 0x7f, 0x80, 0xbf, 0xc0, 0xff));
        put8(dice.below(256));
        put8(0);
      }
      case 6 -> put16(Wire.POINTER | dice.oneOf(0, 4, 11, 12, start, start + 2, 0x3fff));
      case 7, 8, 9 -> {
        put8(1);
        put8('*');
        append(names[dice.below(names.length)]);
      }
      default -> nameOfZone();
    }
    if (dice.oneIn(4)) {
      for (int i = start; i < at; i++) {
        int octet = out[i] & 0xdf;
        if (octet >= 'A' && octet <= 'Z' && dice.oneIn(2)) {
          out[i] ^= 0x20;
        }
      }
    }
  }

  private void nameOfZone() {
    byte[] name = names[dice.below(names.length)];
    int from = 0;
    switch (dice.below(12)) {
      case 0, 1 -> from = name[0] == 0 ? 0 : 1 + name[0];
      case 2, 3, 4 -> {
        for (int i = dice.between(1, 3); i > 0; i--) {
          label(dice.oneIn(16) ? 63 : dice.between(1, 6));
        }
      }
      case 5 -> {
        // So long before the name that all of it has just 255 octets, or one more.
        int free = 255 - name.length + (dice.oneIn(4) ? 1 : 0);
        while (free > 1) {
          int octets = Math.min(63, free - 1);
          octets -= free - 1 - octets == 1 && octets > 1 ? 1 : 0;
          label(octets);
          free -= octets + 1;
        }
      }
      default -> {}
    }
    int start = at;
    append(name, from, name.length - from);
    if (dice.oneIn(24) && at > start) {
      out[dice.between(start, at - 1)] = (byte) dice.below(256);
    }
  }

  private void longName(int octets, int labelOctets) {
    int start = at;
    while (at - start + 2 + labelOctets <= octets) {
      label(labelOctets);
    }
    if (at - start + 3 <= octets) {
      label(octets - 2 - (at - start));
    }
    put8(0);
  }

  private void label(int octets) {
    put8(octets);
    boolean any = dice.oneIn(8);
    for (int i = 0; i < octets; i++) {
      put8(any ? dice.below(256) : 'a' + dice.below(26));
    }
  }

  private int wrong() {
    return dice.oneIn(96) ? dice.oneOf(-1, 1, 2, -2, 255, 65_535, -12) : 0;
  }

  private void damage() {
    for (int i = dice.between(1, 3); i > 0 && at > 0; i--) {
      int where = dice.below(at);
      switch (dice.below(10)) {
        case 0 -> out[where] ^= (byte) (1 << dice.below(8));
        case 1 -> out[where] = (byte) dice.oneOf(OCTETS);
        case 2 -> out[where] = (byte) dice.below(256);
        case 3 -> at = where;
        case 4 -> {
          int size = Math.min(dice.between(1, 8), MAX_BYTES - at);
          System.arraycopy(out, where, out, where + size, at - where);
          at += size;
        }
        case 5 -> {
          int size = Math.min(dice.between(1, 8), at - where);
          System.arraycopy(out, where + size, out, where, at - where - size);
          at -= size;
        }
        case 6 -> put16(where, Wire.POINTER | dice.below(at + 2));
        case 7 -> put16(where, dice.oneOf(0, 1, 0xffff, at, at - where));
        case 8 -> {
          byte[] other = seeds[dice.below(seeds.length)];
          int size = Math.min(dice.below(other.length + 1), MAX_BYTES - where);
          System.arraycopy(other, other.length - size, out, where, size);
          at = Math.max(at, where + size);
        }
        default -> append(out, where, at - where);
      }
    }
    at = Math.min(at, MAX_BYTES);
  }

  private void append(byte[] octets) {
    append(octets, 0, octets.length);
  }

  private void append(byte[] octets, int from, int octetCount) {
    int count = Math.min(octetCount, MAX_BYTES - at);
    System.arraycopy(octets, from, out, at, count);
    at += count;
  }

  private void put8(int value) {
    if (at < MAX_BYTES) {
      out[at++] = (byte) value;
    }
  }

  private void put16(int value) {
    put8(value >>> 8);
    put8(value);
  }

  private void put32(int value) {
    put16(value >>> 16);
    put16(value);
  }

  private void put16(int where, int value) {
    if (where + 1 < MAX_BYTES) {
      out[where] = (byte) (value >>> 8);
      out[where + 1] = (byte) value;
    }
  }
}
