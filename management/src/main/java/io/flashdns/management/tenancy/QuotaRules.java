package io.flashdns.management.tenancy;

import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.Code;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.QuotaEffect;
import io.flashdns.proto.v1.QuotaKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Quotas of zones and records. Zones and records in use are counted in documents, written with the
 * change that moves them; rates are counted at each node. A change that makes nothing grow is never
 * refused, however much there is already. Zones of the operator have no quotas.
 */
final class QuotaRules {
  /** Octets of a record beside its data: a compressed owner and the fixed part. */
  private static final int FIXED_BYTES = 12;

  private static final int MAX_VIOLATIONS = 100;

  private final Limits limits;
  private final ChangeRates rates;

  QuotaRules(Limits limits, ChangeRates rates) {
    this.limits = limits;
    this.rates = rates;
  }

  /** What a change does to a tenant. */
  private static final class Move {
    long zones;
    long records;
    long changes;

    void add(Move other) {
      zones += other.zones;
      records += other.records;
      changes += other.changes;
    }
  }

  /** One decision. */
  private static final class Deciding {
    final ContentView view;
    final List<QuotaFailure.Violation> violations = new ArrayList<>();
    final List<DocumentEdit> edits;
    final List<QuotaEffect> effects;
    @Nullable Duration wait;

    Deciding(ContentView view, List<DocumentEdit> edits, List<QuotaEffect> effects) {
      this.view = view;
      this.edits = edits;
      this.effects = effects;
    }

    /** Notes a limit that is broken. */
    void violated(String tenant, QuotaKind kind, long limit, String what) {
      if (violations.size() < MAX_VIOLATIONS) {
        violations.add(
            QuotaFailure.Violation.newBuilder()
                .setSubject(tenant)
                .setQuotaId(kind.name())
                .setQuotaValue(limit)
                .setDescription(kind.name() + " of " + tenant + " is " + limit + ", " + what)
                .build());
      }
    }

    void throwIfAny() {
      if (violations.isEmpty()) {
        return;
      }
      List<Message> details = new ArrayList<>(3);
      details.add(CallException.reason("QUOTA"));
      details.add(QuotaFailure.newBuilder().addAllViolations(violations).build());
      Duration known = wait;
      if (known != null) {
        details.add(
            RetryInfo.newBuilder().setRetryDelay(Durations.fromMillis(known.toMillis())).build());
      }
      throw CallException.of(
          Code.RESOURCE_EXHAUSTED,
          violations.getFirst().getDescription()
              + (known == null
                  ? ": make room, or have the quota raised"
                  : ": try again in " + known.toSeconds() + " s"),
          details.toArray(Message[]::new));
    }
  }

  /**
   * Decides.
   *
   * @param asOne true to count each zone as one change, as imports are
   */
  void decide(
      ContentView view,
      Plan plan,
      boolean asOne,
      List<DocumentEdit> edits,
      List<QuotaEffect> effects)
      throws StoreException {
    Deciding deciding = new Deciding(view, edits, effects);
    Map<String, Limits.Of> organisations = new LinkedHashMap<>(2);
    Map<ZoneOwner, Limits.Of> projects = new LinkedHashMap<>(2);
    Map<ZoneOwner, Move> moves = moves(plan, asOne);
    Map<String, Move> sums = new LinkedHashMap<>(2);
    for (var entry : moves.entrySet()) {
      ZoneOwner owner = entry.getKey();
      Limits.Of organisation = organisations.get(owner.organisation());
      if (organisation == null) {
        organisation = limits.of(view, owner.organisation());
        organisations.put(owner.organisation(), organisation);
      }
      projects.put(owner, limits.of(view, owner, organisation));
      sums.computeIfAbsent(owner.organisation(), _ -> new Move()).add(entry.getValue());
    }
    for (Plan.ZonePlan zone : plan.zones()) {
      StoredZone after = zone.after();
      if (after != null && zone.isChanged()) {
        Limits.Of of = projects.get(after.settings().owner());
        if (of != null) {
          zone(deciding, zone, after, of);
        }
      }
    }
    for (var entry : moves.entrySet()) {
      ZoneOwner owner = entry.getKey();
      Limits.Of of = projects.get(owner);
      if (of != null) {
        ProjectName name = name(owner.organisation(), owner.project());
        tenant(deciding, name, Keys.usage(owner), of, entry.getValue());
      }
    }
    for (var entry : sums.entrySet()) {
      Limits.Of of = organisations.get(entry.getKey());
      if (of != null) {
        ProjectName name = name(entry.getKey(), "");
        tenant(deciding, name, Keys.usage(entry.getKey()), of, entry.getValue());
      }
    }
    deciding.throwIfAny();
  }

