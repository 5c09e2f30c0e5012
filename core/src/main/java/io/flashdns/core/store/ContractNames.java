package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.zone.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Claims about zones found by their names and owners, and about labels and comments. */
final class ContractNames {
  private static final ZoneOwner ONE = new ZoneOwner("one", "web");
  private static final ZoneOwner TWO = new ZoneOwner("one", "web2");
  private static final ZoneOwner THREE = new ZoneOwner("onew", "eb");

  private ContractNames() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("zonesBelowANameAreInCanonicalOrder", h -> below(h.store()));
    claims.add("zonesBelowANameArePaged", h -> belowPaged(h.store()));
    claims.add("zonesBelowANameComeAndGo", h -> belowComeAndGo(h));
    claims.add("zonesOfOneViewAreBelow", h -> belowInView(h.store()));
    claims.add("aDecisionSeesZonesMadeBefore", h -> madeBefore(h.store()));
    claims.add("zonesAreListedByName", h -> byName(h.store()));
    claims.add("zonesAreListedByOwner", h -> byOwner(h));
    claims.add("zonesOfAnOwnerArePaged", h -> ownerPaged(h.store()));
    claims.add("anEarlierRevisionHasItsNamesAndOwners", h -> past(h.store()));
    claims.add("labelsAndCommentsAreKept", h -> labels(h));
    claims.add("labelsAndCommentsAreBounded", h -> bounded(h.store()));
  }

  private static DomainName apex(String text) {
    return DomainName.parse(text, DomainName.ROOT);
  }

  private static StoredZone make(ZoneStore store, String view, String apex, ZoneOwner owner)
      throws Exception {
    ZoneSettings settings = ZoneSettings.of(new ZoneKey(view, apex(apex))).withOwner(owner);
    ZoneChange change = new ZoneChange.Create(settings, content(apex(apex), 1));
    return store.commit(ChangeSet.of(WHO, change)).zones().getFirst();
  }

  private static void make(ZoneStore store, String... apexes) throws Exception {
    for (String apex : apexes) {
      make(store, Views.PUBLIC_NAME, apex, ZoneOwner.NOBODY);
    }
  }

  private static void remove(ZoneStore store, String apex) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      StoredZone zone = there(snapshot.zone(key(apex(apex))), apex);
      store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    }
  }

  private static List<String> names(List<StoredZone> zones) {
    List<String> names = new ArrayList<>();
    for (StoredZone zone : zones) {
      names.add(zone.settings().key().apex().toString());
    }
    return names;
  }

  private static List<String> texts(String... apexes) {
    List<String> texts = new ArrayList<>();
    for (String apex : apexes) {
      texts.add(apex(apex).toString());
    }
    return texts;
  }

  private static List<String> below(ContentView view, String top, @Nullable String after, int limit)
      throws Exception {
    DomainName behind = after == null ? null : apex(after);
    return names(view.zonesBelow(Views.PUBLIC_NAME, apex(top), behind, limit));
  }

  private static List<String> below(ZoneStore store, String top, @Nullable String after, int limit)
      throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return below(snapshot, top, after, limit);
    }
  }

  /** All that stands at or below example. and what only looks so, in an order that is none. */
  private static final String[] MIXED = {
    "z.example.",
    "aexample.",
    "example.",
    "example.org.",
    "a.b.example.",
    "\\001.example.",
    "*.example.",
    "exampl.",
    "b.example.",
    "\\000.example.",
    "examplea.",
    "\\200.example.",
    "yljkjljk.a.example.",
    "a.example.",
    "x\\046y.example.",
    "\\000.a.example.",
    "example\\000.",
    "example\\.example."
  };

  /** Those at or below example., in canonical order. */
  private static final String[] BELOW = {
    "example.",
    "\\000.example.",
    "\\001.example.",
    "*.example.",
    "a.example.",
    "\\000.a.example.",
    "yljkjljk.a.example.",
    "b.example.",
    "a.b.example.",
    "x\\046y.example.",
    "z.example.",
    "\\200.example."
  };

  private static void below(ZoneStore store) throws Exception {
    make(store, MIXED);
    same(below(store, "example.", null, 100), texts(BELOW), "the zones below example.");
    same(below(store, "EXAMPLE.", null, 100), texts(BELOW), "the zones below EXAMPLE.");
    same(
        below(store, "a.example.", null, 100),
        texts("a.example.", "\\000.a.example.", "yljkjljk.a.example."),
        "the zones below a.example.");
    same(below(store, "c.example.", null, 100), List.of(), "the zones below c.example.");
    same(below(store, "le.", null, 100), List.of(), "the zones below le.");
    same(below(store, ".", null, 100).size(), MIXED.length, "the zones below the root");
    make(store, ".");
    same(below(store, ".", null, 1), List.of("."), "the first zone at or below the root");
    same(below(store, ".", ".", 100).size(), MIXED.length, "the zones behind the root");
    same(below(store, "org.", null, 9), texts("example.org."), "the zones below org.");
  }

  private static void belowPaged(ZoneStore store) throws Exception {
    make(store, MIXED);
    List<String> all = new ArrayList<>();
    String after = null;
    while (true) {
      List<String> page = below(store, "example.", after, 4);
      all.addAll(page);
      if (page.size() < 4) {
        break;
      }
      after = page.getLast();
    }
    same(all, texts(BELOW), "all pages together");
    same(
        below(store, "example.", "c.example.", 2),
        texts("x\\046y.example.", "z.example."),
        "those behind a name that is no zone");
    same(below(store, "b.example.", "a.example.", 9).size(), 2, "those behind one before");
    same(below(store, "a.example.", "b.example.", 9), List.of(), "those behind one that is behind");
    same(below(store, "example.", null, 0), List.of(), "none of them");
  }

  private static void belowComeAndGo(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      make(store, "n" + (i * 37 % 200 + 1_000) + ".test.");
    }
    for (int i = 0; i < 200; i++) {
      if (i % 3 == 0) {
        remove(store, "n" + (i + 1_000) + ".test.");
      } else {
        expected.add("n" + (i + 1_000) + ".test.");
      }
    }
    store = harness.reopen();
    same(below(store, "test.", null, 1_000), expected, "the zones that are left");
    for (String each : expected) {
      remove(store, each);
    }
    same(below(store, "test.", null, 1_000), List.of(), "the zones when all are deleted");
    make(store, "n1001.test.");
    same(below(store, "test.", null, 1_000), List.of("n1001.test."), "one that came again");
  }

  private static void belowInView(ZoneStore store) throws Exception {
    for (String view : List.of("inner", "inne", "inner2")) {
      make(store, view, "a.example.", ZoneOwner.NOBODY);
    }
    make(store, "b.example.");
    StoredZone inner = make(store, "inner", "example.", ZoneOwner.NOBODY);
    try (StoreSnapshot snapshot = store.snapshot()) {
      List<StoredZone> found = snapshot.zonesBelow("inner", apex("example."), null, 9);
      same(names(found), List.of("example.", "a.example."), "the zones of one view");
      same(found.getFirst(), inner, "the first of them");
      same(
          names(snapshot.zonesBelow(Views.PUBLIC_NAME, apex("."), null, 9)),
          List.of("b.example."),
          "the zones of the public view");
      same(snapshot.zonesBelow("inn", apex("."), null, 9), List.of(), "those of no view");
    }
  }

  private static void madeBefore(ZoneStore store) throws Exception {
    make(store, "a.example.");
    ChangeSet change =
        create(apex("b.example."), content(apex("b.example."), 1))
            .deciding(
                (view, _, _) ->
                    ContractDocuments.puts(
                        "seen",
                        names(view.zonesBelow(Views.PUBLIC_NAME, apex("example."), null, 9))
                            .toString()));
    store.commit(change);
    try (StoreSnapshot snapshot = store.snapshot()) {
      same(
          there(snapshot.document("seen"), "what was seen").value().text(),
          "[a.example.]",
          "what a decision saw below example.");
    }
  }

  private static void byName(ZoneStore store) throws Exception {
    make(store, "b.example.", "a.example.", "z.", "example.");
    make(store, "inner", "a.example.", ZoneOwner.NOBODY);
    make(store, "zone", "a.", ZoneOwner.NOBODY);
    List<String> expected =
        List.of(
            "inner a.example.",
            Views.PUBLIC_NAME + " example.",
            Views.PUBLIC_NAME + " a.example.",
            Views.PUBLIC_NAME + " b.example.",
            Views.PUBLIC_NAME + " z.",
            "zone a.");
    same(paged(store, 100), expected, "the zones by name");
    same(paged(store, 1), expected, "the zones by name, one at a time");
    same(paged(store, 4), expected, "the zones by name, four at a time");
  }

  private static List<String> paged(ZoneStore store, int size) throws Exception {
    List<String> found = new ArrayList<>();
    try (StoreSnapshot snapshot = store.snapshot()) {
      ZoneKey after = null;
      while (true) {
        List<StoredZone> page = snapshot.zonesByName(after, size);
        for (StoredZone zone : page) {
          after = zone.settings().key();
          found.add(after.view() + " " + after.apex());
        }
        if (page.size() < size) {
          return found;
        }
      }
    }
  }

  private static List<String> of(ZoneStore store, ZoneOwner owner) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return names(snapshot.zonesOf(owner, 0, 1_000));
    }
  }

  private static void configure(ZoneStore store, StoredZone zone, ZoneSettings settings)
      throws Exception {
    store.commit(ChangeSet.of(WHO, new ZoneChange.Configure(zone.id(), settings, ANY)));
  }

  private static void byOwner(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone a = make(store, Views.PUBLIC_NAME, "a.", ONE);
    StoredZone b = make(store, Views.PUBLIC_NAME, "b.", TWO);
    make(store, "c.");
    make(store, Views.PUBLIC_NAME, "d.", ONE);
    make(store, Views.PUBLIC_NAME, "e.", THREE);
    same(of(store, ONE), List.of("a.", "d."), "the zones of the first");
    same(of(store, TWO), List.of("b."), "the zones of the second");
    same(of(store, ZoneOwner.NOBODY), List.of("c."), "the zones of nobody");
    configure(store, b, b.settings().withOwner(ONE));
    configure(store, a, a.settings().withSuspended(true));
    same(of(store, ONE), List.of("a.", "b.", "d."), "the zones of the first, one given to it");
    same(of(store, TWO), List.of(), "the zones of the second");
    configure(store, a, a.settings().withOwner(ZoneOwner.NOBODY));
    remove(store, "d.");
    store.commit(
        ChangeSet.of(
            WHO,
            new ZoneChange.Replace(
                b.id(), b.settings().withOwner(THREE), content(apex("b."), 2), ANY)));
    store = harness.reopen();
    same(of(store, ONE), List.of(), "the zones of the first when all are gone");
    same(of(store, THREE), List.of("b.", "e."), "the zones of the third");
    same(of(store, ZoneOwner.NOBODY), List.of("a.", "c."), "the zones of nobody");
  }

  private static void ownerPaged(ZoneStore store) throws Exception {
    List<Long> expected = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      StoredZone zone = make(store, Views.PUBLIC_NAME, "p" + i + ".test.", i % 3 == 0 ? TWO : ONE);
      if (i % 3 != 0) {
        expected.add(zone.id().value());
      }
    }
    List<Long> found = new ArrayList<>();
    try (StoreSnapshot snapshot = store.snapshot()) {
      long after = 0;
      while (true) {
        List<StoredZone> page = snapshot.zonesOf(ONE, after, 7);
        for (StoredZone zone : page) {
          after = zone.id().value();
          found.add(after);
        }
        if (page.size() < 7) {
          break;
        }
      }
    }
    same(found, expected, "the zones of one owner in pages of seven");
  }

  private static void past(ZoneStore store) throws Exception {
    StoredZone a = make(store, Views.PUBLIC_NAME, "a.example.", ONE);
    StoredZone b = make(store, Views.PUBLIC_NAME, "b.example.", TWO);
    make(store, Views.PUBLIC_NAME, "c.example.", ONE);
    long then = store.state().revision();
    configure(store, a, a.settings().withOwner(TWO));
    configure(store, b, b.settings().withOwner(ONE));
    remove(store, "c.example.");
    make(store, "c.example.", "d.example.", "example.");
    remove(store, "a.example.");
    make(store, Views.PUBLIC_NAME, "a.example.", THREE);
    ContractDocuments.put(store, "a", "1");
    List<String> names = List.of("a.example.", "b.example.", "c.example.");
    try (StoreSnapshot snapshot = store.snapshot(then)) {
      same(below(snapshot, "example.", null, 9), names, "the zones below example. then");
      same(below(snapshot, "example.", "a.example.", 1), names.subList(1, 2), "the second then");
      same(names(snapshot.zonesByName(null, 9)), names, "the zones by name then");
      same(names(snapshot.zonesByName(null, 2)), names.subList(0, 2), "the first two then");
      same(
          names(snapshot.zonesOf(ONE, 0, 9)),
          List.of("a.example.", "c.example."),
          "the zones of the first then");
      same(names(snapshot.zonesOf(ONE, 0, 1)), List.of("a.example."), "its first zone then");
      same(
          names(snapshot.zonesOf(ONE, a.id().value(), 9)),
          List.of("c.example."),
          "its zones behind the first then");
      same(names(snapshot.zonesOf(TWO, 0, 9)), List.of("b.example."), "those of the second then");
      same(snapshot.zonesOf(THREE, 0, 9), List.of(), "the zones of the third then");
      same(snapshot.zonesOf(ONE, 0, 9).getFirst(), a, "the first zone as it was");
    }
    same(
        below(store, "example.", null, 9),
        List.of("example.", "a.example.", "b.example.", "c.example.", "d.example."),
        "the zones below example. now");
    same(of(store, ONE), List.of("b.example."), "the zones of the first now");
  }

  private static void labels(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = zone(store);
    ZoneSettings marked =
        zone.settings()
            .withLabels(Map.of("owner", "Björn", "a/b.c_d-1", "", "stage", "x".repeat(255)))
            .withComment("for the shop, “new”");
    configure(store, zone, marked);
    same(now(store, zone.id()).settings(), marked, "the settings with labels");
    that(now(store, zone.id()).revision() > zone.revision(), "labels took no revision");
    long revision = store.state().revision();
    configure(store, zone, marked);
    same(store.state().revision(), revision, "the revision after the same labels");
    store = harness.reopen();
    same(now(store, zone.id()).settings(), marked, "the settings after a restart");
    StoreEvent event = store.history(zone.id(), Long.MAX_VALUE, 1).getFirst();
    same(
        there(event.zones().getFirst().zoneAfter(), "the zone after").settings(),
        marked,
        "the settings in the event");
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
    StoredZone restored =
        store.commit(new ZoneHistory(store).restore(zone.settings().key(), WHO)).zones().getFirst();
    same(restored.settings(), marked, "the settings of the restored zone");
    configure(store, restored, marked.withLabels(Map.of("owner", "Ada")));
    same(now(store, restored.id()).settings().labels(), Map.of("owner", "Ada"), "the labels after");
  }

  private static void bounded(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    Map<String, String> many = new java.util.TreeMap<>();
    for (int i = 0; i < 64; i++) {
      many.put("l" + i, "");
    }
    many.put("k".repeat(63), "");
    many.remove("l0");
    configure(store, zone, zone.settings().withLabels(many).withComment("ü".repeat(512)));
    many.put("l0", "");
    List<ZoneSettings> wrong = new ArrayList<>();
    wrong.add(zone.settings().withLabels(many));
    for (String key : List.of("", "K", "1a", "-a", "a b", "ä", "a:b", "k".repeat(64))) {
      wrong.add(zone.settings().withLabels(Map.of(key, "v")));
    }
    wrong.add(zone.settings().withLabels(Map.of("k", "x".repeat(256))));
    wrong.add(zone.settings().withLabels(Map.of("k", "ü".repeat(128))));
    wrong.add(zone.settings().withComment("ü".repeat(513)));
    for (ZoneSettings settings : wrong) {
      refused(
          Refusal.Kind.INVALID,
          "labels " + settings.labels().keySet(),
          () -> configure(store, zone, settings));
    }
  }
}
