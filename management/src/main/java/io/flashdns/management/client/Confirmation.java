package io.flashdns.management.client;

import java.io.IOException;

/** Asks before something is taken away. */
final class Confirmation {
  private Confirmation() {}

  /**
   * Returns when the user agrees, by {@code --yes} or by an answer on the terminal.
   *
   * @param question with its question mark
   * @throws ClientException when he does not, or nobody can be asked
   */
  static void ask(Session session, ChangeOptions options, String question)
      throws ClientException, IOException {
    if (options.yes) {
      return;
    }
    Console console = session.console();
    if (!console.canAsk()) {
      throw ClientException.usage(
          question.substring(0, question.length() - 1)
              + ": nobody can be asked without a terminal; add --yes if this is what you want");
    }
    console.out().flush();
    console.err().print(Printable.text(question) + " [y/N] ");
    console.err().flush();
    String answer = console.readLine();
    if (answer == null || !answer.strip().toLowerCase(java.util.Locale.ROOT).matches("y|yes")) {
      throw ClientException.failed("nothing was changed");
    }
  }
}
