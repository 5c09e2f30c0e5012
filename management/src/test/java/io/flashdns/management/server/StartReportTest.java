package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.index.IndexState;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartReportTest {
  private static final long MIB = 1L << 20;
  private static final long ALL_IMAGES_BYTES = 650 * MIB;

  @Test
  void aHeapThatMayOutgrowTheIndexIsNamedWithTheLimitThatIsEnough() {
    assertThat(StartReport.heapHint(state(256 * MIB), 6_000 * MIB, config("256MiB")))
        .contains("images of zones take 650 MiB", "index.memory is 256 MiB", "-Xmx481m");
  }

  @Test
  void nothingIsSaidWhenAllImagesFitOrTheHeapIsBoundedOrNoMemoryIsSet() {
    assertThat(StartReport.heapHint(state(1_024 * MIB), 6_000 * MIB, config("1GiB"))).isEmpty();
    assertThat(StartReport.heapHint(state(256 * MIB), 480 * MIB, config("256MiB"))).isEmpty();
    assertThat(
            StartReport.heapHint(state(256 * MIB), 6_000 * MIB, new IndexConfig(Optional.empty())))
        .isEmpty();
  }

  private static IndexConfig config(String memory) {
    return new IndexConfig(Optional.of(MemorySize.parse(memory)));
  }

  private static IndexState state(long maxBytes) {
    return new IndexState(1_000_000, ALL_IMAGES_BYTES, 0, 0, maxBytes, 0, 0, 0, 0, 0, false);
  }
}
