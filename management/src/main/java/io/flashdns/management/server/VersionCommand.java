package io.flashdns.management.server;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** {@code flashdns version}. */
@Command(
    name = "version",
    header = "Prints the version, and what it runs on.",
    synopsisHeading = "%nUsage: ",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class)
final class VersionCommand implements Runnable {
  /** What {@code --version} prints too. */
  static final class Provider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"flashdns " + Distribution.version(), platform()};
    }
  }

  /** Java and system, for bug reports. */
  static String platform() {
    return "Java %s (%s), %s %s, %s"
        .formatted(
            Runtime.version(),
            System.getProperty("java.vm.vendor"),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch"));
  }

  private final Terminal terminal;

  VersionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    terminal.print(List.of(new Provider().getVersion()));
  }
}
