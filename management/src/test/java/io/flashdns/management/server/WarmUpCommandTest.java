package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmUpCommandTest {
  private static final Pattern STOPPED =
      Pattern.compile("stopped: ([0-9,]+) queries by UDP, ([0-9,]+) by TCP; ([0-9,]+) replies");

  @TempDir Path home;

  @Test
  void warmUpAsksByUdpAndTcpReloadsAndEndsInOrder() throws Exception {
    ServerProcess process = ServerProcess.start(home, "warm-up");
    try {
      assertThat(process.awaitEnd()).as("%s", process).isZero();
    } finally {
      process.kill();
    }

    assertThat(process.err()).isEmpty();
    assertThat(process.hasOut("reload")).as("%s", process).isTrue();
    Matcher counts =
        process.out().stream()
            .map(STOPPED::matcher)
            .filter(Matcher::find)
            .findFirst()
            .orElseThrow(() -> new AssertionError(process.toString()));
    assertThat(number(counts.group(1))).isGreaterThan(20_000);
    assertThat(number(counts.group(2))).isGreaterThan(1_000);
    assertThat(number(counts.group(3)))
        .isEqualTo(number(counts.group(1)) + number(counts.group(2)));
    assertThat(home).isEmptyDirectory();
  }

  private static int number(String text) {
    return Integer.parseInt(text.replace(",", ""));
  }
}
