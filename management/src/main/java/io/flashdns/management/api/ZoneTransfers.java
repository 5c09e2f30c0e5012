package io.flashdns.management.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.Code;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Page;
import io.flashdns.management.message.PageTokens;
import io.flashdns.management.message.StoreProblems;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.management.tenancy.Transfers;
import io.flashdns.proto.v1.AcceptZoneTransferRequest;
import io.flashdns.proto.v1.AcceptZoneTransferResponse;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.CancelZoneTransferRequest;
import io.flashdns.proto.v1.CancelZoneTransferResponse;
import io.flashdns.proto.v1.ListZoneTransfersRequest;
import io.flashdns.proto.v1.ListZoneTransfersResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.TransferZoneRequest;
import io.flashdns.proto.v1.TransferZoneResponse;
import io.flashdns.proto.v1.ZoneTransfer;
import io.flashdns.proto.v1.ZoneTransferState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Zones on their way from one project to another. */
final class ZoneTransfers {
  /** Whoever sees more of them is to filter. */
  private static final int MAX_LISTED = 100_000;

  private static final int DOCUMENTS_A_READ = 500;

  private static final Filter.Fields FIELDS =
      Filter.fields()
          .text("zone")
          .name("zone_name")
          .enumeration("state", ZoneTransferState.getDescriptor())
          .text("organisation")
          .text("project")
          .build();

  private final ZoneStore store;
  private final Committer committer;
  private final PageTokens tokens;
  private final ZoneLook look;
  private final ZoneLists.ProjectNames projects;
  private final InstantSource clock;

  ZoneTransfers(
      ZoneStore store,
      Committer committer,
      PageTokens tokens,
      ZoneLook look,
      ZoneLists.ProjectNames projects,
      InstantSource clock) {
    this.store = store;
    this.committer = committer;
    this.tokens = tokens;
    this.look = look;
    this.projects = projects;
    this.clock = clock;
  }

