package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.OwnerKey;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Names;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.Notes;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Page;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.message.RecordMessages;
import io.flashdns.management.message.Violations;
import io.flashdns.proto.v1.GetRecordRequest;
import io.flashdns.proto.v1.GetRecordResponse;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListRecordsResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Record;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the records of a zone, now or as they were. */
final class RecordReads {
  /** So many RRsets are looked at for one page, so that a filter that fits nothing ends. */
  private static final int MAX_LOOKS = 50_000;

  private static final int NOTES_A_READ = 500;

  private static final Filter.Fields FIELDS =
      Filter.fields()
          .name("name")
          .recordType("type")
          .number("ttl")
          .text("data")
          .labels("labels")
          .text("comment")
          .build();

  private final ZoneStore store;
  private final PageTokens tokens;

  RecordReads(ZoneStore store, PageTokens tokens) {
    this.store = store;
    this.tokens = tokens;
  }

  GetRecordResponse get(Call call, GetRecordRequest request) throws StoreException {
    try (StoreSnapshot snapshot = Revisions.open(store, request.getAtRevision())) {
      StoredZone zone = Lookup.zone(snapshot, call.rights(), request.getId().getZone(), "id.zone");
      Violations violations = new Violations();
      DomainName owner =
          Names.owner(
              request.getId().getName(), "id.name", zone.settings().key().apex(), violations);
      int type = RecordMessages.type(request.getId().getTypeValue(), "id.type", violations);
      violations.throwIfAny();
      if (owner == null) {
        throw CallException.invalid("id.name", "name the owner");
      }
      Lookup.requireRecord(call.rights(), Permission.PERMISSION_RECORDS_READ, zone, owner, type);
      StoredRRset found = ZoneWork.rrset(snapshot, zone, owner, type);
      if (found == null) {
        throw RecordChanges.missing(owner, type);
      }
      return GetRecordResponse.newBuilder()
          .setRecord(RecordMessages.message(found, Notes.read(snapshot, zone, owner, type)))
          .setRevision(snapshot.revision())
          .build();
    }
  }

  ListRecordsResponse list(Call call, ListRecordsRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    if (Order.parse(request.getOrderBy(), new Order("name", false), "name").descending()) {
      throw CallException.invalid(
          "order_by", "records are listed in ascending order alone: take away \"desc\"");
    }
    String who = call.principal().name();
    byte[] token = tokens.position(request, who);
    Position from = token == null ? null : Position.of(token);
    long revision = from == null ? request.getAtRevision() : from.revision();
    try (StoreSnapshot snapshot = Revisions.open(store, revision)) {
      StoredZone zone = Lookup.zone(snapshot, call.rights(), request.getZone(), "zone");
      Lookup.require(
          call.rights().mayInSomeRecord(Permission.PERMISSION_RECORDS_READ, zone),
          Permission.PERMISSION_RECORDS_READ);
      Walk walk =
          new Walk(call, snapshot, zone, filter, PageTokens.pageSize(request.getPageSize()));
      Position next = walk.from(from);
      ListRecordsResponse.Builder answer =
          ListRecordsResponse.newBuilder()
              .addAllRecords(walk.page.entries())
              .setRevision(snapshot.revision());
      if (next != null) {
        answer.setNextPageToken(tokens.token(request, who, next.bytes()));
      }
      return answer.build();
    }
  }

  /**
   * Where a walk stands: behind an RRset.
   *
   * @param at the key of its owner
   */
  private record Position(long revision, int type, Octets at) {
    static Position of(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      long revision = in.getLong();
      int type = in.getShort() & 0xffff;
      byte[] key = new byte[in.remaining()];
      in.get(key);
      return new Position(revision, type, Octets.of(key));
    }

    byte[] key() {
      return at.array();
    }

    byte[] bytes() {
      return ByteBuffer.allocate(10 + at.length())
          .putLong(revision)
          .putShort((short) type)
          .put(at.array())
          .array();
    }
  }

  /** One page of a walk over a zone. */
  private static final class Walk implements Filter.Row {
    private final Call call;
    private final StoreSnapshot snapshot;
    private final StoredZone zone;
    private final DomainName apex;
    private final Filter filter;
    private final Page<Record> page;
    private final NoteReader notes;
    private StoredRRset row = new StoredRRset(NOTHING, 0);
    private Note note = Note.EMPTY;

    private static final io.flashdns.core.store.RRset NOTHING =
        new io.flashdns.core.store.RRset(
            DomainName.ROOT, 1, 0, List.of(io.flashdns.core.store.RecordData.of(new byte[4])));

    Walk(Call call, StoreSnapshot snapshot, StoredZone zone, Filter filter, int size) {
      this.call = call;
      this.snapshot = snapshot;
      this.zone = zone;
      this.apex = zone.settings().key().apex();
      this.filter = filter;
      this.page = new Page<>(size);
      this.notes = new NoteReader(snapshot, zone);
    }

