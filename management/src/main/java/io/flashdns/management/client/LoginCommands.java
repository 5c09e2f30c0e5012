package io.flashdns.management.client;

import io.flashdns.proto.v1.GetIdentityRequest;
import io.flashdns.proto.v1.GetIdentityResponse;
import io.flashdns.proto.v1.Identity;
import io.flashdns.proto.v1.IdentityGrant;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Who one is. */
final class LoginCommands {
  private LoginCommands() {}

  /** {@code flashdns login}. */
  @Command(
      name = "login",
      header = "Keeps a login for a server.",
      description = {
        "With a token from standard input or typed; with --issuer by an OpenID Connect issuer: open"
            + " the page that is shown, on any device. The login is tried out and kept in the"
            + " context, which is used from then on. On the machine of a server that was just"
            + " installed no login is needed.%n"
      },
      footer = {
        "  flashdns login --server dns.example.org:8053 --context prod < token.txt",
        "  flashdns login --server dns.example.org --issuer https://id.example.org --client-id"
            + " flashdns",
      })
  static final class Login extends ClientCommand {
    @Option(
        names = "--issuer",
        paramLabel = "URL",
        description = "Log in by this OpenID Connect issuer.")
    private @Nullable String issuer;

    @Option(
        names = "--client-id",
        paramLabel = "ID",
        description = "What the issuer knows this program as. Default: flashdns.")
    private String clientId = "flashdns";

    @Option(
        names = "--scope",
        paramLabel = "SCOPES",
        description = "What to ask the issuer for. Default: openid offline_access.")
    private String scope = "openid offline_access";

    @Override
    int run(Session session) throws ClientException, IOException, InterruptedException {
      Console console = session.console();
      ClientConfig config = ClientConfig.read(console);
      String name = config.chosen(console, connection.context);
      name = name == null ? "default" : name;
      Context known = config.contexts().get(name);
      Context context =
          ContextCommand.merged(known == null ? new Context() : known, connection)
              .withoutCredentials();
      if (context.get(Context.SERVER) == null) {
        String server = console.variable(Destination.SERVER);
        context = context.with(Context.SERVER, server == null ? Endpoint.DEFAULT : server);
      }
      Endpoint.parse(
          String.valueOf(context.get(Context.SERVER)),
          connection.ca,
          connection.certificate,
          connection.key);
      if (issuer != null) {
        try (DeviceLogin login = new DeviceLogin(issuer, clientId)) {
          context = login.login(console, context, scope);
        }
      } else if (connection.tokenFile != null) {
        context =
            context.with(Context.TOKEN_FILE, connection.tokenFile.toAbsolutePath().toString());
      } else if (connection.certificate == null) {
        context = context.with(Context.TOKEN, Secret.ask(console, "token"));
      }
      Identity identity = tried(console, config.with(name, context), name);
      config.with(name, context).using(name).write(console);
      session
          .printer()
          .line(
              "logged in as "
                  + identity.getPrincipal()
                  + " at "
                  + context.get(Context.SERVER)
                  + ", kept in context '"
                  + name
                  + "'");
      return ExitStatus.OK;
    }

    private Identity tried(Console console, ClientConfig config, String name)
        throws ClientException, InterruptedException {
      try (Session trial =
          new Session(console, connection, Destination.ofContext(console, config, name))) {
        try {
          return trial
              .ask(() -> trial.access().getIdentity(GetIdentityRequest.getDefaultInstance()))
              .getIdentity();
        } catch (RuntimeException e) {
          throw Failures.translate(e, trial.serverName(), _ -> "");
        }
      }
    }
  }

  /** {@code flashdns logout}. */
  @Command(
      name = "logout",
      header = "Forgets the login of a context.",
      description = {
        "The context stays. A token is not revoked by it: see 'flashdns token delete'.%n"
      },
      footer = {"  flashdns logout --context prod"})
  static final class Logout extends ClientCommand {
    @Override
    int run(Session session) throws ClientException {
      Console console = session.console();
      ClientConfig config = ClientConfig.read(console);
      String name = config.chosen(console, connection.context);
      if (name == null) {
        throw new ClientException(
            ExitStatus.NOT_FOUND, "no context is in use: there is no login to forget");
      }
      config.with(name, config.require(name).withoutCredentials()).write(console);
      session.printer().line("logged out of context '" + name + "'");
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns whoami}. */
  @Command(
      name = "whoami",
      header = "Shows who you are to the server, and what you may do.",
      description = "Asks the server.%n",
      footer = {"  flashdns whoami", "  flashdns whoami -o json"})
  static final class Whoami extends ClientCommand {
    @Override
    int run(Session session) throws Exception {
      GetIdentityResponse answer =
          session.ask(() -> session.access().getIdentity(GetIdentityRequest.getDefaultInstance()));
      Identity identity = answer.getIdentity();
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("principal", identity.getPrincipal());
      fields.put("name", identity.getDisplayName());
      fields.put("by", ZoneText.word(identity.getMethod(), "AUTHENTICATION_METHOD_"));
      fields.put("until", ZoneText.time(identity.getExpireTime()));
      fields.put("server", session.serverName());
      String context = session.destination().contextName();
      fields.put("context", context == null ? "" : context);
      int index = 0;
      for (IdentityGrant grant : identity.getGrantsList()) {
        index++;
        String rules =
            grant.getRulesCount() == 0 ? "" : ", narrowed by " + grant.getRulesCount() + " rules";
        fields.put(
            identity.getGrantsCount() == 1 ? "role" : "role " + index,
            AccessText.role(grant.getRole()) + " of " + AccessText.scope(grant.getScope()) + rules);
      }
      session.printer().one(identity, fields, identity.getPrincipal());
      return ExitStatus.OK;
    }
  }
}
