package io.flashdns.management.server;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.zone.Tenant;
import io.flashdns.management.api.Api;
import io.flashdns.management.grpc.ApiServer;
import io.flashdns.management.identity.Authenticators;
import io.flashdns.management.tenancy.FirstAdmin;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.management.tenancy.Tenancy;
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

  ManagementPlane(
      ServerConfig config, ZoneService zones, NameHash hash, Optional<Path> dataFolder) {
    this.config = config;
    this.zones = zones;
    this.hash = hash;
    this.data = dataFolder;
  }

  /** Lets nobody be served who is suspended. To be called before the zones are started. */
  void beforeServing() throws StartException {
    try (StoreSnapshot snapshot = zones.store().snapshot()) {
      // Without organisations nobody can be suspended: then the start need not wait for it.
      if (!snapshot.documents(Keys.ORGANISATIONS, "", 1).isEmpty()) {
        tenancy();
      }
    } catch (StoreException e) {
      throw new StartException(String.valueOf(e.getMessage()));
    }
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
      Authenticators who = new Authenticators(config.issuers(), tenants.tokens(), clock);
      authenticators = who;
      ThisNode self = new ThisNode(zones);
      node = self;
      ApiServer opened =
          ApiServer.start(
              config.api(),
              Api.services(
                  zones.store(), tenants, self, tokenKey(), config.tenancy().apex(), hash, clock),
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

  /** Secret of the tokens of pages, the same after a restart and on every node of the data. */
  private byte[] tokenKey() throws StartException {
    SecureRandom random = new SecureRandom();
    long seed = data.isPresent() ? new DataFolder(data.get(), random).seed() : random.nextLong();
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update("page tokens".getBytes(StandardCharsets.UTF_8));
      return digest.digest(ByteBuffer.allocate(Long.BYTES).putLong(seed).array());
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

  /** What the API does; empty while its doors are closed. Any thread. */
  List<Metric> metrics() {
    ApiServer open = server;
    Authenticators who = authenticators;
    return open == null || who == null ? List.of() : ApiMetrics.of(open, who.refusals());
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
    Tenancy tenants = tenancy;
    if (tenants != null) {
      tenants.close();
    }
  }
}
