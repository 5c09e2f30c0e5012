package io.flashdns.plugins.ratelimit;

import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;

/**
 * One worker's part: finds the loads of a source's prefixes, and counts the reply in all of them or
 * in none.
 *
 * <p>The arrays hold what belongs to the reply at hand, an element for each prefix of its family,
 * the longest first.
 *
 * <p>Where a prefix lies in the line of a wider one, the limit of the wider one keeps its parts
 * from filling the line: at full flood of a prefix of 18 bits it and its parts of 20 take the room
 * of four slots of the eight (1 + 768 / 256), of 64 bits and its addresses three (1 + 2 / 1), of 48
 * and its parts of 56 seven thirds (1 + 4 / 3).
 */
final class RateLimitHook implements Shaper {
  /** What a reply's OPT record takes at most, options of this server's plugins included. */
  private static final int OPT_BYTES = 11 + 48;

  private static final int MARGIN_BYTES = 4;
  private static final long IPV4_TOP = 0xffff;

  /** Parts the kinds of keys from each other: the addresses of one never look like another's. */
  private static final int KIND_BITS = 4;

  private static final long WEYL = 0x9e37_79b9_7f4a_7c15L;

  /** The bit of a tag that tells a prefix from its parts in the same line. */
  private static final int WHOLE = 0x8000;

  private static final int ODD = 0x6b43;

  private final RateLimitPlugin plugin;
  private final Whitelist whitelist;
  private final LoadTable table;
  private final Budgets budgets;
  private final Decay decay;
  private final Counts counts;
  private final OctetDebts debts = new OctetDebts();

  private final int[] slots = new int[Prefix.OF_IPV6];
  private final long[] seen = new long[Prefix.OF_IPV6];
  private final int[] tags = new int[Prefix.OF_IPV6];
  private final int[] charges = new int[Prefix.OF_IPV6];
  private long draws;
  private int heldBack;

  RateLimitHook(RateLimitPlugin plugin, LoadTable table, Counts counts) {
    this.plugin = plugin;
    this.whitelist = plugin.whitelist();
    this.table = table;
    this.budgets = plugin.budgets();
    this.decay = budgets.decay();
    this.counts = counts;
  }

  @Override
  public Verdict shape(Query query, Response response) {
    if (query.isSourceProven() || whitelist.contains(query.sourceHi(), query.sourceLo())) {
      return Verdict.CONTINUE;
    }
    int category = Category.of(response.rcode());
    return budgets.isFree(category) ? Verdict.CONTINUE : limit(category, query, response);
  }

  private Verdict limit(int category, Query query, Response response) {
    long hi = query.sourceHi();
    long lo = query.sourceLo();
    int now = decay.tick(query.receivedNanos());
    boolean ipv4 = hi == 0 && lo >>> 32 == IPV4_TOP;
    int first = ipv4 ? 0 : Prefix.OF_IPV4;
    int levels = ipv4 ? Prefix.OF_IPV4 : Prefix.OF_IPV6;
    int cell = ipv4 ? findIpv4(category, (int) lo) : findIpv6(category, hi, lo);
    int budget = Budgets.index(category, first);
    int draw = (int) ((draws += WEYL) >>> 56);
    boolean crowded = false;
    for (int i = 0; i < levels; i++) {
      long slot = seen[i];
      if (!LoadTable.isOf(slot, tags[i])) {
        slots[i] = table.search(slots[i], tags[i], now);
        slot = table.read(slots[i]);
        seen[i] = slot;
      }
      int load = table.load(slot, now);
      if (load + budgets.exact(budget + i) > Decay.LIMIT) {
        return holdBack(category, first + i, cell, query, response);
      }
      charges[i] = budgets.charge(budget + i, load, draw);
      crowded |= load >= Budgets.HALF;
    }
    for (int i = 0; i < levels; i++) {
      if (charges[i] != 0) {
        table.charge(slots[i], seen[i], tags[i], now, charges[i]);
      }
    }
    if (crowded) {
      int octets = response.length() + (query.hasEdns() ? OPT_BYTES : 0);
      if (octets > query.messageLength()) {
        debts.owe(cell, query.receivedNanos(), octets - query.messageLength() + MARGIN_BYTES);
      }
    }
    return Verdict.CONTINUE;
  }

