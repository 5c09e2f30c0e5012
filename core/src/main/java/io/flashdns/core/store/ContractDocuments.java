package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Claims about what is decided and written beside the zones: documents, journal, answers. */
final class ContractDocuments {
  private static final int COUNTS = 1_000;

  private ContractDocuments() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("documentsAreMadeWithTheZones", h -> withZones(h.store()));
    claims.add("documentsAreListedInOrder", h -> listed(h.store()));
    claims.add("anyDocumentIsKept", h -> anyDocument(h));
    claims.add("aRemovedDocumentIsGone", h -> removed(h));
    claims.add("theSameValueChangesNothing", h -> sameValue(h.store()));
    claims.add("aDecisionSeesTheStateBefore", h -> seesBefore(h.store()));
    claims.add("aDecisionThatRefusesMakesNothing", h -> refuses(h.store()));
    claims.add("whatADecisionThrowsIsThrown", h -> throwsItself(h.store()));
    claims.add("aDecisionDisturbsNoOther", h -> disturbsNoOther(h.store()));
    claims.add("aRefusedChangeIsNotDecided", h -> notDecided(h.store()));
    claims.add("aKnownRequestGetsItsAnswer", h -> knownAnswer(h));
    claims.add("aDocumentIsWrittenOnceInAChangeSet", h -> writtenOnce(h.store()));
    claims.add("eventsTellOfDocuments", h -> eventsTell(h));
    claims.add("historyOfZonesTellsNothingOfDocuments", h -> historyTellsNothing(h.store()));
    claims.add("aPreviewDecidesAndWritesNothing", h -> preview(h.store()));
    claims.add("aSnapshotOfAnEarlierRevisionHasTheDocumentsOfNow", h -> ofNow(h.store()));
    claims.add("theJournalIsNewestFirst", h -> journal(h));
    claims.add("theJournalIsWrittenWhenNothingChanges", h -> journalAlone(h));
    claims.add("theJournalOfARefusedChangeIsNotWritten", h -> journalOfNothing(h.store()));
    claims.add("decisionsAreSerial", h -> serial(h.store()));
    claims.add("documentsAreThereAfterARestart", h -> afterRestart(h));
  }

  static Octets text(String value) {
    return Octets.of(value);
  }

  static Effects puts(String... keysAndValues) {
    List<DocumentEdit> edits = new ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      edits.add(DocumentEdit.put(keysAndValues[i], text(keysAndValues[i + 1])));
    }
    return new Effects(edits, List.of(), Octets.EMPTY);
  }

  private static Effects removes(String key) {
    return new Effects(List.of(DocumentEdit.remove(key)), List.of(), Octets.EMPTY);
  }

  private static Effects writes(String... bodies) {
    List<Octets> journal = new ArrayList<>();
    for (String body : bodies) {
      journal.add(text(body));
    }
    return new Effects(List.of(), journal, Octets.EMPTY);
  }

  private static ChangeSet deciding(Decision decision) {
    return ChangeSet.ofDecision(WHO, decision);
  }

  static CommitResult put(ZoneStore store, String... keysAndValues) throws Exception {
    return store.commit(deciding((_, _, _) -> puts(keysAndValues)));
  }

  private static String value(ContentView view, String key) throws Exception {
    Document document = view.document(key);
    return document == null ? "(none)" : document.value().text();
  }

  private static String value(ZoneStore store, String key) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return value(snapshot, key);
    }
  }

  private static List<String> keys(ZoneStore store, String prefix, String after, int limit)
      throws Exception {
    List<String> keys = new ArrayList<>();
    try (StoreSnapshot snapshot = store.snapshot()) {
      for (Document document : snapshot.documents(prefix, after, limit)) {
        keys.add(document.key());
      }
    }
    return keys;
  }

  private static List<String> bodies(ZoneStore store) throws Exception {
    List<String> bodies = new ArrayList<>();
    for (JournalEntry entry : store.journal(Long.MAX_VALUE, 100)) {
      bodies.add(entry.revision() + " " + entry.body().text());
    }
    return bodies;
  }

  private static void withZones(ZoneStore store) throws Exception {
    CommitResult made =
        store.commit(
            create(APEX, content(APEX, 1))
                .deciding(
                    (_, plan, _) ->
                        puts("zones/1", plan.zones().getFirst().zone().id().toString())));
    that(made.changed(), "a change with zones and documents says that it changed nothing");
    same(made.revision(), 1L, "the revision of the first change set");
    same(value(store, "zones/1"), made.zones().getFirst().id().toString(), "the document");
    CommitResult alone = put(store, "a", "1", "b", "2");
    same(alone.revision(), 2L, "the revision of documents alone");
    that(alone.changed(), "documents say that they changed nothing");
    same(alone.zones(), List.of(), "the zones of documents alone");
    same(store.state().revision(), 2L, "the revision of the store");
    same(store.state().zones(), 1L, "the number of zones");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(there(snapshot.document("zones/1"), "zones/1").revision(), 1L, "its revision");
      same(there(snapshot.document("b"), "b").revision(), 2L, "the revision of b");
      same(snapshot.document("c"), null, "a document that was never written");
      same(snapshot.document("zones/"), null, "a document whose key is longer");
    }
  }

  private static void listed(ZoneStore store) throws Exception {
    put(store, "b/2", "", "a", "1", "b/10", "x", "b", "0", "b0", "y", "c/~", "z", "b/1", "w");
    same(
        keys(store, "", "", 100),
        List.of("a", "b", "b/1", "b/10", "b/2", "b0", "c/~"),
        "all documents");
    same(keys(store, "b/", "", 100), List.of("b/1", "b/10", "b/2"), "those below b/");
    same(keys(store, "b/", "b/1", 100), List.of("b/10", "b/2"), "those behind b/1");
    same(keys(store, "b/", "b/1x", 1), List.of("b/2"), "the first behind b/1x");
    same(keys(store, "b/", "a", 2), List.of("b/1", "b/10"), "the first two");
    same(keys(store, "b/", "c", 2), List.of(), "those below b/ and behind c");
    same(keys(store, "d", "", 2), List.of(), "those below d");
    same(keys(store, "", "c/~", 2), List.of(), "those behind the last");
    same(keys(store, "", "", 0), List.of(), "none of them");
  }

  private static void anyDocument(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    byte[] large = new byte[Document.MAX_VALUE_BYTES];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31 + (i >> 8));
    }
    String longKey = "k".repeat(Document.MAX_KEY_CHARS);
    List<DocumentEdit> edits = new ArrayList<>();
    edits.add(DocumentEdit.put("large", Octets.of(large)));
    edits.add(DocumentEdit.put(longKey, Octets.EMPTY));
    edits.add(DocumentEdit.put("!", text("first")));
    for (int i = 0; i < 500; i++) {
      edits.add(DocumentEdit.put("many/" + i * 7 % 500, text("v" + i)));
    }
    Effects effects = new Effects(edits, List.of(), Octets.EMPTY);
    store.commit(deciding((_, _, _) -> effects));
    store = harness.reopen();
    for (DocumentEdit edit : edits) {
      try (StoreSnapshot snapshot = store.snapshot()) {
        same(
            there(snapshot.document(edit.key()), edit.key()).value(),
            edit.value(),
            "the document " + edit.key());
      }
    }
    same(keys(store, "many/", "", 1_000).size(), 500, "the number of many documents");
    same(keys(store, "", "", 1), List.of("!"), "the first document");
  }

  private static void removed(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    put(store, "a", "1", "b", "2", "c", "3", "d", "4");
    store.commit(deciding((_, _, _) -> removes("b")));
    store.commit(deciding((_, _, _) -> removes("d")));
    Effects both =
        new Effects(
            List.of(
                DocumentEdit.remove("a"),
                DocumentEdit.put("b", text("5")),
                DocumentEdit.put("aa", text("6"))),
            List.of(),
            Octets.EMPTY);
    store.commit(deciding((_, _, _) -> both));
    long revision = store.state().revision();
    store.commit(deciding((_, _, _) -> removes("a")));
    same(store.state().revision(), revision, "the revision after removing what is not there");
    store = harness.reopen();
    same(keys(store, "", "", 9), List.of("aa", "b", "c"), "what is left");
    same(value(store, "b"), "5", "what was written again");
    same(value(store, "a"), "(none)", "what was removed");
  }

  private static void sameValue(ZoneStore store) throws Exception {
    put(store, "a", "1", "b", "2");
    CommitResult again = put(store, "b", "2", "a", "1");
    that(!again.changed(), "the same values say that they changed something");
    same(again.revision(), 1L, "the revision after the same values");
    same(store.state().revision(), 1L, "the revision of the store");
    put(store, "a", "1", "b", "3");
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(there(snapshot.document("a"), "a").revision(), 1L, "the revision of what stayed");
      same(there(snapshot.document("b"), "b").revision(), 2L, "the revision of what changed");
    }
    List<StoreEvent> events = events(store, 1);
    same(
        events.getFirst().documents(),
        List.of(new DocumentEvent("b", text("2"), text("3"))),
        "the documents of the event");
  }

  private static void seesBefore(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    put(store, "a", "1");
    long before = store.state().revision();
    store.commit(
        edit(zone.id(), ContractRig.put(a("www", 2)), ContractRig.put(a("new", 3)))
            .deciding(
                (view, plan, _) -> {
                  same(plan.revision(), before + 1, "the revision of the plan");
                  same(view.document("b"), null, "a document before it is written");
                  same(there(view.document("a"), "a").value(), text("1"), "a document");
                  same(view.zone(zone.id()), zone, "the zone in the view of a decision");
                  same(view.zone(zone.settings().key()), zone, "the zone by its name");
                  same(
                      view.rrsets(zone.id(), name("www")).getFirst().rrset(),
                      a("www", 1),
                      "www A in the view of a decision");
                  same(view.rrsets(zone.id(), name("new")), List.of(), "what is not yet");
                  same(
                      view.zonesBelow(zone.settings().key().view(), DomainName.ROOT, null, 9),
                      List.of(zone),
                      "the zones below the root");
                  same(view.documents("", "", 9).size(), 1, "the number of documents");
                  return puts("b", "2", "a", "3");
                }));
    same(value(store, "a"), "3", "what was decided");
    same(
        there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").rrset(),
        a("www", 2),
        "www A");
  }

  private static void refuses(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    ChangeSet change =
        edit(zone.id(), ContractRig.put(a("www", 1)))
            .withRequestId("r")
            .deciding(
                (_, _, _) -> {
                  throw new StoreException.Refused(
                      List.of(new Refusal(Refusal.Kind.DECIDED, 0, "the quota is used up")));
                });
    long revision = store.state().revision();
    refused(Refusal.Kind.DECIDED, "what a decision refuses", () -> store.commit(change));
    same(store.state().revision(), revision, "the revision after a refusal");
    same(rrset(store, zone.id(), name("www"), RecordType.A), null, "www A after a refusal");
    refused(Refusal.Kind.DECIDED, "a preview of it", () -> store.preview(change));
    that(
        store.commit(edit(zone.id(), ContractRig.put(a("www", 1))).withRequestId("r")).changed(),
        "the request id of a refused change is known");
  }

  private static void throwsItself(ZoneStore store) throws Exception {
    RuntimeException fault = new IllegalStateException("this one");
    StoreException refusal =
        new StoreException.Refused(List.of(new Refusal(Refusal.Kind.DECIDED, 0, "that one")));
    Exception caught = null;
    try {
      store.commit(
          create(APEX, content(APEX, 1))
              .deciding(
                  (_, _, _) -> {
                    throw fault;
                  }));
    } catch (RuntimeException e) {
      caught = e;
    }
    same(caught, fault, "what the caller of a decision that throws gets");
    try {
      store.commit(
          deciding(
              (_, _, _) -> {
                throw refusal;
              }));
    } catch (StoreException e) {
      caught = e;
    }
    same(caught, refusal, "what the caller of a decision that refuses gets");
    same(store.state().revision(), 0L, "the revision after that");
    same(store.state().zones(), 0L, "the number of zones after that");
    zone(store);
  }

  /** Many at once, so that a store that makes several in one transaction does so. */
  private static void disturbsNoOther(ZoneStore store) throws Exception {
    int askers = 24;
    List<Future<CommitResult>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(askers)) {
      for (int i = 0; i < askers; i++) {
        int number = i;
        DomainName apex = DomainName.parse("z" + i + ".test.");
        ChangeSet change =
            create(apex, content(apex, 1))
                .deciding(
                    (_, _, _) -> {
                      if (number % 3 == 0) {
                        throw new IllegalStateException("no " + number);
                      }
                      return puts("made/" + number, "yes");
                    });
        results.add(threads.submit(() -> store.commit(change)));
      }
    }
    for (int i = 0; i < askers; i++) {
      boolean made = results.get(i).state() == Future.State.SUCCESS;
      same(made, i % 3 != 0, "whether change " + i + " was made");
      same(value(store, "made/" + i), made ? "yes" : "(none)", "document " + i);
      try (StoreSnapshot snapshot = store.snapshot()) {
        boolean isThere = snapshot.zone(key(DomainName.parse("z" + i + ".test."))) != null;
        same(isThere, made, "whether zone " + i + " is there");
      }
    }
    same(store.state().revision(), 16L, "the revision");
  }

  private static void notDecided(ZoneStore store) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    Decision counting =
        (_, _, _) -> {
          asked.incrementAndGet();
          return Effects.NONE;
        };
    refused(
        Refusal.Kind.NOT_FOUND,
        "a change of a zone that is not there",
        () -> store.commit(edit(new ZoneId(7), ContractRig.put(a("www", 1))).deciding(counting)));
    same(asked.get(), 0, "how often a refused change was decided");
    store.commit(deciding(counting));
    that(asked.get() > 0, "a change was not decided");
    same(store.state().revision(), 0L, "the revision after nothing");
  }

  private static void knownAnswer(StoreContract.Harness harness) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ChangeSet change =
        create(APEX, content(APEX, 1))
            .withRequestId("r1")
            .deciding(
                (_, _, _) -> {
                  asked.incrementAndGet();
                  return new Effects(
                      List.of(DocumentEdit.put("a", text("1"))),
                      List.of(text("once")),
                      text("the answer"));
                });
    CommitResult first = harness.store().commit(change);
    same(first.answer(), Octets.EMPTY, "the answer of the first time");
    put(harness.store(), "a", "2");
    int times = asked.get();
    for (boolean isRestarted : new boolean[] {false, true}) {
      ZoneStore store = isRestarted ? harness.reopen() : harness.store();
      CommitResult again = store.commit(change);
      same(again.answer(), text("the answer"), "the answer of a known request");
      same(again.revision(), first.revision(), "the revision of a known request");
      that(!again.changed(), "a known request says that it changed something");
      same(asked.get(), times, "how often it was decided");
      same(value(store, "a"), "2", "the document after a known request");
      same(bodies(store), List.of("1 once"), "the journal after a known request");
    }
    ZoneStore store = harness.store();
    ChangeSet nothing =
        deciding((_, _, _) -> new Effects(List.of(), List.of(), text("nothing")))
            .withRequestId("r2");
    that(!store.commit(nothing).changed(), "nothing says that it changed something");
    same(store.commit(nothing).answer(), text("nothing"), "the answer to nothing");
    same(
        store
            .commit(
                new ChangeSet(
                    "r1", "another", "", "", false, List.of(), (_, _, _) -> puts("a", "3")))
            .changed(),
        true,
        "whether another's request of the same id is made");
    if (harness.advance(Duration.ofHours(25))) {
      refused(Refusal.Kind.EXISTS, "a request id of yesterday", () -> store.commit(change));
    }
  }

  private static void writtenOnce(ZoneStore store) throws Exception {
    try {
      put(store, "a", "1", "a", "2");
    } catch (IllegalArgumentException _) {
      same(value(store, "a"), "(none)", "a document that was written twice");
      return;
    }
    throw new AssertionError("a document was written twice in one change set");
  }

  private static void eventsTell(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    put(store, "a", "1", "b", "2");
    zone(store);
    store.commit(
        create(DomainName.parse("two.test."), content(DomainName.parse("two.test."), 1))
            .deciding((_, _, _) -> puts("a", "3")));
    store.commit(deciding((_, _, _) -> removes("b")));
    List<List<DocumentEvent>> expected =
        List.of(
            List.of(
                new DocumentEvent("a", null, text("1")), new DocumentEvent("b", null, text("2"))),
            List.of(),
            List.of(new DocumentEvent("a", text("1"), text("3"))),
            List.of(new DocumentEvent("b", text("2"), null)));
    for (boolean isRestarted : new boolean[] {false, true}) {
      ZoneStore each = isRestarted ? harness.reopen() : harness.store();
      List<StoreEvent> events = events(each, 0);
      same(revisions(events), range(1, 4), "the revisions of the events");
      for (int i = 0; i < events.size(); i++) {
        same(events.get(i).documents(), expected.get(i), "the documents of event " + (i + 1));
        same(events.get(i).zones().size(), i == 1 || i == 2 ? 1 : 0, "its number of zones");
      }
    }
    ZoneStore now = harness.store();
    now.compact(3);
    compacted("a watch of what was compacted", () -> events(now, 1));
    same(events(now, 3).getFirst().documents(), expected.get(3), "what is left of the events");
    same(value(now, "a"), "3", "a document after compaction");
  }

  private static void historyTellsNothing(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    put(store, "a", "1");
    store.commit(
        edit(zone.id(), ContractRig.put(a("www", 1))).deciding((_, _, _) -> puts("a", "2")));
    List<StoreEvent> history = store.history(zone.id(), Long.MAX_VALUE, 9);
    same(revisions(history), List.of(3L, 1L), "the revisions of the zone's history");
    same(history.getFirst().documents(), List.of(), "the documents of the zone's history");
  }

  private static void preview(ZoneStore store) throws Exception {
    put(store, "a", "1");
    ChangeSet change =
        create(APEX, content(APEX, 1))
            .withRequestId("r")
            .deciding(
                (_, _, _) ->
                    new Effects(
                        List.of(
                            DocumentEdit.put("a", text("2")),
                            DocumentEdit.put("b", text("3")),
                            DocumentEdit.remove("c")),
                        List.of(text("entry")),
                        text("answer")));
    StoreEvent would = store.preview(change);
    same(would.revision(), 2L, "the revision that it would have");
    same(would.zones().size(), 1, "the zones that it would change");
    List<DocumentEvent> documents =
        List.of(
            new DocumentEvent("a", text("1"), text("2")), new DocumentEvent("b", null, text("3")));
    same(would.documents(), documents, "the documents that it would change");
    same(store.state().revision(), 1L, "the revision after a preview");
    same(value(store, "a"), "1", "a document after a preview");
    same(bodies(store), List.of(), "the journal after a preview");
    that(store.commit(change).changed(), "a preview made its request id known");
    same(events(store, 1).getFirst().documents(), documents, "what the commit did");
  }

  private static void ofNow(ZoneStore store) throws Exception {
    put(store, "a", "1");
    zone(store);
    put(store, "a", "2", "b", "3");
    try (StoreSnapshot past = store.snapshot(2)) {
      same(value(past, "a"), "2", "a document of an earlier revision");
      same(past.documents("", "", 9).size(), 2, "the documents of an earlier revision");
      same(past.zones(0, 9).size(), 1, "the zones of an earlier revision");
    }
  }

  private static void journal(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    same(bodies(store), List.of(), "a fresh journal");
    store.commit(deciding((_, _, _) -> writes("one", "two")));
    store.commit(create(APEX, content(APEX, 1)).deciding((_, _, _) -> writes("three")));
    store.journal(List.of(text("four"), text("five")));
    store.journal(List.of());
    List<String> expected = List.of("0 five", "0 four", "1 three", "0 two", "0 one");
    same(bodies(store), expected, "the journal");
    store = harness.reopen();
    same(bodies(store), expected, "the journal after a restart");
    List<JournalEntry> first = store.journal(Long.MAX_VALUE, 2);
    same(first.size(), 2, "a page of the journal");
    long last = first.getLast().number();
    same(first.getFirst().number(), last + 1, "the number of the newest entry");
    that(first.getFirst().epochMillis() > 0, "an entry has no time");
    List<JournalEntry> second = store.journal(last, 9);
    same(second.size(), 3, "the rest of the journal");
    same(second.getFirst().body(), text("three"), "the entry before");
    same(store.journal(second.getLast().number(), 9), List.of(), "what is before the first");
    store.journal(List.of(text("six")));
    same(store.journal(Long.MAX_VALUE, 1).getFirst().number(), last + 2, "the next number");
    same(store.state().revision(), 1L, "the revision, which entries do not take");
  }

  private static void journalAlone(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    put(store, "a", "1");
    CommitResult nothing =
        store.commit(
            deciding(
                (_, _, _) ->
                    new Effects(
                        List.of(DocumentEdit.put("a", text("1"))),
                        List.of(text("tried")),
                        Octets.EMPTY)));
    that(!nothing.changed(), "an entry of the journal says that it changed something");
    store = harness.reopen();
    same(bodies(store), List.of("0 tried"), "the journal");
    same(store.state().revision(), 1L, "the revision");
  }

  private static void journalOfNothing(ZoneStore store) throws Exception {
    refused(
        Refusal.Kind.NOT_FOUND,
        "a change of a zone that is not there",
        () ->
            store.commit(
                edit(new ZoneId(7), ContractRig.put(a("www", 1)))
                    .deciding((_, _, _) -> writes("done"))));
    same(bodies(store), List.of(), "the journal of what was not done");
  }

  private static void serial(ZoneStore store) throws Exception {
    ChangeSet counting =
        deciding(
            (view, _, _) -> {
              Document document = view.document("counter");
              int count = document == null ? 0 : Integer.parseInt(document.value().text());
              return puts("counter", Integer.toString(count + 1));
            });
    List<Future<Integer>> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 2; i++) {
        results.add(
            threads.submit(
                () -> {
                  for (int count = 0; count < COUNTS; count++) {
                    store.commit(counting);
                  }
                  return COUNTS;
                }));
      }
    }
    for (Future<Integer> result : results) {
      same(result.get(), COUNTS, "how often one counted");
    }
    same(value(store, "counter"), Integer.toString(2 * COUNTS), "what two counted together");
    same(store.state().revision(), 2L * COUNTS, "the revision");
  }

  private static void afterRestart(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    zone(store);
    put(store, "a", "1", "b", "2");
    store = harness.reopen();
    same(value(store, "b"), "2", "a document after a restart");
    put(store, "b", "3", "c", "4");
    store = harness.reopen();
    same(keys(store, "", "", 9), List.of("a", "b", "c"), "the documents after a restart");
    same(value(store, "b"), "3", "a document that was changed after a restart");
  }
}
