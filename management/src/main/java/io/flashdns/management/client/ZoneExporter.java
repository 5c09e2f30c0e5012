package io.flashdns.management.client;

import io.flashdns.proto.v1.ExportZoneRequest;
import io.flashdns.proto.v1.ExportZoneResponse;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.io.IOException;
import java.io.OutputStream;

/** Takes a zone file from the server, and shows progress. */
final class ZoneExporter {
  private ZoneExporter() {}

  static void copy(Session session, ExportZoneRequest request, OutputStream out)
      throws ClientException, IOException, InterruptedException {
    BlockingClientCall<?, ExportZoneResponse> call = session.zoneStreams().exportZone(request);
    long octets = 0;
    try (Progress progress = new Progress(session, System::nanoTime)) {
      for (ExportZoneResponse part = call.read(); part != null; part = call.read()) {
        part.getChunk().writeTo(out);
        octets += part.getChunk().size();
        progress.update("writing", octets, 0, (octets >> 10) + " KiB");
      }
    } catch (StatusException e) {
      throw Failures.translate(e, session.serverName(), _ -> "");
    } finally {
      call.cancel("done", null);
    }
  }
}
