package io.flashdns.core.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Notices workers that are with one query for too long, and names the plugin whose hook they are
 * in. Used by the housekeeping thread alone.
 *
 * <p>It costs the workers nothing: a worker is inside a query while it has begun more than it has
 * finished, by the counters that it keeps anyway. Only the stack tells whether it really is:
 * between two packets the counters of a batch differ too.
 */
final class Watchdog {
  private final long blockedAfterNanos;
  private final List<Watched> watched = new ArrayList<>();

  private static final class Watched {
    final Worker worker;
    long finished = -1;
    long sinceNanos;
    boolean reported;
    @Nullable RunningPlugin plugin;

    Watched(Worker worker) {
      this.worker = worker;
    }
  }

  Watchdog(FaultPolicy policy) {
    blockedAfterNanos = policy.blockedAfter().toNanos();
  }

  /** Looks at all workers. Returns how many are blocked now. */
  int look(long nowNanos, List<Worker> workers, List<RunningPlugin> plugins, EngineEvents events) {
    while (watched.size() < workers.size()) {
      watched.add(new Watched(workers.get(watched.size())));
    }
    int blocked = 0;
    for (int i = 0; i < watched.size(); i++) {
      Watched one = watched.get(i);
      long finished = one.worker.finished();
      if (finished != one.finished || one.worker.begun() == finished) {
        resume(i, one, nowNanos, events);
        one.finished = finished;
        one.sinceNanos = nowNanos;
      } else if (one.reported) {
        blocked++;
      } else if (nowNanos - one.sinceNanos >= blockedAfterNanos) {
        blocked += report(i, one, nowNanos, plugins, events) ? 1 : 0;
      }
    }
    return blocked;
  }

  private static void resume(int index, Watched one, long nowNanos, EngineEvents events) {
    if (one.reported) {
      one.reported = false;
      RunningPlugin plugin = one.plugin;
      one.plugin = null;
      events.workerResumed(
          index,
          plugin == null ? null : plugin.name(),
          Duration.ofNanos(nowNanos - one.sinceNanos));
    }
  }

  private static boolean report(
      int index, Watched one, long nowNanos, List<RunningPlugin> plugins, EngineEvents events) {
    Thread thread = one.worker.thread();
    if (thread == null) {
      return false;
    }
    List<StackTraceElement> stack = List.of(thread.getStackTrace());
    int inWorker = 0;
    while (inWorker < stack.size() && !isWorker(stack.get(inWorker))) {
      inWorker++;
    }
    if (inWorker == stack.size() || one.worker.finished() != one.finished) {
      return false;
    }
    RunningPlugin plugin = null;
    for (int i = 0; i < inWorker && plugin == null; i++) {
      StackTraceElement frame = stack.get(i);
      plugin = plugins.stream().filter(p -> p.owns(frame)).findFirst().orElse(null);
    }
    one.reported = true;
    one.plugin = plugin;
    if (plugin != null) {
      plugin.blocked();
    }
    events.workerBlocked(
        index,
        plugin == null ? null : plugin.name(),
        Duration.ofNanos(nowNanos - one.sinceNanos),
        stack.subList(0, inWorker));
    return true;
  }

  private static boolean isWorker(StackTraceElement frame) {
    return frame.getClassName().equals(Worker.class.getName());
  }
}
