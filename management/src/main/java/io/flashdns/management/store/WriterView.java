package io.flashdns.management.store;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.OwnerKey;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetPages;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.management.store.Rows.Page;
import io.flashdns.management.store.Rows.ZoneRow;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store inside the writer's transaction, for the planning of the next change set. */
final class WriterView implements ContentView {
  private final Reads reads;
  private final Writes writes;
  private @Nullable SQLException fault;

  WriterView(Reads reads, Writes writes) {
    this.reads = reads;
    this.writes = writes;
  }

  @Override
  public @Nullable StoredZone zone(ZoneId id) throws StoreException {
    try {
      ZoneRow row = writes.zone(id.value());
      return row == null ? null : row.zone();
    } catch (SQLException e) {
      throw faulty(e);
    }
  }

  @Override
  public @Nullable StoredZone zone(ZoneKey key) throws StoreException {
    try {
      long id = writes.directory().find(ZoneCodec.name(key));
      return id == 0 ? null : zone(new ZoneId(id));
    } catch (SQLException e) {
      throw faulty(e);
    }
  }

  @Override
  public List<StoredRRset> rrsets(ZoneId id, DomainName owner) throws StoreException {
    StoredZone zone = zone(id);
    if (zone == null || !owner.isAtOrBelow(zone.settings().key().apex())) {
      return List.of();
    }
    try {
      byte[] key = OwnerKey.of(owner, zone.settings().key().apex());
      return RRsetPages.rrsets(reads.page(id.value(), key).block(), owner);
    } catch (SQLException e) {
      throw faulty(e);
    }
  }

  @Override
  public ContentReader content(ZoneId id, @Nullable DomainName from) throws StoreException {
    StoredZone zone = zone(id);
    if (zone == null) {
      return new Pages(id.value(), null);
    }
    try {
      DomainName apex = zone.settings().key().apex();
      byte[] key = from == null || !from.isAtOrBelow(apex) ? new byte[0] : OwnerKey.of(from, apex);
      return new Pages(id.value(), reads.page(id.value(), key));
    } catch (SQLException e) {
      throw faulty(e);
    }
  }

  @Override
  public @Nullable Document document(String key) throws StoreException {
    try {
      return writes.documents().find(key);
    } catch (SQLException e) {
      throw faulty(e);
    }
  }

  @Override
  public List<Document> documents(String prefix, String after, int limit) throws StoreException {
    try {
      return Documents.list(reads, prefix, after, limit);
    } catch (SQLException e) {
      throw faulty(e);
    }
  }

  @Override
  public List<StoredZone> zonesBelow(
      String view, DomainName top, @Nullable DomainName after, int limit) throws StoreException {
    try {
      List<StoredZone> found = new ArrayList<>();
      // What earlier change sets did is in the database: nothing is gathered while one is planned.
      for (ZoneNames.Entry entry : ZoneNames.below(view, top, after).read(reads, limit)) {
        found.add(ZoneNames.named(writes.zone(entry.id()), entry));
      }
      return found;
    } catch (SQLException e) {
      throw faulty(e);
    }
  }

  private WriteFault faulty(SQLException e) {
    fault = e;
    return new WriteFault(e);
  }

  /** Throws the error that a decision has met, and may have passed over. */
  void throwFault() throws SQLException {
    SQLException met = fault;
    if (met != null) {
      fault = null;
      throw met;
    }
  }

  /** An error of the database under the rules, which know no such errors. */
  static final class WriteFault extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final SQLException fault;

    WriteFault(SQLException fault) {
      super(fault);
      this.fault = fault;
    }

    SQLException fault() {
      return fault;
    }
  }

  private final class Pages implements ContentReader {
    private final long zone;
    private @Nullable Page next;
    private @Nullable PageCursor cursor;

    Pages(long zone, @Nullable Page next) {
      this.zone = zone;
      this.next = next;
    }

    @Override
    public @Nullable RRsetBlock next() throws StoreException {
      try {
        while (next != null) {
          Page page = next;
          byte[] until = page.until();
          next = until == null ? null : following(until);
          if (!page.block().isEmpty()) {
            return page.block();
          }
        }
        return null;
      } catch (SQLException e) {
        throw faulty(e);
      }
    }

    private Page following(byte[] first) throws SQLException, StoreException {
      PageCursor rows = cursor;
      if (rows == null) {
        rows = new PageCursor(reads, zone, first);
        cursor = rows;
      }
      return rows.next(first);
    }

    @Override
    public void close() {
      PageCursor rows = cursor;
      if (rows != null) {
        rows.close();
        cursor = null;
      }
    }
  }
}
