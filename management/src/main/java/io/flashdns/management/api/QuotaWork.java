package io.flashdns.management.api;

import com.google.protobuf.Message;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Violations;
import io.flashdns.management.message.ZoneMessages;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Limits;
import io.flashdns.management.tenancy.TenancyConfig;
import io.flashdns.management.tenancy.Tokens;
import io.flashdns.management.tenancy.Usage;
import io.flashdns.proto.v1.GetQuotasRequest;
import io.flashdns.proto.v1.GetQuotasResponse;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.UpdateOrganisationQuotasRequest;
import io.flashdns.proto.v1.UpdateOrganisationQuotasResponse;
import io.flashdns.proto.v1.UpdateProjectQuotasRequest;
import io.flashdns.proto.v1.UpdateProjectQuotasResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Quotas of organisations and projects. */
final class QuotaWork {
  /** Zones that are looked at to find the largest one. */
  private static final int ZONES_A_READ = 1_000;

  private final DocumentCalls documents;

  QuotaWork(DocumentCalls documents) {
    this.documents = documents;
  }

  /**
   * Whose quotas.
   *
   * @param project null for those of the organisation
   */
  private record Whose(String organisation, @Nullable ZoneOwner project) {
    String key() {
      return project == null ? Keys.quotas(organisation) : Keys.quotas(project);
    }

    String usage() {
      return project == null ? Keys.usage(organisation) : Keys.usage(project);
    }

    ProjectName name() {
      return project == null
          ? TenantTexts.organisation(organisation)
          : ZoneMessages.project(project);
    }

    String tokens() {
      return project == null ? Keys.inAll("token", organisation) : Keys.in("token", project);
    }
  }

  /** What a request asks to be set. */
  private record Asked(List<Quota> quotas, List<QuotaKind> inherit, String etag) {}

  /** Makes an answer of the quotas as they will be. */
  @FunctionalInterface
  private interface Answer<R> {
    R of(List<Quota> quotas, String etag, Outcome.Builder outcome);
  }

  GetQuotasResponse get(Call call, GetQuotasRequest request) throws StoreException {
    ProjectName tenant = request.getTenant();
    Whose whose;
    if (tenant.getProject().isEmpty()) {
      whose = new Whose(Guard.organisation(call, tenant, "tenant"), null);
    } else {
      ZoneOwner project = Guard.named(call, tenant, "tenant");
      whose = new Whose(project.organisation(), project);
    }
    return documents.read(
        snapshot -> {
          guard(call, snapshot, whose);
          long largest = largestZone(snapshot, whose);
          return GetQuotasResponse.newBuilder()
              .addAllQuotas(quotas(snapshot, whose, call.time(), largest))
              .setEtag(etag(set(snapshot, whose)))
              .build();
        });
  }

  private static void guard(Call call, ContentView view, Whose whose) throws StoreException {
    ZoneOwner project = whose.project;
    if (project == null) {
      Guard.organisation(call, view, whose.organisation, call.permission());
    } else {
      Guard.project(call, view, project, call.permission());
    }
  }

