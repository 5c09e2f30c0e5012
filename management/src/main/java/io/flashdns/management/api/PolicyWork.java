package io.flashdns.management.api;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.FieldMasks;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Note;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Violations;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.FirstAdmin;
import io.flashdns.management.tenancy.Ids;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.CreatePolicyRequest;
import io.flashdns.proto.v1.CreatePolicyResponse;
import io.flashdns.proto.v1.DeletePolicyRequest;
import io.flashdns.proto.v1.DeletePolicyResponse;
import io.flashdns.proto.v1.GetPolicyRequest;
import io.flashdns.proto.v1.GetPolicyResponse;
import io.flashdns.proto.v1.ListPoliciesRequest;
import io.flashdns.proto.v1.ListPoliciesResponse;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.UpdatePolicyRequest;
import io.flashdns.proto.v1.UpdatePolicyResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Policies: which principal has which role where. */
final class PolicyWork {
  private static final String KIND = "policy";
  private static final int MAX_PRINCIPAL_CHARS = 1_024;

  /** As callers with certificates are known; one without its kind would be nobody. */
  private static final Pattern CERTIFICATE_NAME = Pattern.compile("mtls:(URI|DNS|EMAIL):[!-~]+");

  private static final Set<String> CHANGEABLE = Set.of("role", "rules", "comment", "expire_time");
  private static final Filter.Fields FIELDS =
      Filter.fields()
          .text("principal")
          .text("organisation")
          .text("project")
          .enumeration("scope", ScopeKind.getDescriptor())
          .enumeration("role", Role.getDescriptor())
          .time("expire_time")
          .build();

  private final DocumentCalls documents;

  PolicyWork(DocumentCalls documents) {
    this.documents = documents;
  }

