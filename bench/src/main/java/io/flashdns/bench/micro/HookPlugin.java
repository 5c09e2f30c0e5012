package io.flashdns.bench.micro;

import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import java.util.List;

/**
 * A plugin with hooks that do a little: what plugins cost by being there. Six hooks of six classes
 * over four phases, as many as a server with access list, rate limit, views, response rate limit,
 * counters and a query log has.
 */
final class HookPlugin implements PluginFactory<HookPlugin.Config> {
  /** How many hooks take part: 0 to 6. */
  record Config(int hooks) {}

  @Override
  public String name() {
    return "hooks";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<Config> configType() {
    return Config.class;
  }

  @Override
  public Plugin create(Config config, PluginContext context) {
    // In this order two hooks are a gate and an observer.
    return (WorkerContext _) ->
        List.<Hook>of(
                new SourceList(), new Sizes(), new Views(), new Shares(), new Rates(), new Latest())
            .subList(0, config.hooks());
  }

  private static final class SourceList implements Gate {

    @Override
    public Verdict admit(Query query, Response response) {
      if (query.sourceHi() != 0 || (query.sourceLo() & 0xff00_0000L) == 0) {
        return Verdict.DROP;
      }
      return Verdict.CONTINUE;
    }
  }

  private static final class Rates implements Gate {
    private final int[] tokens = new int[1_024];

    @Override
    public Verdict admit(Query query, Response response) {
      int slot = (int) ((query.sourceLo() * 0x9e37_79b9L) >>> 16) & 1_023;
      return ++tokens[slot] == Integer.MIN_VALUE ? Verdict.DROP : Verdict.CONTINUE;
    }
  }

  private static final class Views implements Router {
    @Override
    public Verdict route(Query query, Response response) {
      if (query.listener() != 0) {
        query.view(query.listener());
      }
      return Verdict.CONTINUE;
    }
  }

  private static final class Shares implements Shaper {
    private long octets;

    @Override
    public Verdict shape(Query query, Response response) {
      octets += response.length();
      return octets < 0 ? Verdict.DROP : Verdict.CONTINUE;
    }
  }

  private static final class Sizes implements Observer {
    private final long[] byRcode = new long[24];

    @Override
    public void observe(Query query, Response response, boolean sent) {
      byRcode[response.rcode() & 15]++;
    }
  }

  private static final class Latest implements Observer {
    private final long[] hashes = new long[256];
    private int next;

    @Override
    public void observe(Query query, Response response, boolean sent) {
      if (sent) {
        hashes[next++ & 255] = query.sourceLo();
      }
    }
  }
}
