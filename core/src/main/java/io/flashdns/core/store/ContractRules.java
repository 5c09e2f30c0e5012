package io.flashdns.core.store;

import static io.flashdns.core.store.ContractRig.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Claims about the rules that all stores share: what a zone may hold, the change guard, serials,
 * counters.
 */
final class ContractRules {
  private ContractRules() {}

  static void addTo(StoreContract.Claims claims) {
    claims.add("aZoneHasAnSoaAndNsAtItsApex", h -> soaAndNs(h.store()));
    claims.add("anAliasHasNothingElse", h -> alias(h.store()));
    claims.add("whatIsOutsideIsRefused", h -> outside(h.store()));
    claims.add("malformedDataIsRefused", h -> malformed(h.store()));
    claims.add("limitsHold", h -> limits(h.store()));
    claims.add("removingMostNamesIsGuarded", h -> mostNames(h.store()));
    claims.add("smallZonesAreNotGuarded", h -> smallZones(h.store()));
    claims.add("aSerialGoingBackIsGuarded", h -> serialBack(h.store()));
    claims.add("aForcedChangeIsToldSo", h -> forcedIsTold(h.store()));
    claims.add("serialsGoUpByOne", h -> increment(h.store()));
    claims.add("serialsGoByTheDay", h -> date(h));
    claims.add("serialsGoByTheSecond", h -> unixTime(h));
    claims.add("serialsStayAsGiven", h -> asGiven(h.store()));
    claims.add("aGreaterSerialIsKept", h -> greaterIsKept(h.store()));
    claims.add("serialZeroIsLeftToThePolicy", h -> zero(h.store()));
    claims.add("serialsWrapAround", h -> wrap(h.store()));
    claims.add("countersAndDigestGoWithTheContent", h -> counters(h.store()));
    claims.add("equalContentHasEqualDigests", h -> equalDigests(h.store()));
    claims.add("namesInDataAreInLowerCase", h -> lowerCase(h.store()));
  }

  private static void soaAndNs(ZoneStore store) throws Exception {
    ZoneContents noNs = new ZoneContents(APEX).add(soa(APEX, 1));
    refused(
        Refusal.Kind.INVALID, "a zone without NS", () -> store.commit(create(APEX, noNs.block())));
    ZoneContents noSoa = new ZoneContents(APEX).add(ns(APEX, "ns1"));
    refused(
        Refusal.Kind.INVALID,
        "a zone without SOA",
        () -> store.commit(create(APEX, noSoa.block())));
    StoredZone zone = zone(store);
    for (int type : new int[] {RecordType.SOA, RecordType.NS}) {
      RRsetEdit away = new RRsetEdit.Delete(APEX, type, RRsetEdit.ANY_REVISION);
      refused(
          Refusal.Kind.INVALID,
          "the removal of the apex's " + RecordType.text(type),
          () -> store.commit(edit(zone.id(), away)));
      refused(
          Refusal.Kind.INVALID,
          "the forced removal of the apex's " + RecordType.text(type),
          () -> store.commit(edit(zone.id(), away).forced()));
    }
    refused(
        Refusal.Kind.INVALID,
        "an SOA below the apex",
        () -> store.commit(edit(zone.id(), put(soa(name("sub"), 1)))));
    same(now(store, zone.id()), zone, "the zone after refusals");
  }

  private static void alias(ZoneStore store) throws Exception {
    StoredZone zone = zone(store, a("www", 1), cname("alias", "www"));
    refused(
        Refusal.Kind.INVALID,
        "a CNAME beside an address",
        () -> store.commit(edit(zone.id(), put(cname("www", "x")))));
    refused(
        Refusal.Kind.INVALID,
        "an address beside a CNAME",
        () -> store.commit(edit(zone.id(), put(a("alias", 1)))));
    commit(store, zone.id(), delete("alias", RecordType.CNAME), put(a("alias", 1)));
    commit(store, zone.id(), delete("www", RecordType.A), put(cname("www", "alias")));
    counted(store, zone.id());
  }