    /** Fills the page; where the next one begins, or null at the end. */
    @Nullable Position from(@Nullable Position last) throws StoreException {
      Optional<String> name = filter.equalTo("name");
      if (name.isPresent()) {
        return one(DomainName.parse(name.get()), last);
      }
      DomainName top = top();
      if (top == null) {
        return null;
      }
      byte[] first = OwnerKey.of(top, apex);
      byte[] begin =
          last == null || Arrays.compareUnsigned(last.key(), first) < 0 ? first : last.key();
      int looks = 0;
      try (ContentView.ContentReader reader =
          snapshot.content(zone.id(), OwnerKey.owner(begin, apex))) {
        for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
          for (RRsetBlock.Cursor at = block.cursor(); at.next(); ) {
            byte[] key = OwnerKey.of(at.ownerBytes(), at.ownerLength(), apex.length());
            if (Arrays.compareUnsigned(key, first) < 0 || isSeen(last, key, at.type())) {
              continue;
            }
            if (!startsWith(key, first)) {
              return null;
            }
            StoredRRset rrset = new StoredRRset(at.rrset(), at.revision());
            if (!take(rrset)) {
              return before;
            }
            before = new Position(snapshot.revision(), at.type(), Octets.of(key));
            if (++looks == MAX_LOOKS) {
              return before;
            }
          }
        }
      }
      return null;
    }

    private @Nullable Position before;

    private static boolean startsWith(byte[] key, byte[] prefix) {
      return key.length >= prefix.length
          && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static boolean isSeen(@Nullable Position last, byte[] key, int type) {
      if (last == null) {
        return false;
      }
      int order = Arrays.compareUnsigned(key, last.key());
      return order < 0 || (order == 0 && type <= last.type());
    }

    private @Nullable Position one(DomainName owner, @Nullable Position last)
        throws StoreException {
      if (!owner.isAtOrBelow(apex)) {
        return null;
      }
      byte[] key = OwnerKey.of(owner, apex);
      for (StoredRRset rrset : snapshot.rrsets(zone.id(), owner)) {
        if (isSeen(last, key, rrset.rrset().type())) {
          continue;
        }
        if (!take(rrset)) {
          return before;
        }
        before = new Position(snapshot.revision(), rrset.rrset().type(), Octets.of(key));
      }
      return null;
    }

    /** The name below which all lies that the filter lets through; null when nothing does. */
    private @Nullable DomainName top() {
      Optional<String> suffix = filter.suffix("name");
      if (suffix.isEmpty() || !suffix.get().startsWith(".") || suffix.get().length() == 1) {
        return apex;
      }
      try {
        DomainName top = DomainName.parse(suffix.get().substring(1)).folded();
        if (top.isAtOrBelow(apex)) {
          return top;
        }
        return apex.isAtOrBelow(top) ? apex : null;
      } catch (IllegalArgumentException _) {
        return apex;
      }
    }

    /** Takes an RRset when the filter lets it through; false when the page is full. */
    private boolean take(StoredRRset rrset) throws StoreException {
      DomainName owner = rrset.rrset().owner();
      int type = rrset.rrset().type();
      if (!call.rights().mayInRecord(Permission.PERMISSION_RECORDS_READ, zone, owner, type)) {
        return true;
      }
      row = rrset;
      note = notes.of(owner, type);
      return !filter.matches(this) || page.add(RecordMessages.message(rrset, note));
    }

    @Override
    public @Nullable Object value(String field) {
      return switch (field) {
        case "name" -> row.rrset().owner();
        case "type" -> row.rrset().type();
        case "ttl" -> (long) row.rrset().ttl();
        case "data" -> {
          List<String> texts = new ArrayList<>();
          for (io.flashdns.core.store.RecordData data : row.rrset().data()) {
            texts.add(RecordMessages.text(row.rrset().type(), data));
          }
          yield texts;
        }
        case "labels" -> note.labels();
        case "comment" -> note.comment();
        default -> null;
      };
    }
  }

  /** The notes of a zone's records, read along with them. */
  private static final class NoteReader {
    private final ContentView view;
    private final StoredZone zone;
    private final Deque<Document> ahead = new ArrayDeque<>();
    private String last = "";
    private boolean ended;

    NoteReader(ContentView view, StoredZone zone) {
      this.view = view;
      this.zone = zone;
    }

    /** The note of an RRset that follows all that were asked for. */
    Note of(DomainName owner, int type) throws StoreException {
      if (ended && ahead.isEmpty()) {
        return Note.EMPTY;
      }
      String key = Notes.key(zone.id(), zone.settings().key().apex(), owner, type);
      if (last.isEmpty()) {
        Document first = view.document(key);
        last = key;
        return first == null ? Note.EMPTY : Notes.of(first);
      }
      while (true) {
        Document next = ahead.peekFirst();
        if (next == null) {
          if (ended) {
            return Note.EMPTY;
          }
          read(last.compareTo(key) < 0 ? last : key);
          continue;
        }
        int order = next.key().compareTo(key);
        if (order > 0) {
          return Note.EMPTY;
        }
        var _ = ahead.removeFirst();
        if (order == 0) {
          return Notes.of(next);
        }
      }
    }

    private void read(String after) throws StoreException {
      List<Document> page = Notes.all(view, zone.id(), after, NOTES_A_READ);
      ended = page.size() < NOTES_A_READ;
      ahead.addAll(page);
      if (!page.isEmpty()) {
        last = page.getLast().key();
      }
    }
  }
}
