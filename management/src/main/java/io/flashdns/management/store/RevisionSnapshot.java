package io.flashdns.management.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.OwnerKey;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetPages;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.store.KeyRanges.Table;
import io.flashdns.management.store.Rows.Grave;
import io.flashdns.management.store.Rows.Page;
import io.flashdns.management.store.Sessions.Session;
import java.lang.ref.Cleaner;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A store at one revision: what its connection shows, less what the log says was done after that
 * revision.
 */
final class RevisionSnapshot implements StoreSnapshot {
  private static final System.Logger LOG = System.getLogger(RevisionSnapshot.class.getName());
  private static final Cleaner CLEANER = Cleaner.create();

  private final Session session;
  private final Reads reads;
  private final long revision;
  private final PastZones past;
  private final Lease lease;
  private final Cleaner.Cleanable cleanable;

  /** What is given back, by close or, when that was forgotten, by the garbage collector. */
  private static final class Lease implements Runnable {
    private final Sessions sessions;
    private final Session session;
    private final long revision;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** Queries that are open: they would keep the transaction from ending. */
    private final List<PageCursor> cursors = new ArrayList<>();

    Lease(Sessions sessions, Session session, long revision) {
      this.sessions = sessions;
      this.session = session;
      this.revision = revision;
    }

    @Override
    public void run() {
      if (giveBack()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "a snapshot of the store at revision {0} was not closed: its holder must close it",
            Long.toString(revision));
      }
    }

