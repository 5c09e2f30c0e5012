package io.flashdns.plugins.acl;

import io.flashdns.core.plugin.Hook;
import io.flashdns.core.plugin.Label;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.WorkerContext;
import java.util.ArrayList;
import java.util.List;

/** Says who may ask what, under the name {@code acl}. */
public final class AclPluginFactory implements PluginFactory<AclPluginConfig> {
  @Override
  public String name() {
    return "acl";
  }

  @Override
  public int spiVersion() {
    return SPI_VERSION;
  }

  @Override
  public Class<AclPluginConfig> configType() {
    return AclPluginConfig.class;
  }

  @Override
  public Plugin create(AclPluginConfig config, PluginContext context) {
    RuleTable table = new RuleTable(config, context.views());
    List<String> rules = new ArrayList<>();
    for (int i = 1; i <= config.rules().size(); i++) {
      rules.add(Integer.toString(i));
    }
    rules.add("otherwise");
    int decided =
        context
            .metrics()
            .counter(
                "decided",
                "Messages by the rule that decided on them and what it said",
                new Label("rule", rules),
                Label.of("action", "allow", "refuse", "drop"));
    return (WorkerContext worker) -> hooks(table, worker, decided);
  }

  private static List<Hook> hooks(RuleTable table, WorkerContext worker, int decided) {
    AclGate gate = new AclGate(table, worker.counts(), decided);
    return table.needsView() ? List.of(gate, gate.inAnswerPhase()) : List.of(gate);
  }

  /** An access list that fails must not let everybody in. */
  @Override
  public boolean failsClosed() {
    return true;
  }
}
