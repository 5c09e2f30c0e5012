package io.flashdns.core.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The contract of a store in the plainest form: everything in maps, one lock. It shows that rules
 * and test kit ask for nothing that only a database has, and, with a {@link Fault}, that the kit
 * sees a store that is wrong.
 */
final class MemoryStore implements ZoneStore {
  /** One way in which a store may be wrong. */
  enum Fault {
    HALF_A_CHANGE_SET,
    FORGETS_REQUESTS_AT_RESTART,
    REQUESTS_OF_ANYBODY,
    FORGETS_REQUESTS_THAT_CHANGED_NOTHING,
    WATCH_SKIPS,
    WATCH_REPEATS,
    LIVE_SNAPSHOTS,
    LIVE_CONTENT,
    PLANS_WITHOUT_LOCK,
    PREVIEW_COMMITS,
    REVISION_FOR_NOTHING,
    REUSES_IDS,
    COMPACTS_SILENTLY,
    FORGETS_DELETED,
    REMOVED_STAYS,
    LAST_OWNER_OF_PAGE_LOST,
    FORCE_NOT_TOLD,
    LOSES_LAST_COMMIT_AT_RESTART,
    FOLDS_BINARY_OWNERS,
    PAST_IS_PRESENT,
    DOCUMENTS_NOT_TOLD,
    SAME_VALUE_CHANGES,
    LOSES_JOURNAL,
    BELOW_BY_LETTERS
  }

  private static final long REQUEST_MILLIS = Duration.ofHours(24).toMillis();

  private record Request(String who, String id) {}

  private record Done(long epochMillis, CommitResult result, Octets answer) {}

  /** One zone's content: pages under the keys of their first owners. */
  record Content(TreeMap<byte[], RRsetBlock> pages) {}

  record State(
      long revision,
      TreeMap<Long, StoredZone> zones,
      Map<Long, Content> contents,
      TreeMap<String, Document> documents) {}

  /** What is to be made: zones, and what a decision has written. */
  private record Work(Plan plan, Effects effects, List<DocumentEvent> documents) {
    boolean changed() {
      return plan.changed() || !documents.isEmpty();
    }

    CommitResult result() {
      return plan.result(documents);
    }
  }

  /** What outlives the store object, as a disk would. */
  static final class Disk {
    private State state = new State(0, new TreeMap<>(), new HashMap<>(), new TreeMap<>());
    private State before = state;
    private final List<StoreEvent> events = new ArrayList<>();
    private final Map<Request, Done> requests = new HashMap<>();
    private final List<JournalEntry> journal = new ArrayList<>();
    private long compacted;
    private long lastId;
    private Instant now = Instant.parse("2026-03-01T12:00:00Z");

    synchronized void advance(Duration time) {
      now = now.plus(time);
    }
  }

  private final Disk disk;
  private final Set<Fault> faults;
  private final ChangeRules rules = new ChangeRules();
  private boolean closed;

  MemoryStore(Disk disk, Fault... faults) {
    this.disk = disk;
    this.faults = EnumSet.noneOf(Fault.class);
    this.faults.addAll(Arrays.asList(faults));
  }

  private boolean is(Fault fault) {
    return faults.contains(fault);
  }

  @Override
  public StoreState state() {
    synchronized (disk) {
      long bytes = 0;
      for (StoreEvent event : disk.events) {
        for (ZoneEvent zone : event.zones()) {
          bytes += zone.before().encoded().length + zone.after().encoded().length;
        }
      }
      return new StoreState(
          disk.state.revision,
          disk.compacted,
          disk.state.zones.size(),
          bytes,
          closed ? "the store is closed: open it again" : "");
    }
  }

  @Override
  public CommitResult commit(ChangeSet change) throws StoreException {
    if (is(Fault.PLANS_WITHOUT_LOCK)) {
      State state;
      synchronized (disk) {
        state = disk.state;
      }
      Work work = plan(change, state);
      Thread.yield();
      synchronized (disk) {
        Plan later = new Plan(disk.state.revision + 1, work.plan.zones());
        return make(change, new Work(later, work.effects, work.documents));
      }
    }
    synchronized (disk) {
      if (closed) {
        throw new StoreException.Unavailable("the store is closed: open it again");
      }
      String who = is(Fault.REQUESTS_OF_ANYBODY) ? "" : change.who();
      Request request = new Request(who, change.requestId());
      Done done = change.requestId().isEmpty() ? null : disk.requests.get(request);
      if (done != null && done.epochMillis > disk.now.toEpochMilli() - REQUEST_MILLIS) {
        return new CommitResult(done.result.revision(), false, done.result.zones(), done.answer);
      }
      Work work = plan(change, disk.state);
      CommitResult result = make(change, work);
      boolean remembered = result.changed() || !is(Fault.FORGETS_REQUESTS_THAT_CHANGED_NOTHING);
      if (!change.requestId().isEmpty() && remembered) {
        disk.requests.put(
            request, new Done(disk.now.toEpochMilli(), result, work.effects.answer()));
      }
      return result;
    }
  }

