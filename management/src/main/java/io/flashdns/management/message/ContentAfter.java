package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The content of a zone as a plan will make it, owner by owner. One thread. */
final class ContentAfter {
  private final ContentView view;
  private final @Nullable ZoneId stored;
  private final DomainName apex;

  /** Types that the plan takes away, and RRsets that it gives, at each owner that it touches. */
  private final Map<DomainName, TreeSet<Integer>> gone = new HashMap<>();

  private final Map<DomainName, List<RRset>> come = new HashMap<>();
  private final Map<DomainName, Map<Integer, RRset>> known = new HashMap<>();
  private final TreeSet<DomainName> touched = new TreeSet<>();
  private int lookups;

  /** Of a zone that the plan leaves alone. */
  ContentAfter(ContentView view, StoredZone zone) {
    this.view = view;
    this.stored = zone.id();
    this.apex = zone.settings().key().apex();
  }

  /** Of a zone of the plan. */
  ContentAfter(ContentView view, Plan.ZonePlan plan) {
    this.view = view;
    StoredZone before = plan.before();
    this.stored = before == null ? null : before.id();
    this.apex = plan.zone().settings().key().apex();
    for (RRsetBlock.Cursor cursor = plan.rrsetsBefore().cursor(); cursor.next(); ) {
      gone.computeIfAbsent(cursor.owner(), _ -> new TreeSet<>()).add(cursor.type());
    }
    for (RRsetBlock.Cursor cursor = plan.rrsetsAfter().cursor(); cursor.next(); ) {
      RRset rrset = cursor.rrset();
      come.computeIfAbsent(rrset.owner(), _ -> new ArrayList<>()).add(rrset);
    }
    touched.addAll(gone.keySet());
    touched.addAll(come.keySet());
  }

  DomainName apex() {
    return apex;
  }

  /** Owners of which the store was asked. */
  int lookups() {
    return lookups;
  }

  /** The owners that the plan touches. */
  Collection<DomainName> touched() {
    return touched;
  }

  /** True when the plan touches an RRset of this type. */
  boolean touches(DomainName owner, int type) {
    if (gone.getOrDefault(owner, new TreeSet<>()).contains(type)) {
      return true;
    }
    return come.getOrDefault(owner, List.of()).stream().anyMatch(rrset -> rrset.type() == type);
  }

  /** The RRsets of an owner by their types. */
  Map<Integer, RRset> rrsets(DomainName owner) throws StoreException {
    Map<Integer, RRset> found = known.get(owner);
    if (found == null) {
      found = new TreeMap<>();
      if (stored != null) {
        lookups++;
        for (StoredRRset rrset : view.rrsets(stored, owner)) {
          found.put(rrset.rrset().type(), rrset.rrset());
        }
      }
      found.keySet().removeAll(gone.getOrDefault(owner, new TreeSet<>()));
      for (RRset rrset : come.getOrDefault(owner, List.of())) {
        found.put(rrset.type(), rrset);
      }
      known.put(owner, found);
    }
    return found;
  }

  /** Owners at or below a name that have records, at most so many. */
  Collection<DomainName> below(DomainName top, int limit) throws StoreException {
    SortedSet<DomainName> owners = new TreeSet<>();
    for (DomainName owner : touched.tailSet(top)) {
      if (!owner.isAtOrBelow(top) || owners.size() >= limit) {
        break;
      }
      if (!rrsets(owner).isEmpty()) {
        owners.add(owner);
      }
    }
    if (stored == null || owners.size() >= limit) {
      return owners;
    }
    lookups++;
    try (ContentView.ContentReader content = view.content(stored, top)) {
      for (RRsetBlock block = content.next(); block != null; block = content.next()) {
        for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
          DomainName owner = cursor.owner();
          if (owner.isAtOrBelow(top)) {
            if (!touched.contains(owner)) {
              owners.add(owner);
            }
          } else if (owner.compareTo(top) > 0) {
            return owners;
          }
          if (owners.size() >= limit) {
            return owners;
          }
        }
      }
    }
    return owners;
  }
}
