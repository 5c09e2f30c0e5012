package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A later snapshot with the events since taken back. One thread. */
final class PastSnapshot implements StoreSnapshot {
  /** A zone that was changed since. */
  private record Past(@Nullable StoredZone zone, ContentDelta delta) {}

  private static final int PAGE_ZONES = 1_000;

  private static final Comparator<ZoneKey> BY_NAME =
      Comparator.comparing(ZoneKey::view).thenComparing(ZoneKey::apex);

  private final StoreSnapshot now;
  private final long revision;
  private final TreeMap<Long, Past> changed = new TreeMap<>();

  /** Zones that were there under their name, and were changed since. */
  private final Map<ZoneKey, StoredZone> named = new HashMap<>();

  PastSnapshot(StoreSnapshot now, long revision, List<StoreEvent> since) {
    this.now = now;
    this.revision = revision;
    Map<Long, List<ZoneEvent>> byZone = new HashMap<>();
    for (StoreEvent event : since) {
      if (event.revision() > revision && event.revision() <= now.revision()) {
        for (ZoneEvent zone : event.zones()) {
          byZone.computeIfAbsent(zone.zone().id().value(), _ -> new ArrayList<>()).add(zone);
        }
      }
    }
    byZone.forEach(
        (id, events) -> {
          StoredZone was = events.getFirst().zoneBefore();
          List<ContentDelta> deltas = new ArrayList<>(events.size());
          for (ZoneEvent event : events) {
            deltas.add(ContentDelta.of(event));
          }
          DomainName apex = events.getFirst().zone().settings().key().apex();
          changed.put(id, new Past(was, ContentDelta.all(apex, deltas)));
          if (was != null) {
            named.put(was.settings().key(), was);
          }
        });
  }

  /** What differs in a zone between the revision and the later snapshot. */
  @Nullable ContentDelta since(ZoneId zone) {
    Past past = changed.get(zone.value());
    return past == null ? null : past.delta;
  }

  /** The zone in the later snapshot. */
  @Nullable StoredZone later(ZoneId zone) throws StoreException {
    return now.zone(zone);
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) throws StoreException {
    Past past = changed.get(id.value());
    return past == null ? now.zone(id) : past.zone;
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) throws StoreException {
    StoredZone was = named.get(key);
    if (was != null) {
      return was;
    }
    StoredZone later = now.zone(key);
    return later == null || changed.containsKey(later.id().value()) ? null : later;
  }

  @Override
  public List<StoredZone> zones(long after, int limit) throws StoreException {
    return byId(after, limit, _ -> true, now::zones);
  }

  /** A page of zones in the order of their ids. */
  private interface PageById {
    List<StoredZone> after(long id, int limit) throws StoreException;
  }

  private List<StoredZone> byId(
      long after, int limit, Predicate<StoredZone> isAsked, PageById unchangedAnd)
      throws StoreException {
    TreeMap<Long, StoredZone> found = new TreeMap<>();
    for (Map.Entry<Long, Past> entry : changed.tailMap(after, false).entrySet()) {
      StoredZone zone = entry.getValue().zone;
      if (zone != null && isAsked.test(zone)) {
        found.put(entry.getKey(), zone);
      }
    }
    long from = after;
    for (int unchanged = 0; unchanged < limit; ) {
      List<StoredZone> page = unchangedAnd.after(from, PAGE_ZONES);
      for (StoredZone zone : page) {
        from = zone.id().value();
        if (!changed.containsKey(from)) {
          found.put(from, zone);
          unchanged++;
        }
      }
      if (page.size() < PAGE_ZONES) {
        break;
      }
    }
    return first(found.values(), limit);
  }

  private static List<StoredZone> first(Collection<StoredZone> zones, int limit) {
    return zones.stream().limit(Math.max(limit, 0)).toList();
  }

  /** Documents have no history. */
  @Override
  public @Nullable Document document(String key) throws StoreException {
    return now.document(key);
  }

  @Override
  public List<Document> documents(String prefix, String after, int limit) throws StoreException {
    return now.documents(prefix, after, limit);
  }

  @Override
  public List<StoredZone> zonesBelow(
      String view, DomainName top, @Nullable DomainName after, int limit) throws StoreException {
    return byName(
        after == null ? null : new ZoneKey(view, after),
        limit,
        key -> key.view().equals(view) && key.apex().isAtOrBelow(top),
        (from, size) -> now.zonesBelow(view, top, from == null ? null : from.apex(), size));
  }

