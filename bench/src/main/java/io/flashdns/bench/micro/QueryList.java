package io.flashdns.bench.micro;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.SplittableRandom;

/**
 * Messages in random order, one behind the other in one array: what a benchmark asks, round and
 * round.
 *
 * <p>Longer than what the processor can learn by heart. One thread.
 */
final class QueryList {
  private static final int MAX_QUERY_BYTES = 128;
  private static final int OPT_BYTES = 11;
  private static final int PAYLOAD_BYTES = 1_232;
  private static final int DO = 0x8000;

  private final byte[] octets;
  private final int[] offsets;
  private int count;
  private int next;

  private QueryList(int capacity) {
    octets = new byte[capacity * MAX_QUERY_BYTES];
    offsets = new int[capacity + 1];
  }

  /** {@code count} questions of one kind to zones 0 to {@code zones - 1}. */
  static QueryList of(AnswerKind kind, int zones, int names, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    QueryList list = new QueryList(count);
    for (int i = 0; i < count; i++) {
      list.add(kind, BenchZone.apex(random.nextInt(zones)), names, random);
    }
    return list;
  }

  private void add(AnswerKind kind, DomainName apex, int names, SplittableRandom random) {
    String labels =
        switch (kind) {
          case HIT, NODATA, ANY -> BenchZone.host(random.nextInt(BenchZone.hosts(names)));
          // Beside existing names, not before or behind them all.
          case NXDOMAIN, SIGNED_NXDOMAIN ->
              BenchZone.host(random.nextInt(BenchZone.hosts(names))) + "x" + random.nextInt(1_000);
          case REFERRAL ->
              "www." + BenchZone.delegation(random.nextInt(BenchZone.delegations(names)));
          case CNAME -> BenchZone.alias(random.nextInt(BenchZone.aliases(names)));
          case WILDCARD -> "a" + random.nextInt(1 << 20) + ".wild";
        };
    byte[] name = DomainName.parse(labels, apex).wire();
    int at = offsets[count];
    Wire.put16(octets, at + Wire.ID, random.nextInt(0x1_0000));
    Wire.put16(octets, at + Wire.QDCOUNT, 1);
    System.arraycopy(name, 0, octets, at + Wire.HEADER_BYTES, name.length);
    int end = at + Wire.HEADER_BYTES + name.length;
    Wire.put16(octets, end, kind.type());
    Wire.put16(octets, end + 2, RecordClass.IN);
    end += 4;
    if (kind.isSigned()) {
      Wire.put16(octets, at + Wire.ARCOUNT, 1);
      Wire.put16(octets, end + 1, RecordType.OPT);
      Wire.put16(octets, end + 3, PAYLOAD_BYTES);
      Wire.put16(octets, end + 7, DO);
      end += OPT_BYTES;
    }
    offsets[++count] = end;
  }

  /** Copies the next message to the start of {@code packet} and returns its octets. */
  int copyNext(byte[] packet) {
    int index = next;
    next = index + 1 == count ? 0 : index + 1;
    int from = offsets[index];
    int length = offsets[index + 1] - from;
    System.arraycopy(octets, from, packet, 0, length);
    return length;
  }

  /** Number of messages. */
  int size() {
    return count;
  }
}
