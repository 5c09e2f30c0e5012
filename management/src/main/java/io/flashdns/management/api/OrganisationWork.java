package io.flashdns.management.api;

import com.google.protobuf.Message;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.FieldMasks;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Violations;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Removal;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateOrganisationResponse;
import io.flashdns.proto.v1.DeleteOrganisationRequest;
import io.flashdns.proto.v1.DeleteOrganisationResponse;
import io.flashdns.proto.v1.GetOrganisationRequest;
import io.flashdns.proto.v1.GetOrganisationResponse;
import io.flashdns.proto.v1.ListOrganisationsRequest;
import io.flashdns.proto.v1.ListOrganisationsResponse;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.ResumeOrganisationRequest;
import io.flashdns.proto.v1.ResumeOrganisationResponse;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.SuspendOrganisationRequest;
import io.flashdns.proto.v1.SuspendOrganisationResponse;
import io.flashdns.proto.v1.Suspension;
import io.flashdns.proto.v1.UpdateOrganisationRequest;
import io.flashdns.proto.v1.UpdateOrganisationResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What is done to organisations. */
final class OrganisationWork {
  private static final String KIND = "organisation";
  private static final Set<String> CHANGEABLE = Set.of("display_name", "labels");
  private static final Filter.Fields FIELDS =
      Filter.fields()
          .text("id")
          .text("display_name")
          .labels("labels")
          .bool("suspended")
          .time("create_time")
          .build();

  private final DocumentCalls documents;

  OrganisationWork(DocumentCalls documents) {
    this.documents = documents;
  }

  /** What a change makes of an organisation. */
  @FunctionalInterface
  private interface Change {
    Organisation of(Organisation before, Instant now);
  }