  TransferZoneResponse offer(Call call, TransferZoneRequest request)
      throws StoreException, InterruptedException {
    TransferZoneResponse known =
        committer.known(call, request.getRequestId(), TransferZoneResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    StoredZone zone =
        Lookup.zone(
            store, call.rights(), request.getZone(), "zone", Permission.PERMISSION_ZONES_TRANSFER);
    ZoneOwner target =
        request.hasTarget() ? Guard.named(call, request.getTarget(), "target") : null;
    Duration lifetime =
        request.hasLifetime()
            ? Duration.ofNanos(Durations.toNanos(request.getLifetime()))
            : Transfers.LIFETIME;
    if (lifetime.compareTo(Transfers.MIN_LIFETIME) < 0
        || lifetime.compareTo(Transfers.MAX_LIFETIME) > 0) {
      throw CallException.invalid("lifetime", "an offer stands 1 minute to 30 days");
    }
    long expected = ZoneChanges.revision(request.getEtag(), "etag");
    return commit(
        call,
        Committer.Asked.ofDocuments(request.getRequestId(), request.getValidateOnly()),
        (view, _, now, outcome) -> {
          StoredZone is = still(view, zone, call.rights());
          committer.rules().requireActive(view, is.settings().owner(), call.rights());
          if (expected != ZoneChange.ANY_REVISION && expected != is.revision()) {
            throw CallException.aborted("zone", Lookup.name(is));
          }
          Transfers.Offer offer = Transfers.offer(view, is, target, lifetime, now);
          TransferZoneResponse.Builder answer =
              TransferZoneResponse.newBuilder()
                  .setTransfer(offer.transfer())
                  .setOutcome(outcome.clearRevision());
          TransferZoneResponse remembered = answer.build();
          if (!request.getValidateOnly()) {
            answer.setKey(offer.key());
          }
          return new Committer.Written<>(
              answer.build(),
              remembered,
              offer.edits(),
              audit(is.settings().owner(), null, offer.transfer()));
        },
        TransferZoneResponse.getDefaultInstance());
  }

  /** The zone in the transaction, if nobody has taken it away meanwhile. */
  private static StoredZone still(ContentView view, StoredZone zone, Rights rights)
      throws StoreException {
    StoredZone is = view.zone(zone.id());
    if (is == null || !rights.mayInZone(Permission.PERMISSION_ZONES_TRANSFER, is)) {
      throw CallException.notFound("zone", Lookup.name(zone));
    }
    return is;
  }

  AcceptZoneTransferResponse accept(Call call, AcceptZoneTransferRequest request)
      throws StoreException, InterruptedException {
    AcceptZoneTransferResponse known =
        committer.known(
            call, request.getRequestId(), AcceptZoneTransferResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    ZoneOwner wanted =
        request.hasProject() ? Guard.named(call, request.getProject(), "project") : null;
    Transfers.Taking taking;
    try (StoreSnapshot snapshot = store.snapshot()) {
      taking =
          Transfers.taking(
              snapshot,
              request.getTransfer(),
              request.getKey(),
              wanted,
              call.rights(),
              clock.instant());
    }
    StoredZone zone = taking.zone();
    ZoneChange change =
        new ZoneChange.Configure(
            zone.id(), zone.settings().withOwner(taking.target()), zone.revision());
    return commit(
        call,
        new Committer.Asked(
            request.getRequestId(), request.getValidateOnly(), false, List.of(change)),
        (view, plan, now, outcome) -> {
          Transfers.Ended ended =
              Transfers.taken(
                  Transfers.taking(
                      view, request.getTransfer(), request.getKey(), wanted, call.rights(), now));
          ZoneWork work = new ZoneWork(call, view, plan, outcome);
          for (DocumentEdit edit : ended.edits()) {
            work.put(edit);
          }
          return work.written(
              done ->
                  AcceptZoneTransferResponse.newBuilder()
                      .setTransfer(withoutSource(ended.after(), call.rights()))
                      .setZone(look.withStatus(plan.zones().getFirst().zone()))
                      .setOutcome(done)
                      .build());
        },
        AcceptZoneTransferResponse.getDefaultInstance());
  }

  private static ZoneTransfer withoutSource(ZoneTransfer transfer, Rights rights) {
    return rights.mayInProject(Permission.PERMISSION_ZONES_READ, owner(transfer.getSource()))
        ? transfer
        : transfer.toBuilder().clearSource().build();
  }

  CancelZoneTransferResponse cancel(Call call, CancelZoneTransferRequest request)
      throws StoreException, InterruptedException {
    CancelZoneTransferResponse known =
        committer.known(
            call, request.getRequestId(), CancelZoneTransferResponse.getDefaultInstance());
    if (known != null) {
      return known;
    }
    return commit(
        call,
        Committer.Asked.ofDocuments(request.getRequestId(), request.getValidateOnly()),
        (view, _, now, outcome) -> {
          Transfers.Ended ended = Transfers.cancel(view, request.getTransfer(), call.rights(), now);
          CancelZoneTransferResponse answer =
              CancelZoneTransferResponse.newBuilder()
                  .setTransfer(Transfers.shown(view, ended.after(), call.rights(), now))
                  .setOutcome(outcome.clearRevision().setChanged(!ended.edits().isEmpty()))
                  .build();
          return new Committer.Written<>(
              answer,
              ended.edits(),
              audit(owner(ended.after().getSource()), ended.before(), ended.after()));
        },
        CancelZoneTransferResponse.getDefaultInstance());
  }

  private static AuditEntry.Builder audit(
      ZoneOwner owner, @Nullable ZoneTransfer before, ZoneTransfer after) {
    AuditEntry.Builder entry =
        AuditEntry.newBuilder().setBeforeJson(Audit.json(before)).setAfterJson(Audit.json(after));
    if (!owner.organisation().isEmpty()) {
      entry.setProject(io.flashdns.management.message.ZoneMessages.project(owner));
    }
    return entry;
  }

  // ---- listing -------------------------------------------------------------------------------

  ListZoneTransfersResponse list(Call call, ListZoneTransfersRequest request)
      throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order =
        Order.parse(
            request.getOrderBy(), new Order("create_time", false), "create_time", "expire_time");
    byte[] position = tokens.position(request, call.principal().name());
    String after = position == null ? "" : new String(position, StandardCharsets.UTF_8);
    Page<ZoneTransfer> page = new Page<>(PageTokens.pageSize(request.getPageSize()));
    try (StoreSnapshot snapshot = store.snapshot()) {
      Instant now = clock.instant();
      List<ZoneTransfer> all = new ArrayList<>();
      for (String id : ids(snapshot, call.rights())) {
        Document document = snapshot.document(Keys.TRANSFERS + id);
        ZoneTransfer transfer = document == null ? null : read(document);
        if (transfer != null && Transfers.isVisible(snapshot, transfer, call.rights())) {
          ZoneTransfer shown = Transfers.shown(snapshot, transfer, call.rights(), now);
          if (filter.matches(field -> value(shown, field))) {
            all.add(shown);
          }
        }
      }
      Comparator<ZoneTransfer> byTime =
          order.field().equals("expire_time")
              ? Comparator.comparing(ZoneTransfer::getExpireTime, Timestamps.comparator())
              : Comparator.comparing(ZoneTransfer::getCreateTime, Timestamps.comparator());
      byTime = byTime.thenComparing(ZoneTransfer::getId);
      all.sort(order.descending() ? byTime.reversed() : byTime);
      ListZoneTransfersResponse.Builder answer = ListZoneTransfersResponse.newBuilder();
      boolean begun = after.isEmpty();
      String last = "";
      for (ZoneTransfer one : all) {
        if (begun && !page.add(one)) {
          answer.setNextPageToken(
              tokens.token(
                  request, call.principal().name(), last.getBytes(StandardCharsets.UTF_8)));
          break;
        }
        begun |= one.getId().equals(after);
        last = one.getId();
      }
      return answer.addAllTransfers(page.entries()).build();
    }
  }

  private Set<String> ids(StoreSnapshot snapshot, Rights rights) throws StoreException {
    Set<String> ids = new LinkedHashSet<>();
    Rights.Reach reach = rights.reach(Permission.PERMISSION_ZONES_READ);
    if (reach.everywhere()) {
      add(ids, snapshot, Keys.TRANSFERS);
      return ids;
    }
    Set<ZoneOwner> owners = new LinkedHashSet<>(reach.projects());
    for (String organisation : reach.organisations()) {
      owners.addAll(projects.of(snapshot, organisation));
    }
    for (ZoneOwner owner : owners) {
      add(ids, snapshot, Transfers.keysOf(owner));
    }
    return ids;
  }

  private static void add(Set<String> ids, StoreSnapshot snapshot, String prefix)
      throws StoreException {
    String after = "";
    List<Document> page;
    do {
      page = snapshot.documents(prefix, after, DOCUMENTS_A_READ);
      for (Document one : page) {
        after = one.key();
        ids.add(after.substring(prefix.length()));
      }
      if (ids.size() > MAX_LISTED) {
        throw CallException.of(
            Code.RESOURCE_EXHAUSTED, "there are too many transfers to list: ask by project");
      }
    } while (page.size() == DOCUMENTS_A_READ);
  }

  private static ZoneTransfer read(Document document) throws StoreException {
    try {
      return ZoneTransfer.parseFrom(document.value().array());
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException.Damaged(
          "the document " + document.key() + " is no transfer: restore a backup", e);
    }
  }

  private static @Nullable Object value(ZoneTransfer transfer, String field) {
    return switch (field) {
      case "zone" -> transfer.getZone().getValue();
      case "zone_name" -> transfer.getZoneName().getApex();
      case "state" -> transfer.getStateValue();
      case "organisation" ->
          List.of(transfer.getSource().getOrganisation(), transfer.getTarget().getOrganisation());
      case "project" ->
          List.of(transfer.getSource().getProject(), transfer.getTarget().getProject());
      default -> null;
    };
  }

  private static ZoneOwner owner(io.flashdns.proto.v1.ProjectName name) {
    return name.getProject().isEmpty()
        ? ZoneOwner.NOBODY
        : new ZoneOwner(name.getOrganisation(), name.getProject());
  }

  private <R extends com.google.protobuf.Message> R commit(
      Call call, Committer.Asked asked, Committer.Work<R> work, R prototype)
      throws StoreException, InterruptedException {
    try {
      return committer.commit(call, asked, work, prototype);
    } catch (StoreException e) {
      throw StoreProblems.of(e, _ -> "transfer");
    }
  }
}
