package io.flashdns.differential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * FlashDNS, Knot and NSD give the same answers, over real sockets.
 *
 * <p>Properties: {@code flashdns.differential.questions} (50,000), {@code
 * flashdns.differential.seed} (1), {@code flashdns.gov.zone} (a file with the .gov zone), {@code
 * flashdns.require.peers} (a missing peer is a failure).
 */
@Tag("differential")
class DifferentialTest {
  private static final int QUESTIONS =
      Integer.getInteger("flashdns.differential.questions", 50_000);
  private static final long SEED = Long.getLong("flashdns.differential.seed", 1);

  @BeforeAll
  static void needsPeers() {
    List<String> missing =
        Stream.of("knotd", "nsd", "dnssec-keygen", "dnssec-signzone")
            .filter(program -> !PeerServer.isInstalled(program))
            .toList();
    String message =
        "not installed: " + missing + "; they are in the Debian packages knot, nsd and bind9-utils";
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(missing).as(message).isEmpty();
    }
    assumeTrue(missing.isEmpty(), message);
  }

  @Test
  void generatedZonesAreAnsweredAsByKnotAndNsd() throws Exception {
    Path folder = emptyFolder("zones");
    World world = World.write(ZoneGenerator.zones(SEED), folder.resolve("zones"));
    assertThat(world.zones()).hasSizeGreaterThanOrEqualTo(200);
    Path gov = govZone();
    if (Files.isReadable(gov)) {
      world.add("gov.", gov);
    } else {
      System.out.println(
          "without the .gov zone: " + gov + " is not there; -Dflashdns.gov.zone=FILE names it");
    }
    run("zones", world, folder, QUESTIONS);
  }

  @Test
  void rootZoneIsAnsweredAsByKnotAndNsd() throws Exception {
    Path folder = emptyFolder("root");
    World world = World.write(ZoneGenerator.rootAndBelow(SEED), folder.resolve("zones"));
    run("root", world, folder, QUESTIONS / 10);
  }

  private static void run(String name, World world, Path folder, int questions) throws Exception {
    Report report;
    try (DifferentialRun run = new DifferentialRun(world, folder)) {
      report =
          run.ask(
              name + ", seed " + SEED + ", " + world.zones().size() + " zones", SEED, questions);
    }
    System.out.println(report);
    assertThat(report.found())
        .as(
            "%s%n%nzones, configurations and logs: %s%n%s",
            report, folder.toAbsolutePath(), report.problems())
        .isZero();
    delete(folder);
  }

  /** The file that the property names, or the one beside the checkout. */
  private static Path govZone() {
    String named = System.getProperty("flashdns.gov.zone");
    Path top = Files.exists(Path.of("../core/pom.xml")) ? Path.of("..") : Path.of(".");
    return named != null ? Path.of(named) : top.resolve("../shared/zones/gov.zone");
  }

  private static Path emptyFolder(String name) throws IOException {
    Path folder = Path.of("target", "differential", name);
    delete(folder);
    return Files.createDirectories(folder).toAbsolutePath();
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