  @Override
  public Octets remembered(String who, String requestId) {
    synchronized (disk) {
      Done done = disk.requests.get(new Request(who, requestId));
      boolean lives = done != null && done.epochMillis > disk.now.toEpochMilli() - REQUEST_MILLIS;
      return done == null || !lives ? Octets.EMPTY : done.answer;
    }
  }

  private CommitResult make(ChangeSet change, Work work) {
    Plan plan = work.plan;
    if (!is(Fault.LOSES_JOURNAL)) {
      write(work.effects.journal(), work.changed() ? plan.revision() : 0);
    }
    if (!work.changed()) {
      if (is(Fault.REVISION_FOR_NOTHING)) {
        State old = disk.state;
        disk.state = new State(old.revision + 1, old.zones, old.contents, old.documents);
      }
      return work.result();
    }
    TreeMap<Long, StoredZone> zones = new TreeMap<>(disk.state.zones);
    Map<Long, Content> contents = new HashMap<>(disk.state.contents);
    if (is(Fault.LIVE_SNAPSHOTS)) {
      zones = disk.state.zones;
      contents = disk.state.contents;
    }
    List<Plan.ZonePlan> plans = plan.zones();
    if (is(Fault.HALF_A_CHANGE_SET)) {
      plans = plans.subList(0, Math.min(1, plans.size()));
    }
    for (Plan.ZonePlan zone : plans) {
      if (zone.isChanged()) {
        Long id = zone.zone().id().value();
        StoredZone after = zone.after();
        if (after == null) {
          zones.remove(id);
          contents.remove(id);
          continue;
        }
        zones.put(id, after);
        Content old = contents.get(id);
        RRsetBlock gone = zone.rrsetsBefore();
        if (is(Fault.REMOVED_STAYS)) {
          gone = RRsetBlock.empty(gone.origin());
        }
        TreeMap<byte[], RRsetBlock> pages =
            old == null
                ? new TreeMap<>(Arrays::compareUnsigned)
                : is(Fault.LIVE_CONTENT) ? old.pages : new TreeMap<>(old.pages);
        contents.put(id, new Content(edited(pages, gone, zone.rrsetsAfter())));
      }
    }
    TreeMap<String, Document> documents = new TreeMap<>(disk.state.documents);
    for (DocumentEvent one : work.documents) {
      Octets after = one.after();
      if (after == null) {
        documents.remove(one.key());
      } else {
        documents.put(one.key(), new Document(one.key(), after, plan.revision()));
      }
    }
    disk.before = disk.state;
    disk.state = new State(plan.revision(), zones, contents, documents);
    StoreEvent event =
        plan.event(change, disk.now, is(Fault.DOCUMENTS_NOT_TOLD) ? List.of() : work.documents);
    disk.events.add(
        is(Fault.FORCE_NOT_TOLD)
            ? new StoreEvent(
                event.revision(),
                event.epochMillis(),
                event.who(),
                event.where(),
                event.requestId(),
                false,
                event.zones(),
                event.documents())
            : event);
    disk.notifyAll();
    return work.result();
  }

  private void write(List<Octets> bodies, long revision) {
    for (Octets body : bodies) {
      disk.journal.add(
          new JournalEntry(disk.journal.size() + 1, disk.now.toEpochMilli(), revision, body));
    }
  }

  @Override
  public void journal(List<Octets> bodies) throws StoreException {
    bodies.forEach(JournalEntry::checkBody);
    synchronized (disk) {
      if (closed) {
        throw new StoreException.Unavailable("the store is closed: open it again");
      }
      write(bodies, 0);
    }
  }

  @Override
  public List<JournalEntry> journal(long before, int limit) {
    synchronized (disk) {
      return disk.journal.reversed().stream()
          .filter(entry -> entry.number() < before)
          .limit(limit)
          .toList();
    }
  }

  /** Brings pages up to date: what goes, and what comes. */
  private TreeMap<byte[], RRsetBlock> edited(
      TreeMap<byte[], RRsetBlock> pages, RRsetBlock before, RRsetBlock after) {
    RRsetPages.Slicer gone = new RRsetPages.Slicer(before);
    RRsetPages.Slicer come = new RRsetPages.Slicer(after);
    while (true) {
      byte[] key = smaller(gone.nextKey(), come.nextKey());
      if (key == null) {
        return pages;
      }
      byte[] at = pages.floorKey(key);
      byte[] next = pages.higherKey(key);
      RRsetBlock page = at == null ? RRsetBlock.empty(before.origin()) : pages.remove(at);
      RRsetBlock merged = RRsetPages.merged(page, gone.below(next), come.below(next));
      for (RRsetBlock part : RRsetPages.split(merged, 1_024)) {
        pages.put(RRsetPages.key(part), part);
      }
    }
  }

  private static byte @Nullable [] smaller(byte @Nullable [] a, byte @Nullable [] b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Arrays.compareUnsigned(a, b) <= 0 ? a : b;
  }

