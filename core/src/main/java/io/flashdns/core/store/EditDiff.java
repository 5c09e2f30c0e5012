package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.CanonicalData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What edits of RRsets do to a zone: every owner that they name is read once, the edits are made
 * one after the other, and what is different in the end is the change. One thread, used once.
 */
final class EditDiff {
  private static final int USUAL_TYPES = 8;

  private final ChangeRules.Context context;
  private final DomainName apex;
  private final TreeMap<DomainName, OwnerDraft> owners = new TreeMap<>();

  /** Ancestors of edited owners that were read but are not edited. */
  private final Map<DomainName, OwnerDraft> above = new HashMap<>(0);

  /** The stored owner at hand below a DNAME that has come. */
  private final byte[] storedOwner = new byte[Wire.MAX_NAME_BYTES];

  private int storedLength;
  private int names;
  private int rrsets;
  private long records;
  private long digest;
  private int removedNames;

  EditDiff(ChangeRules.Context context) {
    this.context = context;
    this.apex = context.apex();
    StoredZone zone = context.zone();
    names = zone.nameCount();
    rrsets = zone.rrsetCount();
    records = zone.recordCount();
    digest = zone.digest();
  }

  /** One owner as it was and as it becomes; both in the order of the types. */
  private static final class OwnerDraft {
    final DomainName owner;
    final List<StoredRRset> stored;
    final ArrayList<RRset> now;

    OwnerDraft(DomainName owner, List<StoredRRset> stored) {
      this.owner = owner;
      this.stored = stored;
      this.now = new ArrayList<>(Math.max(USUAL_TYPES, stored.size() + 1));
      for (StoredRRset rrset : stored) {
        now.add(rrset.rrset());
      }
    }

    @Nullable StoredRRset stored(int type) {
      for (StoredRRset rrset : stored) {
        if (rrset.rrset().type() == type) {
          return rrset;
        }
      }
      return null;
    }

    @Nullable RRset now(int type) {
      int at = indexOf(type);
      return at < now.size() && now.get(at).type() == type ? now.get(at) : null;
    }

    void put(RRset rrset) {
      int at = indexOf(rrset.type());
      if (at < now.size() && now.get(at).type() == rrset.type()) {
        now.set(at, rrset);
      } else {
        now.add(at, rrset);
      }
    }

    void remove(int type) {
      int at = indexOf(type);
      if (at < now.size() && now.get(at).type() == type) {
        now.remove(at);
      }
    }

    private int indexOf(int type) {
      int at = 0;
      while (at < now.size() && now.get(at).type() < type) {
        at++;
      }
      return at;
    }

    boolean isCut(DomainName apex) {
      return !owner.equals(apex) && now(RecordType.NS) != null;
    }

    boolean hides(DomainName apex) {
      return !isCut(apex) && now(RecordType.DNAME) != null;
    }

    private static boolean wasCut(OwnerDraft draft, DomainName apex) {
      return !draft.owner.equals(apex) && draft.stored(RecordType.NS) != null;
    }

    /** True when names below may be hidden that were not before. */
    boolean mayHideMore(DomainName apex) {
      boolean cutGone = wasCut(this, apex) && !isCut(apex);
      boolean hid = !wasCut(this, apex) && stored(RecordType.DNAME) != null;
      return cutGone || (hides(apex) && !hid);
    }

    /** True when it has something that may not stand below a DNAME, and had not. */
    boolean isNewForDname() {
      for (StoredRRset rrset : stored) {
        if (ContentCheck.countsBelowDname(rrset.rrset().type())) {
          return false;
        }
      }
      return countsBelowDname();
    }

    boolean countsBelowDname() {
      for (RRset rrset : now) {
        if (ContentCheck.countsBelowDname(rrset.type())) {
          return true;
        }
      }
      return false;
    }
  }

