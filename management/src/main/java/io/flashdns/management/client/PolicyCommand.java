package io.flashdns.management.client;

import com.google.protobuf.FieldMask;
import io.flashdns.proto.v1.CreatePolicyRequest;
import io.flashdns.proto.v1.CreatePolicyResponse;
import io.flashdns.proto.v1.DeletePolicyRequest;
import io.flashdns.proto.v1.DeletePolicyResponse;
import io.flashdns.proto.v1.GetPolicyRequest;
import io.flashdns.proto.v1.ListPoliciesRequest;
import io.flashdns.proto.v1.ListPoliciesResponse;
import io.flashdns.proto.v1.Policy;
import io.flashdns.proto.v1.UpdatePolicyRequest;
import io.flashdns.proto.v1.UpdatePolicyResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns policy}. */
@Command(
    name = "policy",
    header = "Policies: who has which role where.",
    description = "What no policy gives is denied.%n",
    footer = {
      "  flashdns policy create 'oidc:https://id.example.org#alice' --scope acme --role admin",
      "  flashdns policy list",
    },
    subcommands = {
      PolicyCommand.Create.class,
      PolicyCommand.Listing.class,
      PolicyCommand.Get.class,
      PolicyCommand.Update.class,
      PolicyCommand.Delete.class
    })
final class PolicyCommand {
  private PolicyCommand() {}

  /** {@code flashdns policy create}. */
  @Command(
      name = "create",
      header = "Gives a principal a role.",
      description = {
        "Principals are oidc:ISSUER#SUBJECT, group:ISSUER#GROUP, and mtls:URI:NAME, mtls:DNS:NAME"
            + " or mtls:EMAIL:NAME. Nobody can give more than he has.%n"
      },
      footer = {
        "  flashdns policy create 'oidc:https://id.example.org#alice' --scope acme/web --role"
            + " editor",
        "  flashdns policy create 'group:https://id.example.org#dns' --scope platform --role admin",
      })
  static final class Create extends ClientCommand {
    @Mixin private AccessOptions rule = new AccessOptions();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "PRINCIPAL", description = "Who.")
    private String principal = "";

    @Option(
        names = {"--scope", "--project"},
        paramLabel = "SCOPE",
        description = "Where: ORG/PROJECT, ORG or platform. Default: the only scope you have.")
    private @Nullable String scope;

    @Option(
        names = "--role",
        required = true,
        paramLabel = "ROLE",
        description = "viewer, editor, owner, admin or auditor.")
    private String role = "";

    @Option(names = "--comment", paramLabel = "TEXT", description = "Why.")
    private @Nullable String comment;

    @Option(
        names = "--expires",
        paramLabel = "TIME",
        description = "When it ends: 30d from now, or 2026-12-31. Default: never.")
    private @Nullable String expires;

    @Override
    int run(Session session) throws Exception {
      Policy.Builder policy =
          Policy.newBuilder().setPrincipal(principal).setRole(AccessText.role(role));
      rule.rule().ifPresent(policy::addRules);
      if (comment != null) {
        policy.setComment(comment);
      }
      if (expires != null) {
        policy.setExpireTime(AccessText.timestamp(Filters.ahead(expires)));
      }
      policy.setScope(AccessOptions.scope(session, scope));
      CreatePolicyRequest request =
          CreatePolicyRequest.newBuilder()
              .setPolicy(policy)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      CreatePolicyResponse answer = session.ask(() -> session.access().createPolicy(request));
      return Changes.tell(
          session,
          change,
          answer,
          answer.getOutcome(),
          answer.getPolicy().getId(),
          "policy " + answer.getPolicy().getId() + " made: " + line(answer.getPolicy()));
    }

