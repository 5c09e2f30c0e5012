package io.flashdns.management.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.identity.Authenticator;
import io.flashdns.management.identity.Credentials;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.identity.UnauthenticatedException;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.Permission;
import io.grpc.BindableService;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Both doors on free ports of loopback, with callers that are known by these tokens: {@code owner}
 * may do everything, {@code viewer} reads zones and changes, {@code nobody} is known and may do
 * nothing, {@code brief} is an owner for as long as {@link #briefUntil} says.
 */
final class Rig implements AutoCloseable {
  static final InetSocketAddress FREE =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

  final TestServices services = new TestServices();
  final List<Octets> journal = new CopyOnWriteArrayList<>();
  final List<Credentials> seen = new CopyOnWriteArrayList<>();
  final ApiServer server;
  final HttpClient http = HttpClient.newHttpClient();
  volatile Instant briefUntil = Instant.MAX;
  volatile boolean viewerIsKnown = true;
  volatile Authenticator authenticator = this::authenticate;
  private final List<ManagedChannel> channels = new ArrayList<>();

  private Rig(ApiConfig config) throws IOException {
    server =
        ApiServer.start(
            config,
            List.<BindableService>of(services.zones, services.records, services.changes),
            credentials -> authenticator.authenticate(credentials),
            GivenRights::new,
            journal::addAll,
            InstantSource.system());
  }

  static Rig open() throws IOException {
    return open(config());
  }

  static Rig open(ApiLimits limits) throws IOException {
    return open(config().withLimits(limits));
  }

  static Rig open(ApiConfig config) throws IOException {
    return new Rig(config);
  }

  static ApiConfig config() {
    return ApiConfig.defaults().withListen(FREE, FREE);
  }

  private Principal authenticate(Credentials credentials) throws UnauthenticatedException {
    seen.add(credentials);
    if (!credentials.certificates().isEmpty()) {
      return principal("mtls:client", AuthenticationMethod.AUTHENTICATION_METHOD_MTLS, null);
    }
    if (credentials.authorization().size() != 1) {
      throw new UnauthenticatedException("bring one token, not none and not two");
    }
    return switch (credentials.authorization().getFirst()) {
      case "Bearer owner" -> token("owner", null);
      case "Bearer other" -> token("other", null);
      case "Bearer viewer" -> {
        if (!viewerIsKnown) {
          throw new UnauthenticatedException("this token was revoked");
        }
        yield token("viewer", null);
      }
      case "Bearer nobody" -> token("nobody", null);
      case "Bearer brief" -> token("brief", briefUntil);
      case "Bearer crash" -> throw new IllegalStateException("secret inside");
      default -> throw new UnauthenticatedException("this token is not known");
    };
  }

  private static Principal token(String name, @Nullable Instant expires) {
    return principal("token:" + name, AuthenticationMethod.AUTHENTICATION_METHOD_TOKEN, expires);
  }

  private static Principal principal(
      String name, AuthenticationMethod method, @Nullable Instant expires) {
    return new Principal(name, method, "", List.of(), List.of(), expires);
  }

  /** A channel of gRPC that brings a token; none when it is empty. */
  ManagedChannel channel() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  /** A token for a stub. */
  static CallCredentials as(String token) {
    return new CallCredentials() {
      @Override
      public void applyRequestMetadata(
          RequestInfo info, Executor executor, MetadataApplier applier) {
        Metadata headers = new Metadata();
        headers.put(CallGate.AUTHORIZATION, "Bearer " + token);
        applier.apply(headers);
      }
    };
  }

  /** A request of the door for JSON. */
  HttpRequest.Builder request(String path) {
    InetSocketAddress address = server.jsonAddress();
    return HttpRequest.newBuilder(
        java.net.URI.create("http://127.0.0.1:" + address.getPort() + path));
  }

  /** A call by JSON. */
  HttpResponse<String> post(String method, String token, String json) throws Exception {
    return http.send(
        request("/flashdns.v1." + method)
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString(json))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Entries of the audit log that were written so far. */
  List<AuditEntry> audit() {
    return journal.stream()
        .map(
            octets -> {
              try {
                return AuditEntry.parseFrom(octets.array());
              } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
              }
            })
        .toList();
  }

  @Override
  public void close() {
    for (ManagedChannel channel : channels) {
      channel.shutdownNow();
    }
    server.close();
    http.close();
    try {
      for (ManagedChannel channel : channels) {
        channel.awaitTermination(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the callers may do. */
  private record GivenRights(Principal principal) implements Rights {
    private boolean may(Permission permission) {
      return switch (principal.name()) {
        case "token:nobody" -> false;
        case "token:viewer" ->
            permission == Permission.PERMISSION_ZONES_READ
                || permission == Permission.PERMISSION_CHANGES_READ;
        default -> true;
      };
    }

    @Override
    public boolean mayInPlatform(Permission permission) {
      return may(permission);
    }

    @Override
    public boolean mayInOrganisation(Permission permission, String organisation) {
      return may(permission);
    }

    @Override
    public boolean mayInProject(Permission permission, ZoneOwner project) {
      return may(permission);
    }

    @Override
    public boolean mayInZone(Permission permission, StoredZone zone) {
      return may(permission);
    }

    @Override
    public boolean mayInRecord(Permission permission, StoredZone zone, DomainName owner, int type) {
      return may(permission);
    }

    @Override
    public boolean mayInSomeRecord(Permission permission, StoredZone zone) {
      return may(permission);
    }

    @Override
    public boolean sees(StoredZone zone) {
      return true;
    }

    @Override
    public boolean seesOrganisation(String organisation) {
      return true;
    }

    @Override
    public boolean seesProject(ZoneOwner project) {
      return true;
    }

    @Override
    public Reach reach(Permission permission) {
      return new Reach(may(permission), new TreeSet<>(), List.of());
    }
  }
}
