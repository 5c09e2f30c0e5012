package io.flashdns.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SourceFilterTest {
  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private final Random random = new Random(5);

  private SourceFilter filter(boolean ipv6, double pass, long... sources) {
    double[] passes = new double[sources.length];
    Arrays.fill(passes, pass);
    return new SourceFilter(ipv6, sources, passes, sources.length, random);
  }

  /** 127.0.0.0 and so many. */
  private static long loopback(int number) {
    return 0x7f00_0000L + number;
  }

  /** A bare socket that counts who gets through. */
  private static final class Receiver implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment errno = arena.allocate(Libc.ERRNO_BYTES, Long.BYTES);
    private final DatagramVector vector;
    private final boolean ipv6;
    private final int fd;
    private final InetSocketAddress address;

    Receiver(String host) throws IOException {
      TestServer.assumeAvailable(IoBackend.FFM);
      InetSocketAddress wanted = new InetSocketAddress(host, 0);
      ipv6 = Addresses.isIpv6(wanted);
      vector = new DatagramVector(ipv6, false, Limits.DATAGRAM_BYTES);
      fd =
          SystemCallException.check(
              "socket", Libc.socket(errno, ipv6 ? Libc.AF_INET6 : Libc.AF_INET, Libc.SOCK_DGRAM));
      MemorySegment name = NativeUdpSocket.socketAddress(arena, wanted, 0);
      SystemCallException.check("bind", Libc.bind(errno, fd, name));
      SystemCallException.check("getsockname", Libc.getsockname(errno, fd, name));
      address = Addresses.withPort(wanted, name.get(BIG_SHORT, 2) & 0xffff);
    }

    void attach(SourceFilter filter) throws IOException {
      SystemCallException.check("setsockopt", filter.attach(errno, fd));
    }

    void send(long source, int count) throws IOException {
      byte[] octets = {
        (byte) (source >> 24), (byte) (source >> 16), (byte) (source >> 8), (byte) source
      };
      send(InetAddress.getByAddress(octets), count);
    }

    void send(InetAddress source, int count) throws IOException {
      try (DatagramSocket socket = new DatagramSocket(0, source)) {
        for (int i = 0; i < count; i++) {
          socket.send(new DatagramPacket(new byte[20], 20, address));
        }
      }
    }

    /** What came of each source. A datagram on the loopback is in the queue once it is sent. */
    Map<Long, Integer> received() {
      Map<Long, Integer> counts = new HashMap<>();
      for (int n = receive(); n > 0; n = receive()) {
        for (int i = 0; i < n; i++) {
          assertThat(vector.length(i)).isEqualTo(20);
          long source = ipv6 ? vector.sourceHigh(i) : vector.sourceLow(i) & 0xffff_ffffL;
          counts.merge(source, 1, Integer::sum);
        }
      }
      return counts;
    }

    private int receive() {
      return Libc.recvmmsg(errno, fd, vector.receiveAddress(), DatagramVector.CAPACITY);
    }

    @Override
    public void close() {
      Libc.close(errno, fd);
      vector.close();
      arena.close();
    }
  }

  @Test
  void chosenSourcesAreDroppedAndTheirNeighboursPass() throws Exception {
    try (Receiver receiver = new Receiver("127.0.0.1")) {
      receiver.attach(filter(false, 0, loopback(0x102), loopback(0x104)));
      for (int i = 0x101; i <= 0x105; i++) {
        receiver.send(loopback(i), 3);
      }

      assertThat(receiver.received())
          .isEqualTo(Map.of(loopback(0x101), 3, loopback(0x103), 3, loopback(0x105), 3));
    }
  }

  @Test
  void fullFilterDropsAllItsSourcesAndNobodyElse() throws Exception {
    try (Receiver receiver = new Receiver("127.0.0.1")) {
      long[] sources = new long[SourceFilter.MAX_SOURCES];
      for (int i = 0; i < sources.length; i++) {
        sources[i] = loopback(0x1_0000 + 2 * i);
      }
      SourceFilter filter = filter(false, 0, sources);
      assertThat(filter.program()).hasSizeBetween(3_500, SourceFilter.MAX_INSTRUCTIONS);
      receiver.attach(filter);
      int passed = 0;
      for (int i = 0; i < 2 * sources.length; i++) {
        receiver.send(loopback(0x1_0000 + i), 1);
        if (i % 32 == 31) {
          Map<Long, Integer> received = receiver.received();
          assertThat(received.keySet()).allMatch(source -> source % 2 == 1);
          passed += received.size();
        }
      }

      assertThat(passed).isEqualTo(sources.length);
    }
  }

  @Test
  void thinnedSourceKeepsItsPart() throws Exception {
    try (Receiver receiver = new Receiver("127.0.0.1")) {
      long[] sources = {loopback(2), loopback(3), loopback(4)};
      receiver.attach(
          new SourceFilter(false, sources, new double[] {0.25, 1.0 / 16, 1}, 3, random));
      Map<Long, Integer> passed = new HashMap<>();
      for (int i = 0; i < 100; i++) {
        for (long source : sources) {
          receiver.send(source, 80);
        }
        receiver.received().forEach((source, count) -> passed.merge(source, count, Integer::sum));
      }

      // By seven standard deviations, of 8,000.
      assertThat(passed.get(loopback(2))).isBetween(2_000 - 271, 2_000 + 271);
      assertThat(passed.get(loopback(3))).isBetween(500 - 152, 500 + 152);
      assertThat(passed.get(loopback(4))).isEqualTo(8_000);
    }
  }

  @Test
  void filterIsReplacedAndTakenAway() throws Exception {
    try (Receiver receiver = new Receiver("127.0.0.1")) {
      receiver.attach(filter(false, 0, loopback(2)));
      receiver.attach(filter(false, 0, loopback(3)));
      receiver.send(loopback(2), 1);
      receiver.send(loopback(3), 1);
      assertThat(receiver.received()).containsOnlyKeys(loopback(2));

      assertThat(SourceFilter.detach(receiver.errno, receiver.fd)).isZero();
      receiver.send(loopback(3), 1);
      assertThat(receiver.received()).containsOnlyKeys(loopback(3));
      assertThat(SourceFilter.detach(receiver.errno, receiver.fd)).isNegative();
    }
  }

  @Test
  void networkOfIpv6IsDropped() throws Exception {
    WildcardTest.assumeIpv6();
    try (Receiver receiver = new Receiver("::1")) {
      InetAddress self = InetAddress.getByName("::1");
      receiver.attach(filter(true, 0, 1, 1L << 32, 1L << 63));
      receiver.send(self, 5);
      assertThat(receiver.received()).isEqualTo(Map.of(0L, 5));

      receiver.attach(filter(true, 0, 1, 0, 1L << 63));
      receiver.send(self, 5);
      assertThat(receiver.received()).isEmpty();
    }
  }

  @Test
  void queueTellsWhatTheFilterDropped() throws Exception {
    try (Receiver receiver = new Receiver("127.0.0.1");
        ReceiveQueue queue = new ReceiveQueue(receiver.errno, receiver.fd)) {
      receiver.attach(filter(false, 0, loopback(2)));
      assertThat(queue.look()).isTrue();
      receiver.send(loopback(2), 7);
      receiver.send(loopback(3), 5);

      assertThat(queue.look()).isTrue();
      assertThat(queue.dropped()).isEqualTo(7);
      assertThat(queue.bytes()).isGreaterThanOrEqualTo(5 * OverloadShield.LEAST_QUEUED_BYTES);
      assertThat(queue.fill()).isBetween(0.0, 1.0).isNotZero();
      assertThat(queue.look()).isTrue();
      assertThat(queue.dropped()).isZero();
    }
  }

  /** The kernel's machine, as far as it is used. */
  private static boolean passes(long[] program, boolean ipv6, long source, int drawn) {
    int a = 0;
    int x = 0;
    for (int at = 0; ; at++) {
      long instruction = program[at];
      int k = (int) (instruction >>> 32);
      int jumpTrue = (int) (instruction >>> 16) & 0xff;
      int jumpFalse = (int) (instruction >>> 24) & 0xff;
      switch ((int) instruction & 0xffff) {
        case SourceFilter.LOAD_WORD -> a = word(k, ipv6, source, drawn);
        case SourceFilter.LOAD_X -> x = k;
        case SourceFilter.A_TO_X -> x = a;
        case SourceFilter.MULTIPLY -> a *= k;
        case SourceFilter.SHIFT_RIGHT -> a >>>= k;
        case SourceFilter.XOR -> a ^= k;
        case SourceFilter.XOR_X -> a ^= x;
        case SourceFilter.JUMP -> at += k;
        case SourceFilter.JUMP_EQUAL -> at += a == k ? jumpTrue : jumpFalse;
        case SourceFilter.JUMP_AT_LEAST ->
            at += Integer.compareUnsigned(a, k) >= 0 ? jumpTrue : jumpFalse;
        case SourceFilter.JUMP_AT_LEAST_X ->
            at += Integer.compareUnsigned(a, x) >= 0 ? jumpTrue : jumpFalse;
        case SourceFilter.RETURN -> {
          return k != 0;
        }
        default -> throw new AssertionError("instruction " + Long.toHexString(instruction));
      }
    }
  }

  private static int word(int offset, boolean ipv6, long source, int drawn) {
    if (offset == SourceFilter.RANDOM) {
      return drawn;
    }
    return switch (offset - SourceFilter.NETWORK_HEADER) {
      case 8 -> {
        assertThat(ipv6).isTrue();
        yield (int) (source >>> 32);
      }
      case 12 -> (int) source;
      default -> throw new AssertionError("no source at " + offset);
    };
  }

  @Test
  void everySourceOfEverySizeOfFilterIsFound() {
    for (boolean ipv6 : new boolean[] {false, true}) {
      for (int count : new int[] {0, 1, 4, 5, 16, 17, 100, 1_000, SourceFilter.MAX_SOURCES}) {
        long mask = ipv6 ? -1 : 0xffff_ffffL;
        long[] sources =
            random.longs().map(source -> source & mask).distinct().limit(count).toArray();
        SourceFilter filter = filter(ipv6, 0.5, sources);
        long[] program = filter.program();

        assertThat(program).hasSizeLessThanOrEqualTo(SourceFilter.MAX_INSTRUCTIONS);
        for (long source : sources) {
          assertThat(passes(program, ipv6, source, Integer.MIN_VALUE)).isTrue();
          assertThat(passes(program, ipv6, source, Integer.MAX_VALUE)).isFalse();
        }
        for (int i = 0; i < 1_000; i++) {
          long other = random.nextLong() & mask;
          if (Arrays.stream(sources).noneMatch(source -> source == other)) {
            assertThat(passes(program, ipv6, other, 0)).isTrue();
          }
        }
      }
    }
  }

  @Test
  void hashesOfNeighboursDiffer() {
    SourceFilter filter = filter(true, 0);
    long distinct =
        random
            .ints(20_000, 0, 1 << 20)
            .distinct()
            .mapToLong(number -> (long) (number >> 10) << 32 | (number & 0x3ff))
            .mapToInt(filter::hash)
            .distinct()
            .count();

    assertThat(distinct).isGreaterThan(19_000);
    assertThat(filter(true, 0).hash(1)).isNotEqualTo(filter(true, 0).hash(1));
  }
}