    @Override
    String argumentOf(String path) {
      return path.equals("policy.principal") ? "PRINCIPAL" : "";
    }
  }

  /** {@code flashdns policy list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists policies.",
      description = "Those that you may see.%n",
      footer = {"  flashdns policy list --filter 'role = admin'"})
  static final class Listing extends ClientCommand {
    @Mixin private ListOptions list = new ListOptions();

    @Override
    int run(Session session) {
      Pages<Policy> policies =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListPoliciesRequest request =
                    ListPoliciesRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(list.filter)
                        .setOrderBy(list.order)
                        .build();
                ListPoliciesResponse page =
                    session.ask(() -> session.access().listPolicies(request));
                return new Pages.Page<>(page.getPoliciesList(), page.getNextPageToken());
              });
      List<Column<Policy>> columns =
          List.of(
              Column.of("ID", Policy::getId),
              Column.wide("PRINCIPAL", Policy::getPrincipal),
              Column.of("SCOPE", policy -> AccessText.scope(policy.getScope())),
              Column.of("ROLE", policy -> AccessText.role(policy.getRole())),
              Column.of("ENDS", policy -> ZoneText.time(policy.getExpireTime())),
              Column.wide("ONLY", policy -> AccessText.rules(policy.getRulesList())),
              Column.wide("COMMENT", Policy::getComment));
      session.printer().list(policies, columns, Policy::getId);
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns policy get}. */
  @Command(
      name = "get",
      aliases = "show",
      header = "Shows a policy.",
      description = "One policy.%n",
      footer = {"  flashdns policy get p-4711 -o yaml"})
  static final class Get extends ClientCommand {
    @Parameters(paramLabel = "ID", description = "The id of the policy.")
    private String id = "";

    @Override
    int run(Session session) throws Exception {
      GetPolicyRequest request = GetPolicyRequest.newBuilder().setPolicy(id).build();
      Policy policy = session.ask(() -> session.access().getPolicy(request)).getPolicy();
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("id", policy.getId());
      fields.put("principal", policy.getPrincipal());
      fields.put("scope", AccessText.scope(policy.getScope()));
      fields.put("role", AccessText.role(policy.getRole()));
      fields.put("only", AccessText.rules(policy.getRulesList()));
      fields.put("comment", policy.getComment());
      fields.put("ends", ZoneText.time(policy.getExpireTime()));
      fields.put("made", ZoneText.time(policy.getCreateTime()));
      fields.put("etag", policy.getEtag());
      session.printer().one(policy, fields, policy.getId());
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns policy update}. */
  @Command(
      name = "update",
      aliases = "set",
      header = "Changes a policy.",
      description = "What is given takes the place of what was there.%n",
      footer = {"  flashdns policy update p-4711 --role viewer"})
  static final class Update extends ClientCommand {
    @Mixin private AccessOptions rule = new AccessOptions();
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the policy.")
    private String id = "";

    @Option(names = "--role", paramLabel = "ROLE", description = "Another role.")
    private @Nullable String role;

    @Option(names = "--comment", paramLabel = "TEXT", description = "Why.")
    private @Nullable String comment;

    @Option(names = "--expires", paramLabel = "TIME", description = "When it ends.")
    private @Nullable String expires;

    @Override
    int run(Session session) throws Exception {
      Policy.Builder policy = Policy.newBuilder().setId(id);
      FieldMask.Builder mask = FieldMask.newBuilder();
      if (role != null) {
        policy.setRole(AccessText.role(role));
        mask.addPaths("role");
      }
      if (comment != null) {
        policy.setComment(comment);
        mask.addPaths("comment");
      }
      if (expires != null) {
        policy.setExpireTime(AccessText.timestamp(Filters.ahead(expires)));
        mask.addPaths("expire_time");
      }
      rule.rule()
          .ifPresent(
              narrowed -> {
                policy.addRules(narrowed);
                mask.addPaths("rules");
              });
      if (mask.getPathsCount() == 0) {
        throw ClientException.usage("what is to be changed? See --help");
      }
      UpdatePolicyRequest request =
          UpdatePolicyRequest.newBuilder()
              .setPolicy(policy)
              .setUpdateMask(mask)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      UpdatePolicyResponse answer = session.ask(() -> session.access().updatePolicy(request));
      return Changes.tell(
          session, change, answer, answer.getOutcome(), id, "policy " + id + " changed");
    }
  }

  /** {@code flashdns policy delete}. */
  @Command(
      name = "delete",
      aliases = "rm",
      header = "Takes a policy away.",
      description = "Asks first. Holds from the next call on.%n",
      footer = {"  flashdns policy delete p-4711"})
  static final class Delete extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the policy.")
    private String id = "";

    @Override
    int run(Session session) throws Exception {
      if (!change.dryRun) {
        Confirmation.ask(session, change, "take policy " + id + " away?");
      }
      DeletePolicyRequest request =
          DeletePolicyRequest.newBuilder()
              .setPolicy(id)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      DeletePolicyResponse answer = session.ask(() -> session.access().deletePolicy(request));
      return Changes.tell(
          session, change, answer, answer.getOutcome(), id, "policy " + id + " taken away");
    }
  }

  private static String line(Policy policy) {
    return policy.getPrincipal()
        + " is "
        + AccessText.role(policy.getRole())
        + " of "
        + AccessText.scope(policy.getScope());
  }
}
