package io.flashdns.management.client;

import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.AuditServiceGrpc;
import io.flashdns.proto.v1.ChangeServiceGrpc;
import io.flashdns.proto.v1.NodeServiceGrpc;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.SettingsServiceGrpc;
import io.flashdns.proto.v1.TenantServiceGrpc;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The life of one command: who it speaks to, and how it prints. The connection is made with the
 * first call. Used by one thread.
 */
final class Session implements AutoCloseable {
  private static final long FIRST_PAUSE_MILLIS = 100;
  private static final long LONGEST_PAUSE_MILLIS = 3_000;

  /** From this pause on it takes so long that whoever waits wants to know for what. */
  private static final long TOLD_PAUSE_MILLIS = 800;

  private static final long STREAM_MINUTES = 6;

  private final Console console;
  private final ConnectionOptions options;
  private final Printer printer;
  private Duration patience;
  private Deadline deadline;
  private @Nullable Destination destination;
  private @Nullable Connection connection;

  Session(Console console, ConnectionOptions options) {
    this.console = console;
    this.options = options;
    this.printer = new Printer(console, options);
    this.patience = options.timeout;
    this.deadline = Deadline.after(0, TimeUnit.SECONDS);
  }

  /** Of a destination that is known. */
  Session(Console console, ConnectionOptions options, Destination destination) {
    this(console, options);
    this.destination = destination;
  }

  Console console() {
    return console;
  }

  ConnectionOptions options() {
    return options;
  }

  Printer printer() {
    return printer;
  }

  /** For how long calls are waited for from now on, at least. */
  void waitAtLeast(Duration time) {
    if (patience.compareTo(time) < 0) {
      patience = time;
    }
  }

  /** For how long calls are waited for from now on, at most. */
  void waitAtMost(Duration time) {
    patience = time;
  }

  /**
   * Makes a call, and makes it again while the server takes none, until the time is over; says once
   * what it waits for. The request must be the same each time, its request id above all.
   */
  <A> A ask(Supplier<A> call) throws InterruptedException {
    deadline = Deadline.after(patience.toMillis(), TimeUnit.MILLISECONDS);
    long pauseMillis = FIRST_PAUSE_MILLIS;
    boolean isTold = false;
    while (true) {
      try {
        return call.get();
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.UNAVAILABLE
            || Failures.isUnreachable(e)
            || deadline.timeRemaining(TimeUnit.MILLISECONDS) <= pauseMillis) {
          throw e;
        }
        if (pauseMillis >= TOLD_PAUSE_MILLIS && !isTold) {
          isTold = true;
          printer.note(
              "waiting: %s; asked again for %d s at most (--timeout)"
                  .formatted(
                      e.getStatus().getDescription(), deadline.timeRemaining(TimeUnit.SECONDS)));
        }
        Thread.sleep(pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1));
        pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
      }
    }
  }

  /** Zones, with the deadline of {@link #ask}. */
  ZoneServiceGrpc.ZoneServiceBlockingStub zones() {
    return timed(ZoneServiceGrpc.newBlockingStub(connection().channel()));
  }

  /** Zones, for streams to and fro, which the server gives five minutes. */
  ZoneServiceGrpc.ZoneServiceBlockingV2Stub zoneStreams() {
    return ZoneServiceGrpc.newBlockingV2Stub(connection().channel())
        .withDeadlineAfter(STREAM_MINUTES, TimeUnit.MINUTES);
  }

  RecordServiceGrpc.RecordServiceBlockingStub records() {
    return timed(RecordServiceGrpc.newBlockingStub(connection().channel()));
  }

  ChangeServiceGrpc.ChangeServiceBlockingStub changes() {
    return timed(ChangeServiceGrpc.newBlockingStub(connection().channel()));
  }

  /** Changes, for streams: without a deadline. */
  ChangeServiceGrpc.ChangeServiceBlockingStub changeStreams() {
    return ChangeServiceGrpc.newBlockingStub(connection().channel());
  }

  TenantServiceGrpc.TenantServiceBlockingStub tenants() {
    return timed(TenantServiceGrpc.newBlockingStub(connection().channel()));
  }

  AccessServiceGrpc.AccessServiceBlockingStub access() {
    return timed(AccessServiceGrpc.newBlockingStub(connection().channel()));
  }

  NodeServiceGrpc.NodeServiceBlockingStub nodes() {
    return timed(NodeServiceGrpc.newBlockingStub(connection().channel()));
  }

  SettingsServiceGrpc.SettingsServiceBlockingStub settings() {
    return timed(SettingsServiceGrpc.newBlockingStub(connection().channel()));
  }

  AuditServiceGrpc.AuditServiceBlockingStub audit() {
    return timed(AuditServiceGrpc.newBlockingStub(connection().channel()));
  }

  private <S extends AbstractStub<S>> S timed(S stub) {
    return stub.withDeadline(deadline);
  }

  /** Where calls go; resolved before the first one, so that what is wrong is a plain sentence. */
  Destination destination() throws ClientException {
    Destination known = destination;
    if (known == null) {
      known = Destination.of(console, options);
      destination = known;
    }
    return known;
  }

  /** For sentences. */
  String serverName() {
    return destination == null ? "the server" : destination.endpoint().toString();
  }

  private Connection connection() {
    Connection open = connection;
    if (open == null) {
      try {
        open = Connection.open(destination());
      } catch (ClientException e) {
        throw new Failures.Carrier(e);
      }
      connection = open;
    }
    return open;
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
    }
  }
}
