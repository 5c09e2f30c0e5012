package io.flashdns.bench.load;

import io.flashdns.bench.Bench;
import io.flashdns.bench.load.Workload.Kind;
import io.flashdns.bench.load.Workload.Spread;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code flashdns bench workload}: writes zones and lists of queries. */
@Command(
    name = "workload",
    header = "Writes zone files and lists of queries that fit them.",
    description = {
      "OUT/zones/*.zone, and OUT/hit.q, mix.q and nx.q in dnsperf's format, each with an .expected"
          + " file beside it: rcode, number of answers and address for each line, for"
          + " 'flashdns bench load --expect'."
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    parameterListHeading = "%nArguments:%n",
    optionListHeading = "%nOptions:%n",
    mixinStandardHelpOptions = true,
    versionProvider = Bench.Version.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
public final class WorkloadCommand implements Callable<Integer> {
  private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);

  @Parameters(paramLabel = "OUT", description = "A folder; made when it is not there.")
  private Path out = Path.of("");

  @Option(
      names = "--zones",
      required = true,
      paramLabel = "N",
      description = "How many zones, one for each tenant.")
  private int zones = 1;

  @Option(
      names = "--names",
      required = true,
      paramLabel = "N",
      description = "How many hosts in each zone.")
  private int names = 1;

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "500000",
      description = "Lines of each list (default: ${DEFAULT-VALUE}).")
  private int queries = 1;

  @Option(
      names = "--spread",
      paramLabel = "HOW",
      defaultValue = "cubic",
      description =
          "How queries are spread over zones: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  private Spread spread = Spread.CUBIC;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Another seed, other names (default: ${DEFAULT-VALUE}).")
  private long seed = 7;

  @Spec private CommandSpec spec = CommandSpec.create();

  private long nextProgressNanos = System.nanoTime() + PROGRESS_NANOS;

  WorkloadCommand() {}

  @Override
  public Integer call() throws LoadException {
    Workload workload;
    try {
      workload = new Workload(zones, names, spread, seed);
      if (queries < 1) {
        throw new IllegalArgumentException("a list has at least one query");
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    try {
      Path folder = Files.createDirectories(out.resolve("zones"));
      for (int i = 0; i < zones; i++) {
        Files.writeString(folder.resolve(Workload.apex(i) + ".zone"), workload.zoneFile(i));
        progress("zones", i + 1, zones);
      }
      for (Kind kind : new Kind[] {Kind.HIT, Kind.MIX, Kind.NX}) {
        write(workload, kind);
      }
    } catch (IOException e) {
      throw new LoadException("cannot write to " + out + ": " + e.getMessage(), e);
    }
    spec.commandLine()
        .getOut()
        .printf(
            "%,d zones of %,d hosts, 3 lists of %,d queries in %s%n", zones, names, queries, out)
        .flush();
    return 0;
  }

  private void write(Workload workload, Kind kind) throws IOException {
    String name = kind.name().toLowerCase(Locale.ROOT);
    Workload.Questions questions = workload.questions(kind);
    try (BufferedWriter list = Files.newBufferedWriter(out.resolve(name + ".q"));
        BufferedWriter expected = Files.newBufferedWriter(out.resolve(name + ".expected"))) {
      for (int i = 0; i < queries; i++) {
        Workload.Question question = questions.next();
        list.append(question.line()).append('\n');
        expected.append(question.reply()).append('\n');
        progress(name + ".q", i + 1, queries);
      }
    }
  }

  private void progress(String what, int done, int all) {
    if ((done & 63) != 0 || System.nanoTime() - nextProgressNanos < 0) {
      return;
    }
    nextProgressNanos += PROGRESS_NANOS;
    PrintWriter err = spec.commandLine().getErr();
    err.printf("%s: %,d of %,d%n", what, done, all);
    err.flush();
  }
}
