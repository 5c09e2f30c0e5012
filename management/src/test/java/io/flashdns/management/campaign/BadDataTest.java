package io.flashdns.management.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.core.store.RRsetEdit;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneId;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.core.zone.Views;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Data that looks like a zone and must not become one: what has taken whole domains off the net was
 * rarely malformed. Each is refused unless it is forced, and the zone is answered as before.
 */
class BadDataTest {
  private static final DomainName APEX = DomainName.parse("good.test");
  private static final int HOSTS = 100;
  private static final long SERIAL = 1_000;

  @TempDir Path folder;

  /** A content, by owner and type, that can be spoilt. */
  private static final class Draft {
    private final Map<DomainName, TreeMap<Integer, RRset>> rrsets = new TreeMap<>();

    static Draft good() {
      Draft draft = new Draft();
      draft.put(APEX, RecordType.SOA, Work.soa(SERIAL));
      draft.put(APEX, RecordType.NS, name("ns1.good.test"), name("ns2.good.test"));
      draft.put(APEX, RecordType.MX, mx("mail.good.test"));
      for (int i = 1; i <= 2; i++) {
        draft.put(DomainName.parse("ns" + i, APEX), RecordType.A, a(i));
      }
      for (int i = 0; i < HOSTS; i++) {
        draft.put(host(i), RecordType.A, a(i));
      }
      return draft;
    }

    Draft put(DomainName owner, int type, RecordData... data) {
      rrsets
          .computeIfAbsent(owner, _ -> new TreeMap<>())
          .put(type, new RRset(owner, type, Work.TTL, List.of(data)));
      return this;
    }

    Draft remove(Predicate<RRset> which) {
      rrsets.values().forEach(types -> types.values().removeIf(which));
      rrsets.values().removeIf(Map::isEmpty);
      return this;
    }

    /** Keeps the first RRsets alone, as a copy that was cut off does. */
    Draft cutAt(int percent) {
      List<RRset> all = new ArrayList<>();
      rrsets.values().forEach(types -> all.addAll(types.values()));
      List<RRset> kept = all.subList(0, all.size() * percent / 100);
      return remove(rrset -> !kept.contains(rrset));
    }

    RRsetBlock block() {
      RRsetBlock.Builder block = new RRsetBlock.Builder(APEX);
      rrsets.values().forEach(types -> types.values().forEach(block::add));
      return block.build();
    }
  }

  private static DomainName host(int number) {
    return DomainName.parse("h" + number, APEX);
  }

  private static RecordData a(int number) {
    return RecordData.of(new byte[] {10, 0, 0, (byte) number});
  }

  private static RecordData name(String text) {
    return RecordData.of(DomainName.parse(text).wire());
  }

  private static RecordData mx(String text) {
    byte[] exchange = DomainName.parse(text).wire();
    byte[] data = new byte[2 + exchange.length];
    Wire.put16(data, 0, 10);
    System.arraycopy(exchange, 0, data, 2, exchange.length);
    return RecordData.of(data);
  }

  private static boolean isHost(RRset rrset) {
    return rrset.owner().toString().startsWith("h");
  }

  /** Replacements by name: what is wrong with each. */
  private static Map<String, RRsetBlock> contents() {
    Map<String, RRsetBlock> bad = new LinkedHashMap<>();
    bad.put("empty", RRsetBlock.empty(APEX));
    for (int percent : new int[] {1, 2, 5, 10, 20, 30, 40, 45}) {
      bad.put("cut off at " + percent + " %", Draft.good().cutAt(percent).block());
    }
    bad.put("no SOA", Draft.good().remove(r -> r.type() == RecordType.SOA).block());
    bad.put("no NS", Draft.good().remove(r -> r.type() == RecordType.NS).block());
    bad.put("neither SOA nor NS", Draft.good().remove(r -> r.owner().equals(APEX)).block());
    bad.put("the apex alone", Draft.good().remove(r -> !r.owner().equals(APEX)).block());
    bad.put("no hosts", Draft.good().remove(BadDataTest::isHost).block());
    for (long serial : new long[] {SERIAL - 1, 1, SERIAL + (1L << 31) + 1}) {
      bad.put("serial " + serial, Draft.good().put(APEX, RecordType.SOA, Work.soa(serial)).block());
    }
    Draft renamed = Draft.good().remove(BadDataTest::isHost);
    for (int i = 0; i < HOSTS; i++) {
      renamed.put(DomainName.parse("other" + i, APEX), RecordType.A, a(i));
    }
    bad.put("all hosts renamed", renamed.block());
    Draft doubled = Draft.good().remove(BadDataTest::isHost);
    for (int i = 0; i < HOSTS; i++) {
      doubled.put(DomainName.parse("h" + i + ".good.test", APEX), RecordType.A, a(i));
    }
    bad.put("a missing final dot", doubled.block());
    bad.put(
        "two SOA records",
        Draft.good().put(APEX, RecordType.SOA, Work.soa(SERIAL + 1), Work.soa(SERIAL + 2)).block());
    bad.put("CNAME at the apex", Draft.good().put(APEX, RecordType.CNAME, name("x.test")).block());
    bad.put(
        "CNAME beside an address",
        Draft.good().put(host(1), RecordType.CNAME, name("x.test")).block());
    bad.put(
        "two CNAMEs at one name",
        Draft.good()
            .remove(r -> r.owner().equals(host(1)))
            .put(host(1), RecordType.CNAME, name("x.test"), name("y.test"))
            .block());
    bad.put(
        "an address of three octets",
        Draft.good().put(host(1), RecordType.A, RecordData.of(new byte[3])).block());
    bad.put(
        "an SOA that is cut off",
        Draft.good().put(APEX, RecordType.SOA, RecordData.of(new byte[9])).block());
    bad.put(
        "a name server whose name is cut off",
        Draft.good().put(APEX, RecordType.NS, RecordData.of(new byte[] {5, 'a'})).block());
    bad.put(
        "SOA below the apex", Draft.good().put(host(1), RecordType.SOA, Work.soa(SERIAL)).block());
    return bad;
  }

