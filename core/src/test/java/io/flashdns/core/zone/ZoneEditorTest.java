package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.zone.ZoneProblem.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Each change is also held against the zone built anew: see {@link EditedZone}. */
final class ZoneEditorTest {
  private static final int MANY = 300;
  private static final String SOA = "SOA ns hostmaster %d 7200 3600 1209600 300";

  @Test
  void changeIsInTheNextVersionAlone() {
    EditedZone edited = new EditedZone("www A 192.0.2.1");
    Zone first = edited.zone;
    Zone second = edited.change("www", "A 192.0.2.2", "AAAA 2001:db8::1");
    Zone third = edited.change("www", "TXT gone");

    assertThat(first.typeCount(first.find(ZoneText.key("www.example.")))).isEqualTo(1);
    assertThat(second.typeCount(second.find(ZoneText.key("www.example.")))).isEqualTo(2);
    assertThat(third.rrset(third.find(ZoneText.key("www.example.")), RecordType.A)).isZero();
    assertThat(second.data()).isSameAs(third.data()).isNotSameAs(first.data());
  }

  @Test
  void serialAndNegativeSoaAreThoseOfTheVersion() {
    EditedZone edited = new EditedZone();
    Zone version =
        edited.change("@", "3600 SOA ns hostmaster 4294967295 7200 3600 1209600 60", "NS ns");

    assertThat(version.serial()).isEqualTo(4_294_967_295L);
    assertThat(version.ttl(version.negativeSoa())).isEqualTo(60);
    assertThat(version.revision()).isEqualTo(2);
    assertThat(edited.change("www", "A 192.0.2.1").serial()).isEqualTo(4_294_967_295L);
  }

  @Test
  @Tag("rfc8020")
  void newNameMakesEmptyNonTerminals() {
    EditedZone edited = new EditedZone();
    edited.change("a.b.c", "A 192.0.2.1");

    assertThat(edited.exists("b.c.example.")).isTrue();
    assertThat(edited.exists("c.example.")).isTrue();
    assertThat(edited.owner(edited.find("x.b.c.example."))).isEqualTo("b.c.example.");
    assertThat(edited.zone.nodeCount()).isEqualTo(5);
  }

  @Test
  @Tag("rfc8020")
  void lastNameBelowAnEmptyNonTerminalTakesItAway() {
    EditedZone edited = new EditedZone("a.b.c A 192.0.2.1", "d.b.c A 192.0.2.1", "e.c A 192.0.2.1");
    edited.change("a.b.c");
    assertThat(edited.exists("b.c.example.")).isTrue();
    edited.change("d.b.c");
    assertThat(edited.exists("b.c.example.")).isFalse();
    assertThat(edited.exists("c.example.")).isTrue();
    edited.change("e.c");
    assertThat(edited.owner(edited.find("a.b.c.example."))).isEqualTo("example.");
  }

  @Test
  @Tag("rfc8020")
  void nameWithoutDataStaysWhileOthersLieBelow() {
    EditedZone edited = new EditedZone("b A 192.0.2.1", "a.b A 192.0.2.1");
    edited.change("b");

    assertThat(edited.exists("b.example.")).isTrue();
    assertThat(edited.zone.typeCount(edited.find("b.example."))).isZero();
  }

  @Test
  void nameThatWentCanComeBack() {
    EditedZone edited = new EditedZone("www A 192.0.2.1");
    for (String name : List.of("www", "new.below")) {
      edited.change(name);
      edited.change(name, "A 192.0.2.7");
      edited.change(name);
      assertThat(edited.exists(name + ".example.")).isFalse();
      edited.change(name, "TXT back");
      assertThat(edited.exists(name + ".example.")).isTrue();
    }
  }

  @Test
  void namesDeeperThanAllBeforeAreFound() {
    EditedZone edited = new EditedZone();
    String name = "a.".repeat(100) + "b";
    edited.change(name, "A 192.0.2.1");

    assertThat(edited.exists(name + ".example.")).isTrue();
    assertThat(edited.owner(edited.find("x." + name + ".example."))).isEqualTo(name + ".example.");
  }

