package io.flashdns.management.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Faults of etcd and of the network, one after the other, while servers are asked and changes made.
 * In the build each kind once; with {@code -Dcampaign} a hundred and more, drawn, see the package.
 */
final class FaultTest {
  private static final boolean IS_CAMPAIGN = System.getProperty("campaign") != null;
  private static final int FAULTS = Integer.getInteger("fleet.faults", 112);
  private static final long EQUAL_LIMIT_MILLIS = 3_000;
  private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(150);
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long BETWEEN_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
  private static final int WARM_UP = 30;
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  /** Those of the build that others have in them, and that therefore only a campaign has. */
  private static final List<Faults.Kind> LONG_ALONE =
      List.of(
          Faults.Kind.FOLLOWER_KILLED,
          Faults.Kind.FOLLOWER_CUT_OFF,
          Faults.Kind.MEMBER_SAYS_NOTHING,
          Faults.Kind.NODE_HEARS_NOTHING);

  @TempDir Path folder;

  private final SplittableRandom dice = new SplittableRandom(seed());
  private final List<String> faults = new ArrayList<>();
  private final List<Map<String, Object>> made = new ArrayList<>();
  private final Map<Faults.Kind, Integer> turns = new EnumMap<>(Faults.Kind.class);

  private static long seed() {
    return Long.getLong("fleet.seed", 6);
  }

  private List<Faults.Kind> plan() {
    List<Faults.Kind> plan = new ArrayList<>();
    if (!IS_CAMPAIGN) {
      plan.addAll(List.of(Faults.Kind.values()));
      plan.removeAll(LONG_ALONE);
      return plan;
    }
    Random shuffler = new Random(seed());
    while (plan.size() < FAULTS) {
      List<Faults.Kind> round = new ArrayList<>(List.of(Faults.Kind.values()));
      Collections.shuffle(round, shuffler);
      plan.addAll(round);
    }
    return plan;
  }

  /** How long a fault lasts: of the campaign a few seconds, and some outages minutes. */
  private long holdMillis(Faults.Kind kind) {
    int turn = turns.merge(kind, 1, Integer::sum);
    boolean isOutage = kind == Faults.Kind.ALL_MEMBERS_DOWN;
    if (!IS_CAMPAIGN) {
      return isOutage ? 10_000 : 1_500;
    }
    if (isOutage && turn <= 2) {
      return turn == 1 ? 180_000 : 90_000;
    }
    return isOutage ? dice.nextLong(5_000, 20_000) : dice.nextLong(500, 6_000);
  }

  @Test
  void queriesAreAnsweredAndChangesKeptWhateverBreaks() throws Exception {
    long begin = System.nanoTime();
    List<Probe> probes = new ArrayList<>();
    Map<String, Object> figures = new LinkedHashMap<>();
    try (Fleet fleet = Fleet.start(folder)) {
      for (Server server : fleet.servers()) {
        probes.add(Probe.start(server));
      }
      figures.put("etcd", String.join(" and ", fleet.etcdVersions()) + ", 3 members");
      long started = System.nanoTime();
      Digests digests = new Digests(fleet);
      Writers writers = new Writers(fleet, seed());
      try {
        Faults maker = new Faults(fleet, probes, dice);
        // The first calls of a JVM are no measure of the others.
        awaitWriting(writers);
        for (Faults.Kind kind : plan()) {
          LockSupport.parkNanos(BETWEEN_NANOS);
          make(kind, fleet, maker, writers, digests);
        }
      } finally {
        writers.close();
      }
      figures.put("seconds", (System.nanoTime() - started) / 1_000_000_000);
      settle(digests, writers);
      for (Probe probe : probes) {
        probe.close();
      }
      collect(figures, probes, writers);
      assertThat(writers.revisions()).as("acknowledged changes").hasSizeGreaterThan(2 * WARM_UP);
      checkLedger(fleet, writers, digests);
    } finally {
      figures.put("faultsFound", faults);
      report(figures);
    }
    System.out.println("in all " + (System.nanoTime() - begin) / 1_000_000_000 + " s");
    assertThat(faults).isEmpty();
  }