  ChangeRules.ContentDiff of(List<RRsetEdit> edits) throws StoreException {
    for (RRsetEdit edit : edits) {
      apply(edit);
    }
    OwnerDraft top = draft(apex);
    RRset soa = soa(top);
    if (soa == null) {
      return ChangeRules.ContentDiff.none(context.zone());
    }
    long given = serialOf(soa);
    StoredRRset stored = top.stored(RecordType.SOA);
    boolean soaDiffers =
        stored == null || !withSerial(stored.rrset(), given).equals(withSerial(soa, given));
    boolean differs = soaDiffers || differs();
    long serial = context.serial(given, differs);
    top.put(withSerial(soa, serial));
    if (!differs && serial == context.zone().serial()) {
      return ChangeRules.ContentDiff.none(context.zone());
    }
    return diff(serial);
  }

  /** The apex's SOA as it was given; null when it is none. */
  private @Nullable RRset soa(OwnerDraft top) {
    RRset soa = top.now(RecordType.SOA);
    if (top.now(RecordType.NS) == null) {
      context.check().noNs();
    }
    if (soa == null) {
      context.check().noSoa();
      return null;
    }
    if (soa.data().size() > 1 || soa.data().getFirst().length() < Serials.BYTES_FROM_SERIAL + 2) {
      checkOwner(top);
      context.check().rrset(soa);
      return null;
    }
    return soa;
  }

  private void apply(RRsetEdit edit) throws StoreException {
    DomainName owner = edit.owner();
    int type = edit.type();
    if (!owner.isAtOrBelow(apex)) {
      context.check().invalid(owner + " is outside of the zone " + apex + ": remove it");
      return;
    }
    OwnerDraft draft = draft(owner);
    guard(edit, draft);
    switch (edit) {
      case RRsetEdit.Put put -> draft.put(canonical(put.rrset()));
      case RRsetEdit.Delete _ -> draft.remove(type);
      case RRsetEdit.Add add -> {
        RRset now = draft.now(type);
        TreeSet<RecordData> data = new TreeSet<>(now == null ? List.of() : now.data());
        for (RecordData record : add.data()) {
          data.add(canonical(type, record));
        }
        if (data.isEmpty() || add.ttl() < 0) {
          context
              .check()
              .invalid(
                  data.isEmpty()
                      ? name(edit) + " is to have no records: give one, or delete the RRset"
                      : name(edit) + " has a TTL below 0: a TTL is 0 to 2147483647 seconds");
          return;
        }
        draft.put(new RRset(owner, type, add.ttl(), List.copyOf(data)));
      }
      case RRsetEdit.Remove remove -> {
        RRset now = draft.now(type);
        if (now == null) {
          return;
        }
        TreeSet<RecordData> data = new TreeSet<>(now.data());
        for (RecordData record : remove.data()) {
          data.remove(canonical(type, record));
        }
        if (data.isEmpty()) {
          draft.remove(type);
        } else {
          draft.put(new RRset(owner, type, now.ttl(), List.copyOf(data)));
        }
      }
    }
  }

  private void guard(RRsetEdit edit, OwnerDraft draft) {
    long expected = edit.expectedRevision();
    if (expected == RRsetEdit.ANY_REVISION) {
      return;
    }
    StoredRRset stored = draft.stored(edit.type());
    long revision = stored == null ? RRsetEdit.ABSENT : stored.revision();
    if (revision != expected) {
      context
          .refusals()
          .add(
              Refusal.Kind.CONFLICT,
              name(edit)
                  + (stored == null ? " is not there" : " is at revision " + revision)
                  + (expected == RRsetEdit.ABSENT
                      ? ", it was to be absent"
                      : ", it was to be at " + expected)
                  + ": read it again and decide anew");
    }
  }

  private static String name(RRsetEdit edit) {
    return edit.owner() + " " + RecordType.text(edit.type());
  }

  private OwnerDraft draft(DomainName owner) throws StoreException {
    OwnerDraft draft = owners.get(owner);
    if (draft == null) {
      draft = new OwnerDraft(owner, context.view().rrsets(context.zone().id(), owner));
      owners.put(owner, draft);
    }
    return draft;
  }

  private OwnerDraft ancestor(DomainName owner) throws StoreException {
    OwnerDraft draft = owners.get(owner);
    if (draft == null) {
      draft = above.get(owner);
    }
    if (draft == null) {
      draft = new OwnerDraft(owner, context.view().rrsets(context.zone().id(), owner));
      above.put(owner, draft);
    }
    return draft;
  }

