package io.flashdns.management.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneOwner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flips bits in the file of a store: what is read then is what was written, or an error. */
final class StoreDamageTest {
  private static final int FLIPS = Integer.getInteger("flashdns.flips", 400);

  @TempDir Path temp;

  private interface Read {
    Object read(EmbeddedStore store) throws Exception;
  }

  @Test
  void flippedBitIsNeverContent() throws Exception {
    Path whole = temp.resolve("whole");
    Map<String, Read> reads = new LinkedHashMap<>();
    Map<String, Object> truth = new LinkedHashMap<>();
    try (EmbeddedStore store = EmbeddedStore.open(whole, TestZones.CONFIG)) {
      fill(store);
      addReads(reads, store);
      for (Map.Entry<String, Read> each : reads.entrySet()) {
        truth.put(each.getKey(), String.valueOf(each.getValue().read(store)));
      }
    }
    byte[] file = Files.readAllBytes(whole.resolve(Database.FILE));
    Path folder = temp.resolve("flipped");
    Files.createDirectories(folder);
    Random random = new Random(20_261_123);
    int refused = 0;
    List<String> wrong = new ArrayList<>();
    for (int flip = 0; flip < FLIPS; flip++) {
      byte[] damaged = file.clone();
      int at = random.nextInt(file.length);
      damaged[at] ^= (byte) (1 << random.nextInt(8));
      Files.deleteIfExists(folder.resolve(Database.FILE + "-wal"));
      Files.deleteIfExists(folder.resolve(Database.FILE + "-shm"));
      Files.write(folder.resolve(Database.FILE), damaged);
      boolean whine = false;
      try (EmbeddedStore store = EmbeddedStore.open(folder, TestZones.CONFIG)) {
        for (Map.Entry<String, Read> each : reads.entrySet()) {
          try {
            String now = String.valueOf(each.getValue().read(store));
            if (!now.equals(truth.get(each.getKey()))) {
              wrong.add("flip " + flip + " at " + at + ": " + each.getKey() + " gave " + now);
            }
          } catch (StoreException _) {
            whine = true;
          }
        }
      } catch (StoreException _) {
        whine = true;
      }
      refused += whine ? 1 : 0;
    }
    assertThat(wrong).isEmpty();
    // Else the flips were all in pages that nothing reads, and nothing was shown.
    assertThat(refused).isGreaterThan(FLIPS / 4);
  }

