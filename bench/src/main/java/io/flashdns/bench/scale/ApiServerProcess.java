package io.flashdns.bench.scale;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * {@code flashdns serve} of a distribution, a process on a processor of its own. Tenants have their
 * quotas and all changes their audit entries; the bound on changes in a second is off, for that is
 * what is measured. Nor is the address limited that asks.
 */
final class ApiServerProcess implements AutoCloseable {
  private static final int MINUTES_TO_START = 10;
  private static final int SECONDS_TO_END = 30;
  private static final int ZONES_IN_A_FOLDER = 10_000;

  private final Process process;
  private final InetSocketAddress api;
  private final InetSocketAddress dns;
  private final String adminToken;

  private ApiServerProcess(
      Process process, InetSocketAddress api, InetSocketAddress dns, String adminToken) {
    this.process = process;
    this.api = api;
    this.dns = dns;
    this.adminToken = adminToken;
  }

  /** Puts zones of {@link ManyZones} into a data folder that has no store yet. */
  static void fill(Path distribution, Path work, Path data, int zones)
      throws IOException, InterruptedException {
    if (zones == 0 || Files.exists(data.resolve("store"))) {
      return;
    }
    List<String> command =
        new ArrayList<>(List.of(launcher(distribution), "import", "--data", data.toString()));
    Files.createDirectories(data);
    Path files = work.resolve("zone-files");
    for (int i = 0; i < zones; i++) {
      Path folder = files.resolve("f" + i / ZONES_IN_A_FOLDER);
      if (i % ZONES_IN_A_FOLDER == 0) {
        command.add(Files.createDirectories(folder).toString());
      }
      Files.writeString(folder.resolve(ManyZones.apex(i) + ".zone"), ManyZones.zoneFile(i));
    }
    Process filling =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("import.log").toFile())
            .start();
    if (filling.waitFor() != 0) {
      throw new IOException("the import failed, see " + work.resolve("import.log"));
    }
    try (Stream<Path> all = Files.walk(files)) {
      for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * Starts one, and waits until its API is open.
   *
   * @param core the one processor that it gets; negative for any
   */
  static ApiServerProcess start(Path distribution, Path work, Path data, int core)
      throws IOException, InterruptedException {
    Path config = work.resolve("flashdns.yaml");
    Path zones = Files.createDirectories(work.resolve("no-zones"));
    Files.writeString(
        config,
        """
        listen: ["127.0.0.1:0"]
        data: %s
        zones: {folder: %s}
        operations: {listen: "127.0.0.1:0"}
        api:
          listen: 127.0.0.1:0
          json-listen: 127.0.0.1:0
          limits: {writes-per-second: 0, max-calls-per-identity: 10000, max-calls-per-connection: 1000}
        tenancy: {quotas: {changes-per-second: 1000000}}
        plugins: {cookies: {}, tenancy: {}, metrics: {}, zone: {}}
        """
            .formatted(data.toAbsolutePath(), zones.toAbsolutePath()));
    List<String> command =
        new ArrayList<>(core < 0 ? List.of() : List.of("taskset", "-c", Integer.toString(core)));
    command.addAll(List.of(launcher(distribution), "serve", "--config", config.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(work.resolve("server.err").toFile()).start();
    CompletableFuture<InetSocketAddress> api = new CompletableFuture<>();
    CompletableFuture<InetSocketAddress> dns = new CompletableFuture<>();
    Path log = work.resolve("server.log");
    Thread.ofPlatform().daemon().name("server-log").start(() -> read(process, log, api, dns));
    try {
      InetSocketAddress at = api.get(MINUTES_TO_START, TimeUnit.MINUTES);
      return new ApiServerProcess(
          process, at, dns.get(), Files.readString(data.resolve("admin-token")).strip());
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
      process.destroy();
      throw new IOException("the server did not open its API, see " + log, e);
    }
  }

  private static String launcher(Path distribution) {
    return distribution.resolve("bin").resolve("flashdns").toString();
  }

  private static void read(
      Process process,
      Path log,
      CompletableFuture<InetSocketAddress> api,
      CompletableFuture<InetSocketAddress> dns) {
    try (BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        var copy = Files.newBufferedWriter(log)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        copy.write(line + "\n");
        copy.flush();
        String[] words = line.split(" +");
        if (words[0].equals("listening")) {
          dns.complete(address(words[1]));
        } else if (words[0].equals("api")) {
          api.complete(address(words[1]));
        }
      }
    } catch (IOException e) {
      api.completeExceptionally(e);
    }
    IOException ended = new IOException("it has ended");
    dns.completeExceptionally(ended);
    api.completeExceptionally(ended);
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return new InetSocketAddress(
        InetAddress.ofLiteral(text.substring(0, colon)),
        Integer.parseInt(text.substring(colon + 1)));
  }

  /** Where gRPC is spoken. */
  InetSocketAddress api() {
    return api;
  }

  /** Where DNS is spoken. */
  InetSocketAddress dns() {
    return dns;
  }

  String adminToken() {
    return adminToken;
  }

  /** Processor time of all its threads so far. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().map(time -> time.toNanos() / 1e9).orElse(0.0);
  }

  long pid() {
    return process.pid();
  }

  /** Ends it in order. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
