package io.flashdns.plugins.tenancy;

import io.flashdns.core.plugin.MetricSink;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whom the numbers of zones and tenants stand for, and the sums over all workers.
 *
 * <p>Who is served now is read from the catalog; only of zones and tenants that are served no more
 * is something kept, so that what was counted for them can be told until the process ends. A zone
 * that moved to another tenant has another number there.
 *
 * <p>Safe for all threads. Not on the path of a query.
 */
final class Ledger {
  private static final String[] OUTCOMES = {"answered", "unanswered"};

  private final List<@Nullable WorkerLedger> workers = new ArrayList<>();
  private final Map<Integer, Gone> gone = new TreeMap<>();
  private final Map<Integer, Tenant> goneTenants = new TreeMap<>();
  private @Nullable Catalog catalog;
  private int zoneNumbers = 1;
  private int suspendedTenants;
  private int tenants;

  /** A zone that is served no more. */
  private record Gone(Tenant tenant, String zone, int view) {}

  /** The part of a worker; the same one each time, as its thread is. */
  synchronized WorkerLedger worker(int index) {
    if (index == WorkerContext.DESCRIBE) {
      return new WorkerLedger(0);
    }
    while (workers.size() <= index) {
      workers.add(null);
    }
    WorkerLedger known = workers.get(index);
    if (known == null) {
      known = new WorkerLedger(zoneNumbers);
      workers.set(index, known);
    }
    return known;
  }

  /** Other zones are served. */
  synchronized void changed(Catalog before, Catalog after) {
    after.changesSince(
        before,
        (was, is) -> {
          if (was != null && was.number() > 0 && (is == null || is.number() != was.number())) {
            Tenant owner = before.tenant(was.tenant());
            gone.put(was.number(), new Gone(owner, was.apex().toString(), was.view()));
          }
          if (is != null && !gone.isEmpty()) {
            gone.remove(is.number());
          }
        });
    zoneNumbers = Math.max(zoneNumbers, after.zoneNumbers());
    catalog = after;
    if (!after.hasTenantsOf(before)) {
      tenantsChanged(before, after);
    }
  }

  private void tenantsChanged(Catalog before, Catalog after) {
    for (int number = 1; number < before.tenantNumbers(); number++) {
      if (before.tenant(number).number() == number) {
        goneTenants.put(number, before.tenant(number));
      }
    }
    tenants = 0;
    suspendedTenants = 0;
    for (int number = 1; number < after.tenantNumbers(); number++) {
      if (after.tenant(number).number() == number) {
        goneTenants.remove(number);
        tenants++;
        suspendedTenants += after.tenant(number).suspended() ? 1 : 0;
      }
    }
  }

  /** Tenants of the zones that are served. */
  synchronized int tenants() {
    return tenants;
  }

  /** How many of them are suspended. */
  synchronized int suspendedTenants() {
    return suspendedTenants;
  }

  /** Queries above budgets so far. */
  synchronized long overBudget() {
    long sum = 0;
    for (WorkerLedger worker : workers) {
      sum += worker == null ? 0 : worker.overBudget();
    }
    return sum;
  }

  /** Octets of counters. */
  synchronized long bytes() {
    long sum = 0;
    for (WorkerLedger worker : workers) {
      sum += worker == null ? 0 : worker.bytes();
    }
    return sum;
  }

  /** Says what was counted for each zone that was ever asked. */
  synchronized void collectZones(MetricSink sink, Views views) {
    Catalog now = catalog;
    if (now != null) {
      now.forEach(zone -> collectZone(now, zone, sink, views));
    }
    for (Map.Entry<Integer, Gone> entry : gone.entrySet()) {
      Gone zone = entry.getValue();
      long answered = sum(entry.getKey(), WorkerLedger.ANSWERED);
      long unanswered = sum(entry.getKey(), WorkerLedger.UNANSWERED);
      if (answered + unanswered > 0) {
        say(sink, zone.tenant(), zone.zone(), views.name(zone.view()), answered, unanswered);
      }
    }
  }

