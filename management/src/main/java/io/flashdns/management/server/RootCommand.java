package io.flashdns.management.server;

import io.flashdns.management.client.ClientCommands;
import io.flashdns.management.client.Console;
import io.flashdns.transport.IoBackend;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code flashdns}: names its commands. */
@Command(
    name = "flashdns",
    header = "Authoritative DNS server.",
    description = {
      "Serves DNS zones over UDP and TCP, and manages them: zone, record, tenant, token and others"
          + " speak to a server that runs. What is done is chosen by a command; each has its own"
          + " help: flashdns help COMMAND.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    commandListHeading = "%nCommands:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      " 0:done; for serve: stopped by SIGTERM or SIGINT and drained",
      " 1:problems were found, or the server could not start or failed",
      " 2:wrong use: unknown command or option, or a value that cannot be understood",
      " 3:there is no such thing, or it may not be seen",
      " 4:not logged in, or not allowed",
      " 5:somebody else changed it meanwhile, it is there already, or a guard stands against it",
      " 6:the server cannot be reached, takes no changes now, or the time was over",
      " 7:there are differences, where --exit-code asks for them",
      "130:ended at once by SIGINT: while starting, or by a second signal while draining",
      "143:ended at once by SIGTERM: while starting, or by a second signal while draining"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  flashdns serve",
      "      Serves the example zones on 127.0.0.1:5353.",
      "  flashdns serve -z /etc/flashdns/zones -l 192.0.2.53 -l [2001:db8::53]",
      "      Serves a folder of zones on port 53 of two addresses.",
      "  flashdns check -c flashdns.yaml && systemctl reload flashdns",
      "      Reloads what has been found good.",
      "  flashdns bench load -p 5353 -d queries.txt",
      "      Loads a server with queries; needs the add-on flashdns-bench.",
    },
    subcommands = {
      ServeCommand.class,
      CheckCommand.class,
      ImportCommand.class,
      BackupCommand.class,
      MigrateCommand.class,
      RestoreCommand.class,
      FsckCommand.class,
      WarmUpCommand.class,
      OpenApiCommand.class,
      VersionCommand.class,
      HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class RootCommand implements Runnable {
  /** Nothing wrong. */
  static final int OK = 0;

  /** Problems found, or failed. */
  static final int FAILED = 1;

  private static final String FAULT = "flashdns: failed by a fault of its own: ";

  @Spec private CommandSpec spec = CommandSpec.create();

  /**
   * The command line.
   *
   * @param arguments what is to be run: commands that it cannot be about may be left out; none for
   *     the whole of it
   */
  static CommandLine commandLine(Terminal terminal, String... arguments) {
    CommandLine line = new CommandLine(new RootCommand(), new Factory(terminal));
    line.setOut(new PrintWriter(terminal.out(), true, terminal.out().charset()));
    line.setErr(new PrintWriter(terminal.err(), true, terminal.err().charset()));
    line.registerConverter(InetSocketAddress.class, text -> converted(ListenAddress::parse, text));
    line.registerConverter(IoBackend.class, text -> converted(IoBackend::parse, text));
    line.registerConverter(MemorySize.class, text -> converted(MemorySize::parse, text));
    line.setParameterExceptionHandler(RootCommand::misused);
    line.setExecutionExceptionHandler(RootCommand::failed);
    Distribution distribution = Distribution.ofProcess();
    ClientCommands.addTo(
        line,
        Console.ofProcess(
            terminal.out(),
            terminal.err(),
            distribution.isInstalled() ? distribution.home() : null),
        arguments);
    return line;
  }

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  private static <T> T converted(ITypeConverter<T> converter, String text) throws Exception {
    try {
      return converter.convert(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }

  private static int misused(ParameterException e, String[] arguments) {
    CommandLine line = e.getCommandLine();
    PrintWriter err = line.getErr();
    err.println("flashdns: " + misuse(e));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** A sentence in place of picocli's where that speaks of indices, or calls arguments options. */
  private static String misuse(ParameterException e) {
    CommandLine line = e.getCommandLine();
    String command = line.getCommandSpec().qualifiedName();
    boolean hasCommands = !line.getSubcommands().isEmpty();
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched) {
      String first = unmatched.getUnmatched().getFirst();
      if (first.length() > 1 && first.startsWith("-")) {
        return "Unknown option '" + first + "' of '" + command + "'";
      }
      return hasCommands
          ? "There is no command '" + command + " " + first + "'"
          : "Unmatched argument '" + first + "': '" + command + "' takes no more";
    }
    return hasCommands && e instanceof CommandLine.MissingParameterException
        ? "Missing command: which one of '" + command + "'?"
        : String.valueOf(e.getMessage());
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult arguments) {
    line.getErr().println(FAULT + e);
    return logged(e, line.getCommandName());
  }

  /** What becomes of a fault of {@code serve} that picocli did not start. */
  static int failed(Exception e, Terminal terminal) {
    terminal.err().println(FAULT + e);
    return logged(e, "serve");
  }

  private static int logged(Exception e, String command) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    LoggerFactory.getLogger(RootCommand.class).error("{} failed", command, e);
    return FAILED;
  }

  /** Makes the commands that print. */
  private record Factory(Terminal terminal) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      if (type == ServeCommand.class) {
        return type.cast(new ServeCommand(terminal));
      }
      if (type == CheckCommand.class) {
        return type.cast(new CheckCommand(terminal));
      }
      if (type == WarmUpCommand.class) {
        return type.cast(new WarmUpCommand(terminal));
      }
      if (type == ImportCommand.class) {
        return type.cast(new ImportCommand(terminal));
      }
      if (type == MigrateCommand.class) {
        return type.cast(new MigrateCommand(terminal));
      }
      if (type == BackupCommand.class) {
        return type.cast(new BackupCommand(terminal));
      }
      if (type == RestoreCommand.class) {
        return type.cast(new RestoreCommand(terminal));
      }
      if (type == FsckCommand.class) {
        return type.cast(new FsckCommand(terminal));
      }
      if (type == OpenApiCommand.class) {
        return type.cast(new OpenApiCommand(terminal));
      }
      if (type == VersionCommand.class) {
        return type.cast(new VersionCommand(terminal));
      }
      return CommandLine.defaultFactory().create(type);
    }
  }
}