  /** Edits by name: what is wrong with each. */
  private static Map<String, List<RRsetEdit>> edits() {
    Map<String, List<RRsetEdit>> bad = new LinkedHashMap<>();
    bad.put("the SOA deleted", List.of(new RRsetEdit.Delete(APEX, RecordType.SOA, -1)));
    bad.put("the NS deleted", List.of(new RRsetEdit.Delete(APEX, RecordType.NS, -1)));
    bad.put(
        "the NS removed one by one",
        List.of(
            new RRsetEdit.Remove(APEX, RecordType.NS, List.of(name("ns1.good.test")), -1),
            new RRsetEdit.Remove(APEX, RecordType.NS, List.of(name("ns2.good.test")), -1)));
    List<RRsetEdit> most = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      most.add(new RRsetEdit.Delete(host(i), RecordType.A, -1));
    }
    bad.put("sixty of a hundred hosts deleted", most);
    return bad;
  }

  @Test
  void badDataIsRefusedAndTheOldZoneServed() throws Exception {
    List<String> accepted = new ArrayList<>();
    List<String> unclear = new ArrayList<>();
    int cases = 0;
    try (Node node = Node.open(folder, true, 0)) {
      ZoneStore store = node.store();
      StoredZone zone =
          store
              .commit(
                  ChangeSet.of(
                      "test",
                      new ZoneChange.Create(
                          ZoneSettings.of(new ZoneKey(Views.PUBLIC_NAME, APEX))
                              .withSerialPolicy(SerialPolicy.AS_GIVEN),
                          Draft.good().block())))
              .zones()
              .getFirst();
      String answers = answers(node);
      Map<String, ZoneChange> bad = new LinkedHashMap<>();
      contents()
          .forEach((name, block) -> bad.put(name, new ZoneChange.Replace(zone.id(), block, -1)));
      edits().forEach((name, edits) -> bad.put(name, new ZoneChange.Edit(zone.id(), edits, -1)));
      for (Map.Entry<String, ZoneChange> one : bad.entrySet()) {
        cases++;
        try {
          store.commit(ChangeSet.of("test", one.getValue()));
          accepted.add(one.getKey());
        } catch (StoreException.Refused e) {
          for (Refusal refusal : e.refusals()) {
            if (refusal.kind() != Refusal.Kind.GUARD && refusal.kind() != Refusal.Kind.INVALID
                || refusal.message().length() < 20) {
              unclear.add(one.getKey() + ": " + refusal);
            }
          }
          System.out.println("refused: " + one.getKey() + ": " + e.getMessage());
        }
        assertThat(content(store, zone.id())).as(one.getKey()).isEqualTo(zone);
      }
      assertThat(answers(node)).isEqualTo(answers);
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("badDataSets", cases);
    figures.put("refused", cases - accepted.size());
    Campaign.report("bad-data", figures);
    assertThat(accepted).isEmpty();
    assertThat(unclear).isEmpty();
    assertThat(cases).isGreaterThanOrEqualTo(30);
  }

  /** What the guard alone refuses is taken when it is forced: else it could never be right. */
  @Test
  void whatIsForcedIsTaken() throws Exception {
    try (Node node = Node.open(folder, false, 0)) {
      ZoneStore store = node.store();
      ZoneSettings settings = ZoneSettings.of(new ZoneKey(Views.PUBLIC_NAME, APEX));
      ZoneId id =
          store
              .commit(ChangeSet.of("test", new ZoneChange.Create(settings, Draft.good().block())))
              .zones()
              .getFirst()
              .id();
      RRsetBlock few = Draft.good().cutAt(30).block();

      StoredZone zone =
          store
              .commit(ChangeSet.of("test", new ZoneChange.Replace(id, few, -1)).forced())
              .zones()
              .getFirst();

      assertThat(zone.rrsetCount()).isEqualTo(few.rrsetCount());
      assertThat(zone.serial()).isGreaterThan(SERIAL);
    }
  }

  private static StoredZone content(ZoneStore store, ZoneId id) throws StoreException {
    try (StoreSnapshot snapshot = store.snapshot()) {
      return Objects.requireNonNull(snapshot.zone(id));
    }
  }

  private static String answers(Node node) throws Exception {
    InetSocketAddress dns = node.dns();
    if (dns == null) {
      return "";
    }
    StringBuilder all = new StringBuilder();
    try (Asker asker = new Asker(dns)) {
      node.awaitServed();
      for (int i = 0; i < HOSTS; i++) {
        all.append(asker.ask(host(i), RecordType.A).said()).append('\n');
      }
      all.append(asker.ask(APEX, RecordType.SOA).said());
      all.append(asker.ask(APEX, RecordType.NS).said());
    }
    return all.toString();
  }
}
