package io.flashdns.management.client;

import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.WatchChangesRequest;
import io.flashdns.proto.v1.WatchChangesResponse;
import io.flashdns.proto.v1.ZoneDiff;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns watch}. */
@Command(
    name = "watch",
    header = "Shows changes as they come.",
    description = {
      "A line for each zone of each change, until it is interrupted. Where the connection breaks it"
          + " is taken up again where it was. With -o json: one object a line.%n"
    },
    footer = {
      "  flashdns watch",
      "  flashdns watch example.org example.net --records",
      "  flashdns watch --after 0 -o json | jq -c '.zones[].name.apex'",
    })
final class WatchCommand extends ClientCommand {
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 10_000;

  @Parameters(
      arity = "0..*",
      paramLabel = "ZONE",
      description = "These zones, by name or id:ID. Default: all that you may see.")
  private List<String> zones = new ArrayList<>();

  @Option(
      names = "--after",
      paramLabel = "REVISION",
      description = "Begin with what came after this revision; 0 for all that is kept.")
  private @Nullable Long after;

  @Option(names = "--records", description = "Show the records that differ, too.")
  private boolean records;

  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description = "Comparisons of the API joined by AND.")
  private String filter = "";

  @Option(names = "--count", paramLabel = "N", description = "End after so many changes.")
  private long count;

  @Override
  int run(Session session) throws ClientException, InterruptedException {
    WatchChangesRequest.Builder request =
        WatchChangesRequest.newBuilder().setFilter(filter).setIncludeRecords(records);
    for (String zone : zones) {
      request.addZones(ZoneNames.ref(zone, null));
    }
    if (after != null) {
      request.setAfterRevision(after);
    }
    session.destination();
    long left = count == 0 ? Long.MAX_VALUE : count;
    long pauseMillis = FIRST_PAUSE_MILLIS;
    boolean wasConnected = false;
    while (true) {
      try {
        Iterator<WatchChangesResponse> events =
            session.changeStreams().watchChanges(request.build());
        while (events.hasNext()) {
          WatchChangesResponse event = events.next();
          wasConnected = true;
          pauseMillis = FIRST_PAUSE_MILLIS;
          if (!event.getResumeToken().isEmpty()) {
            request.setResumeToken(event.getResumeToken());
          }
          if (event.hasChange()) {
            show(session, event.getChange());
            if (session.printer().out().checkError()) {
              return ExitStatus.FAILED; // nobody reads what is told
            }
            left -= event.getMore() ? 0 : 1;
            if (left == 0) {
              return ExitStatus.OK;
            }
          }
        }
      } catch (RuntimeException e) {
        if (!Failures.isResumable(e, wasConnected)) {
          throw e;
        }
      }
      Thread.sleep(pauseMillis);
      pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    }
  }

  private void show(Session session, Change change) {
    Printer printer = session.printer();
    switch (printer.form()) {
      case json -> printer.jsonLine(change);
      case yaml -> {
        printer.out().println("---");
        printer.message(change);
      }
      case name -> printer.out().println(Long.toUnsignedString(change.getRevision()));
      case table -> {
        for (ZoneDiff zone : change.getZonesList()) {
          printer
              .out()
              .println(
                  Printable.text(
                      ZoneText.time(change.getTime())
                          + "  "
                          + Long.toUnsignedString(change.getRevision())
                          + "  "
                          + ZoneNames.apex(zone.getName())
                          + "  "
                          + ChangeText.what(zone)
                          + "  "
                          + ChangeText.who(change)));
          new Differences(session).records(zone);
        }
      }
    }
    printer.out().flush();
  }
}
