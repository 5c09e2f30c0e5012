package io.flashdns.management.client;

import java.io.IOException;

/** Asks for a secret: from a pipe, or on the terminal without showing it. */
final class Secret {
  private Secret() {}

  static String ask(Console console, String what) throws ClientException, IOException {
    String given;
    java.io.Console terminal = console.inIsTerminal() ? System.console() : null;
    if (terminal != null) {
      char[] typed = terminal.readPassword("%s: ", what);
      given = typed == null ? null : new String(typed);
    } else {
      given = console.readLine();
    }
    if (given == null || given.isBlank()) {
      throw ClientException.usage("no " + what + " was given on standard input");
    }
    return given.strip();
  }
}
