package io.flashdns.management.client;

import com.google.protobuf.ByteString;
import io.flashdns.proto.v1.ImportMode;
import io.flashdns.proto.v1.ImportProblem;
import io.flashdns.proto.v1.ImportProgress;
import io.flashdns.proto.v1.ImportResult;
import io.flashdns.proto.v1.ImportZoneRequest;
import io.flashdns.proto.v1.ImportZoneResponse;
import io.flashdns.proto.v1.ImportZoneStart;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneRef;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Sends a zone file to the server, shows progress, and every problem it finds. */
final class ZoneImporter {
  private static final int CHUNK_BYTES = 256 << 10;

  private final Session session;
  private final ChangeOptions options;

  ZoneImporter(Session session, ChangeOptions options) {
    this.session = session;
    this.options = options;
  }

  /** What is to be done with the file. */
  static final class Wish {
    private final ImportZoneStart.Builder start = ImportZoneStart.newBuilder();
    private String name = "";

    Wish create(Zone zone) {
      start.setCreate(zone);
      name = ZoneNames.of(zone);
      return this;
    }

    Wish into(ZoneRef zone, String shownName) {
      start.setZone(zone);
      name = shownName;
      return this;
    }

    Wish merge(boolean merge) {
      start.setMode(merge ? ImportMode.IMPORT_MODE_MERGE : ImportMode.IMPORT_MODE_REPLACE);
      return this;
    }

    Wish force(boolean force) {
      start.setForce(force);
      return this;
    }

    Wish etag(String etag) {
      start.setEtag(etag);
      return this;
    }
  }

  /** Imports, and tells of it. */
  int run(Wish wish, Path file, String what)
      throws ClientException, IOException, InterruptedException {
    ImportResult result = send(wish, source(file), options.dryRun, options.requestId());
    return Changes.tell(
        session,
        options,
        result,
        result.getOutcome(),
        wish.name,
        "zone " + wish.name + " " + what + " with " + result.getRecords() + " records of " + file);
  }

  /**
   * Where a zone file comes from.
   *
   * @param name for messages
   * @param octets its size; 0: not known
   * @param in read to its end, and closed
   */
  record Source(String name, long octets, InputStream in) {}

  /** A file; {@code -} is standard input, which is left open. */
  Source source(Path file) throws IOException {
    if (!file.toString().equals("-")) {
      return new Source(file.toString(), Files.size(file), Files.newInputStream(file));
    }
    return new Source(
        "standard input",
        0,
        new FilterInputStream(session.console().in()) {
          @Override
          public void close() {
            // It is not ours.
          }
        });
  }

  /** Imports. Problems go to {@code err}. */
  ImportResult send(Wish wish, Source source, boolean dryRun, String requestId)
      throws ClientException, IOException, InterruptedException {
    try (InputStream in = source.in();
        Progress progress = new Progress(session, System::nanoTime)) {
      session.destination();
      ImportZoneRequest start =
          ImportZoneRequest.newBuilder()
              .setStart(
                  wish.start
                      .setValidateOnly(dryRun)
                      .setRequestId(requestId)
                      .setTotalBytes(source.octets())
                      .build())
              .build();
      return exchange(start, in, new Sink(source.name(), progress));
    }
  }

  private ImportResult exchange(ImportZoneRequest start, InputStream in, Sink sink)
      throws ClientException, IOException, InterruptedException {
    BlockingClientCall<ImportZoneRequest, ImportZoneResponse> call =
        session.zoneStreams().importZone();
    try {
      boolean open = call.write(start);
      for (byte[] chunk = in.readNBytes(CHUNK_BYTES);
          open && chunk.length > 0;
          chunk = in.readNBytes(CHUNK_BYTES)) {
        hear(call, sink);
        open =
            call.write(ImportZoneRequest.newBuilder().setChunk(ByteString.copyFrom(chunk)).build());
      }
      call.halfClose();
      for (ImportZoneResponse event = call.read(); event != null; event = call.read()) {
        sink.take(event);
      }
    } catch (StatusException e) {
      if (e.getStatus().getCode() == Status.Code.INVALID_ARGUMENT && sink.errors > 0) {
        throw ClientException.failed(
            sink.errors + " problems in " + sink.file + ", nothing was changed");
      }
      throw Failures.translate(e, session.serverName(), _ -> "");
    } finally {
      call.cancel("done", null);
    }
    ImportResult result = sink.result;
    if (result == null) {
      throw new ClientException(
          ExitStatus.UNAVAILABLE,
          "the server ended without a result; ask again with --request-id "
              + start.getStart().getRequestId());
    }
    return result;
  }

  /** Takes what is there already. */
  private static void hear(
      BlockingClientCall<ImportZoneRequest, ImportZoneResponse> call, Sink sink)
      throws InterruptedException, StatusException {
    try {
      for (ImportZoneResponse event = call.read(0, TimeUnit.NANOSECONDS);
          event != null;
          event = call.read(0, TimeUnit.NANOSECONDS)) {
        sink.take(event);
      }
    } catch (TimeoutException _) {
      // Nothing yet.
    }
  }

  /** Takes what the server tells. */
  private final class Sink {
    private final String file;
    private final Progress progress;
    private long errors;
    private @Nullable ImportResult result;

    Sink(String file, Progress progress) {
      this.file = file;
      this.progress = progress;
    }

    void take(@Nullable ImportZoneResponse event) {
      if (event == null) {
        return;
      }
      switch (event.getEventCase()) {
        case PROGRESS -> show(event.getProgress());
        case PROBLEMS -> event.getProblems().getProblemsList().forEach(this::tell);
        case RESULT -> result = event.getResult();
        case EVENT_NOT_SET -> {}
      }
    }

    private void show(ImportProgress now) {
      String what =
          switch (now.getPhase()) {
            case IMPORT_PHASE_CHECKING -> "checking";
            case IMPORT_PHASE_WRITING -> "writing";
            case IMPORT_PHASE_UNSPECIFIED, IMPORT_PHASE_READING, UNRECOGNIZED -> "reading";
          };
      progress.update(
          what + " " + file,
          now.getBytes(),
          now.getTotalBytes(),
          Long.toUnsignedString(now.getRecords()) + " records");
    }

    private void tell(ImportProblem problem) {
      progress.close();
      errors += problem.getWarning() ? 0 : 1;
      session
          .console()
          .err()
          .println(
              Printable.text(
                  file
                      + (problem.getLine() == 0
                          ? ""
                          : ":" + Integer.toUnsignedString(problem.getLine()))
                      + ": "
                      + (problem.getWarning() ? "warning: " : "error: ")
                      + problem.getMessage()));
      if (!problem.getText().isEmpty()) {
        session.console().err().println("    | " + Printable.text(problem.getText()));
      }
    }
  }
}
