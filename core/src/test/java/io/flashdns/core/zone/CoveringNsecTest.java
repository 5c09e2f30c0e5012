package io.flashdns.core.zone;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RandomNames;
import io.flashdns.core.dns.RecordType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class CoveringNsecTest {
  private static final DomainName APEX = DomainName.parse("example.");

  private static void add(ZoneImageBuilder builder, DomainName owner, int type, byte[] data) {
    builder.add(owner.wire(), 0, owner.length(), type, 60, data, 0, data.length, 0);
  }

  private static ZoneImageBuilder apexOnly() {
    return ZoneText.builder(
        ZoneText.records(
            "example. 60 SOA ns.example. h.example. 1 1 1 1 1\nexample. 60 NS ns.example.org.\n"));
  }

  @Test
  @Tag("rfc4035")
  void nsecIsTheLastThatIsNotBehindTheName() {
    Random random = new Random(5);
    for (int round = 0; round < 200; round++) {
      TreeSet<DomainName> owners = new TreeSet<>(List.of(APEX));
      for (int i = 0; i < random.nextInt(30); i++) {
        DomainName name = RandomNames.below(random, APEX).folded();
        owners.add(
            random.nextInt(3) == 0 && name.length() < 250 ? DomainName.parse("*", name) : name);
      }
      ZoneImageBuilder builder = apexOnly();
      for (DomainName owner : owners) {
        add(builder, owner, RecordType.NSEC, new byte[] {0, 0, 1, 0x40});
      }
      Zone zone = builder.build(_ -> {});
      assertThat(zone).isNotNull();

      List<DomainName> asked = new ArrayList<>(owners);
      for (int i = 0; i < 60; i++) {
        asked.add(RandomNames.below(random, APEX));
      }
      for (DomainName name : asked) {
        NameKey key = ZoneText.key(name);
        for (int label = 0; label <= name.labels() - 1; label++) {
          DomainName suffix = suffix(name, label);
          assertThat(zone.owner(zone.coveringNsec(key, label, false)))
              .isEqualTo(owners.floor(suffix));
          if (suffix.length() < 254) {
            assertThat(zone.owner(zone.coveringNsec(key, label, true)))
                .isEqualTo(owners.floor(DomainName.parse("*", suffix)));
          }
        }
      }
    }
  }

  private static DomainName suffix(DomainName name, int labels) {
    DomainName at = name;
    for (int i = 0; i < labels; i++) {
      at = at.parent();
    }
    return at;
  }

  @Test
  void zoneWithoutNsecHasNoneToOffer() {
    Zone zone = apexOnly().build(_ -> {});

    assertThat(zone).isNotNull();
    assertThat(zone.coveringNsec(ZoneText.key("a.example."), 0, false)).isZero();
    assertThat(zone.coveringNsec3(new byte[20])).isZero();
  }

  @Test
  @Tag("rfc4035")
  void nsecBelowADelegationIsNoPartOfTheChain() {
    ZoneImageBuilder builder = apexOnly();
    byte[] nsec = {0, 0, 1, 0x40};
    add(builder, APEX, RecordType.NSEC, nsec);
    add(
        builder,
        DomainName.parse("cut.example."),
        RecordType.NS,
        DomainName.parse("ns.test.").wire());
    add(builder, DomainName.parse("cut.example."), RecordType.NSEC, nsec);
    add(builder, DomainName.parse("stray.cut.example."), RecordType.NSEC, nsec);
    Zone zone = builder.build(_ -> {});

    assertThat(zone).isNotNull();
    assertThat(zone.owner(zone.coveringNsec(ZoneText.key("d.example."), 0, false)))
        .hasToString("cut.example.");
  }

  @Test
  @Tag("rfc5155")
  void nsec3IsTheOneThatMatchesOrCoversTheHash() {
    Random random = new Random(6);
    for (int round = 0; round < 100; round++) {
      int count = 1 + random.nextInt(40);
      TreeMap<String, DomainName> chain = new TreeMap<>();
      ZoneImageBuilder builder = apexOnly();
      add(builder, APEX, RecordType.NSEC3PARAM, new byte[] {1, 0, 0, 0, 0});
      for (int i = 0; i < count; i++) {
        byte[] hash = new byte[20];
        random.nextBytes(hash);
        hash[0] = (byte) (random.nextInt(4) * 0x55);
        DomainName owner = DomainName.parse(base32Hex(hash), APEX);
        chain.put(HexFormat.of().formatHex(hash), owner);
        add(builder, owner, RecordType.NSEC3, new byte[] {1, 0, 0, 0, 0, 0});
      }
      Zone zone = builder.build(_ -> {});
      assertThat(zone).isNotNull();
      assertThat(zone.usesNsec3()).isTrue();

      List<byte[]> asked = new ArrayList<>();
      chain.keySet().forEach(hex -> asked.add(HexFormat.of().parseHex(hex)));
      for (int i = 0; i < 40; i++) {
        byte[] hash = new byte[20];
        random.nextBytes(hash);
        asked.add(hash);
      }
      byte[] last = new byte[20];
      Arrays.fill(last, (byte) 0xff);
      asked.add(last);
      asked.add(new byte[20]);
      for (byte[] hash : asked) {
        String hex = HexFormat.of().formatHex(hash);
        var floor = chain.floorEntry(hex) == null ? chain.lastEntry() : chain.floorEntry(hex);
        assertThat(zone.owner(zone.coveringNsec3(hash))).isEqualTo(floor.getValue());
      }
      for (DomainName owner : chain.values()) {
        assertThat(zone.find(ZoneText.key(owner)))
            .as("owners of NSEC3 alone do not exist")
            .isNegative();
      }
    }
  }

  private static String base32Hex(byte[] octets) {
    StringBuilder text = new StringBuilder();
    java.math.BigInteger number = new java.math.BigInteger(1, octets);
    String digits = number.toString(32);
    text.append("0".repeat(32 - digits.length())).append(digits);
    return text.toString();
  }

  @Test
  @Tag("rfc5155")
  void nsec3OfOtherParametersIsNoPartOfTheChain() {
    ZoneImageBuilder builder = apexOnly();
    add(builder, APEX, RecordType.NSEC3PARAM, new byte[] {1, 0, 0, 0, 1, 7});
    DomainName right = DomainName.parse("0".repeat(31) + "1.example.");
    DomainName otherSalt = DomainName.parse("0".repeat(31) + "2.example.");
    DomainName otherIterations = DomainName.parse("0".repeat(31) + "3.example.");
    DomainName otherHash = DomainName.parse("0".repeat(31) + "4.example.");
    DomainName noHash = DomainName.parse("w".repeat(32) + ".example.");
    DomainName tooDeep = DomainName.parse("0".repeat(31) + "5.a.example.");
    add(builder, right, RecordType.NSEC3, new byte[] {1, 0, 0, 0, 1, 7, 0});
    add(builder, otherSalt, RecordType.NSEC3, new byte[] {1, 0, 0, 0, 1, 8, 0});
    add(builder, otherIterations, RecordType.NSEC3, new byte[] {1, 0, 0, 1, 1, 7, 0});
    add(builder, otherHash, RecordType.NSEC3, new byte[] {2, 0, 0, 0, 1, 7, 0});
    add(builder, noHash, RecordType.NSEC3, new byte[] {1, 0, 0, 0, 1, 7, 0});
    add(builder, tooDeep, RecordType.NSEC3, new byte[] {1, 0, 0, 0, 1, 7, 0});
    Zone zone = builder.build(_ -> {});

    assertThat(zone).isNotNull();
    byte[] hash = new byte[20];
    for (int i = 0; i < 256; i++) {
      hash[19] = (byte) i;
      assertThat(zone.owner(zone.coveringNsec3(hash))).isEqualTo(right);
    }
  }

  @Test
  @Tag("rfc5155")
  void hashesAreThoseOfTheRfc() {
    Zone zone =
        ZoneText.zone(
            "example. 60 SOA a. b. 1 1 1 1 1\nexample. 60 NS a.\nexample. 0 NSEC3PARAM 1 0 12 aabbccdd\n");
    Nsec3Hash hash = new Nsec3Hash();
    hash.use(zone);

    assertThat(hashed(hash, "example.")).isEqualTo("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
    assertThat(hashed(hash, "a.example.")).isEqualTo("35mthgpgcu1qg68fab165klnsnk3dpvl");
    assertThat(hashed(hash, "ai.example.")).isEqualTo("gjeqe526plbf1g8mklp59enfd789njgi");
    assertThat(hashed(hash, "ns1.example.")).isEqualTo("2t7b4g4vsa5smi47k61mv5bv1a22bojr");
    assertThat(hashed(hash, "ns2.example.")).isEqualTo("q04jkcevqvmu85r014c7dkba38o0ji5r");
    assertThat(hashed(hash, "w.example.")).isEqualTo("k8udemvp1j2f7eg6jebps17vp3n8i58h");
    assertThat(hashed(hash, "*.w.example.")).isEqualTo("r53bq7cc2uvmubfu5ocmm6pers9tk9en");
    assertThat(hashed(hash, "x.w.example.")).isEqualTo("b4um86eghhds6nea196smvmlo4ors995");
    assertThat(hashed(hash, "y.w.example.")).isEqualTo("ji6neoaepv8b5o6k4ev33abha8ht9fgc");
    assertThat(hashed(hash, "x.y.w.example.")).isEqualTo("2vptu5timamqttgl4luu9kg21e0aor3s");
    assertThat(hashed(hash, "xx.example.")).isEqualTo("t644ebqk9bibcna874givr6joj62mlhv");
  }

  private static String hashed(Nsec3Hash hash, String name) {
    byte[] wire = DomainName.parse(name).wire();
    byte[] digest = new byte[20];
    hash.hash(wire, 0, wire.length, digest);
    return base32Hex(digest);
  }
}