  /** Notes that a change was made. */
  void made(Plan plan, boolean asOne) {
    moves(plan, asOne)
        .forEach(
            (owner, move) -> {
              rates.add(Keys.usage(owner), move.changes);
              rates.add(Keys.usage(owner.organisation()), move.changes);
            });
  }

  private static Map<ZoneOwner, Move> moves(Plan plan, boolean asOne) {
    Map<ZoneOwner, Move> moves = new LinkedHashMap<>(2);
    for (Plan.ZonePlan zone : plan.zones()) {
      if (!zone.isChanged()) {
        continue;
      }
      StoredZone before = zone.before();
      StoredZone after = zone.after();
      long changes =
          asOne || before == null || after == null
              ? 1
              : Math.max(
                  1,
                  Math.max(zone.rrsetsBefore().rrsetCount(), zone.rrsetsAfter().rrsetCount()) - 1);
      if (before != null && !before.settings().owner().equals(ZoneOwner.NOBODY)) {
        Move move = moves.computeIfAbsent(before.settings().owner(), _ -> new Move());
        move.zones--;
        move.records -= before.recordCount();
        move.changes += after == null ? changes : 0;
      }
      if (after != null && !after.settings().owner().equals(ZoneOwner.NOBODY)) {
        Move move = moves.computeIfAbsent(after.settings().owner(), _ -> new Move());
        move.zones++;
        move.records += after.recordCount();
        move.changes += changes;
      }
    }
    return moves;
  }

  /** Limits of one zone and of its RRsets. */
  private static void zone(Deciding deciding, Plan.ZonePlan plan, StoredZone after, Limits.Of of) {
    StoredZone before = plan.before();
    ZoneOwner owner = after.settings().owner();
    boolean isNew = before == null || !before.settings().owner().equals(owner);
    long records = before == null ? 0 : before.recordCount();
    long limit = of.limit(QuotaKind.QUOTA_KIND_RECORDS_PER_ZONE);
    if (after.recordCount() != records || isNew) {
      deciding.effects.add(
          effect(
              name(owner.organisation(), owner.project()),
              QuotaKind.QUOTA_KIND_RECORDS_PER_ZONE,
              records,
              after.recordCount(),
              limit));
    }
    if (after.recordCount() > limit && (isNew || after.recordCount() > records)) {
      deciding.violated(
          owner.organisation() + "/" + owner.project(),
          QuotaKind.QUOTA_KIND_RECORDS_PER_ZONE,
          limit,
          "zone " + after.settings().key().apex() + " would have " + after.recordCount());
    }
    long perRRset = of.limit(QuotaKind.QUOTA_KIND_RECORDS_PER_RRSET);
    long bytes = of.limit(QuotaKind.QUOTA_KIND_RRSET_BYTES);
    // The store itself refuses what is beyond the greatest limits.
    if (perRRset < TenancyConfig.MAX_RECORDS_PER_RRSET || bytes < TenancyConfig.MAX_RRSET_BYTES) {
      rrsets(deciding, plan, owner, perRRset, bytes);
    }
  }