  private static void outside(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    for (String owner : List.of("www.example.net.", "org.", "badexample.org.", ".")) {
      refused(
          Refusal.Kind.INVALID,
          "the owner " + owner + " in " + APEX,
          () -> store.commit(edit(zone.id(), put(a(DomainName.parse(owner), 1)))));
    }
  }

  private static void malformed(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    RRset threeOctets =
        new RRset(name("www"), RecordType.A, 5, List.of(RecordData.of(new byte[3])));
    refused(
        Refusal.Kind.INVALID,
        "an address of three octets",
        () -> store.commit(edit(zone.id(), put(threeOctets))));
    refused(
        Refusal.Kind.INVALID,
        "a record of a type that exists in messages only",
        () ->
            store.commit(
                edit(
                    zone.id(),
                    put(
                        new RRset(
                            name("www"),
                            RecordType.ANY,
                            5,
                            List.of(RecordData.of(new byte[0])))))));
  }

  private static void limits(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    int[] most = new int[100];
    for (int i = 0; i < most.length; i++) {
      most[i] = i;
    }
    commit(store, zone.id(), put(a("many", most)));
    refused(
        Refusal.Kind.INVALID,
        "an RRset of 101 records",
        () ->
            store.commit(
                edit(
                    zone.id(),
                    new RRsetEdit.Add(
                        name("many"),
                        RecordType.A,
                        300,
                        List.of(address(1_000)),
                        RRsetEdit.ANY_REVISION))));
  }

  private static StoredZone wide(ZoneStore store, int hosts) throws Exception {
    return store.commit(create(APEX, hosts(APEX, 10, hosts))).zones().getFirst();
  }

  private static ChangeSet without(StoredZone zone, int removed) {
    List<RRsetEdit> edits = new ArrayList<>();
    for (int i = 0; i < removed; i++) {
      edits.add(delete("h" + i, RecordType.A));
    }
    return ChangeSet.of(WHO, new ZoneChange.Edit(zone.id(), edits, ANY));
  }

  private static void mostNames(ZoneStore store) throws Exception {
    // With the apex 40 names: 20 may go, 21 may not.
    StoredZone zone = wide(store, 39);
    refused(
        Refusal.Kind.GUARD, "the removal of 21 of 40 names", () -> store.commit(without(zone, 21)));
    refused(
        Refusal.Kind.GUARD,
        "a replacement that has 3 of 40 names",
        () ->
            store.commit(
                ChangeSet.of(WHO, new ZoneChange.Replace(zone.id(), hosts(APEX, 11, 2), ANY))));
    same(now(store, zone.id()), zone, "the zone after the guard spoke");
    same(
        store.commit(without(zone, 21).forced()).zones().getFirst().nameCount(),
        19,
        "the number of names after the guard was passed by force");
    StoredZone whole =
        store
            .commit(ChangeSet.of(WHO, new ZoneChange.Replace(zone.id(), hosts(APEX, 0, 39), ANY)))
            .zones()
            .getFirst();
    same(whole.nameCount(), 40, "the number of names when they are back");
    store.commit(without(zone, 20));
    counted(store, zone.id());
  }

  private static void smallZones(ZoneStore store) throws Exception {
    StoredZone zone = wide(store, 19);
    same(
        store.commit(without(zone, 19)).zones().getFirst().nameCount(),
        1,
        "the number of names of a small zone that was emptied");
  }

  private static void serialBack(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    refused(
        Refusal.Kind.GUARD,
        "a serial that goes back",
        () -> store.commit(edit(zone.id(), put(soa(APEX, 9)))));
    refused(
        Refusal.Kind.GUARD,
        "a serial that is as much before as after",
        () -> store.commit(edit(zone.id(), put(soa(APEX, 10L + (1L << 31))))));
    refused(
        Refusal.Kind.GUARD,
        "a replacement whose serial goes back",
        () ->
            store.commit(
                ChangeSet.of(
                    WHO, new ZoneChange.Replace(zone.id(), content(APEX, 9, a("www", 1)), ANY))));
    same(
        store.commit(edit(zone.id(), put(soa(APEX, 9))).forced()).zones().getFirst().serial(),
        9L,
        "the serial that was put back by force");
  }

