package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a change: works out what a change set does to zones, or why it may not. Stores keep
 * what comes out; they have no rules of their own, so that all stores mean the same.
 *
 * <ol>
 *   <li>Guards: the revisions of zones and RRsets that a change expects are held against the state
 *       before the change set, also where several edits touch one RRset.
 *   <li>Doors: a zone is changed only through the source that it comes from.
 *   <li>Content: what a change makes of a zone must be servable ({@link ContentLimits}, and the
 *       rules of RFC 1034 and RFC 2181). Names in data are put into lower case here where RFC 4034
 *       §6.2 says so, so that equal octets are equal records in every store, whoever gave them.
 *   <li>Change guard: see {@link Refusal.Kind#GUARD}.
 *   <li>Serial: with every change of content the SOA's serial moves as the {@link SerialPolicy}
 *       says, in the same change. All other fields of the SOA are the client's.
 *   <li>Counters and digest of the zone ({@link ContentDigest}) are brought up to date.
 * </ol>
 *
 * <p>A change that asks for what is there already changes nothing. All reasons of a refusal are
 * gathered, up to 1,000. Whether an organisation may change a zone, and how much it may have, is
 * for a {@link Decision}.
 *
 * <p>Immutable, safe for all threads. Costs a few microseconds besides the reads of the view; a
 * replacement reads the zone once and keeps no more of it than what differs.
 */
public final class ChangeRules {
  /** Longest text in settings, in characters. */
  private static final int MAX_SETTING_CHARS = 4_096;

  /** Octets that an edit takes besides its data. */
  private static final int EDIT_BYTES = 64;

  private final ContentLimits limits;

  /** The rules with the default limits. */
  public ChangeRules() {
    this(ContentLimits.defaults());
  }

  /** The rules with other limits for changes through the API. */
  public ChangeRules(ContentLimits limits) {
    this.limits = limits;
  }

  /**
   * Works out what a change set does.
   *
   * @param view the state that it is made against: all revisions below {@code nextRevision}
   * @param nextRevision the revision that it gets when it changes anything
   * @param now for serials
   * @param newIds gives the ids of zones that are created; called only when nothing is refused
   * @throws StoreException.Refused when it breaks a rule, with all reasons
   */
  public Plan plan(
      ChangeSet change, ContentView view, long nextRevision, Instant now, LongSupplier newIds)
      throws StoreException {
    return new Planning(change, view, nextRevision, now).plan(newIds);
  }

  /** A zone whose id is not given before it is known that nothing is refused. */
  private record Draft(
      @Nullable ZoneSettings created, ContentCheck.@Nullable Whole content, long serial) {}

  /** What became of the content of a zone that was there before. */
  record ContentDiff(
      RRsetBlock before,
      RRsetBlock after,
      long serial,
      int names,
      int rrsets,
      int records,
      long digest) {
    static ContentDiff none(StoredZone zone) {
      RRsetBlock empty = RRsetBlock.empty(zone.settings().key().apex());
      return new ContentDiff(
          empty,
          empty,
          zone.serial(),
          zone.nameCount(),
          zone.rrsetCount(),
          zone.recordCount(),
          zone.digest());
    }

    boolean isNone() {
      return before.isEmpty() && after.isEmpty();
    }
  }

  /** What the parts of a plan know of the zone that they change. */
  record Context(
      StoredZone zone,
      SerialPolicy policy,
      ContentView view,
      long nextRevision,
      Instant now,
      boolean force,
      ContentCheck check,
      Refusals refusals) {
    DomainName apex() {
      return zone.settings().key().apex();
    }

    /** Refuses what takes away more than half of the names of a zone that has more than a few. */
    void guardNames(int removed) {
      if (!force && zone.nameCount() > GUARDED_NAMES && removed > zone.nameCount() / 2) {
        refusals.add(
            Refusal.Kind.GUARD,
            "the change would remove "
                + removed
                + " of the "
                + zone.nameCount()
                + " names of zone "
                + apex()
                + ": look again, then force it");
      }
    }

    /**
     * The serial that the zone gets.
     *
     * @param given what the content as given says
     * @param changed whether anything but the serial changes
     */
    long serial(long given, boolean changed) {
      long old = zone.serial();
      boolean chosen = given != old && !(given == 0 && policy != SerialPolicy.AS_GIVEN);
      if (!chosen) {
        return changed ? Serials.next(policy, old, now) : old;
      }
      if (!Serials.isGreater(given, old) && !force) {
        refusals.add(
            Refusal.Kind.GUARD,
            "the serial of zone "
                + apex()
                + " would go back from "
                + old
                + " to "
                + given
                + ", and secondaries would keep what they have: give a greater one"
                + (policy == SerialPolicy.AS_GIVEN ? "" : ", or 0 to have it chosen")
                + ", or force it");
      }
      return given;
    }

    /** More names than these and the change guard counts. */
    private static final int GUARDED_NAMES = 20;
  }

  /** One change set. */
  private final class Planning {
    private final ChangeSet change;
    private final ContentView view;
    private final long nextRevision;
    private final Instant now;
    private final Refusals refusals = new Refusals();
    private final Set<ZoneId> seen = new HashSet<>();
    private final Set<ZoneKey> freed = new HashSet<>(0);
    private final Set<ZoneKey> taken = new HashSet<>(0);

    Planning(ChangeSet change, ContentView view, long nextRevision, Instant now) {
      this.change = change;
      this.view = view;
      this.nextRevision = nextRevision;
      this.now = now;
    }

    Plan plan(LongSupplier newIds) throws StoreException {
      checkSize();
      List<ZoneChange> changes = change.changes();
      List<Plan.@Nullable ZonePlan> plans = new ArrayList<>(changes.size());
      List<@Nullable Draft> drafts = new ArrayList<>(0);
      for (int i = 0; i < changes.size(); i++) {
        refusals.change(i);
        plans.add(null);
        drafts.add(null);
        switch (changes.get(i)) {
          case ZoneChange.Create create -> drafts.set(i, create(create));
          case ZoneChange.Replace replace -> plans.set(i, replace(replace));
          case ZoneChange.Edit edit -> plans.set(i, edit(edit));
          case ZoneChange.Configure configure -> plans.set(i, configure(configure));
          case ZoneChange.Delete delete -> plans.set(i, delete(delete));
        }
      }
      refusals.throwIfAny();
      List<Plan.ZonePlan> whole = new ArrayList<>(plans.size());
      for (int i = 0; i < plans.size(); i++) {
        Plan.ZonePlan plan = plans.get(i);
        Draft draft = drafts.get(i);
        if (plan != null) {
          whole.add(plan);
        } else if (draft != null) {
          whole.add(created(draft, new ZoneId(newIds.getAsLong())));
        } else {
          throw new IllegalStateException("change " + i + " was neither planned nor refused");
        }
      }
      return new Plan(nextRevision, whole);
    }

    private void checkSize() throws StoreException.Refused {
      long bytes = 0;
      for (ZoneChange one : change.changes()) {
        bytes +=
            switch (one) {
              case ZoneChange.Create create -> create.content().encoded().length;
              case ZoneChange.Replace replace -> replace.content().encoded().length;
              case ZoneChange.Edit edit -> bytesOf(edit);
              case ZoneChange.Configure _, ZoneChange.Delete _ -> EDIT_BYTES;
            };
      }
      if (bytes > limits.changeSetBytes()) {
        refusals.add(
            Refusal.Kind.INVALID,
            "the change set takes "
                + bytes
                + " octets, at most "
                + limits.changeSetBytes()
                + " are allowed: make it in several");
      }
      refusals.throwIfAny();
    }

    private static long bytesOf(ZoneChange.Edit edit) {
      long bytes = 0;
      for (RRsetEdit one : edit.edits()) {
        bytes += EDIT_BYTES + one.owner().length();
        List<RecordData> data =
            switch (one) {
              case RRsetEdit.Put put -> put.rrset().data();
              case RRsetEdit.Delete _ -> List.of();
              case RRsetEdit.Add add -> add.data();
              case RRsetEdit.Remove remove -> remove.data();
            };
        for (RecordData record : data) {
          bytes += record.length() + 2;
        }
      }
      return bytes;
    }

    private ContentCheck check(DomainName apex) {
      return new ContentCheck(
          apex, change.source().isEmpty() ? limits : ContentLimits.servable(), refusals);
    }

    private @Nullable Draft create(ZoneChange.Create create) throws StoreException {
      ZoneSettings settings = create.settings();
      ZoneKey key = settings.key();
      int before = refusals.count();
      if (!taken.add(key) || (view.zone(key) != null && !freed.contains(key))) {
        refusals.add(
            Refusal.Kind.EXISTS,
            "there is a zone " + name(key) + " already: change that one, or delete it first");
      }
      checkSettings(settings);
      ContentCheck.Whole content = check(key.apex()).whole(create.content());
      if (content == null || refusals.count() > before) {
        return null;
      }
      long serial = content.serial();
      if (serial == 0 && settings.serialPolicy() != SerialPolicy.AS_GIVEN) {
        serial = Serials.first(settings.serialPolicy(), now);
      }
      return new Draft(settings, content, serial);
    }

    private Plan.ZonePlan created(Draft draft, ZoneId id) {
      ZoneSettings settings = draft.created();
      ContentCheck.Whole content = draft.content();
      if (settings == null || content == null) {
        throw new IllegalStateException();
      }
      RRsetBlock block = content.block.stamped(nextRevision);
      Wire.put32(block.encoded(), content.serialAt(), (int) draft.serial());
      DomainName apex = settings.key().apex();
      return new Plan.ZonePlan(
          null,
          new StoredZone(
              id,
              settings,
              nextRevision,
              nextRevision,
              nextRevision,
              draft.serial(),
              content.names,
              content.rrsets,
              content.records,
              content.digest(apex, draft.serial())),
          RRsetBlock.empty(apex),
          block);
    }

    private Plan.@Nullable ZonePlan replace(ZoneChange.Replace replace) throws StoreException {
      int before = refusals.count();
      StoredZone zone = zone(replace.zone(), replace.expectedRevision());
      if (zone == null) {
        return null;
      }
      ZoneSettings settings = replace.settings() == null ? zone.settings() : replace.settings();
      checkNewSettings(zone, settings);
      Context context = context(zone, settings);
      ContentCheck.Whole content = context.check().whole(replace.content());
      if (content == null || refusals.count() > before) {
        return null;
      }
      ContentDiff diff = ReplaceDiff.of(context, content);
      return refusals.count() > before ? null : changed(zone, settings, diff);
    }

    private Plan.@Nullable ZonePlan edit(ZoneChange.Edit edit) throws StoreException {
      int before = refusals.count();
      StoredZone zone = zone(edit.zone(), edit.expectedRevision());
      if (zone == null) {
        return null;
      }
      ContentDiff diff = new EditDiff(context(zone, zone.settings())).of(edit.edits());
      return refusals.count() > before ? null : changed(zone, zone.settings(), diff);
    }

    private Plan.@Nullable ZonePlan configure(ZoneChange.Configure configure)
        throws StoreException {
      int before = refusals.count();
      StoredZone zone = zone(configure.zone(), configure.expectedRevision());
      if (zone == null) {
        return null;
      }
      checkNewSettings(zone, configure.settings());
      return refusals.count() > before
          ? null
          : changed(zone, configure.settings(), ContentDiff.none(zone));
    }

    private Plan.@Nullable ZonePlan delete(ZoneChange.Delete delete) throws StoreException {
      int before = refusals.count();
      StoredZone zone = zone(delete.zone(), delete.expectedRevision());
      if (zone == null || refusals.count() > before) {
        return null;
      }
      ZoneKey key = zone.settings().key();
      freed.add(key);
      List<RRsetBlock> blocks = new ArrayList<>();
      try (ContentView.ContentReader reader = view.content(zone.id(), null)) {
        for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
          blocks.add(block);
        }
      }
      return new Plan.ZonePlan(
          zone, null, RRsetPages.joined(key.apex(), blocks), RRsetBlock.empty(key.apex()));
    }

    private Plan.ZonePlan changed(StoredZone zone, ZoneSettings settings, ContentDiff diff) {
      if (diff.isNone() && settings.equals(zone.settings())) {
        return new Plan.ZonePlan(zone, zone, diff.before(), diff.after());
      }
      StoredZone after =
          new StoredZone(
              zone.id(),
              settings,
              zone.createdRevision(),
              nextRevision,
              diff.isNone() ? zone.contentRevision() : nextRevision,
              diff.serial(),
              diff.names(),
              diff.rrsets(),
              diff.records(),
              diff.digest());
      return new Plan.ZonePlan(zone, after, diff.before(), diff.after());
    }

    private Context context(StoredZone zone, ZoneSettings settings) {
      return new Context(
          zone,
          settings.serialPolicy(),
          view,
          nextRevision,
          now,
          change.force(),
          check(zone.settings().key().apex()),
          refusals);
    }

    /** The zone that is to be changed; null when it may not be at all. */
    private @Nullable StoredZone zone(ZoneId id, long expectedRevision) throws StoreException {
      StoredZone zone = view.zone(id);
      if (zone == null) {
        refusals.add(
            Refusal.Kind.NOT_FOUND,
            "there is no zone with id " + id + ": it was deleted, or the id is mistaken");
        return null;
      }
      ZoneKey key = zone.settings().key();
      if (!isOpenTo(zone.settings().source())) {
        refusals.add(Refusal.Kind.READ_ONLY, readOnly(zone.settings()));
        return null;
      }
      if (!seen.add(id)) {
        refusals.add(
            Refusal.Kind.INVALID,
            "zone " + name(key) + " is changed twice in one change set: put both into one change");
        return null;
      }
      if (expectedRevision != ZoneChange.ANY_REVISION && expectedRevision != zone.revision()) {
        refusals.add(
            Refusal.Kind.CONFLICT,
            "zone "
                + name(key)
                + " is at revision "
                + zone.revision()
                + ", not "
                + expectedRevision
                + ": somebody changed it, read it again and decide anew");
      }
      return zone;
    }

    private String readOnly(ZoneSettings settings) {
      return settings.source().isEmpty()
          ? "zone " + name(settings.key()) + " is kept through the API: change it there"
          : "zone "
              + name(settings.key())
              + " is kept by "
              + settings.source()
              + ": change it there";
    }

    private boolean isOpenTo(String source) {
      return change.source().isEmpty() ? source.isEmpty() : source.startsWith(change.source());
    }

    private void checkNewSettings(StoredZone zone, ZoneSettings settings) {
      if (!settings.key().equals(zone.settings().key())) {
        refusals.add(
            Refusal.Kind.INVALID,
            "zone "
                + name(zone.settings().key())
                + " cannot become "
                + name(settings.key())
                + ": create that zone and delete this one");
      }
      checkSettings(settings);
    }

    private void checkSettings(ZoneSettings settings) {
      if (!isOpenTo(settings.source())) {
        refusals.add(Refusal.Kind.READ_ONLY, readOnly(settings));
      }
      if (longest(settings) > MAX_SETTING_CHARS) {
        refusals.add(
            Refusal.Kind.INVALID,
            "a setting of zone "
                + name(settings.key())
                + " has more than "
                + MAX_SETTING_CHARS
                + " characters: shorten it");
      }
      String fault = LabelRules.fault(settings.labels(), settings.comment());
      if (!fault.isEmpty()) {
        refusals.add(Refusal.Kind.INVALID, "zone " + name(settings.key()) + ": " + fault);
      }
    }

    private static int longest(ZoneSettings settings) {
      int chars = Math.max(settings.source().length(), settings.sourceStamp().length());
      chars = Math.max(chars, settings.key().view().length());
      return Math.max(
          chars,
          Math.max(settings.owner().organisation().length(), settings.owner().project().length()));
    }

    private static String name(ZoneKey key) {
      return key.apex() + " of view " + key.view();
    }
  }
}
