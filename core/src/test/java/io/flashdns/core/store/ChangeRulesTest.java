package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zone.ZoneProblem;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the kit for stores does not say of the rules. */
class ChangeRulesTest {
  private final MemoryStore store = new MemoryStore(new MemoryStore.Disk());

  private static RRset dname(String owner, String target) {
    return new RRset(
        name(owner), RecordType.DNAME, 60, List.of(RecordData.of(name(target).wire())));
  }

  private void isRefused(ChangeSet change, String... words) {
    StoreException.Refused refused =
        catchThrowableOfType(StoreException.Refused.class, () -> store.commit(change));
    assertThat(refused).as("it was taken").isNotNull();
    assertThat(refused.refusals().getFirst().kind()).isEqualTo(Refusal.Kind.INVALID);
    assertThat(refused.getMessage()).contains(words);
  }

  @Test
  @Tag("rfc6672")
  void nothingLiesBelowADname() throws Exception {
    isRefused(create(APEX, content(APEX, 1, dname("d", "x"), a("www.d", 1))), "www.d", "DNAME");
    StoredZone zone = zone(store, dname("d", "x"), a("dd", 1), a("e.f", 1));
    isRefused(edit(zone.id(), put(a("www.d", 1))), "www.d", "DNAME");
    isRefused(edit(zone.id(), put(a("deep.www.d", 1))), "deep.www.d");
    isRefused(edit(zone.id(), put(dname("f", "x"))), "e.f");
    isRefused(edit(zone.id(), put(dname("@", "x"))), "DNAME");
    commit(store, zone.id(), put(dname("f", "x")), delete("e.f", RecordType.A));
    commit(store, zone.id(), delete("d", RecordType.DNAME), put(a("www.d", 1)));
    counted(store, zone.id());
  }

  @Test
  @Tag("rfc6672")
  void aDnameBehindACutHasNoSay() throws Exception {
    StoredZone zone =
        zone(
            store,
            ns(name("cut"), "ns1"),
            dname("cut", "x"),
            a("glue.cut", 1),
            dname("d.cut", "y"));
    commit(store, zone.id(), put(a("more.cut", 1)), put(a("below.d.cut", 1)));
    isRefused(edit(zone.id(), delete("cut", RecordType.NS)), "below a DNAME");
    isRefused(
        edit(zone.id(), delete("cut", RecordType.NS), delete("cut", RecordType.DNAME)),
        "below.d.cut");
    commit(
        store,
        zone.id(),
        delete("cut", RecordType.NS),
        delete("cut", RecordType.DNAME),
        delete("d.cut", RecordType.DNAME));
    counted(store, zone.id());
  }

  @Test
  void ownersThatOnlyLookLikeTheApexAreOutside() {
    // One label: "x", an octet 7, "example", and so on: its last octets are those of the apex.
    byte[] apex = APEX.wire();
    byte[] owner = new byte[2 + apex.length];
    owner[0] = (byte) (1 + apex.length - 1);
    owner[1] = 'x';
    System.arraycopy(apex, 0, owner, 2, apex.length);
    assertThat(DomainName.ofWire(owner, 0).isAtOrBelow(APEX)).isFalse();
    RRsetBlock.Builder block = new RRsetBlock.Builder(APEX);
    block.add(ns(APEX, "ns1")).add(soa(APEX, 1));
    block.begin(owner, 0, owner.length, RecordType.A, 5, 0, 1);
    block.record(new byte[4], 0, 4);
    isRefused(create(APEX, block.build()), "no name below its apex");
  }

  @Test
  void contentInAnyFormIsPutInOrder() throws Exception {
    RRsetBlock.Builder block = new RRsetBlock.Builder(APEX, 77);
    byte[] www = name("www").wire();
    block.begin(www, 0, www.length, RecordType.A, 300, 12, 3);
    for (int number : new int[] {9, 1, 9}) {
      block.record(address(number).octets(), 0, 4);
    }
    block.add(soa(APEX, 10)).add(ns(APEX, "NS2", "ns1"));
    StoredZone zone = store.commit(create(APEX, block.build())).zones().getFirst();
    assertThat(said(all(store, zone.id())))
        .isEqualTo(sorted(ns(APEX, "ns1", "ns2"), a("www", 1, 9)));
    counted(store, zone.id());
  }

