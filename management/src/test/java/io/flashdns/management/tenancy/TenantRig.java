package io.flashdns.management.tenancy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.proto.v1.AuthenticationMethod;
import io.flashdns.proto.v1.IdentityGrant;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Role;
import io.flashdns.proto.v1.Scope;
import io.flashdns.proto.v1.ScopeKind;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A store with tenants, and what they do. */
final class TenantRig implements AutoCloseable {
  final ZoneStore store;
  TenantRules rules;

  TenantRig(TenancyConfig config) throws Exception {
    store = EmbeddedStore.inMemory(StoreConfig.defaults());
    rules = new TenantRules(config, InstantSource.system());
  }

  /** From here on another configuration holds. */
  void configure(TenancyConfig config) {
    rules = new TenantRules(config, InstantSource.system());
  }

  void project(String name) throws Exception {
    ZoneOwner owner = owner(name);
    write(
        List.of(
            Documents.put(
                Keys.organisation(owner.organisation()),
                Organisation.newBuilder().setId(owner.organisation()).build()),
            Documents.put(
                Keys.project(owner), Project.newBuilder().setName(projectName(owner)).build())));
  }

  void write(List<DocumentEdit> edits) throws Exception {
    var _ =
        store.commit(
            new ChangeSet(
                "",
                "local:test",
                "",
                "",
                false,
                List.of(),
                (_, _, _) -> new Effects(edits, List.of(), Octets.EMPTY)));
  }

  void grant(String granter, String name, boolean subtree, String grantee) throws Exception {
    grant(granter, "public", name, subtree, grantee);
  }

  void grant(String granter, String view, String name, boolean subtree, String grantee)
      throws Exception {
    List<DocumentEdit> edits = new ArrayList<>();
    GrantsOfZone.put(
        NameGrant.newBuilder()
            .setId(Ids.next(Instant.now()))
            .setName(DomainName.parse(name).folded().toString())
            .setView(view)
            .setSubtree(subtree)
            .setGranter(projectName(owner(granter)))
            .setGrantee(projectName(owner(grantee)))
            .build(),
        edits);
    write(edits);
  }

  /** An owner of zones in the project, or the operator when there is none. */
  static Rights rights(String project) {
    if (project.isEmpty()) {
      return Access.local("test");
    }
    IdentityGrant grant =
        IdentityGrant.newBuilder()
            .setScope(
                Scope.newBuilder()
                    .setKind(ScopeKind.SCOPE_KIND_PROJECT)
                    .setProject(projectName(owner(project))))
            .setRole(Role.ROLE_OWNER)
            .build();
    return rights(grant);
  }

  static Rights rights(IdentityGrant... grants) {
    return new Access(InstantSource.system())
        .rightsOf(
            new Principal(
                "oidc:issuer#somebody",
                AuthenticationMethod.AUTHENTICATION_METHOD_OIDC,
                "",
                List.of(),
                List.of(grants),
                null));
  }

  StoredZone create(String project, String apex) throws Exception {
    return create(project, "public", apex, 0);
  }

  StoredZone create(String project, String view, String apex, int hosts) throws Exception {
    return commit(rights(project), createOf(project, view, apex, hosts));
  }

  static ZoneChange createOf(String project, String view, String apex, int hosts) {
    ZoneKey key = new ZoneKey(view, DomainName.parse(apex));
    return new ZoneChange.Create(
        ZoneSettings.of(key).withOwner(owner(project)), content(apex, hosts));
  }

  StoredZone delete(String project, String apex) throws Exception {
    return commit(rights(project), new ZoneChange.Delete(zone(apex).id(), ZoneChange.ANY_REVISION));
  }