  CreateOrganisationResponse create(Call call, CreateOrganisationRequest request)
      throws StoreException, InterruptedException {
    Organisation asked = request.getOrganisation();
    Guard.platform(call, call.permission());
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        CreateOrganisationResponse.getDefaultInstance(),
        () -> {
          Violations violations = new Violations();
          TenantTexts.id(asked.getId(), "organisation.id", violations);
          check(asked, violations);
          violations.throwIfAny();
        },
        (view, _, now, outcome) -> {
          String id = asked.getId();
          if (view.document(Keys.organisation(id)) != null
              || view.document(Keys.goneOrganisation(id)) != null) {
            throw CallException.alreadyExists(
                KIND, id, "the id " + id + " is or was given: choose another one");
          }
          Organisation made =
              Organisation.newBuilder()
                  .setId(id)
                  .setDisplayName(asked.getDisplayName().isEmpty() ? id : asked.getDisplayName())
                  .putAllLabels(asked.getLabelsMap())
                  .setCreateTime(TenantTexts.time(now))
                  .setUpdateTime(TenantTexts.time(now))
                  .build();
          CreateOrganisationResponse answer =
              CreateOrganisationResponse.newBuilder()
                  .setOrganisation(shown(made))
                  .setOutcome(outcome)
                  .build();
          return new Committer.Written<>(
              answer,
              List.of(Documents.put(Keys.organisation(id), made)),
              TenantTexts.audit(TenantTexts.organisation(id), null, made));
        });
  }

  GetOrganisationResponse get(Call call, GetOrganisationRequest request) throws StoreException {
    return documents.read(
        snapshot ->
            GetOrganisationResponse.newBuilder()
                .setOrganisation(shown(stored(call, snapshot, request.getOrganisation())))
                .build());
  }

  ListOrganisationsResponse list(Call call, ListOrganisationsRequest request)
      throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order = Order.parse(request.getOrderBy(), Order.by("id"), "id", "create_time");
    boolean byTime = order.field().equals("create_time");
    Rights.Reach reach = call.rights().reach(call.permission());
    var page =
        documents.<Organisation>list(
            call,
            request,
            request.getPageSize(),
            order,
            _ -> where(reach, filter),
            (_, document) -> {
              Organisation one = Documents.parsed(document, Organisation.parser());
              return call.rights().mayInOrganisation(call.permission(), one.getId())
                      && filter.matches(field -> value(one, field))
                  ? shown(one)
                  : null;
            },
            one -> byTime ? DocumentCalls.key(one.getCreateTime(), one.getId()) : one.getId());
    return ListOrganisationsResponse.newBuilder()
        .addAllOrganisations(page.entries())
        .setNextPageToken(page.nextPageToken())
        .build();
  }

  private static DocumentCalls.Where where(Rights.Reach reach, Filter filter) {
    String id = filter.equalTo("id").orElse("");
    if (Keys.isId(id)) {
      return new DocumentCalls.Where(List.of(), List.of(Keys.organisation(id)));
    }
    return reach.everywhere()
        ? DocumentCalls.Where.all(Keys.ORGANISATIONS)
        : new DocumentCalls.Where(
            List.of(), reach.organisations().stream().map(Keys::organisation).toList());
  }

  UpdateOrganisationResponse update(Call call, UpdateOrganisationRequest request)
      throws StoreException, InterruptedException {
    Organisation asked = request.getOrganisation();
    Violations violations = new Violations();
    SortedSet<String> fields =
        FieldMasks.fields(
            request.hasUpdateMask(),
            request.getUpdateMask(),
            asked,
            CHANGEABLE,
            "update_mask",
            violations);
    check(asked, violations);
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        UpdateOrganisationResponse.getDefaultInstance(),
        violations::throwIfAny,
        (view, _, now, outcome) ->
            changed(
                call,
                view,
                now,
                asked.getId(),
                (before, _) -> {
                  DocumentCalls.require(
                      request.getEtag(), asked.getEtag(), before, KIND, asked.getId());
                  Organisation.Builder after = before.toBuilder();
                  if (fields.contains("display_name")) {
                    after.setDisplayName(
                        asked.getDisplayName().isEmpty() ? before.getId() : asked.getDisplayName());
                  }
                  if (fields.contains("labels")) {
                    after.clearLabels().putAllLabels(asked.getLabelsMap());
                  }
                  return after.build();
                },
                (after, isChange) ->
                    UpdateOrganisationResponse.newBuilder()
                        .setOrganisation(after)
                        .setOutcome(outcome.setChanged(isChange))
                        .build()));
  }

  DeleteOrganisationResponse delete(Call call, DeleteOrganisationRequest request)
      throws StoreException, InterruptedException {
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        DeleteOrganisationResponse.getDefaultInstance(),
        () -> {},
        (view, _, now, outcome) -> {
          String id = request.getOrganisation();
          Organisation before = stored(call, view, id);
          DocumentCalls.require(request.getEtag(), "", before, KIND, id);
          if (!view.documents(Keys.projectsOf(id), "", 1).isEmpty()) {
            throw CallException.precondition(
                "NOT_EMPTY",
                KIND + " " + id,
                "organisation " + id + " has projects: delete them first");
          }
          List<DocumentEdit> edits = new ArrayList<>();
          Removal.organisation(view, before, now, edits);
          DeleteOrganisationResponse answer =
              DeleteOrganisationResponse.newBuilder().setOutcome(outcome).build();
          return new Committer.Written<>(
              answer,
              Documents.lastOf(edits),
              TenantTexts.audit(TenantTexts.organisation(id), before, null));
        });
  }

  SuspendOrganisationResponse suspend(Call call, SuspendOrganisationRequest request)
      throws StoreException, InterruptedException {
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        SuspendOrganisationResponse.getDefaultInstance(),
        () -> TenantTexts.reason(request.getReason()),
        (view, _, now, outcome) ->
            changed(
                call,
                view,
                now,
                request.getOrganisation(),
                (before, when) -> suspended(before, request.getReason(), when),
                (after, isChange) ->
                    SuspendOrganisationResponse.newBuilder()
                        .setOrganisation(after)
                        .setOutcome(outcome.setChanged(isChange))
                        .build()));
  }

  private static Organisation suspended(Organisation before, String reason, Instant now) {
    if (before.hasSuspension() && before.getSuspension().getReason().equals(reason)) {
      return before;
    }
    Suspension.Builder suspension =
        Suspension.newBuilder()
            .setReason(reason)
            .setTime(
                before.hasSuspension() ? before.getSuspension().getTime() : TenantTexts.time(now))
            .setBy(ScopeKind.SCOPE_KIND_PLATFORM);
    return before.toBuilder().setSuspension(suspension).build();
  }

  ResumeOrganisationResponse resume(Call call, ResumeOrganisationRequest request)
      throws StoreException, InterruptedException {
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        ResumeOrganisationResponse.getDefaultInstance(),
        () -> {},
        (view, _, now, outcome) ->
            changed(
                call,
                view,
                now,
                request.getOrganisation(),
                (before, _) -> before.toBuilder().clearSuspension().build(),
                (after, isChange) ->
                    ResumeOrganisationResponse.newBuilder()
                        .setOrganisation(after)
                        .setOutcome(outcome.setChanged(isChange))
                        .build()));
  }

  /**
   * Changes an organisation.
   *
   * @param answer made of the organisation as it is to be shown, and whether it has changed
   */
  private static <R extends Message> Committer.Written<R> changed(
      Call call,
      ContentView view,
      Instant now,
      String id,
      Change change,
      BiFunction<Organisation, Boolean, R> answer)
      throws StoreException {
    Organisation before = stored(call, view, id);
    Organisation after = change.of(before, now);
    boolean isChange = !after.equals(before);
    if (isChange) {
      after = after.toBuilder().setUpdateTime(TenantTexts.time(now)).build();
    }
    return new Committer.Written<>(
        answer.apply(shown(after), isChange),
        isChange ? List.of(Documents.put(Keys.organisation(id), after)) : List.of(),
        TenantTexts.audit(TenantTexts.organisation(id), before, after));
  }

  private static Organisation stored(Call call, ContentView view, String id) throws StoreException {
    Guard.organisation(call, view, id, call.permission());
    Organisation stored = Documents.read(view, Keys.organisation(id), Organisation.parser());
    if (stored == null) {
      throw CallException.notFound(KIND, id);
    }
    return stored;
  }

  private static void check(Organisation asked, Violations violations) {
    TenantTexts.displayName(asked.getDisplayName(), "organisation.display_name", violations);
    TenantTexts.labels(asked.getLabelsMap(), "organisation.labels", violations);
  }

  private static Organisation shown(Organisation stored) {
    return stored.toBuilder().setEtag(Documents.etag(stored)).build();
  }

  private static @Nullable Object value(Organisation one, String field) {
    return switch (field) {
      case "id" -> one.getId();
      case "display_name" -> one.getDisplayName();
      case "labels" -> one.getLabelsMap();
      case "suspended" -> one.hasSuspension();
      case "create_time" -> Instant.ofEpochSecond(one.getCreateTime().getSeconds());
      default -> null;
    };
  }
}
