package io.flashdns.management.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Network namespaces of this process behind one bridge, which is in a namespace too: nothing of the
 * machine's own network is touched. Names contain the process id; all is gone after {@link #close}.
 */
final class Network implements AutoCloseable {
  private static final String SUBNET = "10.77.0.";
  private static final int PATIENCE_SECONDS = 30;
  private static final Path NAMESPACES = Path.of("/run/netns");
  private static final Pattern OURS = Pattern.compile("fd([0-9]+)-.*");

  private final String mark = "fd" + ProcessHandle.current().pid();
  private final List<Host> hosts = new ArrayList<>();

  /** A host: its namespace and its address. */
  record Host(Namespace namespace, String address) {}

  /**
   * Makes the bridge. Skips the test where a program is not there, unless the build asks for all,
   * and where no namespaces can be made.
   */
  Network() throws IOException, InterruptedException {
    String missing = missing();
    if (Boolean.getBoolean("flashdns.require.peers")) {
      assertThat(missing).isEmpty();
    }
    assumeTrue(missing.isEmpty(), missing);
    // What a container may not do is not a matter of what is installed.
    String forbidden = forbidden();
    assumeTrue(forbidden.isEmpty(), forbidden);
    sweep();
    must("ip", "netns", "add", bridge());
    must("ip", "-n", bridge(), "link", "add", "br0", "type", "bridge");
    must("ip", "-n", bridge(), "link", "set", "br0", "up");
  }

  /** Which program is not installed; empty when all are. */
  private static String missing() {
    for (String program : List.of("etcd", "etcdctl", "ip", "nft")) {
      boolean isThere =
          Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
      if (!isThere) {
        return program
            + " is not on the PATH: install etcd-server, etcd-client, iproute2 and nftables";
      }
    }
    return "";
  }

  /** Why there can be no such network; empty when there can. */
  private String forbidden() throws IOException, InterruptedException {
    String trial = mark + "-try";
    String said = run("ip", "netns", "add", trial);
    if (!said.isEmpty()) {
      return "no network namespaces can be made, root is needed: " + said;
    }
    try {
      return run("ip", "netns", "exec", trial, "nft", "add", "table", "inet", "f");
    } finally {
      String _ = run("ip", "netns", "del", trial);
    }
  }

  /** Ends what a process left that was ended before it could clean up. */
  private static void sweep() throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    if (Files.isDirectory(NAMESPACES)) {
      try (var files = Files.list(NAMESPACES)) {
        files.forEach(file -> all.add(file.getFileName().toString()));
      }
    }
    for (String name : all) {
      Matcher matcher = OURS.matcher(name);
      if (matcher.matches() && ProcessHandle.of(Long.parseLong(matcher.group(1))).isEmpty()) {
        remove(name);
      }
    }
  }

  /** Removes a namespace, and ends what runs in it. */
  private static void remove(String name) throws IOException, InterruptedException {
    Process pids = new ProcessBuilder("ip", "netns", "pids", name).start();
    pids.getOutputStream().close();
    String said = new String(pids.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    var _ = pids.waitFor();
    said.lines()
        .map(String::strip)
        .filter(pid -> !pid.isEmpty())
        .forEach(
            pid -> ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly));
    String _ = run("ip", "netns", "del", name);
  }

  private String bridge() {
    return mark + "-br";
  }

  /** Adds a host to the bridge. */
  Host add(String name, int number) throws IOException, InterruptedException {
    Host host = new Host(new Namespace(mark + "-" + name), SUBNET + number);
    String namespace = host.namespace().name();
    hosts.add(host);
    must("ip", "netns", "add", namespace);
    must(
        "ip", "-n", bridge(), "link", "add", name, "type", "veth", "peer", "eth0", "netns",
        namespace);
    must("ip", "-n", bridge(), "link", "set", name, "master", "br0", "up");
    must("ip", "-n", namespace, "address", "add", host.address() + "/24", "dev", "eth0");
    must("ip", "-n", namespace, "link", "set", "eth0", "up");
    must("ip", "-n", namespace, "link", "set", "lo", "up");
    return host;
  }

  /**
   * Drops packets of a host.
   *
   * @param others from which and to which
   * @param in those that come
   * @param out those that go
   * @param percent of them
   */
  static void drop(Host host, List<Host> others, boolean in, boolean out, int percent)
      throws IOException, InterruptedException {
    String addresses = String.join(", ", others.stream().map(Host::address).toList());
    String which = percent == 100 ? "" : "numgen random mod 100 < " + percent + " ";
    StringBuilder rules = new StringBuilder("flush ruleset\ntable inet f {\n");
    if (in) {
      rules.append("chain i {\ntype filter hook input priority 0;\n");
      rules.append("ip saddr { " + addresses + " } " + which + "drop\n}\n");
    }
    if (out) {
      rules.append("chain o {\ntype filter hook output priority 0;\n");
      rules.append("ip daddr { " + addresses + " } " + which + "drop\n}\n");
    }
    nft(host, rules + "}\n");
  }

  /** Drops nothing any more. */
  static void heal(Host host) throws IOException, InterruptedException {
    nft(host, "flush ruleset\n");
  }

  private static void nft(Host host, String rules) throws IOException, InterruptedException {
    Path file = Files.createTempFile("rules", ".nft");
    try {
      Files.writeString(file, rules);
      must("ip", "netns", "exec", host.namespace().name(), "nft", "-f", file.toString());
    } finally {
      Files.delete(file);
    }
  }

  /** Runs a command that must go well. */
  static void must(String... command) throws IOException, InterruptedException {
    String said = run(command);
    if (!said.isEmpty()) {
      throw new IOException(String.join(" ", command) + ": " + said);
    }
  }

  /** Runs a command; empty when it went well, else what it said. */
  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      var _ = process.destroyForcibly();
      return "it hangs";
    }
    return process.exitValue() == 0 ? "" : said + " (" + process.exitValue() + ")";
  }

  @Override
  public void close() throws IOException {
    try {
      for (Host host : hosts) {
        String _ = run("ip", "netns", "del", host.namespace().name());
      }
      String _ = run("ip", "netns", "del", bridge());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
