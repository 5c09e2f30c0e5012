package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Claims about asking: repetition, restart, previews. */
final class ContractRequests {
  private static final DomainName OTHER = DomainName.parse("other.test.");

  private ContractRequests() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("aRepeatedRequestGetsTheFirstResult", h -> repeated(h.store()));
    claims.add("aRepeatedRequestIsKnownAfterARestart", h -> repeatedAfterRestart(h));
    claims.add("aRepeatedRequestIsKnownForADay", h -> repeatedAfterADay(h));
    claims.add("repetitionsAtOnceAreMadeOnce", h -> repeatedAtOnce(h.store()));
    claims.add("requestsOfOthersAreOthers", h -> requestsOfOthers(h.store()));
    claims.add("aRequestThatChangedNothingIsRemembered", h -> nothingIsRemembered(h.store()));
    claims.add("aRefusedRequestMayBeMadeLater", h -> refusedMayBeMadeLater(h.store()));
    claims.add("everythingIsThereAfterARestart", h -> everythingAfterRestart(h));
    claims.add("revisionsGoOnAfterARestart", h -> revisionsGoOn(h));
    claims.add("eventsAndHistoryAreThereAfterARestart", h -> eventsAfterRestart(h));
    claims.add("aClosedStoreTakesNoChanges", h -> closed(h));
    claims.add("aPreviewChangesNothing", h -> previewChangesNothing(h.store()));
    claims.add("aPreviewTellsWhatCommitDoes", h -> previewTells(h.store()));
    claims.add("aPreviewIsRefusedAsTheChangeIs", h -> previewRefused(h.store()));
  }

  private static void isRepetition(CommitResult again, CommitResult first) {
    same(again.revision(), first.revision(), "the revision of a repeated request");
    same(again.zones(), first.zones(), "the zones of a repeated request");
    that(!again.changed(), "a repeated request says that it changed something");
  }

  private static void repeated(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    ChangeSet change = edit(zone.id(), put(a("www", 1))).withRequestId("r1");
    CommitResult first = store.commit(change);
    commit(store, zone.id(), delete("www", RecordType.A));
    long revision = store.state().revision();
    isRepetition(store.commit(change), first);
    same(store.state().revision(), revision, "the revision after a repeated request");
    same(
        rrset(store, zone.id(), name("www"), RecordType.A),
        null,
        "what was deleted after the first request");
    same(events(store, revision), List.of(), "the events of a repeated request");
    ChangeSet creation = create(OTHER, content(OTHER, 1)).withRequestId("r2");
    CommitResult created = store.commit(creation);
    isRepetition(store.commit(creation), created);
  }

  private static void repeatedAfterRestart(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = zone(store);
    ChangeSet change = edit(zone.id(), put(a("www", 1))).withRequestId("r1");
    CommitResult first = store.commit(change);
    commit(store, zone.id(), put(a("www", 2)));
    store = harness.reopen();
    isRepetition(store.commit(change), first);
    same(
        there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").rrset(),
        a("www", 2),
        "www A after a repeated request");
  }

  private static void repeatedAfterADay(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = zone(store);
    ChangeSet change = edit(zone.id(), put(a("www", 1))).withRequestId("r1");
    CommitResult first = store.commit(change);
    commit(store, zone.id(), put(a("www", 2)));
    if (harness.advance(Duration.ofHours(23))) {
      isRepetition(store.commit(change), first);
    }
  }

  private static void repeatedAtOnce(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    long before = store.state().revision();
    int askers = 8;
    CountDownLatch start = new CountDownLatch(askers);
    List<Future<CommitResult>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(askers)) {
      for (int i = 0; i < askers; i++) {
        // All the same request, each with another content: only one of them may be made.
        ChangeSet change = edit(zone.id(), put(a("www", i))).withRequestId("same");
        Callable<CommitResult> asking =
            () -> {
              start.countDown();
              start.await();
              return store.commit(change);
            };
        results.add(threads.submit(asking));
      }
    }
    Set<Long> revisions = new HashSet<>();
    int changed = 0;
    for (Future<CommitResult> result : results) {
      revisions.add(result.get().revision());
      changed += result.get().changed() ? 1 : 0;
    }
    same(revisions, Set.of(before + 1), "the revisions of one request made by eight at once");
    same(changed, 1, "the number of those who are told that they changed something");
    same(store.state().revision(), before + 1, "the revision after one request made by eight");
  }

  private static void requestsOfOthers(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    ChangeSet mine = edit(zone.id(), put(a("mine", 1))).withRequestId("r1");
    store.commit(mine);
    ChangeSet theirs =
        new ChangeSet(
            "r1",
            "somebody else",
            "",
            "",
            false,
            List.of(new ZoneChange.Edit(zone.id(), List.of(put(a("theirs", 1))), ANY)));
    that(
        store.commit(theirs).changed(),
        "a request of one principal was taken for that of another with the same id");
    there(rrset(store, zone.id(), name("theirs"), RecordType.A), "theirs A");
  }

  private static void nothingIsRemembered(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    ChangeSet change = edit(zone.id(), put(a("www", 1))).withRequestId("r1");
    CommitResult first = store.commit(change);
    that(!first.changed(), "a change of nothing says that it changed something");
    commit(store, zone.id(), put(a("www", 2)));
    isRepetition(store.commit(change), first);
    same(
        there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").rrset(),
        a("www", 2),
        "what others wrote between a request that changed nothing and its repetition");
  }

  private static void refusedMayBeMadeLater(ZoneStore store) throws Exception {
    ChangeSet creation = create(APEX, content(APEX, 1)).withRequestId("r1");
    StoredZone zone = zone(store);
    refused(Refusal.Kind.EXISTS, "the creation of what is there", () -> store.commit(creation));
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    that(store.commit(creation).changed(), "a refusal was remembered as the result of a request");
  }

  private static void everythingAfterRestart(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone one = zone(store, a("www", 1), a("mail", 2));
    zone(store, OTHER);
    commit(store, one.id(), put(a("www", 3)), delete("mail", RecordType.A));
    StoreState state = store.state();
    List<StoredZone> zones;
    List<StoredRRset> rrsets = all(store, one.id());
    try (StoreSnapshot snapshot = store.snapshot()) {
      zones = snapshot.zones(0, 10);
    }
    store = harness.reopen();
    same(store.state().revision(), state.revision(), "the revision after a restart");
    same(store.state().zones(), 2L, "the number of zones after a restart");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(snapshot.revision(), state.revision(), "the revision of a snapshot after a restart");
      same(snapshot.zones(0, 10), zones, "the zones after a restart");
    }
    same(all(store, one.id()), rrsets, "the content after a restart");
    counted(store, one.id());
  }

  private static void revisionsGoOn(StoreContract.Harness harness) throws Exception {
    StoredZone zone = zone(harness.store());
    for (int i = 0; i < 4; i++) {
      long before = harness.store().state().revision();
      ZoneStore store = harness.reopen();
      same(
          commit(store, zone.id(), put(a("www", i))).revision(),
          before + 1,
          "the first revision after a restart");
    }
  }

  private static void eventsAfterRestart(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = zone(store);
    commit(store, zone.id(), put(a("www", 1)));
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    List<StoreEvent> before = events(store, 0);
    store = harness.reopen();
    same(events(store, 0), before, "the events after a restart");
    same(
        store.history(zone.id(), Long.MAX_VALUE, 10).size(),
        3,
        "the length of a zone's history after a restart");
    there(store.lastDeleted(key(APEX)), "the deleted zone after a restart");
  }

  private static void closed(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    store.close();
    try {
      store.commit(create(APEX, content(APEX, 1)));
    } catch (StoreException.Unavailable _) {
      return;
    } finally {
      harness.reopen();
    }
    throw new AssertionError("a closed store took a change");
  }

  private static void previewChangesNothing(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    StoreState before = store.state();
    store.preview(edit(zone.id(), put(a("www", 2))));
    store.preview(create(OTHER, content(OTHER, 1)));
    store.preview(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    same(store.state(), before, "the state after previews");
    same(now(store, zone.id()), zone, "the zone after previews");
    same(events(store, before.revision()), List.of(), "the events of previews");
    ChangeSet change = edit(zone.id(), put(a("www", 3))).withRequestId("once");
    store.preview(change);
    that(store.commit(change).changed(), "a preview used up the id of its request");
  }

  private static void previewTells(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1), a("mail", 1));
    ChangeSet change =
        ChangeSet.of(
            WHO,
            new ZoneChange.Edit(
                zone.id(), List.of(put(a("www", 2)), delete("mail", RecordType.A)), ANY));
    StoreEvent told = store.preview(change);
    long before = store.state().revision();
    store.commit(change);
    StoreEvent made = events(store, before).getFirst();
    same(told.revision(), made.revision(), "the revision in the preview");
    same(told.who(), made.who(), "the principal in the preview");
    same(told.zones().size(), made.zones().size(), "the number of zones in the preview");
    ZoneEvent is = told.zones().getFirst();
    ZoneEvent was = made.zones().getFirst();
    same(is.zoneAfter(), was.zoneAfter(), "the zone in the preview");
    same(is.before().rrsets(), was.before().rrsets(), "the RRsets before in the preview");
    same(is.after().rrsets(), was.after().rrsets(), "the RRsets after in the preview");
    same(
        store.preview(edit(zone.id(), put(a("www", 2)))).zones(),
        List.of(),
        "what a preview of no change says");
  }

  private static void previewRefused(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    refused(
        Refusal.Kind.INVALID,
        "the preview of a change that breaks a rule",
        () -> store.preview(edit(zone.id(), put(cname("www", "x")), put(a("www", 1)))));
  }
}
