package io.flashdns.plugins.tenancy;

import io.flashdns.core.plugin.NetworkTable;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Verdict;

/** One worker's choice of the view; the tables are shared. */
final class ViewRouter implements Router {
  private final ViewTables views;
  private final TenancyHook hook;

  ViewRouter(ViewTables views, TenancyHook hook) {
    this.views = views;
    this.hook = hook;
  }

  @Override
  public Verdict route(Query query, Response response) {
    int rule = views.rule(query.listener(), query.sourceHi(), query.sourceLo());
    if (rule == NetworkTable.NONE) {
      hook.exclusive(false);
    } else {
      query.view(views.view(rule));
      hook.exclusive(views.isExclusive(rule));
    }
    return Verdict.CONTINUE;
  }
}
