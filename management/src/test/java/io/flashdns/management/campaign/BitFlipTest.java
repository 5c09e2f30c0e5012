package io.flashdns.management.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Views;
import io.flashdns.management.campaign.Asker.Question;
import io.flashdns.management.campaign.Asker.Reply;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Flips one bit in a file of a server that does not run, starts it, and asks for everything. A flip
 * may stop the start, may cost a zone its answers until it is mended, may be mended or do nothing:
 * what it must never do is to change an answer.
 */
class BitFlipTest {
  private static final int ZONES = Campaign.LONG ? 2_000 : 300;
  private static final int ZONES_A_CHANGE = 100;
  private static final int NAMES = 3;
  private static final int CHANGES_AFTERWARDS = 150;
  private static final long MENDED_WITHIN_NANOS = 5_000_000_000L;

  @TempDir Path folder;

  /** What became of a flip. */
  private enum Outcome {
    /** The start stopped with a sentence that says why. */
    REFUSED,
    /** A zone is not answered, or the store will not read a part of it, and says so. */
    NOTICED,
    /** A zone was not answered at first, and rightly soon after. */
    MENDED,
    /** All is as it was: mended, or nobody reads that bit. */
    HARMLESS,
    /** The start stopped with something that nobody understands. */
    UNCLEAR,
    WRONG
  }

  private record Truth(
      List<Question> questions,
      List<Reply> replies,
      List<StoredZone> zones,
      Map<ZoneId, List<StoredRRset>> content) {}

  @Test
  void noFlippedBitChangesAnAnswer() throws Exception {
    int flips = Campaign.runs(60, 1_000);
    long seed = Campaign.seed();
    SplittableRandom dice = new SplittableRandom(seed);
    Path stopped = folder.resolve("stopped");
    Path killed = folder.resolve("killed");
    Truth truth = build(stopped, killed);

    Map<String, Map<Outcome, Integer>> outcomes = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < flips; i++) {
      Path copy = Campaign.copy(i % 2 == 0 ? stopped : killed, folder.resolve("copy"));
      Path file = pick(copy, dice);
      long bit = dice.nextLong(Files.size(file) * 8);
      flip(file, bit);
      List<String> said = new ArrayList<>();
      Outcome outcome = start(copy, truth, said);
      String kind = file.getFileName().toString().replaceAll("-?[0-9]+", "");
      outcomes
          .computeIfAbsent(kind, _ -> new EnumMap<>(Outcome.class))
          .merge(outcome, 1, Integer::sum);
      if (outcome == Outcome.WRONG || outcome == Outcome.UNCLEAR) {
        wrong.add(
            "flip %d of seed %d, bit %d of %s (%s): %s %s"
                .formatted(
                    i,
                    seed,
                    bit,
                    file.getFileName(),
                    i % 2 == 0 ? "stopped" : "killed",
                    outcome,
                    said));
      }
      Campaign.delete(copy);
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("seed", seed);
    figures.put("zones", ZONES);
    figures.put("questionsEach", truth.questions().size());
    figures.put("flips", flips);
    for (Outcome outcome : Outcome.values()) {
      figures.put(
          outcome.name().toLowerCase(Locale.ROOT),
          outcomes.values().stream().mapToInt(of -> of.getOrDefault(outcome, 0)).sum());
    }
    figures.put("byFile", outcomes);
    Campaign.report("bit-flips", figures);
    assertThat(wrong).isEmpty();
  }

