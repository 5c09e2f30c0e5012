package io.flashdns.management.client;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateTokenResponse;
import io.flashdns.proto.v1.DeleteTokenRequest;
import io.flashdns.proto.v1.DeleteTokenResponse;
import io.flashdns.proto.v1.GetTokenRequest;
import io.flashdns.proto.v1.ListTokensRequest;
import io.flashdns.proto.v1.ListTokensResponse;
import io.flashdns.proto.v1.RotateTokenRequest;
import io.flashdns.proto.v1.RotateTokenResponse;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.TokenPreset;
import io.flashdns.proto.v1.UpdateTokenRequest;
import io.flashdns.proto.v1.UpdateTokenResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns token}. */
@Command(
    name = "token",
    header = "API tokens: secrets for programs.",
    description =
        "A token has a role in a scope, and may be narrowed to zones, names, types, networks.%n",
    footer = {
      "  flashdns token create certbot --scope acme/web --preset acme --zone example.org",
      "  flashdns token list",
    },
    subcommands = {
      TokenCommand.Create.class,
      TokenCommand.Listing.class,
      TokenCommand.Get.class,
      TokenCommand.Update.class,
      TokenCommand.Rotate.class,
      TokenCommand.Delete.class
    })
final class TokenCommand {
  private static final String DEFAULT_ROLE = "editor";

  private TokenCommand() {}

  /** What a token may be narrowed by, beside its rule. */
  static final class Limits {
    @Option(
        names = "--network",
        paramLabel = "NETWORK",
        description = "Only from this network, such as 192.0.2.0/24; may be repeated.")
    List<String> networks = new ArrayList<>();

    @Option(
        names = "--expires",
        paramLabel = "TIME",
        description = "When it ends: 30d from now, or 2026-12-31. A new one: after 90 days.")
    @Nullable String expires;

    @Option(
        names = "--max-unused",
        paramLabel = "TIME",
        converter = TimeText.class,
        description = "End it when it was not used for so long, at least 1h.")
    java.time.@Nullable Duration maxUnused;

    @Mixin AccessOptions rule = new AccessOptions();

    /** Sets what is given, and says what that was. */
    FieldMask.Builder set(Token.Builder token) throws ClientException {
      FieldMask.Builder mask = FieldMask.newBuilder();
      if (!networks.isEmpty()) {
        token.addAllSourceNetworks(networks);
        mask.addPaths("source_networks");
      }
      if (expires != null) {
        token.setExpireTime(AccessText.timestamp(Filters.ahead(expires)));
        mask.addPaths("expire_time");
      }
      if (maxUnused != null) {
        token.setMaxUnused(Duration.newBuilder().setSeconds(maxUnused.toSeconds()));
        mask.addPaths("max_unused");
      }
      rule.rule()
          .ifPresent(
              narrowed -> {
                token.addRules(narrowed);
                mask.addPaths("rules");
              });
      return mask;
    }
  }

  /** {@code flashdns token create}. */
  @Command(
      name = "create",
      header = "Makes a token.",
      description = {
        "Its secret is printed this once; the server keeps a hash of it. With --quiet the secret"
            + " alone is printed.%n"
      },
      footer = {
        "  flashdns token create deploy --scope acme/web --role editor --network 192.0.2.0/24",
        "  flashdns token create certbot --scope acme/web --preset acme --zone example.org",
        "  flashdns token create ci --scope acme/web -q > token.txt",
      })
  static final class Create extends ClientCommand {
    @Mixin private Limits limits = new Limits();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "NAME", description = "What it is for, for people.")
    private String name = "";

    @Option(
        names = {"--scope", "--project"},
        paramLabel = "SCOPE",
        description =
            "Where it holds: ORG/PROJECT, ORG or platform. Default: the only scope you have.")
    private @Nullable String scope;

    @Option(
        names = "--role",
        paramLabel = "ROLE",
        description = "viewer, editor, owner, admin or auditor. Default: editor.")
    private @Nullable String role;

