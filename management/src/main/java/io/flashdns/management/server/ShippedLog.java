package io.flashdns.management.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;

/**
 * Sets up the log as the shipped {@code conf/logback.xml} says, without reading XML, which is a
 * tenth of a start; and the log of the client commands. It steps back for a file that somebody has
 * changed or named: {@link Logs} decides.
 *
 * <p>logback makes it by its service loader. Thread: the one that makes the first logger.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class ShippedLog extends ContextAwareBase implements Configurator {
  static final String APPENDER = "out";
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %replace(%msg){'[\\r\\n]+', ' '}%n";
  private static final String CLIENT_PATTERN = "flashdns: %msg%n";

  /** For the service loader. */
  public ShippedLog() {}

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (Logs.isOfClient()) {
      applyToClient(context);
    } else if (Logs.isAsShipped()) {
      apply(context);
    } else {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  static void apply(LoggerContext context) {
    context.getLogger("io.flashdns").setLevel(Level.INFO);
    context.getLogger("io.etcd.jetcd").setLevel(Level.ERROR);
    root(context, Level.WARN, "System.out", PATTERN);
  }

  /** What a command prints is its own alone; a library's trouble goes beside it. */
  private static void applyToClient(LoggerContext context) {
    root(context, Level.ERROR, "System.err", CLIENT_PATTERN);
  }

  private static void root(LoggerContext context, Level level, String target, String pattern) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setCharset(UTF_8);
    encoder.setPattern(pattern);
    encoder.start();
    ConsoleAppender<ILoggingEvent> out = new ConsoleAppender<>();
    out.setContext(context);
    out.setName(APPENDER);
    out.setTarget(target);
    out.setEncoder(encoder);
    encoder.setParent(out);
    out.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(level);
    root.addAppender(out);
  }
}
