package io.flashdns.management.store;

import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.StoreEvent;
import io.flashdns.core.store.StoreException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What the tasks of one group become in the transaction that is open. It counts when that is
 * committed; before, whoever asked is told nothing, for a group may have to be made anew against
 * another state. The writer's thread alone.
 */
final class GroupDraft {
  /** What became of a task. */
  private sealed interface Outcome {
    record Made(WriterTask.Change task, CommitResult result) implements Outcome {}

    record Noted(WriterTask.Journal task) implements Outcome {}

    record NotMade(WriterTask.Change task, Exception reason) implements Outcome {}
  }

  private final OpenTransaction transaction;
  private final Reads reads;
  private final Ledger before;
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<LogStep> steps = new ArrayList<>();
  private boolean hasRefusals;
  private Ledger after;

  GroupDraft(OpenTransaction transaction, Reads reads, Ledger before) {
    this.transaction = transaction;
    this.reads = reads;
    this.before = before;
    this.after = before;
  }

  /** Makes one task, or notes why not. */
  void make(WriterTask.Grouped grouped) throws SQLException {
    switch (grouped) {
      case WriterTask.Change task -> {
        try {
          OpenTransaction.Made one = transaction.make(task.change(), after);
          outcomes.add(new Outcome.Made(task, one.result()));
          after = one.after();
          if (one.step() != null) {
            steps.add(one.step());
          }
        } catch (StoreException | RuntimeException e) {
          hasRefusals = true;
          outcomes.add(new Outcome.NotMade(task, e));
        }
      }
      case WriterTask.Journal task -> {
        LogStep step = transaction.journal(task.bodies());
        after = Journal.add(reads, after, step.journal(), step.epochMillis(), 0);
        steps.add(step);
        outcomes.add(new Outcome.Noted(task));
      }
    }
  }

  /**
   * Has the group agreed on. What is only refused must be true of the newest state too: else who
   * hears of a change on one node could be told on another that it was not made.
   */
  SharedLog.Answer agreed(SharedLog log, Position position, long deadlineNanos) {
    Standing standing = before.standing();
    try {
      if (!steps.isEmpty()) {
        Standing becoming = after.standing();
        LogGroup group = new LogGroup(UUID.randomUUID(), standing, becoming, steps);
        return log.propose(position, standing, group.encode(), becoming, deadlineNanos);
      }
      if (hasRefusals) {
        return log.confirm(position, standing, deadlineNanos);
      }
      return new SharedLog.Answer.Agreed();
    } catch (InterruptedException _) {
      // Nobody interrupts this thread.
      return new SharedLog.Answer.Away("the server is ending: ask again", true);
    }
  }

  /** Where the store stands with it. */
  Ledger after() {
    return after;
  }

  /** True when it writes something. */
  boolean writes() {
    return !steps.isEmpty();
  }

  /** Its change sets, as watches hear of them. */
  List<StoreEvent> events() {
    return events(steps);
  }

  /** The same of any steps. */
  static List<StoreEvent> events(List<LogStep> steps) {
    List<StoreEvent> events = new ArrayList<>(steps.size());
    for (LogStep step : steps) {
      if (step.event() != null) {
        events.add(step.event());
      }
    }
    return events;
  }

  /** It is committed: tells everybody what became of what they asked for. */
  void tell(StoreCounters counters) {
    for (Outcome outcome : outcomes) {
      switch (outcome) {
        case Outcome.Made(WriterTask.Change task, CommitResult result) ->
            task.done().complete(result);
        case Outcome.Noted(WriterTask.Journal task) -> task.done().complete(true);
        case Outcome.NotMade(WriterTask.Change task, Exception reason) -> {
          counters.refused(reason);
          task.done().completeExceptionally(reason);
        }
      }
    }
  }
}
