package io.flashdns.management.api;

import com.google.protobuf.util.Durations;
import com.google.rpc.Code;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.Watch;
import io.flashdns.core.store.ZoneEvent;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.RecordDiffs;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.RecordDiff;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.flashdns.proto.v1.ZoneDiff;
import io.flashdns.proto.v1.ZoneRef;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Streams of changes: {@code ChangeService.WatchChanges}. Each lives on the virtual thread of its
 * call, goes as fast as its reader, and asks for the rights of its caller anew all the time.
 *
 * <p>A resume token is the revision behind which it goes on, and how many messages of the next one
 * were sent already.
 */
final class ChangeStreams {
  private static final Duration DEFAULT_HEARTBEAT = Duration.ofSeconds(30);
  private static final Duration SHORTEST_HEARTBEAT = Duration.ofSeconds(1);
  private static final Duration LONGEST_HEARTBEAT = Duration.ofMinutes(5);

  /** A message waits so long at most for its reader; rights are looked at in between. */
  private static final Duration TICK = Duration.ofSeconds(1);

  private static final Duration LONGEST_LIFE = Duration.ofMinutes(30);
  private static final int RECORDS_A_MESSAGE = 1_000;
  private static final int MAX_ZONES = 1_000;

  private static final Filter.Fields FIELDS =
      Filter.fields()
          .name("name")
          .text("view")
          .text("project")
          .text("organisation")
          .recordType("type")
          .labels("labels")
          .build();

  private final ZoneStore store;
  private final Function<Principal, Rights> rights;
  private final InstantSource clock;

  ChangeStreams(ZoneStore store, Function<Principal, Rights> rights, InstantSource clock) {
    this.store = store;
    this.rights = rights;
    this.clock = clock;
  }

  /** Sends until the caller has gone or may no longer see anything. */
  void follow(Call call, WatchChangesRequest request, StreamObserver<WatchChangesResponse> caller)
      throws StoreException, InterruptedException {
    Stream stream =
        new Stream(call, request, (ServerCallStreamObserver<WatchChangesResponse>) caller);
    try (Watch watch = store.watch(stream.revision)) {
      stream.run(watch);
    }
  }

  /** One of them. */
  private final class Stream implements Filter.Row {
    private final Principal principal;
    private final ServerCallStreamObserver<WatchChangesResponse> caller;
    private final Filter filter;
    private final boolean records;
    private final Duration heartbeat;
    private final Set<ZoneId> ids = new HashSet<>();
    private final Set<ZoneKey> names = new HashSet<>();
    private final Instant end;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ready = lock.newCondition();
    private Rights now;
    private long revision;
    private int skip;
    private @Nullable StoredZone rowZone;
    private @Nullable ZoneEvent rowEvent;

    Stream(
        Call call,
        WatchChangesRequest request,
        ServerCallStreamObserver<WatchChangesResponse> caller)
        throws StoreException {
      this.principal = call.principal();
      this.now = call.rights();
      this.caller = caller;
      this.filter = Filter.parse(request.getFilter(), FIELDS);
      this.records = request.getIncludeRecords();
      this.heartbeat = heartbeat(request);
      this.end = clock.instant().plus(LONGEST_LIFE);
      if (records && isNowhere(now.reach(Permission.PERMISSION_RECORDS_READ))) {
        throw CallException.denied(Permission.PERMISSION_RECORDS_READ);
      }
      start(request);
      zones(request);
      caller.setOnReadyHandler(this::wake);
      caller.setOnCancelHandler(this::wake);
    }

