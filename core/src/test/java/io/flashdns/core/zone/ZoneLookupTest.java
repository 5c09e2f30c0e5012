package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RandomNames;
import io.flashdns.core.dns.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class ZoneLookupTest {
  @Test
  void lookupsAgreeWithTheDefinitionsOnRandomZones() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      RandomZone reference = new RandomZone(random, 1 + random.nextInt(40));
      Zone zone = reference.build();

      assertThat(zone.apex()).isEqualTo(reference.apex);
      assertThat(zone.nodeCount()).isEqualTo(reference.nodes.size());
      for (DomainName name : reference.nodes) {
        assertNode(zone, reference, name);
        for (String label : List.of("\\000", "*", "x")) {
          if (name.length() < 250) {
            assertFound(zone, reference, DomainName.parse(label, name));
          }
        }
      }
      for (int i = 0; i < 60; i++) {
        assertFound(zone, reference, RandomNames.below(random, reference.apex));
      }
    }
  }

  private static void assertFound(Zone zone, RandomZone reference, DomainName name) {
    int found = zone.find(ZoneText.key(name));
    DomainName closest = reference.closest(name);

    assertThat(found > 0).as("%s exists", name).isEqualTo(closest.equals(name));
    assertThat(zone.owner(Math.abs(found))).as("closest encloser of %s", name).isEqualTo(closest);
  }

  private static void assertNode(Zone zone, RandomZone reference, DomainName name) {
    NameKey key = ZoneText.key(name);
    int node = zone.find(key);
    assertThat(node).as("node of %s", name).isPositive().isEqualTo(zone.nodeOf(key, 0));
    assertThat(zone.owner(node)).isEqualTo(name);
    assertThat(zone.labelsBelowApex(node)).isEqualTo(name.labels() - reference.apex.labels());
    assertThat(zone.ownerLengthBelowApex(node)).isEqualTo(name.length() - reference.apex.length());

    Set<Integer> types = reference.owners.getOrDefault(name, Set.of());
    List<Integer> listed = new ArrayList<>();
    for (int i = 0; i < zone.typeCount(node); i++) {
      listed.add(zone.typeAt(node, i));
      assertThat(zone.rrset(node, zone.typeAt(node, i))).isEqualTo(zone.rrsetAt(node, i));
    }
    assertThat(listed).containsExactlyElementsOf(types);
    assertThat(zone.rrset(node, 65_000)).isZero();

    int hider = reference.hider(name);
    boolean apex = name.equals(reference.apex);
    boolean cut = hider == 0 && !apex && reference.has(name, RecordType.NS);
    boolean dname = hider == 0 && !cut && reference.has(name, RecordType.DNAME);
    boolean wildcard =
        hider == 0
            && !cut
            && !dname
            && name.length() < 254
            && reference.nodes.contains(DomainName.parse("*", name));
    int flags = zone.flags(node);
    assertThat((flags & Zone.BELOW_CUT) != 0)
        .as("%s is below a cut", name)
        .isEqualTo(hider == RecordType.NS);
    assertThat((flags & Zone.BELOW_DNAME) != 0)
        .as("%s is below a DNAME", name)
        .isEqualTo(hider == RecordType.DNAME);
    assertThat((flags & Zone.CUT) != 0).as("%s is a cut", name).isEqualTo(cut);
    assertThat((flags & Zone.HAS_DNAME) != 0).as("%s has a DNAME", name).isEqualTo(dname);
    assertThat((flags & Zone.HAS_WILDCARD) != 0).as("%s has a wildcard", name).isEqualTo(wildcard);
    assertThat((flags & Zone.HAS_CNAME) != 0)
        .as("%s has a CNAME", name)
        .isEqualTo(types.contains(RecordType.CNAME));
    if (hider != 0) {
      assertThat(zone.owner(zone.link(node))).isEqualTo(reference.hiderNode(name));
    } else if (wildcard) {
      assertThat(zone.owner(zone.link(node))).isEqualTo(DomainName.parse("*", name));
    } else {
      assertThat(zone.link(node)).isZero();
    }
  }

  @Test
  @Tag("rfc4034")
  void nodesStandInCanonicalOrder() {
    Random random = new Random(12);
    for (int round = 0; round < 100; round++) {
      RandomZone reference = new RandomZone(random, 60);
      Zone zone = reference.build();
      List<DomainName> inOrder = new ArrayList<>();
      for (int i = 0; i < zone.nodeCount(); i++) {
        inOrder.add(zone.owner(zone.nodeInOrder(i)));
      }
      assertThat(inOrder).containsExactlyElementsOf(reference.nodes);
    }
  }

  @Test
  void everyNameOfALargeZoneIsFoundAndNoNearMiss() {
    int names = 100_000;
    ZoneImageBuilder builder = ZoneText.builder(ZoneText.records(ZoneText.APEX));
    byte[] address = {(byte) 192, 0, 2, 0};
    for (int i = 0; i < names; i++) {
      DomainName name = large(i);
      builder.add(name.wire(), 0, name.length(), RecordType.A, 60, address, 0, 4, i);
    }
    Zone zone =
        builder.build(
            problem -> {
              throw new AssertionError(problem.toString());
            });

    assertThat(zone).isNotNull();
    // Each tenth name has a parent of its own, each hundredth of those a grandparent.
    assertThat(zone.nodeCount()).isEqualTo(2 + names + names / 10 + names / 1_000);
    assertThat(zone.recordCount()).isEqualTo(3 + names);
    NameKey key = new NameKey(ZoneText.HASH);
    for (int i = 0; i < names; i++) {
      DomainName name = large(i);
      key.set(name.wire(), 0);
      int node = zone.find(key);
      assertThat(node).isPositive();
      assertThat(zone.labelsBelowApex(node)).isEqualTo(name.labels() - 1);
      assertThat(zone.rrset(node, RecordType.A)).isPositive();
      byte[] wire = name.wire();
      wire[1] ^= 0x40;
      key.set(wire, 0);
      assertThat(zone.find(key)).isNegative();
      key.set(DomainName.parse("x", name).wire(), 0);
      assertThat(zone.find(key)).isEqualTo(-node);
    }
    for (int i = 0; i < names; i += 10) {
      for (DomainName at = large(i).parent(); at.labels() > 1; at = at.parent()) {
        key.set(at.wire(), 0);
        int node = zone.find(key);
        assertThat(node).isPositive();
        assertThat(zone.typeCount(node)).isZero();
      }
    }
    assertThat(zone.imageBytes()).isLessThan(100L * names);
  }

  private static DomainName large(int i) {
    if (i % 10 != 0) {
      return DomainName.parse("host-" + i + ".example.");
    }
    return DomainName.parse(
        "host-" + i + ".part-" + i + (i % 1_000 == 0 ? ".deep-" + i : "") + ".example.");
  }

  @Test
  void namesOfAllDepthsAreFound() {
    ZoneImageBuilder builder =
        ZoneText.builder(ZoneText.records(ZoneText.APEX.replace("example.", "x.")));
    DomainName deepest = DomainName.parse("a.".repeat(126) + "x.");
    builder.add(deepest.wire(), 0, 255, RecordType.A, 60, new byte[4], 0, 4, 0);
    Zone zone = builder.build(_ -> {});

    assertThat(zone).isNotNull();
    assertThat(zone.nodeCount()).isEqualTo(2 + 126);
    for (DomainName at = deepest; at.labels() > 1; at = at.parent()) {
      assertThat(zone.owner(zone.find(ZoneText.key(at)))).isEqualTo(at);
      byte[] other = at.wire();
      other[1] = 'b';
      int found = zone.find(ZoneText.key(DomainName.ofWire(other, 0)));
      assertThat(found).isNegative();
      assertThat(zone.owner(-found)).isEqualTo(at.parent());
    }
  }

  @Test
  void namesDeeperThanAnyOfTheZoneEndAtTheirCloseEncloser() {
    Zone zone = ZoneText.zone(ZoneText.APEX + "a.b A 192.0.2.1\n");

    int found = zone.find(ZoneText.key("x.".repeat(100) + "a.b.example."));
    assertThat(zone.owner(-found)).hasToString("a.b.example.");
    found = zone.find(ZoneText.key("x.".repeat(100) + "example."));
    assertThat(-found).isEqualTo(zone.apexNode());
  }

  @Test
  void serialAndSizesAreThoseOfTheZone() {
    Zone zone =
        ZoneText.zone(
            "example. 60 SOA ns.example. h.example. 4294967295 1 1 1 1\nexample. 60 NS ns.example.org.\n");

    assertThat(zone.serial()).isEqualTo(4_294_967_295L);
    assertThat(zone.recordCount()).isEqualTo(2);
    assertThat(zone.nodeCount()).isEqualTo(1);
    assertThat(zone.apexLabels()).isEqualTo(1);
    assertThat(zone.apexLength()).isEqualTo(9);
    assertThat(zone.hashSeed()).isEqualTo(42);
    assertThat(zone.isSigned()).isFalse();
    assertThat(zone.usesNsec3()).isFalse();
  }
}
