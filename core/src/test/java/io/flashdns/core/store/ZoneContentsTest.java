package io.flashdns.core.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ZoneContentsTest {
  private static final NameHash HASH = new NameHash(42);
  private static final DomainName APEX = RandomRecords.APEX;

  private static @Nullable Zone image(RRsetBlock block) {
    ZoneImageBuilder builder = new ZoneImageBuilder(HASH);
    block.writeTo(builder);
    return builder.build(_ -> {});
  }

  @Test
  void theOrderOfRecordsMeansNothing() {
    for (int seed = 0; seed < 500; seed++) {
      RRsetBlock block = RandomRecords.block(new RandomRecords(seed).zone(12));
      ZoneContents backwards = new ZoneContents();
      for (StoredRRset rrset : block.rrsets().reversed()) {
        backwards.add(rrset.rrset());
      }
      assertThat(backwards.block()).isEqualTo(block);
      for (int i = 1; i < block.rrsetCount(); i++) {
        RRset before = block.rrsets().get(i - 1).rrset();
        RRset after = block.rrsets().get(i).rrset();
        int order = before.owner().compareTo(after.owner());
        assertThat(order < 0 || (order == 0 && before.type() < after.type())).isTrue();
      }
    }
  }

  @Test
  @Tag("rfc2181")
  void doublesVanishAndTheSmallestTtlStays() {
    ZoneContents contents = new ZoneContents(APEX);
    byte[] upper = DomainName.parse("WWW.Example.ORG.").wire();
    byte[] target = DomainName.parse("X.example.org.").wire();
    byte[] lower = DomainName.parse("x.example.org.").wire();
    contents.add(upper, 0, upper.length, RecordType.CNAME, 70, target, 0, target.length, 1);
    contents.add(upper, 0, upper.length, RecordType.CNAME, 50, lower, 0, lower.length, 2);
    List<StoredRRset> rrsets = contents.block().rrsets();
    assertThat(rrsets).hasSize(1);
    assertThat(rrsets.getFirst().rrset().ttl()).isEqualTo(50);
    assertThat(rrsets.getFirst().rrset().data()).containsExactly(RecordData.of(lower));
    assertThat(rrsets.getFirst().rrset().owner().toString()).isEqualTo("www.example.org.");
  }

  @Test
  void ofAnImageIsOfItsRecords() {
    int built = 0;
    for (int seed = 0; seed < 3_000; seed++) {
      RRsetBlock block = RandomRecords.block(new RandomRecords(seed).zone(8));
      Zone zone = image(block);
      if (zone != null) {
        built++;
        assertThat(ZoneContents.of(zone).rrsets()).isEqualTo(block.rrsets());
      }
    }
    assertThat(built).isGreaterThan(300);
  }

  @Test
  void signaturesComeOutOfAnImage() {
    String text =
        """
        $ORIGIN signed.test.
        $TTL 600
        @ SOA ns1 hostmaster 1 7200 3600 1209600 300
        @ NS ns1
        @ RRSIG SOA 13 2 600 20300101000000 20200101000000 1 signed.test. AAAA
        @ RRSIG NS 13 2 600 20300101000000 20200101000000 1 signed.test. BBBB
        @ 300 RRSIG NSEC 13 2 300 20300101000000 20200101000000 1 signed.test. CCCC
        @ 300 NSEC ns1 NS SOA RRSIG NSEC
        ns1 A 192.0.2.1
        ns1 RRSIG A 13 3 600 20300101000000 20200101000000 1 signed.test. DDDD
        """;
    Zone zone = ZoneFile.parse(text, ZoneFileLimits.defaults(), HASH).zone();
    assertThat(zone).isNotNull();
    RRsetBlock block = ZoneContents.of(zone);
    assertThat(block.recordCount()).isEqualTo(8);
    assertThat(block.rrsets().stream().map(one -> one.rrset().type()))
        .containsExactly(
            RecordType.NS,
            RecordType.SOA,
            RecordType.RRSIG,
            RecordType.NSEC,
            RecordType.A,
            RecordType.RRSIG);
    Zone again = image(block);
    assertThat(again).isNotNull();
    assertThat(ZoneContents.of(again)).isEqualTo(block);
    int apex = again.apexNode();
    int nsec = again.rrset(apex, RecordType.NSEC);
    assertThat(again.ttl(again.signatures(nsec))).isEqualTo(300);
    assertThat(again.ttl(again.signatures(again.rrset(apex, RecordType.NS)))).isEqualTo(600);
  }

  @Test
  void whatLiesOutsideIsTold() {
    ZoneContents contents = new ZoneContents(APEX);
    contents.add(ContractRig.a(DomainName.parse("www.example.net."), 1));
    assertThatThrownBy(contents::block).hasMessageContaining("www.example.net.");
    assertThatThrownBy(new ZoneContents()::block).hasMessageContaining("SOA");
  }

  @Test
  void digestsTellRRsetsApart() {
    Set<Long> seen = new HashSet<>();
    int rrsets = 0;
    for (int number = 0; number < 20_000; number++) {
      seen.add(ContentDigest.of(ContractRig.a("h" + number % 100, number)));
      rrsets++;
    }
    assertThat(seen).hasSize(rrsets);
    RRset one = ContractRig.a("www", 1, 2);
    RRsetBlock block = new RRsetBlock.Builder(APEX).add(one).build();
    assertThat(ContentDigest.of(block)).isEqualTo(ContentDigest.of(one));
    assertThat(ContentDigest.of(one)).as("the same for ever").isEqualTo(DIGEST_OF_WWW);
  }

  private static final long DIGEST_OF_WWW = 3_878_045_635_012_171_296L;
}
