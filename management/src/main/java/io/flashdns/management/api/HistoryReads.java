package io.flashdns.management.api;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ContentDelta;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoreState;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneHistory;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Page;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.message.RecordDiffs;
import io.flashdns.management.message.ZoneDiffs;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.DiffZoneRequest;
import io.flashdns.proto.v1.DiffZoneResponse;
import io.flashdns.proto.v1.ListZoneHistoryRequest;
import io.flashdns.proto.v1.ListZoneHistoryResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RecordDiff;
import io.flashdns.proto.v1.ZoneDiff;
import io.flashdns.proto.v1.ZoneRef;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was done to zones: single changes, the history of a zone, and what differs. */
final class HistoryReads {
  private static final int EVENTS_A_READ = 100;

  /** So many events are looked at for one page, so that a filter that fits nothing ends. */
  private static final int MAX_LOOKS = 5_000;

  private static final Filter.Fields FIELDS =
      Filter.fields()
          .time("time")
          .number("revision")
          .text("principal")
          .text("request_id")
          .name("name")
          .recordType("type")
          .build();

  private final ZoneStore store;
  private final PageTokens tokens;

  HistoryReads(ZoneStore store, PageTokens tokens) {
    this.store = store;
    this.tokens = tokens;
  }

  // ---- changes -------------------------------------------------------------------------------

  /** The change set of a revision; null when it is one that changed no zone. */
  StoreEvent event(long revision) throws StoreException, InterruptedException {
    StoreState state = store.state();
    if (revision < 1 || revision > state.revision()) {
      throw notFound(revision);
    }
    try (Watch watch = store.watch(revision - 1)) {
      List<StoreEvent> events = watch.next(Duration.ofSeconds(1));
      if (events.isEmpty() || events.getFirst().revision() != revision) {
        throw notFound(revision);
      }
      return events.getFirst();
    }
  }

  static CallException notFound(long revision) {
    return CallException.notFound("change", Long.toUnsignedString(revision));
  }

  /**
   * A change as a caller may see it; null when none of its zones is for it to see.
   *
   * @param permission that the zones must be visible by
   * @param records whether records are shown, as far as the caller may read them
   */
  static Change.@Nullable Builder change(
      Rights rights, StoreEvent event, Permission permission, boolean records) {
    Change.Builder change = null;
    for (ZoneEvent one : event.zones()) {
      if (maySee(rights, one, permission)) {
        if (change == null) {
          change = head(rights, event, one);
        }
        change.addZones(diff(rights, one, records));
      }
    }
    return change;
  }

  /** A zone that was given away is seen by its taker from then on, by its giver until then. */
  static boolean maySee(Rights rights, ZoneEvent event, Permission permission) {
    StoredZone before = event.zoneBefore();
    StoredZone after = event.zoneAfter();
    return (after != null && rights.mayInZone(permission, after))
        || (before != null && rights.mayInZone(permission, before));
  }

  private static ZoneDiff diff(Rights rights, ZoneEvent event, boolean records) {
    return visible(
        rights,
        event.zoneBefore(),
        event.zoneAfter(),
        ZoneDiffs.of(event, records ? shown(rights, event.zone()) : ZoneDiffs.Shown.NONE));
  }

  /** Where a zone came from, or went, is shown to who may see it there alone. */
  static ZoneDiff visible(
      Rights rights,
      @Nullable StoredZone before,
      @Nullable StoredZone after,
      ZoneDiff.Builder diff) {
    if (before != null && !rights.sees(before)) {
      diff.getBeforeBuilder().clearProject();
    }
    if (after != null && !rights.sees(after)) {
      diff.getAfterBuilder().clearProject();
    }
    return diff.build();
  }

  static ZoneDiffs.Shown shown(Rights rights, StoredZone zone) {
    return ZoneDiffs.Shown.ALL.withFilter(
        (owner, type) -> rights.mayInRecord(Permission.PERMISSION_RECORDS_READ, zone, owner, type));
  }

