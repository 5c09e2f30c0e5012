package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShippedLogTest {
  private static final Path FILE = ShippedFiles.DIST.resolve("conf/logback.xml");

  @TempDir Path temp;

  @Test
  void saysWhatTheShippedFileSays() throws Exception {
    var byFile = new LoggerContext();
    var joran = new JoranConfigurator();
    joran.setContext(byFile);
    joran.doConfigure(FILE.toFile());
    var byCode = new LoggerContext();

    ShippedLog.apply(byCode);

    assertThat(described(byCode)).isEqualTo(described(byFile)).isNotEmpty();
  }

  @Test
  void aFileWithOneOctetChangedIsNotTheShippedOne() throws Exception {
    var file = temp.resolve("logback.xml");
    Files.writeString(file, Files.readString(FILE));
    assertThat(Logs.isShipped(file)).isTrue();

    Files.writeString(file, Files.readString(FILE).replace("WARN", "INFO"));
    assertThat(Logs.isShipped(file)).isFalse();
    assertThat(Logs.isShipped(temp.resolve("nowhere"))).isFalse();
  }

  @Test
  void aServerLogsByItsChangedFile() throws Exception {
    var conf = Files.createDirectories(temp.resolve("conf"));
    Files.writeString(
        conf.resolve("logback.xml"),
        Files.readString(FILE).replace("%n</pattern>", " [changed]%n</pattern>"));
    var process =
        ServerProcess.start(temp, "serve", "-l", "127.0.0.1:0", "-d", temp + "/data", "-w", "1");
    try {
      process.awaitReady();
      process.signal("TERM");
      assertThat(process.awaitEnd()).isZero();
    } finally {
      process.kill();
    }

    assertThat(process.out()).filteredOn(line -> line.contains("stopped:")).isNotEmpty();
    assertThat(process.out())
        .filteredOn(line -> line.contains("stopped:"))
        .allMatch(line -> line.endsWith(" [changed]"));
  }

  /** Levels and appenders of each logger, and what they are made of. */
  private static TreeMap<String, List<String>> described(LoggerContext context) {
    var described = new TreeMap<String, List<String>>();
    for (Logger logger : context.getLoggerList()) {
      var lines = new ArrayList<String>();
      lines.add(logger.getLevel() + " " + logger.isAdditive());
      logger.iteratorForAppenders().forEachRemaining(appender -> lines.add(described(appender)));
      if (logger.getLevel() != null) {
        described.put(logger.getName(), lines);
      }
    }
    return described;
  }

  private static String described(Appender<ILoggingEvent> appender) {
    var console = (ConsoleAppender<ILoggingEvent>) appender;
    var encoder = (PatternLayoutEncoder) console.getEncoder();
    return "%s %s %s %s %s %s %s"
        .formatted(
            console.getName(),
            console.getTarget(),
            console.isStarted(),
            console.isImmediateFlush(),
            encoder.isStarted(),
            encoder.getCharset(),
            encoder.getPattern());
  }
}
