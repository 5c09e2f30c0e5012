package io.flashdns.bench.compare;

import io.flashdns.bench.Bench;
import io.flashdns.bench.Origin;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code flashdns bench compare}: this server and others, in one run. */
@Command(
    name = "compare",
    header = "Compares this server with others and with the floor, in one run.",
    description = {
      "Starts each server on a processor of its own, asks them in turn from another one, round"
          + " after round, and writes a report as JSON, Markdown and HTML. A figure is the median"
          + " of its rounds, with the least and the most, and a ratio to the floor and to the best"
          + " peer in the same run.%n",
      "Peers are found on the path: Debian packages knot, nsd, bind9, pdns-server with"
          + " pdns-backend-bind. One that is not installed is left out, and the report says so. The"
          + " floor is a small C program, for which cc is needed.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done, and all replies were right",
      "1:a reply was wrong, or the comparison could not be made",
      "2:wrong use",
      "130:ended by Ctrl-C; what was measured until then is written"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns bench compare --quick",
      "      A minute: does it run? Its figures say nothing.",
      "  flashdns bench compare --zones 10000 --names 20 --rounds 7",
      "  flashdns bench compare --flashdns old=/opt/flashdns-1 --flashdns new=/opt/flashdns-2"
          + " --servers knot",
      "      Two builds, the floor and Knot.",
      "  flashdns bench compare --report one.json --report two.json --out both",
      "      One report of two runs.",
    },
    mixinStandardHelpOptions = true,
    versionProvider = Bench.Version.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
public final class CompareCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;
  private static final long WRITING_SECONDS = 30;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmm", Locale.ROOT);

  @Option(
      names = "--flashdns",
      paramLabel = "[NAME=]DIR",
      description =
          "Distribution of this server; several with names are compared with each other. Default:"
              + " the one that this command is part of.")
  private List<String> flashdns = List.of();

  @Option(
      names = "--servers",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "floor,knot,nsd,bind,powerdns",
      description = "Whom to compare with: ${DEFAULT-VALUE} (the default) or some of them.")
  private List<String> servers = List.of();

  @Option(
      names = "--parts",
      paramLabel = "PART",
      split = ",",
      defaultValue = "cost,tcp,start,first,curve",
      description =
          "What to measure: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). Cost and start"
              + " are measured with all zones that are named, the rest with the first ones.")
  private List<Part> parts = List.of();

  @Option(
      names = "--zones",
      paramLabel = "N",
      split = ",",
      defaultValue = "1000",
      description = "How many zones; several numbers are measured in turn (default: 1000).")
  private List<Integer> zones = List.of();

  @Option(
      names = "--names",
      paramLabel = "N",
      defaultValue = "20",
      description = "Hosts of each zone (default: ${DEFAULT-VALUE}).")
  private int names = 1;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description =
          "In place of --zones: zones/*.zone and hit.q, mix.q, nx.q that are there already, as"
              + " 'flashdns bench workload' writes them. May be given several times.")
  private List<Path> work = List.of();

  @Option(
      names = "--queries",
      paramLabel = "LIST",
      split = ",",
      defaultValue = "hit,mix,nx",
      description = "What the cost is measured of: hit, mix, nx (default: all).")
  private List<String> queries = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Rounds of each measurement (default: ${DEFAULT-VALUE}).")
  private int rounds = 1;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "3",
      description = "How long a round is (default: ${DEFAULT-VALUE}).")
  private double seconds = 1;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "2",
      description = "Rounds before them that do not count (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--sockets",
      paramLabel = "N",
      defaultValue = "16",
      description = "Source ports of the load, or connections (default: ${DEFAULT-VALUE}).")
  private int sockets = 1;

  @Option(
      names = "--window",
      paramLabel = "N",
      defaultValue = "32",
      description = "Queries out on each of them (default: ${DEFAULT-VALUE}).")
  private int window = 1;

  @Option(
      names = "--spread",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Measures the cost a second time, each query from another one of N source ports: replies"
              + " to one port can leave together, these cannot. Default: not.")
  private int spread;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads of the load generator (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  @Option(
      names = "--pause-seconds",
      paramLabel = "S",
      defaultValue = "60",
      description = "Part pause: how long each round is (default: ${DEFAULT-VALUE}).")
  private int pauseSeconds = 1;

  @Option(
      names = "--first-seconds",
      paramLabel = "S",
      defaultValue = "10",
      description = "Part first: how many seconds are looked at (default: ${DEFAULT-VALUE}).")
  private int firstSeconds = 1;

  @Option(
      names = "--signed-zones",
      paramLabel = "N",
      defaultValue = "100",
      description = "Part signed: how many zones (default: ${DEFAULT-VALUE}).")
  private int signedZones = 1;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "Where zones, configurations and outputs of servers go; zones there are used again."
              + " Default: flashdns-compare in the folder for temporary files.")
  private Path folder = Path.of(System.getProperty("java.io.tmpdir"), "flashdns-compare");

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "5400",
      description = "From here on free ports are taken (default: ${DEFAULT-VALUE}).")
  private int port = 5400;

  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description =
          "The report without its ending: FILE.json, FILE.md, FILE.html. Default: compare-DATE.")
  private @Nullable Path out;

  @Option(
      names = "--report",
      paramLabel = "JSON",
      description =
          "Measures nothing: writes the report of a run that was made before, or of several.")
  private List<Path> reports = List.of();

  @Option(
      names = "--quick",
      description = "A minute: few zones, one short round. To see whether it runs.")
  private boolean quick;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompareCommand() {}

  @Override
  public Integer call() {
    try {
      if (!reports.isEmpty()) {
        List<Results> runs = new ArrayList<>();
        for (Path report : reports) {
          runs.add(ResultsFile.read(report));
        }
        Results all = ResultsFile.together(runs);
        return write(all, reportBase(all.origin().date()));
      }
      return compare();
    } catch (CompareException | IOException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("flashdns bench: " + e.getMessage());
      err.flush();
      return Bench.FAILED;
    } catch (InterruptedException _) {
      return INTERRUPTED;
    }
  }

  private int compare() throws CompareException, IOException, InterruptedException {
    Cores cores = Cores.ofProcess();
    CompareSettings settings = settings();
    PrintWriter err = spec.commandLine().getErr();
    Progress progress = new Progress(err, isTerminal());
    // What is wrong with what was given is said now, and not after half an hour.
    Path base = reportBase(Instant.now());
    List<Contender> chosen = contenders(settings);
    List<ZoneSet> given = given(settings);
    Files.createDirectories(settings.folder());
    List<Contender> there = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (Contender contender : chosen) {
      String sentence = contender.missing();
      if (sentence == null) {
        there.add(contender);
      } else {
        missing.add(sentence);
      }
    }
    if (there.isEmpty()) {
      throw new CompareException("nobody is there to compare: " + String.join("; ", missing));
    }
    TestBed bed = new TestBed(settings, cores, there, progress);
    missing.forEach(bed::note);
    CountDownLatch written = new CountDownLatch(1);
    Thread caller = Thread.currentThread();
    Thread hook = new Thread(() -> endInOrder(caller, written), "end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      Origin origin = Origin.ofProcess();
      Cores.pinSelf(cores.generator(1));
      boolean whole = true;
      Map<String, String> versions = new LinkedHashMap<>();
      try {
        for (Contender contender : there) {
          versions.put(contender.title(), contender.version());
        }
        measure(bed, given, progress);
      } catch (InterruptedException _) {
        whole = false;
        bed.note(
            "The run was ended early: some measurements have fewer rounds, others are missing.");
      } catch (CompareException | IOException e) {
        whole = false;
        bed.note("The run has failed: " + e.getMessage());
      }
      Results results =
          new Results(
              origin,
              spec.commandLine().getParseResult().originalArgs(),
              versions,
              there.stream().filter(FlashDns.class::isInstance).map(Contender::title).toList(),
              described(settings, cores),
              bed.notes(),
              whole,
              bed.rounds());
      int status = write(results, base);
      return whole ? status : Bench.FAILED;
    } finally {
      written.countDown();
      ServerProcess.endAll();
      unpin(cores);
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException _) {
        // it runs
      }
    }
  }

  /** There is none where output goes to a file, unless jdk.console says otherwise. */
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** For a caller that goes on: tests. */
  private static void unpin(Cores cores) throws CompareException, InterruptedException {
    boolean interrupted = Thread.interrupted();
    Cores.pinSelf(cores.generator(0));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** At Ctrl-C: what there is is written, then all servers are ended. */
  private static void endInOrder(Thread caller, CountDownLatch written) {
    caller.interrupt();
    try {
      if (!written.await(WRITING_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("flashdns bench: the report could not be written in time");
      }
    } catch (InterruptedException _) {
      // servers are ended all the same
    }
    ServerProcess.endAll();
  }

  /** Where the report goes, its folder made. */
  private Path reportBase(Instant when) throws CompareException {
    Path base =
        out == null ? Path.of("compare-" + STAMP.format(when.atOffset(ZoneOffset.UTC))) : out;
    Path parent = base.toAbsolutePath().getParent();
    try {
      if (parent != null) {
        Files.createDirectories(parent);
      }
    } catch (IOException e) {
      throw new CompareException("the folder of --out cannot be made: " + e.getMessage(), e);
    }
    if (parent != null && !Files.isWritable(parent)) {
      throw new CompareException("nothing can be written to the folder of --out, " + parent);
    }
    return base;
  }

  /** The zones of {@code --work}, with the lists that are to be asked. */
  private List<ZoneSet> given(CompareSettings settings) throws CompareException {
    List<ZoneSet> sets = new ArrayList<>();
    for (Path folderOfZones : work) {
      sets.add(ZoneSet.existing(folderOfZones));
      for (String list : settings.lists()) {
        Path file = folderOfZones.resolve(list + ".q");
        if (!Files.isReadable(file)) {
          throw new CompareException(
              "--work: there is no list " + file + "; 'flashdns bench workload' writes one");
        }
      }
    }
    return sets;
  }

  private void measure(TestBed bed, List<ZoneSet> given, Progress progress)
      throws CompareException, IOException, InterruptedException {
    CompareSettings settings = bed.settings();
    for (Contender contender : bed.contenders()) {
      if (contender instanceof FlashDns build && !quick) {
        progress.begin("making the start-up cache of " + build.title(), 0);
        String sentence = build.warmUp(settings.folder());
        if (sentence != null) {
          bed.note(sentence);
        }
      }
    }
    List<ZoneSet> sets = new ArrayList<>(given);
    if (given.isEmpty()) {
      for (int count : quick ? List.of(100) : zones) {
        sets.add(ZoneSet.of(settings.folder(), ZoneSet.workload(count, names), progress));
      }
    }
    SteadyParts steady = new SteadyParts(bed);
    StartParts starts = new StartParts(bed);
    int count = bed.contenders().size();
    for (Part part : settings.parts()) {
      int times = part == Part.COST || part == Part.START ? sets.size() : 1;
      progress.plan(times * (steady.planned(part, count) + started(starts, part, count)));
    }
    ZoneSet first = sets.getFirst();
    for (Part part : Part.values()) {
      if (settings.parts().contains(part)) {
        switch (part) {
          case COST -> {
            for (ZoneSet set : sets) {
              steady.cost(set);
            }
          }
          case START -> {
            for (ZoneSet set : sets) {
              starts.start(set);
            }
          }
          case TCP -> steady.tcp(first);
          case SIGNED -> steady.signed(names);
          case FIRST -> starts.first(first);
          case CURVE -> steady.curve(first);
          case PAUSE -> steady.pause(first);
          case FLOOD -> new FloodPart(bed, first).run();
          case WORKERS -> steady.workers(first);
        }
      }
    }
  }

  private static double started(StartParts starts, Part part, int servers) {
    return part == Part.START || part == Part.FIRST ? starts.planned(part, servers) : 0;
  }

  private int write(Results results, Path base) throws IOException {
    Path json = Path.of(base + ".json");
    ResultsFile.write(results, json);
    String markdown = Markdown.of(results, String.valueOf(json.getFileName()));
    Files.writeString(Path.of(base + ".md"), markdown);
    Files.writeString(Path.of(base + ".html"), Html.of(results));
    PrintWriter print = spec.commandLine().getOut();
    print.println();
    print.print(markdown);
    print.printf("%nwritten: %1$s.json, %1$s.md, %1$s.html%n", base);
    print.flush();
    return results.wrong() > 0 ? Bench.FAILED : Bench.OK;
  }

  private CompareSettings settings() {
    check(rounds >= 1 && rounds <= 1000, "--rounds: 1 to 1000");
    check(seconds >= 0.1 && seconds <= 3600, "--seconds: 0.1 to 3600");
    check(warmUp >= 0 && warmUp <= 1000, "--warm-up: 0 to 1000");
    check(sockets >= 1 && sockets <= 65_536, "--sockets: 1 to 65536");
    check(window >= 1 && window <= 32_768, "--window: 1 to 32768");
    check(spread >= 0 && spread <= 65_536, "--spread: 0 to 65536");
    check(threads >= 1 && threads <= sockets, "--threads: 1 to as many as --sockets");
    check(pauseSeconds >= 1, "--pause-seconds: 1 or more");
    check(firstSeconds >= StartParts.STEADY_FROM, "--first-seconds: 5 or more");
    check(signedZones >= 1, "--signed-zones: 1 or more");
    check(names >= 1 && names <= 1 << 24, "--names: 1 to 16777216");
    check(zones.stream().allMatch(count -> count >= 1), "--zones: 1 or more");
    check(port >= 1024 && port <= 59_000, "--port: 1024 to 59000");
    check(
        queries.stream().allMatch(List.of("hit", "mix", "nx")::contains),
        "--queries: hit, mix and nx are the lists there are");
    Set<Part> chosen = EnumSet.copyOf(parts);
    return new CompareSettings(
        chosen,
        quick ? 1 : rounds,
        Duration.ofMillis(quick ? 500 : Math.round(seconds * 1000)),
        quick ? 1 : warmUp,
        queries,
        sockets,
        window,
        spread,
        threads,
        Duration.ofSeconds(quick ? 2 : pauseSeconds),
        quick ? StartParts.STEADY_FROM : firstSeconds,
        quick ? 5 : signedZones,
        folder.toAbsolutePath().normalize(),
        port);
  }

  private void check(boolean holds, String sentence) {
    if (!holds) {
      throw new ParameterException(spec.commandLine(), sentence);
    }
  }

  private List<Contender> contenders(CompareSettings settings) throws CompareException {
    List<Contender> all = new ArrayList<>();
    for (String name : servers) {
      String word = name.strip().toLowerCase(Locale.ROOT);
      Peer peer = Peer.ofTitle(word);
      if (word.equals(Floor.TITLE)) {
        all.add(new Floor());
      } else if (peer != null) {
        all.add(peer);
      } else {
        throw new ParameterException(
            spec.commandLine(),
            "--servers: '" + name + "' is none of floor, knot, nsd, bind, powerdns");
      }
    }
    List<String> builds = flashdns.isEmpty() ? List.of(ownHome()) : flashdns;
    for (String build : builds) {
      int equals = build.indexOf('=');
      String title = equals < 0 ? FlashDns.TITLE : build.substring(0, equals);
      check(
          title.matches("[a-z0-9][a-z0-9.-]{0,30}")
              && all.stream().noneMatch(other -> other.title().equals(title)),
          "--flashdns: '%s' is no name of its own, of small letters and digits".formatted(title));
      Path home = Path.of(build.substring(equals + 1)).toAbsolutePath().normalize();
      FlashDns named = new FlashDns(title, home, settings.folder().resolve(title + "-cache"));
      String missing = named.missing();
      if (missing != null) {
        throw new CompareException("--flashdns: " + missing);
      }
      all.add(named);
    }
    return all;
  }

  /** The distribution that this class was loaded from: HOME/bench/*.jar. */
  private String ownHome() throws CompareException {
    Path jar = null;
    try {
      jar =
          Path.of(CompareCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (java.net.URISyntaxException | SecurityException _) {
      // said below
    }
    Path bench = jar == null ? null : jar.getParent();
    Path home = bench == null ? null : bench.getParent();
    if (home == null || !Files.isExecutable(home.resolve("bin").resolve("flashdns"))) {
      throw new CompareException(
          "which FlashDNS? Name the folder of a distribution: --flashdns"
              + " management/target/flashdns");
    }
    return home.toString();
  }

  private Map<String, String> described(CompareSettings settings, Cores cores) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("rounds", Integer.toString(settings.rounds()));
    all.put("secondsOfARound", Double.toString(settings.seconds()));
    all.put("warmUpRounds", Integer.toString(settings.warmUpRounds()));
    all.put("sockets", Integer.toString(settings.sockets()));
    all.put("windowOfASocket", Integer.toString(settings.window()));
    all.put("generatorThreads", Integer.toString(settings.threads()));
    all.put("serverProcessor", cores.server(1));
    all.put("generatorProcessors", cores.generator(1));
    all.put("loadAverageAtTheEnd", Double.toString(TestBed.loadAverage()));
    return all;
  }
}