    @Option(
        names = "--preset",
        paramLabel = "PRESET",
        description =
            "acme: may add and remove TXT data at _acme-challenge names, and nothing else.")
    private @Nullable String preset;

    @Override
    int run(Session session) throws Exception {
      Token.Builder token = Token.newBuilder().setDisplayName(name);
      limits.set(token);
      CreateTokenRequest.Builder request =
          CreateTokenRequest.newBuilder()
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId());
      if (preset == null) {
        token.setRole(AccessText.role(role == null ? DEFAULT_ROLE : role));
      } else if (preset.equals("acme") && role == null) {
        request.setPreset(TokenPreset.TOKEN_PRESET_ACME_CHALLENGE);
      } else {
        throw ClientException.usage(
            role == null
                ? "--preset: acme is the only one, not '" + preset + "'"
                : "--preset sets the role: leave out --role");
      }
      token.setScope(AccessOptions.scope(session, scope));
      request.setToken(token);
      CreateTokenResponse answer = session.ask(() -> session.access().createToken(request.build()));
      Token made = answer.getToken();
      int status =
          Changes.tell(
              session,
              change,
              answer,
              answer.getOutcome(),
              made.getId(),
              "token '" + made.getDisplayName() + "' made, ends " + until(made));
      secret(session, change, made.getId(), answer.getSecret());
      return status;
    }
  }

  /** {@code flashdns token list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists tokens.",
      description = "Without their secrets, which nobody has.%n",
      footer = {"  flashdns token list --order expire_time"})
  static final class Listing extends ClientCommand {
    @Mixin private ListOptions list = new ListOptions();

    @Override
    int run(Session session) {
      Pages<Token> tokens =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListTokensRequest request =
                    ListTokensRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(list.filter)
                        .setOrderBy(list.order)
                        .build();
                ListTokensResponse page = session.ask(() -> session.access().listTokens(request));
                return new Pages.Page<>(page.getTokensList(), page.getNextPageToken());
              });
      List<Column<Token>> columns =
          List.of(
              Column.of("ID", Token::getId),
              Column.wide("NAME", Token::getDisplayName),
              Column.of("SCOPE", token -> AccessText.scope(token.getScope())),
              Column.of("ROLE", token -> AccessText.role(token.getRole())),
              Column.of("ENDS", TokenCommand::until),
              Column.of("USED", token -> ZoneText.time(token.getUseTime())),
              Column.wide("ONLY", token -> AccessText.rules(token.getRulesList())));
      session.printer().list(tokens, columns, Token::getId);
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns token get}. */
  @Command(
      name = "get",
      aliases = "show",
      header = "Shows a token.",
      description = "Without its secret.%n",
      footer = {"  flashdns token get tk-4711"})
  static final class Get extends ClientCommand {
    @Parameters(paramLabel = "ID", description = "The id of the token.")
    private String id = "";

    @Override
    int run(Session session) throws Exception {
      GetTokenRequest request = GetTokenRequest.newBuilder().setToken(id).build();
      Token token = session.ask(() -> session.access().getToken(request)).getToken();
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("id", token.getId());
      fields.put("name", token.getDisplayName());
      fields.put("scope", AccessText.scope(token.getScope()));
      fields.put("role", AccessText.role(token.getRole()));
      fields.put("only", AccessText.rules(token.getRulesList()));
      fields.put("networks", String.join(", ", token.getSourceNetworksList()));
      fields.put("ends", until(token));
      fields.put("used", ZoneText.time(token.getUseTime()));
      fields.put("made", ZoneText.time(token.getCreateTime()));
      fields.put("made by", token.getCreator());
      fields.put("etag", token.getEtag());
      session.printer().one(token, fields, token.getId());
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns token update}. */
  @Command(
      name = "update",
      aliases = "set",
      header = "Changes a token.",
      description = "What is given takes the place of what was there; the secret stays.%n",
      footer = {"  flashdns token update tk-4711 --expires 30d --network 192.0.2.0/24"})
  static final class Update extends ClientCommand {
    @Mixin private Limits limits = new Limits();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the token.")
    private String id = "";

    @Option(names = "--display-name", paramLabel = "TEXT", description = "What it is for.")
    private @Nullable String displayName;

    @Option(names = "--role", paramLabel = "ROLE", description = "Another role.")
    private @Nullable String role;

    @Override
    int run(Session session) throws Exception {
      Token.Builder token = Token.newBuilder().setId(id);
      FieldMask.Builder mask = limits.set(token);
      if (displayName != null) {
        token.setDisplayName(displayName);
        mask.addPaths("display_name");
      }
      if (role != null) {
        token.setRole(AccessText.role(role));
        mask.addPaths("role");
      }
      if (mask.getPathsCount() == 0) {
        throw ClientException.usage("what is to be changed? See --help");
      }
      UpdateTokenRequest request =
          UpdateTokenRequest.newBuilder()
              .setToken(token)
              .setUpdateMask(mask)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      UpdateTokenResponse answer = session.ask(() -> session.access().updateToken(request));
      return Changes.tell(
          session, change, answer, answer.getOutcome(), id, "token " + id + " changed");
    }
  }

  /** {@code flashdns token rotate}. */
  @Command(
      name = "rotate",
      header = "Gives a token another secret.",
      description = "The former one ends at once, or goes on for --overlap.%n",
      footer = {"  flashdns token rotate tk-4711 --overlap 1h -q > token.txt"})
  static final class Rotate extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the token.")
    private String id = "";

    @Option(
        names = "--overlap",
        paramLabel = "TIME",
        converter = TimeText.class,
        description = "How long the former secret goes on, up to 7d. Default: not at all.")
    private java.time.@Nullable Duration overlap;

    @Option(
        names = "--expires",
        paramLabel = "TIME",
        description = "When the token ends from now on.")
    private @Nullable String expires;

    @Override
    int run(Session session) throws Exception {
      RotateTokenRequest.Builder request =
          RotateTokenRequest.newBuilder()
              .setToken(id)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId());
      if (overlap != null) {
        request.setOverlap(Duration.newBuilder().setSeconds(overlap.toSeconds()));
      }
      if (expires != null) {
        request.setExpireTime(AccessText.timestamp(Filters.ahead(expires)));
      }
      RotateTokenResponse answer = session.ask(() -> session.access().rotateToken(request.build()));
      int status =
          Changes.tell(
              session,
              change,
              answer,
              answer.getOutcome(),
              id,
              "token " + id + " has a new secret");
      secret(session, change, id, answer.getSecret());
      return status;
    }
  }

  /** {@code flashdns token delete}. */
  @Command(
      name = "delete",
      aliases = {"revoke", "rm"},
      header = "Revokes a token, at once.",
      description = "Asks first.%n",
      footer = {"  flashdns token delete tk-4711"})
  static final class Delete extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the token.")
    private String id = "";

    @Override
    int run(Session session) throws Exception {
      if (!change.dryRun) {
        Confirmation.ask(session, change, "revoke token " + id + "?");
      }
      DeleteTokenRequest request =
          DeleteTokenRequest.newBuilder()
              .setToken(id)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      DeleteTokenResponse answer = session.ask(() -> session.access().deleteToken(request));
      return Changes.tell(
          session, change, answer, answer.getOutcome(), id, "token " + id + " revoked");
    }
  }

  private static String until(Token token) {
    return token.hasExpireTime() ? ZoneText.time(token.getExpireTime()) : "never";
  }

  private static void secret(Session session, ChangeOptions change, String id, String secret) {
    Printer printer = session.printer();
    if (change.dryRun || printer.form() != OutputForm.table) {
      return;
    }
    if (printer.isQuiet()) {
      printer.out().println(secret);
    } else {
      printer.out().println("id      " + id);
      printer.out().println("secret  " + (secret.isEmpty() ? "was shown before" : secret));
    }
  }
}