  void delete(String project, String view, String apex) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      StoredZone zone = snapshot.zone(new ZoneKey(view, DomainName.parse(apex)));
      if (zone == null) {
        throw new AssertionError("there is no zone " + apex);
      }
      commit(rights(project), new ZoneChange.Delete(zone.id(), ZoneChange.ANY_REVISION));
    }
  }

  /** Gives a zone to another project, as the taker. */
  StoredZone give(String apex, String taker) throws Exception {
    StoredZone zone = zone(apex);
    return commit(
        rights(taker),
        new ZoneChange.Configure(
            zone.id(), zone.settings().withOwner(owner(taker)), ZoneChange.ANY_REVISION));
  }

  StoredZone put(String project, String apex, RRset... rrsets) throws Exception {
    List<RRsetEdit> edits = new ArrayList<>();
    for (RRset rrset : rrsets) {
      edits.add(new RRsetEdit.Put(rrset, RRsetEdit.ANY_REVISION));
    }
    return commit(
        rights(project), new ZoneChange.Edit(zone(apex).id(), edits, ZoneChange.ANY_REVISION));
  }

  StoredZone commit(Rights rights, ZoneChange... changes) throws Exception {
    return commit(rules, rights, changes);
  }

  StoredZone commit(ZoneRules rules, Rights rights, ZoneChange... changes) throws Exception {
    ZoneRules.Verdict[] verdict = new ZoneRules.Verdict[1];
    io.flashdns.core.store.Plan[] made = new io.flashdns.core.store.Plan[1];
    var result =
        store.commit(
            new ChangeSet(
                "",
                rights.principal().name(),
                "",
                "",
                false,
                List.of(changes),
                (view, plan, now) -> {
                  verdict[0] = rules.decide(view, plan, rights, now);
                  made[0] = plan;
                  return new Effects(verdict[0].documents(), List.of(), Octets.EMPTY);
                }));
    rules.made(made[0]);
    return result.zones().getFirst();
  }

  StoredZone zone(String apex) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      StoredZone zone = snapshot.zone(new ZoneKey("public", DomainName.parse(apex)));
      if (zone == null) {
        throw new AssertionError("there is no zone " + apex);
      }
      return zone;
    }
  }

  Usage usage(String project) throws Exception {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return Usage.read(
          snapshot, project.indexOf('/') < 0 ? Keys.usage(project) : Keys.usage(owner(project)));
    }
  }

  static ZoneOwner owner(String project) {
    int slash = project.indexOf('/');
    return slash < 0
        ? ZoneOwner.NOBODY
        : new ZoneOwner(project.substring(0, slash), project.substring(slash + 1));
  }

  static ProjectName projectName(ZoneOwner owner) {
    return ProjectName.newBuilder()
        .setOrganisation(owner.organisation())
        .setProject(owner.project())
        .build();
  }

  /** An SOA, an NS and addresses. */
  static RRsetBlock content(String name, int hosts) {
    DomainName apex = DomainName.parse(name);
    byte[] server = DomainName.parse("ns.example.net.").wire();
    byte[] soa = new byte[2 * server.length + 20];
    System.arraycopy(server, 0, soa, 0, server.length);
    System.arraycopy(server, 0, soa, server.length, server.length);
    for (int i = 0; i < 5; i++) {
      Wire.put32(soa, 2 * server.length + 4 * i, i == 0 ? 1 : 3_600);
    }
    RRsetBlock.Builder block = new RRsetBlock.Builder(apex);
    block.add(new RRset(apex, RecordType.NS, 3_600, List.of(RecordData.of(server))));
    block.add(new RRset(apex, RecordType.SOA, 3_600, List.of(RecordData.of(soa))));
    for (int i = 0; i < hosts; i++) {
      block.add(addresses(name, i, 1));
    }
    return block.build();
  }

  static RRset addresses(String apex, int host, int count) {
    List<RecordData> data = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] octets = new byte[4];
      Wire.put32(octets, 0, i);
      data.add(RecordData.of(octets));
    }
    return new RRset(
        DomainName.parse(String.format(Locale.ROOT, "h%06d", host), DomainName.parse(apex)),
        RecordType.A,
        300,
        data);
  }

  @Override
  public void close() {
    store.close();
  }
}