  private static void forcedIsTold(ZoneStore store) throws Exception {
    StoredZone zone = wide(store, 39);
    long before = store.state().revision();
    store.commit(without(zone, 30).forced());
    that(events(store, before).getFirst().forced(), "the event of a forced change hides it");
    that(
        store.history(zone.id(), Long.MAX_VALUE, 1).getFirst().forced(),
        "the history of a forced change hides it");
    commit(store, zone.id(), put(a("www", 1)));
    that(
        !store.history(zone.id(), Long.MAX_VALUE, 1).getFirst().forced(),
        "a change that was not forced is told as forced");
  }

  private static void increment(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    for (int i = 1; i <= 5; i++) {
      same(commit(store, zone.id(), put(a("www", i))).serial(), 10L + i, "the serial");
    }
    RRset soa = there(rrset(store, zone.id(), APEX, RecordType.SOA), "the SOA").rrset();
    same(soa, soa(APEX, 15), "the SOA");
    // The other fields of the SOA are the client's, and a change of them alone moves the serial.
    RRset other = new RRset(APEX, RecordType.SOA, 60, List.of(soaData(15)));
    same(commit(store, zone.id(), put(other)).serial(), 16L, "the serial after another TTL");
  }

  private static StoredZone withPolicy(ZoneStore store, SerialPolicy policy, long serial)
      throws Exception {
    return store
        .commit(
            ChangeSet.of(
                WHO,
                new ZoneChange.Create(
                    settings(APEX).withSerialPolicy(policy), content(APEX, serial))))
        .zones()
        .getFirst();
  }

  private static void date(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = withPolicy(store, SerialPolicy.DATE, 1);
    long first = commit(store, zone.id(), put(a("www", 1))).serial();
    that(
        first % 100 == 0 && first > 2_020_000_000L && first / 100 % 100 <= 31,
        "the serial by the day is " + first + ", it should be YYYYMMDD00");
    same(commit(store, zone.id(), put(a("www", 2))).serial(), first + 1, "the next serial");
    if (harness.advance(Duration.ofDays(1))) {
      long next = commit(store, zone.id(), put(a("www", 3))).serial();
      that(next % 100 == 0 && next > first + 1, "the serial of the next day is " + next);
    }
    store.commit(edit(zone.id(), put(soa(APEX, 3_000_000_000L))));
    same(
        commit(store, zone.id(), put(a("www", 4))).serial(),
        3_000_000_001L,
        "the serial after one beyond the day");
  }

  private static void unixTime(StoreContract.Harness harness) throws Exception {
    ZoneStore store = harness.store();
    StoredZone zone = withPolicy(store, SerialPolicy.UNIX_TIME, 1);
    long first = commit(store, zone.id(), put(a("www", 1))).serial();
    that(first > 1_700_000_000L, "the serial by the second is " + first);
    long second = commit(store, zone.id(), put(a("www", 2))).serial();
    that(second > first, "the serial by the second went from " + first + " to " + second);
    if (harness.advance(Duration.ofHours(1))) {
      long later = commit(store, zone.id(), put(a("www", 3))).serial();
      that(later >= first + 3_600, "an hour later the serial is " + later + " after " + first);
    }
  }

  private static void asGiven(ZoneStore store) throws Exception {
    StoredZone zone = withPolicy(store, SerialPolicy.AS_GIVEN, 7);
    same(commit(store, zone.id(), put(a("www", 1))).serial(), 7L, "a serial that is as given");
    same(
        commit(store, zone.id(), put(a("www", 2)), put(soa(APEX, 12))).serial(),
        12L,
        "a serial that is as given");
    refused(
        Refusal.Kind.GUARD,
        "a given serial that goes back",
        () -> store.commit(edit(zone.id(), put(soa(APEX, 7)))));
    counted(store, zone.id());
  }