  @Test
  @Tag("rfc4592")
  void wildcardComesAndGoesWithItsParent() {
    EditedZone edited = new EditedZone("a.w A 192.0.2.1");
    edited.change("*.w", "A 192.0.2.2");
    int parent = edited.find("w.example.");
    assertThat(edited.zone.flags(parent)).isEqualTo(Zone.HAS_WILDCARD);
    assertThat(edited.owner(edited.zone.link(parent))).isEqualTo("*.w.example.");

    edited.change("*.w", "A 192.0.2.3");
    int wildcard = edited.zone.link(edited.find("w.example."));
    assertThat(wildcard).isEqualTo(edited.find("*.w.example."));

    edited.change("*.w");
    assertThat(edited.zone.flags(edited.find("w.example."))).isZero();
  }

  @Test
  @Tag("rfc4592")
  void wildcardThatIsAnEmptyNonTerminalStandsInToo() {
    EditedZone edited = new EditedZone();
    edited.change("below.*", "A 192.0.2.1");
    assertThat(edited.zone.flags(edited.zone.apexNode())).isEqualTo(Zone.HAS_WILDCARD);
    edited.change("below.*");
    assertThat(edited.zone.flags(edited.zone.apexNode())).isZero();
  }

  @Test
  @Tag("rfc1034")
  void cutHidesAndLaysOpenWhatIsBelow() {
    EditedZone edited = new EditedZone("a.cut A 192.0.2.1", "b.a.cut A 192.0.2.1", "*.cut TXT t");
    edited.change("cut", "NS ns.elsewhere.test.");
    int hidden = edited.find("b.a.cut.example.");
    assertThat(edited.zone.flags(hidden)).isEqualTo(Zone.BELOW_CUT);
    assertThat(edited.owner(edited.zone.link(hidden))).isEqualTo("cut.example.");

    edited.change("new.a.cut", "A 192.0.2.9");
    edited.change("cut", "NS other.elsewhere.test.");
    assertThat(edited.zone.link(edited.find("new.a.cut.example.")))
        .isEqualTo(edited.find("cut.example."));

    edited.change("cut", "TXT mine");
    assertThat(edited.zone.flags(edited.find("b.a.cut.example."))).isZero();
    assertThat(edited.zone.flags(edited.find("cut.example."))).isEqualTo(Zone.HAS_WILDCARD);
  }

  @Test
  @Tag("rfc1034")
  void nestedCutComesOutWhenTheUpperOneGoes() {
    EditedZone edited =
        new EditedZone("cut NS ns.cut", "ns.cut A 192.0.2.1", "x.cut NS ns.cut", "y.x.cut TXT t");
    assertThat(edited.zone.flags(edited.find("x.cut.example."))).isEqualTo(Zone.BELOW_CUT);
    edited.change("cut");

    assertThat(edited.zone.flags(edited.find("x.cut.example."))).isEqualTo(Zone.CUT);
    assertThat(edited.owner(edited.zone.link(edited.find("y.x.cut.example."))))
        .isEqualTo("x.cut.example.");
    assertThat(edited.beside("x.cut.example.", RecordType.NS)).containsExactly("ns.cut.example. 1");

    edited.change("cut", "NS ns.cut");
    assertThat(edited.zone.flags(edited.find("x.cut.example."))).isEqualTo(Zone.BELOW_CUT);
  }

  @Test
  @Tag("rfc6672")
  void dnameComesAndGoes() {
    EditedZone edited = new EditedZone("d.e TXT t");
    edited.change("d.e", "DNAME elsewhere.test.");
    assertThat(edited.zone.flags(edited.find("d.e.example."))).isEqualTo(Zone.HAS_DNAME);

    assertThat(edited.change().owner("a.d.e", "A 192.0.2.1").attempt()).isNull();
    assertThat(edited.refused).isTrue();
    assertThat(edited.problems)
        .singleElement()
        .satisfies(problem -> assertThat(problem.message()).contains("below a DNAME"));

    edited.change().owner("d.e", "TXT t").owner("a.d.e", "A 192.0.2.1").done();
    assertThat(edited.zone.flags(edited.find("a.d.e.example."))).isZero();

    assertThat(edited.change().owner("d.e", "DNAME elsewhere.test.").attempt()).isNull();
    assertThat(edited.refused).isTrue();
  }

