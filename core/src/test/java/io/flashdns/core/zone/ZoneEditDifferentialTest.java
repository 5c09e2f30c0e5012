package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Protocol;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random zones under random edits: after each, the patched zone holds the same and answers octet
 * for octet the same as one built anew from the same records; what the one refuses, the other
 * refuses.
 */
final class ZoneEditDifferentialTest {
  private static final int EDITS = 400;
  private static final int[] TYPES = {
    RecordType.A,
    RecordType.AAAA,
    RecordType.NS,
    RecordType.CNAME,
    RecordType.DNAME,
    RecordType.MX,
    RecordType.TXT,
    RecordType.SOA,
    RecordType.SRV,
    RecordType.SVCB,
    RecordType.HTTPS,
    RecordType.DS,
    RecordType.ANY
  };
  private static final String[] LABELS = {
    "a", "b", "c", "d", "*", "ns1", "ns2", "www", "x-long-label-that-takes-some-room", "\\000\\255"
  };

  private final DomainName apex = DomainName.parse("Zone.Example.");
  private final DomainName elsewhere = DomainName.parse("Other.Example.");
  private Random random = new Random();
  private int serial = 1;
  private int patched;
  private int refused;
  private int rebuilt;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void patchedZoneIsTheZoneBuiltAnew(int seed) {
    random = new Random(seed);
    ZoneModel model = start(seed % 4 == 0 ? 400 : 40);
    Set<DomainName> everSeen = new TreeSet<>(model.owners.keySet());
    Zone zone = model.zone(1);
    ZoneEditor editor = new ZoneEditor(zone);
    Map<Zone, String> versions = new HashMap<>();
    try (EmbeddedServer one = EmbeddedServer.builder().build();
        EmbeddedServer other = EmbeddedServer.builder().build()) {
      for (int edit = 2; edit <= EDITS; edit++) {
        ZoneModel next = model.copy();
        Set<DomainName> changed = change(next);
        everSeen.addAll(changed);
        ZoneEditor.Patch patch = editor.patch(edit);
        next.give(patch, changed);
        List<ZoneProblem> problems = new ArrayList<>();
        Zone version = patch.done(problems::add);
        ZoneText.Outcome anew = next.build(edit);
        String what = "seed " + seed + " edit " + edit + " of " + changed;
        assertThat(patch.refused())
            .as("%s: %s %s", what, anew.problems(), problems)
            .isEqualTo(anew.zone() == null);
        if (anew.zone() == null) {
          refused++;
          assertThat(version).isNull();
          assertThat(ZoneDump.of(editor.latest())).as(what).isEqualTo(ZoneDump.of(zone));
          continue;
        }
        model = next;
        if (version == null) {
          rebuilt++;
          zone = model.zone(edit);
          editor = new ZoneEditor(zone);
          continue;
        }
        patched++;
        assertThat(version).isSameAs(editor.latest());
        zone = version;
        String dump = ZoneDump.of(zone);
        assertThat(dump).as(what).isEqualTo(ZoneDump.of(anew.zone()));
        if (edit % 20 == 0) {
          versions.put(zone, dump);
        }
        one.engine().publish(Catalog.of(ZoneText.HASH, List.of(zone)));
        other.engine().publish(Catalog.of(ZoneText.HASH, List.of(anew.zone())));
        compare(one, other, names(changed, everSeen, edit % 100 == 0), what);
        if (editor.wantsRebuild()) {
          zone = anew.zone();
          editor = new ZoneEditor(zone);
        }
      }
    }
    versions.forEach((version, dump) -> assertThat(ZoneDump.of(version)).isEqualTo(dump));
    assertThat(patched).isGreaterThan(EDITS * 6 / 10);
    assertThat(refused).isPositive();
    assertThat(rebuilt).as("changes that could not be patched").isLessThanOrEqualTo(EDITS / 100);
  }

  private void compare(
      EmbeddedServer one, EmbeddedServer other, Set<DomainName> names, String what) {
    for (DomainName name : names) {
      for (int type : TYPES) {
        Protocol protocol = random.nextInt(4) == 0 ? Protocol.TCP : Protocol.UDP;
        byte[] question =
            random.nextBoolean()
                ? EmbeddedServer.question(name.toString(), type)
                : EmbeddedServer.question(name.toString(), type, 1_232, random.nextBoolean());
        byte[] patchedReply = one.over(protocol).ask(question);
        assertThat(patchedReply.length).isGreaterThan(Wire.HEADER_BYTES);
        assertThat(patchedReply)
            .as("%s: %s %d", what, name, type)
            .isEqualTo(other.over(protocol).ask(question));
      }
    }
  }

  /** Names that the change may concern, and some others; all that ever were when asked for. */
  private Set<DomainName> names(Set<DomainName> changed, Set<DomainName> everSeen, boolean all) {
    Set<DomainName> names = new TreeSet<>();
    for (DomainName owner : changed) {
      for (DomainName at = owner; at != null && at.isAtOrBelow(apex); at = at.parent()) {
        names.add(at);
      }
    }
    List<DomainName> known = new ArrayList<>(everSeen);
    for (int i = 0; i < 4; i++) {
      names.add(known.get(random.nextInt(known.size())));
      names.add(randomName());
    }
    if (all) {
      names.addAll(everSeen);
    }
    for (DomainName name : new ArrayList<>(names)) {
      if (name.length() < 200) {
        names.add(DomainName.parse("nothing", name));
        names.add(DomainName.parse(LABELS[random.nextInt(LABELS.length)], name));
      }
    }
    return names;
  }

  private ZoneModel start(int names) {
    ZoneModel model = new ZoneModel();
    giveApex(model);
    while (model.owners.size() < names) {
      ZoneModel next = model.copy();
      giveContent(next, randomName());
      if (next.build(0).zone() != null) {
        model = next;
      }
    }
    return model;
  }

