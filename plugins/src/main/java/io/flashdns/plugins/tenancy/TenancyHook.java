package io.flashdns.plugins.tenancy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Zone;

/**
 * One worker's part: lets a query through to the zones or not, and counts it when it is done.
 *
 * <p>A worker brings one query from the first phase to the last before it takes the next, so what
 * one phase must tell a later one stands in fields.
 */
final class TenancyHook implements Answerer, Observer {
  private static final byte[] ZONE_SUSPENDED = "zone suspended".getBytes(US_ASCII);
  private static final byte[] TENANT_SUSPENDED = "tenant suspended".getBytes(US_ASCII);
  private static final byte[] OVER_BUDGET = "query budget used up".getBytes(US_ASCII);

  /** The ledger goes by the response code and by whether anything was sent. */
  private static final int PLAIN = 0;

  /** A reply is sent that answers nothing. */
  private static final int WITHHELD = 1;

  /** The zone is not the asker's to see. */
  private static final int HIDDEN = 2;

  private final TenancyPlugin plugin;
  private final WorkerLedger ledger;
  private final Counts counts;

  /** Set by the router for each query: zones of other views than the query's are not there. */
  private boolean exclusive;

  private int standing = PLAIN;

  TenancyHook(TenancyPlugin plugin, WorkerLedger ledger, Counts counts) {
    this.plugin = plugin;
    this.ledger = ledger;
    this.counts = counts;
  }

  /** Says whether the query sees its view alone. */
  void exclusive(boolean alone) {
    if (exclusive != alone) {
      // Seldom: the hook of another worker may lie on the same cache line.
      exclusive = alone;
    }
  }

  @Override
  public Verdict answer(Query query, Response response) {
    Zone zone = query.zone();
    if (zone == null) {
      return Verdict.CONTINUE;
    }
    if (exclusive && zone.view() != query.view()) {
      return hidden(response);
    }
    if (zone.isSuspended()) {
      return suspended(zone, response);
    }
    Budgets budgets = plugin.budgets();
    if (budgets != null && !budgets.take(zone.tenant(), query.receivedNanos())) {
      return overBudget(zone, query, response);
    }
    return Verdict.CONTINUE;
  }

  /** As when no zone holds the name: what is in the public view cannot be told from this. */
  private Verdict hidden(Response response) {
    standing = HIDDEN;
    counts.increment(plugin.hiddenCounter());
    response.rcode(Rcode.REFUSED);
    response.extendedError(ExtendedError.NOT_AUTHORITATIVE);
    return Verdict.RESPOND;
  }

  private Verdict suspended(Zone zone, Response response) {
    counts.increment(plugin.suspendedCounter());
    response.rcode(Rcode.REFUSED);
    // The tenant is not named: who owns a zone is nobody's business.
    response.extendedError(
        ExtendedError.PROHIBITED, zone.isOwnerSuspended() ? TENANT_SUSPENDED : ZONE_SUSPENDED);
    return Verdict.RESPOND;
  }

  private Verdict overBudget(Zone zone, Query query, Response response) {
    ledger.countOverBudget(zone.tenant());
    OverBudget action = query.protocol() == Protocol.TCP ? OverBudget.REFUSE : plugin.overBudget();
    return switch (action) {
      case DROP -> Verdict.DROP;
      case REFUSE -> {
        response.rcode(Rcode.REFUSED);
        response.extendedError(ExtendedError.OTHER, OVER_BUDGET);
        yield Verdict.RESPOND;
      }
      case TRUNCATE -> {
        standing = WITHHELD;
        response.withhold();
        yield Verdict.RESPOND;
      }
    };
  }

  @Override
  public void observe(Query query, Response response, boolean sent) {
    Zone zone = query.zone();
    int number = zone == null ? 0 : zone.number();
    int rcode = response.rcode();
    boolean answered = sent && rcode != Rcode.REFUSED && rcode != Rcode.SERVFAIL;
    if (standing != PLAIN) {
      answered = false;
      number = standing == HIDDEN ? 0 : number;
      standing = PLAIN;
    }
    ledger.count(number, answered ? WorkerLedger.ANSWERED : WorkerLedger.UNANSWERED);
  }
}
