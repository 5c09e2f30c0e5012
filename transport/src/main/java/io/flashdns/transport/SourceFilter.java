package io.flashdns.transport;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * A program of the classic Berkeley packet filter (McCanne and Jacobson, USENIX Winter 1993) that
 * drops a random part of the datagrams of some sources, and lets all else pass. The kernel runs it
 * before a datagram takes room in the socket's queue; any process may give its own sockets one.
 *
 * <pre>{@code
 *   A = hash of the source, 31 bits      IPv4: the address; IPv6: the upper 64 bits
 *   binary search for A                  if (A >= k) goto the right half
 *     a leaf of up to four sources       if (A == h1) goto t1; if (A == h2) goto t2; accept
 *       t1: X = what is dropped, of 2^32; goto thin
 * thin:
 *   A = random number; if (A >= X) accept; drop
 * }</pre>
 *
 * The hash has secrets of its own in each filter: nobody can find a source that shares another's
 * fate, and if two do by chance (one in two million for a full filter), then only until the next
 * filter. Thirty-one bits, since the kernel needs a second instruction for a number with its upper
 * bit set. Jumps on a condition reach 255 instructions, so the right half is behind a jump without
 * one. A full filter has about 3,900 instructions, of 4,096 that are allowed, and costs a datagram
 * some 35 of them.
 *
 * <p><b>Cost</b>: some tenths of a millisecond to make and attach a full one.
 */
final class SourceFilter {
  /** Most sources of one filter. */
  static final int MAX_SOURCES = 1_024;

  /** BPF_MAXINSNS. */
  static final int MAX_INSTRUCTIONS = 4_096;

  private static final int LEAF_SOURCES = 4;

  // linux/bpf_common.h; k is the operand, X and A the registers.
  static final int LOAD_WORD = 0x20;
  static final int LOAD_X = 0x01;
  static final int MULTIPLY = 0x24;
  static final int SHIFT_RIGHT = 0x74;
  static final int XOR = 0xa4;
  static final int XOR_X = 0xac;
  static final int JUMP = 0x05;
  static final int JUMP_EQUAL = 0x15;
  static final int JUMP_AT_LEAST = 0x35;
  static final int JUMP_AT_LEAST_X = 0x3d;
  static final int RETURN = 0x06;
  static final int A_TO_X = 0x07;

  // linux/filter.h: offsets that mean something else.
  static final int NETWORK_HEADER = -0x100000;
  static final int RANDOM = -0x1000 + 56;

  /** Where the source's address stands in the header of the network layer. */
  static final int IPV4_SOURCE = 12;

  static final int IPV6_SOURCE = 8;

  /** More octets than a datagram has: all of them pass. */
  private static final int ACCEPT = -1;

  private static final int DROP = 0;

  private final boolean ipv6;
  private final int secret;
  private final int multiplier1;
  private final int multiplier2;

  /** In struct sock_filter's order: code 16 bits, two jumps of 8, k 32. */
  private final long[] program = new long[MAX_INSTRUCTIONS];

  private int length;

  /** Jumps to the part that draws a random number, which comes last. */
  private final int[] thinJumps;

  private int thinJumpCount;

  /**
   * @param ipv6 whether the socket has datagrams of IPv6, and no others
   * @param sources the first {@code count} are read, as {@link SourceTable} names them; none twice
   * @param passes the part of each source's datagrams that is to pass; 0 to 1
   * @param count at most {@link #MAX_SOURCES}
   */
  SourceFilter(boolean ipv6, long[] sources, double[] passes, int count, RandomGenerator secrets) {
    this.ipv6 = ipv6;
    secret = secrets.nextInt();
    multiplier1 = secrets.nextInt() | 1;
    multiplier2 = secrets.nextInt() | 1;
    thinJumps = new int[count];
    // The hash in the upper half, of 31 bits: they sort as they are.
    long[] rules = new long[count];
    for (int i = 0; i < count; i++) {
      long dropped = Math.min((long) ((1 - passes[i]) * 0x1p32), 0xffff_ffffL);
      rules[i] = (long) hash(sources[i]) << 32 | dropped;
    }
    Arrays.sort(rules);
    hashSource();
    search(rules, 0, count);
    for (int i = 0; i < thinJumpCount; i++) {
      int at = thinJumps[i];
      program[at] = instruction(JUMP, 0, 0, length - at - 1);
    }
    add(LOAD_WORD, 0, 0, RANDOM);
    add(JUMP_AT_LEAST_X, 0, 1, 0);
    add(RETURN, 0, 0, ACCEPT);
    add(RETURN, 0, 0, DROP);
  }