  CreatePolicyResponse create(Call call, CreatePolicyRequest request)
      throws StoreException, InterruptedException {
    Policy asked = request.getPolicy();
    Scope scope = AccessChecks.scope(call, asked.getScope(), "policy.scope");
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        CreatePolicyResponse.getDefaultInstance(),
        () -> {
          Violations violations = new Violations();
          principal(asked.getPrincipal(), violations);
          check(asked, call.time(), violations);
          violations.throwIfAny();
        },
        (view, _, now, outcome) -> {
          AccessChecks.guard(call, view, scope);
          AccessChecks.requireActive(documents.tenancy().rules(), view, scope, call.rights());
          AccessChecks.zones(call, view, scope, asked.getRulesList(), List.of());
          AccessChecks.within(call, scope, asked.getRole(), asked.getRulesList());
          String unique = Keys.policyFor(scope, asked.getPrincipal(), asked.getRole());
          if (view.document(unique) != null) {
            throw exists(asked.getPrincipal());
          }
          Policy.Builder policy =
              Policy.newBuilder()
                  .setId(Ids.next(now))
                  .setPrincipal(asked.getPrincipal())
                  .setScope(scope)
                  .setRole(asked.getRole())
                  .addAllRules(asked.getRulesList())
                  .setComment(asked.getComment())
                  .setCreateTime(TenantTexts.time(now));
          if (asked.hasExpireTime()) {
            policy.setExpireTime(asked.getExpireTime());
          }
          Policy made = policy.build();
          CreatePolicyResponse answer =
              CreatePolicyResponse.newBuilder().setPolicy(shown(made)).setOutcome(outcome).build();
          return new Committer.Written<>(
              answer,
              List.of(Documents.put(Keys.policy(made.getId()), made), unique(unique, made)),
              TenantTexts.audit(scope.getProject(), null, made));
        });
  }

  GetPolicyResponse get(Call call, GetPolicyRequest request) throws StoreException {
    return documents.read(
        snapshot ->
            GetPolicyResponse.newBuilder()
                .setPolicy(shown(stored(call, snapshot, request.getPolicy())))
                .build());
  }

  ListPoliciesResponse list(Call call, ListPoliciesRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order =
        Order.parse(request.getOrderBy(), Order.by("principal"), "principal", "create_time");
    boolean byTime = order.field().equals("create_time");
    Rights.Reach reach = call.rights().reach(call.permission());
    var page =
        documents.<Policy>list(
            call,
            request,
            request.getPageSize(),
            order,
            _ -> DocumentCalls.Where.within(reach, Keys.POLICIES, KIND),
            (snapshot, document) -> {
              Policy found = Documents.parsed(document, Policy.parser());
              Policy one = Documents.read(snapshot, Keys.policy(found.getId()), Policy.parser());
              return one != null
                      && AccessChecks.mayIn(call.rights(), call.permission(), one.getScope())
                      && filter.matches(field -> value(one, field))
                  ? shown(one)
                  : null;
            },
            one ->
                byTime
                    ? DocumentCalls.key(one.getCreateTime(), one.getId())
                    : one.getPrincipal() + "\u0000" + one.getId());
    return ListPoliciesResponse.newBuilder()
        .addAllPolicies(page.entries())
        .setNextPageToken(page.nextPageToken())
        .build();
  }

  UpdatePolicyResponse update(Call call, UpdatePolicyRequest request)
      throws StoreException, InterruptedException {
    Policy asked = request.getPolicy();
    Violations violations = new Violations();
    SortedSet<String> fields =
        FieldMasks.fields(
            request.hasUpdateMask(),
            request.getUpdateMask(),
            asked,
            CHANGEABLE,
            "update_mask",
            violations);
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        UpdatePolicyResponse.getDefaultInstance(),
        violations::throwIfAny,
        (view, _, now, outcome) -> {
          Policy before = stored(call, view, asked.getId());
          Scope scope = before.getScope();
          AccessChecks.requireActive(documents.tenancy().rules(), view, scope, call.rights());
          DocumentCalls.require(request.getEtag(), asked.getEtag(), before, KIND, asked.getId());
          Policy after = changed(before, asked, fields);
          List<DocumentEdit> edits = new ArrayList<>();
          if (!after.equals(before)) {
            Violations wrong = new Violations();
            check(
                fields.contains("expire_time")
                    ? after
                    : after.toBuilder().clearExpireTime().build(),
                now,
                wrong);
            wrong.throwIfAny();
            AccessChecks.zones(call, view, scope, after.getRulesList(), before.getRulesList());
            AccessChecks.within(call, scope, after.getRole(), after.getRulesList());
            requireAdmin(view, before, after, now);
            edits(view, before, after, edits);
          }
          UpdatePolicyResponse answer =
              UpdatePolicyResponse.newBuilder()
                  .setPolicy(shown(after))
                  .setOutcome(outcome.setChanged(!edits.isEmpty()))
                  .build();
          return new Committer.Written<>(
              answer,
              Documents.lastOf(edits),
              TenantTexts.audit(scope.getProject(), before, after));
        });
  }

  private static Policy changed(Policy before, Policy asked, Set<String> fields) {
    Policy.Builder after = before.toBuilder();
    if (fields.contains("role")) {
      after.setRole(asked.getRole());
    }
    if (fields.contains("rules")) {
      after.clearRules().addAllRules(asked.getRulesList());
    }
    if (fields.contains("comment")) {
      after.setComment(asked.getComment());
    }
    if (fields.contains("expire_time")) {
      if (asked.hasExpireTime()) {
        after.setExpireTime(asked.getExpireTime());
      } else {
        after.clearExpireTime();
      }
    }
    return after.build();
  }

  private static void edits(ContentView view, Policy before, Policy after, List<DocumentEdit> edits)
      throws StoreException {
    String former = Keys.policyFor(before.getScope(), before.getPrincipal(), before.getRole());
    String unique = Keys.policyFor(after.getScope(), after.getPrincipal(), after.getRole());
    if (!former.equals(unique)) {
      if (view.document(unique) != null) {
        throw exists(after.getPrincipal());
      }
      edits.add(DocumentEdit.remove(former));
      edits.add(unique(unique, after));
    }
    edits.add(Documents.put(Keys.policy(after.getId()), after));
  }

  DeletePolicyResponse delete(Call call, DeletePolicyRequest request)
      throws StoreException, InterruptedException {
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        DeletePolicyResponse.getDefaultInstance(),
        () -> {},
        (view, _, now, outcome) -> {
          Policy before = stored(call, view, request.getPolicy());
          Scope scope = before.getScope();
          AccessChecks.requireActive(documents.tenancy().rules(), view, scope, call.rights());
          DocumentCalls.require(request.getEtag(), "", before, KIND, before.getId());
          requireAdmin(view, before, null, now);
          DeletePolicyResponse answer =
              DeletePolicyResponse.newBuilder().setOutcome(outcome).build();
          return new Committer.Written<>(
              answer,
              List.of(
                  DocumentEdit.remove(Keys.policy(before.getId())),
                  DocumentEdit.remove(
                      Keys.policyFor(scope, before.getPrincipal(), before.getRole()))),
              TenantTexts.audit(scope.getProject(), before, null));
        });
  }

  /** Refuses to take away the last that lets anybody manage the platform. */
  private static void requireAdmin(
      ContentView view, Policy before, @Nullable Policy after, Instant now) throws StoreException {
    if (isAdmin(before)
        && (after == null || !isAdmin(after))
        && !FirstAdmin.hasAdmin(view, now, before.getId())) {
      throw CallException.precondition(
          "LAST_ADMIN",
          KIND + " " + before.getId(),
          "nobody could manage the platform any more: make somebody else an admin first");
    }
  }

  private static boolean isAdmin(Policy policy) {
    return policy.getScope().getKind() == ScopeKind.SCOPE_KIND_PLATFORM
        && policy.getRole() == Role.ROLE_ADMIN
        && policy.getRulesCount() == 0;
  }

  private static Policy stored(Call call, ContentView view, String id) throws StoreException {
    Policy stored =
        Keys.isGivenId(id) ? Documents.read(view, Keys.policy(id), Policy.parser()) : null;
    return AccessChecks.there(call, stored, Policy::getScope, KIND, id);
  }

  private static void principal(String principal, Violations violations) {
    boolean oidc = principal.startsWith("oidc:") || principal.startsWith("group:");
    int sharp = principal.indexOf('#');
    boolean sound =
        oidc
            ? sharp > "oidc:".length() && sharp < principal.length() - 1
            : CERTIFICATE_NAME.matcher(principal).matches();
    boolean printable = principal.chars().noneMatch(c -> c < ' ' || c == 0x7f);
    if (!sound || !printable || principal.length() > MAX_PRINCIPAL_CHARS) {
      violations.add(
          "policy.principal",
          "this is nobody who can have a policy: write oidc:ISSUER#SUBJECT, group:ISSUER#GROUP or"
              + " mtls:DNS:NAME (or URI, EMAIL)");
    }
  }

  private static void check(Policy policy, Instant now, Violations violations) {
    AccessChecks.role(policy.getRole(), "policy.role", violations);
    AccessChecks.rules(policy.getRulesList(), "policy.rules", violations);
    Note.checkComment(policy.getComment(), "policy.comment", violations);
    if (policy.hasExpireTime()
        && (!Timestamps.isValid(policy.getExpireTime())
            || !Instant.ofEpochSecond(policy.getExpireTime().getSeconds()).isAfter(now))) {
      violations.add("policy.expire_time", "this time is over: give one to come, or none");
    }
  }

  private static CallException exists(String principal) {
    return CallException.alreadyExists(
        KIND, principal, "that principal has this role in this scope already: change that policy");
  }

  private static DocumentEdit unique(String key, Policy policy) {
    return Documents.put(key, Policy.newBuilder().setId(policy.getId()).build());
  }

  private static Policy shown(Policy stored) {
    return stored.toBuilder().setEtag(Documents.etag(stored)).build();
  }

  private static @Nullable Object value(Policy one, String field) {
    return switch (field) {
      case "principal" -> one.getPrincipal();
      case "organisation" -> one.getScope().getProject().getOrganisation();
      case "project" -> one.getScope().getProject().getProject();
      case "scope" -> one.getScope().getKindValue();
      case "role" -> one.getRoleValue();
      case "expire_time" ->
          one.hasExpireTime() ? Instant.ofEpochSecond(one.getExpireTime().getSeconds()) : null;
      default -> null;
    };
  }
}
