package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RandomNames;
import io.flashdns.core.dns.RecordType;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A random zone of names with hostile octets, and what follows from its names by the definitions of
 * the RFCs, written without any index: the opposite number of {@link Zone}.
 */
final class RandomZone {
  final DomainName apex;

  /** Types by owner; letters in lower case, canonical order. */
  final Map<DomainName, Set<Integer>> owners = new TreeMap<>();

  /** Owners and empty non-terminals. */
  final Set<DomainName> nodes = new TreeSet<>();

  private final Map<DomainName, DomainName> written = new HashMap<>();

  RandomZone(Random random, int names) {
    apex = random.nextInt(8) == 0 ? DomainName.ROOT : DomainName.parse("Zone.Example.");
    add(apex, RecordType.SOA);
    add(apex, RecordType.NS);
    for (int i = 0; i < names; i++) {
      DomainName name = RandomNames.below(random, apex);
      if (random.nextInt(4) == 0 && name.length() < 250) {
        name = DomainName.parse("*", name);
      }
      switch (random.nextInt(6)) {
        case 0 -> add(name, RecordType.NS);
        case 1 -> add(name, RecordType.DNAME);
        case 2 -> add(name, RecordType.CNAME);
        default -> {
          add(name, RecordType.A);
          add(name, RecordType.TXT);
        }
      }
    }
    dropForbidden();
    for (DomainName owner : owners.keySet()) {
      for (DomainName at = owner; at != null && at.isAtOrBelow(apex); at = at.parent()) {
        nodes.add(at.folded());
      }
    }
  }

  private void add(DomainName name, int type) {
    owners.computeIfAbsent(name.folded(), _ -> new TreeSet<>()).add(type);
    written.putIfAbsent(name.folded(), name);
  }

  /**
   * Takes out what a zone may not have: data beside CNAME, and below DNAME where it is not below a
   * cut first.
   */
  private void dropForbidden() {
    owners
        .get(apex.folded())
        .retainAll(Set.of(RecordType.SOA, RecordType.NS, RecordType.A, RecordType.TXT));
    for (Set<Integer> types : owners.values()) {
      if (types.contains(RecordType.CNAME)) {
        types.retainAll(Set.of(RecordType.CNAME));
      }
    }
    owners.keySet().removeIf(name -> hider(name) == RecordType.DNAME);
  }

  boolean has(DomainName name, int type) {
    return owners.getOrDefault(name.folded(), Set.of()).contains(type);
  }

  /**
   * The uppermost of the name's ancestors below or at the apex that owns NS or DNAME, as seen from
   * the apex downwards.
   */
  DomainName hiderNode(DomainName name) {
    DomainName uppermost = null;
    for (DomainName at = name.parent(); at != null && at.isAtOrBelow(apex); at = at.parent()) {
      boolean cut = has(at, RecordType.NS) && !at.equals(apex);
      if (cut || has(at, RecordType.DNAME)) {
        uppermost = at;
      }
    }
    return uppermost;
  }

  /** NS, DNAME, or 0 for a name that nothing hides. */
  int hider(DomainName name) {
    DomainName node = hiderNode(name);
    if (node == null) {
      return 0;
    }
    return has(node, RecordType.NS) && !node.equals(apex) ? RecordType.NS : RecordType.DNAME;
  }

  /** The name itself where it exists, else its closest encloser. */
  DomainName closest(DomainName name) {
    DomainName at = name;
    while (!nodes.contains(at.folded())) {
      at = at.parent();
    }
    return at;
  }

  Zone build() {
    ZoneImageBuilder builder = new ZoneImageBuilder(ZoneText.HASH);
    for (Map.Entry<DomainName, Set<Integer>> owner : owners.entrySet()) {
      DomainName name = written.get(owner.getKey());
      for (int type : owner.getValue()) {
        byte[] data = data(type);
        builder.add(name.wire(), 0, name.length(), type, 60, data, 0, data.length, 0);
      }
    }
    Zone zone =
        builder.build(
            problem -> {
              if (problem.severity() == ZoneProblem.Severity.ERROR) {
                throw new AssertionError(problem.toString());
              }
            });
    if (zone == null) {
      throw new AssertionError("no zone");
    }
    return zone;
  }

  private static byte[] data(int type) {
    byte[] target = DomainName.parse("ns.elsewhere.test.").wire();
    return switch (type) {
      case RecordType.A -> new byte[] {(byte) 192, 0, 2, 1};
      case RecordType.TXT -> new byte[] {1, 't'};
      case RecordType.SOA -> {
        byte[] data = new byte[2 * target.length + 20];
        System.arraycopy(target, 0, data, 0, target.length);
        System.arraycopy(target, 0, data, target.length, target.length);
        yield data;
      }
      default -> target;
    };
  }
}
