package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Claims about reading: names of every kind, order, paging, isolation of snapshots. */
final class ContractContent {
  private ContractContent() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("anyOctetsAreAnOwner", h -> anyOctets(h));
    claims.add("ownersThatLookAlikeAreKeptApart", h -> lookAlikes(h.store()));
    claims.add("deepAndLongNamesAreKept", h -> deepNames(h.store()));
    claims.add("namesThatBeginAlikeAreKeptApart", h -> prefixes(h.store()));
    claims.add("theCaseOfAnOwnerMeansNothing", h -> caseOfOwners(h.store()));
    claims.add("theRootIsAZone", h -> root(h.store()));
    claims.add("contentIsInCanonicalOrder", h -> canonicalOrder(h.store()));
    claims.add("contentIsReadFromAnyOwner", h -> contentFrom(h.store()));
    claims.add("everyTypeAtANameIsKept", h -> manyTypes(h.store()));
    claims.add("largeRecordsAreKept", h -> largeRecords(h));
    claims.add("zonesArePaged", h -> zonesArePaged(h.store()));
    claims.add("aSnapshotStaysAsItIs", h -> snapshotStays(h.store()));
    claims.add("aReaderStaysAsItIs", h -> readerStays(h.store()));
    claims.add("zonesDoNotSeeEachOther", h -> zonesApart(h.store()));
  }

  /** Every octet as a label, alone and between others. */
  private static List<DomainName> oddOwners() {
    List<DomainName> owners = new ArrayList<>();
    for (int octet = 0; octet < 256; octet++) {
      if (octet >= 'A' && octet <= 'Z') {
        continue;
      }
      String escaped = String.format("\\%03d", octet);
      owners.add(name(escaped));
      owners.add(name("x" + escaped + "y"));
      owners.add(name("z." + escaped));
    }
    return owners;
  }

  private static void anyOctets(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    List<DomainName> owners = oddOwners();
    List<RRsetEdit> edits = new ArrayList<>();
    for (int i = 0; i < owners.size(); i++) {
      edits.add(put(a(owners.get(i), i)));
    }
    StoredZone zone = zone(store);
    store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY)));
    store = harness.reopen();
    for (int i = 0; i < owners.size(); i++) {
      same(
          there(rrset(store, zone.id(), owners.get(i), RecordType.A), owners.get(i) + " A").rrset(),
          a(owners.get(i), i),
          "what is at " + owners.get(i));
    }
    same(now(store, zone.id()).nameCount(), owners.size() + 1, "the number of names");
    counted(store, zone.id());
    List<RRsetEdit> half = new ArrayList<>();
    for (int i = 0; i < owners.size(); i += 2) {
      half.add(new RRsetEdit.Delete(owners.get(i), RecordType.A, RRsetEdit.ANY_REVISION));
    }
    store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), half, ANY)));
    for (int i = 0; i < owners.size(); i++) {
      same(
          rrset(store, zone.id(), owners.get(i), RecordType.A) == null,
          i % 2 == 0,
          "whether " + owners.get(i) + " is gone");
    }
    counted(store, zone.id());
  }

  private static void lookAlikes(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    List<DomainName> owners = new ArrayList<>();
    for (String text :
        List.of(
            "a.b",
            "a\\.b",
            "a",
            "b",
            "ab",
            "a\\000b",
            "a\\001b",
            "a\\000",
            "\\000a",
            "\\000.a",
            "a.\\000",
            "\\001\\001",
            "\\001",
            "\\000\\000",
            "*",
            "*.a",
            "\\034",
            "a\\255",
            "\\255.a",
            "\\001.\\001",
            "\\001\\002",
            "\\002")) {
      owners.add(name(text));
    }
    List<RRsetEdit> edits = new ArrayList<>();
    for (int i = 0; i < owners.size(); i++) {
      edits.add(put(a(owners.get(i), i)));
    }
    store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY)));
    same(now(store, zone.id()).nameCount(), owners.size() + 1, "the number of names");
    for (int i = 0; i < owners.size(); i++) {
      DomainName owner = owners.get(i);
      same(
          there(rrset(store, zone.id(), owner, RecordType.A), owner + " A").rrset(),
          a(owner, i),
          "what is at " + owner);
    }
    for (int i = 0; i < owners.size(); i++) {
      store.commit(
          edit(zone.id(), new RRsetEdit.Delete(owners.get(i), RecordType.A, RRsetEdit.ANY_REVISION))
              .forced());
      same(
          now(store, zone.id()).nameCount(),
          owners.size() - i,
          "the number of names without " + owners.get(i));
    }
    counted(store, zone.id());
  }

  private static void deepNames(ZoneStore store) throws Exception {
    DomainName apex = DomainName.parse("t.");
    StoredZone zone = zone(store, apex);
    // 126 labels of one octet below the apex, and four of 62: both fill a name to its end.
    DomainName deep = DomainName.parse("a.".repeat(125) + "t.");
    DomainName longest =
        DomainName.parse(("x".repeat(62) + ".").repeat(3) + "y".repeat(62) + "." + apex);
    same(longest.length(), 255, "the length of the longest name");
    List<RRsetEdit> edits = new ArrayList<>();
    List<DomainName> owners = new ArrayList<>();
    for (DomainName owner : List.of(deep, longest)) {
      for (DomainName name = owner; name != null && !name.equals(apex); name = name.parent()) {
        owners.add(name);
        edits.add(put(a(name, owners.size())));
      }
    }
    store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY)));
    for (int i = 0; i < owners.size(); i++) {
      same(
          there(rrset(store, zone.id(), owners.get(i), RecordType.A), "a deep name").rrset(),
          a(owners.get(i), i + 1),
          "what is at a deep name");
    }
    counted(store, zone.id());
  }

  private static void prefixes(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    List<RRsetEdit> edits = new ArrayList<>();
    for (int i = 1; i <= 63; i++) {
      edits.add(put(a("w".repeat(i), i)));
      edits.add(put(a("w." + "w".repeat(i), i)));
    }
    store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY)));
    same(now(store, zone.id()).nameCount(), 127, "the number of names");
    commit(store, zone.id(), delete("www", RecordType.A));
    same(rrset(store, zone.id(), name("www"), RecordType.A), null, "www A");
    there(rrset(store, zone.id(), name("ww"), RecordType.A), "ww A");
    there(rrset(store, zone.id(), name("wwww"), RecordType.A), "wwww A");
    there(rrset(store, zone.id(), name("w.www"), RecordType.A), "w.www A");
    counted(store, zone.id());
  }

  private static void caseOfOwners(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("WWW", 1));
    that(
        !store.commit(edit(zone.id(), put(a("wWw", 1)))).changed(),
        "another case of letters made another owner");
    there(rrset(store, zone.id(), DomainName.parse("WwW.EXAMPLE.org."), RecordType.A), "WwW A");
    commit(store, zone.id(), delete("WWW", RecordType.A));
    same(now(store, zone.id()).nameCount(), 1, "the number of names");
    try (StoreSnapshot snapshot = store.snapshot()) {
      there(snapshot.zone(key(DomainName.parse("Example.ORG."))), "the zone in another case");
    }
  }

  private static void root(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, DomainName.ROOT);
    commit(store, zone.id(), put(ns(DomainName.parse("org."), "ns1")));
    commit(store, zone.id(), put(ns(DomainName.parse("com."), "ns1")));
    List<StoredRRset> all = all(store, zone.id());
    same(all.getFirst().rrset().owner(), DomainName.ROOT, "the first owner of the root zone");
    same(all.getLast().rrset().owner(), DomainName.parse("org."), "its last owner");
    counted(store, zone.id());
  }

  private static void canonicalOrder(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    SplittableRandom dice = new SplittableRandom(3);
    List<DomainName> pool = oddOwners();
    for (int i = 0; i < 40; i++) {
      List<RRsetEdit> edits = new ArrayList<>();
      for (int j = 0; j < 40; j++) {
        DomainName owner = pool.get(dice.nextInt(pool.size()));
        edits.add(
            dice.nextInt(3) == 0
                ? new RRsetEdit.Delete(owner, RecordType.A, RRsetEdit.ANY_REVISION)
                : put(dice.nextBoolean() ? a(owner, i) : txt(owner, "t" + i)));
      }
      store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY)).forced());
    }
    inOrder(all(store, zone.id()));
    counted(store, zone.id());
  }

  private static void inOrder(List<StoredRRset> all) {
    for (int i = 1; i < all.size(); i++) {
      RRset before = all.get(i - 1).rrset();
      RRset after = all.get(i).rrset();
      int order = before.owner().compareTo(after.owner());
      that(
          order < 0 || (order == 0 && before.type() < after.type()),
          "content gives " + after.owner() + " after " + before.owner());
    }
  }

  private static void contentFrom(ZoneStore store) throws Exception {
    StoredZone zone = store.commit(create(APEX, hosts(APEX, 1, 2_000))).zones().getFirst();
    List<StoredRRset> all = all(store, zone.id());
    try (StoreSnapshot snapshot = store.snapshot()) {
      for (int i = 0; i < all.size(); i += 97) {
        DomainName from = all.get(i).rrset().owner();
        List<StoredRRset> read = new ArrayList<>();
        try (ContentView.ContentReader reader = snapshot.content(zone.id(), from)) {
          for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
            for (StoredRRset rrset : block.rrsets()) {
              if (rrset.rrset().owner().compareTo(from) >= 0) {
                read.add(rrset);
              }
            }
          }
        }
        int first = i;
        while (first > 0 && all.get(first - 1).rrset().owner().equals(from)) {
          first--;
        }
        same(read, all.subList(first, all.size()), "the content from " + from);
      }
      same(snapshot.content(new ZoneId(4_711), null).next(), null, "the content of no zone");
    }
  }

  private static void manyTypes(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    List<RRsetEdit> edits = new ArrayList<>();
    for (int type = 65_280; type < 65_380; type++) {
      edits.add(
          put(
              new RRset(
                  name("many"), type, 5, List.of(RecordData.of(new byte[] {(byte) type, 1})))));
    }
    store.commit(ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY)));
    try (StoreSnapshot snapshot = store.snapshot()) {
      List<StoredRRset> rrsets = snapshot.rrsets(zone.id(), name("many"));
      same(rrsets.size(), 100, "the number of types at a name");
      for (int i = 0; i < rrsets.size(); i++) {
        same(rrsets.get(i).rrset().type(), 65_280 + i, "a type at the name");
      }
    }
    refused(
        Refusal.Kind.INVALID,
        "the 101st type at a name",
        () -> store.commit(edit(zone.id(), put(a("many", 1)))));
    counted(store, zone.id());
  }

  private static void largeRecords(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = zone(store);
    byte[] large = new byte[61_000];
    new SplittableRandom(5).nextBytes(large);
    RRset wide = new RRset(name("wide"), 65_280, 5, List.of(RecordData.of(large)));
    RRset none = new RRset(name("empty"), 65_280, 5, List.of(RecordData.of(new byte[0])));
    commit(store, zone.id(), put(wide), put(none), put(a("www", 1)));
    store = harness.reopen();
    same(
        there(rrset(store, zone.id(), name("wide"), 65_280), "wide").rrset(),
        wide,
        "a large record");
    same(
        there(rrset(store, zone.id(), name("empty"), 65_280), "empty").rrset(),
        none,
        "a record without data");
    same(
        events(store, zone.revision()).getFirst().zones().getFirst().after().rrsetCount(),
        4,
        "the RRsets in the event of large records");
    counted(store, zone.id());
  }

  private static void zonesArePaged(ZoneStore store) throws Exception {
    List<Long> made = new ArrayList<>();
    for (int i = 0; i < 25; i++) {
      made.add(zone(store, DomainName.parse("z" + i + ".test.")).id().value());
    }
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(new ZoneId(made.remove(12)), ANY)));
    List<Long> read = new ArrayList<>();
    try (StoreSnapshot snapshot = store.snapshot()) {
      long after = 0;
      while (true) {
        List<StoredZone> page = snapshot.zones(after, 7);
        that(page.size() <= 7, "a page of 7 zones has " + page.size());
        if (page.isEmpty()) {
          break;
        }
        for (StoredZone zone : page) {
          read.add(zone.id().value());
        }
        after = read.getLast();
      }
    }
    same(read, made, "the ids of all zones, page by page");
  }

  private static void snapshotStays(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1));
    try (StoreSnapshot snapshot = store.snapshot()) {
      long revision = snapshot.revision();
      List<StoredRRset> content = all(snapshot, zone.id());
      commit(store, zone.id(), put(a("www", 2)), put(a("new", 1)));
      zone(store, DomainName.parse("other.test."));
      store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), ANY)));
      same(snapshot.revision(), revision, "the revision of a snapshot");
      same(snapshot.zone(zone.id()), zone, "a zone in a snapshot, after it was deleted");
      same(snapshot.zone(key(APEX)), zone, "a zone by its name in a snapshot");
      same(snapshot.zones(0, 10), List.of(zone), "the zones of a snapshot");
      same(all(snapshot, zone.id()), content, "the content in a snapshot");
      same(
          there(rrset(snapshot, zone.id(), name("www"), RecordType.A), "www A").rrset(),
          a("www", 1),
          "an RRset in a snapshot");
    }
  }

  private static void readerStays(ZoneStore store) throws Exception {
    StoredZone zone = store.commit(create(APEX, hosts(APEX, 1, 3_000))).zones().getFirst();
    List<StoredRRset> before = all(store, zone.id());
    List<StoredRRset> read = new ArrayList<>();
    try (StoreSnapshot snapshot = store.snapshot();
        ContentView.ContentReader reader = snapshot.content(zone.id(), null)) {
      int writes = 0;
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        read.addAll(block.rrsets());
        if (writes < 20) {
          commit(store, zone.id(), put(a("h" + (2_999 - writes++), 7_777)));
        }
      }
    }
    same(read, before, "what a reader gives while others write");
  }

  private static void zonesApart(ZoneStore store) throws Exception {
    List<StoredZone> zones = new ArrayList<>();
    DomainName above = DomainName.parse("test.");
    for (String apex : List.of("test.", "a.test.", "b.a.test.", "ab.test.", "a.b.test.")) {
      zones.add(zone(store, DomainName.parse(apex)));
    }
    // The same owner in all zones that it may stand in.
    DomainName owner = DomainName.parse("www.b.a.test.");
    commit(store, zones.get(0).id(), put(a(owner, 1)));
    commit(store, zones.get(1).id(), put(a(owner, 2)));
    commit(store, zones.get(2).id(), put(a(owner, 3)));
    for (int i = 0; i < 3; i++) {
      same(
          there(rrset(store, zones.get(i).id(), owner, RecordType.A), owner + " A").rrset(),
          a(owner, i + 1),
          "what is at one owner in zone " + zones.get(i).settings().key().apex());
    }
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zones.get(1).id(), ANY)));
    there(rrset(store, zones.get(0).id(), owner, RecordType.A), "the owner above");
    there(rrset(store, zones.get(2).id(), owner, RecordType.A), "the owner below");
    for (int i : new int[] {0, 2, 3, 4}) {
      counted(store, zones.get(i).id());
    }
    same(now(store, zones.get(0).id()).settings().key().apex(), above, "the zone above");
  }
}
