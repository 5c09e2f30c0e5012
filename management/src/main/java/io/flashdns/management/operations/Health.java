package io.flashdns.management.operations;

import io.flashdns.core.engine.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * How the server does: told by those who know, judged here.
 *
 * <p><b>Live</b> means that it can still do its work, and that a restart would not help. It is not
 * when housekeeping has stood still for {@value #BEAT_SECONDS} s, for then nobody watches over
 * plugins and the wall clock of queries stands; nor when all workers have been blocked for {@value
 * #BLOCKED_SECONDS} s, for then nobody is answered. That some of the workers are blocked is said
 * and is no reason: the others answer, and a restart would take them too. Nor is anything that a
 * restart does not mend, such as a broken zone file.
 *
 * <p><b>Ready</b> means that it should be sent queries: its ports are open, it is not draining, and
 * all zones are whole. A zone whose file is broken now and that is served in an older version is
 * whole: all servers of a fleet read the same file, and they must not all step aside for it. A zone
 * file that was never read without errors is a zone that this server refuses and others may answer
 * from, so it makes the server unready, unless the configuration says otherwise.
 *
 * <p>A store that takes no changes, and zones that cannot be brought up to date with it, are said
 * and make nobody unready: what is served is served all the same. Before the server has caught up
 * with its store it is not ready; nor is one that is configured to step aside when the store that
 * it shares with others has not answered for so long.
 *
 * <p>Safe for all threads; nothing here blocks.
 */
public final class Health {
  private static final int BEAT_SECONDS = 5;
  private static final int BLOCKED_SECONDS = 10;

  private static final int LAG_SAID_SECONDS = 10;

  /** How many files are named. */
  private static final int NAMED = 100;

  private static final String REMEDY =
      "mend the file and send SIGHUP, remove it, or set operations.ready-with-broken-zones";

  private final int workers;
  private final boolean readyWithBrokenZones;
  private final LongSupplier nanoTime;
  private volatile boolean open;
  private volatile boolean draining;
  private volatile Beat beat;
  private volatile Supplier<Store> store = () -> Store.WELL;
  private volatile Zones zones = new Zones(false, false, List.of(), List.of());

  /**
   * What housekeeping saw last.
   *
   * @param blocked workers that a hook blocks
   * @param allBlockedNanos since when all are; of no meaning while they are not
   */
  private record Beat(long nanos, int blocked, long allBlockedNanos) {}

  /**
   * What the last look at the zone files gave.
   *
   * @param wereRead true once the folder could be read
   */
  private record Zones(
      boolean wereRead, boolean folderWasRead, List<String> broken, List<String> outdated) {}

  /**
   * How the store does, and what is served from it.
   *
   * @param caughtUp true once all that the store held at the start is served
   * @param lagSeconds for how long there have been changes that are not served yet
   * @param readOnlyReason why it takes no changes; empty when it does
   * @param withdrawal why the server should be sent no queries while others can be; empty else
   * @param faults zones that cannot be brought up to date
   * @param named some of them, each with the reason
   */
  public record Store(
      boolean caughtUp,
      double lagSeconds,
      String readOnlyReason,
      String withdrawal,
      int faults,
      List<String> named) {
    /** Nothing to be said of it. */
    public static final Store WELL = new Store(true, 0, "", "", 0, List.of());

    public Store {
      named = List.copyOf(named);
    }
  }

  /**
   * A judgement.
   *
   * @param good whether it holds
   * @param lines why not, and what else should be known; no line breaks in them
   */
  public record Verdict(boolean good, List<String> lines) {}

  /**
   * The health of a server that is starting.
   *
   * @param workers event loops, 1 or more
   * @param readyWithBrokenZones see {@link OperationsConfig}
   * @param nanoTime {@link System#nanoTime}
   */
  public Health(int workers, boolean readyWithBrokenZones, LongSupplier nanoTime) {
    this.workers = workers;
    this.readyWithBrokenZones = readyWithBrokenZones;
    this.nanoTime = nanoTime;
    this.beat = new Beat(nanoTime.getAsLong(), 0, 0);
  }

  /** The ports are open. */
  public void serving() {
    open = true;
  }

  /** No more queries are taken: not ready from here on. */
  public void draining() {
    draining = true;
  }

  /**
   * Housekeeping has come by. One thread, several times a second.
   *
   * @param blockedWorkers how many workers are blocked by a hook
   */
  public void beat(int blockedWorkers) {
    long now = nanoTime.getAsLong();
    Beat last = beat;
    boolean wereAllBlocked = last.blocked() >= workers;
    beat = new Beat(now, blockedWorkers, wereAllBlocked ? last.allBlockedNanos() : now);
  }

  /**
   * The zone files were looked at. One thread at a time.
   *
   * @param folderWasRead false when their folder could not be read and all zones stay as they were
   * @param broken files without a good version
   * @param outdated files that are broken now, whose zones are served in an older version
   */
  public void zones(boolean folderWasRead, List<String> broken, List<String> outdated) {
    zones =
        new Zones(
            zones.wereRead() || folderWasRead,
            folderWasRead,
            List.copyOf(broken),
            List.copyOf(outdated));
  }

  /** Who tells of the store from here on, at each question; must not block. */
  public void store(Supplier<Store> teller) {
    store = teller;
  }

  /** Whether it can do its work. */
  public Verdict live() {
    Beat last = beat;
    long now = nanoTime.getAsLong();
    List<String> lines = new ArrayList<>();
    boolean good = true;
    long stood = TimeUnit.NANOSECONDS.toSeconds(now - last.nanos());
    if (stood >= BEAT_SECONDS) {
      good = false;
      lines.add("housekeeping has stood still for " + stood + " s");
    }
    if (last.blocked() >= workers) {
      long since = TimeUnit.NANOSECONDS.toSeconds(now - last.allBlockedNanos());
      good &= since < BLOCKED_SECONDS;
      lines.add("all workers have been blocked by plugins for " + since + " s");
    } else if (last.blocked() > 0) {
      lines.add(last.blocked() + " of " + workers + " workers are blocked by plugins");
    }
    return new Verdict(good, lines);
  }

  /** Whether it should be sent queries. */
  public Verdict ready() {
    Zones now = zones;
    Store stored = store.get();
    List<String> lines = new ArrayList<>();
    boolean good = open && !draining && now.wereRead() && stored.caughtUp();
    good &= stored.withdrawal().isEmpty();
    if (draining) {
      lines.add("the server is draining");
    } else if (!open) {
      lines.add("the ports are not open yet");
    }
    if (!stored.withdrawal().isEmpty()) {
      lines.add(visible(stored.withdrawal()));
    }
    if (!stored.caughtUp()) {
      lines.add("what the store holds is not served yet");
    }
    if (!now.broken().isEmpty() && !readyWithBrokenZones) {
      good = false;
      lines.add("zones are missing: " + REMEDY);
    }
    if (!now.wereRead()) {
      lines.add("the folder of zones has never been read");
    } else if (!now.folderWasRead()) {
      lines.add("the folder of zones cannot be read, all zones stay as they were");
    }
    name(now.broken(), " was never read without errors, its zone is not served", lines);
    name(now.outdated(), " is broken now, its zone is served as it was before", lines);
    say(stored, lines);
    return new Verdict(good, lines);
  }

  private static void say(Store stored, List<String> lines) {
    if (!stored.readOnlyReason().isEmpty()) {
      lines.add("the store takes no changes: " + visible(stored.readOnlyReason()));
    }
    if (stored.lagSeconds() >= LAG_SAID_SECONDS) {
      lines.add("what is served is " + (long) stored.lagSeconds() + " s behind the store");
    }
    for (String fault : stored.named()) {
      lines.add(visible(fault));
    }
    if (stored.faults() > stored.named().size()) {
      lines.add(
          (stored.faults() - stored.named().size()) + " more zones cannot be brought up to date");
    }
  }

  private static void name(List<String> files, String what, List<String> lines) {
    for (String file : files.subList(0, Math.min(NAMED, files.size()))) {
      lines.add(visible(file) + what);
    }
    if (files.size() > NAMED) {
      lines.add("and " + (files.size() - NAMED) + " more");
    }
  }

  /** File names may hold anything, line breaks too. */
  private static String visible(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }

  /** The same as metrics. */
  List<Metric> metrics() {
    Zones now = zones;
    double age = (nanoTime.getAsLong() - beat.nanos()) / 1e9;
    return List.of(
        Samples.gauge("flashdns_live", "1 while the server can do its work", live().good() ? 1 : 0),
        Samples.gauge(
            "flashdns_ready", "1 while the server should be sent queries", ready().good() ? 1 : 0),
        Samples.gauge(
            "flashdns_zones_broken",
            "Zone files that were never read without errors",
            now.broken().size()),
        Samples.gauge(
            "flashdns_zones_outdated",
            "Zones served in an older version, because their file is broken now",
            now.outdated().size()),
        Samples.gauge(
            "flashdns_housekeeping_age_seconds", "Time since housekeeping came by last", age));
  }
}
