package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.FieldMask;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentDelta;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneDiff;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Zones of requests and of answers. */
class ZoneMessagesTest {
  private static final String SOA = "@ 60 SOA a. b. 1 2 3 4 5";

  private static ZoneName named(String apex, String view) {
    return ZoneName.newBuilder().setApex(apex).setView(view).build();
  }

  @Test
  void aZoneIsToldWithAllThatTheStoreKnows() {
    ZoneSettings settings =
        new ZoneSettings(
            new ZoneKey("inside", DomainName.parse("Example.org.")),
            new ZoneOwner("org", "proj"),
            true,
            SerialPolicy.DATE,
            "x.zone",
            "stamp",
            new TreeMap<>(Map.of("k", "v")),
            "why");
    StoredZone zone =
        new StoredZone(new ZoneId(12), settings, 3, 40, 39, 0xffff_ffffL, 1, 2, 5, 0xabcL);
    Zone message = ZoneMessages.message(zone).build();
    assertThat(message.getId().getValue()).isEqualTo("12");
    assertThat(message.getName()).isEqualTo(named("example.org.", "inside"));
    assertThat(ZoneMessages.owner(message.getProject())).isEqualTo(settings.owner());
    assertThat(message.getLabelsMap()).containsExactly(Map.entry("k", "v"));
    assertThat(message.getComment()).isEqualTo("why");
    assertThat(message.getSuspended()).isTrue();
    assertThat(message.getSource()).isEqualTo("x.zone");
    assertThat(Integer.toUnsignedString(message.getSerial())).isEqualTo("4294967295");
    assertThat(message.getNameCount()).isEqualTo(1);
    assertThat(message.getRrsetCount()).isEqualTo(2);
    assertThat(message.getRecordCount()).isEqualTo(5);
    assertThat(message.getDigest()).isEqualTo("0000000000000abc");
    assertThat(Etag.revisionOf(message.getEtag(), "etag")).isEqualTo(40);
    assertThat(message.getRevision()).isEqualTo(40);
    assertThat(message.getCreateRevision()).isEqualTo(3);
    assertThat(message.hasStatus()).isFalse();
    assertThat(message.toString()).doesNotContain("stamp");
    Violations violations = new Violations();
    assertThat(ZoneMessages.created(message, "zone", settings.owner(), violations))
        .isEqualTo(settings.withSource("", ""));
    violations.throwIfAny();
  }

  @Test
  void aZoneOfTheOperatorHasNoProject() {
    StoredZone zone = new MapContent().add(1, "example.org.", SOA);
    assertThat(ZoneMessages.message(zone).build().hasProject()).isFalse();
    assertThat(ZoneMessages.owner(ZoneMessages.project(ZoneOwner.NOBODY)))
        .isEqualTo(ZoneOwner.NOBODY);
  }

  @ParameterizedTest
  @EnumSource(SerialPolicy.class)
  void everyPolicyHasItsMessage(SerialPolicy policy) {
    assertThat(ZoneMessages.policy(ZoneMessages.policy(policy), "p", new Violations()))
        .isEqualTo(policy);
  }

  @Test
  void aZoneIsFoundByIdOrByName() {
    MapContent content = new MapContent();
    StoredZone zone = content.add(5, "example.org.", SOA);
    for (ZoneRef ref :
        List.of(
            ZoneMessages.ref(new ZoneId(5)),
            ZoneRef.newBuilder().setName(named("EXAMPLE.org", "")).build(),
            ZoneRef.newBuilder().setName(named("example.org.", "public")).build())) {
      assertThat(found(content, ref)).isEqualTo(zone);
    }
    for (ZoneRef ref :
        List.of(
            ZoneMessages.ref(new ZoneId(6)),
            id("05"),
            id("-5"),
            id("abc"),
            id("99999999999999999999"),
            ZoneRef.newBuilder().setName(named("example.org", "inside")).build())) {
      assertThat(found(content, ref)).isNull();
    }
  }

  private static ZoneRef id(String text) {
    return ZoneRef.newBuilder()
        .setId(io.flashdns.proto.v1.ZoneId.newBuilder().setValue(text))
        .build();
  }