    boolean giveBack() {
      if (!closed.compareAndSet(false, true)) {
        return false;
      }
      session.lock().lock();
      try {
        cursors.forEach(PageCursor::close);
      } finally {
        session.lock().unlock();
      }
      if (session.isShared()) {
        sessions.unpin(revision);
      }
      sessions.close(session);
      return true;
    }
  }

  private RevisionSnapshot(Sessions sessions, Session session, long revision) {
    this.session = session;
    this.reads = session.reads();
    this.revision = revision;
    this.past = new PastZones(reads, revision, session.isShared());
    this.lease = new Lease(sessions, session, revision);
    this.cleanable = CLEANER.register(this, lease);
  }

  /**
   * Opens the store at a revision.
   *
   * @param wanted negative for the latest
   */
  static RevisionSnapshot open(Sessions sessions, long wanted) throws StoreException {
    Session session = sessions.open();
    boolean taken = false;
    try {
      session.lock().lock();
      try {
        Ledger ledger = session.reads().ledger();
        long revision = wanted < 0 ? ledger.revision() : wanted;
        if (revision > ledger.revision()) {
          throw new IllegalArgumentException(
              "revision " + wanted + " is not yet: the store is at " + ledger.revision());
        }
        if (revision < ledger.compacted()) {
          throw new StoreException.Compacted(wanted, ledger.compacted());
        }
        if (session.isShared()) {
          sessions.pin(revision);
        }
        taken = true;
        return new RevisionSnapshot(sessions, session, revision);
      } finally {
        session.lock().unlock();
      }
    } catch (SQLException e) {
      throw SqlFaults.ofRead(e, "reading its revision");
    } finally {
      if (!taken) {
        sessions.close(session);
      }
    }
  }

  private interface Read<T extends @Nullable Object> {
    T read() throws SQLException, StoreException;
  }

  private <T extends @Nullable Object> T read(String what, Read<T> read) throws StoreException {
    if (lease.closed.get()) {
      throw new IllegalStateException("the snapshot is closed");
    }
    session.lock().lock();
    try {
      return read.read();
    } catch (SQLException e) {
      session.reads().forgetStatements();
      throw SqlFaults.ofRead(e, what);
    } catch (IllegalArgumentException e) {
      throw new StoreException.Damaged(
          "the store is damaged: "
              + what
              + " gave what is no content: stop the server and restore a backup (flashdns restore)",
          e);
    } finally {
      session.lock().unlock();
    }
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) throws StoreException {
    return this.<@Nullable StoredZone>read("reading zone " + id, () -> past.at(id.value()));
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) throws StoreException {
    byte[] name = ZoneCodec.name(key);
    return this.<@Nullable StoredZone>read(
        "looking up zone " + key.apex(),
        () -> {
          long id = KeyRanges.find(reads, Table.NAMES, name);
          if (id != 0) {
            StoredZone zone = past.at(id);
            if (zone != null) {
              return ofName(zone, key);
            }
          }
          for (Grave grave : past.buried()) {
            if (!Arrays.equals(grave.name(), name)) {
              continue;
            }
            StoredZone zone = past.at(grave.zone());
            if (zone != null) {
              return ofName(zone, key);
            }
          }
          return null;
        });
  }

  private static StoredZone ofName(StoredZone zone, ZoneKey key) throws StoreException {
    if (!zone.settings().key().equals(key)) {
      throw Rows.damaged("names", "zone " + zone.id() + " is not " + key.apex());
    }
    return zone;
  }

  @Override
  public List<StoredZone> zones(long after, int limit) throws StoreException {
    return read("listing zones", () -> past.byId(after, limit));
  }

  @Override
  public @Nullable Document document(String key) throws StoreException {
    return this.<@Nullable Document>read(
        "reading document " + key, () -> Documents.find(reads, key));
  }

  @Override
  public List<Document> documents(String prefix, String after, int limit) throws StoreException {
    return read("listing documents", () -> Documents.list(reads, prefix, after, limit));
  }

  @Override
  public List<StoredZone> zonesBelow(
      String view, DomainName top, @Nullable DomainName after, int limit) throws StoreException {
    ZoneNames names = ZoneNames.below(view, top, after);
    return read("listing zones below " + top, () -> past.inOrder(names, limit));
  }

  @Override
  public List<StoredZone> zonesByName(@Nullable ZoneKey after, int limit) throws StoreException {
    return read("listing zones by name", () -> past.inOrder(ZoneNames.behind(after), limit));
  }

  @Override
  public List<StoredZone> zonesOf(ZoneOwner owner, long after, int limit) throws StoreException {
    return read("listing zones of an owner", () -> past.of(owner, after, limit));
  }

  @Override
  public List<StoredRRset> rrsets(ZoneId zone, DomainName owner) throws StoreException {
    return read(
        "reading " + owner,
        () -> {
          Undo then = past.undo(zone.value());
          if (then == null || !owner.isAtOrBelow(then.zone().settings().key().apex())) {
            return List.of();
          }
          DomainName apex = then.zone().settings().key().apex();
          byte[] key = OwnerKey.of(owner.folded(), apex);
          RRsetBlock block = RRsetBlock.empty(apex);
          if (then.lives()) {
            block = verified(reads.page(zone.value(), key).block(), apex);
          }
          if (!then.isNothing()) {
            block = RRsetPages.merged(block, then.going(), then.coming());
          }
          return RRsetPages.rrsets(block, owner);
        });
  }

  private static RRsetBlock verified(RRsetBlock block, DomainName apex) throws StoreException {
    if (!block.origin().equals(apex)) {
      throw Rows.damaged("content", "a page of " + apex + " is of " + block.origin());
    }
    return block;
  }

  @Override
  public ContentReader content(ZoneId zone, @Nullable DomainName from) throws StoreException {
    return read(
        "reading the content of zone " + zone,
        () -> {
          Undo then = past.undo(zone.value());
          if (then == null) {
            return new Pages(new ArrayDeque<>());
          }
          DomainName apex = then.zone().settings().key().apex();
          if (from != null && !from.isAtOrBelow(apex)) {
            return new Pages(new ArrayDeque<>());
          }
          byte[] key = from == null ? new byte[0] : OwnerKey.of(from.folded(), apex);
          if (!then.lives()) {
            RRsetPages.Slicer coming = new RRsetPages.Slicer(then.coming());
            coming.below(key);
            Deque<RRsetBlock> blocks = new ArrayDeque<>();
            blocks.add(coming.below(null));
            return new Pages(blocks);
          }
          Page first = reads.page(zone.value(), key);
          if (!session.isShared()) {
            return new Pages(zone.value(), then, first, key);
          }
          // Others write between two calls: all that is to be shown is gathered now.
          Pages live = new Pages(zone.value(), then, first, key);
          Deque<RRsetBlock> blocks = new ArrayDeque<>();
          for (RRsetBlock block = live.step(); block != null; block = live.step()) {
            blocks.add(block);
          }
          live.end();
          return new Pages(blocks);
        });
  }

  /** The pages of a zone in order, brought back to the revision. */
  private final class Pages implements ContentReader {
    private final Deque<RRsetBlock> gathered;
    private final @Nullable Undo then;
    private final long zone;
    private final byte[] from;
    private RRsetPages.@Nullable Slicer going;
    private RRsetPages.@Nullable Slicer coming;
    private @Nullable Page page;
    private @Nullable PageCursor cursor;
    private boolean isFirst = true;
    private long rrsets;

    Pages(Deque<RRsetBlock> gathered) {
      this.gathered = gathered;
      this.then = null;
      this.zone = 0;
      this.from = new byte[0];
    }

    Pages(long zone, Undo then, Page first, byte[] from) {
      this.gathered = new ArrayDeque<>();
      this.zone = zone;
      this.then = then;
      this.page = first;
      this.from = from;
      if (!then.isNothing()) {
        going = new RRsetPages.Slicer(then.going());
        going.below(first.first());
        coming = new RRsetPages.Slicer(then.coming());
        coming.below(first.first());
      }
    }

    @Override
    public @Nullable RRsetBlock next() throws StoreException {
      if (then == null) {
        RRsetBlock block = gathered.poll();
        return block == null || block.isEmpty() ? null : block;
      }
      return RevisionSnapshot.this.<@Nullable RRsetBlock>read(
          "reading the content of zone " + zone, this::step);
    }

    private @Nullable RRsetBlock step() throws SQLException, StoreException {
      Undo back = then;
      if (back == null) {
        return null;
      }
      while (true) {
        Page current = page;
        if (current == null) {
          end();
          verifyEnd(back);
          return null;
        }
        RRsetBlock block = verified(current.block(), back.zone().settings().key().apex());
        if (going != null && coming != null) {
          block =
              RRsetPages.merged(block, going.below(current.until()), coming.below(current.until()));
        }
        if (isFirst && from.length > 0) {
          RRsetPages.Slicer whole = new RRsetPages.Slicer(block);
          whole.below(from);
          block = whole.below(null);
        }
        isFirst = false;
        rrsets += block.rrsetCount();
        byte[] until = current.until();
        page = until == null ? null : following(until);
        if (!block.isEmpty()) {
          return block;
        }
      }
    }

    private Page following(byte[] first) throws SQLException, StoreException {
      PageCursor rows = cursor;
      if (rows == null) {
        rows = new PageCursor(reads, zone, first);
        cursor = rows;
        lease.cursors.add(rows);
      }
      return rows.next(first);
    }

    private void verifyEnd(Undo back) throws StoreException {
      if (from.length == 0 && rrsets != back.zone().rrsetCount()) {
        throw Rows.damaged(
            "content",
            "zone "
                + zone
                + " has "
                + rrsets
                + " RRsets, its row says "
                + back.zone().rrsetCount());
      }
    }

    private void end() {
      PageCursor rows = cursor;
      if (rows != null) {
        rows.close();
        lease.cursors.remove(rows);
        cursor = null;
      }
    }

    @Override
    public void close() {
      if (lease.closed.get()) {
        return;
      }
      session.lock().lock();
      try {
        end();
      } finally {
        session.lock().unlock();
      }
    }
  }

  @Override
  public void close() {
    if (lease.giveBack()) {
      cleanable.clean();
    }
  }
}
