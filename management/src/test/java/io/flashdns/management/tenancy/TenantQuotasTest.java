package io.flashdns.management.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.util.Timestamps;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.GetQuotasResponse;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.Quota;
import io.flashdns.proto.v1.QuotaKind;
import io.flashdns.proto.v1.Suspension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a tenant may take of the server, and that one which is suspended changes nothing. */
final class TenantQuotasTest {
  private static final String VICTIM = "victim/web";
  private static final String ATTACKER = "attacker/web";

  private TenantRig rig;

  @BeforeEach
  void open() throws Exception {
    rig = new TenantRig(TenancyConfig.defaults());
    rig.project(VICTIM);
    rig.project("victim/mail");
    rig.project(ATTACKER);
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private void limit(String tenant, QuotaKind kind, long limit) throws Exception {
    ZoneOwner owner = TenantRig.owner(tenant);
    rig.write(
        List.of(
            Documents.put(
                owner.equals(ZoneOwner.NOBODY) ? Keys.quotas(tenant) : Keys.quotas(owner),
                GetQuotasResponse.newBuilder()
                    .addQuotas(Quota.newBuilder().setKind(kind).setLimit(limit))
                    .build())));
  }

  private static QuotaFailure exhausted(Throwable thrown) throws Exception {
    assertThat(thrown).isInstanceOf(CallException.class);
    var status = ((CallException) thrown).status();
    assertThat(status.getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED.getNumber());
    for (var detail : status.getDetailsList()) {
      if (detail.is(QuotaFailure.class)) {
        return detail.unpack(QuotaFailure.class);
      }
    }
    throw new AssertionError("no quota is named: " + status);
  }

  @ParameterizedTest
  @ValueSource(strings = {"victim", "victim/web"})
  void zonesAreLimited(String tenant) throws Exception {
    limit(tenant, QuotaKind.QUOTA_KIND_ZONES, 2);
    rig.create(VICTIM, "a.example.org.");
    rig.create(VICTIM, "b.example.org.");

    QuotaFailure failure = exhausted(catchThrowable(() -> rig.create(VICTIM, "c.example.org.")));
    assertThat(failure.getViolationsList())
        .extracting(QuotaFailure.Violation::getSubject)
        .contains(tenant);
    assertThat(failure.getViolations(0).getQuotaId()).isEqualTo("QUOTA_KIND_ZONES");
    assertThat(failure.getViolations(0).getQuotaValue()).isEqualTo(2);
    rig.delete(VICTIM, "a.example.org.");
    rig.create(VICTIM, "c.example.org.");
  }

  @Test
  void organisationLimitsItsProjectsTogether() throws Exception {
    limit("victim", QuotaKind.QUOTA_KIND_ZONES, 2);
    rig.create(VICTIM, "a.example.org.");
    rig.create("victim/mail", "b.example.org.");

    exhausted(catchThrowable(() -> rig.create("victim/mail", "c.example.org.")));
  }

  @ParameterizedTest
  @CsvSource({
    "QUOTA_KIND_RECORDS, victim/web", "QUOTA_KIND_RECORDS, victim",
    "QUOTA_KIND_RECORDS_PER_ZONE, victim/web", "QUOTA_KIND_RECORDS_PER_ZONE, victim",
  })
  void recordsAreLimitedAndOnlyTheirGrowthIsRefused(QuotaKind kind, String tenant)
      throws Exception {
    rig.create(VICTIM, "public", "example.org.", 10);
    limit(tenant, kind, 5);

    exhausted(
        catchThrowable(
            () -> rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 77, 1))));
    // As many as before, other data.
    rig.put(VICTIM, "example.org.", newAddress("example.org.", 3));
    rig.delete(VICTIM, "example.org.");
    assertThat(rig.usage(VICTIM)).isEqualTo(new Usage(0, 0));
  }

  private static RRset newAddress(String apex, int host) {
    RRset old = TenantRig.addresses(apex, host, 2);
    return new RRset(old.owner(), old.type(), old.ttl(), List.of(old.data().getLast()));
  }

  @Test
  void dataOfAnRRsetAreLimited() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 1, 9));
    limit(VICTIM, QuotaKind.QUOTA_KIND_RECORDS_PER_RRSET, 5);

    exhausted(
        catchThrowable(
            () -> rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 1, 10))));
    exhausted(
        catchThrowable(
            () -> rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 2, 6))));
    rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 1, 8));
    rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 2, 5));
  }

  @Test
  void octetsOfAnRRsetAreLimited() throws Exception {
    limit(VICTIM, QuotaKind.QUOTA_KIND_RRSET_BYTES, 64);
    rig.create(VICTIM, "example.org.");

    rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 1, 4));
    exhausted(
        catchThrowable(
            () -> rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 1, 5))));
  }

  @Test
  void rateOfChangesIsLimitedAndSaysHowLongToWait() throws Exception {
    limit(VICTIM, QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND, 1);
    rig.create(VICTIM, "example.org.");
    long beginNanos = System.nanoTime();
    Throwable thrown = null;
    int made = 1;
    while (thrown == null && made < 100) {
      int host = made;
      thrown =
          catchThrowable(
              () -> rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", host, 1)));
      made++;
    }

    assertThat(exhausted(thrown).getViolations(0).getQuotaId())
        .isEqualTo("QUOTA_KIND_CHANGES_PER_SECOND");
    int seconds = (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beginNanos);
    assertThat(made).isBetween(10, 12 + seconds);
    var details = ((CallException) thrown).status().getDetailsList();
    RetryInfo retry = null;
    for (var detail : details) {
      if (detail.is(RetryInfo.class)) {
        retry = detail.unpack(RetryInfo.class);
      }
    }
    assertThat(retry).isNotNull();
    assertThat(retry.getRetryDelay().getSeconds()).isBetween(1L, 10L);
    rig.create(ATTACKER, "example.net.");
  }

  @Test
  void importCountsAsOneChange() throws Exception {
    limit(VICTIM, QuotaKind.QUOTA_KIND_CHANGES_PER_SECOND, 1);
    rig.create(VICTIM, "example.org.");
    RRset[] many = new RRset[50];
    for (int i = 0; i < many.length; i++) {
      many[i] = TenantRig.addresses("example.org.", i, 1);
    }
    Throwable edit = catchThrowable(() -> rig.put(VICTIM, "example.org.", many));

    exhausted(edit);
    ZoneRules imports = rig.rules.forImports();
    rig.commit(
        imports,
        TenantRig.rights(VICTIM),
        new io.flashdns.core.store.ZoneChange.Replace(
            rig.zone("example.org.").id(),
            TenantRig.content("example.org.", 50),
            io.flashdns.core.store.ZoneChange.ANY_REVISION));
    assertThat(rig.usage(VICTIM).records()).isEqualTo(52);
  }

  @Test
  void zonesOfTheOperatorHaveNoQuotas() throws Exception {
    Map<QuotaKind, Long> none = new EnumMap<>(QuotaKind.class);
    for (QuotaKind kind : TenancyConfig.defaults().quotas().keySet()) {
      none.put(kind, 0L);
    }
    rig.configure(new TenancyConfig(List.of(), List.of(), Set.of(), Duration.ZERO, none));

    rig.create("", "public", "example.org.", 10);
    exhausted(catchThrowable(() -> rig.create(VICTIM, "example.net.")));
  }

  private void suspend(String tenant) throws Exception {
    Suspension why =
        Suspension.newBuilder()
            .setReason("the bill is open")
            .setTime(Timestamps.fromMillis(1))
            .build();
    List<DocumentEdit> edits = new ArrayList<>();
    ZoneOwner owner = TenantRig.owner(tenant);
    if (owner.equals(ZoneOwner.NOBODY)) {
      edits.add(
          Documents.put(
              Keys.organisation(tenant),
              Organisation.newBuilder().setId(tenant).setSuspension(why).build()));
    } else {
      edits.add(
          Documents.put(
              Keys.project(owner),
              Project.newBuilder()
                  .setName(TenantRig.projectName(owner))
                  .setSuspension(why)
                  .build()));
    }
    rig.write(edits);
  }

  @ParameterizedTest
  @ValueSource(strings = {"victim", "victim/web"})
  void suspendedTenantChangesNothing(String tenant) throws Exception {
    rig.create(VICTIM, "example.org.");
    suspend(tenant);

    for (var call :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> rig.create(VICTIM, "example.net."),
            () -> rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", 1, 1)),
            () -> rig.delete(VICTIM, "example.org."),
            () -> rig.give("example.org.", ATTACKER))) {
      CallException thrown = (CallException) catchThrowable(call);
      assertThat(thrown.status().getCode()).isEqualTo(Code.FAILED_PRECONDITION.getNumber());
      assertThat(thrown.status().getDetails(0).unpack(ErrorInfo.class).getReason())
          .isEqualTo("SUSPENDED");
      assertThat(thrown).hasMessageContaining("the bill is open");
    }
  }

  @Test
  void adminOfThePlatformChangesWhatIsSuspended() throws Exception {
    rig.create(VICTIM, "example.org.");
    suspend(VICTIM);

    var _ =
        rig.commit(
            Access.local("test"),
            new io.flashdns.core.store.ZoneChange.Delete(
                rig.zone("example.org.").id(), io.flashdns.core.store.ZoneChange.ANY_REVISION));
  }
}
