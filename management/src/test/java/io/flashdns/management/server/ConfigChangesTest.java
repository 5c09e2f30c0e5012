package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
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
            Optional.of("ns1"),
            Duration.ofSeconds(1),
            config.zones().withFolder(Path.of("other")),
            new UdpConfig(512, 1 << 20),
            config.tcp(),
            config.plugins());

    assertThat(ConfigChanges.between(config, changed))
        .containsExactly(
            "workers",
            "nsid",
            "drain-timeout",
            "zones.folder",
            "udp.max-reply-bytes",
            "udp.receive-buffer-bytes");
  }
}