  private static void greaterIsKept(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    same(
        commit(store, zone.id(), put(a("www", 1)), put(soa(APEX, 500))).serial(),
        500L,
        "a serial that the client put up");
    same(
        commit(store, zone.id(), put(soa(APEX, 501))).serial(),
        501L,
        "a serial that was put up alone");
    counted(store, zone.id());
  }

  private static void zero(ZoneStore store) throws Exception {
    StoredZone zone = store.commit(create(APEX, content(APEX, 0, a("www", 1)))).zones().getFirst();
    same(zone.serial(), 1L, "the first serial that was left to the policy");
    that(
        !store
            .commit(
                ChangeSet.of(
                    WHO, new ZoneChange.Replace(zone.id(), content(APEX, 0, a("www", 1)), ANY)))
            .changed(),
        "the same content with serial 0 changed something");
    same(
        store
            .commit(
                ChangeSet.of(
                    WHO, new ZoneChange.Replace(zone.id(), content(APEX, 0, a("www", 2)), ANY)))
            .zones()
            .getFirst()
            .serial(),
        2L,
        "the serial that was left to the policy");
    counted(store, zone.id());
  }

  private static void wrap(ZoneStore store) throws Exception {
    StoredZone zone = store.commit(create(APEX, content(APEX, 0xffff_ffffL))).zones().getFirst();
    same(zone.serial(), 0xffff_ffffL, "the greatest serial");
    same(commit(store, zone.id(), put(a("www", 1))).serial(), 1L, "the serial after the greatest");
    counted(store, zone.id());
  }

  private static void counters(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    SplittableRandom dice = new SplittableRandom(4);
    for (int i = 0; i < 150; i++) {
      store.commit(edit(zone.id(), randomEdits(dice)).forced());
      counted(store, zone.id());
    }
  }

  private static void equalDigests(ZoneStore store) throws Exception {
    DomainName other = DomainName.parse("other.test.");
    StoredZone made = zone(store);
    commit(store, made.id(), put(a("x", 2)), put(a("www", 1)));
    commit(store, made.id(), put(a("x", 3)));
    commit(store, made.id(), delete("x", RecordType.A));
    StoredZone edited = now(store, made.id());
    store.commit(ChangeSet.of(WHO, new ZoneChange.Delete(made.id(), ANY)));
    StoredZone created =
        store.commit(create(APEX, content(APEX, edited.serial(), a("www", 1)))).zones().getFirst();
    same(created.digest(), edited.digest(), "the digest of equal content made in another way");
    that(
        zone(store, other).digest() != zone(store, DomainName.parse("third.test.")).digest(),
        "two zones of different names have one digest");
    that(
        commit(store, created.id(), put(a("www", 2))).digest() != created.digest(),
        "a change of content left the digest as it was");
  }

  private static void lowerCase(ZoneStore store) throws Exception {
    StoredZone zone = zone(store);
    byte[] target = DomainName.parse("WWW.Example.ORG.").wire();
    RRset mixed = new RRset(name("Alias"), RecordType.CNAME, 5, List.of(RecordData.of(target)));
    commit(store, zone.id(), put(mixed));
    StoredRRset stored = there(rrset(store, zone.id(), name("alias"), RecordType.CNAME), "alias");
    same(
        new String(stored.rrset().data().getFirst().octets(), 1, 3, StandardCharsets.US_ASCII),
        "WWW".toLowerCase(Locale.ROOT),
        "a name in data");
    that(
        !store.commit(edit(zone.id(), put(mixed))).changed(),
        "another case of letters is a change");
    RRsetBlock.Builder block = new RRsetBlock.Builder(APEX);
    block.add(ns(APEX, "NS1", "ns2")).add(soa(APEX, 0)).add(mixed);
    that(
        !store
            .commit(ChangeSet.of(WHO, new ZoneChange.Replace(zone.id(), block.build(), ANY)))
            .changed(),
        "another case of letters is a change");
  }
}
