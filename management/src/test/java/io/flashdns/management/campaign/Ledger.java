package io.flashdns.management.campaign;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.campaign.Work.Content;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What writers have said, over all the processes that they ran in, and what follows for the store:
 *
 * <ul>
 *   <li>each acknowledged change set is in the store's events, once, at the revision that was said;
 *   <li>one that was announced and of which no more was heard is in there once or not at all, and
 *       asked again it is made exactly once;
 *   <li>one that was refused is not in there, nor is one that nobody announced;
 *   <li>the content of all zones is what the events make of it, so nothing is torn or resurrected;
 *   <li>revisions and serials rise.
 * </ul>
 *
 * <p>{@link #hear} and the checks are called by one thread at a time.
 */
final class Ledger {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private record Ack(long revision, boolean changed, List<Long> ids, List<Long> serials) {}

  private final Map<String, Work> announced = new LinkedHashMap<>();
  private final Map<String, Ack> unchecked = new LinkedHashMap<>();
  private final Map<String, Work> open = new LinkedHashMap<>();
  private final Set<String> refused = new HashSet<>();
  private final Map<String, Long> made = new HashMap<>();
  private final Map<Long, Content> zones = new TreeMap<>();
  private final Map<Long, Long> serials = new HashMap<>();
  private final Set<Long> ids = new HashSet<>();
  private final List<String> faults = new ArrayList<>();
  private final List<String> unavailable = new ArrayList<>();
  private long checkedRevision;
  private long ackedRevision;
  private long acknowledged;
  private long unknownMade;
  private long unknownNot;
  private long slowestMicros;
  private long lost;

  /** Takes a line of {@link StoreWriters}. */
  synchronized void hear(String line) {
    String[] words = line.split(" ", 4);
    switch (line.charAt(0)) {
      case 'I' -> {
        Work work = Work.parse(line.substring(2));
        announced.put(work.requestId(), work);
        open.put(work.requestId(), work);
      }
      case 'A' -> {
        String[] rest = words[3].split(" ");
        List<Long> zoneIds = new ArrayList<>();
        List<Long> zoneSerials = new ArrayList<>();
        for (String zone : rest[2].split(",")) {
          zoneIds.add(Long.parseLong(zone.split(":")[0]));
          zoneSerials.add(Long.parseLong(zone.split(":")[1]));
        }
        Ack ack =
            new Ack(Long.parseLong(words[2]), Boolean.parseBoolean(rest[0]), zoneIds, zoneSerials);
        slowestMicros = Math.max(slowestMicros, Long.parseLong(rest[1]));
        unchecked.put(words[1], ack);
        open.remove(words[1]);
        acknowledged++;
        ackedRevision = Math.max(ackedRevision, ack.revision());
      }
      case 'X' -> {
        refused.add(words[1]);
        open.remove(words[1]);
      }
      case 'U' -> {
        unavailable.add(line);
        if (words[3].startsWith("false")) {
          refused.add(words[1]);
          open.remove(words[1]);
        }
      }
      default -> faults.add(line);
    }
  }

  /** Change sets that were acknowledged. */
  synchronized long acknowledged() {
    return acknowledged;
  }

  /** Acknowledged change sets that the store did not have afterwards. */
  long lost() {
    return lost;
  }

  /** Change sets without an answer that turned out to have been made, and not. */
  String unknown() {
    return unknownMade + " made, " + unknownNot + " not";
  }

  long slowestMicros() {
    return slowestMicros;
  }

  /** Lines of change sets for which the store was not available. */
  synchronized List<String> unavailable() {
    return List.copyOf(unavailable);
  }

  /** What was wrong, over all checks. */
  List<String> faults() {
    return faults;
  }

  /** The zones that should be there, by id. */
  Map<Long, Content> zones() {
    return zones;
  }

  /** The serial that a zone had last. */
  long serial(long id) {
    return serials.getOrDefault(id, 0L);
  }

  /**
   * Holds a store, opened again after its process ended, against all that was said so far. Writes
   * nothing.
   */
  synchronized void check(ZoneStore store) throws StoreException, InterruptedException {
    long revision = store.state().revision();
    if (revision < ackedRevision) {
      faults.add("revision " + ackedRevision + " was acknowledged, the store is at " + revision);
    }
    if (revision < checkedRevision) {
      faults.add("the revision went back from " + checkedRevision + " to " + revision);
    }
    long before = checkedRevision;
    try (Watch watch = store.watch(checkedRevision)) {
      while (checkedRevision < revision) {
        List<StoreEvent> events = watch.next(PATIENCE);
        if (events.isEmpty()) {
          faults.add("no event after " + checkedRevision + ", the store is at " + revision);
          break;
        }
        events.forEach(this::take);
      }
    }
    unchecked.forEach(
        (id, ack) -> {
          if (ack.changed()) {
            lost++;
            faults.add("LOST " + id + ", acknowledged at " + ack.revision());
          } else if (ack.revision() < before || ack.revision() > revision) {
            faults.add(id + " changed nothing at " + ack.revision() + ", which was not then");
          }
        });
    unchecked.clear();
    compare(store);
  }

  private void take(StoreEvent event) {
    if (event.revision() <= checkedRevision) {
      faults.add("event " + event.revision() + " after " + checkedRevision);
    }
    checkedRevision = event.revision();
    String id = event.requestId();
    Work work = announced.get(id);
    if (work == null) {
      faults.add("event " + event.revision() + " is of " + id + ", which nobody announced");
      return;
    }
    if (refused.contains(id)) {
      faults.add(id + " was refused, and made at " + event.revision());
    }
    Long earlier = made.put(id, event.revision());
    if (earlier != null) {
      faults.add(id + " was made twice: at " + earlier + " and at " + event.revision());
    }
    Ack ack = unchecked.remove(id);
    List<Long> zoneIds = event.zones().stream().map(zone -> zone.zone().id().value()).toList();
    if (ack == null) {
      unknownMade++;
    } else if (ack.revision() != event.revision() || !ack.changed() || !ack.ids().equals(zoneIds)) {
      faults.add(id + " was acknowledged as " + ack + ", the store has it as " + event);
    }
    for (int i = 0; i < event.zones().size(); i++) {
      serial(event, event.zones().get(i), ack == null ? null : ack.serials().get(i));
    }
    try {
      work.apply(zones, zoneIds);
    } catch (IllegalStateException e) {
      faults.add(id + " at " + event.revision() + ": " + e.getMessage());
    }
  }

  private void serial(StoreEvent event, ZoneEvent zone, @Nullable Long acknowledgedSerial) {
    long id = zone.zone().id().value();
    StoredZone after = zone.zoneAfter();
    if (zone.zoneBefore() == null && !ids.add(id)) {
      faults.add("zone id " + id + " was given twice");
    }
    if (after == null) {
      return;
    }
    if (acknowledgedSerial != null && acknowledgedSerial != after.serial()) {
      faults.add(
          "serial "
              + acknowledgedSerial
              + " was acknowledged, event "
              + event.revision()
              + " has "
              + after.serial());
    }
    Long last = serials.put(id, after.serial());
    // RFC 1982; the campaign is too short for a serial to come round.
    if (last != null && (int) (after.serial() - last) < 1) {
      faults.add(
          "the serial of zone "
              + id
              + " went from "
              + last
              + " to "
              + after.serial()
              + " at "
              + event.revision());
    }
  }

  private void compare(ZoneStore store) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      Set<Long> seen = new HashSet<>();
      for (StoredZone zone : snapshot.zones(0, Integer.MAX_VALUE)) {
        long id = zone.id().value();
        seen.add(id);
        Content expected = zones.get(id);
        if (expected == null) {
          faults.add("RESURRECTED zone " + id + " " + zone.settings().key());
        } else {
          compare(snapshot, zone, expected);
        }
      }
      for (Map.Entry<Long, Content> zone : zones.entrySet()) {
        if (!seen.contains(zone.getKey())) {
          faults.add("zone " + zone.getKey() + " " + zone.getValue().apex() + " is missing");
        }
      }
    }
  }

  private void compare(StoreSnapshot snapshot, StoredZone zone, Content expected)
      throws StoreException {
    DomainName apex = DomainName.parse(expected.apex());
    if (!zone.settings().key().apex().equals(apex)) {
      faults.add("zone " + zone.id() + " is " + zone.settings().key() + ", not " + apex);
    }
    Map<String, TreeSet<String>> found = new TreeMap<>();
    int records = 0;
    long serial = -1;
    try (ContentView.ContentReader reader = snapshot.content(zone.id(), null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        RRsetBlock.Cursor cursor = block.cursor();
        while (cursor.next()) {
          String owner = label(cursor.owner(), apex);
          while (cursor.nextRecord()) {
            records++;
            if (cursor.type() == RecordType.TXT) {
              found
                  .computeIfAbsent(owner, _ -> new TreeSet<>())
                  .add(Work.text(cursor.dataBytes(), cursor.dataOffset(), cursor.dataLength()));
            } else if (cursor.type() == RecordType.SOA) {
              serial = Wire.u32(cursor.dataBytes(), cursor.dataOffset() + cursor.dataLength() - 20);
            }
          }
        }
      }
    }
    if (!found.equals(expected.tags())) {
      faults.add("TORN or lost: zone " + apex + " holds " + found + ", not " + expected.tags());
    }
    if (serial != zone.serial() || serial != serial(zone.id().value())) {
      faults.add(
          "zone "
              + apex
              + " has the serials "
              + serial
              + " in its SOA, "
              + zone.serial()
              + " in the store, "
              + serial(zone.id().value())
              + " in its last event");
    }
    if (records != zone.recordCount()) {
      faults.add("zone " + apex + " has " + records + " records, not " + zone.recordCount());
    }
  }

  static String label(DomainName owner, DomainName apex) {
    String text = owner.toString();
    return owner.equals(apex)
        ? "@"
        : text.substring(0, text.length() - apex.toString().length() - 1);
  }

  /**
   * Asks again for all that is unknown, in a store that may be changed, and sees that each is made
   * exactly once. To be called after {@link #check}; what the store does now is not part of what it
   * is held against later.
   */
  synchronized void askAgain(ZoneStore store) throws StoreException, InterruptedException {
    for (Work work : open.values()) {
      Long earlier = made.get(work.requestId());
      long before = store.state().revision();
      try {
        CommitResult first = store.commit(work.changeSet());
        CommitResult second = store.commit(work.changeSet());
        if (earlier != null && (first.changed() || first.revision() != earlier)) {
          faults.add(work.requestId() + " was made at " + earlier + ", asked again: " + first);
        }
        if (earlier == null && first.changed() && first.revision() <= before) {
          faults.add(work.requestId() + " was made now, at the old revision " + first.revision());
        }
        if (second.changed() || second.revision() != first.revision()) {
          faults.add(work.requestId() + " asked twice: " + first + " and " + second);
        }
        long made = first.changed() ? 1 : 0;
        if (store.state().revision() != before + made) {
          faults.add(
              work.requestId()
                  + " took the revision from "
                  + before
                  + " to "
                  + store.state().revision());
        }
      } catch (StoreException.Refused e) {
        if (earlier != null) {
          faults.add(work.requestId() + " was made at " + earlier + ", asked again: " + e);
        }
      }
    }
  }

  /** Forgets what is unknown: the process that could have answered is gone. */
  synchronized void endOfProcess() {
    for (String id : open.keySet()) {
      if (!made.containsKey(id)) {
        unknownNot++;
        refused.add(id);
      }
    }
    open.clear();
  }
}
