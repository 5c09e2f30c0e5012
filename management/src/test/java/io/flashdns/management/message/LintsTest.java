package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.proto.v1.Lint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What looks wrong in a zone after a change. */
class LintsTest {
  private static final String APEX = "example.org.";
  private static final String[] BASE = {
    "@ 60 SOA ns.example.net. hm. 1 2 3 4 5",
    "@ 60 NS ns1.example.net.",
    "@ 60 NS ns2.example.net.",
    "mail 60 A 192.0.2.1",
    "text 60 TXT x",
    "*.wild 60 A 192.0.2.2",
    "*.wild 60 MX 0 .",
    "deep.below.ent 60 A 192.0.2.3"
  };

  private final MapContent content = new MapContent();

  private static String[] with(String... more) {
    List<String> lines = new ArrayList<>(Arrays.asList(BASE));
    for (String line : more) {
      if (line.startsWith("-")) {
        assertThat(lines.remove(line.substring(1))).isTrue();
      } else if (!line.isBlank()) {
        lines.add(line.strip());
      }
    }
    return lines.toArray(String[]::new);
  }

  private List<String> lints(String[] before, String[] after) throws StoreException {
    return lints(before, after, List.of());
  }

  private List<String> lints(String[] before, String[] after, List<Long> hidden)
      throws StoreException {
    StoredZone zone = content.add(1, APEX, before);
    Plan plan = new Plan(8, List.of(content.plan(zone, after)));
    return of(plan, hidden).stream()
        .map(l -> l.getRule() + " " + l.getName() + " " + l.getType().name().substring(12))
        .toList();
  }

  private List<Lint> of(Plan plan, List<Long> hidden) throws StoreException {
    return Lints.of(
        content,
        plan,
        i -> ZoneMessages.ref(new ZoneId(i + 1L)),
        Lints.among(content, zone -> !hidden.contains(zone.id().value())));
  }

