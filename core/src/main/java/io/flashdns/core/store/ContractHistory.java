package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Claims about what was: events, watches, compaction, earlier revisions, rolling back. */
final class ContractHistory {
  private static final DomainName OTHER = DomainName.parse("other.test.");

  private ContractHistory() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("aWatchGivesEveryEventOnceInOrder", h -> everyEventOnce(h.store()));
    claims.add("aWatchStartsAtAnyRevision", h -> anyRevision(h.store()));
    claims.add("aWatchWaitsForWhatComes", h -> waits(h.store()));
    claims.add("aWatchWithoutEventsComesBack", h -> comesBack(h.store()));
    claims.add("aSlowWatcherMissesNothing", h -> slow(h.store()));
    claims.add("watchersDoNotDisturbEachOther", h -> several(h.store()));
    claims.add("anEventTellsWhoAndWhy", h -> whoAndWhy(h.store()));
    claims.add("anEventHoldsBeforeAndAfter", h -> beforeAndAfter(h.store()));
    claims.add("eventsAloneMakeTheContent", h -> eventsMakeContent(h.store()));
    claims.add("aWatchOfWhatWasCompactedIsTold", h -> compactedWatch(h.store()));
    claims.add("compactionSurvivesARestart", h -> compactionAfterRestart(h));
    claims.add("compactionKeepsThePresent", h -> compactionKeepsThePresent(h.store()));
    claims.add("historyIsNewestFirstAndPaged", h -> paged(h.store()));
    claims.add("historyIsOfOneZoneAlone", h -> ofOneZone(h.store()));
    claims.add("historySurvivesDeletion", h -> survivesDeletion(h.store()));
    claims.add("theLastDeletedOfANameIsKnown", h -> lastDeleted(h.store()));
    claims.add("anEarlierRevisionIsReadAsItWas", h -> earlier(h.store()));
    claims.add("anEarlierRevisionHasItsZones", h -> earlierZones(h.store()));
    claims.add("aCompactedRevisionCannotBeRead", h -> compactedRead(h.store()));
    claims.add("twoRevisionsAreCompared", h -> compared(h.store()));
    claims.add("aZoneIsRolledBack", h -> rolledBack(h.store()));
    claims.add("aRollbackOfManyChangesIsExact", h -> rolledBackExactly(h.store()));
    claims.add("aRollbackIsGuarded", h -> rollbackIsGuarded(h.store()));
    claims.add("aDeletedZoneIsRestored", h -> restored(h.store()));
  }

  private static void everyEventOnce(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    for (int i = 0; i < 300; i++) {
      commit(store, zone.id(), put(a("h" + i % 7, i)));
    }
    same(revisions(events(store, 0)), range(1, 301), "the revisions that a watch gives");
  }

  private static void anyRevision(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    for (int i = 0; i < 20; i++) {
      commit(store, zone.id(), put(a("www", i)));
    }
    long last = store.state().revision();
    List<StoreEvent> all = events(store, 0);
    for (long after = 0; after < last; after += 3) {
      same(
          events(store, after),
          all.subList((int) after, all.size()),
          "what a watch after revision " + after + " gives");
    }
  }

  private static void waits(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    long before = store.state().revision();
    try (Watch watch = store.watch(before);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<List<StoreEvent>> waiting = thread.submit(() -> watch.next(PATIENCE));
      long asked = System.nanoTime();
      commit(store, zone.id(), put(a("www", 1)));
      same(revisions(waiting.get()), List.of(before + 1), "the event that was waited for");
      that(
          System.nanoTime() - asked < PATIENCE.toNanos() / 2,
          "a waiting watch was not woken by an event");
    }
  }

  private static void comesBack(ZoneStore store) throws Exception {
    zone(store);
    try (Watch watch = store.watch(store.state().revision())) {
      same(watch.next(A_WHILE), List.of(), "what a watch gives where nothing happens");
      same(watch.next(A_WHILE), List.of(), "what it gives when asked again");
    }
  }

  private static void slow(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    List<Long> seen = new ArrayList<>();
    try (Watch watch = store.watch(0)) {
      for (int i = 0; i < 10; i++) {
        for (int j = 0; j < 40; j++) {
          commit(store, zone.id(), put(a("h" + j, i)));
        }
        seen.addAll(revisions(watch.next(PATIENCE)));
      }
      long last = store.state().revision();
      if (seen.getLast() < last) {
        seen.addAll(revisions(drain(watch, last)));
      }
      same(seen, range(1, last), "what a slow watcher saw");
    }
  }

  private static void several(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    try (Watch two = store.watch(0)) {
      List<StoreEvent> first;
      try (Watch one = store.watch(0)) {
        for (int i = 0; i < 5; i++) {
          commit(store, zone.id(), put(a("www", i)));
        }
        first = drain(one, 6);
      }
      same(drain(two, 6), first, "what the second watcher saw");
    }
  }

  private static void whoAndWhy(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    store.commit(
        new ChangeSet(
            "request-7",
            "alice@example.org",
            "192.0.2.1",
            "",
            true,
            List.of(new ZoneChange.Edit(zone.id(), List.of(put(a("www", 1))), ANY))));
    StoreEvent event = events(store, zone.revision()).getFirst();
    same(event.who(), "alice@example.org", "who is told");
    same(event.where(), "192.0.2.1", "where from is told");
    same(event.requestId(), "request-7", "the request id that is told");
    that(event.forced(), "an event hides that it was forced");
    that(
        event.epochMillis() > 1_500_000_000_000L, "the time of an event is " + event.epochMillis());
    same(
        store.history(zone.id(), Long.MAX_VALUE, 1),
        List.of(event),
        "the same event in the history of its zone");
  }

  private static void beforeAndAfter(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("change", 1), a("go", 1), a("stay", 1));
    StoredZone after =
        commit(
            store, zone.id(), put(a("change", 2)), delete("go", RecordType.A), put(a("come", 1)));
    ZoneEvent event = events(store, zone.revision()).getFirst().zones().getFirst();
    same(event.zoneBefore(), zone, "the zone before");
    same(event.zoneAfter(), after, "the zone after");
    same(
        event.before().rrsets(),
        List.of(
            new StoredRRset(soa(APEX, 10), zone.revision()),
            new StoredRRset(a("change", 1), zone.revision()),
            new StoredRRset(a("go", 1), zone.revision())),
        "the RRsets before");
    same(
        event.after().rrsets(),
        List.of(
            new StoredRRset(soa(APEX, 11), after.revision()),
            new StoredRRset(a("change", 2), after.revision()),
            new StoredRRset(a("come", 1), after.revision())),
        "the RRsets after");
  }

  private static void eventsMakeContent(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    SplittableRandom dice = new SplittableRandom(11);
    for (int i = 0; i < 60; i++) {
      store.commit(edit(zone.id(), randomEdits(dice)).forced());
    }
    RRsetBlock content = RRsetBlock.empty(APEX);
    for (StoreEvent event : events(store, 0)) {
      for (ZoneEvent one : event.zones()) {
        content = RRsetPages.merged(content, one.before(), one.after());
      }
    }
    same(content.rrsets(), all(store, zone.id()), "the content made of the events alone");
  }

  private static void compactedWatch(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    try (Watch late = store.watch(0)) {
      for (int i = 0; i < 10; i++) {
        commit(store, zone.id(), put(a("www", i)));
      }
      store.compact(6);
      same(store.state().compactedRevision(), 6L, "the compacted revision");
      compacted("a watch after revision 3", () -> events(store, 3));
      compacted(
          "a watch that was open while its events were compacted",
          () -> {
            // What it had taken already it may still give.
            long seen = 0;
            while (seen < 11) {
              List<StoreEvent> events = late.next(A_WHILE);
              that(!events.isEmpty(), "a watch gives nothing where events are, after " + seen);
              for (StoreEvent event : events) {
                that(
                    event.revision() == seen + 1,
                    "a watch passed from revision " + seen + " to " + event.revision());
                seen = event.revision();
              }
            }
            throw new StoreException.Compacted(0, 6);
          });
      same(revisions(events(store, 6)), range(7, 11), "what a watch after the compaction gives");
    }
  }

  private static void compactionAfterRestart(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = zone(store);
    for (int i = 0; i < 10; i++) {
      commit(store, zone.id(), put(a("www", i)));
    }
    store.compact(6);
    ZoneStore again = harness.reopen();
    same(again.state().compactedRevision(), 6L, "the compacted revision after a restart");
    compacted("a watch after revision 3 after a restart", () -> events(again, 3));
    same(revisions(events(again, 8)), range(9, 11), "what a watch gives after a restart");
  }

  private static void compactionKeepsThePresent(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1), a("old", 1));
    commit(store, zone.id(), put(a("www", 2)));
    List<StoredRRset> before = all(store, zone.id());
    StoredZone last = now(store, zone.id());
    store.compact(store.state().revision());
    same(all(store, zone.id()), before, "the content after a compaction");
    same(now(store, zone.id()), last, "the zone after a compaction");
    same(
        commit(store, zone.id(), put(a("www", 3))).revision(),
        last.revision() + 1,
        "the revision after a compaction");
    that(
        store.history(zone.id(), Long.MAX_VALUE, 10).size() == 1,
        "the history after a compaction has events that are gone");
  }

  private static void paged(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    for (int i = 0; i < 9; i++) {
      commit(store, zone.id(), put(a("www", i)));
    }
    List<Long> seen = new ArrayList<>();
    long before = Long.MAX_VALUE;
    while (true) {
      List<StoreEvent> page = store.history(zone.id(), before, 4);
      that(page.size() <= 4, "a page of 4 events has " + page.size());
      if (page.isEmpty()) {
        break;
      }
      seen.addAll(revisions(page));
      before = seen.getLast();
    }
    same(seen, range(1, 10).reversed(), "the history of a zone, newest first");
  }

  private static void ofOneZone(ZoneStore store) throws Exception {
    StoredZone one = zone(store);
    StoredZone two = zone(store, OTHER);
    store.commit(
        ChangeSet.of(
            WHO,
            new ZoneChange.Edit(one.id(), List.of(put(a("www", 1))), ANY),
            new ZoneChange.Edit(two.id(), List.of(put(txt(OTHER, "x"))), ANY)));
    List<StoreEvent> history = store.history(two.id(), Long.MAX_VALUE, 10);
    same(revisions(history), List.of(3L, 2L), "the revisions in the history of the second zone");
    for (StoreEvent event : history) {
      same(event.zones().size(), 1, "the zones in an event of one zone's history");
      same(event.zones().getFirst().zone().id(), two.id(), "the zone of an event of its history");
    }
  }

  private static void survivesDeletion(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    commit(store, zone.id(), put(a("www", 2)));
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    List<StoreEvent> history = store.history(zone.id(), Long.MAX_VALUE, 10);
    same(revisions(history), List.of(3L, 2L, 1L), "the history of a deleted zone");
    ZoneEvent last = history.getFirst().zones().getFirst();
    same(last.zoneAfter(), null, "the zone after its deletion");
    same(
        said(last.before().rrsets()),
        sorted(ns(APEX, "ns1", "ns2"), a("www", 2)),
        "what a deleted zone had");
    try (StoreSnapshot past = store.snapshot(2)) {
      there(past.zone(zone.id()), "a deleted zone at an earlier revision");
    }
  }

  private static void lastDeleted(ZoneStore store) throws Exception {
    same(store.lastDeleted(key(APEX)), null, "the last deleted of a name that never was");
    StoredZone first = zone(store);
    same(store.lastDeleted(key(APEX)), null, "the last deleted of a name that lives");
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(first.id(), ANY)));
    same(store.lastDeleted(key(APEX)), first, "the last deleted of a name");
    StoredZone second = zone(store, a("www", 1));
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(second.id(), ANY)));
    same(store.lastDeleted(key(APEX)), second, "the last deleted of a name that was twice");
    same(store.lastDeleted(key(OTHER)), null, "the last deleted of another name");
    store.compact(store.state().revision());
    same(store.lastDeleted(key(APEX)), null, "the last deleted when history is gone");
  }

  private static void earlier(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    SplittableRandom dice = new SplittableRandom(7);
    Map<Long, List<StoredRRset>> was = new HashMap<>();
    Map<Long, StoredZone> zones = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      store.commit(edit(zone.id(), randomEdits(dice)).forced());
      long revision = store.state().revision();
      was.put(revision, all(store, zone.id()));
      zones.put(revision, now(store, zone.id()));
    }
    for (Map.Entry<Long, List<StoredRRset>> entry : was.entrySet()) {
      try (StoreSnapshot past = store.snapshot(entry.getKey())) {
        same(past.revision(), entry.getKey(), "the revision of a snapshot");
        same(all(past, zone.id()), entry.getValue(), "the content at " + entry.getKey());
        same(past.zone(zone.id()), zones.get(entry.getKey()), "the zone at " + entry.getKey());
        for (StoredRRset rrset : entry.getValue()) {
          same(
              rrset(past, zone.id(), rrset.rrset().owner(), rrset.rrset().type()),
              rrset,
              "one RRset at revision " + entry.getKey());
        }
      }
    }
  }

  private static void earlierZones(ZoneStore store) throws Exception {
    StoredZone one = zone(store);
    StoredZone two = zone(store, OTHER);
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(one.id(), ANY)));
    StoredZone again = zone(store);
    try (StoreSnapshot past = store.snapshot(0)) {
      same(past.zones(0, 10), List.of(), "the zones at revision 0");
      same(past.zone(key(APEX)), null, "a zone before it was created");
    }
    try (StoreSnapshot past = store.snapshot(2)) {
      same(past.zones(0, 10), List.of(one, two), "the zones at revision 2");
      same(past.zones(one.id().value(), 10), List.of(two), "the zones after the first");
      same(past.zones(0, 1), List.of(one), "one zone at revision 2");
      same(past.zone(key(APEX)), one, "a zone by its name at revision 2");
      same(past.zone(again.id()), null, "a zone that was created later");
    }
    try (StoreSnapshot past = store.snapshot(3)) {
      same(past.zones(0, 10), List.of(two), "the zones at revision 3");
      same(past.zone(key(APEX)), null, "a zone by its name while it was deleted");
    }
  }

  private static void compactedRead(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    for (int i = 0; i < 5; i++) {
      commit(store, zone.id(), put(a("www", i)));
    }
    store.compact(3);
    compacted("a snapshot of revision 2", () -> store.snapshot(2).close());
    compacted("the content at revision 2", () -> new ZoneHistory(store).content(zone.id(), 2));
    store.snapshot(3).close();
  }

  private static void compared(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("x", 1), a("y", 1));
    commit(store, zone.id(), put(a("x", 2)), put(a("z", 1)));
    commit(store, zone.id(), delete("y", RecordType.A));
    commit(store, zone.id(), delete("z", RecordType.A), put(a("x", 3)));
    ZoneHistory history = new ZoneHistory(store);
    ContentDelta delta = history.diff(zone.id(), 1, 4);
    same(said(delta.before().rrsets()), List.of(a("x", 1), a("y", 1)), "what was at revision 1");
    same(said(delta.after().rrsets()), List.of(a("x", 3)), "what is at revision 4");
    ContentDelta back = history.diff(zone.id(), 4, 1);
    same(back.before().rrsets(), delta.after().rrsets(), "the difference the other way round");
    that(history.diff(zone.id(), 2, 2).isNone(), "a revision differs from itself");
  }

  private static void rolledBack(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1), a("mail", 1));
    commit(store, zone.id(), put(a("www", 2)), delete("mail", RecordType.A), put(a("new", 1)));
    commit(store, zone.id(), put(txt(APEX, "later")));
    ZoneHistory history = new ZoneHistory(store);
    CommitResult result = store.commit(history.rollback(zone.id(), 1, "bob"));
    same(
        said(all(store, zone.id())),
        sorted(ns(APEX, "ns1", "ns2"), a("www", 1), a("mail", 1)),
        "the content after rolling back");
    same(result.zones().getFirst().serial(), 13L, "the serial after rolling back");
    StoreEvent event = store.history(zone.id(), Long.MAX_VALUE, 1).getFirst();
    same(event.who(), "bob", "who rolled back");
    counted(store, zone.id());
    that(
        !store.commit(history.rollback(zone.id(), 1, "bob")).changed(),
        "rolling back twice changed something");
    store.commit(history.rollback(zone.id(), 3, "bob"));
    there(rrset(store, zone.id(), APEX, RecordType.TXT), "what the rollback of a rollback brings");
  }

  private static void rolledBackExactly(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    SplittableRandom dice = new SplittableRandom(23);
    List<RRset> wanted = List.of();
    long at = 0;
    long serial = 0;
    for (int i = 0; i < 60; i++) {
      store.commit(edit(zone.id(), randomEdits(dice)).forced());
      if (i == 20) {
        wanted = said(all(store, zone.id()));
        at = store.state().revision();
      }
      serial = now(store, zone.id()).serial();
    }
    StoredZone after =
        store
            .commit(new ZoneHistory(store).rollback(zone.id(), at, WHO).forced())
            .zones()
            .getFirst();
    same(said(all(store, zone.id())), wanted, "the content after rolling back 39 changes");
    same(after.serial(), serial + 1, "the serial after rolling back");
    counted(store, zone.id());
  }

  private static void rollbackIsGuarded(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    commit(store, zone.id(), put(a("www", 2)));
    ChangeSet back = new ZoneHistory(store).rollback(zone.id(), 1, WHO);
    commit(store, zone.id(), put(a("www", 3)));
    refused(
        Refusal.Kind.CONFLICT,
        "a rollback worked out before another change",
        () -> store.commit(back));
  }

  private static void restored(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    StoredZone last = commit(store, zone.id(), put(a("www", 2)));
    ZoneHistory history = new ZoneHistory(store);
    refused(
        Refusal.Kind.NOT_FOUND,
        "the restoration of a zone that was not deleted",
        () -> history.restore(key(APEX), WHO));
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    StoredZone back = store.commit(history.restore(key(APEX), WHO)).zones().getFirst();
    that(!back.id().equals(zone.id()), "a restored zone has its old id");
    same(back.serial(), last.serial() + 1, "the serial of a restored zone");
    same(
        said(all(store, back.id())),
        sorted(ns(APEX, "ns1", "ns2"), a("www", 2)),
        "the content of a restored zone");
    counted(store, back.id());
    refused(
        Refusal.Kind.EXISTS,
        "the restoration of a zone that lives again",
        () -> store.commit(history.restore(key(APEX), WHO)));
  }
}