  private void collectZone(Catalog now, CatalogEntry zone, MetricSink sink, Views views) {
    int number = zone.number();
    long answered = sum(number, WorkerLedger.ANSWERED);
    long unanswered = sum(number, WorkerLedger.UNANSWERED);
    if (number > 0 && answered + unanswered > 0) {
      Tenant owner = now.tenant(zone.tenant());
      say(sink, owner, zone.apex().toString(), views.name(zone.view()), answered, unanswered);
    }
  }

  private void say(
      MetricSink sink, Tenant tenant, String zone, String view, long answered, long unanswered) {
    long[] counted = {answered, unanswered};
    for (int outcome = 0; outcome < OUTCOMES.length; outcome++) {
      sink.counter(
          "zone_queries",
          "Queries by zone",
          counted[outcome],
          "organisation",
          tenant.organisation(),
          "project",
          tenant.project(),
          "zone",
          zone,
          "view",
          view,
          "outcome",
          OUTCOMES[outcome]);
    }
  }

  /** Says what was counted for each tenant that was ever asked, and for nobody. */
  synchronized void collectTenants(MetricSink sink) {
    Map<Integer, long[]> sums = new TreeMap<>();
    Map<Integer, Tenant> names = new TreeMap<>(goneTenants);
    Catalog now = catalog;
    if (now != null) {
      for (int number = 1; number < now.tenantNumbers(); number++) {
        if (now.tenant(number).number() == number) {
          names.put(number, now.tenant(number));
        }
      }
      now.forEach(zone -> add(sums, zone.tenant(), zone.number()));
    }
    for (Map.Entry<Integer, Gone> entry : gone.entrySet()) {
      add(sums, entry.getValue().tenant().number(), entry.getKey());
    }
    sums.forEach(
        (number, sum) -> {
          Tenant tenant = names.getOrDefault(number, Tenant.NOBODY);
          for (int outcome = 0; outcome < OUTCOMES.length; outcome++) {
            sink.counter(
                "tenant_queries",
                "Queries by tenant, the sum of its zones",
                sum[outcome],
                "organisation",
                tenant.organisation(),
                "project",
                tenant.project(),
                "outcome",
                OUTCOMES[outcome]);
          }
        });
    names.forEach((number, tenant) -> sayOverBudget(sink, number, tenant));
    for (int outcome = 0; outcome < OUTCOMES.length; outcome++) {
      sink.counter(
          "nobody_queries",
          "Queries that belong to no zone, or to one that the asker may not see",
          sum(0, outcome),
          "outcome",
          OUTCOMES[outcome]);
    }
  }

  private void add(Map<Integer, long[]> sums, int tenant, int zone) {
    long answered = zone == 0 ? 0 : sum(zone, WorkerLedger.ANSWERED);
    long unanswered = zone == 0 ? 0 : sum(zone, WorkerLedger.UNANSWERED);
    if (answered + unanswered > 0) {
      long[] sum = sums.computeIfAbsent(tenant, _ -> new long[OUTCOMES.length]);
      sum[WorkerLedger.ANSWERED] += answered;
      sum[WorkerLedger.UNANSWERED] += unanswered;
    }
  }

  private void sayOverBudget(MetricSink sink, int number, Tenant tenant) {
    long over = 0;
    for (WorkerLedger worker : workers) {
      over += worker == null ? 0 : worker.overBudget(number);
    }
    if (over > 0) {
      sink.counter(
          "tenant_over_budget",
          "Queries above the tenant's budget; tenant_queries has them as unanswered",
          over,
          "organisation",
          tenant.organisation(),
          "project",
          tenant.project());
    }
  }

  private long sum(int zone, int outcome) {
    long sum = 0;
    for (WorkerLedger worker : workers) {
      sum += worker == null ? 0 : worker.read(zone, outcome);
    }
    return sum;
  }
}