  @Test
  @Tag("rfc9471")
  void glueIsTheOneOfTheVersion() {
    EditedZone edited = new EditedZone("cut NS ns.cut", "ns.cut A 192.0.2.1");
    edited.change("ns.cut", "A 192.0.2.2", "AAAA 2001:db8::2");
    assertThat(edited.beside("cut.example.", RecordType.NS))
        .containsExactly("ns.cut.example. 1", "ns.cut.example. 28");

    edited.change("ns.cut", "AAAA 2001:db8::3");
    assertThat(edited.beside("cut.example.", RecordType.NS)).containsExactly("ns.cut.example. 28");

    edited.change("ns.cut");
    assertThat(edited.beside("cut.example.", RecordType.NS)).isEmpty();
    assertThat(edited.problems)
        .extracting(ZoneProblem::severity, ZoneProblem::message)
        .singleElement()
        .satisfies(problem -> assertThat(problem.toString()).contains("WARNING", "dead"));

    edited.change("ns.cut", "A 192.0.2.9");
    assertThat(edited.beside("cut.example.", RecordType.NS)).containsExactly("ns.cut.example. 1");
  }

  @Test
  @Tag("rfc9471")
  void addressOfAServerOutsideOfTheCutComesAndGoes() {
    EditedZone edited = new EditedZone("one NS shared.other", "two.deep NS shared.other");
    edited.change("shared.other", "A 192.0.2.1");
    for (String cut : List.of("one.example.", "two.deep.example.")) {
      assertThat(edited.beside(cut, RecordType.NS)).containsExactly("shared.other.example. 1");
    }
    edited.change("three", "NS shared.other", "NS late");
    edited.change().owner("shared.other", "AAAA 2001:db8::1").owner("late", "A 192.0.2.3").done();
    assertThat(edited.beside("three.example.", RecordType.NS))
        .containsExactly("shared.other.example. 28", "late.example. 1");
    edited.change().owner("shared.other").owner("late").owner("one").done();
    assertThat(edited.beside("two.deep.example.", RecordType.NS)).isEmpty();
  }

  @Test
  @Tag("rfc9460")
  void addressesOfServiceTargetsComeAndGo() {
    EditedZone edited = new EditedZone("svc HTTPS 1 target", "alias SVCB 0 pool.svc");
    edited.change("target", "A 192.0.2.1");
    edited.change("pool.svc", "SVCB 1 .", "AAAA 2001:db8::1");
    assertThat(edited.beside("svc.example.", RecordType.HTTPS))
        .containsExactly("target.example. 1");
    assertThat(edited.beside("alias.example.", RecordType.SVCB))
        .containsExactly("pool.svc.example. 28", "pool.svc.example. 64");

    // A target that lies below a cut is another zone's.
    edited.change("target", "NS ns.elsewhere.test.", "A 192.0.2.1");
    assertThat(edited.beside("svc.example.", RecordType.HTTPS)).isEmpty();
    edited.change().owner("target", "A 192.0.2.1").owner("pool.svc").done();
    assertThat(edited.beside("svc.example.", RecordType.HTTPS))
        .containsExactly("target.example. 1");
    assertThat(edited.beside("alias.example.", RecordType.SVCB)).isEmpty();
  }

