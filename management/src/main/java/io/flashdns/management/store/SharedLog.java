package io.flashdns.management.store;

import java.util.List;

/**
 * The log on whose order all copies of a shared store agree. A copy makes a group of change sets
 * only after it was written there as the group that follows the copy's own {@link Position}: so
 * each was decided against exactly the state that it changes, on whatever node.
 *
 * <p>Called by the one thread that writes the copy. No call takes longer than its deadline.
 */
public interface SharedLog {
  /** What became of a proposal, or a question. */
  sealed interface Answer {
    /** The group is the next one; or, to a question, nobody has written one. */
    record Agreed() implements Answer {}

    /**
     * Others were first: these are the groups that follow the copy's position, in order.
     *
     * @param groups at least one, not always all
     */
    record Others(List<byte[]> groups) implements Answer {}

    /**
     * The log did not answer in time, or cannot be used.
     *
     * @param reason one sentence with the remedy
     * @param outcomeIsUnknown true when a proposal may yet become the next group
     */
    record Away(String reason, boolean outcomeIsUnknown) implements Answer {}
  }

  /**
   * Proposes the group that is to follow a position.
   *
   * @param after the position, and where the copy stands there
   * @param group its octets, which make it known again: no two proposals are equal
   * @param becoming where every copy stands with it
   * @param deadlineNanos of {@link System#nanoTime}
   */
  Answer propose(
      Position after, Standing standing, byte[] group, Standing becoming, long deadlineNanos)
      throws InterruptedException;

  /** Asks whether a position is the end of the log. */
  Answer confirm(Position position, Standing standing, long deadlineNanos)
      throws InterruptedException;
}
