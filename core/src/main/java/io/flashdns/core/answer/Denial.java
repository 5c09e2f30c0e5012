package io.flashdns.core.answer;

import static io.flashdns.core.plugin.Response.OWN_NAME;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.zone.Nsec3Hash;
import io.flashdns.core.zone.Zone;
import org.jspecify.annotations.Nullable;

/**
 * Proofs of what does not exist, in zones that came signed: NSEC (RFC 4035 §3.1.3) and NSEC3 (RFC
 * 5155 §7.2).
 *
 * <p>One for each worker. Nothing is signed here: records and signatures are those of the zone.
 * With NSEC3, hashes of existing names and of their wildcard children lie in the image; at most one
 * name is hashed for a query.
 */
final class Denial {
  private static final int NSEC3_HASH_BYTES = 20;
  private static final int MAX_PROOFS = 16;

  private final Nsec3Hash nsec3Hash = new Nsec3Hash();
  private final byte[] digest = new byte[NSEC3_HASH_BYTES];
  private final @Nullable Zone[] zones = new Zone[MAX_PROOFS];
  private final int[] nodes = new int[MAX_PROOFS];
  private final int[] types = new int[MAX_PROOFS];
  private int count;
  private int written;
  private boolean wanted;

  /** Starts a reply; proofs are written only when the query takes DNSSEC records. */
  void begin(Query query) {
    wanted = query.dnssecOk();
    count = 0;
    written = 0;
  }

  /** Writes the proofs that were asked for since the last call; the answer section is complete. */
  void write(Response response) {
    for (; written < count; written++) {
      Zone zone = zones[written];
      if (zone == null) {
        continue;
      }
      int rrset = zone.rrset(nodes[written], types[written]);
      if (rrset != 0
          && !response.addRrset(Section.AUTHORITY, zone, nodes[written], rrset, OWN_NAME)) {
        response.truncate();
      }
      zones[written] = null;
    }
  }

  private boolean isNeeded(Zone zone) {
    return wanted && zone.isSigned();
  }

  /**
   * The name does not exist, and neither does a wildcard that could stand in for it (RFC 4035
   * §3.1.3.2, RFC 5155 §7.2.2).
   */
  void nameError(Zone zone, NameKey name, int encloser) {
    if (!isNeeded(zone)) {
      return;
    }
    int encloserLabel = labelOf(zone, name, encloser);
    if (zone.usesNsec3()) {
      add(
          zone,
          zone.nsec3ForWildcard(closestEncloser(zone, name, encloserLabel)),
          RecordType.NSEC3);
    } else {
      add(zone, zone.coveringNsec(name, 0, false), RecordType.NSEC);
      add(zone, zone.coveringNsec(name, encloserLabel, true), RecordType.NSEC);
    }
  }

  /** The name exists and does not have the type (RFC 4035 §3.1.3.1, RFC 5155 §7.2.3 and §7.2.4). */
  void noData(Zone zone, NameKey name, int node) {
    if (!isNeeded(zone)) {
      return;
    }
    if (zone.usesNsec3()) {
      if (zone.nsec3Match(node) != 0) {
        add(zone, zone.nsec3Match(node), RecordType.NSEC3);
      } else {
        closestEncloser(zone, name, labelOf(zone, name, node));
      }
    } else {
      // An empty non-terminal has no NSEC of its own: the one that covers it says so.
      add(zone, zone.coveringNsec(name, labelOf(zone, name, node), false), RecordType.NSEC);
    }
  }

  /**
   * A wildcard stood in for the name: no closer name exists (RFC 4035 §3.1.3.3, RFC 5155 §7.2.6).
   */
  void noCloserName(Zone zone, NameKey name, int encloser) {
    if (!isNeeded(zone)) {
      return;
    }
    if (zone.usesNsec3()) {
      nextCloser(zone, name, labelOf(zone, name, encloser));
    } else {
      add(zone, zone.coveringNsec(name, 0, false), RecordType.NSEC);
    }
  }

  /**
   * A wildcard stood in for the name and does not have the type (RFC 4035 §3.1.3.4, RFC 5155
   * §7.2.5).
   */
  void noWildcardData(Zone zone, NameKey name, int encloser, int wildcard) {
    if (!isNeeded(zone)) {
      return;
    }
    if (zone.usesNsec3()) {
      int provable = closestEncloser(zone, name, labelOf(zone, name, encloser));
      add(zone, zone.nsec3ForWildcard(provable), RecordType.NSEC3);
    } else {
      add(zone, zone.coveringNsec(name, 0, false), RecordType.NSEC);
      if (zone.rrset(wildcard, RecordType.NSEC) != 0) {
        add(zone, wildcard, RecordType.NSEC);
      } else {
        add(zone, zone.coveringNsec(name, labelOf(zone, name, encloser), true), RecordType.NSEC);
      }
    }
  }

  /** A delegation has no DS: it is insecure (RFC 4035 §3.1.4, RFC 5155 §7.2.7). */
  void noDs(Zone zone, NameKey name, int cut) {
    noData(zone, name, cut);
  }

  /**
   * Closest encloser proof (RFC 5155 §7.2.1). In an opt-out zone the closest encloser itself may
   * have no NSEC3: the closest provable one is taken, and the wildcard that must not exist is the
   * child of that one.
   *
   * @return the node of the closest provable encloser
   */
  private int closestEncloser(Zone zone, NameKey name, int encloserLabel) {
    int apexLabel = name.labels() - zone.apexLabels();
    int label = encloserLabel;
    int node = zone.nodeOf(name, label);
    while (label < apexLabel && zone.nsec3Match(node) == 0) {
      node = zone.nodeOf(name, ++label);
    }
    add(zone, zone.nsec3Match(node), RecordType.NSEC3);
    nextCloser(zone, name, label);
    return node;
  }

  /** The record that covers the name one label longer than the encloser. */
  private void nextCloser(Zone zone, NameKey name, int encloserLabel) {
    if (encloserLabel == 0) {
      return;
    }
    int from = name.labelOffset(encloserLabel - 1);
    nsec3Hash.use(zone);
    nsec3Hash.hash(name.folded(), from, name.length() - from, digest);
    add(zone, zone.coveringNsec3(digest), RecordType.NSEC3);
  }

  private static int labelOf(Zone zone, NameKey name, int node) {
    return name.labels() - zone.apexLabels() - zone.labelsBelowApex(node);
  }

  /**
   * Notes a proof, once. It is written later: an alias of a chain may still be followed by more
   * answers.
   */
  private void add(Zone zone, int node, int type) {
    if (node == 0 || count == MAX_PROOFS) {
      return;
    }
    for (int i = 0; i < count; i++) {
      if (nodes[i] == node && types[i] == type && (i < written || zones[i] == zone)) {
        return;
      }
    }
    zones[count] = zone;
    nodes[count] = node;
    types[count++] = type;
  }
}