  UpdateOrganisationQuotasResponse update(Call call, UpdateOrganisationQuotasRequest request)
      throws StoreException, InterruptedException {
    Whose whose = new Whose(request.getOrganisation(), null);
    return change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        UpdateOrganisationQuotasResponse.getDefaultInstance(),
        whose,
        new Asked(request.getQuotasList(), request.getInheritList(), request.getEtag()),
        (quotas, etag, outcome) ->
            UpdateOrganisationQuotasResponse.newBuilder()
                .addAllQuotas(quotas)
                .setEtag(etag)
                .setOutcome(outcome)
                .build());
  }

  UpdateProjectQuotasResponse update(Call call, UpdateProjectQuotasRequest request)
      throws StoreException, InterruptedException {
    ZoneOwner project = Guard.named(call, request.getProject(), "project");
    Whose whose = new Whose(project.organisation(), project);
    return change(
        call,
        request.getRequestId(),
        request.getValidateOnly(),
        UpdateProjectQuotasResponse.getDefaultInstance(),
        whose,
        new Asked(request.getQuotasList(), request.getInheritList(), request.getEtag()),
        (quotas, etag, outcome) ->
            UpdateProjectQuotasResponse.newBuilder()
                .addAllQuotas(quotas)
                .setEtag(etag)
                .setOutcome(outcome)
                .build());
  }

  private <R extends Message> R change(
      Call call,
      String requestId,
      boolean validateOnly,
      R prototype,
      Whose whose,
      Asked asked,
      Answer<R> answer)
      throws StoreException, InterruptedException {
    return documents.change(
        call,
        requestId,
        validateOnly,
        prototype,
        () -> check(asked),
        (view, _, now, outcome) -> {
          guard(call, view, whose);
          ZoneOwner project = whose.project;
          if (project != null) {
            documents.tenancy().rules().requireActive(view, project, call.rights());
            atMostOrganisation(view, whose, asked);
          }
          GetQuotasResponse before = set(view, whose);
          String name = project == null ? whose.organisation : ProjectWork.name(project);
          if (!asked.etag.isEmpty() && !asked.etag.equals(etag(before))) {
            throw CallException.aborted("quotas", name);
          }
          GetQuotasResponse after = after(before, asked);
          boolean isChange = !after.equals(before);
          return new Committer.Written<>(
              answer.of(shown(view, whose, after, now), etag(after), outcome.setChanged(isChange)),
              isChange ? List.of(Documents.put(whose.key(), after)) : List.of(),
              TenantTexts.audit(whose.name(), before, after));
        });
  }

  private static void check(Asked asked) {
    Violations violations = new Violations();
    Set<QuotaKind> seen = EnumSet.noneOf(QuotaKind.class);
    for (int i = 0; i < asked.quotas.size(); i++) {
      Quota quota = asked.quotas.get(i);
      String path = "quotas[" + i + "]";
      if (kind(quota.getKind(), seen, path + ".kind", violations)) {
        long most = TenancyConfig.greatest(quota.getKind());
        if (quota.getLimit() < 0 || quota.getLimit() > most) {
          violations.add(path + ".limit", "the limit must be 0 to " + most);
        }
      }
    }
    for (int i = 0; i < asked.inherit.size(); i++) {
      boolean _ = kind(asked.inherit.get(i), seen, "inherit[" + i + "]", violations);
    }
    violations.throwIfAny();
  }

  private static boolean kind(
      QuotaKind kind, Set<QuotaKind> seen, String path, Violations violations) {
    if (kind == QuotaKind.QUOTA_KIND_UNSPECIFIED || kind == QuotaKind.UNRECOGNIZED) {
      violations.add(path, "this is not the kind of a quota: name one of QuotaKind");
      return false;
    }
    if (!seen.add(kind)) {
      violations.add(path, kind.name() + " is named twice: name it once");
      return false;
    }
    return true;
  }

  private void atMostOrganisation(ContentView view, Whose whose, Asked asked)
      throws StoreException {
    Limits.Of organisation = documents.tenancy().rules().limits().of(view, whose.organisation);
    Violations violations = new Violations();
    for (int i = 0; i < asked.quotas.size(); i++) {
      Quota quota = asked.quotas.get(i);
      long most = organisation.limit(quota.getKind());
      if (quota.getLimit() > most) {
        violations.add(
            "quotas[" + i + "].limit",
            "organisation " + whose.organisation + " itself has " + most + ": give at most that");
      }
    }
    violations.throwIfAny();
  }

  private static GetQuotasResponse after(GetQuotasResponse before, Asked asked) {
    Map<QuotaKind, Long> limits = new EnumMap<>(QuotaKind.class);
    before.getQuotasList().forEach(quota -> limits.put(quota.getKind(), quota.getLimit()));
    asked.quotas.forEach(quota -> limits.put(quota.getKind(), quota.getLimit()));
    asked.inherit.forEach(limits::remove);
    GetQuotasResponse.Builder after = GetQuotasResponse.newBuilder();
    limits.forEach(
        (kind, limit) -> after.addQuotas(Quota.newBuilder().setKind(kind).setLimit(limit)));
    return after.build();
  }

  private static GetQuotasResponse set(ContentView view, Whose whose) throws StoreException {
    GetQuotasResponse set = Documents.read(view, whose.key(), GetQuotasResponse.parser());
    return set == null ? GetQuotasResponse.getDefaultInstance() : set;
  }

  private static String etag(GetQuotasResponse set) {
    return Documents.etag(set);
  }

  /** The quotas as they will be, without a look at every zone. */
  private List<Quota> shown(ContentView view, Whose whose, GetQuotasResponse after, Instant now)
      throws StoreException {
    List<Quota> quotas = new ArrayList<>();
    Map<QuotaKind, Long> limits = new EnumMap<>(QuotaKind.class);
    after.getQuotasList().forEach(quota -> limits.put(quota.getKind(), quota.getLimit()));
    Limits all = documents.tenancy().rules().limits();
    for (QuotaKind kind : QuotaKind.values()) {
      Long own = limits.get(kind);
      long limit = own == null ? all.byDefault(kind) : own;
      if (whose.project != null) {
        limit = Math.min(limit, all.of(view, whose.organisation).limit(kind));
      }
      add(quotas, view, whose, kind, limit, own == null, now, 0);
    }
    return quotas;
  }

  private List<Quota> quotas(ContentView view, Whose whose, Instant now, long largestZone)
      throws StoreException {
    Limits all = documents.tenancy().rules().limits();
    ZoneOwner project = whose.project;
    Limits.Of limits = project == null ? all.of(view, whose.organisation) : all.of(view, project);
    List<Quota> quotas = new ArrayList<>();
    for (QuotaKind kind : QuotaKind.values()) {
      add(
          quotas,
          view,
          whose,
          kind,
          limits.limit(kind),
          limits.isInherited(kind),
          now,
          largestZone);
    }
    return quotas;
  }

  /** A kind without a limit is left out. */
  private void add(
      List<Quota> quotas,
      ContentView view,
      Whose whose,
      QuotaKind kind,
      long limit,
      boolean inherited,
      Instant now,
      long largestZone)
      throws StoreException {
    if (limit == Limits.NONE
        || kind == QuotaKind.QUOTA_KIND_UNSPECIFIED
        || kind == QuotaKind.UNRECOGNIZED) {
      return;
    }
    ZoneOwner project = whose.project;
    var rules = documents.tenancy().rules();
    long used =
        switch (kind) {
          case QUOTA_KIND_ZONES -> Usage.read(view, whose.usage()).zones();
          case QUOTA_KIND_RECORDS -> Usage.read(view, whose.usage()).records();
          case QUOTA_KIND_RECORDS_PER_ZONE -> largestZone;
          case QUOTA_KIND_CHANGES_PER_SECOND ->
              project == null
                  ? rules.changesPerSecond(whose.organisation)
                  : rules.changesPerSecond(project);
          case QUOTA_KIND_TOKENS -> Tokens.countValid(view, whose.tokens(), now);
          case QUOTA_KIND_RECORDS_PER_RRSET,
              QUOTA_KIND_RRSET_BYTES,
              QUOTA_KIND_QUERIES_PER_SECOND,
              QUOTA_KIND_UNSPECIFIED,
              UNRECOGNIZED ->
              0;
        };
    quotas.add(
        Quota.newBuilder()
            .setKind(kind)
            .setLimit(limit)
            .setUsed(used)
            .setInherited(inherited)
            .build());
  }

  /** Records in the largest zone of a project, or of all projects of an organisation. */
  private static long largestZone(StoreSnapshot snapshot, Whose whose) throws StoreException {
    ZoneOwner project = whose.project;
    if (project != null) {
      return largestZone(snapshot, project);
    }
    long[] largest = {0};
    String prefix = Keys.projectsOf(whose.organisation);
    Documents.each(
        snapshot,
        prefix,
        "",
        document -> {
          ZoneOwner one =
              new ZoneOwner(whose.organisation, document.key().substring(prefix.length()));
          largest[0] = Math.max(largest[0], largestZone(snapshot, one));
          return true;
        });
    return largest[0];
  }

  private static long largestZone(StoreSnapshot snapshot, ZoneOwner project) throws StoreException {
    long largest = 0;
    long after = 0;
    List<StoredZone> zones;
    do {
      zones = snapshot.zonesOf(project, after, ZONES_A_READ);
      for (StoredZone zone : zones) {
        after = zone.id().value();
        largest = Math.max(largest, zone.recordCount());
      }
    } while (zones.size() == ZONES_A_READ);
    return largest;
  }
}
