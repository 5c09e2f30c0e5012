package io.flashdns.bench.load;

import io.flashdns.bench.Bench;
import io.flashdns.bench.Origin;
import io.flashdns.bench.load.LoadSettings.Protocol;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code flashdns bench load}: asks a DNS server as hard, or as often, as it is told to. */
@Command(
    name = "load",
    header = "Asks a DNS server, counts and checks what comes back.",
    description = {
      "The closed loop sends a query for each reply; with -Q queries follow a timetable, and"
          + " latency counts from the planned moment. Options are those of dnsperf where it has"
          + " them.%n"
    },
    synopsisHeading = "%nUsage: ",
    customSynopsis = "flashdns bench load [-s ADDRESS] [-p PORT] [-d FILE] [OPTION...]",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done, and within the bounds",
      "1:a bound does not hold, or the load could not be made",
      "2:wrong use"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns bench load -s 127.0.0.1 -p 5353 -d hit.q --expect hit.expected --max-wrong 0",
      "      As hard as one thread can, and each answer checked.",
      "  flashdns bench load -p 5353 --workload mix --zones 1000 -Q 50000 -l 30 --max-p99 2ms",
      "      50,000 a second, for half a minute.",
      "  flashdns bench load -p 5353 --flood example.test --sources 127.0.1.0/24",
      "      Names that are not there, from 254 addresses.",
    },
    mixinStandardHelpOptions = true,
    versionProvider = Bench.Version.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
public final class LoadCommand implements Callable<Integer> {
  private static final int SOCKETS = 16;
  private static final int MOST_SOCKETS_BY_SOURCES = 1024;
  private static final int OUT = 512;
  private static final double SECONDS = 5;
  private static final Duration NO_END = Duration.ofDays(365);
  private static final double MICROS_IN_HGRM = 1e3;
  private static final int HGRM_STEPS = 5;

  /** What is printed at the end. */
  enum Output {
    TEXT,
    JSON
  }

  @Option(
      names = {"-s", "--server"},
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address or name of the server (default: ${DEFAULT-VALUE}).")
  private String server = "127.0.0.1";

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      defaultValue = "53",
      description = "Its port (default: ${DEFAULT-VALUE}).")
  private int port = 53;

  @Mixin private QueryOptions queryOptions = new QueryOptions();

  @Option(
      names = {"-c", "--sockets"},
      paramLabel = "N",
      description =
          "Sockets or connections, each with a port of its own (default: 16, or one for each"
              + " address of --sources up to 1024).")
  private int sockets;

  @Option(
      names = {"-q", "--outstanding"},
      paramLabel = "N",
      description =
          "Queries out at a time, over all sockets (default: 512; with -Q as many as ids allow).")
  private int outstanding;

  @Option(
      names = {"-Q", "--rate"},
      paramLabel = "N",
      description = "The open loop: so many queries a second, on a timetable.")
  private double rate;

  @Option(
      names = {"-l", "--seconds"},
      paramLabel = "SECONDS",
      description = "How long queries are sent, after the warm-up (default: 5).")
  private double seconds;

