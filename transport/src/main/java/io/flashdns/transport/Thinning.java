package io.flashdns.transport;

import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Decides which sources of one socket are thinned, and to what part: the arithmetic of {@link
 * OverloadShield}, without a socket. It is told what happened in an interval and says in {@link
 * #sources} what part of each source's datagrams may pass from now on ({@link SourceTable#next}).
 *
 * <p><b>What is known and what is estimated.</b> Exactly known are the datagrams that were received
 * and those that the kernel dropped, so also what was offered: their sum. Which of the dropped ones
 * the filter took is estimated: of a source of which a part p passes, each datagram that is seen
 * stands for 1/p - 1 that were dropped. The rest found no room in the queue. It did so blindly, so
 * that of each source the same part was lost.
 *
 * <p><b>Capacity</b> is what is received while the queue does not run empty. A shielded socket
 * receives less than it could, so the last known capacity is felt for, as TCP does for that of a
 * path: while the queue is empty more is tried, quickly up to the best rate of late and slowly
 * beyond; when datagrams begin to wait, a little is taken back. What is given away is lower by what
 * waits, so that the two come to rest with a short queue.
 *
 * <p><b>Chance.</b> A source is thinned when it is above the fair share beyond doubt: by two
 * standard deviations of its count. Estimates fade with {@link #MEMORY_SECONDS}. Sources of which
 * four datagrams or fewer were seen say nothing by themselves. Together they claim what they take,
 * but leave {@link #LEAST_TARGET} of the capacity to the others: else a flood with a source of its
 * own for each datagram would have every real client cut down to nothing.
 *
 * <p><b>Thread</b>: the loop's.
 */
final class Thinning {
  /** The part of the capacity that is given away while the queue is empty. */
  private static final double TARGET = 0.9;

  /** What is given away in any case: less when the queue is full, so that it becomes empty. */
  private static final double LEAST_TARGET = 0.4;

  /** How much more is tried after an interval that ended with an empty queue. */
  private static final double STEP = 0.02;

  /** The same below what was once received. */
  private static final double LONG_STEP = 0.1;

  /**
   * What is left of the best rate after an interval: what could be done once need not be so now.
   */
  private static final double BEST_FADES = 0.995;

  /** What is taken back when datagrams wait. */
  private static final double STEP_BACK = 0.05;

  private static final double MEMORY_SECONDS = 1;

  /** A queue with more in it than this at both ends of an interval has never been empty. */
  private static final double BUSY = 0.25;

  /** A queue with less in it than this is as good as empty. */
  static final double EMPTY = 1.0 / 16;

  /** A queue with more in it than this may have overflowed. */
  static final double FULL = 0.5;

  /** Fewer datagrams seen of a source than this are chance. */
  private static final double LEAST_WEIGHT = 4;

  private static final double LEAST_PASS = 1e-6;

  private final SecureRandom random = new SecureRandom();
  private final SourceTable sources =
      new SourceTable(SourceTable.CAPACITY, random.nextLong(), random.nextLong());
  private double windowSeconds;
  private double queueShare = 1;
  private double capacity;
  private double best;
  private double offered;
  private double level = Double.POSITIVE_INFINITY;
  private int thinned;
  private boolean flooded;

  /**
   * Whether more comes than there is room for. A queue that is full is not enough, for it may just
   * be emptied; nor are drops, for these may be wrong checksums.
   */
  static boolean overflows(long received, long dropped, double fill) {
    return fill >= FULL && dropped > received / 50;
  }

  /**
   * Decides anew after an interval.
   *
   * @param seconds how long it was
   * @param received datagrams that were read, each counted in {@link #sources}
   * @param dropped datagrams that the kernel dropped
   * @param fillBefore how full the queue was when it began; 0 to 1
   * @param fill how full the queue is now
   * @param most sources that can be thinned at once
   */
  void settle(
      double seconds, long received, long dropped, double fillBefore, double fill, int most) {
    if (received == 0) {
      // Nothing came, or nothing was read: there is nothing to learn, but that it is quiet.
      flooded = dropped > 0;
      return;
    }
    queueShare = received / (received + overflow(received, dropped, Math.max(fillBefore, fill)));
    learn(seconds);
    offered = (received + dropped) / seconds;
    measure(received / seconds, fillBefore, fill);
    flooded =
        thinned == 0
            ? overflows(received, dropped, fill)
            : offered > capacity * TARGET || fill >= BUSY;
    if (flooded || thinned != 0) {
      divide(capacity * (TARGET - fill), capacity * LEAST_TARGET, most);
    }
  }

  /**
   * Ends an interval in which datagrams were read that had passed the filter before the present
   * one. They took as long to come as they took to be read, for the queue was full; so they tell as
   * much of their sources as others do. What the kernel dropped meanwhile belongs to datagrams that
   * are still to be read.
   */
  void settleOld(double seconds) {
    learn(seconds);
    sources.adopt();
  }

  private void learn(double seconds) {
    double decay = Math.exp(-seconds / MEMORY_SECONDS);
    sources.settle(decay, queueShare);
    windowSeconds = windowSeconds * decay + seconds;
  }

  /** Datagrams that found no room in the queue. */
  private double overflow(long received, long dropped, double fill) {
    if (thinned == 0) {
      return dropped;
    }
    if (fill < FULL) {
      return 0;
    }
    // Of what the filter let pass, 1 / (1 + q / r) was received, with q lost at the queue and r
    // received; as much more did the filter drop as was seen: d = q + f * (1 + q / r).
    double filtered = sources.droppedByFilter();
    return Math.max(dropped - filtered, 0) * received / (received + filtered);
  }

  private void measure(double rate, double fillBefore, double fill) {
    best = Math.max(best * BEST_FADES, rate);
    if (capacity == 0) {
      capacity = rate;
    } else if (fill < EMPTY) {
      double more = capacity < best ? Math.min(capacity * (1 + LONG_STEP), best) : 0;
      capacity = Math.max(more, capacity * (1 + STEP));
    } else if (Math.min(fillBefore, fill) >= BUSY) {
      capacity += (rate - capacity) / 2;
    } else {
      capacity = Math.max(capacity * (1 - STEP_BACK), rate);
    }
  }

  private void divide(double target, double least, int most) {
    double[] claims = new double[sources.size()];
    int count = 0;
    double vague = sources.othersOffered() / windowSeconds;
    for (int i = 0; i < sources.size(); i++) {
      if (sources.pass(i) < 1 || sources.weight(i) > LEAST_WEIGHT) {
        claims[count++] = rate(i);
      } else {
        vague += rate(i);
      }
    }
    level = FairShare.level(claims, count, Math.max(target - vague, least));
    double lightest = lightestOfHeaviest(claims, most);
    thinned = 0;
    for (int i = 0; i < sources.size(); i++) {
      boolean thin = isAboveLevel(i) && rate(i) >= lightest && thinned < most;
      sources.next(i, thin ? Math.max(level / rate(i), LEAST_PASS) : 1);
      thinned += thin ? 1 : 0;
    }
  }

  /** The rate of the last source for which there is room. */
  private double lightestOfHeaviest(double[] scratch, int most) {
    int count = 0;
    for (int i = 0; i < sources.size(); i++) {
      if (isAboveLevel(i)) {
        scratch[count++] = rate(i);
      }
    }
    if (count <= most) {
      return 0;
    }
    Arrays.sort(scratch, 0, count);
    return scratch[count - most];
  }

  private boolean isAboveLevel(int source) {
    double certain =
        sources.pass(source) < 1
            ? 1
            : 1 - 2 / Math.sqrt(Math.max(sources.weight(source), LEAST_WEIGHT));
    return rate(source) * certain > level;
  }

  /** What a source is estimated to send, in datagrams a second. */
  double rate(int source) {
    return sources.offered(source) / windowSeconds;
  }

  /** Lets everything pass again. */
  void release() {
    for (int i = 0; i < sources.size(); i++) {
      sources.next(i, 1);
    }
    sources.adopt();
    thinned = 0;
  }

  /** For what nobody may foresee. */
  SecureRandom random() {
    return random;
  }

  /** Who is counted, and what part of whose datagrams passes. */
  SourceTable sources() {
    return sources;
  }

  /** How many sources are thinned. */
  int thinned() {
    return thinned;
  }

  /** Whether more comes than can be answered. */
  boolean isFlooded() {
    return flooded;
  }

  /** What can be answered, in datagrams a second. */
  double capacity() {
    return capacity;
  }

  /** What comes, in datagrams a second. */
  double offered() {
    return offered;
  }

  /** The fair share, in datagrams a second. */
  double level() {
    return level;
  }
}
