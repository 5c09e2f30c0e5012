package io.flashdns.management.grpc;

import io.flashdns.core.plugin.Counts;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * How calls have ended, and how long they took. The methods are those that are served, each by both
 * doors: what clients ask for beside them is one number. Safe for all threads.
 */
public final class CallCounts {
  private static final Status.Code[] CODES = Status.Code.values();

  /** Says itself how long it wants to wait. */
  private static final String WAIT = "flashdns.v1.ChangeService/WaitForChange";

  private final Map<String, LongAdder[]> byPath = new HashMap<>();
  private final LongAdder unknown = new LongAdder();
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final Times reads = new Times();
  private final Times writes = new Times();

  /** A histogram of times. */
  private static final class Times {
    private final LongAdder[] buckets = adders(Counts.BUCKETS);
    private final LongAdder nanos = new LongAdder();

    void add(long took) {
      long value = Math.max(0, took);
      int bucket = Long.SIZE - Long.numberOfLeadingZeros(value / Counts.FIRST_BOUND_NANOS);
      buckets[Math.min(bucket, Counts.BUCKETS - 1)].increment();
      nanos.add(value);
    }

    Took now() {
      List<Long> counts = new ArrayList<>();
      for (LongAdder bucket : buckets) {
        counts.add(bucket.sum());
      }
      return new Took(counts, nanos.sum());
    }
  }

  /**
   * Calls of a method that ended in one way.
   *
   * @param path of the method, {@code flashdns.v1.ZoneService/GetZone}
   * @param code of gRPC, {@code NOT_FOUND}
   */
  public record Ended(String path, String code, long calls) {}

  /**
   * How long calls took.
   *
   * @param buckets as those of {@link Counts}
   * @param nanos all of them together
   */
  public record Took(List<Long> buckets, long nanos) {
    /** A copy. */
    public Took {
      buckets = List.copyOf(buckets);
    }
  }

  /**
   * The counts at one moment.
   *
   * @param ended calls that were served or refused; codes that there were, and OK of all methods
   * @param unknown calls of what is not served
   * @param underWay calls that are being served
   * @param reads calls with one answer that change nothing
   * @param writes calls with one answer that may change something
   */
  public record Now(List<Ended> ended, long unknown, long underWay, Took reads, Took writes) {
    /** A copy. */
    public Now {
      ended = List.copyOf(ended);
    }
  }

  CallCounts(MethodRules rules) {
    for (MethodRule rule : rules.all()) {
      byPath.put(rule.path(), adders(CODES.length));
    }
  }

  private static LongAdder[] adders(int count) {
    LongAdder[] adders = new LongAdder[count];
    for (int i = 0; i < count; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  /** A call of what is not served. */
  void unknown() {
    unknown.increment();
  }

  /** A call was refused before it was served. */
  void refused(MethodRule rule, Status.Code code) {
    LongAdder[] codes = byPath.get(rule.path());
    if (codes == null) {
      unknown.increment();
    } else {
      codes[code.value()].increment();
    }
  }

  /** A call begins to be served. */
  void began() {
    begun.increment();
  }

  /** It has ended, and {@link #began} was told of it. */
  void ended(MethodRule rule, Status.Code code, long tookNanos) {
    ended.increment();
    refused(rule, code);
    if (rule.isUnary() && !rule.path().equals(WAIT)) {
      (rule.mutates() ? writes : reads).add(tookNanos);
    }
  }

  /** Now. */
  Now now() {
    List<Ended> lines = new ArrayList<>();
    byPath.forEach(
        (path, codes) -> {
          for (int i = 0; i < codes.length; i++) {
            long calls = codes[i].sum();
            if (calls > 0 || i == Status.Code.OK.value()) {
              lines.add(new Ended(path, CODES[i].name(), calls));
            }
          }
        });
    long over = ended.sum();
    return new Now(
        lines, unknown.sum(), Math.max(0, begun.sum() - over), reads.now(), writes.now());
  }
}
