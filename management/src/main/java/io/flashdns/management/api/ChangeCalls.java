package io.flashdns.management.api;

import com.google.protobuf.util.Durations;
import com.google.rpc.Code;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.ChangeServiceGrpc.ChangeServiceImplBase;
import io.flashdns.proto.v1.ChangeState;
import io.flashdns.proto.v1.ChangeStatus;
import io.flashdns.proto.v1.GetChangeRequest;
import io.flashdns.proto.v1.GetChangeResponse;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.WaitForChangeRequest;
import io.flashdns.proto.v1.WaitForChangeResponse;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.grpc.stub.StreamObserver;
import java.time.Duration;

/** The calls of {@code ChangeService}. */
final class ChangeCalls extends ChangeServiceImplBase {
  private static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final ZoneStore store;
  private final HistoryReads history;
  private final Nodes nodes;
  private final ChangeStreams streams;

  ChangeCalls(ZoneStore store, HistoryReads history, Nodes nodes, ChangeStreams streams) {
    this.store = store;
    this.history = history;
    this.nodes = nodes;
    this.streams = streams;
  }

  @Override
  public void getChange(GetChangeRequest request, StreamObserver<GetChangeResponse> caller) {
    Answers.send(
        caller,
        () -> {
          StoreEvent event = history.event(request.getRevision());
          Change.Builder change =
              HistoryReads.change(
                  Call.current().rights(), event, Permission.PERMISSION_CHANGES_READ, true);
          if (change == null) {
            throw HistoryReads.notFound(request.getRevision());
          }
          return GetChangeResponse.newBuilder()
              .setChange(change.setStatus(status(event.revision())))
              .build();
        });
  }

  @Override
  public void waitForChange(
      WaitForChangeRequest request, StreamObserver<WaitForChangeResponse> caller) {
    Answers.send(caller, () -> await(Call.current(), request));
  }

  private WaitForChangeResponse await(Call call, WaitForChangeRequest request)
      throws StoreException, InterruptedException {
    Duration timeout =
        request.hasTimeout()
            ? Duration.ofNanos(Durations.toNanos(request.getTimeout()))
            : DEFAULT_WAIT;
    if (timeout.isNegative() || timeout.compareTo(LONGEST_WAIT) > 0) {
      throw CallException.invalid("timeout", "wait 0 seconds to 5 minutes");
    }
    long revision = request.getRevision();
    if (revision == 0) {
      revision = store.state().revision();
    }
    Revisions.require(store, revision);
    var _ = nodes.awaitServed(revision, timeout);
    ChangeStatus status = status(revision);
    WaitForChangeResponse.Builder answer =
        WaitForChangeResponse.newBuilder().setStatus(status).setRevision(revision);
    if (status.getState() != ChangeState.CHANGE_STATE_IN_SYNC
        && call.rights().mayInPlatform(Permission.PERMISSION_NODES_READ)) {
      for (Node node : nodes.counted()) {
        if (node.getServedRevision() < revision) {
          answer.addLagging(node);
        }
      }
    }
    return answer.build();
  }

  private ChangeStatus status(long revision) {
    ChangeStatus.Builder status = ChangeStatus.newBuilder();
    int living = 0;
    int served = 0;
    for (Node node : nodes.counted()) {
      living++;
      served += node.getServedRevision() >= revision ? 1 : 0;
    }
    long everywhere = nodes.servedEverywhere();
    return status
        .setNodes(living)
        .setNodesInSync(served)
        .setServedRevision(everywhere)
        .setState(
            everywhere >= revision
                ? ChangeState.CHANGE_STATE_IN_SYNC
                : ChangeState.CHANGE_STATE_PENDING)
        .build();
  }

  @Override
  public void watchChanges(
      WatchChangesRequest request, StreamObserver<WatchChangesResponse> caller) {
    try {
      streams.follow(Call.current(), request, caller);
    } catch (StoreException.Compacted e) {
      throw CallException.of(
          Code.OUT_OF_RANGE,
          e.getMessage() + "; then watch from its revision",
          CallException.reason("COMPACTED"));
    } catch (StoreException e) {
      throw io.flashdns.management.message.StoreProblems.of(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw Answers.cancelled();
    }
  }
}
