package io.flashdns.plugins.cookies;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.EngineEvents;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Plugin;
import io.flashdns.core.plugin.PluginContext;
import io.flashdns.core.plugin.PluginFactory;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.plugin.WorkerContext;
import io.flashdns.plugins.EdnsMessages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A server with the cookies plugin, asked with cookies in hexadecimal. */
final class CookieServer implements AutoCloseable {
  /** What RFC 9018 A.1 says. */
  static final String SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf";

  static final String CLIENT = "2464c4abcf10c957";
  static final String NAME = "ns.example.";

  private static final String ZONE =
      """
      example. 60 SOA ns.example. host.example. 1 2 3 4 5
      example. 60 NS ns.example.
      ns.example. 60 A 192.0.2.1
      """;

  final EmbeddedServer server;

  /** What the plugin's periodic work has failed with. */
  final List<String> complaints = new ArrayList<>();

  private final Probe probe = new Probe();

  private CookieServer(CookiesPluginConfig config, @Nullable Path dataFolder) {
    EmbeddedServer.Builder builder =
        EmbeddedServer.builder()
            .zone(ZONE)
            .plugin(new CookiesPluginFactory(), config)
            .plugin(probe, new Probe.Config())
            .events(
                new EngineEvents() {
                  @Override
                  public void pluginTaskFailed(String plugin, Throwable fault) {
                    complaints.add(plugin + ": " + fault.getMessage());
                  }
                });
    server = (dataFolder == null ? builder : builder.dataFolder(dataFolder)).build();
  }

  static CookieServer withSecretFile(Path file) {
    return new CookieServer(fileConfig(file, false), null);
  }

  static CookieServer withBadcookie(Path file) {
    return new CookieServer(fileConfig(file, true), null);
  }

  static CookieServer withOwnSecrets(@Nullable Path dataFolder) {
    return new CookieServer(CookiesPluginConfig.defaults(), dataFolder);
  }

  private static CookiesPluginConfig fileConfig(Path file, boolean badcookie) {
    return new CookiesPluginConfig(Optional.of(file), Duration.ofDays(1), badcookie);
  }

  /** Writes a file of secrets, whole, and for its owner alone. */
  static Path secretFile(Path file, String... lines) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
    return Files.move(
        fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  CookieServer at(long epochSeconds) {
    server.at(Instant.ofEpochSecond(epochSeconds));
    return this;
  }

  CookieServer from(int a, int b, int c, int d) {
    server.from(a << 24 | b << 16 | c << 8 | d, 53_000);
    return this;
  }

  static byte[] question(String cookie) {
    return EdnsMessages.question(
        NAME, RecordType.A, 1_232, EdnsOption.COOKIE, HexFormat.of().parseHex(cookie));
  }

  byte[] ask(String cookie) {
    return server.ask(question(cookie));
  }

  /** The reply's cookie; null when it has none. */
  static @Nullable String cookie(byte[] reply) {
    byte[] option = EdnsMessages.option(reply, EdnsOption.COOKIE);
    return option == null ? null : HexFormat.of().formatHex(option);
  }

  /** The cookie that the server gives for this one. */
  String give(String cookie) {
    String given = cookie(ask(cookie));
    assertThat(given).isNotNull().hasSize(48).startsWith(cookie.substring(0, 16));
    return given;
  }

  /** True when the server takes the query with this cookie as one from a proven source. */
  boolean accepts(String cookie) {
    double before = count("valid");
    ask(cookie);
    boolean proven = probe.proven;
    assertThat(count("valid") - before).isEqualTo(proven ? 1 : 0);
    return proven;
  }

  double count(String state) {
    return server.metric("flashdns_cookies_queries", state);
  }

  /** Whether the source of the last query was proven. */
  boolean wasProven() {
    return probe.proven;
  }

  /** How many queries passed the cookies plugin. */
  int passed() {
    return probe.passed;
  }

  @Override
  public void close() {
    server.close();
  }

  /** Looks at what the cookies plugin has decided. */
  private static final class Probe implements PluginFactory<Probe.Config>, Gate {
    record Config() {}

    private boolean proven;
    private int passed;

    @Override
    public String name() {
      return "probe";
    }

    @Override
    public int spiVersion() {
      return SPI_VERSION;
    }

    @Override
    public Class<Config> configType() {
      return Config.class;
    }

    @Override
    public Plugin create(Config config, PluginContext context) {
      return (WorkerContext worker) -> List.of(this);
    }

    @Override
    public Verdict admit(Query query, Response response) {
      proven = query.isSourceProven();
      passed++;
      return Verdict.CONTINUE;
    }
  }
}