    private void wake() {
      lock.lock();
      try {
        ready.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void start(WatchChangesRequest request) {
      long newest = store.state().revision();
      switch (request.getStartCase()) {
        case RESUME_TOKEN -> {
          String[] parts = request.getResumeToken().split("\\.", 3);
          try {
            revision = Long.parseUnsignedLong(parts[0], 36);
            skip = parts.length > 1 ? Integer.parseInt(parts[1], 36) : 0;
          } catch (NumberFormatException _) {
            throw CallException.invalid("resume_token", "this is no token of a stream of changes");
          }
        }
        case AFTER_REVISION -> {
          revision = request.getAfterRevision();
          if (revision == 0) {
            revision = store.state().compactedRevision();
          }
        }
        case START_NOT_SET -> revision = newest;
      }
      Revisions.require(store, revision);
    }

    private void zones(WatchChangesRequest request) throws StoreException {
      if (request.getZonesCount() > MAX_ZONES) {
        throw CallException.invalid("zones", "name 1000 zones at most, or none to follow all");
      }
      try (StoreSnapshot snapshot = store.snapshot()) {
        for (int i = 0; i < request.getZonesCount(); i++) {
          ZoneRef ref = request.getZones(i);
          StoredZone zone = Lookup.zone(snapshot, now, ref, "zones[" + i + "]");
          if (ref.hasId()) {
            ids.add(zone.id());
          } else {
            names.add(zone.settings().key());
          }
        }
      }
    }

    private static Duration heartbeat(WatchChangesRequest request) {
      if (!request.hasHeartbeat()) {
        return DEFAULT_HEARTBEAT;
      }
      Duration asked = Duration.ofNanos(Durations.toNanos(request.getHeartbeat()));
      if (asked.compareTo(SHORTEST_HEARTBEAT) < 0 || asked.compareTo(LONGEST_HEARTBEAT) > 0) {
        throw CallException.invalid("heartbeat", "choose 1 second to 5 minutes");
      }
      return asked;
    }

    void run(Watch watch) throws StoreException, InterruptedException {
      long sentNanos = System.nanoTime();
      // What a client resumes from is told at once, before the first change.
      send(WatchChangesResponse.newBuilder().setResumeToken(token(0)));
      while (!isOver()) {
        List<StoreEvent> events = watch.next(TICK);
        now = rights.apply(principal);
        requireStillAllowed();
        for (StoreEvent event : events) {
          if (tell(event)) {
            sentNanos = System.nanoTime();
          }
          revision = event.revision();
          skip = 0;
          if (isOver()) {
            return;
          }
        }
        if (System.nanoTime() - sentNanos >= heartbeat.toNanos()) {
          send(WatchChangesResponse.newBuilder().setResumeToken(token(0)));
          sentNanos = System.nanoTime();
        }
      }
    }

    private boolean isOver() {
      return caller.isCancelled() || Context.current().isCancelled();
    }

    private void requireStillAllowed() {
      Instant expires = principal.expires();
      Instant time = clock.instant();
      if (expires != null && !time.isBefore(expires)) {
        throw CallException.of(
            Code.UNAUTHENTICATED, "the credentials have expired: take the stream up with new ones");
      }
      if (isNowhere(now.reach(Permission.PERMISSION_CHANGES_READ))) {
        throw CallException.denied(Permission.PERMISSION_CHANGES_READ);
      }
      if (!time.isBefore(end)) {
        throw CallException.of(
            Code.UNAVAILABLE,
            "a stream lives 30 minutes: take it up again from its last resume token",
            CallException.reason("STREAM_ENDED"));
      }
    }

    private static boolean isNowhere(Rights.Reach reach) {
      return !reach.everywhere() && reach.organisations().isEmpty() && reach.projects().isEmpty();
    }

    private String token(int messages) {
      return Long.toUnsignedString(revision, 36)
          + (messages == 0 ? "" : "." + Integer.toString(messages, 36));
    }

    /** Tells a change in as many messages as it takes; false when nothing of it is to be told. */
    private boolean tell(StoreEvent event) throws InterruptedException {
      List<Change> parts = new ArrayList<>(1);
      Change.Builder head = null;
      for (ZoneEvent zone : event.zones()) {
        if (!isWanted(zone)) {
          continue;
        }
        Change.Builder one =
            HistoryReads.change(now, one(event, zone), Permission.PERMISSION_CHANGES_READ, false);
        if (one == null) {
          continue;
        }
        if (head == null) {
          head = one.clone().clearZones();
        }
        parts(parts, head, one.getZones(0), zone);
      }
      if (head == null) {
        return false;
      }
      for (int i = 0; i < parts.size(); i++) {
        boolean more = i + 1 < parts.size();
        if (i < skip) {
          continue;
        }
        String token;
        if (more) {
          token = token(i + 1);
        } else {
          token = Long.toUnsignedString(event.revision(), 36);
        }
        send(
            WatchChangesResponse.newBuilder()
                .setChange(parts.get(i))
                .setMore(more)
                .setResumeToken(token));
      }
      return true;
    }

    private static StoreEvent one(StoreEvent event, ZoneEvent zone) {
      return new StoreEvent(
          event.revision(),
          event.epochMillis(),
          event.who(),
          event.where(),
          event.requestId(),
          event.forced(),
          List.of(zone));
    }

    private void parts(List<Change> parts, Change.Builder head, ZoneDiff diff, ZoneEvent zone) {
      if (!records) {
        parts.add(head.clone().addZones(diff).build());
        return;
      }
      RecordDiffs all = new RecordDiffs(io.flashdns.core.store.ContentDelta.of(zone));
      List<RecordDiff> some = new ArrayList<>();
      boolean told = false;
      while (all.next()) {
        if (!now.mayInRecord(
            Permission.PERMISSION_RECORDS_READ, zone.zone(), all.owner(), all.type())) {
          continue;
        }
        some.add(all.message());
        if (some.size() == RECORDS_A_MESSAGE) {
          parts.add(head.clone().addZones(diff.toBuilder().addAllRecords(some)).build());
          some.clear();
          told = true;
        }
      }
      if (!some.isEmpty() || !told) {
        parts.add(head.clone().addZones(diff.toBuilder().addAllRecords(some)).build());
      }
    }

    private boolean isWanted(ZoneEvent event) {
      StoredZone zone = event.zone();
      if (!ids.isEmpty() || !names.isEmpty()) {
        if (!ids.contains(zone.id()) && !names.contains(zone.settings().key())) {
          return false;
        }
      }
      if (filter.isEmpty()) {
        return true;
      }
      rowEvent = event;
      rowZone = event.zoneAfter();
      if (rowZone != null && filter.matches(this)) {
        return true;
      }
      rowZone = event.zoneBefore();
      return rowZone != null && filter.matches(this);
    }

    @Override
    public @Nullable Object value(String field) {
      StoredZone zone = rowZone;
      ZoneEvent event = rowEvent;
      if (zone == null || event == null) {
        return null;
      }
      return switch (field) {
        case "name" -> zone.settings().key().apex();
        case "view" -> zone.settings().key().view();
        case "project" -> zone.settings().owner().project();
        case "organisation" -> zone.settings().owner().organisation();
        case "labels" -> zone.settings().labels();
        case "type" -> types(event);
        default -> null;
      };
    }

    private List<Integer> types(ZoneEvent event) {
      Set<Integer> types = new HashSet<>();
      for (RRsetBlock block : List.of(event.before(), event.after())) {
        for (StoredRRset one : block.rrsets()) {
          if (now.mayInRecord(
              Permission.PERMISSION_RECORDS_READ,
              event.zone(),
              one.rrset().owner(),
              one.rrset().type())) {
            types.add(one.rrset().type());
          }
        }
      }
      return List.copyOf(types);
    }

    private void send(WatchChangesResponse.Builder message) throws InterruptedException {
      lock.lock();
      try {
        while (!caller.isReady() && !isOver()) {
          var _ = ready.awaitNanos(TICK.toNanos());
          requireStillAllowed();
        }
      } finally {
        lock.unlock();
      }
      if (!isOver()) {
        caller.onNext(message.build());
      }
    }
  }
}
