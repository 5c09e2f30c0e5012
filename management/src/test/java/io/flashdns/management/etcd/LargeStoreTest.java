package io.flashdns.management.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneSettings;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A million records in etcd: how long a node takes that has nothing, and one that has a copy; and
 * what etcd holds. With {@code -Dcampaign} alone; {@code -Dlarge.zones} gives another number of
 * zones, of a hundred records each.
 */
@EnabledIfSystemProperty(named = "campaign", matches = ".*")
final class LargeStoreTest {
  private static final int ZONES = Integer.getInteger("large.zones", 10_000);
  private static final int RECORDS_A_ZONE = 100;
  private static final int ZONES_A_CHANGE = 50;
  private static final Duration WHOLE = Duration.ofSeconds(30);
  private static final Duration RESTARTED = Duration.ofSeconds(3);

  @TempDir Path temp;

  private final Map<String, Object> figures = new LinkedHashMap<>();

  @Test
  void nodeJoinsAndRestartsSoon() throws Exception {
    try (EtcdCluster etcd = EtcdCluster.start(temp.resolve("etcd"), 3)) {
      EtcdConfig config = etcd.fresh();
      try {
        withNodes(etcd, config);
        withServers(config);
      } finally {
        System.out.println(new Gson().toJson(figures));
      }
    }
  }

  private void withNodes(EtcdCluster etcd, EtcdConfig config) throws Exception {
    try (Node loader = Node.open(temp.resolve("loader"), config)) {
      timed("loadSeconds", () -> load(loader));
      holds(etcd, config, "Log");
      Duration byLog = joined("newNodeByLogSeconds", "n1", loader, config);
      timed("imageSeconds", () -> loader.store().publishBase());
      holds(etcd, config, "Image");
      defragment(etcd);
      holds(etcd, config, "Defragmented");
      Duration byImage = joined("newNodeByImageSeconds", "n2", loader, config);
      figures.put("copyBytes", size(loader.folder()));
      Duration restarted = reopened(loader);
      assertThat(byImage).as("a new node is whole").isLessThan(WHOLE);
      assertThat(byLog).as("a new node is whole without an image").isLessThan(WHOLE);
      assertThat(restarted).as("a node that has a copy is open").isLessThan(RESTARTED);
    }
  }

  private void withServers(EtcdConfig config) throws Exception {
    Duration joined = served("newServer", temp.resolve("n3"), config);
    var _ = served("serverFirstOverACopy", temp.resolve("loader"), config);
    Duration restarted = served("serverRestart", temp.resolve("loader"), config);
    figures.put("serverCopyBytes", size(temp.resolve("loader")));
    assertThat(joined).as("a new server serves").isLessThan(WHOLE);
    assertThat(restarted).as("a server that has a copy serves").isLessThan(RESTARTED);
  }

  private Duration timed(String what, Callable<?> work) throws Exception {
    long begin = System.nanoTime();
    var _ = work.call();
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    figures.put(what, Math.round(took.toMillis() / 10.0) / 100.0);
    return took;
  }

  private Object load(Node loader) throws StoreException, InterruptedException {
    for (int from = 0; from < ZONES; from += ZONES_A_CHANGE) {
      List<ZoneChange> zones = new ArrayList<>(ZONES_A_CHANGE);
      for (int i = from; i < Math.min(ZONES, from + ZONES_A_CHANGE); i++) {
        zones.add(zone(i));
      }
      var _ = loader.store().commit(ChangeSet.of("test", zones.toArray(ZoneChange[]::new)));
    }
    figures.put("zones", ZONES);
    figures.put("records", ZONES * RECORDS_A_ZONE);
    figures.put("standing", loader.standing());
    return "";
  }

  /** A zone: SOA, two servers, and addresses of names. */
  private static ZoneChange zone(int number) {
    String apex = "z%05d.example.".formatted(number);
    DomainName name = DomainName.parse(apex);
    byte[] server = DomainName.parse("ns1.example.net.").wire();
    byte[] second = DomainName.parse("ns2.example.net.").wire();
    ByteBuffer soa = ByteBuffer.allocate(2 * server.length + 20).put(server).put(server);
    soa.putInt(1).putInt(3_600).putInt(600).putInt(86_400).putInt(300);
    RRsetBlock.Builder block = new RRsetBlock.Builder(name);
    block.add(
        new RRset(
            name, RecordType.NS, 3_600, List.of(RecordData.of(server), RecordData.of(second))));
    block.add(new RRset(name, RecordType.SOA, 3_600, List.of(RecordData.of(soa.array()))));
    // Drawn, so that they do not deflate better than true ones.
    SplittableRandom dice = new SplittableRandom(number);
    for (int i = 3; i < RECORDS_A_ZONE; i++) {
      String label = Long.toString(dice.nextLong(36L * 36 * 36 * 36, 1L << 40), 36);
      DomainName owner = DomainName.parse(label + i + "." + apex);
      byte[] data = ByteBuffer.allocate(4).putInt(dice.nextInt()).array();
      block.add(new RRset(owner, RecordType.A, 300, List.of(RecordData.of(data))));
    }
    return new ZoneChange.Create(ZoneSettings.of(Node.key(apex)), block.build());
  }

  private Duration joined(String what, String folder, Node loader, EtcdConfig config)
      throws Exception {
    List<Node> opened = new ArrayList<>();
    try {
      Duration took = timed(what, () -> opened.add(Node.open(temp.resolve(folder), config)));
      // It serves from here on; what the log had behind its beginning comes too.
      Duration caughtUp = timed(what + "AllMore", () -> awaitEqual(opened.getFirst(), loader));
      return took.plus(caughtUp);
    } finally {
      for (Node node : opened) {
        node.close();
      }
    }
  }

