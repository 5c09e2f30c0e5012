package io.flashdns.management.api;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.ZoneFileWriter;
import io.flashdns.proto.v1.ExportZoneRequest;
import io.flashdns.proto.v1.ExportZoneResponse;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneResponse;
import io.flashdns.proto.v1.Permission;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Zones as zone files, in and out, in chunks. */
final class ZoneFiles {
  private final ZoneStore store;
  private final Committer committer;
  private final ZoneChanges zones;
  private final ZoneLook look;
  private final NameHash hash;
  private final ZoneFileLimits limits;

  ZoneFiles(ZoneStore store, Committer committer, ZoneChanges zones, ZoneLook look, NameHash hash) {
    this.store = store;
    this.committer = committer;
    this.zones = zones;
    this.look = look;
    this.hash = hash;
    this.limits = new ZoneFileLimits(false, 0, 65_536, 65_536, 256L << 20, 100_000);
  }

  /** Takes the parts of a file. */
  StreamObserver<ImportZoneRequest> take(Call call, StreamObserver<ImportZoneResponse> caller) {
    return new ZoneImport(call, caller, store, committer, zones, look, hash, limits);
  }

  /** Sends a zone as fast as its reader takes it. */
  void send(Call call, ExportZoneRequest request, StreamObserver<ExportZoneResponse> caller)
      throws StoreException, InterruptedException {
    Paced<ExportZoneResponse> paced =
        new Paced<>((ServerCallStreamObserver<ExportZoneResponse>) caller);
    try (StoreSnapshot snapshot = Revisions.open(store, request.getAtRevision())) {
      StoredZone zone =
          Lookup.zone(
              snapshot,
              call.rights(),
              request.getZone(),
              "zone",
              Permission.PERMISSION_RECORDS_READ);
      DomainName apex = zone.settings().key().apex();
      StoredRRset soa = ZoneWork.rrset(snapshot, zone, apex, RecordType.SOA);
      if (soa == null) {
        throw CallException.of(Code.DATA_LOSS, "zone " + apex + " has no SOA: restore a backup");
      }
      ExportZoneResponse head =
          ExportZoneResponse.newBuilder()
              .setRevision(snapshot.revision())
              .setSerial((int) zone.serial())
              .build();
      write(
          snapshot,
          zone,
          soa.rrset(),
          chunk -> paced.send(head.toBuilder().setChunk(chunk).build()));
    } catch (Gone _) {
      throw Answers.cancelled();
    }
    caller.onCompleted();
  }

  private static void write(
      ContentView view, StoredZone zone, RRset soa, java.util.function.Consumer<ByteString> chunks)
      throws StoreException {
    ZoneFileWriter writer = new ZoneFileWriter(zone.settings().key().apex(), soa, chunks);
    try (ContentView.ContentReader reader = view.content(zone.id(), null)) {
      for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
        writer.add(block);
      }
    }
    writer.end();
  }

  /** The reader of a stream has gone. */
  private static final class Gone extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Gone() {
      super(null, null, false, false);
    }
  }

  /** Sends messages no faster than they are read. */
  private static final class Paced<T> {
    private final ServerCallStreamObserver<T> caller;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ready = lock.newCondition();

    Paced(ServerCallStreamObserver<T> caller) {
      this.caller = caller;
      caller.setOnReadyHandler(this::wake);
      caller.setOnCancelHandler(this::wake);
    }

    private void wake() {
      lock.lock();
      try {
        ready.signalAll();
      } finally {
        lock.unlock();
      }
    }

    void send(T message) {
      lock.lock();
      try {
        while (!caller.isReady()) {
          if (caller.isCancelled() || Context.current().isCancelled()) {
            throw new Gone();
          }
          var _ = ready.await(1, TimeUnit.SECONDS);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        throw new Gone();
      } finally {
        lock.unlock();
      }
      caller.onNext(message);
    }
  }
}
