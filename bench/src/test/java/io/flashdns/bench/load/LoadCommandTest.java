package io.flashdns.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.flashdns.bench.Bench;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(60)
class LoadCommandTest {
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Responder responder;

  @BeforeEach
  void start() throws IOException {
    responder = new Responder();
    Files.writeString(folder.resolve("good.q"), "a.example. A\nb.example. A\n");
    Files.writeString(folder.resolve("bad.q"), "a.example. A\nservfail.example. A\n");
    Files.writeString(folder.resolve("lossy.q"), "a.example. A\ndrop.example. A\n");
  }

  @AfterEach
  void stop() throws IOException {
    responder.close();
  }

  private int bench(String... arguments) {
    CommandLine line = Bench.commandLine();
    line.setOut(new PrintWriter(out, true));
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  private int load(String list, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("load", "-p", "" + responder.address().getPort(), "-t", "0.3", "-c", "2"));
    if (!list.isEmpty()) {
      arguments.addAll(List.of("-d", folder.resolve(list).toString()));
    }
    arguments.addAll(List.of(more));
    return bench(arguments.toArray(String[]::new));
  }

  @Test
  void aSummaryIsForPeople() {
    assertThat(load("good.q", "-n", "3")).isZero();

    assertThat(out.toString())
        .contains("queries     6 sent, 6 answered, 0 lost")
        .contains("NOERROR 6 (100.00 %)")
        .contains("wrong       0:");
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void jsonIsForPrograms() {
    long pid = ProcessHandle.current().pid();

    assertThat(
            load(
                "bad.q",
                "-n",
                "2",
                "-o",
                "json",
                "--expect-rcode",
                "NOERROR",
                "--max-wrong",
                "2",
                "--server-pid",
                "" + pid,
                "-e"))
        .isZero();

    JsonObject json = JsonParser.parseString(out.toString()).getAsJsonObject();
    assertThat(json.get("queriesSent").getAsLong()).isEqualTo(4);
    assertThat(json.get("queriesAnswered").getAsLong()).isEqualTo(4);
    assertThat(json.get("queriesLost").getAsLong()).isZero();
    assertThat(json.getAsJsonObject("repliesByRcode").get("SERVFAIL").getAsLong()).isEqualTo(2);
    assertThat(json.getAsJsonObject("repliesWrong").get("rcode").getAsLong()).isEqualTo(2);
    assertThat(json.getAsJsonArray("faults").get(0).getAsString())
        .isEqualTo("servfail.example. A: SERVFAIL");
    assertThat(json.getAsJsonObject("latencyMicros").keySet())
        .containsExactly("mean", "min", "p50", "p90", "p95", "p99", "p99.9", "p99.99", "max");
    // Null where all replies came after the last query was sent.
    assertThat(json.has("generatorCpuMicrosPerQuery")).isTrue();
    assertThat(json.get("serverCpuSeconds").isJsonNull()).isFalse();
    JsonObject settings = json.getAsJsonObject("settings");
    assertThat(settings.get("serverPort").getAsInt()).isEqualTo(responder.address().getPort());
    assertThat(settings.get("loop").getAsString()).isEqualTo("closed");
    assertThat(settings.get("windowPerSocket").getAsInt()).isEqualTo(256);
    assertThat(settings.get("edns").getAsBoolean()).isTrue();
    JsonObject origin = json.getAsJsonObject("origin");
    assertThat(origin.keySet()).containsExactly("commit", "date", "machine", "jdk", "flags");
    assertThat(json.getAsJsonArray("bounds").get(0).getAsJsonObject().get("holds").getAsBoolean())
        .isTrue();
    assertThat(json.getAsJsonArray("perSecond")).hasSize(1);
  }

  @Test
  void boundsDecideTheStatus() {
    assertThat(load("bad.q", "-n", "1", "--expect-rcode", "0", "--max-wrong", "0")).isEqualTo(1);
    assertThat(load("lossy.q", "-n", "1", "--max-lost", "0")).isEqualTo(1);
    assertThat(load("lossy.q", "-n", "1", "--max-lost", "1")).isZero();
    assertThat(load("good.q", "-n", "1", "--max-p99", "0.001us")).isEqualTo(1);
    assertThat(load("good.q", "-n", "1", "--max-p99", "10s")).isZero();
    assertThat(out.toString()).contains("bound       lost 1, no more than 0: fail");
  }

  @Test
  void aHistogramAndProgressWhereTheyAreWanted() throws IOException {
    Path file = folder.resolve("l.hgrm");

    assertThat(
            load(
                "good.q",
                "-Q",
                "100",
                "-l",
                "1",
                "--warm-up",
                "0",
                "--progress",
                "--histogram",
                file.toString()))
        .isZero();

    assertThat(Files.readString(file)).contains("Value     Percentile TotalCount");
    assertThat(Files.readString(file)).contains("Total count    =          100");
    assertThat(err.toString()).contains("   1 s ").contains(" q/s  lost 0  wrong 0");
    assertThat(out.toString()).contains("from the planned moment");
  }

  @Test
  void aFloodNeedsNoList() {
    assertThat(load("", "--flood", "example", "-l", "0.2", "--warm-up", "0", "--max-wrong", "0"))
        .isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--frob | does not know '--frob'",
        "-T 3 | -T is 1 to as many threads as sockets (-c)",
        "-q -1 | -c, -q and -Q are above 0",
        "--flood example | only one of -d, --workload and --flood can be",
        "--max-p99 5 | --max-p99: '5' is no time",
        "--expect-rcode NOPE | 'NOPE' is no rcode",
        "--sources 10.0.0.0/99 | is no prefix length",
        "--sources ::1 | is not of the family of 127.0.0.1",
        "-m dot | 'dot'",
        "--edns-payload 5 | an EDNS payload has 512 to 65535 octets, not 5",
      })
  void wrongUseIsOneSentence(String arguments, String sentence) {
    assertThat(load("good.q", arguments.split(" "))).isEqualTo(2);

    assertThat(err.toString()).startsWith("flashdns bench: ").contains(sentence);
    assertThat(err.toString().lines().filter(line -> line.startsWith("\tat"))).isEmpty();
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void aPortIsAPort() {
    assertThat(bench("load", "-p", "0", "-d", folder.resolve("good.q").toString())).isEqualTo(2);

    assertThat(err.toString()).contains("-p is a port from 1 to 65535");
  }

  @Test
  void whatCannotBeDoneIsOneSentence() {
    assertThat(load("none.q")).isEqualTo(1);
    assertThat(load("good.q", "--server-pid", "999999999")).isEqualTo(1);
    assertThat(load("good.q", "-s", "no-such-host.invalid")).isEqualTo(1);

    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("flashdns bench: there is no file "),
            line -> assertThat(line).startsWith("flashdns bench: there is no process 999999999"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "flashdns bench: no address is known for 'no-such-host.invalid' (-s)"));
  }

  @Test
  void aWorkloadIsWrittenWithWhatMustComeBack() throws Exception {
    Path into = folder.resolve("work");

    assertThat(
            bench("workload", into.toString(), "--zones", "3", "--names", "5", "--queries", "40"))
        .isZero();

    assertThat(into.resolve("zones/t2.example2.test.zone"))
        .content()
        .endsWith("h4 IN AAAA 2001:db8::4\n");
    for (String list : List.of("hit", "mix", "nx")) {
      Queries queries =
          QueryFile.expecting(
              QueryFile.read(into.resolve(list + ".q")), into.resolve(list + ".expected"));
      assertThat(queries.size()).isEqualTo(40);
    }
    assertThat(out.toString()).startsWith("3 zones of 5 hosts, 3 lists of 40 queries in ");
  }
}
