package io.flashdns.management.message;

import io.flashdns.core.zone.ZoneProblem;
import io.flashdns.core.zonefile.ZoneFileProblem;
import io.flashdns.proto.v1.ImportProblem;
import io.flashdns.proto.v1.ImportProblems;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a zone file, as messages. */
public final class ImportMessages {
  /** Problems of one message. */
  public static final int PROBLEMS_A_MESSAGE = 1_000;

  /** Problems of one import. */
  public static final int MAX_PROBLEMS = 100_000;

  private static final int MAX_TEXT_BYTES = 256;

  private ImportMessages() {}

  /** The message of one problem. */
  public static ImportProblem problem(ZoneFileProblem problem) {
    return ImportProblem.newBuilder()
        .setLine(problem.line())
        .setWarning(problem.severity() == ZoneProblem.Severity.WARNING)
        .setMessage(problem.reason())
        .setText(Texts.cut(problem.text(), MAX_TEXT_BYTES))
        .build();
  }

  /** The messages of problems in their order. */
  public static List<ImportProblems> problems(List<ZoneFileProblem> problems) {
    List<ImportProblems> messages = new ArrayList<>();
    int end = Math.min(problems.size(), MAX_PROBLEMS);
    for (int from = 0; from < end; from += PROBLEMS_A_MESSAGE) {
      ImportProblems.Builder message = ImportProblems.newBuilder();
      for (ZoneFileProblem problem :
          problems.subList(from, Math.min(end, from + PROBLEMS_A_MESSAGE))) {
        message.addProblems(problem(problem));
      }
      messages.add(message.build());
    }
    return messages;
  }
}
