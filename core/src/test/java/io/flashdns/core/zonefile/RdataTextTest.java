package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.RecordType;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The data of each type: right text becomes the octets of its RFC, wrong text and wrong octets are
 * refused.
 */
class RdataTextTest {
  private static final String COM = "076578616d706c6503636f6d00";

  @TempDir Path folder;

  private static Path resource(String name) throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(RdataTextTest.class.getResource("/zonefile/" + name)).toURI());
  }

  /**
   * The octets in the second file were compared with those that BIND 9.18's named-compilezone makes
   * of the first.
   */
  @Test
  void everyTypeIsReadAsOtherServersReadIt() throws URISyntaxException {
    ReadZone text = ReadZone.file(resource("every-type.zone"), ZoneFileLimits.defaults());
    ReadZone octets = ReadZone.file(resource("every-type.generic.zone"), ZoneFileLimits.defaults());
    assertThat(text.problems()).isEmpty();
    assertThat(octets.problems()).isEmpty();
    assertThat(text.lines()).hasSize(104).containsExactlyElementsOf(octets.lines());
  }

  @Test
  void everyTypeOfTheTableIsTried() throws URISyntaxException {
    Set<String> tried = new TreeSet<>();
    ReadZone.file(resource("every-type.zone"), ZoneFileLimits.defaults())
        .records()
        .forEach(record -> tried.add(RecordType.text(record.type())));
    Set<String> missing = new TreeSet<>();
    TypeText.ROWS.forEach(row -> missing.add(row.mnemonic()));
    missing.removeAll(tried);
    // Without a text form; and those that other servers do not know yet, which are tried below.
    assertThat(missing)
        .containsExactlyInAnyOrder(
            "NULL", "ATMA", "UINFO", "UID", "GID", "UNSPEC", "DSYNC", "HHIT", "BRID", "RESINFO",
            "WALLET", "CLA", "IPN");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "DSYNC CDS NOTIFY 5359 cds-scanner            | 003b0114ef0b6364732d7363616e6e6572" + COM,
        "DSYNC CSYNC 1 5360 .                         | 003e0114f000",
        "HHIT AQID                                    | 010203",
        "BRID AQID                                    | 010203",
        "RESINFO qnamemin exterr=15-17                | 08716e616d656d696e0c6578746572723d31352d3137",
        "WALLET BTC bc1q                              | 0342544304" + "62633171",
        "CLA TCP-v4-v6                                | 095443502d76342d7636",
        "IPN 18446744073709551615                     | ffffffffffffffff",
        "IPN 974848                                   | 00000000000ee000",
        "NULL \\# 3 010203                            | 010203",
        "ATMA \\# 3 010203                            | 010203",
        "AAAA ::1                                     | 00000000000000000000000000000001",
        "AAAA 1::                                     | 00010000000000000000000000000000",
        "AAAA ::FFFF:1.2.3.4                          | 00000000000000000000ffff01020304",
        "AAAA 1:2:3:4:5:6:1.2.3.4                     | 00010002000300040005000601020304",
        "AAAA ::2:3:4:5:6:1.2.3.4                     | 00000002000300040005000601020304",
        "AAAA 1:2:3:4:5:6:7::                         | 00010002000300040005000600070000",
        "AAAA 64:ff9b::192.0.2.33                     | 0064ff9b0000000000000000c0000221",
        "LOC 0 N 0 E 0                                | 00121613800000008000000000989680",
        "LOC 32 7 19.5 s 116 2 25.25 w 10.00m         | 00121613791b7b346719b69e00989a68",
        "LOC 42 N 18 E 594.67 5.55m                   | 00521613"
            + "89032100"
            + "83dcc500"
            + "00997ecb",
        "CERT 1 2 RSASHA256 AQ==                      | 0001000208" + "01",
        "CERT IPGP 0 0 AQ==                           | 0006000000" + "01",
        "NSEC . A                                     | 00000140",
        "NSEC .                                       | 00",
        "NSEC . TYPE65535 A A                         | 00000140ff20"
            + "00000000000000000000000000000000000000000000000000000000000000"
            + "01",
        "NSEC3 1 0 0 - 00000000                       | 010000000005000000000" + "0",
        "CSYNC 0 0                                    | 000000000000",
        "RRSIG A 13 2 1h 20380119031408 19691231235959 1 . AA== | 00010d0200000e1080000000ffffffff00010000",
        "RRSIG A 13 2 0 21060207062815 20000229000000 1 . AA==  | 00010d0200000000ffffffff38bb0c0000010000",
        "DS 1 PRIVATEOID 250 00                       | 0001fefa00",
        "TLSA 3 1 1 a b C D                           | 030101abcd",
        "HINFO \"\" \"\"                              | 0000",
        "URI 1 2 \"\"                                 | 00010002",
        "GPOS a b c                                   | 016101620163",
        "SPF \"v=spf1 -all\"                          | 0b763d73706631202d616c6c",
        "KEY 49152 3 5                                | c0000305",
        "KEY NOKEY TLS RSAMD5                         | c0000101",
        "IPSECKEY 1 0 0 .                             | 010000",
        "IPSECKEY 1 3 2 Gw AQ==                       | 010302024777" + COM + "01",
        "HIP 2 20 Aw==                                | 0102000120" + "03",
        "NSAP 0X47.0.0                                | 4700",
        "APL                                          | ''",
        "A6 64 ::1:2:3:4 sub                          | 40000100020003000403737562" + COM,
        "NAPTR 1 2 a b c d                            | 000100020161016201630164" + COM
      })
  void dataBecomesTheOctetsOfItsRfc(String data, String rdata) {
    ReadZone zone = ReadZone.text(folder, "a 1 " + data);
    assertThat(zone.problems()).isEmpty();
    assertThat(zone.only().hex()).isEqualTo(rdata);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "A                            | an IPv4 address",
        "A 192.0.2                    | no IPv4 address",
        "A 192.0.2.256                | no IPv4 address",
        "A 192.0.02.1                 | no IPv4 address",
        "A 192.0.2.1.                 | no IPv4 address",
        "A 192.0.2.1.5                | no IPv4 address",
        "A 192..2.1                   | no IPv4 address",
        "A \"192.0.2.1\"              | no IPv4 address",
        "A ::1                        | no IPv4 address",
        "A 192.0.2.1 192.0.2.2        | surplus text",
        "AAAA 192.0.2.1               | no IPv6 address",
        "AAAA :                       | no IPv6 address",
        "AAAA :::                     | no IPv6 address",
        "AAAA 1::2::3                 | no IPv6 address",
        "AAAA 1:2:3:4:5:6:7           | no IPv6 address",
        "AAAA 1:2:3:4:5:6:7:8:9       | no IPv6 address",
        "AAAA 1:2:3:4:5:6:7:8::       | no IPv6 address",
        "AAAA ::1:2:3:4:5:6:7:8       | no IPv6 address",
        "AAAA 12345::                 | no IPv6 address",
        "AAAA 1:                      | no IPv6 address",
        "AAAA :1                      | no IPv6 address",
        "AAAA fe80::1%eth0            | no IPv6 address",
        "AAAA 1:2:3:4:5:6:7:1.2.3.4   | no IPv6 address",
        "AAAA ::1.2.3                 | no IPv6 address",
        "MX 10                        | a number up to 65535 and a name",
        "MX mail 10                   | 'mail' is no number from 0 to 65535",
        "MX 65536 mail                | no number",
        "MX -1 mail                   | no number",
        "MX \"1\" mail                | no number",
        "SOA a b 1 2 3 4              | ends too early",
        "SOA a b 1 2 3 4 5 6          | surplus text '6'",
        "SOA a b 4294967296 2 3 4 5   | no number",
        "SOA a b 1 2x 3 4 5           | no time",
        "SRV 1 2 3                    | ends too early",
        "TXT                          | one or more strings",
        "HINFO a                      | ends too early",
        "CAA 0 is-sue x               | no tag",
        "CAA 0 \"issue\" x            | no tag",
        "CAA 0 issue                  | ends too early",
        "CAA 0 issue a b              | surplus",
        "DS 1 8 2 AAB                 | odd",
        "DS 1 8 2 AAXX                | not hexadecimal",
        "DS 1 8 2                     | hexadecimal",
        "DS 1 8 2 AABB                | 2 octets, 32 are wanted",
        "DS 1 8 1 AABB                | 20 are wanted",
        "CDS 1 8 4 AABB               | 48 are wanted",
        "SSHFP 1 2 AABB               | 32 are wanted",
        "ZONEMD 1 1 1 AABB            | 48 are wanted",
        "ZONEMD 1 1 240 AABB          | at least 12",
        "DS 1 FOO 2 AABB              | DNSSEC algorithm",
        "DS 65536 8 2 AABB            | no number",
        "DNSKEY 257 3 8               | base64",
        "DNSKEY 257 3 8 A             | not whole",
        "DNSKEY 257 3 8 AB=A          | not base64",
        "DNSKEY 257 3 8 ====          | not whole",
        "DNSKEY 257 3 8 AB==          | not whole",
        "DNSKEY 257 3 8 A_-A          | not base64",
        "DNSKEY 257 3 8 \"\"          | empty",
        "RRSIG A 8 2 1 20380119031408 20381319031408 1 . AA== | no date",
        "RRSIG A 8 2 1 20380119031408 20380230031408 1 . AA== | no date",
        "RRSIG A 8 2 1 20380119031408 2038011903140x 1 . AA== | no date",
        "RRSIG A 8 2 1 99999999999 1 1 . AA== | no number",
        "RRSIG FOO 8 2 1 1 1 1 . AA== | no record type",
        "NSEC a b                     | no record type",
        "NSEC a TYPE0                 | no record type",
        "NSEC a \"A\"                 | no record type",
        "NSEC3 1 0 0 - 0              | no hash",
        "NSEC3 1 0 0 - 0000000W       | no hash",
        "NSEC3 1 0 0 - 01             | no hash",
        "NSEC3 1 0 0 ABC 00000000     | pairs of hexadecimal",
        "NSEC3PARAM 1 0 0 -A          | pairs of hexadecimal",
        "LOC 91 N 0 E 0               | no number",
        "LOC 90 0 1 N 0 E 0           | beyond 90",
        "LOC 0 N 180 0 0.001 E 0      | beyond 180",
        "LOC 0 60 N 0 E 0             | no number",
        "LOC 0 0 60 N 0 E 0           | no number",
        "LOC 0 0 0 0 N 0 E 0          | must follow the angle",
        "LOC 0 E 0 N 0                | no number",
        "LOC 0 N 0 E                  | altitude",
        "LOC 0 N 0                    | missing",
        "LOC 0 N 0 E -100000.01m      | no altitude",
        "LOC 0 N 0 E 42849672.96m     | no altitude",
        "LOC 0 N 0 E 0 90000000.01m   | no length",
        "LOC 0 N 0 E 0 -1             | no length",
        "LOC 0 N 0 E 0.001            | no altitude",
        "LOC 0 N 0 E 0 0 0 0 0        | surplus",
        "EUI48 00-00-5e-00-53         | no EUI",
        "EUI48 00:00:5e:00:53:2a      | no EUI",
        "EUI64 00-00-5e-00-53-2a      | no EUI",
        "L64 1 1:2:3                  | four groups",
        "L64 1 1:2:3:4:5              | four groups",
        "NID 1 1:2:3:12345            | four groups",
        "IPN -1                       | no number",
        "IPN 18446744073709551616     | no number",
        "AMTRELAY 1 2 1 192.0.2.1     | no number",
        "AMTRELAY 1 0 4 x             | no number",
        "AMTRELAY 1 0 0 x             | type 0 means none",
        "AMTRELAY 1 0 1 x             | no IPv4",
        "AMTRELAY 1 0 1               | four values",
        "DSYNC CDS FOO 1 a            | scheme",
        "APL 1:192.0.2.0              | APL cannot be read",
        "APL \"1:192.0.2.0/24\"       | no quoted",
        "HIP 2 xx AA==                | pairs of hexadecimal",
        "HIP 2 20                     | an algorithm, a tag, a key",
        "HIP 2 20 . x                 | not base64",
        "HIP 2 20 AAAA! x             | not base64",
        "HIP 2 20 AA== a..b           | empty label",
        "HIP 2 20 \"\" x             | the key is empty",
        "WKS 10.0.0.1 tcp             | WKS cannot be read",
        "IPSECKEY 10 4 0 x            | not one of 0 to 3",
        "IPSECKEY 10 0 0 x            | type 0 means none",
        "IPSECKEY 10 1 0 x            | no IPv4 address",
        "IPSECKEY 10 1 0              | ends too early",
        "IPSECKEY 10 1 0 192.0.2.1 .. | not base64",
        "KEY 256 3 5 ....             | not base64",
        "KEY FOO 3 5 AAAA             | no number",
        "KEY 256 FOO 5 AAAA           | key protocol",
        "NXT a FOO                    | NXT cannot be read",
        "A6 129 ::1 a                 | A6 cannot be read",
        "NSAP 47                      | no NSAP",
        "NSAP 0x                      | no NSAP",
        "NSAP 0x.                     | no NSAP",
        "NSAP 0x470                   | no NSAP",
        "NSAP 0xzz                    | no NSAP",
        "NULL x                       | no text form",
        "NULL                         | no text form",
        "TYPE65000 x                  | no text form",
        // The generic form (RFC 3597)
        "TYPE65000 \\#                | missing",
        "TYPE65000 \\# x              | no number",
        "TYPE65000 \\# 65536          | no number",
        "TYPE65000 \\# 1              | has 0 octets, but 1",
        "TYPE65000 \\# 1 0102         | has 2 octets, but 1",
        "TYPE65000 \\# 1 0            | odd",
        "TYPE65000 \\# 1 xx           | not hexadecimal",
        "TYPE65000 \"\\#\" 1 00       | no text form",
        "A \\# 3 010203               | no data of A",
        "A \\# 5 0102030405           | too many",
        "A \\# 0                      | ends too early",
        "CNAME \\# 2 c00c             | no data of CNAME",
        "CNAME \\# 2 0161             | no data of CNAME",
        "CNAME \\# 3 404100           | no data of CNAME",
        "MX \\# 3 000a61              | no data of MX",
        "TXT \\# 0                    | no data of TXT",
        "TXT \\# 2 0261               | no data of TXT",
        "CAA \\# 3 00002d             | no data of CAA",
        "NSEC \\# 3 000000            | no data of NSEC",
        "NSEC \\# 4 00000100          | no data of NSEC",
        "NSEC \\# 7 00000140000140    | no data of NSEC",
        "DS \\# 4 00010802            | no data of DS",
        "DS \\# 6 000108020102        | 32 are wanted",
        "LOC \\# 1 00                 | no data of LOC",
        "APL \\# 3 000120             | no data of APL",
        "HIP \\# 3 000120             | no data of HIP",
        "HIP \\# 5 0100000020      | no data of HIP",
        "IPSECKEY \\# 3 010100       | no data of IPSECKEY",
        "IPSECKEY \\# 3 010400       | no data of IPSECKEY",
        "AMTRELAY \\# 2 0a01          | no data of AMTRELAY",
        "SVCB \\# 2 0001              | no data of SVCB"
      })
  void wrongDataIsRefusedInWords(String data, String words) {
    ReadZone zone = ReadZone.text(folder, "$TTL 1\na " + data + "\nb A 192.0.2.1\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.problems().getFirst().reason()).contains(words);
    assertThat(zone.heads()).containsExactly("b.example.com. 1 A");
  }

  @Test
  @Tag("rfc3597")
  void anyOfAllTypesThatMayStandInAZoneIsReadInGenericForm() {
    StringBuilder text = new StringBuilder("$TTL 1\n");
    for (int type = 264; type < 65_536; type++) {
      if (type != 32_768 && type != 32_769 && type != 264) {
        text.append("a TYPE")
            .append(type)
            .append(" \\# 2 ")
            .append(String.format("%04x", type))
            .append('\n');
      }
    }
    ReadZone zone = ReadZone.text(folder, text.toString());
    assertThat(zone.problems()).isEmpty();
    assertThat(zone.records()).hasSize(65_536 - 265 - 2);
    assertThat(zone.records())
        .allMatch(record -> record.hex().equals(String.format("%04x", record.type())));
  }

  @Test
  void dataAbove65535OctetsIsRefused() {
    for (String data :
        new String[] {
          "TXT" + " aa".repeat(21_846), "OPENPGPKEY " + "AAAA".repeat(21_846),
              "TYPE65000 \\# 65535 " + "00".repeat(65_536),
          "CAA 0 issue " + "a".repeat(65_529), "SVCB 1 . key667=" + "a".repeat(65_530),
              "TLSA 1 1 0 " + "00".repeat(65_533)
        }) {
      ReadZone zone = ReadZone.text(folder, "a 1 " + data);
      assertThat(zone.places()).containsExactly("1 error");
      assertThat(zone.problems().getFirst().reason()).contains("65,535");
    }
  }

  @Test
  void anErrorInABitMapLeavesNothingBehind() {
    ReadZone zone =
        ReadZone.text(folder, "$TTL 1\na NSEC . A TYPE65000 FOO\na NSEC . NS\na NSEC . A\n");
    assertThat(zone.places()).containsExactly("2 error");
    assertThat(zone.records())
        .extracting(ReadZone.Delivered::hex)
        .containsExactly("00000120", "00000140");
  }

  @Test
  void flagsOfAKeyMayBeWordsWithBarsBetweenThem() {
    assertThat(ReadZone.text(folder, "a 1 KEY zone|SIG3 3 5 AQ==").only().hex())
        .isEqualTo("0103030501");
    assertThat(ReadZone.text(folder, "a 1 KEY ZONE|FOO 3 5 AQ==").places())
        .containsExactly("1 error");
  }

  @Test
  void aStringOfMoreThan255OctetsIsRefusedWithTheRemedy() {
    ReadZone zone = ReadZone.text(folder, "a 1 TXT " + "a".repeat(256));
    assertThat(zone.problems().getFirst().reason()).contains("256 octets", "split");
    assertThat(ReadZone.text(folder, "a 1 TXT " + "\\097".repeat(255)).only().rdata()).hasSize(256);
  }

  @Test
  void theCaseOfNamesInDataIsKeptInTypesThatDnsjavaReads() {
    ReadZone zone =
        ReadZone.text(
            folder,
            "$TTL 1\na HIP 2 20 Aw== RvS.Example\na IPSECKEY 1 3 0 GateWay\na A6 128 SuB.\na NXT NeXt A\n");
    assertThat(zone.problems()).isEmpty();
    assertThat(zone.records())
        .extracting(record -> new String(record.rdata(), StandardCharsets.ISO_8859_1))
        .satisfiesExactly(
            hip -> assertThat(hip).contains("RvS", "Example", "example", "com"),
            gateway -> assertThat(gateway).contains("GateWay"),
            prefix -> assertThat(prefix).contains("SuB"),
            next -> assertThat(next).contains("NeXt"));
  }
}
