package io.flashdns.management.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.util.Timestamps;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.QuotaFailure;
import com.google.rpc.RetryInfo;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneKey;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TenantRulesTest {
  private static final String VICTIM = "victim/web";
  private static final String ATTACKER = "attacker/web";

  private final TenancyConfig config = config(Duration.ofDays(30));
  private TenantRig rig;

  private static TenancyConfig config(Duration hold) {
    return new TenancyConfig(
        List.of(
            DomainName.parse("ns1.dns.platform.test."), DomainName.parse("ns2.dns.other.test.")),
        List.of(DomainName.parse("internal.corp.test.")),
        Set.of(DomainName.parse("co.uk."), DomainName.parse("in-addr.arpa.")),
        hold,
        TenancyConfig.defaults().quotas());
  }

  @BeforeEach
  void open() throws Exception {
    rig = new TenantRig(config);
    rig.project(VICTIM);
    rig.project("victim/mail");
    rig.project(ATTACKER);
    rig.project("attacker/other");
    rig.project("third/web");
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** The one answer: FAILED_PRECONDITION, NAME_UNAVAILABLE, and the one sentence. */
  private static void assertUnavailable(Throwable thrown, String apex) throws Exception {
    assertThat(thrown).as(apex).isInstanceOf(CallException.class);
    var status = ((CallException) thrown).status();
    assertThat(status)
        .isEqualTo(NameRules.unavailable(new ZoneKey("public", DomainName.parse(apex))).status());
    assertThat(status.getCode()).isEqualTo(Code.FAILED_PRECONDITION.getNumber());
    assertThat(status.getDetails(0).unpack(ErrorInfo.class).getReason())
        .isEqualTo("NAME_UNAVAILABLE");
    assertThat(status.toString()).doesNotContain("victim");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Below the victim's zone.
        "www.example.org.",
        "a.b.c.example.org.",
        "WWW.EXAMPLE.ORG.",
        "www.example.org",
        "\\119ww.example.org.",
        "www.ex\\097mple.org.",
        "www.EX\\065MPLE.oRg",
        "*.example.org.",
        "_acme-challenge.example.org.",
        "_tcp.example.org.",
        "xn--mnchen-3ya.example.org.",
        "a.*.example.org.",
        "\\000.example.org.",
        "\\046.example.org.",
        "a\\.b.example.org.",
        "-.example.org.",
        "1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0.example.org.",
        "deep.shop.example.com.",
        "shop.example.com.deep.shop.example.com.",
        // Above it.
        "example.com.",
        "Example.COM.",
        "ex\\097mple.com.",
        "EXAMPLE.com",
        // Internationalised names of the victim's.
        "sub.xn--mnchen-3ya.de.",
        "SUB.XN--MNCHEN-3YA.DE.",
        "sub.Xn--Mnchen-3Ya.de",
        // Reverse zones of the victim's.
        "5.2.0.192.in-addr.arpa.",
        "0.192.in-addr.arpa.",
        "192.in-addr.arpa.",
        // What is nobody's: the root and names of one label, whatever they are written like.
        ".",
        "org.",
        "ORG",
        "com.",
        "test.",
        "o\\114g.",
        "localhost.",
        "xn--p1ai.",
        "arpa.",
        "*.",
        "\\042.",
        "_tcp.",
        // Public suffixes.
        "co.uk.",
        "CO.UK.",
        "c\\111.uk",
        "in-addr.arpa.",
        "IN-ADDR.arpa",
        // The platform's own name servers, and what is above and below them.
        "ns1.dns.platform.test.",
        "NS1.DNS.PLATFORM.TEST",
        "dns.platform.test.",
        "platform.test.",
        "x.ns1.dns.platform.test.",
        "ns2.dns.other.test.",
        "dns.other.test.",
        "other.test.",
        "n\\115\\049.dns.platform.test.",
        // Reserved names.
        "internal.corp.test.",
        "Internal.Corp.Test.",
        "corp.test.",
        "a.internal.corp.test.",
        // Names that are wildcards.
        "*.net.",
        "*.co.uk.",
        "a.*.free.net.",
        "\\042.net.",
      })
  void nameOfAnotherOrganisationIsRefused(String apex) throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.create(VICTIM, "shop.example.com.");
    rig.create(VICTIM, "xn--mnchen-3ya.de.");
    rig.create(VICTIM, "2.0.192.in-addr.arpa.");

    assertUnavailable(catchThrowable(() -> rig.create(ATTACKER, apex)), apex);
  }

  @ParameterizedTest
  @ValueSource(strings = {"example.org.", "EXAMPLE.ORG.", "example.org", "ex\\097mple.org."})
  void nameThatAZoneHasCanBeHadByNobody(String apex) throws Exception {
    rig.create(VICTIM, "example.org.");

    assertThatExceptionOfType(StoreException.Refused.class)
        .isThrownBy(() -> rig.create(ATTACKER, apex));
    assertUnavailable(
        TenantRules.taken(
            new ZoneKey("public", DomainName.parse(apex)),
            rig.zone(apex).settings().owner(),
            TenantRig.owner(ATTACKER)),
        apex);
  }

  @Test
  void ownNameThatIsTakenIsSaidToBeOnesOwn() throws Exception {
    rig.create(VICTIM, "example.org.");
    CallException taken =
        TenantRules.taken(
            new ZoneKey("public", DomainName.parse("example.org.")),
            TenantRig.owner(VICTIM),
            TenantRig.owner("victim/mail"));

    assertThat(taken.status().getCode()).isEqualTo(Code.ALREADY_EXISTS.getNumber());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.net.",
        "xexample.org.",
        "example.orgx.",
        "example.org.net.",
        "com.example.net.",
        "foo.co.uk.",
        "brother.example.com.",
        "3.0.192.in-addr.arpa.",
        "nsx.platform.testing.",
      })
  void nameBesideThoseOfOthersIsToBeHad(String apex) throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.create(VICTIM, "shop.example.com.");
    rig.create(VICTIM, "2.0.192.in-addr.arpa.");

    assertThat(rig.create(ATTACKER, apex).settings().owner()).isEqualTo(TenantRig.owner(ATTACKER));
  }

  @Test
  void oneOrganisationMayNestItsZonesAsItLikes() throws Exception {
    rig.create(VICTIM, "b.example.org.");
    rig.create("victim/mail", "example.org.");
    rig.create(VICTIM, "a.b.example.org.");

    assertThat(rig.usage(VICTIM).zones()).isEqualTo(2);
    assertThat(rig.usage("victim").zones()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "example.org.",
        "EXAMPLE.org",
        "sub.example.org.",
        "\\101xample.org.",
        "x.y.example.org."
      })
  void nameIsHeldAfterDeletion(String apex) throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.delete(VICTIM, "example.org.");

    assertUnavailable(catchThrowable(() -> rig.create(ATTACKER, apex)), apex);
    rig.configure(config(Duration.ZERO));
    assertThatCode(() -> rig.create(ATTACKER, apex)).doesNotThrowAnyException();
  }

  @Test
  void nameAboveAHeldOneIsHeldToo() throws Exception {
    rig.create(VICTIM, "sub.example.org.");
    rig.delete(VICTIM, "sub.example.org.");

    assertUnavailable(catchThrowable(() -> rig.create(ATTACKER, "example.org.")), "example.org.");
  }

  @Test
  void heldNameComesBackToWhoHadIt() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.delete(VICTIM, "example.org.");

    rig.create("victim/mail", "example.org.");
    assertThat(rig.usage(VICTIM).zones()).isZero();
  }

  @Test
  void holdOfAGrantedNameDoesNotBindWhoGrantedIt() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant(VICTIM, "sub.example.org.", false, ATTACKER);
    rig.create(ATTACKER, "sub.example.org.");
    rig.delete(ATTACKER, "sub.example.org.");

    assertUnavailable(
        catchThrowable(() -> rig.create("third/web", "sub.example.org.")), "sub.example.org.");
    rig.create(VICTIM, "sub.example.org.");
  }

  @Test
  void operatorMayTakeReservedAndHeldNamesAndNotThoseOfTenants() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.create(VICTIM, "held.test.");
    rig.delete(VICTIM, "held.test.");

    rig.create("", "platform.test.");
    rig.create("", "held.test.");
    assertUnavailable(catchThrowable(() -> rig.create("", "www.example.org.")), "www.example.org.");
    assertUnavailable(catchThrowable(() -> rig.create("", "org.")), "org.");
  }

  @Test
  void zonesOfTheOperatorAreOfAnOwnerOfTheirOwn() throws Exception {
    rig.create("", "cloud.test.");

    assertUnavailable(
        catchThrowable(() -> rig.create(ATTACKER, "my.cloud.test.")), "my.cloud.test.");
    rig.create("", "deep.cloud.tests.");
    assertUnavailable(catchThrowable(() -> rig.create(ATTACKER, "cloud.tests.")), "cloud.tests.");
  }

  @ParameterizedTest
  @CsvSource({
    // granted name, with subtree, asked for, had
    "shop.example.org., false, shop.example.org., true",
    "shop.example.org., false, SHOP.Example.ORG, true",
    "shop.example.org., false, a.shop.example.org., false",
    "shop.example.org., false, example.org., false",
    "shop.example.org., false, shopx.example.org., false",
    "shop.example.org., false, xshop.example.org., false",
    "shop.example.org., true, shop.example.org., true",
    "shop.example.org., true, a.shop.example.org., true",
    "shop.example.org., true, a.b.shop.example.org., true",
    "shop.example.org., true, www.example.org., false",
    "shop.example.org., true, shop2.example.org., false",
  })
  void grantGivesWhatItSaysAndNoMore(String name, boolean subtree, String asked, boolean had)
      throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant(VICTIM, name, subtree, ATTACKER);

    Throwable thrown = catchThrowable(() -> rig.create(ATTACKER, asked));
    if (had) {
      assertThat(thrown).isNull();
    } else if (!(thrown instanceof StoreException.Refused)) {
      assertUnavailable(thrown, asked);
    }
  }

  static Stream<String> otherProjects() {
    return Stream.of("attacker/other", "third/web");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.MethodSource("otherProjects")
  void grantIsForOneProjectAlone(String other) throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant(VICTIM, "shop.example.org.", true, ATTACKER);

    assertUnavailable(
        catchThrowable(() -> rig.create(other, "shop.example.org.")), "shop.example.org.");
  }

  @Test
  void grantHoldsInItsViewAlone() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant(VICTIM, "inside", "shop.example.org.", true, ATTACKER);

    assertUnavailable(
        catchThrowable(() -> rig.create(ATTACKER, "shop.example.org.")), "shop.example.org.");
  }

  @Test
  void grantOfWhoDoesNotHaveTheNameGivesNothing() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant("third/web", "shop.example.org.", true, ATTACKER);
    rig.grant(ATTACKER, "shop.example.org.", true, ATTACKER);
    rig.grant(ATTACKER, "example.org.", true, VICTIM);

    assertUnavailable(
        catchThrowable(() -> rig.create(ATTACKER, "shop.example.org.")), "shop.example.org.");
  }

  @Test
  void whoGrantedANameCanMakeItsOwnZoneAnew() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant(VICTIM, "shop.example.org.", false, ATTACKER);
    rig.create(ATTACKER, "shop.example.org.");
    rig.delete(VICTIM, "example.org.");

    rig.create(VICTIM, "example.org.");
  }

  @Test
  void everyOwnerAboveMustHaveGranted() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant(VICTIM, "shop.example.org.", false, ATTACKER);
    rig.create(ATTACKER, "shop.example.org.");
    rig.grant(ATTACKER, "a.shop.example.org.", false, "third/web");

    assertUnavailable(
        catchThrowable(() -> rig.create("third/web", "a.shop.example.org.")),
        "a.shop.example.org.");
    rig.grant(VICTIM, "a.shop.example.org.", false, "third/web");
    rig.create("third/web", "a.shop.example.org.");
  }

  @Test
  void viewsAreApart() throws Exception {
    rig.create(VICTIM, "example.org.");

    rig.create(ATTACKER, "inside", "example.org.", 0);
    rig.create(ATTACKER, "inside", "www.example.org.", 0);
    Throwable thrown = catchThrowable(() -> rig.create(VICTIM, "inside", "mail.example.org.", 0));
    assertUnavailable(thrown, "mail.example.org.");
    assertUnavailable(
        catchThrowable(() -> rig.create(ATTACKER, "www.example.org.")), "www.example.org.");
  }

  @Test
  void viewsWhoseNamesLookAlikeAreApart() throws Exception {
    rig.create(VICTIM, "In/side", "example.org.", 0);
    rig.delete(VICTIM, "In/side", "example.org.");

    assertThatCode(() -> rig.create(ATTACKER, "in/side", "example.org.", 0))
        .doesNotThrowAnyException();
    assertUnavailable(
        catchThrowable(() -> rig.create(ATTACKER, "In/side", "a.example.org.", 0)),
        "a.example.org.");
  }

  @Test
  void zoneThatIsGivenAwayIsJudgedForItsNewOwner() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.create(VICTIM, "sub.example.org.");

    assertUnavailable(
        catchThrowable(() -> rig.give("sub.example.org.", ATTACKER)), "sub.example.org.");
    assertUnavailable(catchThrowable(() -> rig.give("example.org.", ATTACKER)), "example.org.");
    rig.delete(VICTIM, "sub.example.org.");
    rig.give("example.org.", "victim/mail");
    assertThat(rig.usage(VICTIM).zones()).isZero();
    assertThat(rig.usage("victim/mail").zones()).isEqualTo(1);
    assertThat(rig.usage("victim").zones()).isEqualTo(1);
  }

  @Test
  void zoneThatIsGivenAwayMovesUsage() throws Exception {
    rig.create(VICTIM, "public", "example.org.", 8);
    rig.give("example.org.", ATTACKER);

    assertThat(rig.usage(VICTIM)).isEqualTo(new Usage(0, 0));
    assertThat(rig.usage("victim")).isEqualTo(new Usage(0, 0));
    assertThat(rig.usage(ATTACKER)).isEqualTo(new Usage(1, 10));
    assertThat(rig.usage("attacker")).isEqualTo(new Usage(1, 10));
  }

  @Test
  void grantsGoWithTheZoneThatIsGivenAway() throws Exception {
    rig.create(VICTIM, "example.org.");
    rig.grant(VICTIM, "shop.example.org.", true, ATTACKER);
    rig.create(ATTACKER, "shop.example.org.");

    rig.give("example.org.", "third/web");
    rig.create(ATTACKER, "a.shop.example.org.");
    assertUnavailable(
        catchThrowable(() -> rig.create(ATTACKER, "b.example.org.")), "b.example.org.");
  }

  @Test
  void zonesOfDifferentOrganisationsDoNotComeNestedInOneChange() {
    Rights both = Access.local("test");

    assertThatExceptionOfType(CallException.class)
        .isThrownBy(
            () ->
                rig.commit(
                    both,
                    TenantRig.createOf(VICTIM, "public", "example.org.", 0),
                    TenantRig.createOf(ATTACKER, "public", "www.example.org.", 0)));
  }

  @Test
  void zoneOfAProjectThatIsNotThereIsNotFound() {
    Throwable thrown = catchThrowable(() -> rig.create("victim/none", "example.org."));

    assertThat(((CallException) thrown).status().getCode()).isEqualTo(Code.NOT_FOUND.getNumber());
  }

  // ---- quotas --------------------------------------------------------------------------------

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
    Throwable thrown = null;
    int made = 1;
    while (thrown == null && made < 20) {
      int host = made;
      thrown =
          catchThrowable(
              () -> rig.put(VICTIM, "example.org.", TenantRig.addresses("example.org.", host, 1)));
      made++;
    }

    assertThat(exhausted(thrown).getViolations(0).getQuotaId())
        .isEqualTo("QUOTA_KIND_CHANGES_PER_SECOND");
    assertThat(made).isBetween(10, 12);
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

  // ---- suspension ----------------------------------------------------------------------------

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