  private Work plan(ChangeSet change, State state) throws StoreException {
    MemorySnapshot view = new MemorySnapshot(state, faults);
    Plan plan =
        rules.plan(
            change,
            view,
            state.revision + 1,
            disk.now,
            () -> is(Fault.REUSES_IDS) ? state.zones.size() + 1 : ++disk.lastId);
    Decision decision = change.decision();
    if (decision == null) {
      return new Work(plan, Effects.NONE, List.of());
    }
    Effects effects = decision.decide(view, plan, disk.now);
    if (!is(Fault.SAME_VALUE_CHANGES)) {
      return new Work(plan, effects, effects.changes(view));
    }
    List<DocumentEvent> all = new ArrayList<>();
    for (DocumentEdit edit : effects.documents()) {
      all.add(new DocumentEvent(edit.key(), null, edit.value()));
    }
    return new Work(plan, effects, all);
  }

  @Override
  public StoreEvent preview(ChangeSet change) throws StoreException {
    synchronized (disk) {
      long lastId = disk.lastId;
      Work work = plan(change, disk.state);
      disk.lastId = lastId;
      if (is(Fault.PREVIEW_COMMITS)) {
        make(change, work);
      }
      return work.plan.event(change, disk.now, work.documents);
    }
  }

  @Override
  public StoreSnapshot snapshot() {
    synchronized (disk) {
      return new MemorySnapshot(disk.state, faults);
    }
  }

  @Override
  public StoreSnapshot snapshot(long revision) throws StoreException {
    synchronized (disk) {
      kept(revision);
      if (revision > disk.state.revision) {
        throw new StoreException.Unavailable("revision " + revision + " is not there yet");
      }
      List<StoreEvent> events = is(Fault.PAST_IS_PRESENT) ? List.of() : disk.events;
      return ZoneHistory.past(new MemorySnapshot(disk.state, faults), revision, events);
    }
  }

  private void kept(long revision) throws StoreException {
    if (revision < disk.compacted && !is(Fault.COMPACTS_SILENTLY)) {
      throw new StoreException.Compacted(revision, disk.compacted);
    }
  }

  @Override
  public Watch watch(long afterRevision) throws StoreException {
    synchronized (disk) {
      kept(afterRevision);
      return new Following(afterRevision);
    }
  }

  @Override
  public List<StoreEvent> history(ZoneId zone, long before, int limit) {
    synchronized (disk) {
      List<StoreEvent> found = new ArrayList<>();
      for (StoreEvent event : disk.events.reversed()) {
        if (found.size() == limit) {
          break;
        }
        for (ZoneEvent one : event.zones()) {
          if (event.revision() < before && one.zone().id().equals(zone)) {
            found.add(
                new StoreEvent(
                    event.revision(),
                    event.epochMillis(),
                    event.who(),
                    event.where(),
                    event.requestId(),
                    event.forced(),
                    List.of(one)));
          }
        }
      }
      return found;
    }
  }

  @Override
  public @Nullable StoredZone lastDeleted(ZoneKey key) {
    synchronized (disk) {
      if (is(Fault.FORGETS_DELETED)) {
        return null;
      }
      for (StoreEvent event : disk.events.reversed()) {
        for (ZoneEvent one : event.zones()) {
          if (one.zoneAfter() == null && one.zone().settings().key().equals(key)) {
            return one.zone();
          }
        }
      }
      return null;
    }
  }

  @Override
  public void compact(long revision) {
    synchronized (disk) {
      disk.compacted = Math.max(disk.compacted, Math.min(revision, disk.state.revision));
      disk.events.removeIf(event -> event.revision() <= disk.compacted);
      disk.notifyAll();
    }
  }

  @Override
  public void close() {
    synchronized (disk) {
      if (!closed && is(Fault.FORGETS_REQUESTS_AT_RESTART)) {
        disk.requests.clear();
      }
      if (!closed && is(Fault.LOSES_LAST_COMMIT_AT_RESTART) && !disk.events.isEmpty()) {
        disk.state = disk.before;
        disk.events.removeLast();
      }
      closed = true;
      disk.notifyAll();
    }
  }

  private final class Following implements Watch {
    private long seen;

    Following(long after) {
      this.seen = after;
    }

    @Override
    public List<StoreEvent> next(Duration timeout) throws StoreException, InterruptedException {
      long end = System.nanoTime() + timeout.toNanos();
      synchronized (disk) {
        while (true) {
          kept(seen);
          List<StoreEvent> found = new ArrayList<>();
          for (StoreEvent event : disk.events) {
            if (event.revision() > seen && found.size() < 64) {
              found.add(event);
            }
          }
          if (!found.isEmpty()) {
            seen = found.getLast().revision();
            if (is(Fault.WATCH_SKIPS) && found.size() > 2) {
              found.remove(1);
            }
            if (is(Fault.WATCH_REPEATS)) {
              found.addFirst(found.getFirst());
            }
            return found;
          }
          long millis = (end - System.nanoTime()) / 1_000_000;
          if (millis <= 0 || closed) {
            return List.of();
          }
          disk.wait(millis);
        }
      }
    }

    @Override
    public void close() {}
  }
}
