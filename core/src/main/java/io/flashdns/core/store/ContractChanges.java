package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.util.List;

/** Claims about change sets: all or nothing, guards, doors. */
final class ContractChanges {
  private static final DomainName OTHER = DomainName.parse("other.test.");
  private static final DomainName THIRD = DomainName.parse("third.test.");

  private ContractChanges() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("aFreshStoreIsEmpty", h -> aFreshStoreIsEmpty(h.store()));
    claims.add("aCreatedZoneIsReadBackWhole", h -> aCreatedZoneIsReadBackWhole(h.store()));
    claims.add("revisionsGrowByOne", h -> revisionsGrowByOne(h.store()));
    claims.add("aChangeOfNothingTakesNoRevision", h -> aChangeOfNothing(h.store()));
    claims.add("severalZonesChangeAtOneRevision", h -> severalZones(h.store()));
    claims.add("oneRefusedChangeRefusesAll", h -> oneRefusedChangeRefusesAll(h.store()));
    claims.add("allReasonsAreTold", h -> allReasonsAreTold(h.store()));
    claims.add("aZoneIsCreatedOnce", h -> aZoneIsCreatedOnce(h.store()));
    claims.add("oneNameInTwoViewsIsTwoZones", h -> twoViews(h.store()));
    claims.add("aZoneCanBeReplacedByAnotherOfItsName", h -> deleteAndCreate(h.store()));
    claims.add("anIdIsNeverGivenAgain", h -> anIdIsNeverGivenAgain(h));
    claims.add("theGuardOfAZoneHolds", h -> zoneGuard(h.store()));
    claims.add("theGuardOfAnRRsetHolds", h -> rrsetGuard(h.store()));
    claims.add("theGuardOfAbsenceHolds", h -> absence(h.store()));
    claims.add("guardsAreOfTheStateBefore", h -> guardsAreOfTheStateBefore(h.store()));
    claims.add("aZoneThatIsNotThereIsNotFound", h -> notFound(h.store()));
    claims.add("aZoneIsChangedOnceInAChangeSet", h -> twice(h.store()));
    claims.add("settingsChangeWithoutContent", h -> settingsChange(h.store()));
    claims.add("theKeyOfAZoneStays", h -> theKeyStays(h.store()));
    claims.add("aZoneOfASourceIsReadOnlyElsewhere", h -> readOnly(h.store()));
    claims.add("aSourceMayChangeAllThatBeginsSo", h -> sourcePrefix(h.store()));
    claims.add("aSuspendedZoneCanBeChanged", h -> suspended(h.store()));
    claims.add("aReplacementChangesOnlyWhatDiffers", h -> replacement(h.store()));
    claims.add("aReplacementByTheSameIsNoChange", h -> sameReplacement(h.store()));
    claims.add("aReplacementMayBringSettings", h -> replacementWithSettings(h.store()));
    claims.add("editsAreMadeInOrder", h -> inOrder(h.store()));
    claims.add("recordsAreAddedAndRemoved", h -> addAndRemove(h.store()));
    claims.add("deletingWhatIsNotThereIsNoError", h -> deleteAbsent(h.store()));
    claims.add("aDeletedZoneIsGone", h -> deletedIsGone(h.store()));
  }

  private static void aFreshStoreIsEmpty(ZoneStore store) throws Exception {
    same(store.state().revision(), 0L, "the revision of a fresh store");
    same(store.state().compactedRevision(), 0L, "the compacted revision of a fresh store");
    same(store.state().zones(), 0L, "the number of zones of a fresh store");
    that(store.state().isWritable(), "a fresh store takes no changes");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(snapshot.zones(0, 10), List.of(), "the list of zones of a fresh store");
      same(snapshot.revision(), store.state().revision(), "the revision of a snapshot");
      same(snapshot.zone(key(APEX)), null, "a zone in a fresh store");
      same(snapshot.zone(new ZoneId(1)), null, "a zone in a fresh store");
    }
  }

  private static void aCreatedZoneIsReadBackWhole(ZoneStore store) throws Exception {
    long before = store.state().revision();
    RRset www = a("www", 2, 1);
    CommitResult result = store.commit(create(APEX, content(APEX, 10, www)));
    that(result.changed(), "a creation says that it changed nothing");
    same(result.revision(), before + 1, "the revision of the creation");
    StoredZone zone = result.zones().getFirst();
    same(zone.serial(), 10L, "the serial of the created zone");
    same(zone.createdRevision(), result.revision(), "the revision of the creation in the zone");
    same(zone.contentRevision(), result.revision(), "the revision of the content");
    same(now(store, zone.id()), zone, "the zone as it is read");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(snapshot.zone(key(APEX)), zone, "the zone by its name");
      same(snapshot.zones(0, 10), List.of(zone), "the list of zones");
      same(
          said(all(snapshot, zone.id())),
          sorted(ns(APEX, "ns1", "ns2"), www),
          "the content of the zone");
      for (StoredRRset rrset : all(snapshot, zone.id())) {
        same(rrset.revision(), result.revision(), "the revision of " + rrset.rrset().owner());
      }
      same(snapshot.rrsets(zone.id(), name("nothing")), List.of(), "what is at no name");
      same(snapshot.rrsets(new ZoneId(99), APEX), List.of(), "what is in no zone");
    }
    same(store.state().zones(), 1L, "the number of zones");
    counted(store, zone.id());
  }

  private static void revisionsGrowByOne(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    for (int i = 0; i < 20; i++) {
      long before = store.state().revision();
      StoredZone after = commit(store, zone.id(), put(a("www", i)));
      same(after.revision(), before + 1, "the revision after a change");
      same(store.state().revision(), before + 1, "the store's revision after a change");
    }
  }

  private static void aChangeOfNothing(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    long before = store.state().revision();
    CommitResult result = store.commit(edit(zone.id(), put(a("www", 1)), delete("none", 1)));
    that(!result.changed(), "a change of nothing says that it changed something");
    same(result.revision(), before, "the revision of a change of nothing");
    same(result.zones(), List.of(now(store, zone.id())), "the zones of a change of nothing");
    same(store.state().revision(), before, "the store's revision after a change of nothing");
    same(
        commit(store, zone.id(), put(a("x", 1))).revision(),
        before + 1,
        "the revision of the change after a change of nothing");
    same(events(store, before).size(), 1, "the number of events after a change of nothing");
  }

  private static void severalZones(ZoneStore store) throws Exception {
    StoredZone one = zone(store);
    StoredZone two = zone(store, OTHER, txt(OTHER, "x"));
    long before = store.state().revision();
    CommitResult result =
        store.commit(
            ChangeSet.of(
                WHO,
                new ZoneChange.Edit(one.id(), List.of(put(a("www", 1))), ANY),
                new ZoneChange.Create(settings(THIRD), content(THIRD, 1)),
                new ZoneChange.Delete(two.id(), ANY)));
    same(result.revision(), before + 1, "the revision of a change over three zones");
    same(result.zones().size(), 3, "the number of zones in the result");
    same(now(store, one.id()).revision(), before + 1, "the revision of the edited zone");
    try (StoreSnapshot snapshot = store.snapshot()) {
      there(snapshot.zone(key(THIRD)), "the created zone");
      same(snapshot.zone(two.id()), null, "the deleted zone");
    }
    List<StoreEvent> events = events(store, before);
    same(events.size(), 1, "the number of events of one change set");
    List<ZoneEvent> zones = events.getFirst().zones();
    same(zones.size(), 3, "the number of zones in the event");
    same(zones.get(0).zone().id(), one.id(), "the first zone of the event");
    same(zones.get(1).zoneBefore(), null, "what the created zone was");
    same(zones.get(2).zoneAfter(), null, "what the deleted zone is");
    same(zones.get(2).before().rrsetCount(), 3, "the RRsets of the deleted zone in the event");
  }

  private static void oneRefusedChangeRefusesAll(ZoneStore store) throws Exception {
    StoredZone one = zone(store);
    StoredZone two = zone(store, OTHER);
    long before = store.state().revision();
    refused(
        Refusal.Kind.CONFLICT,
        "a change set with one guard that fails",
        () ->
            store.commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Edit(one.id(), List.of(put(a("www", 1))), ANY),
                    new ZoneChange.Create(settings(THIRD), content(THIRD, 1)),
                    new ZoneChange.Delete(two.id(), two.revision() + 7))));
    same(store.state().revision(), before, "the revision after a refusal");
    same(now(store, one.id()), one, "the first zone after a refusal");
    same(rrset(store, one.id(), name("www"), RecordType.A), null, "the edit of a refused set");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(snapshot.zone(key(THIRD)), null, "the zone created by a refused set");
    }
    same(events(store, before), List.of(), "the events of a refused change set");
  }

  private static void allReasonsAreTold(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    StoreException.Refused refused =
        refused(
            Refusal.Kind.NOT_FOUND,
            "a change set with two mistakes",
            () ->
                store.commit(
                    ChangeSet.of(
                        WHO,
                        new ZoneChange.Delete(new ZoneId(4_711), ANY),
                        new ZoneChange.Delete(zone.id(), zone.revision() + 1))));
    same(refused.refusals().size(), 2, "the number of reasons");
    same(refused.refusals().get(1).change(), 1, "the change that the second reason is about");
    same(refused.refusals().get(1).kind(), Refusal.Kind.CONFLICT, "the second reason");
  }

  private static void aZoneIsCreatedOnce(ZoneStore store) throws Exception {
    zone(store);
    refused(
        Refusal.Kind.EXISTS,
        "the creation of a zone that is there",
        () -> store.commit(create(DomainName.parse("EXAMPLE.org."), content(APEX, 11))));
    refused(
        Refusal.Kind.EXISTS,
        "the creation of one zone twice",
        () ->
            store.commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Create(settings(OTHER), content(OTHER, 1)),
                    new ZoneChange.Create(settings(OTHER), content(OTHER, 1)))));
    same(store.state().zones(), 1L, "the number of zones after refused creations");
  }

  private static void twoViews(ZoneStore store) throws Exception {
    StoredZone open = zone(store);
    ZoneKey inside = new ZoneKey("inside", APEX);
    StoredZone closed =
        store
            .commit(
                ChangeSet.of(
                    WHO, new ZoneChange.Create(ZoneSettings.of(inside), content(APEX, 77))))
            .zones()
            .getFirst();
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(snapshot.zone(inside), closed, "the zone of the other view");
      same(snapshot.zone(key(APEX)), open, "the zone of everybody's view");
    }
  }

  private static void deleteAndCreate(ZoneStore store) throws Exception {
    StoredZone old = zone(store, a("old", 1));
    CommitResult result =
        store.commit(
            ChangeSet.of(
                WHO,
                new ZoneChange.Delete(old.id(), old.revision()),
                new ZoneChange.Create(settings(APEX), content(APEX, 20, a("new", 1)))));
    StoredZone fresh = result.zones().get(1);
    that(!fresh.id().equals(old.id()), "a new zone has the id of a deleted one");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(snapshot.zone(key(APEX)), fresh, "the zone of that name");
      same(snapshot.zone(old.id()), null, "the deleted zone");
      same(snapshot.rrsets(fresh.id(), name("old")), List.of(), "what the old zone had");
      same(snapshot.rrsets(fresh.id(), name("new")).size(), 1, "the RRsets of the new zone");
    }
    counted(store, fresh.id());
  }

  private static void anIdIsNeverGivenAgain(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    ZoneId last = new ZoneId(1);
    for (int i = 0; i < 3; i++) {
      StoredZone zone = zone(store);
      that(i == 0 || zone.id().value() > last.value(), "the id " + zone.id() + " was given again");
      last = zone.id();
      store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
      store = harness.reopen();
    }
  }

  private static void zoneGuard(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    StoredZone after =
        store
            .commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Edit(zone.id(), List.of(put(a("www", 1))), zone.revision())))
            .zones()
            .getFirst();
    refused(
        Refusal.Kind.CONFLICT,
        "a change that expects an older revision",
        () ->
            store.commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Edit(zone.id(), List.of(put(a("www", 2))), zone.revision()))));
    same(now(store, zone.id()), after, "the zone after a conflict");
  }

  private static void rrsetGuard(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    StoredRRset was = there(rrset(store, zone.id(), name("www"), RecordType.A), "www A");
    commit(store, zone.id(), put(a("mail", 1)));
    StoredZone after = commit(store, zone.id(), new RRsetEdit.Put(a("www", 2), was.revision()));
    same(
        there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").revision(),
        after.revision(),
        "the revision of a changed RRset");
    for (RRsetEdit stale :
        List.of(
            new RRsetEdit.Put(a("www", 3), was.revision()),
            new RRsetEdit.Delete(name("www"), RecordType.A, was.revision()),
            new RRsetEdit.Add(name("www"), RecordType.A, 5, List.of(address(9)), was.revision()),
            new RRsetEdit.Remove(name("www"), RecordType.A, List.of(address(2)), was.revision()),
            new RRsetEdit.Put(a("none", 3), was.revision()))) {
      refused(
          Refusal.Kind.CONFLICT,
          "an edit that expects an older revision",
          () -> store.commit(edit(zone.id(), stale)));
    }
    same(now(store, zone.id()), after, "the zone after conflicts");
  }

  private static void absence(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    commit(store, zone.id(), new RRsetEdit.Put(a("www", 1), RRsetEdit.ABSENT));
    refused(
        Refusal.Kind.CONFLICT,
        "an edit that expects absence of what is there",
        () -> store.commit(edit(zone.id(), new RRsetEdit.Put(a("www", 2), RRsetEdit.ABSENT))));
    commit(store, zone.id(), delete("www", RecordType.A));
    commit(store, zone.id(), new RRsetEdit.Put(a("www", 3), RRsetEdit.ABSENT));
  }

  private static void guardsAreOfTheStateBefore(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    long was = there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").revision();
    commit(
        store,
        zone.id(),
        new RRsetEdit.Delete(name("www"), RecordType.A, was),
        new RRsetEdit.Put(a("www", 4), was));
    same(
        there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").rrset(),
        a("www", 4),
        "an RRset that was edited twice in one change");
  }

  private static void notFound(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    for (ZoneChange change :
        List.of(
            new ZoneChange.Delete(zone.id(), ANY),
            new ZoneChange.Edit(zone.id(), List.of(put(a("www", 1))), ANY),
            new ZoneChange.Replace(zone.id(), content(APEX, 11), ANY),
            new ZoneChange.Configure(zone.id(), settings(APEX), ANY))) {
      refused(
          Refusal.Kind.NOT_FOUND,
          "a change of a deleted zone",
          () -> store.commit(ChangeSet.of(WHO, change)));
    }
  }

  private static void twice(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    refused(
        Refusal.Kind.INVALID,
        "two changes of one zone",
        () ->
            store.commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Edit(zone.id(), List.of(put(a("www", 1))), ANY),
                    new ZoneChange.Edit(zone.id(), List.of(put(a("ftp", 1))), ANY))));
  }

  private static void settingsChange(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    ZoneSettings wanted =
        zone.settings()
            .withOwner(new ZoneOwner("acme", "web"))
            .withSerialPolicy(SerialPolicy.DATE)
            .withSuspended(true);
    StoredZone after =
        store
            .commit(ChangeSet.of(WHO, new ZoneChange.Configure(zone.id(), wanted, zone.revision())))
            .zones()
            .getFirst();
    same(after.settings(), wanted, "the settings");
    same(after.contentRevision(), zone.contentRevision(), "the revision of untouched content");
    same(after.serial(), zone.serial(), "the serial of untouched content");
    same(after.revision(), store.state().revision(), "the revision of the zone");
    same(now(store, zone.id()), after, "the zone as it is read");
    ZoneEvent event = events(store, zone.revision()).getFirst().zones().getFirst();
    that(event.before().isEmpty() && event.after().isEmpty(), "settings changed RRsets");
    same(event.zoneBefore(), zone, "the zone before in the event");
    same(event.zoneAfter(), after, "the zone after in the event");
  }

  private static void theKeyStays(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    refused(
        Refusal.Kind.INVALID,
        "another name for a zone",
        () ->
            store.commit(
                ChangeSet.of(WHO, new ZoneChange.Configure(zone.id(), settings(OTHER), ANY))));
  }

  private static void readOnly(ZoneStore store) throws Exception {
    ZoneSettings filed = settings(APEX).withSource("/zones/example.org.zone", "1");
    refused(
        Refusal.Kind.READ_ONLY,
        "a zone of a file, created through the API",
        () -> store.commit(ChangeSet.of(WHO, new ZoneChange.Create(filed, content(APEX, 1)))));
    StoredZone zone =
        store
            .commit(
                ChangeSet.of(WHO, new ZoneChange.Create(filed, content(APEX, 1)))
                    .through("/zones/example.org.zone"))
            .zones()
            .getFirst();
    ChangeSet change = edit(zone.id(), put(a("www", 1)));
    refused(Refusal.Kind.READ_ONLY, "the edit of a file's zone", () -> store.commit(change));
    refused(
        Refusal.Kind.READ_ONLY,
        "the forced edit of a file's zone",
        () -> store.commit(change.forced()));
    refused(
        Refusal.Kind.READ_ONLY,
        "the edit of a file's zone through another file",
        () -> store.commit(change.through("/zones/other.zone")));
    store.commit(change.through("/zones/example.org.zone"));
    StoredZone own = zone(store, OTHER);
    refused(
        Refusal.Kind.READ_ONLY,
        "the change of an API's zone by a file",
        () -> store.commit(edit(own.id(), put(txt(OTHER, "x"))).through("/zones/other.zone")));
  }

  private static void sourcePrefix(ZoneStore store) throws Exception {
    StoredZone zone =
        store
            .commit(
                ChangeSet.of(
                        WHO,
                        new ZoneChange.Create(
                            settings(APEX).withSource("/a/x.zone", "1"), content(APEX, 1)))
                    .through("/"))
            .zones()
            .getFirst();
    StoredZone moved =
        store
            .commit(
                ChangeSet.of(
                        WHO,
                        new ZoneChange.Configure(
                            zone.id(), zone.settings().withSource("/b/x.zone", "2"), ANY))
                    .through("/"))
            .zones()
            .getFirst();
    same(moved.settings().source(), "/b/x.zone", "the source of a zone whose file moved");
    same(moved.settings().sourceStamp(), "2", "the stamp of a zone whose file moved");
    refused(
        Refusal.Kind.READ_ONLY,
        "a change by the old file",
        () -> store.commit(edit(zone.id(), put(a("www", 1))).through("/a/")));
  }

  private static void suspended(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    store.commit(
        ChangeSet.of(
            WHO, new ZoneChange.Configure(zone.id(), zone.settings().withSuspended(true), ANY)));
    StoredZone after = commit(store, zone.id(), put(a("www", 1)));
    that(after.settings().suspended(), "an edit woke a suspended zone");
    there(rrset(store, zone.id(), name("www"), RecordType.A), "www A of a suspended zone");
  }

  private static void replacement(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("keep", 1), a("change", 1), a("go", 1));
    long before = store.state().revision();
    StoredZone after =
        store
            .commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Replace(
                        zone.id(),
                        content(APEX, 10, a("keep", 1), a("change", 2), a("come", 1)),
                        zone.revision())))
            .zones()
            .getFirst();
    same(after.serial(), 11L, "the serial after a replacement");
    same(
        said(all(store, zone.id())),
        sorted(ns(APEX, "ns1", "ns2"), a("keep", 1), a("change", 2), a("come", 1)),
        "the content after a replacement");
    same(
        there(rrset(store, zone.id(), name("keep"), RecordType.A), "keep A").revision(),
        zone.revision(),
        "the revision of an RRset that stayed as it was");
    same(
        there(rrset(store, zone.id(), name("change"), RecordType.A), "change A").revision(),
        after.revision(),
        "the revision of an RRset that changed");
    ZoneEvent event = events(store, before).getFirst().zones().getFirst();
    same(event.before().rrsetCount(), 3, "the RRsets before (SOA, change, go)");
    same(event.after().rrsetCount(), 3, "the RRsets after (SOA, change, come)");
    counted(store, zone.id());
  }

  private static void sameReplacement(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    CommitResult result =
        store.commit(
            ChangeSet.of(
                WHO, new ZoneChange.Replace(zone.id(), content(APEX, 10, a("www", 1)), ANY)));
    that(!result.changed(), "a replacement by the same says that it changed something");
    same(now(store, zone.id()), zone, "the zone after a replacement by the same");
  }

  private static void replacementWithSettings(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    ZoneSettings wanted = zone.settings().withOwner(new ZoneOwner("acme", "web"));
    StoredZone same =
        store
            .commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Replace(zone.id(), wanted, content(APEX, 10, a("www", 1)), ANY)))
            .zones()
            .getFirst();
    same(same.settings(), wanted, "the settings after a replacement");
    same(same.contentRevision(), zone.contentRevision(), "the revision of equal content");
    same(same.serial(), 10L, "the serial of equal content");
    StoredZone both =
        store
            .commit(
                ChangeSet.of(
                    WHO,
                    new ZoneChange.Replace(
                        zone.id(), zone.settings(), content(APEX, 50, a("www", 2)), ANY)))
            .zones()
            .getFirst();
    same(both.settings(), zone.settings(), "the settings after a replacement of both");
    same(both.serial(), 50L, "the serial after a replacement that gives a greater one");
    counted(store, zone.id());
  }

  private static void inOrder(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    commit(
        store,
        zone.id(),
        delete("www", RecordType.A),
        put(a("www", 5)),
        new RRsetEdit.Add(
            name("www"), RecordType.A, 77, List.of(address(6)), RRsetEdit.ANY_REVISION),
        new RRsetEdit.Remove(
            name("www"), RecordType.A, List.of(address(5)), RRsetEdit.ANY_REVISION),
        put(a("gone", 1)),
        delete("gone", RecordType.A));
    RRset is = there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").rrset();
    same(is.data(), List.of(address(6)), "the data after edits in a row");
    same(is.ttl(), 77, "the TTL after edits in a row");
    same(rrset(store, zone.id(), name("gone"), RecordType.A), null, "what was put and deleted");
    counted(store, zone.id());
  }

  private static void addAndRemove(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    List<RecordData> two = List.of(address(2), address(1));
    commit(
        store,
        zone.id(),
        new RRsetEdit.Add(name("www"), RecordType.A, 60, two, RRsetEdit.ANY_REVISION));
    same(
        there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").rrset().data(),
        List.of(address(1), address(2)),
        "the data after records were added");
    CommitResult again =
        store.commit(
            edit(
                zone.id(),
                new RRsetEdit.Add(name("www"), RecordType.A, 60, two, RRsetEdit.ANY_REVISION),
                new RRsetEdit.Remove(
                    name("www"), RecordType.A, List.of(address(9)), RRsetEdit.ANY_REVISION)));
    that(!again.changed(), "adding what is there and removing what is not changed something");
    StoredZone after =
        commit(
            store,
            zone.id(),
            new RRsetEdit.Remove(name("www"), RecordType.A, two, RRsetEdit.ANY_REVISION));
    same(rrset(store, zone.id(), name("www"), RecordType.A), null, "an RRset without records");
    same(after.nameCount(), 1, "the number of names");
    counted(store, zone.id());
  }

  private static void deleteAbsent(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    that(
        !store.commit(edit(zone.id(), delete("none", RecordType.A))).changed(),
        "deleting what is not there changed something");
    refused(
        Refusal.Kind.CONFLICT,
        "a guarded deletion of what is not there",
        () -> store.commit(edit(zone.id(), new RRsetEdit.Delete(name("none"), RecordType.A, 1))));
  }

  private static void deletedIsGone(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    CommitResult result =
        store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), zone.revision())));
    same(result.zones(), List.of(zone), "the deleted zone in the result");
    same(store.state().zones(), 0L, "the number of zones");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(snapshot.zone(zone.id()), null, "the deleted zone by its id");
      same(snapshot.zone(key(APEX)), null, "the deleted zone by its name");
      same(snapshot.rrsets(zone.id(), name("www")), List.of(), "the RRsets of a deleted zone");
      same(all(snapshot, zone.id()), List.of(), "the content of a deleted zone");
    }
  }
}
