package io.flashdns.management.client;

import com.google.protobuf.Duration;
import io.flashdns.proto.v1.GetNodeRequest;
import io.flashdns.proto.v1.GetStoreRequest;
import io.flashdns.proto.v1.ListNodesRequest;
import io.flashdns.proto.v1.ListNodesResponse;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.Store;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code flashdns node}. */
@Command(
    name = "node",
    header = "Nodes: who serves the zones, and how far each is.",
    description = "For operators of the platform.%n",
    footer = {"  flashdns node list", "  flashdns node store"},
    subcommands = {NodeCommand.Listing.class, NodeCommand.Get.class, NodeCommand.OfStore.class})
final class NodeCommand {
  private NodeCommand() {}

  /** {@code flashdns node list}. */
  @Command(
      name = "list",
      aliases = "ls",
      header = "Lists the nodes.",
      description = "Those that were heard of within the last day.%n",
      footer = {"  flashdns node list", "  flashdns node list --filter 'behind > 0'"})
  static final class Listing extends ClientCommand {
    @Mixin private ListOptions list = new ListOptions();

    @Override
    int run(Session session) {
      Pages<Node> nodes =
          new Pages<>(
              list.limit,
              (size, token) -> {
                ListNodesRequest request =
                    ListNodesRequest.newBuilder()
                        .setPageSize(size)
                        .setPageToken(token)
                        .setFilter(list.filter)
                        .setOrderBy(list.order)
                        .build();
                ListNodesResponse page = session.ask(() -> session.nodes().listNodes(request));
                return new Pages.Page<>(page.getNodesList(), page.getNextPageToken());
              });
      List<Column<Node>> columns =
          List.of(
              Column.of("NODE", Node::getId),
              Column.of("STATE", NodeCommand::state),
              Column.number("REVISION", node -> Long.toUnsignedString(node.getServedRevision())),
              Column.number("BEHIND", node -> Long.toUnsignedString(node.getBehind())),
              Column.number("LAG", node -> lag(node.getLag())),
              Column.number("ZONES", node -> Long.toUnsignedString(node.getZones())),
              Column.of("VERSION", Node::getVersion),
              Column.of("SEEN", node -> ZoneText.time(node.getSeenTime())));
      session.printer().list(nodes, columns, Node::getId);
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns node get}. */
  @Command(
      name = "get",
      aliases = "show",
      header = "Shows a node.",
      description = "Without an id: the node that is asked.%n",
      footer = {"  flashdns node get", "  flashdns node get ns1"})
  static final class Get extends ClientCommand {
    @Parameters(arity = "0..1", paramLabel = "ID", description = "The id of the node.")
    private String id = "";

    @Override
    int run(Session session) throws Exception {
      GetNodeRequest request = GetNodeRequest.newBuilder().setNode(id).build();
      Node node = session.ask(() -> session.nodes().getNode(request)).getNode();
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("node", node.getId());
      fields.put("state", state(node));
      fields.put("revision", Long.toUnsignedString(node.getServedRevision()));
      fields.put(
          "behind", Long.toUnsignedString(node.getBehind()) + " revisions, " + lag(node.getLag()));
      fields.put("zones", Long.toUnsignedString(node.getZones()));
      if (!node.getStanding().isEmpty()) {
        fields.put(
            "copy",
            "group "
                + Long.toUnsignedString(node.getPosition())
                + ", stands at "
                + node.getStanding());
      }
      fields.put("version", node.getVersion());
      fields.put("started", ZoneText.time(node.getStartTime()));
      fields.put("seen", ZoneText.time(node.getSeenTime()));
      session.printer().one(node, fields, node.getId());
      return ExitStatus.OK;
    }
  }

  /** {@code flashdns node store}. */
  @Command(
      name = "store",
      header = "Shows how the store does.",
      description = "As the node that is asked sees it.%n",
      footer = {"  flashdns node store"})
  static final class OfStore extends ClientCommand {
    @Override
    int run(Session session) throws Exception {
      Store store =
          session
              .ask(() -> session.nodes().getStore(GetStoreRequest.getDefaultInstance()))
              .getStore();
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("revision", Long.toUnsignedString(store.getRevision()));
      fields.put("zones", Long.toUnsignedString(store.getZones()));
      fields.put(
          "history",
          (store.getHistoryBytes() >> 10)
              + " KiB, from revision "
              + Long.toUnsignedString(store.getCompactedRevision() + 1));
      fields.put(
          "changes",
          store.getReadOnlyReason().isEmpty()
              ? "taken"
              : "not taken: " + store.getReadOnlyReason());
      session.printer().one(store, fields, Long.toUnsignedString(store.getRevision()));
      return ExitStatus.OK;
    }
  }

  private static String state(Node node) {
    return ZoneText.word(node.getState(), "NODE_STATE_");
  }

  private static String lag(Duration lag) {
    return TimeText.format(java.time.Duration.ofSeconds(lag.getSeconds(), lag.getNanos()));
  }
}