  /** Each row: lines that are added, and the lint, or none. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a 60 CNAME mail.example.org.              | ``",
        "a 60 CNAME text.example.org.              | ``",
        "a 60 CNAME none.example.org.              | dangling-target a.example.org. CNAME",
        "a 60 CNAME ent.example.org.               | dangling-target a.example.org. CNAME",
        "a 60 CNAME x.wild.example.org.            | ``",
        "a 60 CNAME www.example.net.               | ``",
        "a 60 MX 1 mail.example.org.               | ``",
        "a 60 MX 1 text.example.org.               | dangling-target a.example.org. MX",
        "a 60 MX 1 none.example.org.               | dangling-target a.example.org. MX",
        "a 60 MX 0 .                               | ``",
        "_x._tcp 60 SRV 1 1 1 none.example.org.    | dangling-target _x._tcp.example.org. SRV",
        "_x._tcp 60 SRV 0 0 0 .                    | ``",
        "a 60 MX 1 x.cut.example.org.;cut 60 NS ns1.example.net.;cut 60 NS ns2.example.net. | ``",
        "a 60 MX 1 x.sub.example.org.;sub 60 DNAME example.net. | ``",
        "@ 60 NS none.example.org.                 | dangling-target example.org. NS",
        "cut 60 NS ns1.example.net.;cut 60 NS ns1.cut.example.org. | missing-glue cut.example.org."
            + " NS",
        "cut 60 NS ns1.example.net.;cut 60 NS ns1.cut.example.org.;ns1.cut 60 A 192.0.2.1 | ``",
        "cut 60 NS ns1.example.net.                | single-name-server cut.example.org. NS",
        "text 60 NS ns1.example.net.;text 60 NS ns2.example.net. | delegation-hides-data"
            + " text.example.org. TXT",
        "ent 60 NS ns1.example.net.;ent 60 NS ns2.example.net. | delegation-hides-data"
            + " deep.below.ent.example.org. A",
        "cut 60 NS ns1.example.net.;cut 60 NS ns2.example.net.;cut 60 DS 1 13 9 aa | ``",
        "mail 60 AAAA 2001:db8::1                  | ``",
        "mail 600 AAAA 2001:db8::1                 | ttl-differs-much mail.example.org. AAAA",
        "x.wild 60 A 192.0.2.9                     | wildcard-shadowed x.wild.example.org. MX",
        "x.wild 60 CNAME mail.example.org.         | ``",
        "_x.wild 60 TXT x                          | ``",
        "@ 60 CAA 0 issue \";\";_acme-challenge 60 TXT x | caa-forbids-acme example.org. CAA",
        "@ 60 CAA 0 issue \"ca.example\";_acme-challenge 60 TXT x | ``",
        "@ 60 CAA 0 issue \"ca.example\\; validationmethods=http-01\";_acme-challenge.a 60 TXT x |"
            + " caa-forbids-acme example.org. CAA",
        "@ 60 CAA 0 iodef \"mailto:a@b\";_acme-challenge 60 TXT x | ``",
        "@ 60 CAA 0 issue \";\"                    | ``"
      })
  void whatLooksWrongAfterAChangeIsTold(String lines, String lint) throws StoreException {
    String[] added = lines.replace("\\;", "\u0001").replace("\";\"", "\"\u0002\"").split(";");
    for (int i = 0; i < added.length; i++) {
      added[i] = added[i].replace('\u0001', ';').replace('\u0002', ';');
    }
    assertThat(lints(BASE, with(added)))
        .containsExactlyElementsOf(lint.isEmpty() ? List.of() : List.of(lint));
  }

  @Test
  void whatWasWrongBeforeIsNotToldAgain() throws StoreException {
    String[] before =
        with(
            "a 60 CNAME none.example.org.",
            "cut 60 NS ns.cut.example.org.",
            "x.cut 60 TXT x",
            "x.wild 60 TXT x",
            "mail 6000 AAAA 2001:db8::1");
    List<String> after = new ArrayList<>(Arrays.asList(before));
    after.add("new 60 A 192.0.2.7");
    assertThat(lints(before, after.toArray(String[]::new))).isEmpty();
  }

  @Test
  void glueThatIsTakenAwayIsMissed() throws StoreException {
    String[] before =
        with(
            "cut 60 NS ns.cut.example.org.",
            "cut 60 NS ns2.cut.example.org.",
            "ns.cut 60 A 192.0.2.1",
            "ns2.cut 60 A 192.0.2.2");
    List<String> after = new ArrayList<>(Arrays.asList(before));
    after.remove("ns2.cut 60 A 192.0.2.2");
    assertThat(lints(before, after.toArray(String[]::new)))
        .containsExactly("missing-glue cut.example.org. NS");
  }

  @Test
  void anAddressOfANameServerThatIsTakenAwayIsMissed() throws StoreException {
    String[] before = with("@ 60 NS mail.example.org.");
    List<String> after = new ArrayList<>(Arrays.asList(before));
    after.remove("mail 60 A 192.0.2.1");
    assertThat(lints(before, after.toArray(String[]::new)))
        .containsExactly("dangling-target example.org. NS");
  }

  @Test
  void namesThatExistBecauseOfOthersBelowShadowAWildcard() throws StoreException {
    assertThat(lints(BASE, with("a.b.wild 60 TXT x")))
        .containsExactly(
            "wildcard-shadowed b.wild.example.org. A", "wildcard-shadowed b.wild.example.org. MX");
  }

  @Test
  void targetsInOtherZonesAreLookedUpWhereTheyMayBeSeen() throws StoreException {
    content.add(2, "example.net.", "@ 60 SOA a. b. 1 2 3 4 5", "mail 60 A 192.0.2.1");
    content.add(3, "sub.example.net.", "@ 60 SOA a. b. 1 2 3 4 5");
    String[] after =
        with(
            "a 60 MX 1 mail.example.net.",
            "b 60 MX 1 none.example.net.",
            "c 60 CNAME none.sub.example.net.");
    assertThat(lints(BASE, after, List.of()))
        .containsExactly(
            "dangling-target b.example.org. MX", "dangling-target c.example.org. CNAME");
    assertThat(lints(BASE, after, List.of(3L)))
        .containsExactly("dangling-target b.example.org. MX");
    assertThat(lints(BASE, after, List.of(2L, 3L))).isEmpty();
  }

  @Test
  void zonesOfOneChangeSetAreSeenAsTheyWillBe() throws StoreException {
    StoredZone zone = content.add(1, APEX, BASE);
    Plan plan =
        new Plan(
            8,
            List.of(
                content.plan(
                    zone,
                    with("a 60 CNAME mail.new.example.org.", "b 60 CNAME x.new.example.org.")),
                MapContent.creation(
                    2,
                    "new.example.org.",
                    "@ 60 SOA a. b. 1 2 3 4 5",
                    "@ 60 NS ns1.example.net.",
                    "mail 60 A 192.0.2.1")));
    assertThat(of(plan, List.of()))
        .extracting(l -> l.getRule() + " " + l.getName() + " " + l.getZone().getId().getValue())
        .containsExactly(
            "dangling-target b.example.org. 1", "single-name-server new.example.org. 2");
  }

  @Test
  void theWorstComesFirstAndTheirNumberIsBounded() throws StoreException {
    List<String> more = new ArrayList<>();
    for (int i = 0; i < 1_500; i++) {
      more.add("a" + i + " 60 CNAME none.example.org.");
    }
    more.add("cut 60 NS ns.cut.example.org.");
    StoredZone zone = content.add(1, APEX, BASE);
    List<Lint> lints =
        of(new Plan(8, List.of(content.plan(zone, with(more.toArray(String[]::new))))), List.of());
    assertThat(lints).hasSize(Lints.MAX_LINTS);
    assertThat(lints.getFirst().getRule()).isEqualTo("missing-glue");
    assertThat(lints).allSatisfy(lint -> assertThat(lint.getMessage()).matches("[ -~]{20,}"));
  }
}
