package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.zone.Views;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Names;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.GrantsOfZone;
import io.flashdns.management.tenancy.Ids;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.CreateNameGrantRequest;
import io.flashdns.proto.v1.CreateNameGrantResponse;
import io.flashdns.proto.v1.DeleteNameGrantRequest;
import io.flashdns.proto.v1.DeleteNameGrantResponse;
import io.flashdns.proto.v1.ListNameGrantsRequest;
import io.flashdns.proto.v1.ListNameGrantsResponse;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.ProjectName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Grants of names: who lets whom have zones below its own. */
final class GrantWork {
  private static final String KIND = "grant";
  private static final Filter.Fields FIELDS =
      Filter.fields().name("name").text("view").text("granter").text("grantee").build();

  private final DocumentCalls documents;

  GrantWork(DocumentCalls documents) {
    this.documents = documents;
  }

  CreateNameGrantResponse create(Call call, CreateNameGrantRequest request)
      throws StoreException, InterruptedException {
    NameGrant asked = request.getGrant();
    Violations violations = new Violations();
    DomainName name = Names.parse(asked.getName(), "grant.name", violations);
    TenantTexts.id(asked.getGrantee().getOrganisation(), "grant.grantee.organisation", violations);
    TenantTexts.id(asked.getGrantee().getProject(), "grant.grantee.project", violations);
    Note.checkComment(asked.getComment(), "grant.comment", violations);
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        CreateNameGrantResponse.getDefaultInstance(),
        violations::throwIfAny,
        (view, _, now, outcome) -> {
          String where = asked.getView().isEmpty() ? Views.PUBLIC_NAME : asked.getView();
          if (name == null) {
            throw CallException.invalid("grant.name", "a name is required");
          }
          ZoneKey key = new ZoneKey(where, name);
          ZoneOwner granter = granter(call, view, key).settings().owner();
          if (!granter.equals(ZoneOwner.NOBODY)) {
            documents.tenancy().rules().requireActive(view, granter, call.rights());
          }
          ZoneOwner grantee =
              new ZoneOwner(asked.getGrantee().getOrganisation(), asked.getGrantee().getProject());
          if (view.document(Keys.granted(key, grantee, granter.organisation())) != null) {
            throw CallException.alreadyExists(
                KIND,
                key.apex().toString(),
                "the name " + key.apex() + " is granted to that project already");
          }
          NameGrant.Builder grant =
              NameGrant.newBuilder()
                  .setId(Ids.next(now))
                  .setName(key.apex().toString())
                  .setView(where)
                  .setSubtree(asked.getSubtree())
                  .setGrantee(ZoneMessages.project(grantee))
                  .setComment(asked.getComment())
                  .setCreateTime(TenantTexts.time(now));
          if (!granter.equals(ZoneOwner.NOBODY)) {
            grant.setGranter(ZoneMessages.project(granter));
          }
          NameGrant made = grant.build();
          List<DocumentEdit> edits = new ArrayList<>();
          GrantsOfZone.put(made, edits);
          CreateNameGrantResponse answer =
              CreateNameGrantResponse.newBuilder().setGrant(made).setOutcome(outcome).build();
          return new Committer.Written<>(
              answer, Documents.lastOf(edits), TenantTexts.audit(made.getGranter(), null, made));
        });
  }

  /** The nearest zone at or above the name that the caller may grant names of. */
  private static StoredZone granter(Call call, ContentView view, ZoneKey key)
      throws StoreException {
    boolean seen = false;
    for (DomainName at = key.apex(); at != null; at = at.parent()) {
      StoredZone zone = view.zone(new ZoneKey(key.view(), at));
      if (zone != null && call.rights().sees(zone)) {
        if (call.rights().mayInZone(call.permission(), zone)) {
          return zone;
        }
        seen = true;
      }
    }
    if (seen) {
      throw CallException.denied(call.permission());
    }
    throw CallException.notFound("zone", "at or above " + key.apex());
  }

  ListNameGrantsResponse list(Call call, ListNameGrantsRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order = Order.parse(request.getOrderBy(), Order.by("name"), "name", "create_time");
    boolean byTime = order.field().equals("create_time");
    Rights.Reach reach = call.rights().reach(call.permission());
    var page =
        documents.<NameGrant>list(
            call,
            request,
            request.getPageSize(),
            order,
            _ -> DocumentCalls.Where.within(reach, Keys.GRANTS, KIND),
            (snapshot, document) -> {
              String key = document.key();
              NameGrant one =
                  Documents.read(
                      snapshot,
                      Keys.grant(key.substring(key.lastIndexOf('/') + 1)),
                      NameGrant.parser());
              return one != null
                      && isVisible(call.rights(), one, call.permission())
                      && filter.matches(field -> value(one, field))
                  ? one
                  : null;
            },
            one ->
                byTime
                    ? DocumentCalls.key(one.getCreateTime(), one.getId())
                    : Keys.sortable(DomainName.parse(one.getName())) + "/" + one.getId());
    return ListNameGrantsResponse.newBuilder()
        .addAllGrants(page.entries())
        .setNextPageToken(page.nextPageToken())
        .build();
  }

  private static boolean isVisible(Rights rights, NameGrant grant, Permission permission) {
    return rights.mayInProject(permission, GrantsOfZone.granter(grant))
        || rights.mayInProject(permission, GrantsOfZone.grantee(grant));
  }

  DeleteNameGrantResponse delete(Call call, DeleteNameGrantRequest request)
      throws StoreException, InterruptedException {
    String id = request.getGrant();
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        DeleteNameGrantResponse.getDefaultInstance(),
        () -> {},
        (view, _, _, outcome) -> {
          NameGrant before =
              Keys.isGivenId(id) ? Documents.read(view, Keys.grant(id), NameGrant.parser()) : null;
          // Who was granted a name cannot give it back: for such a one it is not there.
          if (before == null || !seesGranter(call.rights(), before)) {
            throw CallException.notFound(KIND, id);
          }
          ZoneOwner granter = GrantsOfZone.granter(before);
          if (!call.rights().mayInProject(call.permission(), granter)) {
            throw CallException.denied(call.permission());
          }
          if (!granter.equals(ZoneOwner.NOBODY)) {
            documents.tenancy().rules().requireActive(view, granter, call.rights());
          }
          List<DocumentEdit> edits = new ArrayList<>();
          GrantsOfZone.remove(before, edits);
          DeleteNameGrantResponse answer =
              DeleteNameGrantResponse.newBuilder().setOutcome(outcome).build();
          return new Committer.Written<>(
              answer,
              Documents.lastOf(edits),
              TenantTexts.audit(before.getGranter(), before, null));
        });
  }

  private static boolean seesGranter(Rights rights, NameGrant grant) {
    ZoneOwner granter = GrantsOfZone.granter(grant);
    return rights.mayInProject(Permission.PERMISSION_ZONES_READ, granter)
        || rights.mayInProject(Permission.PERMISSION_NAMES_GRANT, granter);
  }

  private static @Nullable Object value(NameGrant one, String field) {
    return switch (field) {
      case "name" -> one.getName();
      case "view" -> one.getView();
      case "granter" -> text(one.getGranter());
      case "grantee" -> text(one.getGrantee());
      default -> null;
    };
  }

  private static String text(ProjectName name) {
    return name.getOrganisation() + "/" + name.getProject();
  }
}