  private static StoredZone found(MapContent content, ZoneRef ref) {
    Violations violations = new Violations();
    ZoneMessages.Ref read = ZoneMessages.ref(ref, "zone", violations);
    violations.throwIfAny();
    try {
      return ZoneMessages.find(content, read);
    } catch (io.flashdns.core.store.StoreException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aZoneThatIsNamedWrongIsToldByItsPath() {
    Violations violations = new Violations();
    var _ = ZoneMessages.ref(ZoneRef.getDefaultInstance(), "a", violations);
    var _ = ZoneMessages.ref(id(""), "b", violations);
    var _ = ZoneMessages.ref(id("x/y"), "c", violations);
    var _ = ZoneMessages.ref(id("x".repeat(65)), "d", violations);
    var _ =
        ZoneMessages.ref(
            ZoneRef.newBuilder().setName(named("", "v".repeat(201))).build(), "e", violations);
    assertThat(Told.paths(violations))
        .containsExactly(
            "a", "b.id.value", "c.id.value", "d.id.value", "e.name.apex", "e.name.view");
  }

  @Test
  void settingsAreChangedAsTheFieldsSay() {
    ZoneSettings now =
        ZoneSettings.of(new ZoneKey("public", DomainName.parse("a.")))
            .withComment("old")
            .withSuspended(true);
    Zone zone = Zone.newBuilder().setComment("new").putLabels("k", "v").build();
    Violations violations = new Violations();
    assertThat(ZoneMessages.configured(now, zone, Set.of("comment"), "zone", violations))
        .isEqualTo(now.withComment("new"));
    assertThat(ZoneMessages.configured(now, zone, ZoneMessages.CHANGEABLE, "zone", violations))
        .isEqualTo(now.withComment("new").withLabels(Map.of("k", "v")).withSuspended(false));
    violations.throwIfAny();
    Zone wrong =
        Zone.newBuilder()
            .putLabels("K", "v")
            .setComment("x".repeat(1_025))
            .setSerialPolicyValue(99)
            .build();
    var _ = ZoneMessages.created(wrong, "zone", ZoneOwner.NOBODY, violations);
    assertThat(Told.paths(violations))
        .containsExactly(
            "zone.name.apex", "zone.labels[\"K\"]", "zone.comment", "zone.serial_policy");
  }

  @Test
  void aMaskSaysWhichFieldsToChange() {
    Zone zone = Zone.newBuilder().setComment("x").putLabels("k", "v").setSerial(7).build();
    Violations violations = new Violations();
    assertThat(fields(false, zone, violations)).containsExactly("comment", "labels");
    assertThat(fields(true, zone, violations, "suspended", "comment"))
        .containsExactly("comment", "suspended");
    violations.throwIfAny();
    assertThat(fields(true, zone, violations, "comment", "serial", "nope", "labels.k", "*"))
        .containsExactly("comment");
    var _ = fields(true, zone, violations);
    assertThat(Told.paths(violations))
        .containsExactly(
            "update_mask.paths[1]",
            "update_mask.paths[2]",
            "update_mask.paths[3]",
            "update_mask.paths[4]",
            "update_mask.paths");
  }

  private static TreeSet<String> fields(
      boolean hasMask, Zone zone, Violations violations, String... paths) {
    FieldMask mask = FieldMask.newBuilder().addAllPaths(List.of(paths)).build();
    return new TreeSet<>(
        FieldMasks.fields(hasMask, mask, zone, ZoneMessages.CHANGEABLE, "update_mask", violations));
  }

  @ParameterizedTest
  @CsvSource({"0,0,0", "5,0,5", "40,0,14", "123456789012,77,1kpqzg2c-25"})
  void anEtagComesBackAsItWas(long revision, long note, String text) {
    Violations violations = new Violations();
    Etag etag = new Etag(revision, note);
    assertThat(etag.text()).isEqualTo(text);
    assertThat(Etag.parse(text, "etag", violations)).isEqualTo(etag);
    assertThat(Etag.revisionOf(text, "etag")).isEqualTo(revision);
  }

  @Test
  void whatWasNeverAnEtagIsRefused() {
    Violations violations = new Violations();
    List<String> wrong =
        List.of(
            "05",
            "A",
            "-1",
            "1-",
            "1-0",
            "1-02",
            "-",
            " 1",
            "x".repeat(41),
            "1-2-3",
            "zzzzzzzzzzzzzzz");
    wrong.forEach(text -> assertThat(Etag.parse(text, "etag", violations)).isNull());
    assertThat(Told.paths(violations)).hasSize(wrong.size());
    assertThat(Etag.parse("", "etag", violations)).isEqualTo(Etag.ANY);
    assertThat(Etag.ANY.text()).isEmpty();
    assertThat(Etag.revisionOf("", "etag")).isEqualTo(-1);
  }

  @Test
  void aDifferenceIsToldInCanonicalOrderWithItsCounts() {
    MapContent content = new MapContent();
    StoredZone zone =
        content.add(
            1,
            "example.org.",
            SOA,
            "b 60 A 192.0.2.1",
            "b 60 TXT x",
            "c 60 A 192.0.2.2",
            "same 1 A 1.2.3.4");
    Plan.ZonePlan plan =
        content.plan(
            zone,
            SOA.replace(" 1 2", " 9 2"),
            "a 60 A 192.0.2.1",
            "b 60 A 192.0.2.9",
            "b 60 TXT x",
            "x.a 60 A 192.0.2.1",
            "same 1 A 1.2.3.4");
    ZoneDiff diff = ZoneDiffs.of(plan, ZoneDiffs.Shown.ALL).build();
    assertThat(diff.getRecordsList())
        .extracting(
            d ->
                (d.hasBefore() ? "-" : "")
                    + (d.hasAfter() ? "+" : "")
                    + name(d.hasAfter() ? d.getAfter() : d.getBefore()))
        .containsExactly(
            "-+example.org. 6",
            "+a.example.org. 1",
            "+x.a.example.org. 1",
            "-+b.example.org. 1",
            "-c.example.org. 1");
    assertThat(diff.getRecordsAdded()).isEqualTo(2);
    assertThat(diff.getRecordsChanged()).isEqualTo(2);
    assertThat(diff.getRecordsRemoved()).isEqualTo(1);
    assertThat(diff.getTruncated()).isFalse();
    assertThat(diff.getRecords(3).getBefore().getRevision()).isEqualTo(7);
    assertThat(diff.getRecords(3).getAfter().getRevision()).isEqualTo(8);
    assertThat(diff.getBefore().getRevision()).isEqualTo(7);
    assertThat(diff.getAfter().getRevision()).isEqualTo(8);

    ZoneDiff counted = ZoneDiffs.of(plan, ZoneDiffs.Shown.NONE).build();
    assertThat(counted.getRecordsList()).isEmpty();
    assertThat(counted.getRecordsAdded()).isEqualTo(2);
    assertThat(counted.getTruncated()).isFalse();

    ZoneDiff filtered =
        ZoneDiffs.of(plan, ZoneDiffs.Shown.ALL.withFilter((_, type) -> type == 6)).build();
    assertThat(filtered.getRecordsCount()).isEqualTo(1);
    assertThat(filtered.getRecordsRemoved()).isEqualTo(1);
    assertThat(filtered.getTruncated()).isFalse();
  }

  private static String name(Record record) {
    return record.getName() + " " + record.getTypeValue();
  }

  @Test
  void aLongDifferenceIsCut() {
    List<String> lines = new ArrayList<>(List.of(SOA));
    for (int i = 0; i < 1_200; i++) {
      lines.add("h" + i + " 60 A 192.0.2.1");
    }
    Plan.ZonePlan plan = MapContent.creation(3, "example.org.", lines.toArray(String[]::new));
    ZoneDiff diff = ZoneDiffs.of(plan, ZoneDiffs.Shown.ALL).build();
    assertThat(diff.getRecordsCount()).isEqualTo(1_000);
    assertThat(diff.getTruncated()).isTrue();
    assertThat(diff.getRecordsAdded()).isEqualTo(1_201);
    assertThat(diff.hasBefore()).isFalse();

    List<String> large = new ArrayList<>(List.of(SOA));
    for (int i = 0; i < 400; i++) {
      large.add("h" + i + " 60 TXT" + (" \"" + "x".repeat(250) + "\"").repeat(15));
    }
    ZoneDiff bytes =
        ZoneDiffs.of(
                MapContent.creation(3, "example.org.", large.toArray(String[]::new)),
                ZoneDiffs.Shown.ALL)
            .build();
    assertThat(bytes.getTruncated()).isTrue();
    assertThat(bytes.getSerializedSize()).isBetween(900 << 10, 1_049 << 10);
  }

  @Test
  void recordsThatSayTheSameAreNoDifference() {
    RRsetBlock one = MapContent.block("example.org.", SOA, "a 60 A 192.0.2.1");
    RecordDiffs diffs = new RecordDiffs(new ContentDelta(one, one));
    assertThat(diffs.next()).isFalse();
    RecordDiffs none = new RecordDiffs(ContentDelta.none(DomainName.parse("example.org.")));
    assertThat(none.next()).isFalse();
  }
}
