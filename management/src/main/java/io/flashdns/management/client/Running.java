package io.flashdns.management.client;

import java.io.IOException;

/** Runs a command from its session's beginning to the exit status. */
final class Running {
  private Running() {}

  static int run(ClientCommand command, Console console, ConnectionOptions options) {
    try (Session session = new Session(console, options)) {
      int status = run(command, session);
      console.out().flush();
      return status;
    } catch (ClientException e) {
      console.out().flush();
      console.say(e.sentence());
      for (String line : e.details()) {
        console.err().println("  " + line);
      }
      console.err().flush();
      return e.exitStatus();
    }
  }

  private static int run(ClientCommand command, Session session) throws ClientException {
    try {
      return command.run(session);
    } catch (ClientException e) {
      throw e;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw ClientException.failed("was interrupted");
    } catch (IOException e) {
      throw ClientException.failed(LocalFiles.reason(e));
    } catch (Exception e) {
      throw Failures.translate(e, session.serverName(), command::argumentOf);
    }
  }
}