  private static Change.Builder head(Rights rights, StoreEvent event, ZoneEvent zone) {
    Change.Builder change =
        Change.newBuilder()
            .setRevision(event.revision())
            .setTime(Timestamps.fromMillis(event.epochMillis()))
            .setForced(event.forced());
    String organisation = zone.zone().settings().owner().organisation();
    // Who did it is no secret within the organisation whose zone it was then; beyond it, it is.
    if (organisation.isEmpty()
        ? rights.mayInPlatform(Permission.PERMISSION_ZONES_READ)
        : rights.seesOrganisation(organisation)) {
      change.setPrincipal(event.who()).setOrigin(event.where()).setRequestId(event.requestId());
    }
    return change;
  }

  // ---- the history of a zone -----------------------------------------------------------------

  /** A zone that is named, living or deleted: what it is or was last. */
  StoredZone zone(StoreSnapshot snapshot, Rights rights, ZoneRef ref) throws StoreException {
    ZoneMessages.Ref named = Lookup.named(ref, "zone");
    StoredZone zone = ZoneMessages.find(snapshot, named);
    if (zone == null && ref.hasId()) {
      ZoneId id = named instanceof ZoneMessages.Ref.ById byId ? byId.id() : null;
      List<StoreEvent> last = id == null ? List.of() : store.history(id, Long.MAX_VALUE, 1);
      if (!last.isEmpty()) {
        zone = last.getFirst().zones().getFirst().zone();
      }
    }
    if (zone == null || !rights.sees(zone)) {
      throw CallException.notFound("zone", named.name());
    }
    return zone;
  }

  ListZoneHistoryResponse list(Call call, ListZoneHistoryRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order = Order.parse(request.getOrderBy(), new Order("revision", true), "revision");
    String who = call.principal().name();
    byte[] position = tokens.position(request, who);
    Page<Change> page = new Page<>(PageTokens.pageSize(request.getPageSize()));
    StoredZone zone;
    try (StoreSnapshot snapshot = store.snapshot()) {
      zone = zone(snapshot, call.rights(), request.getZone());
    }
    Permission permission = Permission.PERMISSION_RECORDS_READ;
    Lookup.require(call.rights().mayInSomeRecord(permission, zone), permission);
    Walk walk = new Walk(call.rights(), filter, request.getIncludeRecords(), page);
    long at = position == null ? 0 : ByteBuffer.wrap(position).getLong();
    boolean hasMore =
        order.descending() ? newestFirst(walk, zone, at) : oldestFirst(walk, zone, at);
    ListZoneHistoryResponse.Builder answer =
        ListZoneHistoryResponse.newBuilder().addAllChanges(page.entries());
    if (hasMore) {
      answer.setNextPageToken(
          tokens.token(request, who, ByteBuffer.allocate(8).putLong(walk.last).array()));
    } else {
      answer.setCompacted(zone.createdRevision() <= store.state().compactedRevision());
    }
    return answer.build();
  }

  private boolean newestFirst(Walk walk, StoredZone zone, long at) throws StoreException {
    long before = at == 0 ? Long.MAX_VALUE : at;
    while (true) {
      List<StoreEvent> events = store.history(zone.id(), before, EVENTS_A_READ);
      for (StoreEvent event : events) {
        if (!walk.take(event)) {
          return true;
        }
        before = event.revision();
      }
      if (events.size() < EVENTS_A_READ) {
        return false;
      }
    }
  }

  /** The store tells history backwards: all of it is gathered, then told from its begin. */
  private boolean oldestFirst(Walk walk, StoredZone zone, long at) throws StoreException {
    List<Long> revisions = new ArrayList<>();
    long before = Long.MAX_VALUE;
    while (true) {
      List<StoreEvent> events = store.history(zone.id(), before, EVENTS_A_READ);
      for (StoreEvent event : events) {
        before = event.revision();
        if (before > at) {
          revisions.add(before);
        }
      }
      if (events.size() < EVENTS_A_READ || before <= at) {
        break;
      }
    }
    for (long revision : revisions.reversed()) {
      List<StoreEvent> one = store.history(zone.id(), revision + 1, 1);
      if (!one.isEmpty() && !walk.take(one.getFirst())) {
        return true;
      }
    }
    return false;
  }

  /** Takes events one by one. */
  private static final class Walk implements Filter.Row {
    private final Rights rights;
    private final Filter filter;
    private final boolean records;
    private final Page<Change> page;
    private @Nullable StoreEvent row;
    private long last;
    private int looks;

    Walk(Rights rights, Filter filter, boolean records, Page<Change> page) {
      this.rights = rights;
      this.filter = filter;
      this.records = records;
      this.page = page;
    }