  /**
   * Fills the slots of an IPv4 address, of three lines: a prefix of 20 bits lies in the line of its
   * prefix of 18. Returns the cell of its debts.
   */
  private int findIpv4(int category, int address) {
    int kind = category << KIND_BITS;
    long one = table.hash(kind, address);
    long net = table.hash(kind | 1, address >>> 8);
    long region = table.hash(kind | 2, address >>> 14);
    int netLine = table.line(net);
    int regionLine = table.line(region);
    put(0, table.line(one), tag(one), home(one));
    put(1, netLine, tag(net), home(net));
    putPart(2, regionLine, region, address >>> 12 & 3);
    put(3, regionLine, tag(region) | WHOLE, home(region));
    return netLine >>> 3;
  }

  /**
   * Fills the slots of an IPv6 address, of three lines: an address lies in the line of its prefix
   * of 64 bits, a prefix of 56 in that of its prefix of 48. Returns the cell of its debts.
   */
  private int findIpv6(int category, long hi, long lo) {
    int kind = category << KIND_BITS;
    long subnet = table.hash(hi, kind | 3);
    long host = table.hash(lo, subnet);
    long site = table.hash(hi >>> 16, kind | 4);
    long provider = table.hash(hi >>> 32, kind | 5);
    int subnetLine = table.line(subnet);
    int siteLine = table.line(site);
    put(0, subnetLine, tag(host) & ~WHOLE, besides(subnet, home(host)));
    put(1, subnetLine, tag(subnet) | WHOLE, home(subnet));
    putPart(2, siteLine, site, (int) (hi >>> 8) & 0xff);
    put(3, siteLine, tag(site) | WHOLE, home(site));
    put(4, table.line(provider), tag(provider), home(provider));
    return siteLine >>> 3;
  }

  /** Finds the slot of one of up to 256 parts of a prefix, whose tags all differ. */
  private void putPart(int level, int line, long whole, int part) {
    int mixed = part * ODD;
    put(level, line, (tag(whole) + mixed) & (WHOLE - 1), besides(whole, mixed));
  }

  /** A home for a part other than that of the whole, so that they do not drive each other out. */
  private static int besides(long whole, int part) {
    return home(whole) + 1 + (part & 3);
  }

  /**
   * Reads the first slot of a prefix. All are read before one is looked at, so that the waits for
   * memory overlap.
   */
  private void put(int level, int line, int tag, int home) {
    int first = LoadTable.slot(line, home);
    tags[level] = tag;
    slots[level] = first;
    seen[level] = table.read(first);
  }

  private static int tag(long hash) {
    return (int) hash & 0xffff;
  }

  private static int home(long hash) {
    return (int) (hash >>> 16);
  }

  /** Over the limit: nothing is charged, so that a flood on one address leaves its prefix alone. */
  private Verdict holdBack(int category, int prefix, int cell, Query query, Response response) {
    counts.increment(plugin.byPrefix() + prefix);
    if (plugin.isDryRun()) {
      counts.increment(plugin.limited(category, Action.PASSED));
      return Verdict.CONTINUE;
    }
    boolean slips = ++heldBack >= plugin.slip() && plugin.slip() != 0;
    if (slips) {
      heldBack = 0;
      if (!debts.mustPay(cell, query.receivedNanos())) {
        counts.increment(plugin.limited(category, Action.TRUNCATED));
        response.withhold();
        return Verdict.CONTINUE;
      }
    }
    debts.owe(cell, query.receivedNanos(), -query.messageLength());
    counts.increment(plugin.limited(category, Action.DROPPED));
    return Verdict.DROP;
  }
}
