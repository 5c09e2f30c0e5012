package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.etcd.jetcd.api.StatusResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a node makes of the versions of etcd's members, each of them behind a relay. */
final class MemberVersionsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String STATUS = "etcdserverpb.Maintenance/Status";

  @TempDir static Path temp;
  private static EtcdCluster etcd;

  private final Logger logger = (Logger) LoggerFactory.getLogger(MemberVersions.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final List<EtcdRelay> relays = new ArrayList<>();

  @BeforeAll
  static void startEtcd() throws Exception {
    etcd = EtcdCluster.start(temp.resolve("etcd"), 1);
  }

  @AfterAll
  static void endEtcd() {
    if (etcd != null) {
      etcd.close();
    }
  }

  @BeforeEach
  void listenAndRelay() throws Exception {
    lines.list = new CopyOnWriteArrayList<>();
    lines.start();
    logger.addAppender(lines);
    for (int i = 0; i < 3; i++) {
      relays.add(EtcdRelay.to(etcd.members().getFirst()));
    }
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    relays.forEach(EtcdRelay::close);
  }

  private String endpoint(int relay) {
    return relays.get(relay).wire().endpoint();
  }

  private List<String> endpoints() {
    return relays.stream().map(relay -> relay.wire().endpoint()).toList();
  }

  private EtcdConfig config() {
    EtcdConfig direct = etcd.fresh();
    return direct.at("etcd://" + String.join(",", endpoints()) + direct.prefix());
  }

  /** Has a member say that it is such a one. */
  private void pretend(int relay, String version) {
    StatusResponse status = StatusResponse.newBuilder().setVersion(version).build();
    answer(relay, new EtcdRelay.Fate.Instead(status));
  }

  private void answer(int relay, EtcdRelay.Fate fate) {
    relays.get(relay).calls((method, _) -> method.equals(STATUS) ? fate : EtcdRelay.Fate.PASS);
  }

  private List<String> said() {
    return lines.list.stream()
        .filter(line -> line.getLevel().isGreaterOrEqual(ch.qos.logback.classic.Level.INFO))
        .map(line -> line.getLevel() + " " + line.getFormattedMessage())
        .toList();
  }

  /** What the program says of itself. */
  private static String installed() throws Exception {
    Process process = new ProcessBuilder("etcd", "--version").start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return Pattern.compile("etcd Version: (\\S+)")
        .matcher(text)
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  @Test
  void versionOfEveryMemberIsToldAndTheOldestIsSaidOnce() throws Exception {
    String version = installed();
    try (Node node = Node.open(Files.createTempDirectory(temp, "node"), config())) {
      await().atMost(PATIENCE).until(() -> node.store().figures().versions().size() == 3);
      EtcdFigures figures = node.store().figures();
      assertThat(figures.versions())
          .isEqualTo(endpoints().stream().collect(Collectors.toMap(each -> each, _ -> version)));
      EtcdVersion.Repairs repairs = EtcdVersion.parse(version).orElseThrow().repairs();
      int outdated = repairs == EtcdVersion.Repairs.ALL ? 0 : 1;
      assertThat(figures.outdated()).isEqualTo(3 * outdated);
      await().atMost(PATIENCE).until(() -> said().size() == outdated);
      assertThat(said()).allMatch(line -> line.contains(" is " + version + ", "));
    }
  }

  @Test
  void ofMembersThatDifferTheOldestIsSaidOnceForEachVersion() throws Exception {
    EtcdConfig config = config();
    try (Etcd way = Etcd.of(config);
        MemberVersions versions = new MemberVersions(way, config.endpoints(), Thread::new)) {
      pretend(0, "3.5.30");
      pretend(1, "3.4.23");
      pretend(2, "3.6.14");
      versions.ask();
      versions.ask();
      assertThat(said())
          .containsExactly(
              "ERROR etcd at %s is 3.4.23, of a line that is no longer repaired and has known faults of watches, compaction, leases and authentication: bring all members to 3.5.33, 3.6.14 or newer"
                  .formatted(endpoint(1)));
      assertThat(versions.outdated()).isEqualTo(2);

      pretend(1, "3.5.33");
      versions.ask();
      versions.ask();
      assertThat(said())
          .hasSize(2)
          .last()
          .isEqualTo(
              "WARN etcd at %s is 3.5.30, which lacks repairs of watches and authentication that were made in 2026: bring all members to 3.5.33, 3.6.14 or newer"
                  .formatted(endpoint(0)));
      assertThat(versions.outdated()).isEqualTo(1);

      pretend(0, "3.5.33");
      versions.ask();
      assertThat(said()).as("nothing is wrong with the oldest").hasSize(2);
      assertThat(versions.outdated()).isZero();
      assertThat(versions.told())
          .isEqualTo(Map.of(endpoint(0), "3.5.33", endpoint(1), "3.5.33", endpoint(2), "3.6.14"));
    }
  }

  @Test
  void memberThatDoesNotAnswerKeepsWhatItTold() throws Exception {
    EtcdConfig config = config();
    try (Etcd way = Etcd.of(config);
        MemberVersions versions = new MemberVersions(way, config.endpoints(), Thread::new)) {
      pretend(0, "3.5.30");
      relays.get(1).wire().cut();
      answer(2, new EtcdRelay.Fate.LostRequest());
      versions.ask();
      assertThat(versions.told()).isEqualTo(Map.of(endpoint(0), "3.5.30"));

      relays.get(0).wire().cut();
      relays.get(1).wire().heal();
      pretend(1, "3.6.14");
      pretend(2, "not a version");
      versions.ask();
      assertThat(versions.told()).isEqualTo(Map.of(endpoint(0), "3.5.30", endpoint(1), "3.6.14"));
      assertThat(versions.outdated()).isEqualTo(1);
      assertThat(said()).hasSize(1);
    }
  }

  @Test
  void nodeWaitsForNoVersion() throws Exception {
    for (int i = 0; i < relays.size(); i++) {
      answer(i, new EtcdRelay.Fate.LostRequest());
    }
    EtcdConfig config = config();
    try (Node writer =
        Node.open(Files.createTempDirectory(temp, "node"), etcd.at(config.prefix()))) {
      writer.create("example.org.");
      long begin = System.nanoTime();
      try (Node node = Node.open(Files.createTempDirectory(temp, "node"), config)) {
        writer.set("www.example.org.", "example.org.", "first", "");
        await()
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(5))
            .until(() -> node.text("www.example.org.", "example.org.").equals("first"));
        assertThat(node.store().figures().versions()).isEmpty();
      }
      // To ask three members that say nothing takes more than four seconds.
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(4));
    }
  }
}