  private static RRset canonical(RRset rrset) {
    List<RecordData> data = rrset.data();
    for (int i = 0; i < data.size(); i++) {
      if (!canonical(rrset.type(), data.get(i)).equals(data.get(i))) {
        List<RecordData> folded = new ArrayList<>(data.size());
        for (RecordData record : data) {
          folded.add(canonical(rrset.type(), record));
        }
        return new RRset(rrset.owner(), rrset.type(), rrset.ttl(), folded);
      }
    }
    return rrset;
  }

  /** The same object when its names are in lower case already. */
  private static RecordData canonical(int type, RecordData data) {
    byte[] copy = data.octets().clone();
    return CanonicalData.fold(type, copy, 0, copy.length) ? RecordData.of(copy) : data;
  }

  private static long serialOf(RRset soa) {
    RecordData data = soa.data().getFirst();
    return Wire.u32(data.octets(), data.length() - Serials.BYTES_FROM_SERIAL);
  }

  private static RRset withSerial(RRset soa, long serial) {
    if (serialOf(soa) == serial) {
      return soa;
    }
    byte[] data = soa.data().getFirst().octets().clone();
    Wire.put32(data, data.length - Serials.BYTES_FROM_SERIAL, (int) serial);
    return new RRset(soa.owner(), soa.type(), soa.ttl(), List.of(RecordData.of(data)));
  }

  /** True when any RRset but the apex's SOA is different from what is stored. */
  private boolean differs() {
    for (OwnerDraft draft : owners.values()) {
      int stored = 0;
      int now = 0;
      boolean atApex = draft.owner.equals(apex);
      while (true) {
        if (atApex
            && stored < draft.stored.size()
            && draft.stored.get(stored).rrset().type() == RecordType.SOA) {
          stored++;
        }
        if (atApex && now < draft.now.size() && draft.now.get(now).type() == RecordType.SOA) {
          now++;
        }
        boolean ended = stored == draft.stored.size();
        if (ended || now == draft.now.size()) {
          if (!ended || now < draft.now.size()) {
            return true;
          }
          break;
        }
        if (!draft.stored.get(stored).rrset().equals(draft.now.get(now))) {
          return true;
        }
        stored++;
        now++;
      }
    }
    return false;
  }

  private ChangeRules.ContentDiff diff(long serial) throws StoreException {
    RRsetBlock.Builder was = new RRsetBlock.Builder(apex, context.zone().contentRevision());
    RRsetBlock.Builder becomes = new RRsetBlock.Builder(apex, context.nextRevision());
    for (OwnerDraft draft : owners.values()) {
      if (owner(draft, was, becomes)) {
        checkOwner(draft);
        if (draft.isNewForDname()) {
          checkAbove(draft);
        }
        if (draft.mayHideMore(apex)) {
          checkBelow(draft);
        }
      }
    }
    context.guardNames(removedNames);
    context.check().recordCount(records);
    return new ChangeRules.ContentDiff(
        was.build(), becomes.build(), serial, names, rrsets, (int) records, digest);
  }

  /** Adds what differs at one owner; false when nothing does. */
  private boolean owner(OwnerDraft draft, RRsetBlock.Builder was, RRsetBlock.Builder becomes) {
    int stored = 0;
    int now = 0;
    boolean differs = false;
    while (stored < draft.stored.size() || now < draft.now.size()) {
      StoredRRset old = stored < draft.stored.size() ? draft.stored.get(stored) : null;
      RRset come = now < draft.now.size() ? draft.now.get(now) : null;
      int order =
          old == null ? 1 : come == null ? -1 : Integer.compare(old.rrset().type(), come.type());
      stored += order <= 0 ? 1 : 0;
      now += order >= 0 ? 1 : 0;
      if (order == 0 && old != null && old.rrset().equals(come)) {
        continue;
      }
      differs = true;
      if (order <= 0 && old != null) {
        was.add(old.rrset(), old.revision());
        digest -= ContentDigest.of(old.rrset());
        records -= old.rrset().data().size();
        rrsets--;
      }
      if (order >= 0 && come != null) {
        context.check().rrset(come);
        becomes.add(come, context.nextRevision());
        digest += ContentDigest.of(come);
        records += come.data().size();
        rrsets++;
      }
    }
    if (draft.stored.isEmpty() && !draft.now.isEmpty()) {
      names++;
    } else if (!draft.stored.isEmpty() && draft.now.isEmpty()) {
      names--;
      removedNames++;
    }
    return differs;
  }

