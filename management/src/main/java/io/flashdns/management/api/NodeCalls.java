package io.flashdns.management.api;

import io.flashdns.core.store.StoreState;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Filter;
import io.flashdns.management.message.Order;
import io.flashdns.management.message.Page;
import io.flashdns.management.message.PageTokens;
import io.flashdns.proto.v1.GetNodeRequest;
import io.flashdns.proto.v1.GetNodeResponse;
import io.flashdns.proto.v1.GetStoreRequest;
import io.flashdns.proto.v1.GetStoreResponse;
import io.flashdns.proto.v1.ListNodesRequest;
import io.flashdns.proto.v1.ListNodesResponse;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.NodeServiceGrpc.NodeServiceImplBase;
import io.flashdns.proto.v1.NodeState;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Store;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The calls of {@code NodeService}: for those who run the platform. */
final class NodeCalls extends NodeServiceImplBase {
  private static final Filter.Fields FIELDS =
      Filter.fields()
          .text("id")
          .text("version")
          .enumeration("state", NodeState.getDescriptor())
          .number("behind")
          .build();

  private final ZoneStore store;
  private final Nodes nodes;
  private final PageTokens tokens;

  NodeCalls(ZoneStore store, Nodes nodes, PageTokens tokens) {
    this.store = store;
    this.nodes = nodes;
    this.tokens = tokens;
  }

  private static void require(Call call) {
    Lookup.require(
        call.rights().mayInPlatform(Permission.PERMISSION_NODES_READ),
        Permission.PERMISSION_NODES_READ);
  }

  @Override
  public void getNode(GetNodeRequest request, StreamObserver<GetNodeResponse> caller) {
    Answers.send(
        caller,
        () -> {
          require(Call.current());
          Node self = nodes.self();
          if (request.getNode().isEmpty()) {
            return GetNodeResponse.newBuilder().setNode(self).build();
          }
          for (Node node : nodes.all()) {
            if (node.getId().equals(request.getNode())) {
              return GetNodeResponse.newBuilder().setNode(node).build();
            }
          }
          throw CallException.notFound("node", request.getNode());
        });
  }

  @Override
  public void listNodes(ListNodesRequest request, StreamObserver<ListNodesResponse> caller) {
    Answers.send(
        caller,
        () -> {
          Call call = Call.current();
          require(call);
          Filter filter = Filter.parse(request.getFilter(), FIELDS);
          Order order = Order.parse(request.getOrderBy(), new Order("id", false), "id", "behind");
          byte[] position = tokens.position(request, call.principal().name());
          String after = position == null ? "" : new String(position, StandardCharsets.UTF_8);
          Comparator<Node> byOrder = Comparator.comparing(Node::getId);
          if (order.field().equals("behind")) {
            byOrder = Comparator.comparingLong(Node::getBehind).thenComparing(Node::getId);
          }
          List<Node> all = new ArrayList<>(nodes.all());
          all.sort(order.descending() ? byOrder.reversed() : byOrder);
          Page<Node> page = new Page<>(PageTokens.pageSize(request.getPageSize()));
          ListNodesResponse.Builder answer =
              ListNodesResponse.newBuilder().setRevision(store.state().revision());
          boolean begun = after.isEmpty();
          String last = "";
          for (Node node : all) {
            if (begun && filter.matches(field -> value(node, field)) && !page.add(node)) {
              answer.setNextPageToken(
                  tokens.token(
                      request, call.principal().name(), last.getBytes(StandardCharsets.UTF_8)));
              break;
            }
            begun |= node.getId().equals(after);
            last = node.getId();
          }
          return answer.addAllNodes(page.entries()).build();
        });
  }

  private static @Nullable Object value(Node node, String field) {
    return switch (field) {
      case "id" -> node.getId();
      case "version" -> node.getVersion();
      case "state" -> node.getStateValue();
      case "behind" -> node.getBehind();
      default -> null;
    };
  }

  @Override
  public void getStore(GetStoreRequest request, StreamObserver<GetStoreResponse> caller) {
    Answers.send(
        caller,
        () -> {
          require(Call.current());
          StoreState state = store.state();
          return GetStoreResponse.newBuilder()
              .setStore(
                  Store.newBuilder()
                      .setRevision(state.revision())
                      .setCompactedRevision(state.compactedRevision())
                      .setZones(state.zones())
                      .setHistoryBytes(state.historyBytes())
                      .setReadOnlyReason(state.readOnlyReason()))
              .build();
        });
  }
}
