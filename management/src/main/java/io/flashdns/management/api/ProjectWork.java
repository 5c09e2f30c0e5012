package io.flashdns.management.api;

import com.google.protobuf.Message;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.FieldMasks;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Removal;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.management.tenancy.Usage;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateProjectResponse;
import io.flashdns.proto.v1.DeleteProjectRequest;
import io.flashdns.proto.v1.DeleteProjectResponse;
import io.flashdns.proto.v1.GetProjectRequest;
import io.flashdns.proto.v1.GetProjectResponse;
import io.flashdns.proto.v1.ListProjectsRequest;
import io.flashdns.proto.v1.ListProjectsResponse;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ResumeProjectRequest;
import io.flashdns.proto.v1.ResumeProjectResponse;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.SuspendProjectRequest;
import io.flashdns.proto.v1.SuspendProjectResponse;
import io.flashdns.proto.v1.Suspension;
import io.flashdns.proto.v1.UpdateProjectRequest;
import io.flashdns.proto.v1.UpdateProjectResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What is done to projects. */
final class ProjectWork {
  private static final String KIND = "project";
  private static final Set<String> CHANGEABLE = Set.of("display_name", "labels");
  private static final Filter.Fields FIELDS =
      Filter.fields()
          .text("organisation")
          .text("project")
          .text("display_name")
          .labels("labels")
          .bool("suspended")
          .time("create_time")
          .build();

  private final DocumentCalls documents;

  ProjectWork(DocumentCalls documents) {
    this.documents = documents;
  }

  /** What a change makes of a project. */
  @FunctionalInterface
  private interface Change {
    Project of(Project before, Instant now);
  }