  private void checkOwner(OwnerDraft draft) {
    byte[] owner = draft.owner.wire();
    ContentCheck check = context.check();
    check.beginOwner();
    for (RRset rrset : draft.now) {
      check.type(owner, owner.length, rrset.type(), rrset.data().size());
    }
    check.endOwner(owner);
  }

  /** Refuses a new name below a DNAME. */
  private void checkAbove(OwnerDraft draft) throws StoreException {
    List<DomainName> chain = new ArrayList<>(4);
    for (DomainName name = draft.owner.parent();
        name != null && name.isAtOrBelow(apex);
        name = name.parent()) {
      chain.add(name);
    }
    for (int i = chain.size() - 1; i >= 0; i--) {
      OwnerDraft ancestor = ancestor(chain.get(i));
      if (ancestor.isCut(apex)) {
        return;
      }
      if (ancestor.hides(apex)) {
        context.check().belowDname(draft.owner);
        return;
      }
    }
  }

  /** Refuses what lies below a DNAME that has come, or is no longer behind a cut. */
  private void checkBelow(OwnerDraft top) throws StoreException {
    ContentCheck.Hider hider = new ContentCheck.Hider(apex.length());
    byte[] topWire = top.owner.wire();
    hider.begin(topWire, topWire.length);
    for (RRset rrset : top.now) {
      hider.type(rrset.type());
    }
    hider.end(topWire, topWire.length);
    storedLength = 0;
    NavigableMap<DomainName, OwnerDraft> edited = new TreeMap<>(owners.tailMap(top.owner, false));
    try (ContentView.ContentReader reader =
        context.view().content(context.zone().id(), top.owner)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        DomainName owner = null;
        for (RRsetBlock.Cursor cursor = block.cursor(); cursor.next(); ) {
          if (cursor.ownerChanged()) {
            DomainName next = cursor.owner();
            if (next.compareTo(top.owner) <= 0) {
              owner = null;
              continue;
            }
            if (!next.isAtOrBelow(top.owner)) {
              passEdited(hider, edited, top.owner, null);
              return;
            }
            passEdited(hider, edited, top.owner, next);
            owner = owners.containsKey(next) ? null : next;
            if (owner != null) {
              endStored(hider);
              hider.begin(cursor.ownerBytes(), cursor.ownerLength());
              storedLength = cursor.ownerLength();
              System.arraycopy(cursor.ownerBytes(), 0, storedOwner, 0, storedLength);
            }
          }
          if (owner != null) {
            hider.type(cursor.type());
            if (hider.isBelowDname() && ContentCheck.countsBelowDname(cursor.type())) {
              context.check().belowDname(owner);
              return;
            }
          }
        }
      }
    }
    passEdited(hider, edited, top.owner, null);
  }

  private void endStored(ContentCheck.Hider hider) {
    if (storedLength > 0) {
      hider.end(storedOwner, storedLength);
      storedLength = 0;
    }
  }

  /** Takes the edited owners up to and including {@code to} past the hider. */
  private void passEdited(
      ContentCheck.Hider hider,
      NavigableMap<DomainName, OwnerDraft> edited,
      DomainName top,
      @Nullable DomainName to) {
    while (!edited.isEmpty()
        && edited.firstKey().isAtOrBelow(top)
        && (to == null || edited.firstKey().compareTo(to) <= 0)) {
      OwnerDraft draft = edited.pollFirstEntry().getValue();
      if (draft.now.isEmpty()) {
        continue;
      }
      endStored(hider);
      byte[] owner = draft.owner.wire();
      hider.begin(owner, owner.length);
      for (RRset rrset : draft.now) {
        hider.type(rrset.type());
      }
      if (hider.isBelowDname() && draft.countsBelowDname()) {
        context.check().belowDname(draft.owner);
      }
      hider.end(owner, owner.length);
    }
  }
}
