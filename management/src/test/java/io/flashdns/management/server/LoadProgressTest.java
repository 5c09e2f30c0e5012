package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoadProgressTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private long nowNanos = Long.MAX_VALUE - 5; // overflows on the way

  @Test
  void terminalSeesOneLineFromTheSecondSecondOn() {
    LoadProgress progress = progress(true);
    after(1_900, progress, 1);
    assertThat(printed()).isEmpty();
    after(200, progress, 2);
    after(100, progress, 3);
    after(500, progress, 4);
    progress.end();

    assertThat(printed())
        .isEqualTo(
            "\rreading zones: 2 of 10 files, 2 s\u001b[K"
                + "\rreading zones: 4 of 10 files, 2 s\u001b[K\r\u001b[K");
  }

  @Test
  void logSeesALineEachTenSeconds() {
    LoadProgress progress = progress(false);
    for (int i = 0; i < 25; i++) {
      after(1_000, progress, i);
    }
    progress.end();

    assertThat(printed().lines())
        .containsExactly(
            "reading zones: 9 of 10 files, 10 s", "reading zones: 19 of 10 files, 20 s");
  }

  @Test
  void quickLoadShowsNothing() {
    LoadProgress progress = progress(true);
    progress.end();

    assertThat(printed()).isEmpty();
  }

  private LoadProgress progress(boolean terminal) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new LoadProgress(new Terminal(stream, stream, terminal), () -> nowNanos);
  }

  private void after(long millis, LoadProgress progress, int done) {
    nowNanos += TimeUnit.MILLISECONDS.toNanos(millis);
    progress.accept(done, 10);
  }

  private String printed() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
