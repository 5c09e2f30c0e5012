package io.flashdns.management.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Leads all that libraries log into one log. */
final class Logs {
  private static final String CONFIG_FILE = "logback.configurationFile";
  private static final String SHIPPED = "/logback.xml";

  private static volatile boolean asShipped;
  private static volatile boolean ofClient;

  private Logs() {}

  /**
   * Takes {@code conf/logback.xml} of the distribution; without it the copy in this jar holds. Must
   * run before the first logger is made.
   */
  static void configure(Distribution distribution) {
    Path file = distribution.logConfigFile();
    if (System.getProperty(CONFIG_FILE) == null) {
      boolean readable = Files.isReadable(file);
      asShipped = !readable || isShipped(file);
      if (!asShipped) {
        System.setProperty(CONFIG_FILE, file.toString());
      }
    }
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  /** For the commands that speak to a server: only errors, and not where their answers go. */
  static void configureClient() {
    ofClient = System.getProperty(CONFIG_FILE) == null;
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
  }

  /** Whether the configuration of the log is the shipped one, octet by octet. */
  static boolean isAsShipped() {
    return asShipped;
  }

  /** Whether this process is a command that speaks to a server. */
  static boolean isOfClient() {
    return ofClient;
  }

  /** True when {@code file} says what {@link ShippedLog} does. */
  static boolean isShipped(Path file) {
    try (InputStream shipped = Logs.class.getResourceAsStream(SHIPPED)) {
      return shipped != null && Arrays.equals(shipped.readAllBytes(), Files.readAllBytes(file));
    } catch (IOException _) {
      return false; // logback says what is wrong with it
    }
  }
}
