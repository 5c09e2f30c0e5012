package io.flashdns.bench.scale;

import io.flashdns.proto.v1.AData;
import io.flashdns.proto.v1.AccessServiceGrpc;
import io.flashdns.proto.v1.BatchCreateRecordsRequest;
import io.flashdns.proto.v1.CreateOrganisationRequest;
import io.flashdns.proto.v1.CreateProjectRequest;
import io.flashdns.proto.v1.CreateTokenRequest;
import io.flashdns.proto.v1.CreateZoneRequest;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordServiceGrpc;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import io.flashdns.proto.v1.TenantServiceGrpc;
import io.flashdns.proto.v1.Token;
import io.flashdns.proto.v1.Ttl;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneServiceGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An organisation with projects, each with a few zones of {@value #HOSTS} hosts and a token of its
 * own, made through the API; and one project with {@value #FEW} zones, whose token may read. And
 * the connections: every caller speaks over all of them.
 */
final class ApiTenants implements AutoCloseable {
  static final int HOSTS = 200;
  static final int FEW = 10;
  private static final int TTL = 300;

  private final String organisation;
  private final int projects;
  private final int zones;
  private final List<ManagedChannel> connections = new ArrayList<>();
  private final List<Channel> admin;
  private final List<List<Channel>> editors = new ArrayList<>();
  private final List<Channel> few;

  ApiTenants(InetSocketAddress api, String adminToken, int connections, int projects, int zones) {
    this.organisation = "load-" + Long.toString(System.currentTimeMillis(), 36);
    this.projects = projects;
    this.zones = zones;
    for (int i = 0; i < connections; i++) {
      this.connections.add(
          NettyChannelBuilder.forAddress(api)
              .usePlaintext()
              .directExecutor()
              .maxInboundMessageSize(64 << 20)
              .build());
    }
    admin = by(adminToken);
    TenantServiceGrpc.newBlockingStub(admin.getFirst())
        .createOrganisation(
            CreateOrganisationRequest.newBuilder()
                .setOrganisation(Organisation.newBuilder().setId(organisation))
                .build());
    for (int project = 0; project < projects; project++) {
      project("p" + project);
      for (int zone = 0; zone < zones; zone++) {
        zone(admin.getFirst(), "p" + project, apex(project, zone));
        hosts(apex(project, zone));
      }
      editors.add(by(token("p" + project, Role.ROLE_EDITOR)));
    }
    project("few");
    for (int zone = 0; zone < FEW; zone++) {
      zone(admin.getFirst(), "few", "few" + zone + "." + organisation + ".example.");
    }
    few = by(token("few", Role.ROLE_VIEWER));
  }

  private List<Channel> by(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return connections.stream()
        .map(
            channel ->
                ClientInterceptors.intercept(
                    channel, MetadataUtils.newAttachHeadersInterceptor(headers)))
        .toList();
  }

  private ProjectName name(String project) {
    return ProjectName.newBuilder().setOrganisation(organisation).setProject(project).build();
  }

  private void project(String project) {
    var _ =
        TenantServiceGrpc.newBlockingStub(admin.getFirst())
            .createProject(
                CreateProjectRequest.newBuilder()
                    .setProject(Project.newBuilder().setName(name(project)))
                    .build());
  }

  private String token(String project, Role role) {
    long end = System.currentTimeMillis() + Duration.ofDays(1).toMillis();
    return AccessServiceGrpc.newBlockingStub(admin.getFirst())
        .createToken(
            CreateTokenRequest.newBuilder()
                .setToken(
                    Token.newBuilder()
                        .setDisplayName("load " + project)
                        .setScope(
                            Scope.newBuilder()
                                .setKind(ScopeKind.SCOPE_KIND_PROJECT)
                                .setProject(name(project)))
                        .setRole(role)
                        .setExpireTime(com.google.protobuf.util.Timestamps.fromMillis(end)))
                .build())
        .getSecret();
  }

  /** Makes a zone of a project. */
  void zone(Channel as, String project, String apex) {
    var _ =
        ZoneServiceGrpc.newBlockingStub(as)
            .createZone(
                CreateZoneRequest.newBuilder()
                    .setZone(
                        Zone.newBuilder()
                            .setName(ZoneName.newBuilder().setApex(apex))
                            .setProject(name(project))
                            .putLabels("of", project))
                    .build());
  }

  private void hosts(String apex) {
    BatchCreateRecordsRequest.Builder hosts =
        BatchCreateRecordsRequest.newBuilder().setZone(ref(apex));
    for (int i = 0; i < HOSTS; i++) {
      hosts.addRecords(address(host(i, apex), 0x0a00_0000 + i));
    }
    var _ = RecordServiceGrpc.newBlockingStub(admin.getFirst()).batchCreateRecords(hosts.build());
  }

  /** An address of a name. */
  static Record address(String name, int octets) {
    String text =
        (octets >>> 24)
            + "."
            + (octets >>> 16 & 0xff)
            + "."
            + (octets >>> 8 & 0xff)
            + "."
            + (octets & 0xff);
    return Record.newBuilder()
        .setName(name)
        .setType(RecordType.RECORD_TYPE_A)
        .setTtl(Ttl.newBuilder().setSeconds(TTL))
        .addData(RecordData.newBuilder().setA(AData.newBuilder().setAddress(text)))
        .build();
  }

  static ZoneRef ref(String apex) {
    return ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(apex)).build();
  }

  static String host(int number, String apex) {
    return "h" + number + "." + apex;
  }

  /** A zone of a project. */
  String apex(int project, int zone) {
    return "z" + zone + ".p" + project + "." + organisation + ".example.";
  }

  /** A name below which nobody has zones yet. */
  String fresh(String label) {
    return label + "." + organisation + ".example.";
  }

  int projects() {
    return projects;
  }

  int zones() {
    return zones;
  }

  /** The first admin, over one of the connections. */
  Channel admin(int slot) {
    return admin.get(slot % admin.size());
  }

  /** The editor of a project. */
  Channel editor(int project, int slot) {
    List<Channel> all = editors.get(project);
    return all.get(slot % all.size());
  }

  /** Who sees few zones. */
  Channel few(int slot) {
    return few.get(slot % few.size());
  }

  @Override
  public void close() {
    connections.forEach(ManagedChannel::shutdownNow);
  }
}
