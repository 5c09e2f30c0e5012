package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.MemoryStore.Content;
import io.flashdns.core.store.MemoryStore.Fault;
import io.flashdns.core.store.MemoryStore.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** One state of a {@link MemoryStore}, shown. */
final class MemorySnapshot implements StoreSnapshot {
  private static final Comparator<ZoneKey> BY_NAME =
      Comparator.comparing(ZoneKey::view).thenComparing(ZoneKey::apex);

  private final State state;
  private final Set<Fault> faults;

  MemorySnapshot(State state, Set<Fault> faults) {
    this.state = state;
    this.faults = faults;
  }

  private boolean is(Fault fault) {
    return faults.contains(fault);
  }

  @Override
  public long revision() {
    return state.revision();
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) {
    return state.zones().get(id.value());
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) {
    for (StoredZone zone : state.zones().values()) {
      if (zone.settings().key().equals(key)) {
        return zone;
      }
    }
    return null;
  }

  @Override
  public List<StoredZone> zones(long after, int limit) {
    List<StoredZone> found = new ArrayList<>();
    for (StoredZone zone : state.zones().tailMap(after, false).values()) {
      if (found.size() == limit) {
        break;
      }
      found.add(zone);
    }
    return found;
  }

  @Override
  public @Nullable Document document(String key) {
    return state.documents().get(key);
  }

  @Override
  public List<Document> documents(String prefix, String after, int limit) {
    return state.documents().tailMap(after, false).values().stream()
        .filter(document -> document.key().startsWith(prefix))
        .limit(limit)
        .toList();
  }

  private List<StoredZone> byName(Predicate<ZoneKey> isAsked, int limit) {
    return state.zones().values().stream()
        .filter(zone -> isAsked.test(zone.settings().key()))
        .sorted(Comparator.comparing(zone -> zone.settings().key(), BY_NAME))
        .limit(limit)
        .toList();
  }

  @Override
  public List<StoredZone> zonesBelow(
      String view, DomainName top, @Nullable DomainName after, int limit) {
    return byName(
        key ->
            key.view().equals(view)
                && (is(Fault.BELOW_BY_LETTERS)
                    ? key.apex().toString().endsWith(top.toString())
                    : key.apex().isAtOrBelow(top))
                && (after == null || key.apex().compareTo(after) > 0),
        limit);
  }

  @Override
  public List<StoredZone> zonesByName(@Nullable ZoneKey after, int limit) {
    return byName(key -> after == null || BY_NAME.compare(key, after) > 0, limit);
  }

  @Override
  public List<StoredZone> zonesOf(ZoneOwner owner, long after, int limit) {
    return state.zones().tailMap(after, false).values().stream()
        .filter(zone -> zone.settings().owner().equals(owner))
        .limit(limit)
        .toList();
  }

  @Override
  public List<StoredRRset> rrsets(ZoneId zone, DomainName owner) {
    Content content = state.contents().get(zone.value());
    StoredZone stored = state.zones().get(zone.value());
    if (content == null || stored == null) {
      return List.of();
    }
    DomainName asked =
        is(Fault.FOLDS_BINARY_OWNERS) && owner.toString().contains("\\000")
            ? DomainName.parse(owner.toString().replace("\\000", "\\001"))
            : owner;
    Map.Entry<byte[], RRsetBlock> page =
        content.pages().floorEntry(OwnerKey.of(asked, stored.settings().key().apex()));
    return page == null ? List.of() : RRsetPages.rrsets(page.getValue(), asked);
  }

  @Override
  public ContentReader content(ZoneId zone, @Nullable DomainName from) {
    Content content = state.contents().get(zone.value());
    StoredZone stored = state.zones().get(zone.value());
    Iterator<RRsetBlock> pages = List.<RRsetBlock>of().iterator();
    if (content != null && stored != null) {
      byte[] key =
          from == null
              ? null
              : content.pages().floorKey(OwnerKey.of(from, stored.settings().key().apex()));
      pages =
          (key == null ? content.pages() : content.pages().tailMap(key, true)).values().iterator();
    }
    Iterator<RRsetBlock> rest = pages;
    return new ContentReader() {
      @Override
      public @Nullable RRsetBlock next() {
        RRsetBlock page = rest.hasNext() ? rest.next() : null;
        return page == null || !is(Fault.LAST_OWNER_OF_PAGE_LOST) ? page : withoutLast(page);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {}

  private static RRsetBlock withoutLast(RRsetBlock page) {
    List<StoredRRset> rrsets = page.rrsets();
    RRsetBlock.Builder rest = new RRsetBlock.Builder(page.origin());
    for (StoredRRset rrset : rrsets.subList(0, Math.max(1, rrsets.size() - 1))) {
      rest.add(rrset.rrset(), rrset.revision());
    }
    return rest.build();
  }
}
