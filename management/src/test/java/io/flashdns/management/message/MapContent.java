package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ContentDigest;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneContents;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.zone.CanonicalData;
import io.flashdns.core.zonefile.RdataText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Zones and documents in maps. */
final class MapContent implements ContentView {
  private static final long REVISION = 7;

  private final Map<ZoneId, StoredZone> zones =
      new TreeMap<>((a, b) -> (int) (a.value() - b.value()));
  private final Map<ZoneId, RRsetBlock> contents = new HashMap<>();
  private final TreeMap<String, Document> documents = new TreeMap<>();

  /** RRsets of lines as {@code owner ttl type data}, with one line for each record. */
  static RRsetBlock block(String apex, String... lines) {
    ZoneContents contents = new ZoneContents(DomainName.parse(apex));
    for (String line : lines) {
      String[] words = line.split(" ", 4);
      byte[] owner = DomainName.parse(words[0], DomainName.parse(apex)).folded().wire();
      int type = RecordType.parse(words[2]);
      byte[] data = RdataText.parse(type, words[3]);
      CanonicalData.fold(type, data, 0, data.length);
      contents.add(
          owner, 0, owner.length, type, Integer.parseInt(words[1]), data, 0, data.length, 0);
    }
    return contents.block();
  }

  static RRset rrset(String apex, String... lines) {
    return block(apex, lines).rrsets().getFirst().rrset();
  }

  /** Adds a zone. */
  StoredZone add(long id, String apex, String... lines) {
    RRsetBlock content = block(apex, lines).stamped(REVISION);
    StoredZone zone = stored(id, apex, REVISION, content);
    zones.put(zone.id(), zone);
    contents.put(zone.id(), content);
    return zone;
  }

  static StoredZone stored(long id, String apex, long revision, RRsetBlock content) {
    return new StoredZone(
        new ZoneId(id),
        ZoneSettings.of(new ZoneKey("public", DomainName.parse(apex))),
        1,
        revision,
        revision,
        1,
        content.rrsetCount(),
        content.rrsetCount(),
        content.recordCount(),
        ContentDigest.of(content));
  }

  /** What makes a zone have this content. */
  Plan.ZonePlan plan(StoredZone zone, String... lines) {
    String apex = zone.settings().key().apex().toString();
    RRsetBlock now = block(apex, lines);
    RRsetBlock.Builder before = new RRsetBlock.Builder(zone.settings().key().apex());
    RRsetBlock.Builder after = new RRsetBlock.Builder(zone.settings().key().apex());
    List<StoredRRset> old = contents.get(zone.id()).rrsets();
    List<RRset> oldSets = old.stream().map(StoredRRset::rrset).toList();
    List<RRset> nowSets = now.rrsets().stream().map(StoredRRset::rrset).toList();
    for (StoredRRset rrset : old) {
      if (!nowSets.contains(rrset.rrset())) {
        before.add(rrset.rrset(), rrset.revision());
      }
    }
    for (RRset rrset : nowSets) {
      if (!oldSets.contains(rrset)) {
        after.add(rrset, REVISION + 1);
      }
    }
    return new Plan.ZonePlan(
        zone, stored(zone.id().value(), apex, REVISION + 1, now), before.build(), after.build());
  }

  /** What creates a zone. */
  static Plan.ZonePlan creation(long id, String apex, String... lines) {
    RRsetBlock content = block(apex, lines);
    return new Plan.ZonePlan(
        null, stored(id, apex, REVISION + 1, content), block(apex), content.stamped(REVISION + 1));
  }

  void write(DocumentEdit edit, long revision) {
    if (edit.value() == null) {
      documents.remove(edit.key());
    } else {
      documents.put(edit.key(), new Document(edit.key(), edit.value(), revision));
    }
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) {
    return zones.get(id);
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) {
    return zones.values().stream()
        .filter(zone -> zone.settings().key().equals(key))
        .findFirst()
        .orElse(null);
  }

  @Override
  public List<StoredRRset> rrsets(ZoneId zone, DomainName owner) {
    return contents.get(zone).rrsets().stream()
        .filter(rrset -> rrset.rrset().owner().equals(owner))
        .toList();
  }

  @Override
  public ContentReader content(ZoneId zone, @Nullable DomainName from) {
    List<RRsetBlock> blocks = new ArrayList<>(List.of(contents.get(zone)));
    return new ContentReader() {
      @Override
      public @Nullable RRsetBlock next() {
        return blocks.isEmpty() ? null : blocks.removeFirst();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public @Nullable Document document(String key) {
    return documents.get(key);
  }

  @Override
  public List<Document> documents(String prefix, String after, int limit) {
    return documents.values().stream()
        .filter(document -> document.key().startsWith(prefix))
        .filter(document -> document.key().compareTo(after) > 0)
        .limit(limit)
        .toList();
  }

  @Override
  public List<StoredZone> zonesBelow(
      String view, DomainName top, @Nullable DomainName after, int limit) {
    throw new UnsupportedOperationException();
  }

  static RecordData data(String type, String text) {
    return RecordData.of(RdataText.parse(RecordType.parse(type), text));
  }
}
