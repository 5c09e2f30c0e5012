package io.flashdns.core.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.flashdns.core.plugin.Protocol;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Any octets, as a message over UDP and TCP, to a server with and one without the root zone, and
 * one with hooks that write options; {@link PacketProbe} judges.
 *
 * <p>In the build it replays the corpus. To fuzz from there on, for as long as you like:
 *
 * <pre>
 * JAZZER_FUZZ=1 JAZZER_MAX_DURATION=5m mvn -pl core -am test -Dtest=PacketFuzzTest
 * </pre>
 *
 * What Jazzer learned lies in {@code core/.cifuzz-corpus} and is where the next run starts.
 */
class PacketFuzzTest {
  private static final PacketProbe ROOTED = new PacketProbe(FuzzCatalog.withRoot());
  private static final PacketProbe ROOTLESS = new PacketProbe(FuzzCatalog.withoutRoot());
  private static final PacketProbe HOOKED = new PacketProbe(FuzzCatalog.withHooks());
  private static final int MAX_BYTES = 65_535;

  @FuzzTest
  void answersRightlyOrNotAtAll(byte[] message) {
    if (message.length > MAX_BYTES) {
      return;
    }
    check(ROOTED, message);
    check(ROOTLESS, message);
    check(HOOKED, message);
  }

  private static void check(PacketProbe probe, byte[] message) {
    for (Protocol protocol : Protocol.values()) {
      probe.checkWithDnsjava(probe.check(message, message.length, protocol));
    }
    probe.checkBatch(0xff);
    probe.checkFaults();
  }

  @Test
  void corpusHoldsEverySeed() throws IOException {
    for (Map.Entry<String, byte[]> seed : SeedCorpus.packets().entrySet()) {
      String file = SeedCorpus.PACKETS + "/" + seed.getKey();
      try (InputStream in = PacketFuzzTest.class.getResourceAsStream(file)) {
        assertThat(in).as("%s: write the corpus again with SeedCorpus", file).isNotNull();
        assertThat(in.readAllBytes()).as(file).isEqualTo(seed.getValue());
      }
    }
  }
}
