package io.flashdns.management.api;

import com.google.protobuf.Timestamp;
import com.google.rpc.Code;
import com.google.rpc.QuotaFailure;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.identity.TokenSecrets;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.FieldMasks;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Ids;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Limits;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.management.tenancy.Tokens;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateTokenResponse;
import io.flashdns.proto.v1.DeleteTokenRequest;
import io.flashdns.proto.v1.DeleteTokenResponse;
import io.flashdns.proto.v1.GetTokenRequest;
import io.flashdns.proto.v1.GetTokenResponse;
import io.flashdns.proto.v1.ListTokensRequest;
import io.flashdns.proto.v1.ListTokensResponse;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.RotateTokenRequest;
import io.flashdns.proto.v1.RotateTokenResponse;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.UpdateTokenRequest;
import io.flashdns.proto.v1.UpdateTokenResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** API tokens. Secrets are in the answers that make them and nowhere else. */
final class TokenWork {
  private static final String KIND = "token";
  private static final Duration USUAL_LIFE = Duration.ofDays(90);
  private static final Duration MAX_OVERLAP = Duration.ofDays(7);
  private static final Set<String> CHANGEABLE =
      Set.of("display_name", "role", "rules", "source_networks", "expire_time", "max_unused");
  private static final Filter.Fields FIELDS =
      Filter.fields()
          .text("display_name")
          .text("organisation")
          .text("project")
          .enumeration("role", Role.getDescriptor())
          .text("creator")
          .time("create_time")
          .time("expire_time")
          .time("use_time")
          .build();

  private final DocumentCalls documents;

  TokenWork(DocumentCalls documents) {
    this.documents = documents;
  }

