package io.flashdns.management.api;

import com.google.protobuf.InvalidProtocolBufferException;
import io.flashdns.core.store.JournalEntry;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Page;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AuditDecision;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.AuditServiceGrpc.AuditServiceImplBase;
import io.flashdns.proto.v1.ListAuditEntriesRequest;
import io.flashdns.proto.v1.ListAuditEntriesResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.ZoneDiff;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls of {@code AuditService}. The log is one for all; everybody is shown what concerns what
 * it may audit. A page looks at {@value #MAX_LOOKS} entries at most, and is short when few fit.
 */
final class AuditCalls extends AuditServiceImplBase {
  private static final int MAX_LOOKS = 10_000;
  private static final int ENTRIES_A_READ = 500;

  private static final Filter.Fields FIELDS =
      Filter.fields()
          .time("time")
          .text("principal")
          .text("source_address")
          .text("call")
          .enumeration("decision", AuditDecision.getDescriptor())
          .number("status_code")
          .text("zone")
          .text("organisation")
          .text("project")
          .number("revision")
          .text("request_id")
          .build();

  private final ZoneStore store;
  private final PageTokens tokens;

  AuditCalls(ZoneStore store, PageTokens tokens) {
    this.store = store;
    this.tokens = tokens;
  }

  @Override
  public void listAuditEntries(
      ListAuditEntriesRequest request, StreamObserver<ListAuditEntriesResponse> caller) {
    Answers.send(caller, () -> list(Call.current(), request));
  }

  private ListAuditEntriesResponse list(Call call, ListAuditEntriesRequest request)
      throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order = Order.parse(request.getOrderBy(), Order.byDescending("time"), "time");
    String who = call.principal().name();
    byte[] position = tokens.position(request, who);
    Walk walk =
        new Walk(call.rights(), filter, new Page<>(PageTokens.pageSize(request.getPageSize())));
    boolean hasMore =
        order.descending()
            ? back(walk, filter, position == null ? Long.MAX_VALUE : number(position))
            : forth(walk, position == null ? 0 : number(position));
    ListAuditEntriesResponse.Builder answer =
        ListAuditEntriesResponse.newBuilder().addAllEntries(walk.page.entries());
    if (hasMore && walk.looks > 0) {
      answer.setNextPageToken(
          tokens.token(request, who, ByteBuffer.allocate(Long.BYTES).putLong(walk.last).array()));
    }
    return answer.build();
  }

  private static long number(byte[] position) {
    return ByteBuffer.wrap(position).getLong();
  }

  /** The newest first; true when there may be more. */
  private boolean back(Walk walk, Filter filter, long from) throws StoreException {
    Instant oldest = filter.notBefore("time").orElse(Instant.MIN);
    long before = from;
    while (true) {
      List<JournalEntry> entries = store.journal(before, ENTRIES_A_READ);
      for (JournalEntry entry : entries) {
        // A call comes before its entry is written: older entries are of older calls.
        if (Instant.ofEpochMilli(entry.epochMillis()).isBefore(oldest)) {
          return false;
        }
        if (!walk.take(entry)) {
          return true;
        }
        before = entry.number();
      }
      if (entries.size() < ENTRIES_A_READ) {
        return false;
      }
    }
  }

  /** The oldest first; true when there may be more. */
  private boolean forth(Walk walk, long from) throws StoreException {
    List<JournalEntry> newest = store.journal(Long.MAX_VALUE, 1);
    if (newest.isEmpty()) {
      return false;
    }
    long last = newest.getFirst().number();
    long after = from;
    while (after < last) {
      List<JournalEntry> entries = behind(after);
      if (entries.isEmpty()) {
        after = nextBehind(after, last) - 1;
        continue;
      }
      for (JournalEntry entry : entries) {
        if (!walk.take(entry)) {
          return true;
        }
        after = entry.number();
      }
    }
    return false;
  }

  /** The next entries behind a number in ascending order, as far as they are near. */
  private List<JournalEntry> behind(long number) throws StoreException {
    List<JournalEntry> entries = new ArrayList<>(ENTRIES_A_READ);
    for (JournalEntry entry : store.journal(number + 1 + ENTRIES_A_READ, ENTRIES_A_READ)) {
      if (entry.number() > number) {
        entries.addFirst(entry);
      }
    }
    return entries;
  }

  /** The number of the first entry behind another one, where there is one. */
  private long nextBehind(long number, long last) throws StoreException {
    long low = number + 1;
    long high = last;
    while (low < high) {
      long middle = low + (high - low) / 2;
      List<JournalEntry> below = store.journal(middle + 1, 1);
      if (!below.isEmpty() && below.getFirst().number() > number) {
        high = below.getFirst().number();
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** Takes entries one by one. */
  private static final class Walk {
    private final Rights rights;
    private final Filter filter;
    private final Page<AuditEntry> page;
    private int looks;
    private long last;

    Walk(Rights rights, Filter filter, Page<AuditEntry> page) {
      this.rights = rights;
      this.filter = filter;
      this.page = page;
    }

    /** False when the page ends before this entry. */
    boolean take(JournalEntry written) {
      if (looks == MAX_LOOKS) {
        return false;
      }
      AuditEntry entry = entry(written);
      if (entry != null
          && mayAudit(rights, entry)
          && filter.matches(field -> value(entry, field))
          && !page.add(entry)) {
        return false;
      }
      looks++;
      last = written.number();
      return true;
    }
  }

  private static @Nullable AuditEntry entry(JournalEntry written) {
    try {
      return AuditEntry.parseFrom(written.body().array()).toBuilder()
          .setId(Long.toString(written.number()))
          .build();
    } catch (InvalidProtocolBufferException _) {
      return null;
    }
  }

  private static boolean mayAudit(Rights rights, AuditEntry entry) {
    Permission permission = Permission.PERMISSION_AUDIT_READ;
    ProjectName name = entry.getProject();
    if (name.getOrganisation().isEmpty()) {
      return rights.mayInPlatform(permission);
    }
    return name.getProject().isEmpty()
        ? rights.mayInOrganisation(permission, name.getOrganisation())
        : rights.mayInProject(permission, ZoneMessages.owner(name));
  }

  private static @Nullable Object value(AuditEntry entry, String field) {
    return switch (field) {
      case "time" ->
          Instant.ofEpochSecond(entry.getTime().getSeconds(), entry.getTime().getNanos());
      case "principal" -> entry.getPrincipal();
      case "source_address" -> entry.getSourceAddress();
      case "call" -> entry.getCall();
      case "decision" -> entry.getDecisionValue();
      case "status_code" -> entry.getStatusCode();
      case "zone" -> zones(entry);
      case "organisation" -> entry.getProject().getOrganisation();
      case "project" -> entry.getProject().getProject();
      case "revision" -> entry.getRevision();
      case "request_id" -> entry.getRequestId();
      default -> null;
    };
  }

  private static List<String> zones(AuditEntry entry) {
    List<String> names = new ArrayList<>(2 * entry.getZonesCount());
    for (ZoneDiff zone : entry.getZonesList()) {
      names.add(zone.getZone().getValue());
      names.add(zone.getName().getApex());
    }
    return names;
  }
}
