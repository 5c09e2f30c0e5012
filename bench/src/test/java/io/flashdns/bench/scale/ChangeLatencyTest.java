package io.flashdns.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeLatencyTest {
  @TempDir Path folder;

  /**
   * Its figures are for a calm machine; that it runs and asks for what is there is for the build.
   */
  @Test
  void changesAreSeenAndNothingIsWrong() throws Exception {
    List<String> lines =
        ChangeLatency.run(
            "folder=" + folder,
            "names=3000",
            "single=20",
            "changes=100",
            "writers=4",
            "seconds=1",
            "load=500",
            "index=64");

    assertThat(lines).contains("change-latency.queries-wrong 0.000 0.0 pass");
    assertThat(lines).anyMatch(line -> line.startsWith("100 changes in "));
    assertThat(lines).anyMatch(line -> line.startsWith("change-latency.visible-p99-ms "));
  }
}
