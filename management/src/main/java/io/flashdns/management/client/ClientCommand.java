package io.flashdns.management.client;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * A command that speaks to a server. Nothing of gRPC is loaded before {@link #run}, so that help is
 * quick.
 */
abstract class ClientCommand implements Callable<Integer> {
  @Mixin ConnectionOptions connection = new ConnectionOptions();

  @Spec CommandSpec spec = CommandSpec.create();

  /** Set by {@link ClientCommands}. */
  @Nullable Console console;

  @Override
  public final Integer call() {
    Console given = console;
    if (given == null) {
      throw new IllegalStateException("no console");
    }
    return Running.run(this, given, connection);
  }

  /**
   * Does it.
   *
   * @return the exit status
   * @throws Exception a {@link ClientException}, or a failure of a call
   */
  abstract int run(Session session) throws Exception;

  /**
   * What an argument is called that was refused by its path in the request: {@code --ttl} for
   * {@code record.ttl}.
   *
   * @return empty when the paths that hold everywhere are enough
   */
  String argumentOf(String path) {
    return "";
  }
}