  private static void rrsets(
      Deciding deciding, Plan.ZonePlan plan, ZoneOwner owner, long perRRset, long maxBytes) {
    String tenant = owner.organisation() + "/" + owner.project();
    Map<RRsetName, long[]> before = null;
    RRsetBlock.Cursor cursor = plan.rrsetsAfter().cursor();
    while (cursor.next()) {
      long count = cursor.recordCount();
      long bytes = bytes(cursor);
      if (count <= perRRset && bytes <= maxBytes) {
        continue;
      }
      if (before == null) {
        before = sizes(plan.rrsetsBefore());
      }
      RRsetName rrset = new RRsetName(cursor.owner(), cursor.type());
      long[] was = before.getOrDefault(rrset, new long[2]);
      if (count > perRRset && count > was[0]) {
        deciding.violated(
            tenant,
            QuotaKind.QUOTA_KIND_RECORDS_PER_RRSET,
            perRRset,
            rrset + " would have " + count);
      }
      if (bytes > maxBytes && bytes > was[1]) {
        deciding.violated(
            tenant, QuotaKind.QUOTA_KIND_RRSET_BYTES, maxBytes, rrset + " would take " + bytes);
      }
    }
  }

  private record RRsetName(DomainName owner, int type) {
    @Override
    public String toString() {
      return owner + " " + RecordType.text(type);
    }
  }

  private static Map<RRsetName, long[]> sizes(RRsetBlock block) {
    Map<RRsetName, long[]> sizes = new LinkedHashMap<>();
    RRsetBlock.Cursor cursor = block.cursor();
    while (cursor.next()) {
      sizes.put(
          new RRsetName(cursor.owner(), cursor.type()),
          new long[] {cursor.recordCount(), bytes(cursor)});
    }
    return sizes;
  }

  private static long bytes(RRsetBlock.Cursor cursor) {
    long bytes = 0;
    while (cursor.nextRecord()) {
      bytes += FIXED_BYTES + cursor.dataLength();
    }
    return bytes;
  }

  /** Limits of all zones of a tenant together. */
  private void tenant(Deciding deciding, ProjectName name, String key, Limits.Of of, Move move)
      throws StoreException {
    String tenant =
        name.getOrganisation() + (name.getProject().isEmpty() ? "" : "/" + name.getProject());
    rate(deciding, tenant, key, of, move.changes);
    if (move.zones == 0 && move.records == 0) {
      return;
    }
    Usage usage = Usage.read(deciding.view, key);
    Usage now = new Usage(usage.zones() + move.zones, usage.records() + move.records);
    moved(deciding, name, tenant, QuotaKind.QUOTA_KIND_ZONES, usage.zones(), now.zones(), of);
    moved(deciding, name, tenant, QuotaKind.QUOTA_KIND_RECORDS, usage.records(), now.records(), of);
    deciding.edits.add(now.write(key));
  }

  private void rate(Deciding deciding, String tenant, String key, Limits.Of of, long changes) {
    long limit = of.limit(QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND);
    if (limit == Limits.NONE || changes == 0) {
      return;
    }
    long most = limit * ChangeRates.SECONDS;
    long made = rates.sum(key);
    // A change set larger than all of them may be made when nothing else was: nobody must split
    // what is to be
    // seen at once. The next one waits until it is out of sight.
    if (made + changes <= most || made == 0) {
      return;
    }
    deciding.violated(
        tenant,
        QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND,
        limit,
        made + " RRsets were changed in the last 10 s");
    Duration needed = rates.wait(key, Math.min(made, made + changes - most));
    Duration known = deciding.wait;
    deciding.wait = known == null || needed.compareTo(known) > 0 ? needed : known;
  }

  private static void moved(
      Deciding deciding,
      ProjectName name,
      String tenant,
      QuotaKind kind,
      long before,
      long after,
      Limits.Of of) {
    if (before == after) {
      return;
    }
    long limit = of.limit(kind);
    deciding.effects.add(effect(name, kind, before, after, limit));
    if (after > before && after > limit) {
      deciding.violated(tenant, kind, limit, before + " are in use, and there would be " + after);
    }
  }

  private static QuotaEffect effect(
      ProjectName name, QuotaKind kind, long before, long after, long limit) {
    return QuotaEffect.newBuilder()
        .setProject(name)
        .setKind(kind)
        .setBefore(before)
        .setAfter(Math.max(0, after))
        .setLimit(limit)
        .build();
  }

  private static ProjectName name(String organisation, String project) {
    return ProjectName.newBuilder().setOrganisation(organisation).setProject(project).build();
  }
}