  @Override
  public List<StoredZone> zonesByName(@Nullable ZoneKey after, int limit) throws StoreException {
    return byName(after, limit, _ -> true, now::zonesByName);
  }

  /** A page of zones in the order of their names. */
  private interface Page {
    List<StoredZone> after(@Nullable ZoneKey key, int limit) throws StoreException;
  }

  private List<StoredZone> byName(
      @Nullable ZoneKey after, int limit, Predicate<ZoneKey> isAsked, Page unchangedAnd)
      throws StoreException {
    TreeMap<ZoneKey, StoredZone> found = new TreeMap<>(BY_NAME);
    named.forEach(
        (key, zone) -> {
          if (isAsked.test(key) && (after == null || BY_NAME.compare(key, after) > 0)) {
            found.put(key, zone);
          }
        });
    ZoneKey from = after;
    for (int unchanged = 0; unchanged < limit; ) {
      List<StoredZone> page = unchangedAnd.after(from, PAGE_ZONES);
      for (StoredZone zone : page) {
        from = zone.settings().key();
        if (!changed.containsKey(zone.id().value())) {
          found.put(from, zone);
          unchanged++;
        }
      }
      if (page.size() < PAGE_ZONES) {
        break;
      }
    }
    return first(found.values(), limit);
  }

  @Override
  public List<StoredZone> zonesOf(ZoneOwner owner, long after, int limit) throws StoreException {
    return byId(
        after,
        limit,
        zone -> zone.settings().owner().equals(owner),
        (from, size) -> now.zonesOf(owner, from, size));
  }

  @Override
  public List<StoredRRset> rrsets(ZoneId zone, DomainName owner) throws StoreException {
    Past past = changed.get(zone.value());
    if (past == null) {
      return now.rrsets(zone, owner);
    }
    if (past.zone == null) {
      return List.of();
    }
    TreeMap<Integer, StoredRRset> found = new TreeMap<>();
    for (StoredRRset rrset : now.rrsets(zone, owner)) {
      found.put(rrset.rrset().type(), rrset);
    }
    for (StoredRRset rrset : RRsetPages.rrsets(past.delta.after(), owner)) {
      found.remove(rrset.rrset().type());
    }
    for (StoredRRset rrset : RRsetPages.rrsets(past.delta.before(), owner)) {
      found.put(rrset.rrset().type(), rrset);
    }
    return List.copyOf(found.values());
  }

  @Override
  public ContentReader content(ZoneId zone, @Nullable DomainName from) throws StoreException {
    Past past = changed.get(zone.value());
    if (past == null) {
      return now.content(zone, from);
    }
    if (past.zone == null) {
      return new PastReader(null, ContentDelta.none(DomainName.ROOT));
    }
    return new PastReader(now.content(zone, from), past.delta);
  }

  @Override
  public void close() {
    now.close();
  }

  /** Takes back what differs, block by block. */
  private static final class PastReader implements ContentReader {
    private final @Nullable ContentReader later;
    private final RRsetPages.Slicer come;
    private final RRsetPages.Slicer gone;
    private final DomainName apex;
    private @Nullable RRsetBlock next;
    private boolean started;

    PastReader(@Nullable ContentReader later, ContentDelta since) {
      this.later = later;
      this.apex = since.before().origin();
      this.come = new RRsetPages.Slicer(since.before());
      this.gone = new RRsetPages.Slicer(since.after());
    }

    @Override
    public @Nullable RRsetBlock next() throws StoreException {
      while (true) {
        RRsetBlock block = started ? next : read();
        next = block == null ? null : read();
        boolean first = !started;
        started = true;
        if (block == null && !first && come.nextKey() == null) {
          return null;
        }
        RRsetBlock following = next;
        byte[] end = following == null ? null : RRsetPages.key(following);
        RRsetBlock merged =
            RRsetPages.merged(
                block == null ? RRsetBlock.empty(apex) : block, gone.below(end), come.below(end));
        if (!merged.isEmpty()) {
          return merged;
        }
        if (block == null) {
          return null;
        }
      }
    }

    private @Nullable RRsetBlock read() throws StoreException {
      ContentReader reader = later;
      while (reader != null) {
        RRsetBlock block = reader.next();
        if (block == null || !block.isEmpty()) {
          return block;
        }
      }
      return null;
    }

    @Override
    public void close() {
      if (later != null) {
        later.close();
      }
    }
  }
}
