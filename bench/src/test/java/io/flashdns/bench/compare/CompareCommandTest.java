package io.flashdns.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.flashdns.bench.Bench;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The command, with real servers for a moment. */
class CompareCommandTest {
  private static final Path ROOT =
      Files.isDirectory(Path.of("management")) ? Path.of("").toAbsolutePath() : Path.of("..");

  /** It is there when this module's tests run by {@code mvn verify}. */
  private static final Path DISTRIBUTION = ROOT.resolve("management/target/flashdns");

  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int compare(String... arguments) {
    CommandLine line = Bench.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of("compare"));
    all.addAll(List.of(arguments));
    return line.execute(all.toArray(String[]::new));
  }

  private static boolean canRun() throws IOException {
    boolean there = Contender.find("taskset") != null && Contender.find("cc") != null;
    boolean two;
    try {
      two = Cores.ofProcess().all().size() > 1;
    } catch (CompareException _) {
      two = false;
    }
    return there && two;
  }

  @Test
  void wrongUseIsOneSentence() {
    assertThat(compare("--rounds", "0")).isEqualTo(2);
    assertThat(err.toString()).startsWith("flashdns bench: --rounds: 1 to 1000\n");
  }

  @Test
  void unknownServerIsNamed() {
    assertThat(compare("--servers", "floor,djbdns", "--flashdns", folder.toString())).isEqualTo(2);
    assertThat(err.toString())
        .contains("--servers: 'djbdns' is none of floor, knot, nsd, bind, powerdns");
  }

  @Test
  void reportOfSomethingElseIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("x.json"), "[1]");

    assertThat(compare("--report", file.toString())).isEqualTo(1);
    assertThat(err.toString()).contains(file + " is no result of a comparison");
  }

  @Test
  void reportIsWrittenAgainFromItsRounds() throws Exception {
    Results results =
        new MadeUp("floor", "knot", "flashdns")
            .with(Part.COST, "hit", "knot", Figure.CPU_MICROS, 4, 4, 4)
            .with(Part.COST, "hit", "flashdns", Figure.CPU_MICROS, 2, 2, 2)
            .wrong("knot", 1, "x. A: SERVFAIL")
            .results();
    Path json = folder.resolve("run.json");
    ResultsFile.write(results, json);

    int status = compare("--report", json.toString(), "--out", folder.resolve("again").toString());

    assertThat(status).as("a reply was wrong").isEqualTo(1);
    assertThat(ResultsFile.read(folder.resolve("again.json"))).isEqualTo(results);
    assertThat(folder.resolve("again.md")).content().contains("0.50 (knot)");
    assertThat(folder.resolve("again.html")).content().contains("<svg");
  }

  @Test
  void whatIsWrongWithAFolderIsSaidBeforeAnythingIsStarted() throws Exception {
    assumeTrue(canRun(), "needs taskset, cc and two processors");
    Path build = folder.resolve("build");
    Files.createDirectories(build.resolve("bin"));
    Path launcher = Files.createFile(build.resolve("bin").resolve("flashdns"));
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    Path zones = Files.createDirectories(folder.resolve("w").resolve("zones"));
    Files.createFile(zones.resolve("a.test.zone"));
    Path file = Files.createFile(folder.resolve("file"));

    assertRefused(
        "--flashdns: " + folder.resolve("none") + " is no distribution",
        "--flashdns=" + folder.resolve("none"));
    assertRefused(
        "there is no folder " + folder.resolve("no").resolve("zones"),
        "--flashdns=" + build,
        "--work=" + folder.resolve("no"));
    assertRefused(
        "--work: there is no list " + folder.resolve("w").resolve("hit.q"),
        "--flashdns=" + build,
        "--work=" + folder.resolve("w"));
    assertRefused(
        "the folder of --out cannot be made", "--flashdns=" + build, "--out=" + file + "/x/report");
  }

  private void assertRefused(String sentence, String... arguments) {
    err.getBuffer().setLength(0);
    List<String> all = new ArrayList<>(List.of("--folder=" + folder.resolve("work")));
    all.addAll(List.of(arguments));
    assertThat(compare(all.toArray(String[]::new))).isEqualTo(1);
    assertThat(err.toString()).startsWith("flashdns bench: " + sentence).endsWith("\n");
    assertThat(err.toString().lines()).hasSize(1);
    assertThat(folder.resolve("work")).doesNotExist();
  }

  @Test
  void aRealRunHasEveryServersRoundsAndLeavesNoneBehind() throws Exception {
    assumeTrue(canRun(), "needs taskset, cc and two processors");
    boolean packaged = Files.isExecutable(DISTRIBUTION.resolve("bin/flashdns"));
    boolean hasKnot = Peer.KNOT.missing() == null;
    assumeTrue(packaged || hasKnot, "needs the distribution or the Debian package knot");

    List<Integer> before = Cores.ofProcess().all();
    int status =
        compare(
            "--quick",
            "--servers=floor,knot",
            "--flashdns=" + DISTRIBUTION.toAbsolutePath(),
            "--parts=cost,start",
            "--queries=mix",
            "--folder=" + folder.resolve("work"),
            "--out=" + folder.resolve("report"));

    assertThat(status).as(err.toString()).isZero();
    Results results = ResultsFile.read(folder.resolve("report.json"));
    assertThat(results.isWhole()).isTrue();
    assertThat(results.wrong()).isZero();
    List<String> expected = new ArrayList<>(List.of("floor"));
    if (hasKnot) {
      expected.add("knot");
    }
    if (packaged) {
      expected.add("flashdns");
    }
    Results.Line mix = new Results.Line(Part.COST, "100 zones of 20 names", "mix");
    assertThat(results.spreads(mix, Figure.RATE).keySet()).containsExactlyElementsOf(expected);
    assertThat(results.spreads(mix, Figure.RATE).values()).allMatch(rate -> rate.median() > 0);
    Results.Line start = new Results.Line(Part.START, "100 zones of 20 names", StartParts.AGAIN);
    assertThat(results.spreads(start, Figure.READY).keySet())
        .containsExactlyElementsOf(expected.subList(1, expected.size()));
    assertThat(ProcessHandle.current().descendants()).isEmpty();
    assertThat(Cores.ofProcess().all()).as("processors of this process").isEqualTo(before);
  }
}