  /**
   * Makes the same data twice: left by a server that was stopped, and by one that was killed and
   * has its last changes in the write-ahead log.
   */
  private Truth build(Path stopped, Path killed) throws Exception {
    Files.createDirectories(stopped);
    try (Node node = Node.open(stopped, true, 0)) {
      ZoneStore store = node.store();
      for (int i = 0; i < ZONES; i += ZONES_A_CHANGE) {
        List<ZoneChange> changes = new ArrayList<>();
        for (int j = i; j < i + ZONES_A_CHANGE; j++) {
          changes.add(create(j));
        }
        store.commit(ChangeSet.of("test", changes.toArray(ZoneChange[]::new)));
      }
    }
    try (Node node = Node.open(stopped, true, 0)) {
      ZoneStore store = node.store();
      List<StoredZone> zones = zones(store);
      SplittableRandom dice = new SplittableRandom(1);
      for (int i = 0; i < CHANGES_AFTERWARDS; i++) {
        StoredZone zone = zones.get(dice.nextInt(zones.size()));
        DomainName owner = DomainName.parse("n0", zone.settings().key().apex());
        RRset txt = new RRset(owner, RecordType.TXT, Work.TTL, List.of(Work.txt("change " + i)));
        store.commit(
            ChangeSet.of(
                "test", new ZoneChange.Edit(zone.id(), List.of(new RRsetEdit.Put(txt, -1)), -1)));
      }
      node.awaitServed();
      Campaign.copy(stopped, killed);
    }
    try (Node node = Node.open(Campaign.copy(stopped, folder.resolve("truth")), true, 0)) {
      return truth(node);
    }
  }

  private static ZoneChange create(int number) {
    DomainName apex = apex(number);
    Map<String, TreeSet<String>> tags = new TreeMap<>();
    for (int i = 0; i < NAMES; i++) {
      tags.put("n" + i, new TreeSet<>(List.of("zone " + number + " name " + i)));
    }
    return new ZoneChange.Create(
        ZoneSettings.of(new ZoneKey(Views.PUBLIC_NAME, apex)), Work.block(apex, tags, number + 1));
  }

  private static DomainName apex(int number) {
    return DomainName.parse("z" + number + ".flip.test");
  }

  private static Truth truth(Node node) throws Exception {
    List<Question> questions = new ArrayList<>();
    for (int i = 0; i < ZONES; i++) {
      questions.add(new Question(apex(i), RecordType.SOA));
      for (int j = 0; j <= NAMES; j++) {
        questions.add(new Question(DomainName.parse("n" + j, apex(i)), RecordType.TXT));
      }
    }
    questions.add(new Question(DomainName.parse("elsewhere.test"), RecordType.TXT));
    List<Reply> replies = ask(node, questions);
    assertThat(replies).allMatch(reply -> reply.rcode() != Rcode.SERVFAIL);
    assertThat(replies.stream().filter(reply -> reply.data().size() == 1))
        .hasSize(ZONES * (1 + NAMES));
    return new Truth(questions, replies, zones(node.store()), content(node.store()));
  }

  private static List<Reply> ask(Node node, List<Question> questions) throws IOException {
    InetSocketAddress dns = node.dns();
    if (dns == null) {
      throw new IllegalStateException("it does not serve");
    }
    try (Asker asker = new Asker(dns)) {
      return asker.askAll(questions);
    }
  }

