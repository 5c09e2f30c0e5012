package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigChangesTest {
  private final ServerConfig config = ServerConfig.defaults();

  @Test
  void equalConfigurationsHaveNoChanges() {
    assertThat(ConfigChanges.between(config, ServerConfig.defaults())).isEmpty();
  }

  @Test
  void changesAreNamedByTheirKeys() {
    ServerConfig changed =
        new ServerConfig(
            config.listen(),
            7,
            config.io(),
            config.data(),
            Duration.ofSeconds(3),
            Duration.ofSeconds(1),
            config.store(),
            config.etcd(),
            new IndexConfig(Optional.of(MemorySize.parse("64MiB"))),
            config.zones().withFolder(Path.of("other")),
            new UdpConfig(512, 1 << 20, false),
            config.tcp(),
            config.proxyProtocol(),
            config.operations(),
            config.api(),
            config.tenancy(),
            config.issuers(),
            Optional.of(Path.of("more")),
            config.pluginPins(),
            config.pluginFaults(),
            new Pipeline(List.of(config.plugins().bindings().getLast())));

    assertThat(ConfigChanges.between(config, changed))
        .containsExactly(
            "workers",
            "rehearsal",
            "drain-timeout",
            "index.memory",
            "zones.folder",
            "udp.max-reply-bytes",
            "udp.receive-buffer-bytes",
            "udp.overload-shield",
            "plugin-folder",
            "plugins");
  }
}
