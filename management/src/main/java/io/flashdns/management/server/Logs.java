package io.flashdns.management.server;

import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Leads all that libraries log into one log. */
final class Logs {
  private static final String CONFIG_FILE = "logback.configurationFile";

  private Logs() {}

  /**
   * Takes {@code conf/logback.xml} of the distribution; without it the copy in this jar holds. Must
   * run before the first logger is made.
   */
  static void configure(Distribution distribution) {
    Path file = distribution.logConfigFile();
    if (System.getProperty(CONFIG_FILE) == null && Files.isReadable(file)) {
      System.setProperty(CONFIG_FILE, file.toString());
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }
}
