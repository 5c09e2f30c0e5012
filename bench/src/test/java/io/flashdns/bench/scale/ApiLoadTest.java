package io.flashdns.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.management.server.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiLoadTest {
  @TempDir Path folder;

  /** Its figures are for a calm machine; that all calls succeed is for the build. */
  @Test
  void everyCallSucceedsAndWalksAreWhole() throws Exception {
    Path distribution = Path.of("../management/target/flashdns");
    // From jars it was packaged just now; otherwise it may be of any age.
    boolean packaged =
        Main.class.getProtectionDomain().getCodeSource().getLocation().getPath().endsWith(".jar");
    assumeTrue(packaged && Files.exists(distribution), "needs a distribution: mvn package");
    List<String> lines =
        ApiLoad.lines(
            "server=" + distribution,
            "folder=" + folder,
            "zones=1200",
            "seconds=1",
            "warm-up=0",
            "rounds=1",
            "connections=2",
            "calls=4",
            "projects=2",
            "pages=3",
            "visible=5",
            "server-core=-1",
            "client-core=-1");
    assertThat(lines).noneMatch(line -> line.contains("FAILED") || line.contains("fail"));
    assertThat(lines).filteredOn(line -> line.startsWith("walk by ")).hasSize(2);
    assertThat(lines).filteredOn(line -> line.startsWith("api-load.")).hasSize(4);
  }

  @Test
  void argumentThatIsNoneIsNamed() {
    assertThatThrownBy(() -> ApiLoad.lines("server=x", "zone=1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'zone=1' is no argument");
  }
}
