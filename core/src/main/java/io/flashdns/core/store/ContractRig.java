package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.Views;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The words that the claims about stores are written in. */
final class ContractRig {
  static final String WHO = "tester";
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final Duration A_WHILE = Duration.ofMillis(200);
  private static final int MAX_CHARS = 400;
  static final long ANY = ZoneChange.ANY_REVISION;
  static final DomainName APEX = DomainName.parse("example.org.");

  private ContractRig() {}

  // What must be.

  static void that(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }

  static void same(@Nullable Object is, @Nullable Object shouldBe, String what) {
    if (!Objects.equals(is, shouldBe)) {
      throw new AssertionError(what + " is " + brief(is) + ", it should be " + brief(shouldBe));
    }
  }

  private static String brief(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
  }

  static <T> T there(@Nullable T value, String what) {
    if (value == null) {
      throw new AssertionError(what + " is not there");
    }
    return value;
  }

  interface Try {
    void run() throws Exception;
  }

  /** The refusal that {@code what} meets; its first reason must be of this kind. */
  static StoreException.Refused refused(Refusal.Kind kind, String what, Try attempt)
      throws Exception {
    try {
      attempt.run();
    } catch (StoreException.Refused refused) {
      same(
          refused.refusals().getFirst().kind(),
          kind,
          "the refusal of " + what + " (" + refused + ")");
      that(!refused.refusals().getFirst().message().isBlank(), "a refusal says nothing");
      return refused;
    }
    throw new AssertionError(what + " was taken, it should be refused as " + kind);
  }

  static void compacted(String what, Try attempt) throws Exception {
    try {
      attempt.run();
    } catch (StoreException.Compacted _) {
      return;
    }
    throw new AssertionError(what + " was answered, it should say that it was compacted");
  }

  // Records.

  static DomainName name(String text) {
    return DomainName.parse(text, APEX);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static RecordData soaData(long serial) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(name("ns1").wire());
    out.writeBytes(name("hostmaster").wire());
    byte[] numbers = new byte[20];
    Wire.put32(numbers, 0, (int) serial);
    Wire.put32(numbers, 4, 7_200);
    Wire.put32(numbers, 8, 3_600);
    Wire.put32(numbers, 12, 1_209_600);
    Wire.put32(numbers, 16, 300);
    out.writeBytes(numbers);
    return RecordData.of(out.toByteArray());
  }

  static RRset soa(DomainName apex, long serial) {
    return new RRset(apex, RecordType.SOA, 3_600, List.of(soaData(serial)));
  }

  static RRset ns(DomainName owner, String... servers) {
    List<RecordData> data = new ArrayList<>();
    for (String server : servers) {
      data.add(RecordData.of(name(server).wire()));
    }
    return new RRset(owner, RecordType.NS, 3_600, data);
  }

  static RecordData address(int number) {
    byte[] octets = new byte[4];
    Wire.put32(octets, 0, 0x0a00_0000 + number);
    return RecordData.of(octets);
  }

  static RRset a(DomainName owner, int... numbers) {
    List<RecordData> data = new ArrayList<>();
    for (int number : numbers) {
      data.add(address(number));
    }
    return new RRset(owner, RecordType.A, 300, data);
  }

  static RRset a(String owner, int... numbers) {
    return a(name(owner), numbers);
  }

  static RRset txt(DomainName owner, String text) {
    byte[] octets = bytes(" " + text);
    octets[0] = (byte) text.length();
    return new RRset(owner, RecordType.TXT, 60, List.of(RecordData.of(octets)));
  }

  static RRset cname(String owner, String target) {
    return new RRset(
        name(owner), RecordType.CNAME, 300, List.of(RecordData.of(name(target).wire())));
  }

  /** A zone's content: SOA, NS, and what else there is. */
  static RRsetBlock content(DomainName apex, long serial, RRset... more) {
    ZoneContents contents = new ZoneContents(apex);
    contents.add(soa(apex, serial)).add(ns(apex, "ns1", "ns2"));
    for (RRset rrset : more) {
      contents.add(rrset);
    }
    return contents.block();
  }

  /** A zone's content with names h0 to h(n−1). */
  static RRsetBlock hosts(DomainName apex, long serial, int count) {
    ZoneContents contents = new ZoneContents(apex);
    contents.add(soa(apex, serial)).add(ns(apex, "ns1", "ns2"));
    for (int i = 0; i < count; i++) {
      contents.add(a(DomainName.parse("h" + i, apex), i));
    }
    return contents.block();
  }

  // Changes.

  static ZoneKey key(DomainName apex) {
    return new ZoneKey(Views.PUBLIC_NAME, apex);
  }

  static ZoneSettings settings(DomainName apex) {
    return ZoneSettings.of(key(apex));
  }

  static ChangeSet create(DomainName apex, RRsetBlock content) {
    return ChangeSet.of(WHO, new ZoneChange.Create(settings(apex), content));
  }

  static ChangeSet edit(ZoneId zone, RRsetEdit... edits) {
    return ChangeSet.of(WHO, new ZoneChange.Edit(zone, List.of(edits), ANY));
  }

