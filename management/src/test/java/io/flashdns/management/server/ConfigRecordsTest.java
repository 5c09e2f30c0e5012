package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.FaultPolicy;
import io.flashdns.core.plugin.Network;
import io.flashdns.management.etcd.EtcdConfig;
import io.flashdns.management.grpc.ApiConfig;
import io.flashdns.management.operations.OperationsConfig;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two tests for each record, defaults and every key set, and one for all bounds. */
class ConfigRecordsTest {
  @TempDir private Path folder;
  private final List<Problem> problems = new ArrayList<>();

  @Test
  void defaultsOfServerConfig() {
    assertThat(ServerConfig.defaults())
        .isEqualTo(
            new ServerConfig(
                List.of(ListenAddress.parse("127.0.0.1:5353")),
                0,
                IoBackend.AUTO,
                Optional.empty(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                StoreConfig.defaults(),
                EtcdConfig.defaults(),
                new IndexConfig(Optional.empty()),
                ZonesConfig.defaults(),
                UdpConfig.defaults(),
                TcpLimits.defaults(),
                new ProxyConfig(List.of(), List.of()),
                new OperationsConfig(true, ListenAddress.parse("127.0.0.1:9533"), false),
                ApiConfig.defaults(),
                TenancySettings.defaults(),
                List.of(),
                Optional.empty(),
                List.of(),
                FaultPolicy.defaults(),
                PluginRegistry.builtIn().defaultPipeline()));
    assertThat(ServerConfig.defaults().plugins().names())
        .containsExactly("cookies", "ratelimit", "tenancy", "metrics", "zone");
  }

  @Test
  void everyKeyOfServerConfig() throws IOException {
    String digest = "0123456789abcdef".repeat(4);
    ServerConfig config =
        read(
            """
            listen: [192.0.2.1, "[::1]:5353"]
            workers: 3
            io: io_uring
            data: state
            rehearsal: 0s
            drain-timeout: 30s
            store: {history-max-age: 1d}
            etcd: {endpoints: ["10.0.0.1:2379", "[::1]:2379"], prefix: /dns/}
            index: {memory: 64MiB}
            zones: {max-problems: 7}
            udp: {max-reply-bytes: 4096}
            tcp: {max-pipelined: 8}
            proxy-protocol: {listeners: [192.0.2.1], from: [10.0.0.0/8, "2001:db8::1"]}
            operations: {enabled: false, listen: "[::1]:8080", ready-with-broken-zones: true}
            api: {reflection: true, limits: {writes-per-second: 7}}
            issuers: [{issuer: "https://id.example", audiences: [dns], claims: {roles-claim: r}}]
            tenancy: {name-servers: [ns1.example.net], quotas: {zones: 3}}
            plugin-folder: more
            plugin-pins:
              - plugin: grey
                sha256: [%s]
            plugin-faults: {faults: 3}
            plugins: {zone: {}}
            """
                .formatted(digest));

    assertThat(problems).isEmpty();
    assertThat(ConfigChanges.between(ServerConfig.defaults(), config))
        .containsExactly(
            "listen",
            "workers",
            "io",
            "data",
            "rehearsal",
            "drain-timeout",
            "store.history-max-age",
            "etcd.endpoints",
            "etcd.prefix",
            "index.memory",
            "zones.max-problems",
            "udp.max-reply-bytes",
            "tcp.max-pipelined",
            "proxy-protocol.listeners",
            "proxy-protocol.from",
            "operations.enabled",
            "operations.listen",
            "operations.ready-with-broken-zones",
            "api.reflection",
            "api.limits.writes-per-second",
            "tenancy.name-servers",
            "tenancy.quotas.zones",
            "issuers",
            "plugin-folder",
            "plugin-pins",
            "plugin-faults.faults",
            "plugins");
    assertThat(config.listen())
        .containsExactly(ListenAddress.parse("192.0.2.1:53"), ListenAddress.parse("[::1]:5353"));
    assertThat(config.transport().workers()).isEqualTo(3);
    assertThat(config.io()).isEqualTo(IoBackend.IO_URING);
    assertThat(config.data()).contains(folder.resolve("state"));
    assertThat(config.drainTimeout()).isEqualTo(Duration.ofSeconds(30));
    assertThat(config.zones().maxProblems()).isEqualTo(7);
    assertThat(config.udp().maxReplyBytes()).isEqualTo(4096);
    assertThat(config.tcp().maxPipelined()).isEqualTo(8);
    assertThat(config.proxyProtocol())
        .isEqualTo(
            new ProxyConfig(
                List.of(ListenAddress.parse("192.0.2.1:53")),
                List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::1"))));
    assertThat(config.transport().proxyProtocol().listeners()).containsExactly(0);
    assertThat(config.pluginFolder()).contains(folder.resolve("more"));
    assertThat(config.pluginPins()).containsExactly(new PluginPin("grey", List.of(digest)));
    assertThat(config.pluginFaults().faults()).isEqualTo(3);
    assertThat(config.engine(new NameHash(1)).faults()).isEqualTo(config.pluginFaults());
    assertThat(config.engine(new NameHash(1)).listeners()).isEqualTo(config.listen());
    assertThat(config.plugins().names()).containsExactly("zone");
  }

  @Test
  void defaultsOfFaultPolicy() {
    assertThat(ServerConfig.defaults().pluginFaults())
        .isEqualTo(
            new FaultPolicy(
                10,
                20,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                Duration.ofMillis(100)));
  }

  @Test
  void everyKeyOfFaultPolicy() throws IOException {
    ServerConfig config =
        read(
            """
            plugin-faults:
              faults: 1
              percent: 2
              window: 3s
              out-for: 4s
              max-out-for: 5s
              blocked-after: 6s
            """);

    assertThat(problems).isEmpty();
    assertThat(config.pluginFaults())
        .isEqualTo(
            new FaultPolicy(
                1,
                2,
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(6)));
  }

  @Test
  void defaultsOfEtcdConfig() {
    assertThat(EtcdConfig.defaults())
        .isEqualTo(
            new EtcdConfig(
                List.of(),
                "/flashdns/",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true));
  }

  @Test
  void everyKeyOfEtcdConfig() throws IOException {
    EtcdConfig config =
        read("""
                etcd:
                  endpoints: [10.0.0.1:2379]
                  prefix: /dns/one/
                  user: flashdns
                  password-file: password
                  tls: {authorities: ca.pem, certificate: node.pem, key: node.key}
                  node-name: ns1
                  withdraw-after: 6h
                  compact-history: false
                """)
            .etcd();
    assertThat(problems).isEmpty();
    assertThat(config)
        .isEqualTo(
            new EtcdConfig(
                List.of("10.0.0.1:2379"),
                "/dns/one/",
                Optional.of("flashdns"),
                Optional.of(folder.resolve("password")),
                Optional.of(
                    new EtcdConfig.EtcdTls(
                        folder.resolve("ca.pem"),
                        Optional.of(folder.resolve("node.pem")),
                        Optional.of(folder.resolve("node.key")))),
                Optional.of("ns1"),
                Optional.of(Duration.ofHours(6)),
                false));
  }

  @Test
  void defaultsOfStoreConfig() {
    assertThat(ServerConfig.defaults().store())
        .isEqualTo(
            new StoreConfig(1L << 30, Duration.ofDays(90), Duration.ofDays(400), 256L << 20));
  }

  @Test
  void everyKeyOfStoreConfig() throws IOException {
    ServerConfig config =
        read(
            "store: {history-max-bytes: 2MiB, history-max-age: 1h, journal-max-age: 1d,"
                + " min-free-bytes: 0}\n");

    assertThat(problems).isEmpty();
    assertThat(config.store())
        .isEqualTo(new StoreConfig(2 << 20, Duration.ofHours(1), Duration.ofDays(1), 0));
  }

  @Test
  void defaultsOfIndexConfig() {
    assertThat(ServerConfig.defaults().index().memoryBytes())
        .isEqualTo(Runtime.getRuntime().maxMemory() / 2);
  }

  @Test
  void everyKeyOfIndexConfig() throws IOException {
    ServerConfig config = read("index: {memory: 256MiB}\n");

    assertThat(problems).isEmpty();
    assertThat(config.index().memoryBytes()).isEqualTo(256L << 20);
    assertThat(read("index: {memory: }\n").index()).isEqualTo(IndexConfig.defaults());
  }

  @Test
  void defaultsOfZonesConfig() {
    assertThat(ZonesConfig.defaults())
        .isEqualTo(
            new ZonesConfig(
                Optional.empty(), false, false, 5, 65_536, 64 << 10, 256L << 20, 1_000));
  }

  @Test
  void everyKeyOfZonesConfig() throws IOException {
    ServerConfig config =
        read(
            """
            zones:
              folder: masters
              tenants: true
              include: true
              max-include-depth: 2
              max-generate-steps: 10
              max-line-bytes: 1KiB
              max-file-bytes: 2GiB
              max-problems: 3
            """);

    assertThat(problems).isEmpty();
    assertThat(config.zones())
        .isEqualTo(
            new ZonesConfig(
                Optional.of(folder.resolve("masters")), true, true, 2, 10, 1 << 10, 2L << 30, 3));
    assertThat(config.zones().limits().maxFileBytes()).isEqualTo(2L << 30);
  }

  @Test
  void defaultsOfUdpConfig() {
    assertThat(UdpConfig.defaults()).isEqualTo(new UdpConfig(1_232, 4 << 20, true));
  }

  @Test
  void everyKeyOfUdpConfig() throws IOException {
    ServerConfig config =
        read("udp: {max-reply-bytes: 512, receive-buffer-bytes: 64KiB, overload-shield: false}\n");

    assertThat(problems).isEmpty();
    assertThat(config.udp()).isEqualTo(new UdpConfig(512, 64 << 10, false));
    assertThat(config.transport().receiveBufferBytes()).isEqualTo(64 << 10);
    assertThat(config.transport().overloadShield()).isFalse();
    assertThat(ServerConfig.defaults().transport().overloadShield()).isTrue();
  }

  @Test
  void defaultsOfTcpLimits() {
    assertThat(TcpLimits.defaults())
        .isEqualTo(
            new TcpLimits(
                TcpLimits.defaults().maxConnections(),
                25,
                100,
                200 << 10,
                Duration.ofSeconds(3),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofMinutes(10)));
    assertThat(TcpLimits.defaults().maxConnections()).isBetween(1, 10_000);
  }

  @Test
  void everyKeyOfTcpLimits() throws IOException {
    ServerConfig config =
        read(
            """
            tcp:
              max-connections: 1
              max-connections-per-client: 2
              max-pipelined: 3
              max-unsent-bytes: 4KiB
              first-query: 5s
              message: 6s
              idle: 7s
              max-age: 8s
            """);

    assertThat(problems).isEmpty();
    assertThat(config.tcp())
        .isEqualTo(
            new TcpLimits(
                1,
                2,
                3,
                4 << 10,
                Duration.ofSeconds(5),
                Duration.ofSeconds(6),
                Duration.ofSeconds(7),
                Duration.ofSeconds(8)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: []                              | listen            | must name 1 to 64 addresses",
        "listen: [192.0.2.1:53, 192.0.2.1]       | listen            | names 192.0.2.1:53 twice",
        "listen: [localhost]                     | listen[0]         | names are not looked up",
        "workers: -1                             | workers           | must be 0 to 1024, not -1",
        "workers: 1025                           | workers           | must be 0 to 1024",
        "io: iouring                             | io                | must be one of auto, ffm,"
            + " epoll",
        "nsid: ns1                               | nsid              | unknown key",
        "rehearsal: 61s                          | rehearsal         | must be 0s to 1min, not",
        "drain-timeout: 11min                    | drain-timeout     | must be 0s to 10min, not"
            + " 11min",
        "drain-timeout: -1s                      | drain-timeout     | must be 0s to 10min",
        "store: {history-max-bytes: 1KiB}        | store.history-max-bytes | must be 1MiB to 1PiB",
        "store: {history-max-age: 1min}          | store.history-max-age | must be 1h to 36500d",
        "store: {journal-max-age: 23h}           | store.journal-max-age | must be 1d to 36500d",
        "store: {min-free-bytes: 2048GiB}        | store.min-free-bytes | must be 0 to 1TiB",
        "index: {memory: 1MiB}                   | index.memory      | must be 16MiB to 1024GiB, not 1MiB",
        "index: {memory: much}                   | index.memory      | is no size: write 1232",
        "zones: {max-include-depth: 65}          | zones.max-include-depth | must be from 0 to 64",
        "zones: {max-problems: 0}                | zones.max-problems | must be from 1 to 1000000",
        "udp: {max-reply-bytes: 511}             | udp.max-reply-bytes | must be 512 to 4096, not"
            + " 511",
        "udp: {receive-buffer-bytes: 1GiB}       | udp.receive-buffer-bytes | must be 64KiB to"
            + " 256MiB, not 1GiB",
        "tcp: {max-pipelined: 0}                 | tcp.max-pipelined | use 1 or more",
        "tcp: {idle: 0s}                         | tcp.idle          | above zero",
        "proxy-protocol: {listeners: [127.0.0.1:5353]} | proxy-protocol.listeners | must go with"
            + " 'from'",
        "proxy-protocol: {from: [10.0.0.0/8]}    | proxy-protocol.from | must go with 'listeners'",
        "proxy-protocol: {listeners: [192.0.2.1], from: [10.0.0.0/8]} | proxy-protocol | names the"
            + " listener 192.0.2.1:53, which listen does not",
        "plugin-pins: [{plugin: a, sha256: [12]}] | plugin-pins[0].sha256 | must have 64"
            + " hexadecimal digits",
        "plugin-pins: [{plugin: a}]              | plugin-pins[0].sha256 | is missing and has no"
            + " default",
        "plugin-pins: [a]                        | plugin-pins[0]    | must hold keys with values",
        "plugin-faults: {faults: 0}              | plugin-faults.faults | a breaker needs 1 fault"
            + " or more",
        "plugin-faults: {window: 0s}             | plugin-faults.window | must be above zero",
        "plugins: [zonne]                        | plugins           | there is no plugin 'zonne'",
        "plugins: [../zone]                      | plugins           | there is no plugin"
            + " '../zone'",
        "plugins: []                             | plugins           | names no plugin",
        "plugins: [zone, zone]                   | plugins           | named twice, first in line"
            + " 1",
        "plugins: zone                           | plugins           | must be a list of plugins",
        "plugins: {zone: {no-such-key: 1}}       | plugins.zone.no-such-key | unknown key",
        "zone: {}                                | zone              | did you mean 'zones'?",
      })
  void eachBoundIsKept(String text, String key, String reason) throws IOException {
    read(text + "\n");

    assertThat(problems)
        .singleElement()
        .satisfies(
            p -> {
              assertThat(p.key()).isEqualTo(key);
              assertThat(p.reason()).contains(reason);
              assertThat(p.line()).isEqualTo(1);
              assertThat(p.column()).isPositive();
              assertThat(p.text()).isEqualTo(text.strip());
            });
  }

  private ServerConfig read(String text) throws IOException {
    Path file = folder.resolve("flashdns.yaml");
    Files.writeString(file, text);
    return ServerOptions.readFile(file, problems::add);
  }
}
