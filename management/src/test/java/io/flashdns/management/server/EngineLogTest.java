package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class EngineLogTest {
  private static final long SECOND = 1_000_000_000L;

  private final Logger logger = (Logger) LoggerFactory.getLogger(EngineLog.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private long now = -5 * SECOND;
  private final EngineLog log = new EngineLog(() -> now);

  @BeforeEach
  void listen() {
    lines.start();
    logger.addAppender(lines);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
  }

  @Test
  void faultsOfAPluginAreSaidOnceInTenSecondsWithTheirNumberAndTheLastStack() {
    log.pluginFailed("grey", 3, new IllegalStateException("first"));
    for (int i = 0; i < 99; i++) {
      now += SECOND / 10;
      log.pluginFailed("grey", 2, new IllegalStateException("number " + i));
    }

    assertThat(texts())
        .containsExactly("ERROR plugin grey: 3 faults of its hooks; the last one was");
    assertThat(lines.list.getFirst().getThrowableProxy().getMessage()).isEqualTo("first");

    now += SECOND / 10;
    log.flush();
    assertThat(texts())
        .last()
        .isEqualTo("ERROR plugin grey: 198 faults of its hooks; the last one was");
    assertThat(lines.list.getLast().getThrowableProxy().getMessage()).isEqualTo("number 98");

    now += 20 * SECOND;
    log.flush();
    assertThat(lines.list).as("nothing new, nothing said").hasSize(2);
  }

  @Test
  void eachPluginHasItsOwnTenSeconds() {
    log.pluginFailed("grey", 1, new IllegalStateException());
    log.pluginFailed("green", 1, new IllegalStateException());
    log.pluginTaskFailed("grey", new IllegalStateException());
    log.pluginTaskFailed("grey", new IllegalStateException());

    assertThat(texts())
        .containsExactly(
            "ERROR plugin grey: 1 faults of its hooks; the last one was",
            "ERROR plugin green: 1 faults of its hooks; the last one was",
            "ERROR plugin grey: its own work outside of queries has failed 1 times; the last fault"
                + " was");
  }

  @Test
  void breakerIsAWarningThereAndAnInfoBack() {
    log.pluginTakenOut("grey", true, Duration.ofSeconds(30));
    log.pluginTakenOut("green", false, Duration.ofMinutes(1));
    log.pluginBack("grey");

    assertThat(texts())
        .containsExactly(
            "WARN plugin grey has failed too often and is out for 30s: all queries are REFUSED"
                + " meanwhile",
            "WARN plugin green has failed too often and is out for 1min: queries are answered"
                + " without it",
            "INFO plugin grey takes part again");
  }

  @Test
  void blockedWorkerIsAnErrorWithPluginAndStackInOneLine() {
    List<StackTraceElement> stack =
        List.of(
            new StackTraceElement("java.lang.Thread", "sleep", "Thread.java", 10),
            new StackTraceElement("acme.Hook", "answer", "Hook.java", 20));

    log.workerBlocked(1, "grey", Duration.ofNanos(123_456_789), stack);
    log.workerResumed(1, "grey", Duration.ofMillis(1_500));
    log.workerBlocked(0, null, Duration.ofSeconds(1), stack);

    assertThat(texts())
        .containsExactly(
            "ERROR worker 1 has been blocked for 123ms by plugin grey, at"
                + " java.lang.Thread.sleep(Thread.java:10) < acme.Hook.answer(Hook.java:20)",
            "INFO worker 1 goes on after 1500ms in plugin grey",
            "ERROR worker 0 has been blocked for 1s by no plugin that is known, at"
                + " java.lang.Thread.sleep(Thread.java:10) < acme.Hook.answer(Hook.java:20)");
  }

  private List<String> texts() {
    return lines.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }
}
