package io.flashdns.management.operations;

/**
 * The JDK's HTTP server takes its limits once in a process, when its first class is loaded. Tests
 * that bring such a server of their own ask for ours first, since they share a process with the
 * tests of these limits.
 */
public final class HttpLimits {
  private HttpLimits() {}

  /** Sets them, as the server of the program does. */
  public static void set() {
    try {
      var _ =
          Class.forName(OperationsServer.class.getName(), true, HttpLimits.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
