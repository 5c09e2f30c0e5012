package io.flashdns.core.plugin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Networks with a number each: which one holds an address, the longest prefix first.
 *
 * <p>Immutable; safe for all threads; allocates nothing when asked. The nested networks are cut
 * into ranges that do not overlap, in order of their first address. The upper bits of an address
 * lead to the few ranges that can hold it, among which a binary search finds the one: some 3 ns for
 * one network, 10 to 30 ns for thousands.
 */
public final class NetworkTable {
  /** No network holds the address. */
  public static final int NONE = -1;

  private static final long IPV4_LO = 0xffff_0000_0000L;

  private final long[] startHi;
  private final long[] startLo;
  private final int[] values;

  /** Most upper bits of an address that are looked up. */
  private static final int MAX_INDEX_BITS = 16;

  /** For the upper bits of an IPv4 address, and for the end: the last range that starts before. */
  private final int[] ipv4Ranges;

  private final int ipv4Shift;

  /** The same for the distance of an IPv6 address's upper half from the first one of a start. */
  private final int[] ipv6Ranges;

  private final int ipv6Shift;
  private final long ipv6First;

  private NetworkTable(long[] startHi, long[] startLo, int[] values) {
    this.startHi = startHi;
    this.startLo = startLo;
    this.values = values;
    int last = values.length - 1;
    int bits =
        Math.clamp(Integer.SIZE - Integer.numberOfLeadingZeros(values.length), 1, MAX_INDEX_BITS);
    this.ipv4Shift = Integer.SIZE - bits;
    this.ipv4Ranges = new int[(1 << bits) + 1];
    for (int i = 0; i < 1 << bits; i++) {
      ipv4Ranges[i] = search(0, last, 0, IPV4_LO | ((long) i << ipv4Shift));
    }
    ipv4Ranges[1 << bits] = search(0, last, 0, IPV4_LO | 0xffff_ffffL);
    int first = 0;
    while (first <= last && startHi[first] == 0) {
      first++;
    }
    this.ipv6First = first > last ? -1L : startHi[first];
    long span = first > last ? 0 : startHi[last] - ipv6First;
    // At least 1, so that the shifted distance is never negative.
    this.ipv6Shift = Math.max(1, Long.SIZE - Long.numberOfLeadingZeros(span) - bits);
    int buckets = (int) (span >>> ipv6Shift) + 1;
    this.ipv6Ranges = new int[buckets + 1];
    for (int i = 0; i < buckets; i++) {
      ipv6Ranges[i] = search(0, last, ipv6First + ((long) i << ipv6Shift), 0);
    }
    ipv6Ranges[buckets] = last;
  }

  /** A table for {@link #contains}. */
  public static NetworkTable of(Collection<Network> networks) {
    List<Map.Entry<Network, Integer>> entries = new ArrayList<>();
    for (Network network : new HashSet<>(networks)) {
      entries.add(Map.entry(network, 0));
    }
    return of(entries);
  }

  /**
   * A table for {@link #find}.
   *
   * @param entries networks and their numbers, 0 or more
   * @throws IllegalArgumentException when a network is named twice
   */
  public static NetworkTable of(List<Map.Entry<Network, Integer>> entries) {
    Set<Network> seen = new HashSet<>();
    List<Map.Entry<Network, Integer>> sorted = new ArrayList<>(entries);
    // Long prefixes last: they overwrite what the shorter ones said of their part.
    sorted.sort(Comparator.comparingInt(entry -> entry.getKey().prefixBits()));
    TreeSet<long[]> starts = new TreeSet<>(NetworkTable::compare);
    starts.add(new long[] {0, 0});
    if (!sorted.isEmpty()) {
      // IPv4 has ranges of its own: what holds for ::/0 does not hold there.
      starts.add(new long[] {0, 0xffff_0000_0000L});
      starts.add(new long[] {0, 0x1_0000_0000_0000L});
    }
    for (Map.Entry<Network, Integer> entry : sorted) {
      Network network = entry.getKey();
      if (!seen.add(network)) {
        throw new IllegalArgumentException("the network " + network + " is named twice");
      }
      if (entry.getValue() < 0) {
        throw new IllegalArgumentException("the number of " + network + " is negative");
      }
      starts.add(new long[] {network.hi(), network.lo()});
      long endHi = network.hi() | ~Network.maskHi(network.prefixBits());
      long endLo = network.lo() | ~Network.maskLo(network.prefixBits());
      if (endLo != -1L) {
        starts.add(new long[] {endHi, endLo + 1});
      } else if (endHi != -1L) {
        starts.add(new long[] {endHi + 1, 0});
      }
    }
    long[] hi = new long[starts.size()];
    long[] lo = new long[starts.size()];
    int count = 0;
    for (long[] start : starts) {
      hi[count] = start[0];
      lo[count++] = start[1];
    }
    int[] values = new int[count];
    Arrays.fill(values, NONE);
    for (Map.Entry<Network, Integer> entry : sorted) {
      Network network = entry.getKey();
      int range = search(hi, lo, 0, count - 1, network.hi(), network.lo());
      long maskHi = Network.maskHi(network.prefixBits());
      long maskLo = Network.maskLo(network.prefixBits());
      for (;
          range < count
              && (hi[range] & maskHi) == network.hi()
              && (lo[range] & maskLo) == network.lo();
          range++) {
        if (network.contains(hi[range], lo[range])) {
          values[range] = entry.getValue();
        }
      }
    }
    return new NetworkTable(hi, lo, values);
  }

  /** The number of the longest network that holds an address, or {@link #NONE}. */
  public int find(long hi, long lo) {
    return values[hi == 0 && lo >>> 32 == 0xffff ? ipv4Range(lo) : range(hi, lo)];
  }

  /** True when a network holds an address. */
  public boolean contains(long hi, long lo) {
    return find(hi, lo) != NONE;
  }

  /** True when no network is in it. */
  public boolean isEmpty() {
    return values.length == 1 && values[0] == NONE;
  }

  private int ipv4Range(long lo) {
    int bucket = (int) lo >>> ipv4Shift;
    int range = ipv4Ranges[bucket];
    int count = ipv4Ranges[bucket + 1] - range + 1;
    while (count > 1) {
      int half = count >>> 1;
      // All starts here are below 2 to the 48: the sign of the difference, -1 or 0, is the answer.
      range += half & (int) ((startLo[range + half] - lo - 1) >> 63);
      count -= half;
    }
    return range;
  }

  private int range(long hi, long lo) {
    if (Long.compareUnsigned(hi, ipv6First) < 0) {
      return search(0, values.length - 1, hi, lo);
    }
    long distance = hi - ipv6First;
    int bucket = (int) Math.min(distance >>> ipv6Shift, ipv6Ranges.length - 2);
    return search(ipv6Ranges[bucket], ipv6Ranges[bucket + 1], hi, lo);
  }

  /** The last start, of those from {@code from} to {@code to}, that is not behind the address. */
  private int search(int from, int to, long hi, long lo) {
    return search(startHi, startLo, from, to, hi, lo);
  }

  /** The same; the first one is never behind it, for zero is a start. */
  private static int search(long[] startHi, long[] startLo, int from, int to, long hi, long lo) {
    int low = from;
    int high = to;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      int order = Long.compareUnsigned(startHi[middle], hi);
      if (order < 0 || (order == 0 && Long.compareUnsigned(startLo[middle], lo) <= 0)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private static int compare(long[] one, long[] other) {
    int order = Long.compareUnsigned(one[0], other[0]);
    return order != 0 ? order : Long.compareUnsigned(one[1], other[1]);
  }
}