  @Option(
      names = {"-n", "--runs"},
      paramLabel = "N",
      description =
          "Goes through the list so often at most; without a warm-up, and without -l to the end.")
  private int runs;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "Sends as long before anything is counted (default: 1; 0 with -n).")
  private double warmUp = -1;

  @Option(
      names = {"-t", "--timeout"},
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "A query without a reply is lost then (default: ${DEFAULT-VALUE}).")
  private double timeout = 5;

  @Option(
      names = {"-T", "--threads"},
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads that send and receive (default: ${DEFAULT-VALUE}).")
  private int threads = 1;

  @Option(
      names = {"-m", "--mode"},
      paramLabel = "MODE",
      defaultValue = "udp",
      description = "udp or tcp (default: ${DEFAULT-VALUE}).")
  private Protocol protocol = Protocol.UDP;

  @Option(
      names = "--queries-per-connection",
      paramLabel = "N",
      defaultValue = "0",
      description = "TCP: a new connection after so many; 0 for never (default: ${DEFAULT-VALUE}).")
  private int queriesPerConnection;

  @Option(
      names = {"-a", "--sources"},
      paramLabel = "ADDRESSES",
      description = "Addresses or networks to ask from: 127.0.1.0/24, or several with commas.")
  private @Nullable String sources;

  @Option(names = "-e", description = "EDNS: an OPT record in each query.")
  private boolean edns;

  @Option(names = "-D", description = "The DO bit, with EDNS.")
  private boolean dnssecOk;

  @Option(
      names = "--edns-payload",
      paramLabel = "OCTETS",
      description = "Largest reply that is welcome, with EDNS (default: 1232).")
  private int payloadBytes;

  @Option(
      names = {"-b", "--buffer"},
      paramLabel = "KIB",
      defaultValue = "4096",
      description = "Buffers of a socket (default: ${DEFAULT-VALUE}).")
  private int bufferKib = 4096;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Most datagrams for one call of the system (default: ${DEFAULT-VALUE}).")
  private int batch = 32;

  @Option(
      names = "--spin",
      description =
          "Never rests: latencies to the microsecond, for a thread with a processor of its own.")
  private boolean spin;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "7",
      description = "Of ids, new names and the --workload (default: ${DEFAULT-VALUE}).")
  private long seed = 7;

  @Option(
      names = "--server-pid",
      paramLabel = "PID",
      split = ",",
      description = "Processes of the server: their processor time, and that of their children.")
  private List<Long> serverPids = List.of();

  @Mixin private Limits limits = new Limits();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json (default: ${DEFAULT-VALUE}).")
  private Output output = Output.TEXT;

  @Option(
      names = "--histogram",
      paramLabel = "FILE",
      description = "Writes the latencies there, in HdrHistogram's .hgrm format, microseconds.")
  private @Nullable Path histogram;

  @Option(
      names = "--progress",
      negatable = true,
      description = "A line each second, to standard error; by default on a terminal.")
  private @Nullable Boolean progress;

  @Option(
      names = {"-S", "--stats"},
      paramLabel = "SECONDS",
      description = "A line each so many seconds.")
  private int interval;

  @Spec private CommandSpec spec = CommandSpec.create();

  LoadCommand() {}

  @Override
  public Integer call() throws LoadException, InterruptedException {
    LoadSettings settings;
    try {
      limits.check();
      settings = settings();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
    Load load = new Load(settings);
    CountDownLatch told = new CountDownLatch(1);
    Thread interrupt = new Thread(() -> stop(load, told), "stop");
    Runtime.getRuntime().addShutdownHook(interrupt);
    try {
      ProgressLine line = progressLine();
      LoadResult result = load.run(line::show);
      line.end();
      return tell(result);
    } finally {
      told.countDown();
      try {
        Runtime.getRuntime().removeShutdownHook(interrupt);
      } catch (IllegalStateException _) {
        // it runs already
      }
    }
  }

  /** At SIGINT: what there is is told. */
  private static void stop(Load load, CountDownLatch told) {
    load.stop();
    try {
      boolean _ = told.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private ProgressLine progressLine() {
    PrintWriter err = spec.commandLine().getErr();
    boolean terminal = ProgressLine.isTerminal();
    if (interval < 0) {
      throw new ParameterException(spec.commandLine(), "-S: a number of seconds above 0");
    }
    boolean wanted = progress == null ? terminal || interval > 0 : progress;
    return new ProgressLine(err, wanted, terminal && interval == 0, Math.max(1, interval));
  }

  private int tell(LoadResult result) throws LoadException {
    Path file = histogram;
    if (file != null) {
      try (PrintStream out =
          new PrintStream(Files.newOutputStream(file), false, StandardCharsets.US_ASCII)) {
        result.latencyNanos().outputPercentileDistribution(out, HGRM_STEPS, MICROS_IN_HGRM);
      } catch (IOException e) {
        throw new LoadException("cannot write " + file + ": " + e.getMessage(), e);
      }
    }
    List<Limits.Verdict> verdicts = limits.of(result);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (output) {
          case TEXT -> Report.text(result, verdicts);
          case JSON -> Report.json(result, verdicts, Origin.ofProcess()) + "\n";
        });
    out.flush();
    return verdicts.stream().allMatch(Limits.Verdict::holds) ? Bench.OK : Bench.FAILED;
  }

  /** The options as settings. */
  LoadSettings settings() throws LoadException {
    List<InetAddress> addresses = sources == null ? List.of() : Sources.parse(sources);
    int count = sockets;
    if (count == 0) {
      count = Math.max(SOCKETS, Math.min(addresses.size(), MOST_SOCKETS_BY_SOURCES));
    }
    check(count >= 1 && outstanding >= 0 && rate >= 0, "-c, -q and -Q are above 0");
    check(threads >= 1 && threads <= count, "-T is 1 to as many threads as sockets (-c)");
    check(seconds >= 0 && runs >= 0 && timeout > 0, "-l, -n and -t are above 0");
    check(port >= 1 && port <= 0xffff, "-p is a port from 1 to 65535");
    check(bufferKib >= 0 && bufferKib <= 1 << 20, "-b is 0 to 1048576 KiB");
    check(batch >= 1 && batch <= LoadSettings.MAX_BATCH, "--batch is 1 to 256");
    check(queriesPerConnection >= 0, "--queries-per-connection is not negative");
    InetSocketAddress target = target(addresses);
    Queries queries = queryOptions.queries(seed);
    return new LoadSettings(
        target,
        queries,
        pace(count),
        protocol,
        count,
        queriesPerConnection,
        addresses,
        duration(),
        nanos(warmUp >= 0 ? warmUp : runs > 0 ? 0 : 1),
        (long) runs * queries.size(),
        nanos(timeout),
        threads,
        edns || dnssecOk || payloadBytes != 0
            ? new Edns(true, dnssecOk, payloadBytes == 0 ? Edns.USUAL_PAYLOAD_BYTES : payloadBytes)
            : Edns.NONE,
        bufferKib << 10,
        batch,
        spin,
        queryOptions.goodRcodes(),
        serverPids,
        seed);
  }

  private static void check(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }

  private static Duration nanos(double seconds) {
    return Duration.ofNanos(Math.max(0, (long) (seconds * 1e9)));
  }

  private Duration duration() {
    return seconds > 0 ? nanos(seconds) : runs > 0 ? NO_END : nanos(SECONDS);
  }

  /** So many out in all: each socket has its share, rounded up. */
  private Pace pace(int count) {
    int all = outstanding == 0 ? OUT : outstanding;
    int window = Math.max(1, (int) ((all + (long) count - 1) / count));
    if (rate > 0 && outstanding == 0) {
      // Twice what a server that does not answer at all would leave out until the timeout.
      window = (int) Math.clamp(2 * rate * timeout / count, 64, Pace.MAX_WINDOW);
    }
    check(window <= Pace.MAX_WINDOW, "-q is no more than " + Pace.MAX_WINDOW + " for each socket");
    return new Pace(rate, window);
  }

  private InetSocketAddress target(List<InetAddress> addresses) throws LoadException {
    try {
      InetAddress address = InetAddress.getByName(server);
      for (InetAddress source : addresses) {
        check(
            source.getAddress().length == address.getAddress().length,
            "--sources: "
                + source.getHostAddress()
                + " is not of the family of "
                + address.getHostAddress());
      }
      return new InetSocketAddress(address, port);
    } catch (UnknownHostException e) {
      throw new LoadException("no address is known for '" + server + "' (-s)", e);
    }
  }
}