  static RRsetEdit put(RRset rrset) {
    return new RRsetEdit.Put(rrset, RRsetEdit.ANY_REVISION);
  }

  static RRsetEdit delete(String owner, int type) {
    return new RRsetEdit.Delete(name(owner), type, RRsetEdit.ANY_REVISION);
  }

  /** Creates the zone {@link #APEX} with serial 10. */
  static StoredZone zone(ZoneStore store, RRset... more) throws Exception {
    return zone(store, APEX, more);
  }

  static StoredZone zone(ZoneStore store, DomainName apex, RRset... more) throws Exception {
    return store.commit(create(apex, content(apex, 10, more))).zones().getFirst();
  }

  static StoredZone commit(ZoneStore store, ZoneId zone, RRsetEdit... edits) throws Exception {
    return store.commit(edit(zone, edits)).zones().getFirst();
  }

  // Reading.

  static StoredZone now(ZoneStore store, ZoneId zone) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return there(snapshot.zone(zone), "zone " + zone);
    }
  }

  static @Nullable StoredRRset rrset(ZoneStore store, ZoneId zone, DomainName owner, int type)
      throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return rrset(snapshot, zone, owner, type);
    }
  }

  static @Nullable StoredRRset rrset(
      StoreSnapshot snapshot, ZoneId zone, DomainName owner, int type) throws Exception {
    for (StoredRRset one : snapshot.rrsets(zone, owner)) {
      if (one.rrset().type() == type) {
        return one;
      }
    }
    return null;
  }

  static List<StoredRRset> all(StoreSnapshot snapshot, ZoneId zone) throws Exception {
    List<StoredRRset> rrsets = new ArrayList<>();
    try (ContentView.ContentReader reader = snapshot.content(zone, null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        rrsets.addAll(block.rrsets());
      }
    }
    return rrsets;
  }

  static List<StoredRRset> all(ZoneStore store, ZoneId zone) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return all(snapshot, zone);
    }
  }

  /** What the RRsets say, without their revisions, the SOA left out. */
  static List<RRset> said(List<StoredRRset> rrsets) {
    List<RRset> said = new ArrayList<>();
    for (StoredRRset rrset : rrsets) {
      if (rrset.rrset().type() != RecordType.SOA) {
        said.add(rrset.rrset());
      }
    }
    return said;
  }

  static List<RRset> sorted(RRset... rrsets) {
    RRset[] order = rrsets.clone();
    Arrays.sort(
        order,
        (x, y) -> {
          int owners = x.owner().compareTo(y.owner());
          return owners != 0 ? owners : Integer.compare(x.type(), y.type());
        });
    return List.of(order);
  }

  /** The zone's counters and digest must be those of its content. */
  static void counted(ZoneStore store, ZoneId zone) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      StoredZone stored = there(snapshot.zone(zone), "zone " + zone);
      String difference = new ContentTally().add(snapshot.content(zone, null)).difference(stored);
      that(difference.isEmpty(), difference);
    }
  }

  /** All events from a watch up to a revision. */
  static List<StoreEvent> drain(Watch watch, long to) throws Exception {
    List<StoreEvent> events = new ArrayList<>();
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (events.isEmpty() || events.getLast().revision() < to) {
      that(
          System.nanoTime() < end,
          "the watch did not come to revision " + to + ", it gave " + events.size() + " events");
      events.addAll(watch.next(A_WHILE));
    }
    return events;
  }

  static List<StoreEvent> events(ZoneStore store, long after) throws Exception {
    long to = store.state().revision();
    if (to <= after) {
      return List.of();
    }
    try (Watch watch = store.watch(after)) {
      return drain(watch, to);
    }
  }

  static List<Long> revisions(List<StoreEvent> events) {
    List<Long> revisions = new ArrayList<>();
    for (StoreEvent event : events) {
      revisions.add(event.revision());
    }
    return revisions;
  }

  static List<Long> range(long from, long to) {
    List<Long> range = new ArrayList<>();
    for (long i = from; i <= to; i++) {
      range.add(i);
    }
    return range;
  }

  /** Some edits of a zone with names r0 to r29, in every form that edits have. */
  static RRsetEdit[] randomEdits(RandomGenerator dice) {
    RRsetEdit[] edits = new RRsetEdit[1 + dice.nextInt(6)];
    for (int i = 0; i < edits.length; i++) {
      DomainName owner = name("r" + dice.nextInt(30) + (dice.nextInt(4) == 0 ? ".sub" : ""));
      List<RecordData> some = List.of(address(dice.nextInt(5)), address(dice.nextInt(5)));
      edits[i] =
          switch (dice.nextInt(5)) {
            case 0 -> put(a(owner, dice.nextInt(5), dice.nextInt(5)));
            case 1 -> new RRsetEdit.Delete(owner, RecordType.A, RRsetEdit.ANY_REVISION);
            case 2 ->
                new RRsetEdit.Add(
                    owner, RecordType.A, dice.nextInt(3), some, RRsetEdit.ANY_REVISION);
            case 3 -> new RRsetEdit.Remove(owner, RecordType.A, some, RRsetEdit.ANY_REVISION);
            default -> put(txt(owner, "t" + dice.nextInt(3)));
          };
    }
    return edits;
  }
}
