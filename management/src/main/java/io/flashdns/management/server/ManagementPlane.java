package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.zone.Tenant;
import io.flashdns.management.api.Api;
import io.flashdns.management.api.Nodes;
import io.flashdns.management.etcd.EtcdStore;
import io.flashdns.management.etcd.Fleet;
import io.flashdns.management.etcd.SharedSecrets;
import io.flashdns.management.grpc.ApiServer;
import io.flashdns.management.identity.Authenticators;
import io.flashdns.management.tenancy.FirstAdmin;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Tenancy;
import io.flashdns.transport.BackgroundThread;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The management plane of a server: tenants, who may do what, and the doors of the API. It begins
 * in two steps: who is suspended is known before anything is served, the doors open when queries
 * are answered already.
 */
final class ManagementPlane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ManagementPlane.class);

  private final ServerConfig config;
  private final ZoneService zones;
  private final NameHash hash;
  private final Optional<Path> data;
  private final InstantSource clock = InstantSource.system();
  private @Nullable Tenancy tenancy;
  private volatile @Nullable Authenticators authenticators;
  private volatile @Nullable ApiServer server;
  private @Nullable ThisNode node;
  private @Nullable Nodes nodes;
  private volatile @Nullable Fleet fleet;
  private @Nullable SharedSecrets secrets;
  private volatile @Nullable ConfigInForce inForce;

  ManagementPlane(
      ServerConfig config, ZoneService zones, NameHash hash, Optional<Path> dataFolder) {
    this.config = config;
    this.zones = zones;
    this.hash = hash;
    this.data = dataFolder;
  }

  /** Lets nobody be served who is suspended. To be called before the zones are started. */
  void beforeServing() throws StartException {
    shareSecrets();
    try (StoreSnapshot snapshot = zones.store().snapshot()) {
      // Without organisations nobody can be suspended: then the start need not wait for it.
      if (!snapshot.documents(Keys.ORGANISATIONS, "", 1).isEmpty()) {
        tenancy();
      }
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
  }

  /** All nodes of a store answer to the same cookies (RFC 9018 §5). */
  private void shareSecrets() throws StartException {
    if (data.isEmpty()) {
      return;
    }
    if (zones.store() instanceof EtcdStore shared) {
      secrets = SharedSecrets.open(shared, data.get(), BackgroundThread.factory("shared-secrets"));
      return;
    }
    try {
      SharedSecrets.forget(data.get());
    } catch (IOException e) {
      throw new StartException(
          "secrets of a fleet that this node has left cannot be removed from "
              + data.get()
              + " ("
              + e
              + "): see that this user may write there");
    }
  }

  /**
   * Makes this one of the nodes that serve the zones. To be called when the catalog is what the
   * store held, before the ports are opened: from here on who waits for all nodes waits for it too.
   */
  void join() {
    ThisNode self = new ThisNode(zones);
    node = self;
    nodes = self;
    if (!(zones.store() instanceof EtcdStore shared)) {
      return;
    }
    String name = config.etcd().nodeName().orElseGet(Nodes::hostName);
    Fleet joined = Fleet.open(shared, name, self::self, BackgroundThread.factory("fleet"));
    fleet = joined;
    zones.applier().onServed(joined::served);
    joined.served(Math.max(zones.appliedRevision(), 0));
    nodes = joined;
  }

  /**
   * Lays the sections of the configuration that stand in the store over the file's, now and
   * whenever they change. To be called when the plugins are started, before the ports are opened:
   * so no query meets the file's.
   */
  ConfigInForce layOver(Engine engine) throws StartException {
    ConfigInForce laid = new ConfigInForce(config, engine, data);
    try {
      zones.applier().settings(laid);
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
    inForce = laid;
    return laid;
  }

  private Tenancy tenancy() throws StoreException {
    Tenancy open = tenancy;
    if (open == null) {
      open = Tenancy.open(zones.store(), config.tenancy().config(), clock);
      tenancy = open;
      UnaryOperator<Tenant> standing = open.standing()::of;
      zones.standing(standing);
      open.standing().listen(() -> zones.standing(standing));
    }
    return open;
  }

  /** Opens the doors, when the configuration has any. */
  void open() throws StartException {
    if (!config.api().enabled()) {
      return;
    }
    try {
      Tenancy tenants = tenancy();
      if (!firstAdmin()) {
        return;
      }
      Nodes known = nodes;
      ConfigInForce sections = inForce;
      if (known == null || sections == null) {
        throw new IllegalStateException("join and layOver come before open");
      }
      Authenticators who = new Authenticators(config.issuers(), tenants.tokens(), clock);
      authenticators = who;
      ApiServer opened =
          ApiServer.start(
              config.api(),
              Api.services(
                  zones.store(),
                  tenants,
                  known,
                  sections,
                  tokenKey(),
                  config.tenancy().apex(),
                  hash,
                  clock),
              who,
              tenants.access()::rightsOf,
              zones.store()::journal,
              clock);
      opened.serving(true);
      server = opened;
    } catch (StoreException e) {
      // The API is not what the server is for: it serves on, and says what is the matter.
      log.error("the API is not open: {}", e.getMessage());
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sees to it that somebody can manage the platform; false when that could not be done. */
  private boolean firstAdmin() throws StoreException, InterruptedException {
    if (data.isPresent()) {
      try {
        FirstAdmin.ensure(zones.store(), data.get(), clock);
      } catch (IOException e) {
        // As with a store that takes no changes: queries are answered all the same.
        log.error("the API is not open: {}", e.getMessage());
        return false;
      }
    }
    return true;
  }

  /** Secret of the tokens of pages, the same after a restart and on every node of the store. */
  private byte[] tokenKey() throws StartException {
    SecureRandom random = new SecureRandom();
    byte[] secret;
    if (zones.store() instanceof EtcdStore shared) {
      secret = shared.position().store().getBytes(StandardCharsets.UTF_8);
    } else {
      long seed = data.isPresent() ? new DataFolder(data.get(), random).seed() : random.nextLong();
      secret = ByteBuffer.allocate(Long.BYTES).putLong(seed).array();
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("page tokens".getBytes(StandardCharsets.UTF_8));
      return digest.digest(secret);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The doors, once they are open. */
  ApiServer server() {
    ApiServer open = server;
    if (open == null) {
      throw new IllegalStateException("the API is not open");
    }
    return open;
  }

  /** What the API does, while its doors are open, and how the nodes are. Any thread. */
  List<Metric> metrics() {
    List<Metric> metrics = new ArrayList<>();
    ApiServer open = server;
    Authenticators who = authenticators;
    if (open != null && who != null) {
      metrics.addAll(ApiMetrics.of(open, who.refusals()));
    }
    Fleet joined = fleet;
    if (joined != null) {
      metrics.addAll(StoreMetrics.of(joined));
    }
    ConfigInForce laid = inForce;
    if (laid != null) {
      metrics.addAll(laid.metrics());
    }
    return metrics;
  }

  /** Where it can be reached, a line each; empty when it is closed. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    ApiServer open = server;
    if (open != null) {
      String scheme = config.api().tls().isPresent() ? "https" : "http";
      InetSocketAddress json = open.jsonAddress();
      lines.add(
          "api        "
              + ListenAddress.text(open.address())
              + " gRPC"
              + (config.api().tls().isPresent() ? " with TLS" : ""));
      if (json != null) {
        lines.add(
            "           " + scheme + "://" + ListenAddress.text(json) + " JSON, /openapi.json");
      }
      data.map(folder -> folder.resolve(FirstAdmin.FILE))
          .filter(java.nio.file.Files::exists)
          .ifPresent(file -> lines.add("           the first admin's token is in " + file));
    }
    return lines;
  }

  /** Takes no more calls, and waits for those under way. */
  void drain(Duration longest) {
    ThisNode self = node;
    if (self != null) {
      self.draining();
    }
    Fleet joined = fleet;
    if (joined != null) {
      joined.draining();
    }
    ApiServer open = server;
    if (open != null) {
      open.serving(false);
      open.drain(longest);
    }
  }

  @Override
  public void close() {
    ApiServer open = server;
    if (open != null) {
      open.close();
    }
    Authenticators who = authenticators;
    if (who != null) {
      who.close();
    }
    Fleet joined = fleet;
    if (joined != null) {
      joined.close();
    }
    SharedSecrets shared = secrets;
    if (shared != null) {
      shared.close();
    }
    Tenancy tenants = tenancy;
    if (tenants != null) {
      tenants.close();
    }
  }
}
