package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All zones that are served, by view and apex: an immutable snapshot that is replaced whole, so
 * that a change of several zones is seen at once or not at all.
 *
 * <p>Safe for all threads. {@link #find} costs one probe for each label count, from the name's own
 * downwards, that any zone has: a name of four labels in a catalog of zones with three costs one.
 * Nothing is allocated, unless a zone must be brought into memory.
 *
 * <p><b>Complete.</b> A zone whose image is not in memory stands in it as {@link ColdZone}, so that
 * what was evicted is never taken for what does not exist. Which of its two forms an entry has is
 * the one thing that changes in a published catalog ({@link #swap}); both say the same.
 *
 * <p><b>Pages.</b> The table is cut into pages of 1,024 slots, each a hash table by itself with
 * open addressing and linear probing. The next catalog ({@link #edit}) shares all pages that were
 * not changed: one zone of a million costs a copy of its page and of the list of pages, not of the
 * table. A page holds the lower half of each apex's hash beside the entries, so that looking for a
 * name reads an entry only where 32 bits agree. A zone takes some 16 octets of a table that is half
 * full, besides the entry itself.
 */
@SuppressWarnings(
    "ReferenceEquality") // an entry that was replaced is another one, whatever it says
public final class Catalog {
  private static final int PAGE_BITS = 10;
  private static final int LARGEST_LABEL_COUNT = 128;

  private final NameHash hash;
  private final ZoneSource source;
  private final CatalogEntry[][] entries;
  private final int[][] tags;
  private final int pageBits;
  private final int pageMask;
  private final short[] zonesByPage;
  private final int[] zonesByLabels;
  private final long apexLabels0;
  private final long apexLabels1;
  private final @Nullable Tenant[] tenants;
  private final int size;
  private final int zoneNumbers;

  private Catalog(Edit edit) {
    this.hash = edit.hash;
    this.source = edit.source;
    this.entries = edit.entries;
    this.tags = edit.tags;
    this.pageBits = edit.pageBits;
    this.pageMask = entries.length - 1;
    this.zonesByPage = edit.zonesByPage;
    this.zonesByLabels = edit.zonesByLabels;
    this.tenants = edit.tenants;
    this.size = edit.size;
    this.zoneNumbers = edit.zoneNumbers;
    long low = 0;
    long high = 0;
    for (int labels = 0; labels < LARGEST_LABEL_COUNT; labels++) {
      if (zonesByLabels[labels] > 0) {
        low |= labels < 64 ? 1L << labels : 0;
        high |= labels < 64 ? 0 : 1L << labels;
      }
    }
    this.apexLabels0 = low;
    this.apexLabels1 = high;
  }

  /** A catalog without zones. */
  public static Catalog empty(NameHash hash) {
    return empty(hash, ZoneSource.NONE);
  }

  /** A catalog without zones; those to come are brought into memory by {@code source}. */
  public static Catalog empty(NameHash hash, ZoneSource source) {
    return of(hash, List.of(), List.of(), source);
  }

  /**
   * A catalog of zones that belong to nobody, each in its view.
   *
   * @throws IllegalArgumentException when two zones of a view have the same apex, or a zone was
   *     built with another hash
   */
  public static Catalog of(NameHash hash, Collection<? extends CatalogEntry> zones) {
    return of(hash, zones, List.of());
  }

  /**
   * A catalog of zones and those whom they belong to.
   *
   * @throws IllegalArgumentException when two zones of a view have the same apex, or a zone was
   *     built with another hash
   */
  public static Catalog of(
      NameHash hash, Collection<? extends CatalogEntry> zones, Collection<Tenant> tenants) {
    return of(hash, zones, tenants, ZoneSource.NONE);
  }

  /**
   * A catalog of zones of which some may not be in memory.
   *
   * @param source brings those in
   * @throws IllegalArgumentException as above
   */
  public static Catalog of(
      NameHash hash,
      Collection<? extends CatalogEntry> zones,
      Collection<Tenant> tenants,
      ZoneSource source) {
    Edit edit = new Edit(hash, source, zones.size());
    for (CatalogEntry zone : zones) {
      if (edit.insert(zone) != null) {
        throw new IllegalArgumentException("two zones have the apex " + zone.apex());
      }
    }
    return edit.tenants(tenants).done();
  }

  /**
   * The zone with the longest apex that a name is at or below (RFC 1034 §4.3.2 step 2). A private
   * view lies over the public one: only when no zone of it holds the name is the public one asked.
   *
   * @param view a number of {@link Views}
   * @param strictlyBelow true to look above the name itself: the zone that answers for DS at a
   *     zone's apex (RFC 4035 §3.1.4.1)
   * @return the zone, brought into memory if it was not there; {@link Zone#isUnavailable} when that
   *     failed; null when no zone of either view holds the name
   */
  public @Nullable Zone find(int view, NameKey name, boolean strictlyBelow) {
    Zone zone = findIn(view, name, strictlyBelow);
    return zone == null && view != Views.PUBLIC ? findIn(Views.PUBLIC, name, strictlyBelow) : zone;
  }

  private @Nullable Zone findIn(int view, NameKey name, boolean strictlyBelow) {
    int labels = name.labels();
    for (int label = strictlyBelow ? 1 : 0; label <= labels; label++) {
      int depth = labels - label;
      if (((depth < 64 ? apexLabels0 : apexLabels1) & 1L << depth) != 0) {
        CatalogEntry entry = probe(view, name, label);
        if (entry != null) {
          return entry instanceof Zone zone ? zone : source.load((ColdZone) entry);
        }
      }
    }
    return null;
  }

  private @Nullable CatalogEntry probe(int view, NameKey name, int label) {
    long key = hash.inView(name.suffixHash(label), view);
    int page = pageOf(key, pageMask);
    int tag = (int) key;
    int[] pageTags = tags[page];
    CatalogEntry[] pageEntries = entries[page];
    int mask = pageEntries.length - 1;
    int slot = slotOf(tag, pageBits);
    CatalogEntry entry;
    while ((entry = pageEntries[slot]) != null) {
      if (pageTags[slot] == tag && isNamed(entry, view, name, label)) {
        return entry;
      }
      slot = (slot + 1) & mask;
    }
    return null;
  }

  private static boolean isNamed(CatalogEntry entry, int view, NameKey name, int label) {
    return entry instanceof Zone zone
        ? zone.isApex(name, label) && zone.view() == view
        : entry instanceof ColdZone cold && cold.isApex(name, label) && cold.view() == view;
  }

  /** The upper half of the hash chooses the page. */
  private static int pageOf(long key, int pageMask) {
    return (int) (key >>> 32) & pageMask;
  }

  /** The upper bits of the tag choose the slot, so that a page can be rehashed from its tags. */
  private static int slotOf(int tag, int pageBits) {
    return tag >>> (32 - pageBits);
  }

  /**
   * The zone that a name most likely lies in: what {@link #find} finds, unless two zones share 32
   * bits of their hash. Reads the table and no zone, to tell what to read next; null also for a
   * zone that is not in memory.
   */
  public @Nullable Zone likelyZone(int view, NameKey name) {
    int labels = name.labels();
    for (int label = 0; label <= labels; label++) {
      int depth = labels - label;
      if (((depth < 64 ? apexLabels0 : apexLabels1) & 1L << depth) != 0) {
        long key = hash.inView(name.suffixHash(label), view);
        int page = pageOf(key, pageMask);
        int tag = (int) key;
        int[] pageTags = tags[page];
        CatalogEntry[] pageEntries = entries[page];
        int mask = pageEntries.length - 1;
        int slot = slotOf(tag, pageBits);
        CatalogEntry entry;
        while ((entry = pageEntries[slot]) != null) {
          if (pageTags[slot] == tag) {
            return entry instanceof Zone zone ? zone : null;
          }
          slot = (slot + 1) & mask;
        }
      }
    }
    return null;
  }

  /** Who a number that {@link Zone#tenant} gave stands for; {@link Tenant#NOBODY} for others. */
  public Tenant tenant(int number) {
    Tenant tenant = number < tenants.length ? tenants[number] : null;
    return tenant == null ? Tenant.NOBODY : tenant;
  }

  /** One more than the highest number of a tenant. */
  public int tenantNumbers() {
    return tenants.length;
  }

  /** True when both know the same of tenants, because one was made from the other. */
  public boolean hasTenantsOf(Catalog other) {
    return tenants == other.tenants;
  }

  /** One more than the highest number that a zone of it or of those it was made from ever had. */
  public int zoneNumbers() {
    return zoneNumbers;
  }

  /** The zone of the public view with this apex, brought into memory, or null. Allocates. */
  public @Nullable Zone zone(DomainName apex) {
    CatalogEntry entry = entry(Views.PUBLIC, apex);
    return entry == null || entry instanceof Zone ? (Zone) entry : source.load((ColdZone) entry);
  }

  /** The entry of the zone with this apex in this view, or null; reads no file. Allocates. */
  public @Nullable CatalogEntry entry(int view, DomainName apex) {
    NameKey key = new NameKey(hash);
    key.set(apex.wire(), 0);
    return probe(view, key, 0);
  }

  /** Gives every zone to {@code reader}, in no order; reads no file. */
  public void forEach(Consumer<? super CatalogEntry> reader) {
    for (CatalogEntry[] page : entries) {
      for (CatalogEntry entry : page) {
        if (entry != null) {
          reader.accept(entry);
        }
      }
    }
  }

  /** All zones, in no order, in a list of its own: {@link #forEach} needs none. */
  public List<CatalogEntry> entries() {
    List<CatalogEntry> all = new ArrayList<>(size);
    forEach(all::add);
    return all;
  }

  /**
   * Gives every zone that is new, gone or changed since an older catalog, with what it was (null
   * when it is new) and what it is (null when it is gone). Costs the pages that differ, where this
   * catalog was made from the other by edits. Now and then a zone is given that did not change.
   */
  public void changesSince(
      Catalog older, BiConsumer<@Nullable CatalogEntry, @Nullable CatalogEntry> reader) {
    boolean samePages = older.entries.length == entries.length && older.pageBits == pageBits;
    for (int page = 0; page < older.entries.length; page++) {
      if (samePages && older.entries[page] == entries[page]) {
        continue;
      }
      for (CatalogEntry was : older.entries[page]) {
        CatalogEntry is = was == null ? null : find(was);
        if (was != null && is != was) {
          reader.accept(was, is);
        }
      }
    }
    for (int page = 0; page < entries.length; page++) {
      if (samePages && older.entries[page] == entries[page]) {
        continue;
      }
      for (CatalogEntry is : entries[page]) {
        if (is != null && older.find(is) == null) {
          reader.accept(null, is);
        }
      }
    }
  }

  /** The entry with the apex and view of one of another catalog, or null. */
  private @Nullable CatalogEntry find(CatalogEntry other) {
    long key = keyOf(other, hash);
    int page = pageOf(key, pageMask);
    int slot = find(entries[page], tags[page], pageBits, (int) key, other);
    return slot < 0 ? null : entries[page][slot];
  }

  /** The slot of the entry with the same apex and view; minus one minus a free slot if none. */
  private static int find(
      CatalogEntry[] entries, int[] tags, int pageBits, int tag, CatalogEntry like) {
    int mask = entries.length - 1;
    int slot = slotOf(tag, pageBits);
    CatalogEntry entry;
    while ((entry = entries[slot]) != null) {
      if (tags[slot] == tag
          && (entry == like || (entry.view() == like.view() && entry.apex().equals(like.apex())))) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return -1 - slot;
  }

  private static long keyOf(CatalogEntry entry, NameHash hash) {
    long name =
        switch (entry) {
          case Zone zone -> hashOf(zone.data(), ImageLayout.H_APEX, hash);
          case ColdZone cold -> hashOf(cold.names(), cold.nameAt(), hash);
        };
    return hash.inView(name, entry.view());
  }

  /** The hash of a name in wire form and lower case: from the root, label by label. */
  private static long hashOf(byte[] name, int at, NameHash hash) {
    return name[at] == 0
        ? hash.root()
        : hash.prepend(hashOf(name, at + 1 + name[at], hash), name, at);
  }

  /** Tells the source of zones that a zone of this catalog was used. */
  public void used(Zone zone) {
    source.used(zone);
  }

  /**
   * Puts a zone that was read into memory, or one that was evicted, where the other form of it
   * stands. That is no change of the catalog: both say the same.
   *
   * <p>For the one who is the {@link ZoneSource}, under a lock that it also holds while it makes
   * the next catalog. Workers may see either form meanwhile.
   *
   * @return false when {@code from} does not stand in the catalog
   */
  public boolean swap(CatalogEntry from, CatalogEntry to) {
    long key = keyOf(from, hash);
    int page = pageOf(key, pageMask);
    CatalogEntry[] pageEntries = entries[page];
    int mask = pageEntries.length - 1;
    int slot = slotOf((int) key, pageBits);
    CatalogEntry entry;
    while ((entry = pageEntries[slot]) != null) {
      if (entry == from) {
        // A plain store: the fields of either form are final, so whoever sees it sees it whole.
        pageEntries[slot] = to;
        return true;
      }
      slot = (slot + 1) & mask;
    }
    return false;
  }

  /** What brings its zones into memory. */
  public ZoneSource source() {
    return source;
  }

  /** Number of zones. */
  public int size() {
    return size;
  }

  /** The hash that the catalog and all its zones use. */
  public NameHash hash() {
    return hash;
  }

  /** Begins the next catalog: this one with changes. Costs what is changed, not what is there. */
  public Edit edit() {
    return new Edit(this, (_, _) -> {});
  }

  /** As {@link #edit()}, and tells what is changed. */
  public Edit edit(Changes listener) {
    return new Edit(this, listener);
  }

  /** Hears of each change of an {@link Edit}. */
  @FunctionalInterface
  public interface Changes {
    /**
     * An entry was put in or taken out.
     *
     * @param before what stood there until now, in this edit; null when there was none
     * @param after what stands there now; null when there is none
     */
    void changed(@Nullable CatalogEntry before, @Nullable CatalogEntry after);
  }

  /** The next catalog while it is made. One thread, used once. */
  public static final class Edit {
    private final NameHash hash;
    private final ZoneSource source;
    private CatalogEntry[][] entries;
    private int[][] tags;
    private int pageBits;
    private BitSet own;
    private short[] zonesByPage;
    private int[] zonesByLabels;
    private @Nullable Tenant[] tenants;
    private int size;
    private int zoneNumbers;
    private final Changes listener;

    private Edit(NameHash hash, ZoneSource source, int zones) {
      this.listener = (_, _) -> {};
      this.hash = hash;
      this.source = source;
      this.zonesByLabels = new int[LARGEST_LABEL_COUNT];
      this.tenants = new Tenant[1];
      this.zoneNumbers = 1;
      this.own = new BitSet();
      this.entries = new CatalogEntry[0][];
      this.tags = new int[0][];
      this.zonesByPage = new short[0];
      makePages(zones);
    }

    private Edit(Catalog before, Changes listener) {
      this.listener = listener;
      this.hash = before.hash;
      this.source = before.source;
      this.entries = before.entries.clone();
      this.tags = before.tags.clone();
      this.pageBits = before.pageBits;
      this.own = new BitSet(entries.length);
      this.zonesByPage = before.zonesByPage.clone();
      this.zonesByLabels = before.zonesByLabels.clone();
      this.tenants = before.tenants;
      this.size = before.size;
      this.zoneNumbers = before.zoneNumbers;
    }

    /** Empty pages that are half full with so many zones. */
    private void makePages(int zones) {
      long slots = Math.max(4, Long.highestOneBit(Math.max(1, 2L * zones - 1)) << 1);
      pageBits = Math.min(PAGE_BITS, Long.numberOfTrailingZeros(slots));
      int pages = (int) Math.min(1 << 20, slots >>> pageBits);
      entries = new CatalogEntry[pages][1 << pageBits];
      tags = new int[pages][1 << pageBits];
      zonesByPage = new short[pages];
      own.set(0, pages);
    }

    /** Puts a zone in, in place of the one with its apex in its view if there is one. */
    public Edit put(CatalogEntry zone) {
      CatalogEntry _ = insert(zone);
      return this;
    }

    /** As {@link #put}; the zone that stood there, or null. */
    private @Nullable CatalogEntry insert(CatalogEntry zone) {
      if (zone instanceof Zone warm && warm.hashSeed() != hash.seed()) {
        throw new IllegalArgumentException(
            "zone " + zone.apex() + " was built with another hash seed: build it anew");
      }
      long key = keyOf(zone, hash);
      int page = pageOf(key, entries.length - 1);
      int slot = Catalog.find(entries[page], tags[page], pageBits, (int) key, zone);
      zoneNumbers = Math.max(zoneNumbers, zone.number() + 1);
      if (slot >= 0) {
        makeOwn(page);
        CatalogEntry before = entries[page][slot];
        entries[page][slot] = zone;
        listener.changed(before, zone);
        return before;
      }
      if (size >= ((long) entries.length << pageBits) * 5 / 8 || isFull(page)) {
        grow();
        page = pageOf(key, entries.length - 1);
      }
      makeOwn(page);
      add(page, (int) key, zone);
      size++;
      zonesByLabels[zone.apexLabels()]++;
      listener.changed(null, zone);
      return null;
    }

    /** True when less than an eighth of a page is free: probing would become long. */
    private boolean isFull(int page) {
      return zonesByPage[page] >= (7 << pageBits) / 8;
    }

    private void add(int page, int tag, CatalogEntry zone) {
      CatalogEntry[] pageEntries = entries[page];
      int mask = pageEntries.length - 1;
      int slot = slotOf(tag, pageBits);
      while (pageEntries[slot] != null) {
        slot = (slot + 1) & mask;
      }
      pageEntries[slot] = zone;
      tags[page][slot] = tag;
      zonesByPage[page]++;
    }

    private void makeOwn(int page) {
      if (!own.get(page)) {
        entries[page] = entries[page].clone();
        tags[page] = tags[page].clone();
        own.set(page);
      }
    }

    private void grow() {
      CatalogEntry[][] before = entries;
      // Twice the slots, whatever made it grow: the zones, or one crowded page.
      makePages((int) Math.min(1 << 30, ((long) before.length << pageBits)));
      for (CatalogEntry[] page : before) {
        for (CatalogEntry entry : page) {
          if (entry != null) {
            long key = keyOf(entry, hash);
            add(pageOf(key, entries.length - 1), (int) key, entry);
          }
        }
      }
    }

    /** Takes a zone out; nothing happens when there is none. */
    public Edit remove(int view, DomainName apex) {
      byte[] name = apex.folded().wire();
      ColdZone like = new ColdZone(name, 0, 0, view, 0, 0, 0, CatalogEntry.NOWHERE, 0);
      long key = keyOf(like, hash);
      int page = pageOf(key, entries.length - 1);
      int slot = Catalog.find(entries[page], tags[page], pageBits, (int) key, like);
      if (slot < 0) {
        return this;
      }
      makeOwn(page);
      CatalogEntry before = entries[page][slot];
      close(entries[page], tags[page], slot);
      listener.changed(before, null);
      size--;
      zonesByPage[page]--;
      zonesByLabels[like.apexLabels()]--;
      return this;
    }

    /** Frees a slot and moves up what was pushed behind it (Knuth, TAOCP 3, §6.4, algorithm R). */
    private void close(CatalogEntry[] pageEntries, int[] pageTags, int freed) {
      int mask = pageEntries.length - 1;
      int hole = freed;
      int slot = freed;
      while (true) {
        slot = (slot + 1) & mask;
        if (pageEntries[slot] == null) {
          break;
        }
        int home = slotOf(pageTags[slot], pageBits);
        if (((slot - home) & mask) >= ((slot - hole) & mask)) {
          pageEntries[hole] = pageEntries[slot];
          pageTags[hole] = pageTags[slot];
          hole = slot;
        }
      }
      Arrays.fill(pageEntries, hole, hole + 1, null);
      pageTags[hole] = 0;
    }

    /** Replaces all that is known of tenants. */
    public Edit tenants(Collection<Tenant> all) {
      int highest = 0;
      for (Tenant tenant : all) {
        highest = Math.max(highest, tenant.number());
      }
      @Nullable Tenant[] table = new Tenant[1 + highest];
      for (Tenant tenant : all) {
        table[tenant.number()] = tenant;
      }
      tenants = table;
      return this;
    }

    /** The next catalog; this edit is of no more use. */
    public Catalog done() {
      return new Catalog(this);
    }
  }
}