  CreateTokenResponse create(Call call, CreateTokenRequest request)
      throws StoreException, InterruptedException {
    Token given = request.getToken();
    Scope scope = AccessChecks.scope(call, given.getScope(), "token.scope");
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        CreateTokenResponse.getDefaultInstance(),
        () -> {},
        (view, _, now, outcome) -> {
          AccessChecks.guard(call, view, scope);
          Violations violations = new Violations();
          Token asked = TokenForms.preset(request.getPreset(), given, violations);
          TokenForms.check(asked, now, violations);
          violations.throwIfAny();
          AccessChecks.requireActive(documents.tenancy().rules(), view, scope, call.rights());
          AccessChecks.zones(call, view, scope, asked.getRulesList(), List.of());
          AccessChecks.within(call, scope, asked.getRole(), asked.getRulesList());
          TokenForms.requireNetworks(call, view, asked);
          requireQuota(view, scope, now);
          Token.Builder token =
              Token.newBuilder()
                  .setId(Ids.next(now))
                  .setDisplayName(asked.getDisplayName())
                  .setScope(scope)
                  .setRole(asked.getRole())
                  .addAllRules(asked.getRulesList())
                  .addAllSourceNetworks(asked.getSourceNetworksList())
                  .setExpireTime(
                      asked.hasExpireTime()
                          ? asked.getExpireTime()
                          : TenantTexts.time(now.plus(USUAL_LIFE)))
                  .setCreator(call.principal().name())
                  .setCreateTime(TenantTexts.time(now));
          if (asked.hasMaxUnused()) {
            token.setMaxUnused(asked.getMaxUnused());
          }
          Token made = token.build();
          String secret = TokenSecrets.make();
          List<DocumentEdit> edits = new ArrayList<>();
          Tokens.put(made, edits);
          Tokens.putSecret(made, hash(secret), now, edits);
          CreateTokenResponse remembered =
              CreateTokenResponse.newBuilder()
                  .setToken(shown(view, made))
                  .setOutcome(outcome)
                  .build();
          CreateTokenResponse answer =
              request.getValidateOnly()
                  ? remembered
                  : remembered.toBuilder().setSecret(secret).build();
          return new Committer.Written<>(
              answer,
              remembered,
              Documents.lastOf(edits),
              TenantTexts.audit(scope.getProject(), null, made));
        });
  }

  private void requireQuota(ContentView view, Scope scope, Instant now) throws StoreException {
    if (scope.getKind() == ScopeKind.SCOPE_KIND_PLATFORM) {
      return;
    }
    Limits limits = documents.tenancy().rules().limits();
    ProjectName name = scope.getProject();
    String organisation = name.getOrganisation();
    quota(
        organisation,
        Tokens.countValid(view, Keys.inAll(KIND, organisation), now),
        limits.of(view, organisation));
    if (scope.getKind() == ScopeKind.SCOPE_KIND_PROJECT) {
      ZoneOwner owner = ZoneMessages.owner(name);
      quota(
          ProjectWork.name(owner),
          Tokens.countValid(view, Keys.in(KIND, owner), now),
          limits.of(view, owner));
    }
  }

  private static void quota(String tenant, long used, Limits.Of limits) {
    long limit = limits.limit(QuotaKind.QUOTA_KIND_TOKENS);
    if (used < limit) {
      return;
    }
    String text =
        "QUOTA_KIND_TOKENS of " + tenant + " is " + limit + ", and " + used + " are valid";
    throw CallException.of(
        Code.RESOURCE_EXHAUSTED,
        text + ": revoke some, or have the quota raised",
        CallException.reason("QUOTA"),
        QuotaFailure.newBuilder()
            .addViolations(
                QuotaFailure.Violation.newBuilder()
                    .setSubject(tenant)
                    .setQuotaId(QuotaKind.QUOTA_KIND_TOKENS.name())
                    .setQuotaValue(limit)
                    .setDescription(text))
            .build());
  }

  GetTokenResponse get(Call call, GetTokenRequest request) throws StoreException {
    return documents.read(
        snapshot ->
            GetTokenResponse.newBuilder()
                .setToken(shown(snapshot, stored(call, snapshot, request.getToken())))
                .build());
  }

  ListTokensResponse list(Call call, ListTokensRequest request) throws StoreException {
    Filter filter = Filter.parse(request.getFilter(), FIELDS);
    Order order =
        Order.parse(
            request.getOrderBy(),
            Order.by("create_time"),
            "create_time",
            "expire_time",
            "use_time");
    Rights.Reach reach = call.rights().reach(call.permission());
    var page =
        documents.<Token>list(
            call,
            request,
            request.getPageSize(),
            order,
            _ -> DocumentCalls.Where.within(reach, Keys.TOKENS, KIND),
            (snapshot, document) -> {
              Token found = Documents.parsed(document, Token.parser());
              Token one = Documents.read(snapshot, Keys.token(found.getId()), Token.parser());
              if (one == null
                  || !AccessChecks.mayIn(call.rights(), call.permission(), one.getScope())) {
                return null;
              }
              Token shown = shown(snapshot, one);
              return filter.matches(field -> value(shown, field)) ? shown : null;
            },
            one -> DocumentCalls.key(time(one, order.field()), one.getId()));
    return ListTokensResponse.newBuilder()
        .addAllTokens(page.entries())
        .setNextPageToken(page.nextPageToken())
        .build();
  }

  private static Timestamp time(Token token, String field) {
    return switch (field) {
      case "expire_time" -> token.getExpireTime();
      case "use_time" -> token.getUseTime();
      default -> token.getCreateTime();
    };
  }

  UpdateTokenResponse update(Call call, UpdateTokenRequest request)
      throws StoreException, InterruptedException {
    Token asked = request.getToken();
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
        UpdateTokenResponse.getDefaultInstance(),
        violations::throwIfAny,
        (view, _, now, outcome) -> {
          Token before = stored(call, view, asked.getId());
          Scope scope = before.getScope();
          AccessChecks.requireActive(documents.tenancy().rules(), view, scope, call.rights());
          DocumentCalls.require(request.getEtag(), asked.getEtag(), before, KIND, before.getId());
          Token after = changed(before, asked, fields, now);
          List<DocumentEdit> edits = new ArrayList<>();
          if (!after.equals(before)) {
            Violations wrong = new Violations();
            TokenForms.check(
                fields.contains("expire_time")
                    ? after
                    : after.toBuilder().clearExpireTime().build(),
                now,
                wrong);
            wrong.throwIfAny();
            AccessChecks.zones(call, view, scope, after.getRulesList(), before.getRulesList());
            AccessChecks.within(call, scope, after.getRole(), after.getRulesList());
            TokenForms.requireNetworks(call, view, after);
            Tokens.put(after, edits);
          }
          UpdateTokenResponse answer =
              UpdateTokenResponse.newBuilder()
                  .setToken(shown(view, after))
                  .setOutcome(outcome.setChanged(!edits.isEmpty()))
                  .build();
          return new Committer.Written<>(
              answer, edits, TenantTexts.audit(scope.getProject(), before, after));
        });
  }

  private static Token changed(Token before, Token asked, Set<String> fields, Instant now) {
    Token.Builder after = before.toBuilder();
    if (fields.contains("display_name")) {
      after.setDisplayName(asked.getDisplayName());
    }
    if (fields.contains("role")) {
      after.setRole(asked.getRole());
    }
    if (fields.contains("rules")) {
      after.clearRules().addAllRules(asked.getRulesList());
    }
    if (fields.contains("source_networks")) {
      after.clearSourceNetworks().addAllSourceNetworks(asked.getSourceNetworksList());
    }
    if (fields.contains("expire_time")) {
      after.setExpireTime(
          asked.hasExpireTime() ? asked.getExpireTime() : TenantTexts.time(now.plus(USUAL_LIFE)));
    }
    if (fields.contains("max_unused")) {
      if (asked.hasMaxUnused()) {
        after.setMaxUnused(asked.getMaxUnused());
      } else {
        after.clearMaxUnused();
      }
    }
    return after.build();
  }

  RotateTokenResponse rotate(Call call, RotateTokenRequest request)
      throws StoreException, InterruptedException {
    Duration overlap =
        Duration.ofSeconds(request.getOverlap().getSeconds(), request.getOverlap().getNanos());
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        RotateTokenResponse.getDefaultInstance(),
        () -> {
          if (overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0) {
            throw CallException.invalid("overlap", "a former secret goes on for 0 to 7 days");
          }
        },
        (view, _, now, outcome) -> {
          Token before = stored(call, view, request.getToken());
          Scope scope = before.getScope();
          AccessChecks.requireActive(documents.tenancy().rules(), view, scope, call.rights());
          DocumentCalls.require(request.getEtag(), "", before, KIND, before.getId());
          // Who knows the secret has all that the token has.
          AccessChecks.within(call, scope, before.getRole(), before.getRulesList());
          TokenForms.requireNetworks(call, view, before);
          if (request.hasExpireTime()) {
            Violations violations = new Violations();
            TokenForms.expiry(request.getExpireTime(), "expire_time", now, violations);
            violations.throwIfAny();
          }
          List<DocumentEdit> edits = new ArrayList<>();
          Duration life = Tokens.retire(view, before, overlap, now, edits);
          Token after =
              before.toBuilder()
                  .setExpireTime(
                      request.hasExpireTime()
                          ? request.getExpireTime()
                          : TenantTexts.time(now.plus(life)))
                  .build();
          String secret = TokenSecrets.make();
          Tokens.put(after, edits);
          Tokens.putSecret(after, hash(secret), now, edits);
          RotateTokenResponse remembered =
              RotateTokenResponse.newBuilder()
                  .setToken(shown(view, after))
                  .setOutcome(outcome)
                  .build();
          RotateTokenResponse answer =
              request.getValidateOnly()
                  ? remembered
                  : remembered.toBuilder().setSecret(secret).build();
          return new Committer.Written<>(
              answer,
              remembered,
              Documents.lastOf(edits),
              TenantTexts.audit(scope.getProject(), before, after));
        });
  }

  DeleteTokenResponse delete(Call call, DeleteTokenRequest request)
      throws StoreException, InterruptedException {
    return documents.change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        DeleteTokenResponse.getDefaultInstance(),
        () -> {},
        (view, _, _, outcome) -> {
          Token before = stored(call, view, request.getToken());
          DocumentCalls.require(request.getEtag(), "", before, KIND, before.getId());
          List<DocumentEdit> edits = new ArrayList<>();
          Tokens.remove(view, before, edits);
          DeleteTokenResponse answer = DeleteTokenResponse.newBuilder().setOutcome(outcome).build();
          return new Committer.Written<>(
              answer,
              Documents.lastOf(edits),
              TenantTexts.audit(before.getScope().getProject(), before, null));
        });
  }

  private static Token stored(Call call, ContentView view, String id) throws StoreException {
    Token stored = Keys.isGivenId(id) ? Documents.read(view, Keys.token(id), Token.parser()) : null;
    return AccessChecks.there(call, stored, Token::getScope, KIND, id);
  }

  private static Token shown(ContentView view, Token stored) throws StoreException {
    Token.Builder shown = stored.toBuilder().setEtag(Documents.etag(stored));
    Timestamp used = Tokens.useTime(view, stored.getId());
    if (used != null) {
      shown.setUseTime(used);
    }
    return shown.build();
  }

  private static String hash(String secret) {
    return HexFormat.of().formatHex(TokenSecrets.hash(secret));
  }

  private static @Nullable Object value(Token one, String field) {
    return switch (field) {
      case "display_name" -> one.getDisplayName();
      case "organisation" -> one.getScope().getProject().getOrganisation();
      case "project" -> one.getScope().getProject().getProject();
      case "role" -> one.getRoleValue();
      case "creator" -> one.getCreator();
      case "create_time" -> Instant.ofEpochSecond(one.getCreateTime().getSeconds());
      case "expire_time" -> Instant.ofEpochSecond(one.getExpireTime().getSeconds());
      case "use_time" ->
          one.hasUseTime() ? Instant.ofEpochSecond(one.getUseTime().getSeconds()) : null;
      default -> null;
    };
  }
}