  private static void awaitWriting(Writers writers) {
    long end = System.nanoTime() + GIVE_UP_NANOS;
    while (writers.revisions().size() < WARM_UP) {
      assertThat(System.nanoTime() - end).as("changes are made").isNegative();
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void make(Faults.Kind kind, Fleet fleet, Faults maker, Writers writers, Digests digests)
      throws Exception {
    long hold = holdMillis(kind);
    Instant when = Instant.now();
    Faults.Made fault = maker.make(kind, TimeUnit.MILLISECONDS.toNanos(hold));
    // What is made after the heal would be a moving aim.
    writers.pause();
    long end = fault.healedNanos() + GIVE_UP_NANOS;
    long healthy = 0;
    long equal = 0;
    String differs = "";
    while ((healthy == 0 || equal == 0) && System.nanoTime() - end < 0) {
      // A member that heard nothing brings a newer term when it hears again, and with it an
      // election: so etcd may be whole at once, and then not for seconds.
      if (!fleet.isHealthy()) {
        healthy = 0;
      } else if (healthy == 0) {
        healthy = System.nanoTime();
      }
      if (equal == 0) {
        differs = difference(digests, writers);
        equal = differs.isEmpty() ? System.nanoTime() : 0;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    long healthyMillis = TimeUnit.NANOSECONDS.toMillis(healthy - fault.healedNanos());
    long equalMillis = TimeUnit.NANOSECONDS.toMillis(equal - fault.healedNanos());
    long after = Math.max(0, equalMillis - healthyMillis);
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("when", when.truncatedTo(ChronoUnit.MILLIS).toString());
    one.put("kind", kind.name());
    one.put("subject", fault.subject());
    one.put("heldMillis", hold);
    // Members of etcd elect after their own heal; servers cannot be equal before.
    one.put("etcdHealthyMillis", healthyMillis);
    one.put("equalMillis", equalMillis);
    one.put("equalMillisAfterEtcd", after);
    if (!fault.note().isEmpty()) {
      one.put("note", fault.note());
    }
    made.add(one);
    System.out.println(one);
    if (equal == 0 || after > EQUAL_LIMIT_MILLIS) {
      faults.add("servers were equal after " + after + " ms: " + one + " " + differs);
    }
    writers.goOn();
  }

  /** Empty when all servers have the same and serve it. */
  private static String difference(Digests digests, Writers writers) throws Exception {
    String differs = digests.difference();
    return differs.isEmpty() ? digests.differenceOfDns(writers.expected()) : differs;
  }

  private void settle(Digests digests, Writers writers) throws Exception {
    long end = System.nanoTime() + GIVE_UP_NANOS;
    String differs = difference(digests, writers);
    while (!differs.isEmpty() && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(LOOK_NANOS);
      differs = difference(digests, writers);
    }
    if (!differs.isEmpty()) {
      faults.add("in the end: " + differs);
    }
  }

  private void collect(Map<String, Object> figures, List<Probe> probes, Writers writers) {
    for (Probe probe : probes) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("asked", probe.asked());
      one.put("missed", probe.missed());
      one.put("wrong", probe.wrong());
      one.put("slowestMillis", probe.slowestMillis());
      figures.put("probe " + probe.server(), one);
      faults.addAll(probe.faults());
    }
    figures.put("writers", writers.figures());
    faults.addAll(writers.faults());
    figures.put("faults", made.size());
    figures.put("slowestEqualMillis", worst("equalMillis"));
    figures.put("slowestEqualMillisAfterEtcd", worst("equalMillisAfterEtcd"));
  }

  private long worst(String which) {
    return made.stream().mapToLong(one -> (long) one.get(which)).max().orElse(0);
  }

  private void checkLedger(Fleet fleet, Writers writers, Digests digests) throws Exception {
    List<String> first = digests.content(fleet.servers().getFirst());
    for (Server server : fleet.servers()) {
      faults.addAll(digests.checkHistory(server, writers));
      if (!digests.content(server).equals(first)) {
        faults.add("the records of " + server + " are not those of the first");
      }
    }
  }

  private void report(Map<String, Object> figures) throws Exception {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("campaign", "fleet-faults");
    all.put("when", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    all.put("java", Runtime.version().toString());
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.put("seed", seed());
    all.put(
        "command",
        "mvn -pl management -am test -Dtest=FaultTest"
            + (IS_CAMPAIGN ? " -Dcampaign -Dfleet.faults=" + FAULTS : "")
            + " -Dfleet.seed="
            + seed());
    all.putAll(figures);
    all.put("each", made);
    String json = GSON.toJson(all);
    System.out.println(json);
    String file = System.getProperty("fleet.results");
    if (file != null) {
      Files.writeString(Path.of(file), json + "\n");
    }
  }
}
