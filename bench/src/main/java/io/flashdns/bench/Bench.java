package io.flashdns.bench;

import io.flashdns.bench.compare.CompareCommand;
import io.flashdns.bench.load.LoadCommand;
import io.flashdns.bench.load.LoadException;
import io.flashdns.bench.load.WorkloadCommand;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code flashdns bench}: names its commands. */
@Command(
    name = "bench",
    header = "Measures DNS servers: this one, or any other.",
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nCommands:%n",
    subcommands = {
      LoadCommand.class,
      WorkloadCommand.class,
      CompareCommand.class,
      HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = Bench.Version.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
public final class Bench implements Runnable {
  /** Done, and within all bounds. */
  public static final int OK = 0;

  /** Not done, or a bound does not hold. */
  public static final int FAILED = 1;

  private static final String NAME = "flashdns bench";

  @Spec private CommandSpec spec = CommandSpec.create();

  private Bench() {}

  /** Runs one command and ends the process with its status. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT); // what it prints is for programs too: 1,000 and 0.1 anywhere
    System.exit(commandLine().execute(arguments));
  }

  /** The command line. Errors are one sentence, and status 2 for wrong use, 1 for the rest. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Bench());
    line.setCommandName(NAME);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Bench::misused);
    line.setExecutionExceptionHandler(Bench::failed);
    return line;
  }

  /** Without a command. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  private static int misused(ParameterException e, String[] arguments) {
    CommandLine line = e.getCommandLine();
    String message = String.valueOf(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      message =
          "'%s' does not know '%s'"
              .formatted(
                  line.getCommandSpec().qualifiedName(), unmatched.getUnmatched().getFirst());
    }
    line.getErr().println(NAME + ": " + message);
    UnmatchedArgumentException.printSuggestions(e, line.getErr());
    line.getErr().println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
    return line.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult arguments) {
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    String message = e instanceof LoadException ? String.valueOf(e.getMessage()) : "failed: " + e;
    line.getErr().println(NAME + ": " + message);
    return FAILED;
  }

  /** The version of the jar. */
  public static final class Version implements CommandLine.IVersionProvider {
    /** For picocli. */
    public Version() {}

    @Override
    public String[] getVersion() {
      String version = Bench.class.getPackage().getImplementationVersion();
      return new String[] {NAME + " " + (version == null ? "of a checkout" : version)};
    }
  }
}