  @Test
  void addressOfAPopularServerChangesWithoutTouchingItsDelegations() {
    List<String> lines = new ArrayList<>(List.of("shared A 192.0.2.1"));
    for (int i = 0; i <= PatchScope.MAX_WRITTEN; i++) {
      lines.add("cut" + i + " NS shared");
    }
    EditedZone edited = new EditedZone(lines.toArray(String[]::new));
    int cut = edited.find("cut7.example.");
    edited.change("shared", "A 192.0.2.2");
    assertThat(edited.find("cut7.example.")).isEqualTo(cut);
    assertThat(edited.beside("cut7.example.", RecordType.NS)).containsExactly("shared.example. 1");

    // Another type of address would be an entry more in each of their lists.
    assertThat(edited.change().owner("shared", "AAAA 2001:db8::1").attempt()).isNull();
    assertThat(edited.refused).isFalse();
    assertThat(edited.problems).isEmpty();
    edited.change("shared", "A 192.0.2.3");
  }

  @Test
  void cutAboveTooManyNamesIsBuiltAnew() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i <= PatchScope.MAX_WRITTEN; i++) {
      lines.add("host" + i + ".cut A 192.0.2.1");
    }
    EditedZone edited = new EditedZone(lines.toArray(String[]::new));

    assertThat(edited.change().owner("cut", "NS ns.elsewhere.test.").attempt()).isNull();
    assertThat(edited.refused).isFalse();
    edited.change("cut", "TXT t");
    edited.change().owner("host1.cut").owner("host2.cut").done();
    edited.change("cut", "NS ns.elsewhere.test.");
    assertThat(edited.zone.flags(edited.find("host7.cut.example."))).isEqualTo(Zone.BELOW_CUT);
  }

  @Test
  void whatNoZoneMayHaveIsRefused() {
    EditedZone edited = new EditedZone("www A 192.0.2.1");
    EditedZone.Change[] changes = {
      edited.change().owner("www", "CNAME ns", "A 192.0.2.1"),
      edited.change().owner("www", "CNAME ns", "CNAME other"),
      edited.change().owner("www", SOA.formatted(2)),
      edited.change().owner("@", SOA.formatted(2)),
      edited.change().owner("@", "NS ns"),
      edited.change().owner("@"),
      edited.change().owner("@", SOA.formatted(2), SOA.formatted(3), "NS ns"),
      edited.change().owner("www.elsewhere.test.", "A 192.0.2.1")
    };
    for (EditedZone.Change change : changes) {
      assertThat(change.attempt()).isNull();
      assertThat(edited.refused).isTrue();
      assertThat(edited.problems).extracting(ZoneProblem::severity).contains(Severity.ERROR);
    }
    edited.change("www", "CNAME ns");
  }

  @Test
  void positionsOfProblemsAreThoseOfTheRecords() {
    EditedZone edited = new EditedZone();
    edited.change().owner("www", "A 192.0.2.1", "A 192.0.2.1").done();

    assertThat(edited.problems).extracting(ZoneProblem::position).containsExactly(2L);
    assertThat(edited.problems).extracting(ZoneProblem::severity).containsExactly(Severity.WARNING);
  }

  @Test
  void whatIsWrongElsewhereIsNotToldAgain() {
    EditedZone edited = new EditedZone();
    edited.change("@", "3600 " + SOA.formatted(2), "3600 NS nowhere");
    assertThat(edited.problems).hasSize(1);
    edited.change("@", "3600 " + SOA.formatted(3), "3600 NS nowhere");
    assertThat(edited.problems).isEmpty();
  }

  @Test
  void signedZonesAndSignaturesAreBuiltAnew() {
    String signature = "A 8 2 300 20300101000000 20200101000000 1 example. AAAA";
    String hash = "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom";
    for (String line :
        List.of(
            "a NSEC b.example. A",
            "@ NSEC3PARAM 1 0 0 -\n" + hash + " NSEC3 1 0 0 - " + hash + " A")) {
      EditedZone edited = new EditedZone(line);
      assertThat(edited.change().owner("www", "A 192.0.2.1").attempt()).isNull();
      assertThat(edited.refused).isFalse();
    }
    EditedZone edited = new EditedZone("s A 192.0.2.1", "s RRSIG " + signature);
    for (String record : List.of("NSEC a.example. A", "RRSIG " + signature)) {
      assertThat(edited.change().owner("www", "A 192.0.2.1", record).attempt()).isNull();
      assertThat(edited.refused).isFalse();
    }
    // Signatures that are there without a chain stay where they are.
    edited.change("*.s", "A 192.0.2.1");
    assertThat(edited.zone.signatures(edited.zone.rrset(edited.find("s.example."), RecordType.A)))
        .isPositive();
  }

  @Test
  void rrsetsThatDidNotChangeAreNotWrittenAgain() {
    EditedZone edited = new EditedZone("www A 192.0.2.1", "www TXT large", "www MX 1 mail");
    int text = edited.zone.rrset(edited.find("www.example."), RecordType.TXT);
    int mail = edited.zone.rrset(edited.find("www.example."), RecordType.MX);
    edited.change("www", "A 192.0.2.2", "3600 TXT large", "3600 MX 1 mail");

    assertThat(edited.zone.rrset(edited.find("www.example."), RecordType.TXT)).isEqualTo(text);
    assertThat(edited.zone.rrset(edited.find("www.example."), RecordType.MX)).isEqualTo(mail);
  }

  @Test
  void editorSaysInTimeThatItsRoomRunsOut() {
    EditedZone edited = new EditedZone(ZoneModel.of(ZoneText.APEX + "www A 192.0.2.1\n"));
    assertThat(edited.editor.wantsRebuild()).isFalse();
    int before = 0;
    int after = 0;
    while (edited.change().owner("www", "TXT v" + before + "." + after).attempt() != null) {
      if (edited.editor.wantsRebuild()) {
        after++;
      } else {
        before++;
      }
    }
    assertThat(edited.refused).isFalse();
    assertThat(before).isPositive();
    assertThat(after).isBetween(before - 3, before + 3);
    assertThat(edited.exists("www.example.")).isTrue();
  }

  @Test
  void largeRrsetIsPatched() {
    EditedZone edited = new EditedZone("large TXT t");
    String[] texts = new String[MANY];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = "TXT " + i;
    }
    edited.change("large", texts);
    assertThat(edited.zone.recordCount(edited.zone.rrset(edited.find("large.example."), 16)))
        .isEqualTo(MANY);
    edited.change("large", "TXT small");
  }

  @Test
  void changeOfNothingIsAVersionToo() {
    EditedZone edited = new EditedZone("www A 192.0.2.1");
    assertThat(edited.change().done().revision()).isEqualTo(2);
    edited.change("nothing.there");
    assertThat(edited.zone.nodeCount()).isEqualTo(3);
  }

  @Test
  void versionStandsInThePlaceOfItsBase() {
    ZoneModel model = ZoneModel.of(ZoneText.APEX);
    Zone base = model.zone(7).placed(5, 3, Tenant.NOBODY, true).located(1_234);
    ZoneEditor.Patch patch = new ZoneEditor(base).patch(9);
    model.owners.remove(DomainName.parse("ns.example."));
    model.give(patch, List.of(DomainName.parse("ns.example.")));
    Zone version = patch.done(_ -> {});

    assertThat(version).isNotNull();
    assertThat(version.number()).isEqualTo(5);
    assertThat(version.view()).isEqualTo(3);
    assertThat(version.isSuspended()).isTrue();
    assertThat(version.location()).isEqualTo(1_234);
    assertThat(version.isPatched()).isTrue();
    assertThat(base.isPatched()).isFalse();
    assertThat(version.revision()).isEqualTo(9);
    assertThat(version.baseRevision()).isEqualTo(7);
    assertThat(version.cold().revision()).isEqualTo(7);
    assertThat(version.cold().imageBytes()).isEqualTo(base.imageBytes());
    assertThat(version.imageBytes()).isGreaterThan(base.imageBytes());
    Zone moved = version.placed(6, 0, Tenant.NOBODY, false);
    assertThat(moved.isPatched()).isTrue();
    assertThat(ZoneDump.of(moved)).isEqualTo(ZoneDump.of(version));
    assertThat(new ZoneEditor(version).patch(10).done(_ -> {})).isNull();
  }

  @Test
  @Tag("rfc4034")
  void nodesComeInCanonicalOrder() {
    EditedZone edited = new EditedZone("b A 192.0.2.1", "d A 192.0.2.1");
    edited.change().owner("a", "TXT t").owner("c.b", "TXT t").owner("e", "TXT t").done();
    edited.change("d");
    List<String> owners = new ArrayList<>();
    edited.zone.forEachNode(node -> owners.add(edited.owner(node)));

    assertThat(owners)
        .containsExactly(
            "example.", "a.example.", "b.example.", "c.b.example.", "e.example.", "ns.example.");
  }

  @Test
  void queriesOfAPatchedZoneAllocateNothing() {
    EditedZone edited =
        new EditedZone(
            "www A 192.0.2.1",
            "cut NS ns.cut",
            "ns.cut A 192.0.2.2",
            "*.wild TXT t",
            "gone A 192.0.2.3");
    edited
        .change()
        .owner("www", "A 192.0.2.7")
        .owner("new.deep", "AAAA 2001:db8::1")
        .owner("ns.cut", "A 192.0.2.4")
        .owner("*.wild", "TXT other")
        .owner("gone")
        .done();
    try (EmbeddedServer server = EmbeddedServer.builder().zone(edited.zone).build()) {
      for (String name :
          List.of("www", "new.deep", "deep", "x.new.deep", "x.cut", "x.wild", "gone", "nowhere")) {
        byte[] question = EmbeddedServer.question(name + ".example.", RecordType.AAAA);
        long least = Long.MAX_VALUE;
        // What the runtime allocates once falls into one of the runs, what a query does into all.
        for (int run = 0; run < 5 && least > 0; run++) {
          least = Math.min(least, server.allocatedBytes(question, 3_000));
        }
        assertThat(least).as(name).isZero();
      }
    }
  }

  @Test
  void readersOfAnOlderVersionSeeItWhole() throws Exception {
    StringBuilder lines = new StringBuilder(ZoneText.APEX);
    for (int i = 0; i < 300; i++) {
      lines.append("host").append(i).append(" A 192.0.2.1\n");
    }
    ZoneModel model = ZoneModel.of(lines.toString());
    AtomicReference<Zone> latest = new AtomicReference<>(model.zone(1));
    ZoneEditor editor = new ZoneEditor(latest.get());
    try (ExecutorService readers = Executors.newFixedThreadPool(2)) {
      List<Future<Integer>> read = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        read.add(
            readers.submit(
                () -> {
                  int versions = 0;
                  Zone zone = latest.get();
                  while (zone.revision() < 400) {
                    String first = ZoneDump.of(zone);
                    Thread.onSpinWait();
                    assertThat(ZoneDump.of(zone)).isEqualTo(first);
                    assertThat(first).contains("revision " + zone.revision() + " ");
                    versions++;
                    zone = latest.get();
                  }
                  return versions;
                }));
      }
      Random random = new Random(1);
      for (int revision = 2; revision <= 400; revision++) {
        DomainName owner = DomainName.parse("host" + random.nextInt(330) + ".example.");
        model.owners.remove(owner);
        if (random.nextInt(3) > 0) {
          model.add(owner, new ZoneModel.Data(RecordType.A, revision, new byte[4]));
        }
        ZoneEditor.Patch patch = editor.patch(revision);
        model.give(patch, List.of(owner));
        Zone version = patch.done(_ -> {});
        if (version == null) {
          version = model.zone(revision);
          editor = new ZoneEditor(version);
        }
        latest.set(version);
      }
      for (Future<Integer> versions : read) {
        assertThat(versions.get()).isPositive();
      }
    }
    assertThat(ZoneDump.of(latest.get())).isEqualTo(ZoneDump.of(model.zone(400)));
  }
}