  private static void fill(EmbeddedStore store) throws Exception {
    for (int i = 0; i < 40; i++) {
      ZoneId id = TestZones.created(store, "zone" + i + ".example.", i % 10 == 0 ? 120 : 5);
      var _ = store.commit(ChangeSet.of("t", TestZones.put(id, "zone" + i + ".example.", 2, -i)));
    }
    for (int i = 0; i < 40; i += 8) {
      var _ =
          store.commit(
              ChangeSet.of("t", new ZoneChange.Delete(new ZoneId(i + 1), ZoneChange.ANY_REVISION))
                  .forced());
    }
    List<RRsetEdit> edits = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      edits.add(new RRsetEdit.Delete(TestZones.owner("zone10.example.", i), 1, -1));
    }
    var _ =
        store.commit(
            ChangeSet.of("t", new ZoneChange.Edit(new ZoneId(11), edits, -1))
                .withRequestId("once"));
    for (int i = 0; i < 60; i++) {
      Effects effects = effects(i);
      var _ = store.commit(ChangeSet.ofDecision("t", (_, _, _) -> effects));
    }
  }

  /** Writes a document, changes one, removes one, and an entry of the journal. */
  private static Effects effects(int number) {
    List<DocumentEdit> edits = new ArrayList<>();
    edits.add(DocumentEdit.put("a/" + number * 7 % 60, Octets.of("value of " + number)));
    edits.add(DocumentEdit.put("counter", Octets.of("counted to " + number)));
    if (number % 5 == 4) {
      edits.add(DocumentEdit.remove("a/" + (number - 2) * 7 % 60));
    }
    return new Effects(edits, List.of(Octets.of("entry " + number)), Octets.EMPTY);
  }

  private static void addReads(Map<String, Read> reads, EmbeddedStore store) throws Exception {
    reads.put("all", now -> snapshot(now, -1, TestZones::text));
    reads.put("past", now -> snapshot(now, 45, TestZones::text));
    reads.put("state", EmbeddedStore::state);
    for (int i = 0; i < 42; i++) {
      String apex = "zone" + i + ".example.";
      ZoneId id = new ZoneId(i + 1);
      int host = i;
      reads.put("by name " + i, now -> snapshot(now, -1, view -> view.zone(TestZones.key(apex))));
      reads.put("by id " + i, now -> snapshot(now, -1, view -> view.zone(id)));
      reads.put(
          "owner " + i,
          now -> snapshot(now, -1, view -> view.rrsets(id, TestZones.owner(apex, host))));
      reads.put(
          "content " + i,
          now ->
              snapshot(
                  now,
                  -1,
                  view -> {
                    StoredZone zone = view.zone(id);
                    return zone == null ? "" : TestZones.text(view, zone);
                  }));
      reads.put("history " + i, now -> text(now.history(id, Long.MAX_VALUE, 100)));
      reads.put("deleted " + i, now -> now.lastDeleted(TestZones.key(apex)));
    }
    reads.put(
        "events",
        now -> {
          List<Object> all = new ArrayList<>();
          try (Watch watch = now.watch(0)) {
            while (all.size() < now.state().revision()) {
              all.addAll(text(watch.next(Duration.ofSeconds(5))));
            }
          }
          return all;
        });
    for (int i = 0; i < 60; i++) {
      String key = "a/" + i;
      reads.put("document " + i, now -> snapshot(now, -1, view -> shown(view.document(key))));
    }
    reads.put(
        "documents",
        now ->
            snapshot(
                now,
                -1,
                view ->
                    view.documents("a/", "", 100).stream().map(StoreDamageTest::shown).toList()));
    reads.put(
        "journal",
        now ->
            now.journal(Long.MAX_VALUE, 100).stream()
                .map(entry -> entry.number() + entry.body().text() + entry.revision())
                .toList());
    reads.put(
        "below",
        now ->
            snapshot(
                now,
                -1,
                view -> view.zonesBelow("public", DomainName.parse("example."), null, 100)));
    reads.put("by name", now -> snapshot(now, -1, view -> view.zonesByName(null, 100)));
    reads.put("of nobody", now -> snapshot(now, -1, view -> view.zonesOf(ZoneOwner.NOBODY, 0, 99)));
    reads.put(
        "of nobody then", now -> snapshot(now, 45, view -> view.zonesOf(ZoneOwner.NOBODY, 0, 99)));
    assertThat(store.state().revision()).isEqualTo(146);
  }

  private static String shown(@Nullable Document document) {
    return document == null
        ? "none"
        : document.key() + document.revision() + document.value().text();
  }

  private static List<Object> text(List<io.flashdns.core.store.StoreEvent> events) {
    List<Object> all = new ArrayList<>();
    for (var event : events) {
      all.add(event.revision() + event.who() + event.epochMillis() + event.requestId());
      for (var zone : event.zones()) {
        all.add(zone.zoneBefore());
        all.add(zone.zoneAfter());
        all.add(zone.before().rrsets());
        all.add(zone.after().rrsets());
      }
      for (var document : event.documents()) {
        all.add(document.key());
        all.add(document.before() == null ? "none" : document.before().text());
        all.add(document.after() == null ? "none" : document.after().text());
      }
    }
    return all;
  }

  private interface View {
    Object read(StoreSnapshot snapshot) throws StoreException;
  }

  private static Object snapshot(EmbeddedStore store, long revision, View view)
      throws StoreException {
    try (StoreSnapshot snapshot = revision < 0 ? store.snapshot() : store.snapshot(revision)) {
      return view.read(snapshot);
    }
  }
}
