package io.flashdns.management.client;

import io.flashdns.proto.v1.ChangeState;
import io.flashdns.proto.v1.ChangeStatus;
import io.flashdns.proto.v1.WaitForChangeResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns wait}. */
@Command(
    name = "wait",
    header = "Waits until every node serves a change.",
    description = {
      "REVISION is what a change printed; without it the newest one at this moment. Ends with"
          + " status 6 when the time is over before.%n"
    },
    footer = {"  flashdns wait 4711", "  flashdns wait --for 2m"})
final class WaitCommand extends ClientCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "REVISION",
      description = "The revision. Default: the newest.")
  private long revision;

  @Option(
      names = "--for",
      paramLabel = "TIME",
      converter = TimeText.class,
      description = "Longest wait, up to 5m. Default: 30s.")
  private Duration time = Duration.ofSeconds(30);

  @Override
  int run(Session session) throws ClientException, InterruptedException {
    WaitForChangeResponse answer = Changes.ask(session, revision, time);
    ChangeStatus status = answer.getStatus();
    boolean inSync = status.getState() == ChangeState.CHANGE_STATE_IN_SYNC;
    if (inSync || session.printer().isStructured()) {
      Map<String, String> fields = new LinkedHashMap<>();
      fields.put("revision", Long.toUnsignedString(answer.getRevision()));
      fields.put("state", ZoneText.word(status.getState(), "CHANGE_STATE_"));
      fields.put("nodes", status.getNodesInSync() + " of " + status.getNodes());
      if (!session.printer().isQuiet() || session.printer().isStructured()) {
        session.printer().one(answer, fields, Long.toUnsignedString(answer.getRevision()));
      }
    }
    if (!inSync) {
      throw Changes.late(answer, time);
    }
    return ExitStatus.OK;
  }
}
