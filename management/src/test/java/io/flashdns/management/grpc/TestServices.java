package io.flashdns.management.grpc;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.api.Call;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.ChangeServiceGrpc;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.CreateZoneResponse;
import io.flashdns.proto.v1.ExportZoneRequest;
import io.flashdns.proto.v1.ExportZoneResponse;
import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.GetZoneResponse;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneResponse;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Services whose zones have names that say how they behave. */
final class TestServices {
  /** Calls that have reached a service. */
  final AtomicInteger reached = new AtomicInteger();

  /** Released for each read or watch that has begun to wait. */
  final Semaphore waiting = new Semaphore(0);

  /** Released for each read or watch that was woken by the end of its call. */
  final Semaphore woken = new Semaphore(0);

  /** Holds up {@code held.} until it is counted down. */
  final CountDownLatch release = new CountDownLatch(1);

  final Zones zones = new Zones();
  final RecordServiceGrpc.RecordServiceImplBase records =
      new RecordServiceGrpc.RecordServiceImplBase() {};
  final Changes changes = new Changes();

  private void behave(String apex) {
    switch (apex) {
      case "missing." -> throw CallException.notFound("zone", apex);
      case "broken." -> throw new IllegalStateException("secret inside");
      case "denied." ->
          throw CallException.of(Code.PERMISSION_DENIED, "you may see it, but not change it");
      case "away." ->
          throw new IllegalStateException(new StoreException.Unavailable("the disk is full"));
      case "wrong." -> {
        BadRequest.Builder wrong = BadRequest.newBuilder();
        for (int i = 0; i < 1_000; i++) {
          wrong.addFieldViolations(
              BadRequest.FieldViolation.newBuilder()
                  .setField("records[" + i + "].name")
                  .setDescription("is not at or below the apex: write it with a dot at its end"));
        }
        throw CallException.of(Code.INVALID_ARGUMENT, "1000 fields are wrong", wrong.build());
      }
      case "slow." -> sleep();
      case "held." -> {
        waiting.release();
        try {
          release.await();
        } catch (InterruptedException e) {
          woken.release();
          Thread.currentThread().interrupt();
        }
      }
      case "deep." -> recurse(0);
      default -> {
        // A zone like any other.
      }
    }
  }

  @SuppressWarnings("InfiniteRecursion") // As deep as it goes is the point.
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  private void sleep() {
    waiting.release();
    try {
      TimeUnit.MINUTES.sleep(1);
    } catch (InterruptedException e) {
      woken.release();
      Thread.currentThread().interrupt();
    }
  }

  /** Zones. */
  final class Zones extends ZoneServiceGrpc.ZoneServiceImplBase {
    @Override
    public void getZone(GetZoneRequest request, StreamObserver<GetZoneResponse> observer) {
      reached.incrementAndGet();
      String apex = request.getZone().getName().getApex();
      behave(apex);
      observer.onNext(
          GetZoneResponse.newBuilder()
              .setZone(
                  Zone.newBuilder()
                      .setName(ZoneName.newBuilder().setApex(apex))
                      .setComment("read by " + Call.current().principal().name())
                      .setRevision(7))
              .setRevision(1L << 60)
              .build());
      observer.onCompleted();
    }

    @Override
    public void createZone(CreateZoneRequest request, StreamObserver<CreateZoneResponse> observer) {
      reached.incrementAndGet();
      behave(request.getZone().getName().getApex());
      if (request.getZone().getName().getApex().equals("journaled.")) {
        journaled(Call.current());
      }
      observer.onNext(CreateZoneResponse.newBuilder().setZone(request.getZone()).build());
      observer.onCompleted();
    }

    /** What the committer does. */
    private static void journaled(Call call) {
      try {
        var method = Call.class.getDeclaredMethod("journaled");
        method.setAccessible(true);
        method.invoke(call);
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public StreamObserver<ImportZoneRequest> importZone(
        StreamObserver<ImportZoneResponse> observer) {
      reached.incrementAndGet();
      return new StreamObserver<>() {
        private long octets;

        @Override
        public void onNext(ImportZoneRequest request) {
          octets += request.getSerializedSize();
          observer.onNext(ImportZoneResponse.getDefaultInstance());
        }

        @Override
        public void onError(Throwable fault) {
          woken.release();
        }

        @Override
        public void onCompleted() {
          if (octets == 0) {
            throw CallException.invalid("start", "the first message must have it");
          }
          observer.onCompleted();
        }
      };
    }

    @Override
    public void exportZone(ExportZoneRequest request, StreamObserver<ExportZoneResponse> observer) {
      reached.incrementAndGet();
      for (int i = 0; i < 100; i++) {
        observer.onNext(
            ExportZoneResponse.newBuilder().setChunk(ByteString.copyFrom(new byte[1024])).build());
      }
      observer.onCompleted();
    }
  }

  /** Changes that never come. */
  final class Changes extends ChangeServiceGrpc.ChangeServiceImplBase {
    @Override
    public void watchChanges(
        WatchChangesRequest request, StreamObserver<WatchChangesResponse> observer) {
      reached.incrementAndGet();
      observer.onNext(WatchChangesResponse.getDefaultInstance());
      waiting.release();
      try {
        while (!Context.current().isCancelled()) {
          TimeUnit.MINUTES.sleep(1);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      woken.release();
    }
  }
}
