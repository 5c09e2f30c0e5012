package io.flashdns.management.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code flashdns warm-up}: a whole life of a server with zones of its own, on free ports of
 * loopback, asked by {@link WarmUpClient}. The launcher runs it in a JVM that writes down what it
 * loaded and learnt; without the launcher it only runs. With {@code --client}, the second run of
 * the launcher, it is the commands for users that are learnt: {@link ClientTraining}.
 */
@Command(
    name = "warm-up",
    header = "Makes caches that halve the time of a start.",
    description = {
      "Starts a server of its own on free ports of 127.0.0.1, asks it all kinds of queries, reloads and"
          + " stops it; then a server that the client commands are tried on. What the JVM loaded and learnt goes into the folder FLASHDNS_CACHE, else"
          + " CACHE_DIRECTORY, else cache of the distribution. Takes some seconds.%n",
      "Run it after an installation, and again after a change of Java, of the server's version or of"
          + " conf/jvm.options: a cache that does not fit is left unused, and so is one that others"
          + " could have written.%n"
    },
    synopsisHeading = "%nUsage: ",
    descriptionHeading = "%n",
    optionListHeading = "Options:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {"0:done", "1:no cache was made, starts go on without", "2:wrong use"},
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    usageHelpWidth = 100,
    usageHelpAutoWidth = true)
final class WarmUpCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--client",
      hidden = true,
      description = "Trains the commands that speak to a server.")
  private boolean client;

  WarmUpCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try {
      Path folder = Files.createTempDirectory("flashdns-warm-up");
      try {
        return client ? new ClientTraining(terminal).run(folder) : run(folder);
      } finally {
        remove(folder);
      }
    } catch (IOException e) {
      terminal.failure("cannot warm up: " + e);
      return RootCommand.FAILED;
    }
  }

  private int run(Path folder) throws IOException, InterruptedException {
    Path zones = Files.createDirectories(folder.resolve("zones"));
    for (int i = 0; i < WarmUpClient.ZONES; i++) {
      Files.writeString(zones.resolve(WarmUpClient.apex(i) + ".zone"), WarmUpClient.ZONE_FILE);
    }
    Path config = folder.resolve("flashdns.yaml");
    Files.writeString(
        config,
        """
        # The default plugins, and values of each form.
        workers: 1
        drain-timeout: 2s
        udp:
          receive-buffer-bytes: 4MiB
        zones:
          include: false
        """);
    WarmUpClient asker = new WarmUpClient(terminal);
    Thread asking = Thread.ofPlatform().name("flashdns-warm-up").start(asker);
    List<String> serve =
        List.of(
            "serve",
            "--config=" + config,
            "--zones=" + zones,
            "--data=" + folder.resolve("data"),
            "--listen=127.0.0.1:0",
            "--operations=127.0.0.1:0",
            "--api=127.0.0.1:0",
            "--api-json=127.0.0.1:0");
    int status = Main.run(serve.toArray(String[]::new), asker.terminal());
    asker.serverHasEnded();
    asking.join();
    if (status == RootCommand.OK && asker.failure() != null) {
      terminal.failure("the server did not answer its warm-up: " + asker.failure());
      return RootCommand.FAILED;
    }
    return status;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