    boolean take(StoreEvent event) {
      if (looks == MAX_LOOKS) {
        return false;
      }
      row = event;
      if (filter.isEmpty() || filter.matches(this)) {
        ZoneEvent zone = event.zones().getFirst();
        Change.Builder change = head(rights, event, zone);
        change.addZones(diff(rights, zone, records));
        if (!page.add(change.build())) {
          return false;
        }
      }
      looks++;
      last = event.revision();
      return true;
    }

    @Override
    public @Nullable Object value(String field) {
      StoreEvent event = row;
      if (event == null) {
        return null;
      }
      return switch (field) {
        case "time" -> Instant.ofEpochMilli(event.epochMillis());
        case "revision" -> event.revision();
        case "principal" -> event.who();
        case "request_id" -> event.requestId();
        case "name" -> touched(event).stream().map(one -> one.rrset().owner()).toList();
        case "type" -> touched(event).stream().map(one -> one.rrset().type()).toList();
        default -> null;
      };
    }

    private List<StoredRRset> touched(StoreEvent event) {
      List<StoredRRset> touched = new ArrayList<>();
      for (ZoneEvent zone : event.zones()) {
        for (StoredRRset one : zone.before().rrsets()) {
          addReadable(touched, zone, one);
        }
        for (StoredRRset one : zone.after().rrsets()) {
          addReadable(touched, zone, one);
        }
      }
      return touched;
    }

    /** What may not be read may not be found out by a filter either. */
    private void addReadable(List<StoredRRset> touched, ZoneEvent zone, StoredRRset one) {
      if (rights.mayInRecord(
          Permission.PERMISSION_RECORDS_READ,
          zone.zone(),
          one.rrset().owner(),
          one.rrset().type())) {
        touched.add(one);
      }
    }
  }

  // ---- differences ---------------------------------------------------------------------------

  DiffZoneResponse diff(Call call, DiffZoneRequest request) throws StoreException {
    String who = call.principal().name();
    byte[] token = tokens.position(request, who);
    ByteBuffer position = token == null ? null : ByteBuffer.wrap(token);
    long to = position == null ? request.getToRevision() : position.getLong();
    if (to == 0) {
      to = store.state().revision();
    }
    long skip = position == null ? 0 : position.getLong();
    Revisions.require(store, to);
    Revisions.require(store, request.getFromRevision());
    StoredZone zone;
    try (StoreSnapshot snapshot = store.snapshot()) {
      zone = zone(snapshot, call.rights(), request.getZone());
    }
    Permission permission = Permission.PERMISSION_RECORDS_READ;
    Lookup.require(call.rights().mayInSomeRecord(permission, zone), permission);
    ZoneHistory history = new ZoneHistory(store);
    long from = request.getFromRevision();
    if (from == 0) {
      from = Math.max(store.state().compactedRevision(), 0);
    }
    ContentDelta delta = history.diff(zone.id(), from, to);
    StoredZone before = history.zone(zone.id(), from);
    StoredZone after = history.zone(zone.id(), to);
    ZoneDiff.Builder diff =
        visible(
            call.rights(), before, after, ZoneDiffs.of(before, after, delta, ZoneDiffs.Shown.NONE))
            .toBuilder();
    Page<RecordDiff> page = new Page<>(PageTokens.pageSize(request.getPageSize()));
    RecordDiffs records = new RecordDiffs(delta);
    long at = 0;
    boolean hasMore = false;
    while (records.next()) {
      if (!call.rights().mayInRecord(permission, zone, records.owner(), records.type())) {
        at++;
        continue;
      }
      if (at >= skip && !page.add(records.message())) {
        hasMore = true;
        break;
      }
      at++;
    }
    diff.setZone(ZoneMessages.id(zone.id()))
        .setName(ZoneMessages.name(zone.settings().key()))
        .clearRecords()
        .addAllRecords(page.entries())
        .setTruncated(false);
    DiffZoneResponse.Builder answer = DiffZoneResponse.newBuilder().setDiff(diff).setToRevision(to);
    if (hasMore) {
      answer.setNextPageToken(
          tokens.token(request, who, ByteBuffer.allocate(16).putLong(to).putLong(at).array()));
    }
    return answer.build();
  }
}