  @Test
  void brokenBlocksAreRefusedInASentence() throws Exception {
    byte[] good = content(APEX, 10, a("www", 1, 2), cname("c", "www"), a("x.y", 3)).encoded();
    SplittableRandom dice = new SplittableRandom(2);
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bad = good.clone();
      for (int flips = 1 + dice.nextInt(3); flips > 0; flips--) {
        bad[dice.nextInt(bad.length)] = (byte) dice.nextInt(256);
      }
      RRsetBlock block;
      try {
        block = RRsetBlock.ofEncoded(bad);
      } catch (IllegalArgumentException _) {
        continue;
      }
      try {
        StoredZone zone = store.commit(create(APEX, block)).zones().getFirst();
        counted(store, zone.id());
        store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
        taken++;
      } catch (StoreException.Refused refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
    assertThat(taken).isGreaterThan(100);
  }

  /** Null when the content would be refused. */
  private @Nullable String tried(RRsetBlock block) throws StoreException {
    try {
      store.preview(create(APEX, block));
      return null;
    } catch (StoreException.Refused refused) {
      return refused.getMessage();
    }
  }

  @Test
  void whatIsTakenIsExactlyWhatCanBeServed() throws Exception {
    int taken = 0;
    for (int seed = 0; seed < 6_000; seed++) {
      RRsetBlock block = RandomRecords.block(new RandomRecords(seed).zone(6));
      List<String> errors = new ArrayList<>();
      ZoneImageBuilder builder = new ZoneImageBuilder(new NameHash(1));
      block.writeTo(builder);
      builder.build(
          problem -> {
            if (problem.severity() == ZoneProblem.Severity.ERROR) {
              errors.add(problem.message());
            }
          });
      String refusal = tried(block);
      assertThat(refusal == null)
          .as("seed %d: the image says %s, the rules say %s", seed, errors, refusal)
          .isEqualTo(errors.isEmpty());
      taken += refusal == null ? 1 : 0;
    }
    assertThat(taken).isBetween(500, 5_500);
  }

  @Test
  void anEditIsTakenWhenItsContentWouldBe() throws Exception {
    int taken = 0;
    int refusedOnes = 0;
    for (int seed = 0; seed < 6_000; seed++) {
      RandomRecords random = new RandomRecords(seed);
      RRsetBlock before = RandomRecords.block(random.zone(7));
      if (tried(before) != null) {
        continue;
      }
      MemoryStore one = new MemoryStore(new MemoryStore.Disk());
      StoredZone zone = one.commit(create(APEX, before)).zones().getFirst();
      List<RRsetEdit> edits = new ArrayList<>();
      for (int i = 1 + random.next(4); i > 0; i--) {
        List<StoredRRset> there = before.rrsets();
        RRset some = there.get(random.next(there.size())).rrset();
        edits.add(
            random.next(2) == 0
                ? put(random.rrset())
                : new RRsetEdit.Delete(some.owner(), some.type(), RRsetEdit.ANY_REVISION));
      }
      RRsetBlock after = before;
      for (RRsetEdit edit : edits) {
        RRsetBlock.Builder gone = new RRsetBlock.Builder(APEX);
        byte[] owner = edit.owner().wire();
        gone.begin(owner, 0, owner.length, edit.type(), 0, 0, 0);
        RRsetBlock.Builder come = new RRsetBlock.Builder(APEX);
        if (edit instanceof RRsetEdit.Put put) {
          come.add(put.rrset());
        }
        after = RRsetPages.merged(after, gone.build(), come.build());
      }
      String refusal = tried(after);
      try {
        CommitResult result =
            one.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY)));
        assertThat(refusal).as("seed %d: the edit was taken", seed).isNull();
        counted(one, zone.id());
        assertThat(said(all(one, zone.id()))).isEqualTo(said(after.rrsets()));
        assertThat(result.zones().getFirst().serial()).isEqualTo(result.changed() ? 11 : 10);
        taken++;
      } catch (StoreException.Refused refused) {
        assertThat(refusal).as("seed %d: the edit was refused: %s", seed, refused).isNotNull();
        refusedOnes++;
      }
    }
    assertThat(taken).isGreaterThan(300);
    assertThat(refusedOnes).isGreaterThan(300);
  }

  @Test
  void aReplacementAndTheSameEditsAreTheSame() throws Exception {
    for (int seed = 0; seed < 2_000; seed++) {
      RandomRecords random = new RandomRecords(seed);
      RRsetBlock before = RandomRecords.block(random.zone(7));
      RRsetBlock after = RandomRecords.block(random.zone(7));
      if (tried(before) != null || tried(after) != null) {
        continue;
      }
      MemoryStore one = new MemoryStore(new MemoryStore.Disk());
      StoredZone replaced = one.commit(create(APEX, before)).zones().getFirst();
      CommitResult result =
          one.commit(ChangeSet.of(WHO, new ZoneChange.Replace(replaced.id(), after, ANY)).forced());
      counted(one, replaced.id());
      MemoryStore other = new MemoryStore(new MemoryStore.Disk());
      StoredZone edited = other.commit(create(APEX, before)).zones().getFirst();
      List<RRsetEdit> edits = new ContentDelta(after, before).reduced().undo();
      edits.replaceAll(
          edit ->
              edit instanceof RRsetEdit.Put put
                  ? put(put.rrset())
                  : new RRsetEdit.Delete(edit.owner(), edit.type(), RRsetEdit.ANY_REVISION));
      CommitResult same =
          other.commit(ChangeSet.of(WHO, new ZoneChange.Edit(edited.id(), edits, ANY)).forced());
      assertThat(same).isEqualTo(result);
      assertThat(all(other, edited.id())).isEqualTo(all(one, replaced.id()));
      if (result.changed()) {
        assertThat(events(other, 1).getFirst().zones().getFirst().before().rrsets())
            .isEqualTo(events(one, 1).getFirst().zones().getFirst().before().rrsets());
        assertThat(events(other, 1).getFirst().zones().getFirst().after().rrsets())
            .isEqualTo(events(one, 1).getFirst().zones().getFirst().after().rrsets());
      }
    }
  }

  @Test
  void aSourceMayGiveWhateverCanBeServed() throws Exception {
    int[] many = new int[300];
    for (int i = 0; i < many.length; i++) {
      many[i] = i;
    }
    isRefused(create(APEX, content(APEX, 1, a("many", many))), "300 records", "at most 100");
    store.commit(
        ChangeSet.of(
                WHO,
                new ZoneChange.Create(
                    settings(APEX).withSource("/z", ""), content(APEX, 1, a("many", many))))
            .through("/z"));
  }

  @Test
  void aChangeSetHasALimit() throws Exception {
    ChangeRules small = new ChangeRules(new ContentLimits(100, 100, 60_000, 10, 2_000));
    RRsetBlock content = hosts(APEX, 1, 300);
    try (StoreSnapshot snapshot = store.snapshot()) {
      assertThatThrownBy(
              () -> small.plan(create(APEX, content), snapshot, 1, Instant.EPOCH, () -> 1))
          .isInstanceOf(StoreException.Refused.class)
          .hasMessageContaining("at most 2000");
      assertThatThrownBy(
              () ->
                  small.plan(create(APEX, hosts(APEX, 1, 20)), snapshot, 1, Instant.EPOCH, () -> 1))
          .hasMessageContaining("23 records, at most 10");
    }
  }

  @Test
  void reasonsAreGatheredUpToABound() throws Exception {
    StoredZone zone = zone(store);
    List<RRsetEdit> edits = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      edits.add(
          put(new RRset(name("h" + i), RecordType.A, 5, List.of(RecordData.of(new byte[3])))));
    }
    StoreException.Refused refused =
        catchThrowableOfType(
            StoreException.Refused.class,
            () -> store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY))));
    assertThat(refused.refusals()).hasSize(1_000);
  }

  @Test
  void aRefusedChangeTakesNoId() throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      assertThatThrownBy(
              () ->
                  new ChangeRules()
                      .plan(
                          ChangeSet.of(
                              WHO,
                              new ZoneChange.Create(settings(APEX), content(APEX, 1)),
                              new ZoneChange.Delete(new ZoneId(7), ANY)),
                          snapshot,
                          1,
                          Instant.EPOCH,
                          () -> {
                            throw new AssertionError("an id was taken");
                          }))
          .isInstanceOf(StoreException.Refused.class);
    }
  }

  @Test
  @Tag("rfc9276")
  void nsec3IterationsHaveABound() throws Exception {
    StoredZone zone = zone(store);
    byte[] parameters = {1, 0, 0, (byte) 151, 0};
    isRefused(
        edit(
            zone.id(),
            put(
                new RRset(
                    APEX, RecordType.NSEC3PARAM, 0, List.of(RecordData.of(parameters.clone()))))),
        "151 iterations");
    parameters[3] = (byte) 150;
    commit(
        store,
        zone.id(),
        put(new RRset(APEX, RecordType.NSEC3PARAM, 0, List.of(RecordData.of(parameters)))));
  }

  @Test
  void everyZoneFileThatIsServedIsTaken() throws Exception {
    int taken = 0;
    for (String folder : List.of("/zonefile", "/scenarios/zones", "/io/flashdns/core/fuzz/zones")) {
      Path path = Path.of(ChangeRulesTest.class.getResource(folder).toURI());
      try (DirectoryStream<Path> files = Files.newDirectoryStream(path, "*.zone")) {
        for (Path file : files) {
          Zone zone = ZoneFile.load(file, ZoneFileLimits.defaults(), new NameHash(1)).zone();
          if (zone != null) {
            isTaken(file, zone);
            taken++;
          }
        }
      }
    }
    assertThat(taken).isGreaterThan(15);
  }

  /** Through the store and into an image again, it is the same zone. */
  private void isTaken(Path file, Zone zone) throws Exception {
    RRsetBlock block = ZoneContents.of(zone);
    ZoneKey key = new ZoneKey(file.toString(), zone.apex());
    StoredZone stored =
        store
            .commit(
                ChangeSet.of(
                        WHO,
                        new ZoneChange.Create(
                            ZoneSettings.of(key)
                                .withSerialPolicy(SerialPolicy.AS_GIVEN)
                                .withSource(file.toString(), ""),
                            block))
                    .through("/"))
            .zones()
            .getFirst();
    assertThat(stored.serial()).isEqualTo(zone.serial());
    counted(store, stored.id());
    ZoneImageBuilder builder = new ZoneImageBuilder(new NameHash(1));
    try (StoreSnapshot snapshot = store.snapshot();
        ContentView.ContentReader reader = snapshot.content(stored.id(), null)) {
      for (RRsetBlock page = reader.next(); page != null; page = reader.next()) {
        page.writeTo(builder);
      }
    }
    Zone again = builder.build(_ -> {});
    assertThat(again).as("%s", file).isNotNull();
    assertThat(again.recordCount()).isEqualTo(zone.recordCount());
    // An owner of nothing but signatures of types that it does not have is not in an image's
    // content.
    assertThat(again.nodeCount()).isBetween(zone.nodeCount() - 1, zone.nodeCount());
    assertThat(said(ZoneContents.of(again).rrsets())).isEqualTo(said(block.rrsets()));
  }
}
