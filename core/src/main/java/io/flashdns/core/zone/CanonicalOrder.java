package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;

/**
 * Sorts the owners of a zone into canonical order (RFC 4034 §6.1).
 *
 * <p>A merge sort over {@code int} numbers of owners, so that a million names are sorted without a
 * million objects. Most comparisons are decided by a key of 63 bits: the first seven symbols of the
 * name read from the apex downwards, nine bits each (an octet plus one; 0 ends a label). Owners
 * that come in order, as they do from a zone file written by a tool, cost one comparison each.
 */
final class CanonicalOrder implements NumberOrder {
  private static final int SYMBOLS = 7;
  private static final int SYMBOL_BITS = 9;

  private final RecordTable table;
  private final int apexLabels;
  private final long[] key;

  private CanonicalOrder(RecordTable table, int apexLabels) {
    this.table = table;
    this.apexLabels = apexLabels;
    this.key = new long[table.ownerCount()];
  }

  /** Sorts {@code owners} in place; all are at or below the apex. */
  static void sort(RecordTable table, int apexLabels, int[] owners) {
    CanonicalOrder order = new CanonicalOrder(table, apexLabels);
    for (int owner : owners) {
      order.key[owner] = order.keyOf(owner);
    }
    order.sort(owners, owners.length);
  }

  private long keyOf(int owner) {
    byte[] name = table.nameBytes(owner);
    int below = table.labels(owner) - apexLabels;
    long bits = 0;
    int symbols = 0;
    for (int label = below - 1; label >= 0 && symbols < SYMBOLS; label--) {
      int at = labelOffset(owner, label);
      for (int i = 1; i <= name[at] && symbols < SYMBOLS; i++, symbols++) {
        bits = bits << SYMBOL_BITS | ((name[at + i] & 0xff) + 1);
      }
      if (symbols < SYMBOLS) {
        bits <<= SYMBOL_BITS;
        symbols++;
      }
    }
    return bits << (SYMBOL_BITS * (SYMBOLS - symbols));
  }

  private int labelOffset(int owner, int label) {
    byte[] name = table.nameBytes(owner);
    int at = table.nameOffset(owner);
    for (int i = 0; i < label; i++) {
      at += 1 + name[at];
    }
    return at;
  }

  @Override
  public int compare(int a, int b) {
    if (key[a] != key[b]) {
      return Long.compare(key[a], key[b]);
    }
    int aBelow = table.labels(a) - apexLabels;
    int bBelow = table.labels(b) - apexLabels;
    for (int i = 1; i <= Math.min(aBelow, bBelow); i++) {
      int order =
          DomainName.compareLabels(
              table.nameBytes(a),
              labelOffset(a, aBelow - i),
              table.nameBytes(b),
              labelOffset(b, bBelow - i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(aBelow, bBelow);
  }
}