  CreateProjectResponse create(Call call, CreateProjectRequest request)
      throws StoreException, InterruptedException {
    Project asked = request.getProject();
    String organisation = Guard.organisation(call, asked.getName(), "project.name");
    String id = asked.getName().getProject();
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        CreateProjectResponse.getDefaultInstance(),
        () -> {
          Violations violations = new Violations();
          TenantTexts.id(id, "project.name.project", violations);
          check(asked, violations);
          violations.throwIfAny();
        },
        (view, _, now, outcome) -> {
          Guard.organisation(call, view, organisation, call.permission());
          documents.tenancy().rules().requireActive(view, organisation, call.rights());
          ZoneOwner owner = new ZoneOwner(organisation, id);
          if (view.document(Keys.project(owner)) != null
              || view.document(Keys.goneProject(owner)) != null) {
            throw CallException.alreadyExists(
                KIND, name(owner), "the id " + id + " is or was given: choose another one");
          }
          Project made =
              Project.newBuilder()
                  .setName(ZoneMessages.project(owner))
                  .setDisplayName(asked.getDisplayName().isEmpty() ? id : asked.getDisplayName())
                  .putAllLabels(asked.getLabelsMap())
                  .setCreateTime(TenantTexts.time(now))
                  .setUpdateTime(TenantTexts.time(now))
                  .build();
          CreateProjectResponse answer =
              CreateProjectResponse.newBuilder()
                  .setProject(shown(made))
                  .setOutcome(outcome)
                  .build();
          return new Committer.Written<>(
              answer,
              List.of(Documents.put(Keys.project(owner), made)),
              TenantTexts.audit(made.getName(), null, made));
        });
  }

  GetProjectResponse get(Call call, GetProjectRequest request) throws StoreException {
    ZoneOwner owner = Guard.named(call, request.getProject(), KIND);
    return documents.read(
        snapshot ->
            GetProjectResponse.newBuilder()
                .setProject(shown(stored(call, snapshot, owner)))
                .build());
  }

  ListProjectsResponse list(Call call, ListProjectsRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order = Order.parse(request.getOrderBy(), Order.by("name"), "name", "create_time");
    boolean byTime = order.field().equals("create_time");
    Rights.Reach reach = call.rights().reach(call.permission());
    var page =
        documents.<Project>list(
            call,
            request,
            request.getPageSize(),
            order,
            _ -> where(reach, filter),
            (_, document) -> {
              Project one = Documents.parsed(document, Project.parser());
              return call.rights()
                          .mayInProject(call.permission(), ZoneMessages.owner(one.getName()))
                      && filter.matches(field -> value(one, field))
                  ? shown(one)
                  : null;
            },
            one -> {
              String name = name(ZoneMessages.owner(one.getName()));
              return byTime ? DocumentCalls.key(one.getCreateTime(), name) : name;
            });
    return ListProjectsResponse.newBuilder()
        .addAllProjects(page.entries())
        .setNextPageToken(page.nextPageToken())
        .build();
  }

  private static DocumentCalls.Where where(Rights.Reach reach, Filter filter) {
    String organisation = filter.equalTo("organisation").orElse("");
    if (Keys.isId(organisation)) {
      return DocumentCalls.Where.all(Keys.projectsOf(organisation));
    }
    return reach.everywhere()
        ? DocumentCalls.Where.all(Keys.PROJECTS)
        : new DocumentCalls.Where(
            reach.organisations().stream().map(Keys::projectsOf).toList(),
            reach.projects().stream().map(Keys::project).toList());
  }

  UpdateProjectResponse update(Call call, UpdateProjectRequest request)
      throws StoreException, InterruptedException {
    Project asked = request.getProject();
    ZoneOwner owner = Guard.named(call, asked.getName(), "project.name");
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
        UpdateProjectResponse.getDefaultInstance(),
        violations::throwIfAny,
        (view, _, now, outcome) ->
            changed(
                call,
                view,
                now,
                owner,
                true,
                (before, _) -> {
                  DocumentCalls.require(
                      request.getEtag(), asked.getEtag(), before, KIND, name(owner));
                  Project.Builder after = before.toBuilder();
                  if (fields.contains("display_name")) {
                    after.setDisplayName(
                        asked.getDisplayName().isEmpty()
                            ? owner.project()
                            : asked.getDisplayName());
                  }
                  if (fields.contains("labels")) {
                    after.clearLabels().putAllLabels(asked.getLabelsMap());
                  }
                  return after.build();
                },
                (after, isChange) ->
                    UpdateProjectResponse.newBuilder()
                        .setProject(after)
                        .setOutcome(outcome.setChanged(isChange))
                        .build()));
  }

  DeleteProjectResponse delete(Call call, DeleteProjectRequest request)
      throws StoreException, InterruptedException {
    ZoneOwner owner = Guard.named(call, request.getProject(), KIND);
    boolean hasZones = documents.read(snapshot -> !snapshot.zonesOf(owner, 0, 1).isEmpty());
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        DeleteProjectResponse.getDefaultInstance(),
        () -> {},
        (view, _, now, outcome) -> {
          Project before = stored(call, view, owner);
          documents.tenancy().rules().requireActive(view, owner, call.rights());
          DocumentCalls.require(request.getEtag(), "", before, KIND, name(owner));
          // The count is of this transaction, the other look finds zones of files too.
          if (hasZones || Usage.read(view, Keys.usage(owner)).zones() > 0) {
            throw CallException.precondition(
                "NOT_EMPTY",
                KIND + " " + name(owner),
                "project " + name(owner) + " has zones: delete them or give them away first");
          }
          List<DocumentEdit> edits = new ArrayList<>();
          Removal.project(view, before, now, edits);
          DeleteProjectResponse answer =
              DeleteProjectResponse.newBuilder().setOutcome(outcome).build();
          return new Committer.Written<>(
              answer, Documents.lastOf(edits), TenantTexts.audit(before.getName(), before, null));
        });
  }

  SuspendProjectResponse suspend(Call call, SuspendProjectRequest request)
      throws StoreException, InterruptedException {
    ZoneOwner owner = Guard.named(call, request.getProject(), KIND);
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        SuspendProjectResponse.getDefaultInstance(),
        () -> TenantTexts.reason(request.getReason()),
        (view, _, now, outcome) ->
            changed(
                call,
                view,
                now,
                owner,
                false,
                (before, when) -> suspended(call, before, request.getReason(), when),
                (after, isChange) ->
                    SuspendProjectResponse.newBuilder()
                        .setProject(after)
                        .setOutcome(outcome.setChanged(isChange))
                        .build()));
  }

  /** A suspension by somebody above the caller stays as it is. */
  private static Project suspended(Call call, Project before, String reason, Instant now) {
    ScopeKind by =
        call.rights().mayInPlatform(Permission.PERMISSION_PROJECTS_WRITE)
            ? ScopeKind.SCOPE_KIND_PLATFORM
            : ScopeKind.SCOPE_KIND_ORGANISATION;
    Suspension was = before.getSuspension();
    if (before.hasSuspension()
        && (was.getBy().getNumber() > by.getNumber()
            || (was.getBy() == by && was.getReason().equals(reason)))) {
      return before;
    }
    return before.toBuilder()
        .setSuspension(
            Suspension.newBuilder()
                .setReason(reason)
                .setTime(before.hasSuspension() ? was.getTime() : TenantTexts.time(now))
                .setBy(by))
        .build();
  }

  ResumeProjectResponse resume(Call call, ResumeProjectRequest request)
      throws StoreException, InterruptedException {
    ZoneOwner owner = Guard.named(call, request.getProject(), KIND);
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        ResumeProjectResponse.getDefaultInstance(),
        () -> {},
        (view, _, now, outcome) ->
            changed(
                call,
                view,
                now,
                owner,
                false,
                (before, _) -> {
                  if (before.getSuspension().getBy() == ScopeKind.SCOPE_KIND_PLATFORM
                      && !call.rights().mayInPlatform(Permission.PERMISSION_PROJECTS_WRITE)) {
                    throw CallException.denied(Permission.PERMISSION_ORGANISATIONS_WRITE);
                  }
                  return before.toBuilder().clearSuspension().build();
                },
                (after, isChange) ->
                    ResumeProjectResponse.newBuilder()
                        .setProject(after)
                        .setOutcome(outcome.setChanged(isChange))
                        .build()));
  }

  /**
   * Changes a project.
   *
   * @param onlyActive true to refuse it when the project is suspended
   * @param answer made of the project as it is to be shown, and whether it has changed
   */
  private <R extends Message> Committer.Written<R> changed(
      Call call,
      ContentView view,
      Instant now,
      ZoneOwner owner,
      boolean onlyActive,
      Change change,
      BiFunction<Project, Boolean, R> answer)
      throws StoreException {
    Project before = stored(call, view, owner);
    if (onlyActive) {
      documents.tenancy().rules().requireActive(view, owner, call.rights());
    }
    Project after = change.of(before, now);
    boolean isChange = !after.equals(before);
    if (isChange) {
      after = after.toBuilder().setUpdateTime(TenantTexts.time(now)).build();
    }
    return new Committer.Written<>(
        answer.apply(shown(after), isChange),
        isChange ? List.of(Documents.put(Keys.project(owner), after)) : List.of(),
        TenantTexts.audit(before.getName(), before, after));
  }

  private static Project stored(Call call, ContentView view, ZoneOwner owner)
      throws StoreException {
    Guard.project(call, view, owner, call.permission());
    Project stored = Documents.read(view, Keys.project(owner), Project.parser());
    if (stored == null) {
      throw CallException.notFound(KIND, name(owner));
    }
    return stored;
  }

  private static void check(Project asked, Violations violations) {
    TenantTexts.displayName(asked.getDisplayName(), "project.display_name", violations);
    TenantTexts.labels(asked.getLabelsMap(), "project.labels", violations);
  }

  private static Project shown(Project stored) {
    return stored.toBuilder().setEtag(Documents.etag(stored)).build();
  }

  static String name(ZoneOwner owner) {
    return owner.organisation() + "/" + owner.project();
  }

  private static @Nullable Object value(Project one, String field) {
    return switch (field) {
      case "organisation" -> one.getName().getOrganisation();
      case "project" -> one.getName().getProject();
      case "display_name" -> one.getDisplayName();
      case "labels" -> one.getLabelsMap();
      case "suspended" -> one.hasSuspension();
      case "create_time" -> Instant.ofEpochSecond(one.getCreateTime().getSeconds());
      default -> null;
    };
  }
}