  /** What the program computes of a source. */
  int hash(long source) {
    int upper = ipv6 ? mix((int) (source >>> 32) ^ secret) : secret;
    return mix((int) source ^ upper) >>> 1;
  }

  private int mix(int value) {
    int mixed = value * multiplier1;
    mixed ^= mixed >>> 15;
    mixed *= multiplier2;
    return mixed ^ mixed >>> 16;
  }

  private void hashSource() {
    if (ipv6) {
      add(LOAD_WORD, 0, 0, NETWORK_HEADER + IPV6_SOURCE);
      add(XOR, 0, 0, secret);
      mixA();
      add(A_TO_X, 0, 0, 0);
      add(LOAD_WORD, 0, 0, NETWORK_HEADER + IPV6_SOURCE + 4);
      add(XOR_X, 0, 0, 0);
    } else {
      add(LOAD_WORD, 0, 0, NETWORK_HEADER + IPV4_SOURCE);
      add(XOR, 0, 0, secret);
    }
    mixA();
    add(SHIFT_RIGHT, 0, 0, 1);
  }

  private void mixA() {
    add(MULTIPLY, 0, 0, multiplier1);
    xorShifted(15);
    add(MULTIPLY, 0, 0, multiplier2);
    xorShifted(16);
  }

  private void xorShifted(int bits) {
    add(A_TO_X, 0, 0, 0);
    add(SHIFT_RIGHT, 0, 0, bits);
    add(XOR_X, 0, 0, 0);
  }

  private void search(long[] rules, int from, int to) {
    int count = to - from;
    if (count <= LEAF_SOURCES) {
      leaf(rules, from, to);
      return;
    }
    int middle = (from + to) >>> 1;
    add(JUMP_AT_LEAST, 0, 1, (int) (rules[middle] >>> 32));
    int toRight = length++;
    search(rules, from, middle);
    program[toRight] = instruction(JUMP, 0, 0, length - toRight - 1);
    search(rules, middle, to);
  }

  private void leaf(long[] rules, int from, int to) {
    int count = to - from;
    for (int i = 0; i < count; i++) {
      // Behind the comparisons and the return, two instructions for each source.
      add(JUMP_EQUAL, count + i, 0, (int) (rules[from + i] >>> 32));
    }
    add(RETURN, 0, 0, ACCEPT);
    for (int i = from; i < to; i++) {
      add(LOAD_X, 0, 0, (int) rules[i]);
      thinJumps[thinJumpCount++] = length++;
    }
  }

  private void add(int code, int jumpTrue, int jumpFalse, int k) {
    program[length++] = instruction(code, jumpTrue, jumpFalse, k);
  }

  private static long instruction(int code, int jumpTrue, int jumpFalse, int k) {
    return code | (long) jumpTrue << 16 | (long) jumpFalse << 24 | (long) k << 32;
  }

  /** The program, an instruction in each number. */
  long[] program() {
    return Arrays.copyOf(program, length);
  }

  /**
   * Gives a socket this filter, in the place of the one that it has.
   *
   * @return 0, or {@code -errno}
   */
  int attach(MemorySegment errno, int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment instructions = arena.allocate((long) length * Long.BYTES, Long.BYTES);
      MemorySegment.copy(program, 0, instructions, JAVA_LONG, 0, length);
      // struct sock_fprog { unsigned short len; struct sock_filter *filter; }
      MemorySegment whole = arena.allocate(16, Long.BYTES);
      whole.set(JAVA_SHORT, 0, (short) length);
      whole.set(JAVA_LONG, 8, instructions.address());
      return Libc.setsockopt(errno, fd, Libc.SOL_SOCKET, Libc.SO_ATTACH_FILTER, whole);
    }
  }

  /** Takes the filter from a socket; {@code -errno} when it has none. */
  static int detach(MemorySegment errno, int fd) {
    return Libc.setsockopt(errno, fd, Libc.SOL_SOCKET, Libc.SO_DETACH_FILTER, 0);
  }
}
