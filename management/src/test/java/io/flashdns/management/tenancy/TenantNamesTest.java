package io.flashdns.management.tenancy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.management.message.CallException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which names tenants can have. */
final class TenantNamesTest {
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
}
