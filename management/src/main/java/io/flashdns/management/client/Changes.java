package io.flashdns.management.client;

import com.google.protobuf.Duration;
import com.google.protobuf.Message;
import io.flashdns.proto.v1.ChangeState;
import io.flashdns.proto.v1.Lint;
import io.flashdns.proto.v1.Node;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.WaitForChangeRequest;
import io.flashdns.proto.v1.WaitForChangeResponse;
import java.util.stream.Collectors;

/** Tells what became of a change, and waits for it where that was asked for. */
final class Changes {
  private static final java.time.Duration MARGIN = java.time.Duration.ofSeconds(10);

  private Changes() {}

  /**
   * Tells of the answer of a mutation.
   *
   * @param answer for programs
   * @param name for {@code -o name}
   * @param done what was done: {@code zone example.org. created}
   * @return the exit status
   */
  static int tell(
      Session session,
      ChangeOptions options,
      Message answer,
      Outcome outcome,
      String name,
      String done)
      throws ClientException, InterruptedException {
    Printer printer = session.printer();
    if (printer.isStructured()) {
      printer.message(answer);
    } else if (printer.form() == OutputForm.name) {
      printer.out().println(Printable.text(name));
    } else if (options.dryRun) {
      new Differences(session).print(outcome);
      printer.line(
          outcome.getChanged()
              ? "nothing was changed (--dry-run); it would be: " + done
              : "nothing would change");
    } else {
      printer.line(done + revision(outcome));
      for (Lint lint : outcome.getLintsList()) {
        printer.note(Differences.line(lint));
      }
    }
    return options.dryRun || !options.wait ? ExitStatus.OK : await(session, options, outcome);
  }

  private static String revision(Outcome outcome) {
    if (!outcome.getChanged()) {
      return ": nothing to change";
    }
    return outcome.getRevision() == 0
        ? ""
        : " at revision " + Long.toUnsignedString(outcome.getRevision());
  }

  /** Waits until every node serves it. */
  static int await(Session session, ChangeOptions options, Outcome outcome)
      throws ClientException, InterruptedException {
    return outcome.getRevision() == 0
        ? ExitStatus.OK
        : await(session, outcome.getRevision(), options.waitTime);
  }

  /** Waits until every node serves a revision; tells on {@code err} when they do not. */
  static int await(Session session, long revision, java.time.Duration time)
      throws ClientException, InterruptedException {
    WaitForChangeResponse answer = ask(session, revision, time);
    if (answer.getStatus().getState() == ChangeState.CHANGE_STATE_IN_SYNC) {
      return ExitStatus.OK;
    }
    throw late(answer, time);
  }

  static WaitForChangeResponse ask(Session session, long revision, java.time.Duration time)
      throws InterruptedException {
    session.waitAtLeast(time.plus(MARGIN));
    WaitForChangeRequest request =
        WaitForChangeRequest.newBuilder()
            .setRevision(revision)
            .setTimeout(
                Duration.newBuilder().setSeconds(time.toSeconds()).setNanos(time.toNanosPart()))
            .build();
    return session.ask(() -> session.changes().waitForChange(request));
  }

  static ClientException late(WaitForChangeResponse answer, java.time.Duration time) {
    String lagging =
        answer.getLaggingList().stream().map(Node::getId).collect(Collectors.joining(", "));
    return new ClientException(
        ExitStatus.UNAVAILABLE,
        "revision "
            + Long.toUnsignedString(answer.getRevision())
            + " is durable, and served by "
            + answer.getStatus().getNodesInSync()
            + " of "
            + answer.getStatus().getNodes()
            + " nodes after "
            + TimeText.format(time)
            + (lagging.isEmpty() ? "" : "; behind are " + lagging));
  }
}
