package io.flashdns.management.client;

import io.flashdns.proto.v1.CreateNameGrantRequest;
import io.flashdns.proto.v1.CreateNameGrantResponse;
import io.flashdns.proto.v1.DeleteNameGrantRequest;
import io.flashdns.proto.v1.DeleteNameGrantResponse;
import io.flashdns.proto.v1.ListNameGrantsRequest;
import io.flashdns.proto.v1.ListNameGrantsResponse;
import io.flashdns.proto.v1.NameGrant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Names below one's zones that others may have. */
final class GrantCommands {
  private GrantCommands() {}

  /** {@code flashdns tenant grant}. */
  @Command(
      name = "grant",
      header = "Lets another project have a zone below yours.",
      description = {
        "Without it, no other organisation can have a zone at, above or below a name of yours. Add"
            + " NS records yourself.%n"
      },
      footer = {"  flashdns tenant grant shop.example.org --to bolt/shop"})
  static final class Create extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "NAME", description = "The name, at or below a zone of yours.")
    private String name = "";

    @Option(
        names = "--to",
        required = true,
        paramLabel = "ORG/PROJECT",
        description = "Who may have it. It is not looked up: mind the spelling.")
    private String to = "";

    @Option(names = "--subtree", description = "And all names below it.")
    private boolean subtree;

    @Option(names = "--view", paramLabel = "VIEW", description = "The view. Default: public.")
    private @Nullable String view;

    @Option(names = "--comment", paramLabel = "TEXT", description = "Why.")
    private @Nullable String comment;

    @Override
    int run(Session session) throws Exception {
      NameGrant.Builder grant =
          NameGrant.newBuilder()
              .setName(DomainName.absolute(name))
              .setGrantee(ZoneNames.project(to))
              .setSubtree(subtree)
              .setView(view == null ? "" : view)
              .setComment(comment == null ? "" : comment);
      CreateNameGrantRequest request =
          CreateNameGrantRequest.newBuilder()
              .setGrant(grant)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      CreateNameGrantResponse answer =
          session.ask(() -> session.tenants().createNameGrant(request));
      String id = answer.getGrant().getId();
      return Changes.tell(
          session,
          change,
          answer,
          answer.getOutcome(),
          id,
          "grant " + id + ": " + to + " may have " + grant.getName());
    }
  }

  /** {@code flashdns tenant grants}. */
  @Command(
      name = "grants",
      header = "Lists grants of names.",
      description = "Those that your projects have given or been given.%n",
      footer = {"  flashdns tenant grants"})
  static final class Listing extends ClientCommand {
    @Mixin private ListOptions list = new ListOptions();

    @Override
    int run(Session session) {
      Pages<NameGrant> grants =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListNameGrantsRequest request =
                    ListNameGrantsRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(list.filter)
                        .setOrderBy(list.order)
                        .build();
                ListNameGrantsResponse page =
                    session.ask(() -> session.tenants().listNameGrants(request));
                return new Pages.Page<>(page.getGrantsList(), page.getNextPageToken());
              });
      List<Column<NameGrant>> columns =
          List.of(
              Column.of("ID", NameGrant::getId),
              Column.wide(
                  "NAME", grant -> grant.getName() + (grant.getSubtree() ? " and all below" : "")),
              Column.of("VIEW", NameGrant::getView),
              Column.of("FROM", grant -> ZoneNames.project(grant.getGranter())),
              Column.of("TO", grant -> ZoneNames.project(grant.getGrantee())),
              Column.wide("COMMENT", NameGrant::getComment));
      session.printer().list(grants, columns, NameGrant::getId);
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns tenant ungrant}. */
  @Command(
      name = "ungrant",
      header = "Takes a grant back.",
      description = "Zones that were made by it stay; no new ones can be made.%n",
      footer = {"  flashdns tenant ungrant g-4711"})
  static final class Delete extends ClientCommand {
    @Mixin private ChangeOptions change = new ChangeOptions();

    @Parameters(paramLabel = "ID", description = "The id of the grant.")
    private String id = "";

    @Override
    int run(Session session) throws Exception {
      DeleteNameGrantRequest request =
          DeleteNameGrantRequest.newBuilder()
              .setGrant(id)
              .setValidateOnly(change.dryRun)
              .setRequestId(change.requestId())
              .build();
      DeleteNameGrantResponse answer =
          session.ask(() -> session.tenants().deleteNameGrant(request));
      return Changes.tell(
          session, change, answer, answer.getOutcome(), id, "grant " + id + " taken back");
    }
  }
}