  private static boolean awaitEqual(Node node, Node other) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (!node.standing().equals(other.standing())) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.onSpinWait();
    }
    return true;
  }

  private Duration reopened(Node node) throws Exception {
    String standing = node.standing();
    node.close();
    Duration took =
        timed(
            "restartSeconds",
            () -> {
              node.reopen();
              return "";
            });
    assertThat(node.standing()).isEqualTo(standing);
    return took;
  }

  /** What etcd has under the prefix, and how large its file is. */
  private void holds(EtcdCluster etcd, EtcdConfig config, String when) throws Exception {
    try (Etcd one = Etcd.of(config)) {
      SharedKeys keys = new SharedKeys(config.prefix());
      GetOption keysAlone =
          GetOption.builder()
              .withRange(SharedKeys.end(SharedKeys.bytes(config.prefix())))
              .withKeysOnly(true)
              .build();
      List<KeyValue> all = one.get(SharedKeys.bytes(config.prefix()), keysAlone).getKvs();
      long bytes = 0;
      for (KeyValue each : all) {
        List<KeyValue> found = one.get(each.getKey(), GetOption.DEFAULT).getKvs();
        if (!found.isEmpty()) {
          bytes += each.getKey().size() + found.getFirst().getValue().size();
        }
      }
      assertThat(keys.prefix()).isEqualTo(config.prefix());
      figures.put("keys" + when, all.size());
      figures.put("bytes" + when, bytes);
      figures.put("etcdFileBytes" + when, fileBytes(etcd));
    }
  }

  /** The size of the largest member's file. */
  private static long fileBytes(EtcdCluster etcd) throws Exception {
    String status = etcdctl(etcd, "endpoint", "status", "-w", "json");
    return Pattern.compile("\"dbSize\":([0-9]+)")
        .matcher(status)
        .results()
        .mapToLong(result -> Long.parseLong(result.group(1)))
        .max()
        .orElseThrow();
  }

  /** Has every member forget what was overwritten and give the space back. */
  private static void defragment(EtcdCluster etcd) throws Exception {
    String status = etcdctl(etcd, "endpoint", "status", "-w", "json");
    String revision = status.replaceAll("(?s).*?\"revision\":([0-9]+).*", "$1");
    String _ = etcdctl(etcd, "compact", "--physical", revision);
    String _ = etcdctl(etcd, "defrag");
  }

  private static String etcdctl(EtcdCluster etcd, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("etcdctl", "--command-timeout=60s"));
    command.add("--endpoints=" + String.join(",", etcd.endpoints()));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes()).strip();
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** The time from the start of a server, a process of its own, until it answers from all zones. */
  private Duration served(String what, Path data, EtcdConfig config) throws Exception {
    int port;
    try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path home = Files.createDirectories(temp.resolve("home"));
    Files.createDirectories(home.resolve("zones"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    try (var lines = Files.lines(shipped("conf/jvm.options"))) {
      lines.map(String::strip).filter(line -> line.startsWith("-")).forEach(command::add);
    }
    String classPath = System.getProperty("java.class.path");
    command.addAll(List.of("-Dflashdns.home=" + home, "-cp", classPath));
    command.addAll(List.of("io.flashdns.management.server.Main", "serve"));
    command.addAll(List.of("--store=" + config.url(), "--data=" + data));
    command.add("--listen=127.0.0.1:" + port);
    for (String option : List.of("--operations", "--api", "--api-json")) {
      command.add(option + "=127.0.0.1:0");
    }
    Path said = home.resolve("log");
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(20);
      return timed(
          what + "Seconds",
          () -> {
            long end = begin + TimeUnit.MINUTES.toNanos(5);
            while (!answers(socket, ZONES - 1) || !answers(socket, 0)) {
              assertThat(process.isAlive()).as(() -> text(said)).isTrue();
              assertThat(System.nanoTime() - end).as(() -> text(said)).isNegative();
            }
            return "";
          });
    } finally {
      awaitCatalog(data, process);
      var _ = process.destroyForcibly();
      var _ = process.waitFor();
    }
  }

  /** Waits until a server has written down what it has read: it does so half a minute later. */
  private static void awaitCatalog(Path data, Process process) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (process.isAlive()
        && !Files.exists(data.resolve("images/catalog.img"))
        && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private static Path shipped(String path) {
    Path here = Path.of("src/main/dist").resolve(path);
    return Files.exists(here) ? here : Path.of("management").resolve(here);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** True when the SOA of a zone is answered. */
  private static boolean answers(DatagramSocket socket, int zone) {
    byte[] name = DomainName.parse("z%05d.example.".formatted(zone)).wire();
    byte[] query =
        ByteBuffer.allocate(Wire.HEADER_BYTES + name.length + 4)
            .putShort((short) (zone + 1))
            .putShort((short) 0)
            .putShort((short) 1)
            .putShort((short) 0)
            .putInt(0)
            .put(name)
            .putShort((short) RecordType.SOA)
            .putShort((short) RecordClass.IN)
            .array();
    try {
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket packet = new DatagramPacket(new byte[512], 512);
      do {
        socket.receive(packet);
      } while (Wire.u16(packet.getData(), 0) != zone + 1);
      byte[] reply = packet.getData();
      return (Wire.u16(reply, Wire.FLAGS) & Wire.RCODE_MASK) == 0
          && Wire.u16(reply, Wire.ANCOUNT) == 1;
    } catch (IOException _) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      return false;
    }
  }

  private static long size(Path folder) throws Exception {
    try (var files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
