package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.EngineEvents;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code flashdns check}. */
@Command(
    name = "check",
    header = "Checks configuration and zones without opening a port.",
    description = {
      "Reads what serve would read with the same options, loads the plugins without starting them,"
          + " and prints every problem with its file, line, text and reason, then a summary with"
          + " the phases of the pipeline and who takes part in them. Nothing is written.%n",
      "With FILEs, these zone files are read in place of the zones folder.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    parameterListHeading = "Parameters:%n",
    optionListHeading = "%nOptions:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:no errors; warnings are allowed",
      "1:errors, or with --strict warnings",
      "2:wrong use"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns check --config /etc/flashdns/flashdns.yaml",
      "  flashdns check --quiet --strict example.com.zone",
      "  flashdns check --format json | jq -r '.[].reason'",
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class CheckCommand implements Callable<Integer> {
  /** How problems are printed. */
  enum Format {
    text,
    json
  }

  private static final Path RECEIVE_BUFFER_LIMIT = Path.of("/proc/sys/net/core/rmem_max");

  @Mixin private ServerOptions options = new ServerOptions();

  @Parameters(
      arity = "0..*",
      paramLabel = "FILE",
      description = "Zone files to read in place of the folder.")
  private @Nullable List<Path> files;

  @Option(names = "--strict", description = "Warnings count as errors.")
  private boolean strict;

  @Option(
      names = {"-q", "--quiet"},
      description = "Prints problems only, no summary.")
  private boolean quiet;

  @Option(
      names = "--format",
      paramLabel = "text|json",
      description =
          "text (default): lines. json: one array of objects with severity, file, line, column,"
              + " key, text and reason, and no summary.")
  private Format format = Format.text;

  private final Terminal terminal;
  private final List<Problem> problems = new ArrayList<>();
  private final List<String> summary = new ArrayList<>();

  CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    ServerConfig config = options.read(problems::add);
    Path file = options.file();
    summary.add("config     " + (file == null ? "none, all defaults" : file));
    try {
      options.checkData(config);
    } catch (StartException e) {
      problems.add(Problem.error(e.reason()));
    }
    problems.addAll(ApiFiles.problems(config, options.file()));
    problems.addAll(StoreFiles.problems(config, options.file()));
    checkPlugins(config);
    checkZones(config);
    hintAtKernelLimit(config.udp().receiveBufferBytes());
    long errors = problems.stream().filter(Problem::isError).count();
    long warnings = problems.size() - errors;
    summary.add("result     " + counted(errors, "error") + ", " + counted(warnings, "warning"));
    switch (format) {
      case text -> terminal.print(problems.stream().map(Problem::format).toList());
      case json -> terminal.print(List.of(ProblemsAsJson.of(problems)));
    }
    if (!quiet && format == Format.text) {
      terminal.print(summary);
    }
    return errors > 0 || (strict && warnings > 0) ? RootCommand.FAILED : RootCommand.OK;
  }

  private void checkPlugins(ServerConfig config) {
    EngineConfig engineConfig = options.engine(config, new NameHash(0));
    try (Engine engine = Startup.engine(config, engineConfig, EngineEvents.NONE)) {
      summary.addAll(StartReport.pipeline(Startup.describe(engine)));
      summary.addAll(StartReport.folders(config.plugins()));
      for (String section : options.sharedSections(config)) {
        summary.add("settings   " + section + " is the store's: it takes the place of the file's");
      }
    } catch (StartException e) {
      Path file = options.file();
      problems.add(file == null ? Problem.error(e.reason()) : Problem.error(file, e.reason()));
    }
  }

  private void checkZones(ServerConfig config) throws InterruptedException {
    MemoryLedger ledger = new MemoryLedger();
    ZoneFolder folder = new ZoneFolder(ledger, ParallelReading.threads());
    ZoneLoad loaded =
        files == null ? checkFolder(folder, config) : folder.load(files, config.zones());
    problems.addAll(loaded.problems());
    if (files == null && loaded.folderWasRead() && ledger.size() == 0) {
      problems.add(
          Problem.warning(
              options.zoneFolder(config), "holds no good zone: every query is answered REFUSED"));
    }
    summary.add(
        "zones      %,d with %,d records in %s, read in %,d ms"
            .formatted(
                ledger.size(),
                ledger.records(),
                counted(loaded.filesRead(), "file"),
                loaded.millis()));
    int tenants = ledger.owners().size();
    if (tenants > 0) {
      summary.add(
          "tenants    %,d, of which %,d suspended".formatted(tenants, ledger.suspendedOwners()));
    }
  }

  /** That the distribution's own folder is missing is no error. */
  private ZoneLoad checkFolder(ZoneFolder folder, ServerConfig config) throws InterruptedException {
    Path path = options.zoneFolder(config);
    if (!options.isZoneFolderNamed(config) && Files.notExists(path)) {
      ZoneLoad empty = folder.load(List.of(), config.zones());
      empty.problems().add(Problem.warning(path, "there is no such folder: give one by --zones"));
      return empty;
    }
    LoadProgress progress = new LoadProgress(terminal, System::nanoTime);
    ZoneLoad loaded = folder.load(path, config.zones(), progress);
    progress.end();
    return loaded;
  }

  /** No problem of the user's files, and often nothing that the user may change: a hint. */
  private void hintAtKernelLimit(int wantedBytes) {
    // Read through a buffer: files below /proc/sys give their text to the first read alone, however
    // short it is.
    try (BufferedReader limit = Files.newBufferedReader(RECEIVE_BUFFER_LIMIT)) {
      String line = limit.readLine();
      long most = line == null ? Long.MAX_VALUE : Long.parseLong(line.strip());
      if (most < wantedBytes) {
        summary.add(
            "hint       the kernel allows receive buffers of %,d octets, udp.receive-buffer-bytes asks for %,d:"
                    .formatted(most, wantedBytes)
                + " sysctl -w net.core.rmem_max="
                + wantedBytes);
      }
    } catch (IOException | NumberFormatException _) {
      // not this kind of system
    }
  }

  private static String counted(long number, String what) {
    return "%,d %s%s".formatted(number, what, number == 1 ? "" : "s");
  }
}
