package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;

/**
 * The canonical order of owners of one zone (RFC 4034 §6.1), on names in wire form and lower case.
 */
final class OwnerOrder {
  private OwnerOrder() {}

  /**
   * Compares {@code a[0, aLength)} and {@code b[0, bLength)}, whose last {@code originLength}
   * octets are the same apex.
   */
  static int compare(byte[] a, int aLength, byte[] b, int bLength, int originLength) {
    int aBelow = labels(a, aLength - originLength);
    int bBelow = labels(b, bLength - originLength);
    int common = Math.min(aBelow, bBelow);
    for (int i = 1; i <= common; i++) {
      int order = DomainName.compareLabels(a, offset(a, aBelow - i), b, offset(b, bBelow - i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(aBelow, bBelow);
  }

  /** Compares the RRsets at which two cursors stand by owner, then type. */
  static int compare(RRsetBlock.Cursor a, RRsetBlock.Cursor b) {
    int order = compareOwners(a, b);
    return order != 0 ? order : Integer.compare(a.type(), b.type());
  }

  /** Compares the owners at which two cursors stand. */
  static int compareOwners(RRsetBlock.Cursor a, RRsetBlock.Cursor b) {
    return compare(
        a.ownerBytes(), a.ownerLength(), b.ownerBytes(), b.ownerLength(), a.originLength());
  }

  /**
   * Labels of a name before {@code end}, or −1 when a label does not end there: then the octets
   * behind it only look like the apex.
   */
  static int labels(byte[] name, int end) {
    int count = 0;
    int at = 0;
    while (at < end) {
      at += 1 + name[at];
      count++;
    }
    return at == end ? count : -1;
  }

  private static int offset(byte[] name, int label) {
    int at = 0;
    for (int i = 0; i < label; i++) {
      at += 1 + name[at];
    }
    return at;
  }
}
