package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Claims about many writers, and about large zones. */
final class ContractLoad {
  private static final int WRITERS = 8;
  private static final int LARGE = 100_000;

  private ContractLoad() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("ofEightGuardedWritersOneWins", h -> oneWins(h.store()));
    claims.add("ofEightCreatorsOneWins", h -> oneCreates(h.store()));
    claims.add("noUpdateIsLost", h -> noUpdateIsLost(h.store()));
    claims.add("manyWritersMakeOneLineOfRevisions", h -> oneLine(h.store()));
    claims.add("aReaderSeesWholeChangeSets", h -> wholeChangeSets(h.store()));
    claims.add("whatWasAcknowledgedIsSeen", h -> seenAtOnce(h.store()));
    claims.add("aLargeZoneIsCreatedAndEdited", h -> largeZone(h));
    claims.add("aLargeZoneIsReplaced", h -> largeReplacement(h.store()));
    claims.add("aLargeZoneIsDeletedAndRestored", h -> largeDeletion(h.store()));
    claims.add("manyZonesInOneChangeSet", h -> manyZones(h));
  }

  private interface Writer {
    void write(int number) throws Exception;
  }

  private static void atOnce(int writers, Writer writer) throws Exception {
    CountDownLatch start = new CountDownLatch(writers);
    List<Future<?>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      for (int i = 0; i < writers; i++) {
        int number = i;
        all.add(
            threads.submit(
                () -> {
                  start.countDown();
                  start.await();
                  writer.write(number);
                  return number;
                }));
      }
    }
    for (Future<?> one : all) {
      one.get();
    }
  }

  /** True when it was made, false when a guard refused it. */
  private static boolean made(ZoneStore store, ChangeSet change) throws Exception {
    try {
      store.commit(change);
      return true;
    } catch (StoreException.Refused refused) {
      Refusal.Kind kind = refused.refusals().getFirst().kind();
      that(
          kind == Refusal.Kind.CONFLICT || kind == Refusal.Kind.EXISTS,
          "a guarded change was refused as " + kind + ": " + refused.getMessage());
      return false;
    }
  }

  private static void oneWins(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 0));
    for (int round = 1; round <= 20; round++) {
      long was = there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").revision();
      AtomicInteger winners = new AtomicInteger();
      AtomicInteger winner = new AtomicInteger();
      int base = round * 100;
      atOnce(
          WRITERS,
          number -> {
            if (made(store, edit(zone.id(), new RRsetEdit.Put(a("www", base + number), was)))) {
              winners.incrementAndGet();
              winner.set(number);
            }
          });
      same(winners.get(), 1, "the number of winners among eight guarded writers");
      same(
          there(rrset(store, zone.id(), name("www"), RecordType.A), "www A").rrset(),
          a("www", base + winner.get()),
          "what the winner wrote");
    }
    same(store.state().revision(), zone.revision() + 20, "the revision after twenty winners");
  }

  private static void oneCreates(ZoneStore store) throws Exception {
    AtomicInteger winners = new AtomicInteger();
    atOnce(
        WRITERS,
        number -> {
          if (made(store, create(APEX, content(APEX, 1, a("www", number))))) {
            winners.incrementAndGet();
          }
        });
    same(winners.get(), 1, "the number of those who created one zone");
    same(store.state().zones(), 1L, "the number of zones");
  }

  private static void noUpdateIsLost(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    int each = 30;
    // Everybody adds records of their own to one RRset, reading nothing before.
    atOnce(
        3,
        number -> {
          for (int i = 0; i < each; i++) {
            store.commit(
                edit(
                    zone.id(),
                    new RRsetEdit.Add(
                        name("all"),
                        RecordType.A,
                        300,
                        List.of(address(number * 1_000 + i)),
                        RRsetEdit.ANY_REVISION)));
          }
        });
    same(
        there(rrset(store, zone.id(), name("all"), RecordType.A), "all A").rrset().data().size(),
        3 * each,
        "the number of records that three writers added");
    same(now(store, zone.id()).serial(), 10L + 3L * each, "the serial after their changes");
    counted(store, zone.id());
  }

  private static void oneLine(ZoneStore store) throws Exception {
    List<StoredZone> zones = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      zones.add(zone(store, DomainName.parse("w" + i + ".test.")));
    }
    int each = 50;
    List<Long> given = Collections.synchronizedList(new ArrayList<>());
    try (Watch watch = store.watch(0)) {
      atOnce(
          WRITERS,
          number -> {
            StoredZone zone = zones.get(number);
            DomainName www = DomainName.parse("www", zone.settings().key().apex());
            for (int i = 0; i < each; i++) {
              CommitResult result = store.commit(edit(zone.id(), put(a(www, i))));
              that(result.changed(), "a change says that it changed nothing");
              given.add(result.revision());
            }
          });
      long last = store.state().revision();
      same(last, WRITERS + (long) WRITERS * each, "the revision after all changes");
      Collections.sort(given);
      same(given, range(WRITERS + 1, last), "the revisions that eight writers were given");
      same(revisions(drain(watch, last)), range(1, last), "the revisions that a watch gave");
    }
    for (StoredZone zone : zones) {
      counted(store, zone.id());
    }
  }

  private static void wholeChangeSets(ZoneStore store) throws Exception {
    StoredZone one = zone(store, a("n", 0));
    DomainName other = DomainName.parse("other.test.");
    DomainName owner = DomainName.parse("n", other);
    StoredZone two = zone(store, other, a(owner, 0));
    AtomicBoolean done = new AtomicBoolean();
    atOnce(
        2,
        number -> {
          if (number == 0) {
            for (int i = 1; i <= 200; i++) {
              store.commit(
                  ChangeSet.of(
                      WHO,
                      new ZoneChange.Edit(one.id(), List.of(put(a("n", i))), ANY),
                      new ZoneChange.Edit(two.id(), List.of(put(a(owner, i))), ANY)));
            }
            done.set(true);
            return;
          }
          long last = 0;
          while (!done.get()) {
            try (StoreSnapshot snapshot = store.snapshot()) {
              StoredRRset here = there(rrset(snapshot, one.id(), name("n"), RecordType.A), "n A");
              StoredRRset there = there(rrset(snapshot, two.id(), owner, RecordType.A), "n A");
              same(
                  there.rrset().data(),
                  here.rrset().data(),
                  "what the second zone says in a snapshot that has the first");
              that(
                  snapshot.revision() >= last,
                  "a later snapshot is of the earlier revision " + snapshot.revision());
              last = snapshot.revision();
            }
          }
        });
  }

  private static void seenAtOnce(ZoneStore store) throws Exception {
    List<StoredZone> zones = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      zones.add(zone(store, DomainName.parse("w" + i + ".test.")));
    }
    atOnce(
        WRITERS,
        number -> {
          StoredZone zone = zones.get(number);
          DomainName www = DomainName.parse("www", zone.settings().key().apex());
          for (int i = 0; i < 20; i++) {
            CommitResult result = store.commit(edit(zone.id(), put(a(www, i))));
            that(
                store.state().revision() >= result.revision(),
                "the store's revision is below that of an acknowledged change");
            try (StoreSnapshot snapshot = store.snapshot()) {
              same(
                  there(rrset(snapshot, zone.id(), www, RecordType.A), "www A").rrset(),
                  a(www, i),
                  "what one reads after its acknowledgement");
            }
          }
        });
  }

  private static void largeZone(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = store.commit(create(APEX, hosts(APEX, 10, LARGE))).zones().getFirst();
    same(zone.nameCount(), LARGE + 1, "the number of names of a large zone");
    same(zone.recordCount(), LARGE + 3, "the number of records of a large zone");
    SplittableRandom dice = new SplittableRandom(1);
    for (int i = 0; i < 200; i++) {
      String owner = "h" + dice.nextInt(LARGE);
      commit(
          store, zone.id(), dice.nextInt(4) == 0 ? delete(owner, RecordType.A) : put(a(owner, i)));
    }
    counted(store, zone.id());
    List<StoreEvent> events = events(store, zone.revision());
    for (StoreEvent event : events) {
      that(
          event.zones().getFirst().after().rrsetCount() <= 2,
          "the event of one edit holds more than the RRset and the SOA");
    }
    store = harness.reopen();
    counted(store, zone.id());
    same(
        events(store, 0).getFirst().zones().getFirst().after().recordCount(),
        LARGE + 3,
        "the records in the event of a large creation");
  }

  private static void largeReplacement(ZoneStore store) throws Exception {
    StoredZone zone = store.commit(create(APEX, hosts(APEX, 10, LARGE))).zones().getFirst();
    long created = zone.revision();
    ZoneContents contents = new ZoneContents(APEX);
    contents.add(soa(APEX, 0)).add(ns(APEX, "ns1", "ns2"));
    for (int i = 0; i < LARGE; i++) {
      // Every thousandth is gone, every thousandth plus one is another, as many are new.
      if (i % 1_000 != 0) {
        contents.add(a("h" + i, i % 1_000 == 1 ? i + 1 : i));
      } else {
        contents.add(a("n" + i, i));
      }
    }
    StoredZone after =
        store
            .commit(ChangeSet.of(WHO, new ZoneChange.Replace(zone.id(), contents.block(), created)))
            .zones()
            .getFirst();
    same(after.nameCount(), LARGE + 1, "the number of names after a replacement");
    ZoneEvent event = events(store, created).getFirst().zones().getFirst();
    same(event.before().rrsetCount(), 1 + 2 * LARGE / 1_000, "the RRsets before a replacement");
    same(event.after().rrsetCount(), 1 + 2 * LARGE / 1_000, "the RRsets after a replacement");
    same(
        there(rrset(store, zone.id(), name("h2"), RecordType.A), "h2 A").revision(),
        created,
        "the revision of what a replacement left");
    same(rrset(store, zone.id(), name("h1000"), RecordType.A), null, "what a replacement removed");
    counted(store, zone.id());
  }

  private static void largeDeletion(ZoneStore store) throws Exception {
    StoredZone zone = store.commit(create(APEX, hosts(APEX, 10, LARGE))).zones().getFirst();
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(zone.id(), zone.revision())));
    same(all(store, zone.id()), List.of(), "the content of a deleted large zone");
    StoredZone back =
        store.commit(new ZoneHistory(store).restore(key(APEX), WHO)).zones().getFirst();
    same(back.nameCount(), LARGE + 1, "the number of names of a restored large zone");
    counted(store, back.id());
  }

  private static void manyZones(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    int count = 1_000;
    List<ZoneChange> changes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      DomainName apex = DomainName.parse("z" + i + ".test.");
      changes.add(
          new ZoneChange.Create(
              settings(apex), content(apex, 1, a(DomainName.parse("www", apex), i))));
    }
    CommitResult result = store.commit(new ChangeSet("", WHO, "", "", false, changes));
    same(result.revision(), 1L, "the revision of a thousand creations");
    same(result.zones().size(), count, "the zones of the result");
    store = harness.reopen();
    same(store.state().zones(), (long) count, "the number of zones");
    for (int i = 0; i < count; i += 37) {
      StoredZone zone = result.zones().get(i);
      same(now(store, zone.id()), zone, "one of a thousand zones");
      counted(store, zone.id());
    }
    same(events(store, 0).getFirst().zones().size(), count, "the zones of the event");
  }
}
