package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Record;

/** A zone "example." for tests of the editor; each version is held against one built anew. */
final class EditedZone {
  final List<ZoneProblem> problems = new ArrayList<>();
  final ZoneEditor editor;
  Zone zone;
  boolean refused;
  private ZoneModel model;
  private long revision = 1;

  /** Octets that make the image large enough for a test's changes to have room. */
  private static String filler() {
    StringBuilder filler = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      filler.append("ns TXT ").append(i).append("x".repeat(240)).append('\n');
    }
    return filler.toString();
  }

  /**
   * @param lines records below {@link ZoneText#APEX}
   */
  EditedZone(String... lines) {
    this(ZoneModel.of(ZoneText.APEX + filler() + String.join("\n", lines) + "\n"));
  }

  /** A zone with as much room as its records give it. */
  EditedZone(ZoneModel model) {
    this.model = model;
    zone = model.zone(revision);
    editor = new ZoneEditor(zone);
  }

  /** Begins a change. */
  Change change() {
    return new Change();
  }

  /** Gives one owner these records and no others. */
  Zone change(String owner, String... records) {
    return change().owner(owner, records).done();
  }

  /** The node of a name, or minus that of its closest encloser. */
  int find(String name) {
    return zone.find(ZoneText.key(name));
  }

  boolean exists(String name) {
    return find(name) > 0;
  }

  /** The owner of a node, so that versions can be compared. */
  String owner(int node) {
    return zone.owner(Math.abs(node)).toString();
  }

  /** What stands beside the RRset of a type: owner and type of each additional RRset. */
  List<String> beside(String name, int type) {
    int rrset = zone.rrset(find(name), type);
    List<String> beside = new ArrayList<>();
    for (int i = 0; i < zone.additionalCount(rrset); i++) {
      int additional = zone.additionalRrset(rrset, i);
      beside.add(owner(zone.additionalNode(rrset, i)) + " " + zone.type(additional));
    }
    return beside;
  }

  /** Owners with their new content. */
  final class Change {
    private final ZoneModel next = model.copy();
    private final Set<DomainName> changed = new TreeSet<>();

    /** Gives an owner these records, as type and data, and no others. */
    Change owner(String owner, String... records) {
      DomainName name = DomainName.parse(owner, DomainName.parse("example."));
      changed.add(name);
      next.owners.remove(name.folded());
      for (String record : records) {
        for (Record read :
            ZoneText.records("$ORIGIN example.\n$TTL 300\n" + name + " " + record + "\n")) {
          next.add(read);
        }
      }
      return this;
    }

    /** The next version, the same as one built anew. */
    Zone done() {
      Zone version = attempt();
      if (version == null) {
        throw new AssertionError("not patched: " + problems);
      }
      return version;
    }

    /** The next version, or null when there is none. */
    @Nullable Zone attempt() {
      long number = revision + 1;
      ZoneEditor.Patch patch = editor.patch(number);
      next.give(patch, changed);
      problems.clear();
      String before = ZoneDump.of(zone);
      Zone version = patch.done(problems::add);
      refused = patch.refused();
      assertThat(ZoneDump.of(zone)).as("the version before").isEqualTo(before);
      if (version != null) {
        assertThat(ZoneDump.of(version)).isEqualTo(ZoneDump.of(next.zone(number)));
        assertThat(version).isSameAs(editor.latest());
        model = next;
        zone = version;
        revision = number;
      } else {
        assertThat(editor.latest()).isSameAs(zone);
        assertThat(next.build(number).zone() == null).isEqualTo(refused);
      }
      return version;
    }
  }
}
