package io.flashdns.management.fleet;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A member of etcd on a host of its own. */
final class Member {
  private static final int CLIENT_PORT = 2379;
  private static final int PEER_PORT = 2380;
  private static final int STATUS_MILLIS = 500;

  private final String name;
  private final Network.Host host;
  private final Path folder;
  private @Nullable Process process;

  Member(String name, Network.Host host, Path folder) {
    this.name = name;
    this.host = host;
    this.folder = folder;
  }

  /**
   * What a member says of itself.
   *
   * @param id its own
   * @param leader whom it follows; 0 for none
   * @param revision of the last write that it has
   * @param version of its etcd
   */
  record Status(long id, long leader, long revision, String version) {}

  Network.Host host() {
    return host;
  }

  String endpoint() {
    return host.address() + ":" + CLIENT_PORT;
  }

  String peer() {
    return name + "=" + peerUrl();
  }

  private String peerUrl() {
    return "http://" + host.address() + ":" + PEER_PORT;
  }

  private String localUrl() {
    return "http://127.0.0.1:" + CLIENT_PORT;
  }

  /**
   * Starts it.
   *
   * @param cluster all its members
   */
  void start(String cluster) throws Exception {
    Path dir = Files.createDirectories(folder);
    String client = "http://" + endpoint();
    List<String> command =
        List.of(
            "etcd",
            "--name=" + name,
            "--data-dir=" + dir.resolve("data"),
            "--listen-client-urls=" + client + "," + localUrl(),
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peerUrl(),
            "--initial-advertise-peer-urls=" + peerUrl(),
            "--initial-cluster=" + cluster,
            // Snapshots and compactions of the log really happen.
            "--snapshot-count=100",
            "--heartbeat-interval=100",
            "--election-timeout=1000");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()));
    process = host.namespace().call(builder::start);
  }

  boolean isUp() {
    return process != null && process.isAlive();
  }

  /** Ends it at once. */
  void kill() throws InterruptedException {
    if (process != null) {
      var _ = process.destroyForcibly();
      var _ = process.waitFor();
    }
  }

  /** Stops its threads, or lets them go on. */
  void signal(String which) throws IOException, InterruptedException {
    if (process != null) {
      Network.must("kill", "-" + which, Long.toString(process.pid()));
    }
  }

  /** Asks it on its own host; empty when it does not answer soon. */
  Optional<Status> status() {
    if (!isUp()) {
      return Optional.empty();
    }
    try {
      return Optional.of(host.namespace().call(this::ask));
    } catch (IOException _) {
      return Optional.empty();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Status ask() throws IOException {
    HttpURLConnection call =
        (HttpURLConnection)
            URI.create(localUrl() + "/v3/maintenance/status").toURL().openConnection();
    call.setConnectTimeout(STATUS_MILLIS);
    call.setReadTimeout(STATUS_MILLIS);
    call.setDoOutput(true);
    call.setRequestProperty("Connection", "close");
    try {
      call.getOutputStream().write("{}".getBytes(StandardCharsets.UTF_8));
      String said = new String(call.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      JsonObject json = JsonParser.parseString(said).getAsJsonObject();
      JsonObject header = json.getAsJsonObject("header");
      return new Status(
          number(header, "member_id"),
          number(json, "leader"),
          number(header, "revision"),
          json.get("version").getAsString());
    } finally {
      call.disconnect();
    }
  }

  private static long number(JsonObject json, String field) {
    return json.has(field) ? Long.parseUnsignedLong(json.get(field).getAsString()) : 0;
  }

  /** Calls etcdctl on its host. */
  void control(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ip", "netns", "exec", host.namespace().name()));
    command.addAll(List.of("env", "ETCDCTL_API=3", "etcdctl", "--command-timeout=10s"));
    command.add("--endpoints=" + localUrl());
    command.addAll(List.of(words));
    Network.must(command.toArray(String[]::new));
  }

  @Override
  public String toString() {
    return name;
  }
}
