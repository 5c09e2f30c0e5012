package io.flashdns.bench.micro;

import io.flashdns.bench.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs benchmarks as they are to be run: with the flags of the server's launcher, with the
 * allocation profiler, and with a result file that says where the numbers come from.
 *
 * <pre>
 * java -cp 'bench/target/lib/*' io.flashdns.bench.micro.Micro AnswerBench -p kind=HIT,NXDOMAIN -p size=ONE_LARGE
 * </pre>
 *
 * Takes every option of JMH. The file is {@code bench/results/DATE-BENCHMARK.json}, or what {@code
 * -rff} says: an object with {@code commit}, {@code date}, {@code machine}, {@code jdk}, {@code
 * flags}, and JMH's own report in {@code results}.
 */
public final class Micro {
  /**
   * As in the launcher's {@code jvm.options}; JMH itself uses Unsafe, and the JDK would complain in
   * every fork.
   */
  private static final String[] FLAGS = {
    "-XX:+UseSerialGC",
    "-XX:+UseCompactObjectHeaders",
    "-Xms4g",
    "-Xmx4g",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow"
  };

  private Micro() {}

  /** Runs what the arguments say; exit status 1 when nothing was measured. */
  public static void main(String[] args) {
    try {
      run(new CommandLineOptions(args));
    } catch (CommandLineOptionException | RunnerException | IOException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(CommandLineOptions given) throws RunnerException, IOException {
    if (given.shouldHelp()) {
      given.showHelp();
      return;
    }
    if (given.shouldList()) {
      new Runner(given).list();
      return;
    }
    Path report = Files.createTempFile("bench", ".json");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .parent(given)
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .resultFormat(ResultFormatType.JSON)
            .result(report.toString());
    if (!given.getJvmArgs().hasValue()) {
      options.jvmArgs(FLAGS);
    }
    List<String> flags = List.copyOf(given.getJvmArgs().orElse(List.of(FLAGS)));
    new Runner(options.build()).run();
    Path file = Path.of(given.getResult().orElse(resultFile(given)));
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    Files.writeString(file, origin(flags) + Files.readString(report).strip() + "\n}\n");
    Files.delete(report);
    System.out.println("bench: " + file);
  }

  /** A new name in {@code bench/results}, seen from the checkout or from the module. */
  private static String resultFile(CommandLineOptions given) {
    String what = given.getIncludes().isEmpty() ? "all" : String.join("-", given.getIncludes());
    String name = LocalDate.now(ZoneOffset.UTC) + "-" + what.replaceAll("[^A-Za-z0-9]+", "-");
    Path module = Files.isDirectory(Path.of("bench")) ? Path.of("bench") : Path.of("");
    Path file = module.resolve("results").resolve(name + ".json");
    for (int i = 2; Files.exists(file); i++) {
      file = file.resolveSibling(name + "-" + i + ".json");
    }
    return file.toString();
  }

  /** The start of the report: all but the results. */
  private static String origin(List<String> flags) {
    Origin origin = Origin.ofProcess();
    List<String> quoted = new ArrayList<>();
    flags.forEach(flag -> quoted.add(quoted(flag)));
    return """
        {
          "commit": %s,
          "date": %s,
          "machine": {"cpu": %s, "cores": %d, "memory": %s, "os": %s},
          "jdk": %s,
          "flags": [%s],
          "results":\s"""
        .formatted(
            quoted(origin.commit()),
            quoted(origin.date().toString()),
            quoted(origin.cpu()),
            origin.cores(),
            quoted(origin.memory()),
            quoted(origin.system()),
            quoted(origin.jdk()),
            String.join(", ", quoted));
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else {
        json.append(c < ' ' ? ' ' : c);
      }
    }
    return json.append('"').toString();
  }
}