  private static List<StoredZone> zones(ZoneStore store) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      List<StoredZone> listed = snapshot.zones(0, Integer.MAX_VALUE);
      for (StoredZone zone : listed) {
        if (!zone.equals(snapshot.zone(zone.settings().key()))
            || !zone.equals(snapshot.zone(zone.id()))) {
          throw new IllegalStateException(
              "zone " + zone.id() + " is found by one way and not by another");
        }
      }
      return listed;
    }
  }

  private static Map<ZoneId, List<StoredRRset>> content(ZoneStore store) throws StoreException {
    Map<ZoneId, List<StoredRRset>> all = new LinkedHashMap<>();
    try (StoreSnapshot snapshot = store.snapshot()) {
      for (StoredZone zone : snapshot.zones(0, Integer.MAX_VALUE)) {
        List<StoredRRset> rrsets = new ArrayList<>();
        try (ContentView.ContentReader reader = snapshot.content(zone.id(), null)) {
          for (RRsetBlock block = reader.next(); block != null; block = reader.next()) {
            rrsets.addAll(block.rrsets());
          }
        }
        all.put(zone.id(), rrsets);
      }
    }
    return all;
  }

  /** One of the files, each kind as likely as any other. */
  private static Path pick(Path data, SplittableRandom dice) throws IOException {
    try (Stream<Path> walk = Files.walk(data)) {
      List<Path> files =
          walk.filter(
                  file ->
                      file.toString().matches(".*(\\.db|-wal|\\.img|acknowledged)")
                          && file.toFile().length() > 0)
              .sorted()
              .toList();
      return files.get(dice.nextInt(files.size()));
    }
  }

  private static void flip(Path file, long bit) throws IOException {
    try (RandomAccessFile octets = new RandomAccessFile(file.toFile(), "rw")) {
      octets.seek(bit / 8);
      int octet = octets.read();
      octets.seek(bit / 8);
      octets.write(octet ^ 1 << bit % 8);
    }
  }

  private static Outcome start(Path data, Truth truth, List<String> said)
      throws InterruptedException {
    Outcome outcome = Outcome.HARMLESS;
    try (Node node = Node.open(data, true, 0)) {
      outcome = ask(node, truth, said);
      long patience = System.nanoTime() + MENDED_WITHIN_NANOS;
      while (outcome == Outcome.NOTICED && said.isEmpty() && System.nanoTime() - patience < 0) {
        LockSupport.parkNanos(20_000_000);
        if (ask(node, truth, said) == Outcome.HARMLESS) {
          outcome = Outcome.MENDED;
        }
      }
      outcome = said.isEmpty() ? read(node.store(), truth, said, outcome) : outcome;
    } catch (StoreException | IOException e) {
      said.add(e.toString());
      return isClear(e) ? Outcome.REFUSED : Outcome.UNCLEAR;
    } catch (RuntimeException e) {
      said.add(e.toString());
      return Outcome.UNCLEAR;
    }
    return said.isEmpty() ? outcome : Outcome.WRONG;
  }

  /** Asks everything once; what is wrong is said. */
  private static Outcome ask(Node node, Truth truth, List<String> said) throws IOException {
    Outcome outcome = Outcome.HARMLESS;
    List<Reply> replies = ask(node, truth.questions());
    for (int i = 0; i < replies.size() && said.size() < 4; i++) {
      Reply expected = truth.replies().get(i);
      Reply reply = replies.get(i);
      if (reply.rcode() == Rcode.SERVFAIL) {
        outcome = Outcome.NOTICED;
      } else if (!reply.said().equals(expected.said())) {
        said.add(truth.questions().get(i) + " was " + expected.said() + ", is " + reply.said());
      }
    }
    return outcome;
  }

  /** What the store itself says, to whoever reads it. */
  private static Outcome read(ZoneStore store, Truth truth, List<String> said, Outcome otherwise) {
    try {
      List<StoredZone> zones = zones(store);
      if (!zones.equals(truth.zones())) {
        said.add("the store lists other zones: " + difference(truth.zones(), zones));
      } else if (!content(store).equals(truth.content())) {
        said.add("the store has another content");
      }
      return otherwise;
    } catch (StoreException e) {
      return Outcome.NOTICED;
    }
  }

  private static String difference(Collection<StoredZone> expected, Collection<StoredZone> found) {
    List<StoredZone> missing = new ArrayList<>(expected);
    missing.removeAll(found);
    return expected.size()
        + " and "
        + found.size()
        + ", missing "
        + missing.subList(0, Math.min(2, missing.size()));
  }

  /** A sentence for operators: not a class name, not a bare code. */
  private static boolean isClear(Exception e) {
    String message = Objects.toString(e.getMessage(), "");
    return message.length() > 30
        && message.contains(" ")
        && !(e.getCause() instanceof UncheckedIOException);
  }
}
