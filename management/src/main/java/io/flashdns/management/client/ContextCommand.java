package io.flashdns.management.client;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code flashdns context}. */
@Command(
    name = "context",
    header = "Contexts: several servers, and who one is there.",
    description = {
      "A context has a name, a server and a login. They are kept in ~/.config/flashdns/config.yaml"
          + " ($$XDG_CONFIG_HOME), which nobody else may read.%n"
    },
    footer = {
      "  flashdns context set prod --server dns.example.org:8053 --ca ca.pem",
      "  flashdns context use prod",
    },
    subcommands = {
      ContextCommand.Listing.class,
      ContextCommand.Use.class,
      ContextCommand.Put.class,
      ContextCommand.Delete.class
    })
final class ContextCommand {
  private ContextCommand() {}

  /** A context with what options say. */
  static Context merged(Context context, ConnectionOptions options) {
    Context merged = context;
    merged = options.server == null ? merged : merged.with(Context.SERVER, options.server);
    merged = path(merged, Context.CA, options.ca);
    merged = path(merged, Context.CERTIFICATE, options.certificate);
    merged = path(merged, Context.KEY, options.key);
    return path(merged, Context.TOKEN_FILE, options.tokenFile);
  }

  private static Context path(Context context, String key, @Nullable Path path) {
    return path == null ? context : context.with(key, path.toAbsolutePath().toString());
  }

  /** {@code flashdns context list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists the contexts.",
      description = "The one in use has a star.%n",
      footer = {"  flashdns context list"})
  static final class Listing extends ClientCommand {
    @Override
    int run(Session session) throws ClientException {
      ClientConfig config = ClientConfig.read(session.console());
      String used = config.chosen(session.console(), connection.context);
      if (session.printer().isStructured()) {
        session
            .printer()
            .plain(
                config.contexts().entrySet().stream()
                    .map(
                        entry ->
                            Map.of(
                                "name", entry.getKey(),
                                "server", server(entry.getValue()),
                                "login", entry.getValue().credentials(),
                                "inUse", entry.getKey().equals(used)))
                    .toList());
        return ExitStatus.OK;
      }
      if (session.printer().form() == OutputForm.name) {
        config.contexts().keySet().forEach(session.printer().out()::println);
        return ExitStatus.OK;
      }
      Table table =
          session
              .printer()
              .table(
                  List.of(
                      Column.of("", _ -> ""),
                      Column.of("NAME", _ -> ""),
                      Column.wide("SERVER", _ -> ""),
                      Column.wide("LOGIN", _ -> "")));
      config
          .contexts()
          .forEach(
              (name, context) ->
                  table.row(
                      new String[] {
                        name.equals(used) ? "*" : "", name, server(context), context.credentials()
                      }));
      table.flush();
      return ExitStatus.OK;
    }

    private static String server(Context context) {
      String server = context.get(Context.SERVER);
      return server == null ? Endpoint.DEFAULT : server;
    }
  }

  /** {@code flashdns context use}. */
  @Command(
      name = "use",
      header = "Uses a context from now on.",
      description = "Until another is used. For one command there is --context.%n",
      footer = {"  flashdns context use prod"})
  static final class Use extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "The context.")
    private String name = "";

    @Override
    int run(Session session) throws ClientException {
      ClientConfig config = ClientConfig.read(session.console());
      config.require(name);
      config.using(name).write(session.console());
      session.printer().line("context '" + name + "' is in use");
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns context set}. */
  @Command(
      name = "set",
      header = "Makes a context, or changes one.",
      description = {
        "Takes what --server, --ca, --cert, --key and --token-file say; all else stays. The first"
            + " one is in use at once. For a login see 'flashdns login'.%n"
      },
      footer = {"  flashdns context set prod --server dns.example.org:8053 --ca ca.pem"})
  static final class Put extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "The context.")
    private String name = "";

    @Override
    int run(Session session) throws ClientException {
      if (!name.matches("[A-Za-z0-9._-]{1,63}")) {
        throw ClientException.usage(
            "a context's name has letters, digits, '.', '_' and '-', at most 63, not '"
                + name
                + "'");
      }
      if (connection.server != null) {
        Endpoint.parse(connection.server, connection.ca, connection.certificate, connection.key);
      }
      ClientConfig config = ClientConfig.read(session.console());
      Context known = config.contexts().get(name);
      ClientConfig changed =
          config.with(name, merged(known == null ? new Context() : known, connection));
      if (config.contexts().isEmpty()) {
        changed = changed.using(name);
      }
      changed.write(session.console());
      session.printer().line("context '" + name + "' is kept");
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns context delete}. */
  @Command(
      name = "delete",
      aliases = "rm",
      header = "Deletes a context with its login.",
      description = "Nothing changes at the server.%n",
      footer = {"  flashdns context delete test"})
  static final class Delete extends ClientCommand {
    @Parameters(paramLabel = "NAME", description = "The context.")
    private String name = "";

    @Override
    int run(Session session) throws ClientException {
      ClientConfig config = ClientConfig.read(session.console());
      config.require(name);
      config.without(name).write(session.console());
      session.printer().line("context '" + name + "' deleted");
      return ExitStatus.OK;
    }
  }
}
