package io.flashdns.management.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.Code;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.CreateNameGrantRequest;
import io.flashdns.proto.v1.DeleteNameGrantRequest;
import io.flashdns.proto.v1.ListNameGrantsRequest;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Role;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class GrantCallsTest {
  private TenantApi api;
  private Rights giver;
  private Rights taker;

  @BeforeEach
  void open() throws Exception {
    api = new TenantApi();
    api.project("giver", "web");
    api.project("taker", "web");
    giver = api.with("ann", Role.ROLE_OWNER, TenantApi.in("giver", "web"));
    taker = api.with("bob", Role.ROLE_OWNER, TenantApi.in("taker", "web"));
    DomainName apex = DomainName.parse("example.org.");
    byte[] server = DomainName.parse("ns.example.net.").wire();
    byte[] soa = new byte[2 * server.length + 20];
    System.arraycopy(server, 0, soa, 0, server.length);
    System.arraycopy(server, 0, soa, server.length, server.length);
    Wire.put32(soa, 2 * server.length, 1);
    RRsetBlock content =
        new RRsetBlock.Builder(apex)
            .add(new RRset(apex, RecordType.NS, 3_600, List.of(RecordData.of(server))))
            .add(new RRset(apex, RecordType.SOA, 3_600, List.of(RecordData.of(soa))))
            .build();
    var _ =
        api.store.commit(
            ChangeSet.of(
                "test",
                new ZoneChange.Create(
                    ZoneSettings.of(new ZoneKey("public", apex))
                        .withOwner(new ZoneOwner("giver", "web")),
                    content)));
  }

  @AfterEach
  void close() {
    api.close();
  }

  private static void refused(ThrowingCallable call, Code code) {
    CallException thrown = catchThrowableOfType(CallException.class, call);
    assertThat(thrown).isNotNull();
    assertThat(Code.forNumber(thrown.status().getCode())).as(thrown.getMessage()).isEqualTo(code);
  }

  private NameGrant grant(Rights rights, String name) throws Exception {
    return api.call(
            rights,
            api.tenants::createNameGrant,
            CreateNameGrantRequest.newBuilder()
                .setGrant(
                    NameGrant.newBuilder().setName(name).setGrantee(TenantApi.name("taker", "web")))
                .build())
        .getGrant();
  }

  private List<NameGrant> list(Rights rights, String filter) throws Exception {
    return api.call(
            rights,
            api.tenants::listNameGrants,
            ListNameGrantsRequest.newBuilder().setFilter(filter).build())
        .getGrantsList();
  }

  private void delete(Rights rights, String id) throws Exception {
    var _ =
        api.call(
            rights,
            api.tenants::deleteNameGrant,
            DeleteNameGrantRequest.newBuilder().setGrant(id).build());
  }

  @Test
  void grantIsSeenByBothSidesAndTakenBackByItsGiver() throws Exception {
    NameGrant made = grant(giver, "Shop.Example.ORG");

    assertThat(made.getName()).isEqualTo("shop.example.org.");
    assertThat(made.getGranter()).isEqualTo(TenantApi.name("giver", "web"));
    assertThat(list(giver, "")).containsExactly(made);
    assertThat(list(taker, "granter = \"giver/web\" AND name = \"shop.*\"")).containsExactly(made);
    refused(() -> grant(giver, "shop.example.org."), Code.ALREADY_EXISTS);
    refused(() -> delete(taker, made.getId()), Code.NOT_FOUND);
    delete(giver, made.getId());
    assertThat(list(taker, "")).isEmpty();
    refused(() -> delete(giver, made.getId()), Code.NOT_FOUND);
  }

  @Test
  void nobodyGrantsNamesOfOthers() throws Exception {
    refused(() -> grant(taker, "shop.example.org."), Code.NOT_FOUND);
    refused(() -> grant(taker, "example.org."), Code.NOT_FOUND);
    refused(() -> grant(giver, "org."), Code.NOT_FOUND);
    refused(() -> grant(giver, "example.net."), Code.NOT_FOUND);
    Rights editor = api.with("kim", Role.ROLE_EDITOR, TenantApi.in("giver", "web"));
    refused(() -> grant(editor, "shop.example.org."), Code.PERMISSION_DENIED);
  }
}
