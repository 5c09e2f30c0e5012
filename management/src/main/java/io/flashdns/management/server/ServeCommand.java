package io.flashdns.management.server;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flashdns serve}. */
@Command(
    name = "serve",
    header = "Serves zones until it is told to stop.",
    description = {
      "Reads the configuration and all zone files, opens the ports, and answers. What is given on the"
          + " command line wins over the configuration file.%n",
      "A zone file with errors is not served and all its errors are printed; the other zones are"
          + " served. Without any zone every query is answered REFUSED.%n",
      "SIGHUP reads the configuration and changed zone files again. Of the configuration zones and"
          + " plugins take effect, together or not at all; other changed keys are named. A zone whose"
          + " file is broken now stays as it was.%n",
      "SIGTERM and SIGINT end it in order: it takes no more queries, answers those it has, and is"
          + " gone after drain-timeout at the latest. A second signal ends it at once.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      " 0:stopped by SIGTERM or SIGINT and drained",
      " 1:could not start: configuration refused, port taken, or zone errors with --strict",
      " 2:wrong use",
      "130:ended at once by SIGINT",
      "143:ended at once by SIGTERM"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns serve --zones ./zones -l 127.0.0.1:5353 -l [::1]:5353",
      "  flashdns serve --config flashdns.yaml --workers 4 --io epoll",
      "  kill -HUP PID",
      "      After a zone file was changed. PID is the number that serve printed.",
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class ServeCommand implements Callable<Integer> {
  @Mixin private ServerOptions options;

  @Option(names = "--strict", description = "Do not start when a zone file has errors.")
  private boolean strict;

  private final Terminal terminal;

  ServeCommand(Terminal terminal) {
    this(new ServerOptions(), false, terminal);
  }

  ServeCommand(ServerOptions options, boolean strict, Terminal terminal) {
    this.options = options;
    this.strict = strict;
    this.terminal = terminal;
  }

  /** For tests. */
  ServerOptions options() {
    return options;
  }

  /** For tests. */
  boolean isStrict() {
    return strict;
  }

  @Override
  public Integer call() throws InterruptedException {
    return Main.serve(options, strict, terminal);
  }
}
