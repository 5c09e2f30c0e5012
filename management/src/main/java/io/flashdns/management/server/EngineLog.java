package io.flashdns.management.server;

import io.flashdns.core.engine.EngineEvents;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes to the log what plugins do wrong: a plugin's faults at most once in {@value
 * #SECONDS_BETWEEN} seconds, with their number and the stack of the last one; the rest as it
 * happens.
 *
 * <p>Safe for all threads; the housekeeping thread calls {@link #flush}.
 */
final class EngineLog implements EngineEvents {
  /** Between two lines about the faults of one plugin. */
  static final int SECONDS_BETWEEN = 10;

  private static final Logger log = LoggerFactory.getLogger(EngineLog.class);
  private static final long NANOS_BETWEEN = TimeUnit.SECONDS.toNanos(SECONDS_BETWEEN);
  private static final int MAX_FRAMES = 40;

  private final LongSupplier nanoTime;
  private final Map<String, Faulty> hooks = new TreeMap<>();
  private final Map<String, Faulty> tasks = new TreeMap<>();

  /**
   * @param nanoTime {@link System#nanoTime}
   */
  EngineLog(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** What is still to be said of a plugin's faults. */
  private static final class Faulty {
    boolean isSaid;
    long saidNanos;
    long pending;
    @Nullable Throwable last;
  }

  @Override
  public synchronized void pluginFailed(String plugin, long faults, Throwable last) {
    note(hooks.computeIfAbsent(plugin, _ -> new Faulty()), faults, last);
    flush();
  }

  @Override
  public synchronized void pluginTaskFailed(String plugin, Throwable fault) {
    note(tasks.computeIfAbsent(plugin, _ -> new Faulty()), 1, fault);
    flush();
  }

  @Override
  public void pluginTakenOut(String plugin, boolean failsClosed, Duration outFor) {
    if (failsClosed) {
      log.warn(
          "plugin {} has failed too often and is out for {}: all queries are REFUSED meanwhile",
          plugin,
          ConfigText.print(outFor));
    } else {
      log.warn(
          "plugin {} has failed too often and is out for {}: queries are answered without it",
          plugin,
          ConfigText.print(outFor));
    }
  }

  @Override
  public void pluginBack(String plugin) {
    log.info("plugin {} takes part again", plugin);
  }

  @Override
  public void workerBlocked(
      int worker, @Nullable String plugin, Duration since, List<StackTraceElement> stack) {
    List<String> frames =
        stack.stream().limit(MAX_FRAMES).map(StackTraceElement::toString).toList();
    log.error(
        "worker {} has been blocked for {} by {}, at {}",
        worker,
        ConfigText.print(since.truncatedTo(java.time.temporal.ChronoUnit.MILLIS)),
        plugin == null ? "no plugin that is known" : "plugin " + plugin,
        String.join(" < ", frames));
  }

  @Override
  public void workerResumed(int worker, @Nullable String plugin, Duration after) {
    log.info(
        "worker {} goes on after {} in {}",
        worker,
        ConfigText.print(after.truncatedTo(java.time.temporal.ChronoUnit.MILLIS)),
        plugin == null ? "no plugin that is known" : "plugin " + plugin);
  }

  /** Says what has waited long enough. */
  synchronized void flush() {
    long now = nanoTime.getAsLong();
    hooks.forEach(
        (plugin, faulty) -> {
          if (isDue(faulty, now)) {
            log.error(
                "plugin {}: {} faults of its hooks; the last one was",
                plugin,
                faulty.pending,
                faulty.last);
            said(faulty, now);
          }
        });
    tasks.forEach(
        (plugin, faulty) -> {
          if (isDue(faulty, now)) {
            log.error(
                "plugin {}: its own work outside of queries has failed {} times; the last fault was",
                plugin,
                faulty.pending,
                faulty.last);
            said(faulty, now);
          }
        });
  }

  private static void note(Faulty faulty, long faults, Throwable last) {
    faulty.pending += faults;
    faulty.last = last;
  }

  private static boolean isDue(Faulty faulty, long now) {
    return faulty.pending > 0 && (!faulty.isSaid || now - faulty.saidNanos >= NANOS_BETWEEN);
  }

  private static void said(Faulty faulty, long now) {
    faulty.isSaid = true;
    faulty.saidNanos = now;
    faulty.pending = 0;
    faulty.last = null;
  }
}
