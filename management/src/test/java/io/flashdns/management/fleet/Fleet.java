package io.flashdns.management.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.flashdns.proto.v1.AData;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Ttl;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneCreation;
import io.flashdns.proto.v1.ZoneName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Three members of etcd and three servers, with a zone that stays and one that changes. */
final class Fleet implements AutoCloseable {
  static final int SIZE = 3;

  /** The zone that stays as it is. */
  static final String FIXED = "fixed.test.";

  /** The zone that changes. */
  static final String CHANGING = "changing.test.";

  /** Names in the zone that stays: h0 and so on. */
  static final int FIXED_NAMES = 100;

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int TTL = 300;

  private final Network network;
  private final List<Member> members = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();
  private final String cluster;
  private final Thread atExit = new Thread(this::end);
  private String token = "";

  private Fleet(Path folder) throws IOException, InterruptedException {
    network = new Network();
    boolean isMade = false;
    try {
      for (int i = 0; i < SIZE; i++) {
        Network.Host host = network.add("e" + i, 1 + i);
        members.add(new Member("e" + i, host, folder.resolve("e" + i)));
      }
      cluster = members.stream().map(Member::peer).collect(Collectors.joining(","));
      String endpoints = members.stream().map(Member::endpoint).collect(Collectors.joining(","));
      for (int i = 0; i < SIZE; i++) {
        Network.Host host = network.add("n" + i, 11 + i);
        String store = "etcd://" + endpoints + "/fleet/";
        servers.add(new Server(i, host, folder.resolve("n" + i), store));
      }
      isMade = true;
    } finally {
      if (!isMade) {
        network.close();
      }
    }
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Starts it, and returns when all servers serve the same. */
  static Fleet start(Path folder) throws Exception {
    Fleet fleet = new Fleet(folder);
    boolean isStarted = false;
    try {
      fleet.start();
      isStarted = true;
    } finally {
      if (!isStarted) {
        fleet.close();
      }
    }
    return fleet;
  }

  private void start() throws Exception {
    for (Member member : members) {
      start(member);
    }
    await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(this::isHealthy);
    // The first to come makes the admin, and writes down the secret.
    servers.getFirst().start();
    servers.getFirst().awaitOpen();
    token = servers.getFirst().adminToken();
    assertThat(token).as("the first server has the admin's token").isNotEmpty();
    for (Server server : servers.subList(1, SIZE)) {
      server.start();
    }
    makeZones();
    for (Server server : servers) {
      server.awaitOpen();
      awaitFixed(server);
    }
  }

  private void makeZones() throws Exception {
    ApplyChangesRequest request =
        ApplyChangesRequest.newBuilder()
            .addChanges(creation(FIXED, FIXED_NAMES))
            .addChanges(creation(CHANGING, 0))
            .build();
    Server first = servers.getFirst();
    Door.Reply reply =
        first
            .host()
            .namespace()
            .call(() -> door(first).call("RecordService/ApplyChanges", request));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
  }

  private static ZoneChange creation(String apex, int names) {
    ZoneCreation.Builder creation =
        ZoneCreation.newBuilder()
            .setZone(Zone.newBuilder().setName(ZoneName.newBuilder().setApex(apex)));
    for (int i = 0; i < names; i++) {
      creation.addRecords(
          Record.newBuilder()
              .setName("h" + i + "." + apex)
              .setType(RecordType.RECORD_TYPE_A)
              .setTtl(Ttl.newBuilder().setSeconds(TTL))
              .addData(RecordData.newBuilder().setA(AData.newBuilder().setAddress(address(i)))));
    }
    return ZoneChange.newBuilder().setCreate(creation).build();
  }

  /** What a name of the zone that stays has. */
  static String address(int name) {
    return "192.0.2." + name;
  }

  /** Waits until a server answers from the zone that stays. */
  void awaitFixed(Server server) throws Exception {
    boolean _ =
        server
            .host()
            .namespace()
            .call(
                () -> {
                  try (Asker asker = new Asker(server.dns())) {
                    await()
                        .pollInSameThread()
                        .atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> asker.isRight(0));
                  }
                  return true;
                });
  }

  List<Member> members() {
    return members;
  }

  List<Server> servers() {
    return servers;
  }

  Door door(Server server) {
    return server.door(token);
  }

  List<Network.Host> memberHosts() {
    return members.stream().map(Member::host).toList();
  }

  /** Everybody but one. */
  List<Network.Host> othersThan(Network.Host host) {
    List<Network.Host> others = new ArrayList<>(memberHosts());
    servers.forEach(server -> others.add(server.host()));
    others.remove(host);
    return others;
  }

  void start(Member member) throws Exception {
    member.start(cluster);
  }

  /** The member that leads; empty while none is known to. */
  Optional<Member> leader() {
    for (Member member : members) {
      Optional<Member.Status> status = member.status();
      if (status.isPresent() && status.get().leader() == status.get().id()) {
        return Optional.of(member);
      }
    }
    return Optional.empty();
  }

  /** True when all members follow one leader, which knows of it. */
  boolean isHealthy() {
    List<Member.Status> all = members.stream().flatMap(m -> m.status().stream()).toList();
    return all.size() == SIZE
        && all.stream().map(Member.Status::leader).distinct().count() == 1
        && all.stream().anyMatch(status -> status.id() == status.leader());
  }

  /** The versions of etcd of the members that answer, each once. */
  List<String> etcdVersions() {
    return members.stream()
        .flatMap(member -> member.status().stream())
        .map(Member.Status::version)
        .distinct()
        .toList();
  }

  /** The newest revision of etcd that a member knows. */
  long etcdRevision() {
    return members.stream()
        .flatMap(member -> member.status().stream())
        .mapToLong(Member.Status::revision)
        .max()
        .orElse(0);
  }

  @Override
  public void close() {
    end();
    boolean _ = Runtime.getRuntime().removeShutdownHook(atExit);
  }

  private void end() {
    try {
      for (Server server : servers) {
        server.kill();
      }
      for (Member member : members) {
        member.kill();
      }
      network.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