  /** Changes some owners of a zone, and mostly its serial; says which. */
  private Set<DomainName> change(ZoneModel model) {
    Set<DomainName> changed = new TreeSet<>();
    List<DomainName> owners = new ArrayList<>(model.owners.keySet());
    for (int count = 1 + random.nextInt(random.nextInt(8) == 0 ? 12 : 2); count > 0; count--) {
      DomainName owner =
          random.nextBoolean() ? owners.get(random.nextInt(owners.size())) : randomName();
      if (owner.equals(apex)) {
        continue;
      }
      changed.add(owner.folded());
      model.owners.remove(owner.folded());
      if (random.nextInt(10) < 6) {
        giveContent(model, owner);
      }
      if (random.nextInt(12) == 0) {
        // All below a name goes at once.
        for (DomainName below : owners) {
          if (below.isAtOrBelow(owner)) {
            changed.add(below);
            model.owners.remove(below);
          }
        }
      }
    }
    if (random.nextInt(10) > 0 || changed.isEmpty()) {
      model.owners.remove(apex.folded());
      giveApex(model);
      changed.add(apex.folded());
    }
    return changed;
  }

  private DomainName randomName() {
    DomainName name = apex;
    for (int labels = 1 + random.nextInt(4); labels > 0; labels--) {
      name = DomainName.parse(LABELS[random.nextInt(LABELS.length)], name);
    }
    return name;
  }

  private DomainName randomTarget() {
    return switch (random.nextInt(8)) {
      case 0 -> DomainName.parse(LABELS[random.nextInt(LABELS.length)], elsewhere);
      case 1 -> apex;
      default -> randomName();
    };
  }

  private void giveApex(ZoneModel model) {
    byte[] soa = new byte[600];
    int at = randomTarget().writeTo(soa, 0);
    at = randomTarget().writeTo(soa, at);
    Wire.put32(soa, at, serial++);
    Wire.put32(soa, at + 4, 7_200);
    Wire.put32(soa, at + 8, 3_600);
    Wire.put32(soa, at + 12, 86_400);
    Wire.put32(soa, at + 16, 60 + random.nextInt(2));
    put(model, apex, RecordType.SOA, Arrays.copyOf(soa, at + 20));
    for (int i = random.nextInt(3); i >= 0; i--) {
      put(model, apex, RecordType.NS, randomTarget().wire());
    }
    if (random.nextInt(4) == 0) {
      giveService(model, apex);
    }
    if (random.nextInt(4) == 0) {
      put(model, apex, RecordType.A, address(4));
    }
    if (serial > 2 && random.nextInt(60) == 0) {
      // A zone that starts with it could have nothing else.
      put(model, apex, RecordType.DNAME, elsewhere.wire());
    }
  }

  private void giveContent(ZoneModel model, DomainName owner) {
    switch (random.nextInt(12)) {
      case 0, 1 -> {
        for (int i = random.nextInt(3); i >= 0; i--) {
          DomainName target =
              random.nextInt(3) > 0 && owner.length() < 200
                  ? DomainName.parse(LABELS[random.nextInt(LABELS.length)], owner)
                  : randomTarget();
          put(model, owner, RecordType.NS, target.wire());
        }
        if (random.nextInt(3) == 0) {
          put(model, owner, RecordType.DS, new byte[] {0, 1, 8, 2, 1, 2, 3, 4});
        }
        if (random.nextInt(6) == 0) {
          put(model, owner, RecordType.DNAME, elsewhere.wire());
        }
        if (random.nextInt(4) == 0) {
          put(model, owner, RecordType.A, address(4));
        }
      }
      case 2 -> put(model, owner, RecordType.CNAME, randomTarget().wire());
      case 3 -> {
        if (random.nextInt(2) == 0) {
          put(model, owner, RecordType.DNAME, randomTarget().wire());
        } else {
          put(model, owner, RecordType.CNAME, randomTarget().wire());
          put(model, owner, RecordType.A, address(4));
        }
      }
      case 4, 5 -> giveService(model, owner);
      case 6 -> {
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 80 : 3); i >= 0; i--) {
          put(model, owner, RecordType.MX, prefixed(randomTarget(), 0, i));
          put(model, owner, RecordType.TXT, new byte[] {2, 't', (byte) i});
        }
      }
      case 7 -> put(model, owner, RecordType.SRV, prefixed(randomTarget(), 0, 1, 0, 1, 0, 80));
      default -> {
        for (int i = random.nextInt(3); i >= 0; i--) {
          put(model, owner, RecordType.A, address(4));
        }
        if (random.nextBoolean()) {
          put(model, owner, RecordType.AAAA, address(16));
        }
      }
    }
  }

  private void giveService(ZoneModel model, DomainName owner) {
    int type = random.nextBoolean() ? RecordType.SVCB : RecordType.HTTPS;
    for (int i = random.nextInt(2); i >= 0; i--) {
      DomainName target = random.nextInt(4) == 0 ? DomainName.ROOT : randomTarget();
      put(model, owner, type, prefixed(target, 0, random.nextInt(3)));
    }
    if (random.nextBoolean()) {
      put(model, owner, RecordType.A, address(4));
    }
  }

  private void put(ZoneModel model, DomainName owner, int type, byte[] rdata) {
    model.add(owner, new ZoneModel.Data(type, 300 + random.nextInt(2), rdata));
  }

  private byte[] address(int octets) {
    byte[] address = new byte[octets];
    random.nextBytes(address);
    return address;
  }

  private static byte[] prefixed(DomainName name, int... octets) {
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    for (int octet : octets) {
      data.write(octet);
    }
    data.writeBytes(name.wire());
    return data.toByteArray();
  }
}
