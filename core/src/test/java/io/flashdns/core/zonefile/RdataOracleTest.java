package io.flashdns.core.zonefile;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.zonefile.TypeText.Field;
import io.flashdns.core.zonefile.TypeText.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Random data of each type, written as text, becomes the same octets here and in dnsjava; written
 * by dnsjava, it is read back as the same octets. With {@code -Dcampaign} each type has 100,000
 * records instead of a few hundred.
 */
class RdataOracleTest {
  private static final int RECORDS = System.getProperty("campaign") == null ? 300 : 100_000;

  /** Records of one file. */
  private static final int BATCH = 100;

  private static final String ORIGIN = "Example.COM.";

  /** Types of our table that dnsjava has no text form for. */
  private static final Set<String> UNKNOWN_TO_ORACLE =
      Set.of(
          "EID",
          "NIMLOC",
          "SINK",
          "NINFO",
          "RKEY",
          "TALINK",
          "CSYNC",
          "DSYNC",
          "HHIT",
          "BRID",
          "NID",
          "L32",
          "L64",
          "LP",
          "EUI48",
          "EUI64",
          "AVC",
          "DOA",
          "AMTRELAY",
          "RESINFO",
          "WALLET",
          "CLA",
          "IPN",
          "TA",
          "X25",
          "GPOS",
          "NSAP-PTR",
          "ISDN");

  @TempDir Path folder;

  private final Random random = new Random(20_261_101);

  static Stream<Row> types() {
    return TypeText.ROWS.stream()
        .filter(row -> !row.fields().contains(Field.NONE) && !row.fields().contains(Field.DNSJAVA))
        .filter(row -> !UNKNOWN_TO_ORACLE.contains(row.mnemonic()));
  }

  @ParameterizedTest
  @MethodSource("types")
  void randomDataBecomesTheOctetsThatDnsjavaMakes(Row row) throws IOException {
    for (int done = 0; done < RECORDS; done += BATCH) {
      tryBatch(row);
    }
  }

  private void tryBatch(Row row) throws IOException {
    StringBuilder zone = new StringBuilder("$ORIGIN " + ORIGIN + "\n$TTL 1\n");
    Record[] expected = new Record[BATCH];
    for (int i = 0; i < BATCH; i++) {
      String text = data(row);
      expected[i] =
          Record.fromString(Name.root, row.type(), DClass.IN, 1, text, Name.fromString(ORIGIN));
      zone.append("a ").append(row.mnemonic()).append(' ').append(text).append('\n');
      zone.append("b TYPE")
          .append(row.type())
          .append(' ')
          .append(expected[i].rdataToString())
          .append('\n');
      byte[] wire = wire(expected[i]);
      zone.append("c ").append(row.mnemonic()).append(" \\# ").append(wire.length).append(' ');
      zone.append(HexFormat.of().formatHex(wire)).append('\n');
    }
    ReadZone read = ReadZone.text(folder, zone.toString());
    assertThat(read.problems()).isEmpty();
    for (int i = 0; i < BATCH; i++) {
      byte[] wire = wire(expected[i]);
      tryText(row, wire);
      for (int form = 0; form < 3; form++) {
        ReadZone.Delivered record = read.records().get(i * 3 + form);
        assertThat(record.rdata()).as(expected[i].toString()).isEqualTo(wire);
        assertThat(record.type()).isEqualTo(row.type());
      }
    }
  }

  /** What is written here is read alike here and there. */
  private static void tryText(Row row, byte[] wire) throws IOException {
    String text = RdataText.print(row.type(), wire);
    assertThat(RdataText.parse(row.type(), text)).as(text).isEqualTo(wire);
    Record read = Record.fromString(Name.root, row.type(), DClass.IN, 1, text, Name.root);
    assertThat(wire(read)).as(text).isEqualTo(wire);
  }

  private static byte[] wire(Record record) {
    byte[] whole = record.toWire(Section.ANSWER);
    return Arrays.copyOfRange(whole, 11, whole.length);
  }

  private String data(Row row) {
    switch (row.mnemonic()) {
      case "DS", "CDS", "DLV" -> {
        int digest = 1 + random.nextInt(2);
        return number(65_536)
            + " "
            + number(256)
            + " "
            + digest
            + " "
            + spaced(hex(digest == 1 ? 20 : 32));
      }
      case "IPSECKEY" -> {
        int kind = random.nextInt(4);
        Field gateway = List.of(Field.NONE, Field.IPV4, Field.IPV6, Field.NAME).get(kind);
        String head = number(256) + " " + kind + " " + number(256) + " ";
        String value = kind == 0 ? "." : kind == 2 ? "2001:db8::15" : value(gateway);
        return head + value + " " + base64(30);
      }
      case "SSHFP" -> {
        return number(256) + " 2 " + spaced(hex(32));
      }
      case "ZONEMD" -> {
        return number(1L << 32) + " 1 2 " + spaced(hex(64));
      }
      case "SVCB", "HTTPS" -> {
        // dnsjava refuses parameters in alias mode.
        return random.nextInt(8) == 0
            ? "0 " + name()
            : 1 + random.nextInt(65_535) + " " + name() + " " + serviceParameters();
      }
      default -> {
        return dataByFields(row);
      }
    }
  }

  private String dataByFields(Row row) {
    StringBuilder text = new StringBuilder();
    for (Field field : row.fields()) {
      text.append(text.isEmpty() ? "" : " ").append(value(field));
    }
    return text.toString();
  }

  private String value(Field field) {
    return switch (field) {
      case NAME -> name();
      case U8, ALGORITHM, SCHEME -> number(256);
      case U16, CERTIFICATE -> number(65_536);
      case U32 -> number(1L << 32);
      case SECONDS ->
          random.nextInt(4) == 0
              ? random.nextInt(500) + "w" + random.nextInt(7) + "D"
              : number(1L << 31);
      case U64 -> Long.toUnsignedString(random.nextLong());
      case IPV4 ->
          random.nextInt(256)
              + "."
              + random.nextInt(256)
              + "."
              + random.nextInt(256)
              + "."
              + random.nextInt(256);
      case IPV6 -> ipv6();
      case STRING -> string(random.nextInt(8) == 0 ? 255 : 20);
      case OPTIONAL_STRING -> random.nextBoolean() ? string(20) : "";
      // dnsjava allows no more than 255 octets in either of the types that have this field.
      case LONG_STRING -> string(255);
      case TAG -> List.of("issue", "issuewild", "iodef", "x9").get(random.nextInt(4));
      case TYPE -> type();
      case TIME ->
          random.nextBoolean()
              ? date()
              : "0".repeat(random.nextInt(3)) + random.nextInt(10_000_000);
      case SALT ->
          random.nextInt(4) == 0 ? "-" : hex(1 + random.nextInt(random.nextInt(8) == 0 ? 255 : 12));
      case HASH -> base32();
      case KEY_FLAGS -> random.nextBoolean() ? "ZONE|NOAUTH|sig3" : number(0x4000);
      case KEY_PROTOCOL -> random.nextBoolean() ? "DNSSEC" : number(256);
      case OPTIONAL_BASE64 -> spaced(base64(1 + random.nextInt(300)));
      case NSAP -> "0x" + hex(1 + random.nextInt(20)).replaceFirst("(.)$", ".$1");
      case HOST_IDENTITY ->
          number(256) + " " + hex(16) + " " + base64(40) + names(random.nextInt(3));
      case EUI48, EUI64, LOCATOR, GATEWAY, RELAY, BASE64_OR_DASH, DNSJAVA, NONE ->
          throw new AssertionError(field);
      case STRINGS ->
          Stream.generate(() -> string(60))
              .limit(1 + random.nextInt(5))
              .reduce((a, b) -> a + " " + b)
              .orElseThrow();
      case HEX -> spaced(hex(1 + random.nextInt(64)));
      case BASE64 -> spaced(base64(1 + random.nextInt(300)));
      case TYPES ->
          Stream.generate(this::type)
              .limit(1 + random.nextInt(8))
              .distinct()
              .reduce((a, b) -> a + " " + b)
              .orElseThrow();
      case SERVICE_PARAMETERS -> serviceParameters();
      case LOCATION -> location();
    };
  }

  private String number(long bound) {
    return Long.toString(
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> bound - 1;
          default -> random.nextLong(bound);
        });
  }

  private String name() {
    return switch (random.nextInt(8)) {
      case 0 -> ".";
      case 1 -> "@";
      default -> {
        StringBuilder text = new StringBuilder();
        int labels = 1 + random.nextInt(random.nextInt(6) == 0 ? 60 : 4);
        for (int i = 0; i < labels; i++) {
          text.append(i == 0 ? "" : ".");
          int octets = 1 + random.nextInt(labels > 4 ? 2 : 30);
          for (int j = 0; j < octets; j++) {
            text.append(octet("abcXYZ019-_*", "\"\\.();@$ "));
          }
        }
        yield random.nextBoolean() ? text + "." : text.toString();
      }
    };
  }

  private String names(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(' ').append(name());
    }
    return text.toString();
  }

  private String string(int mostOctets) {
    int octets = random.nextInt(mostOctets + 1);
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < octets; i++) {
      text.append(octet("abcXYZ019 ;()@$.=,", "\"\\"));
    }
    return text.append('"').toString();
  }

  private String octet(String plain, String escaped) {
    return switch (random.nextInt(10)) {
      case 0 -> String.format("\\%03d", random.nextInt(256));
      case 1 -> "\\" + escaped.charAt(random.nextInt(escaped.length()));
      default -> plain.substring(random.nextInt(plain.length())).substring(0, 1);
    };
  }

  private String ipv6() {
    StringBuilder text = new StringBuilder();
    boolean dotted = random.nextInt(4) == 0;
    int groups = dotted ? 6 : 8;
    // dnsjava does not know :: for a single group.
    int gap = random.nextInt(3) == 0 ? -1 : random.nextInt(groups - 1);
    int gapGroups = 2 + random.nextInt(groups - 1 - Math.max(gap, 0));
    for (int i = 0; i < groups; i++) {
      if (gap >= 0 && i == gap) {
        text.append(i == 0 ? "::" : ":");
        i += gapGroups - 1;
      } else {
        text.append(String.format(random.nextBoolean() ? "%x" : "%04X", random.nextInt(65_536)));
        text.append(i == groups - 1 ? "" : ":");
      }
    }
    if (dotted) {
      text.append(text.toString().endsWith(":") ? "" : ":").append(value(Field.IPV4));
    }
    return text.toString();
  }

  private String type() {
    int number = 1 + random.nextInt(random.nextBoolean() ? 63 : 65_535);
    return random.nextInt(3) == 0
        ? "TYPE" + number
        : List.of("A", "NS", "SOA", "RRSIG", "CAA", "NSEC").get(random.nextInt(6));
  }

  private String date() {
    return String.format(
        "%04d%02d%02d%02d%02d%02d",
        1970 + random.nextInt(68),
        1 + random.nextInt(12),
        1 + random.nextInt(28),
        random.nextInt(24),
        random.nextInt(60),
        random.nextInt(60));
  }

  private byte[] octets(int count) {
    byte[] octets = new byte[count];
    random.nextBytes(octets);
    return octets;
  }

  private String hex(int count) {
    HexFormat format = random.nextBoolean() ? HexFormat.of() : HexFormat.of().withUpperCase();
    return format.formatHex(octets(count));
  }

  private String base64(int count) {
    return Base64.getEncoder().encodeToString(octets(count));
  }

  private String base32() {
    return new org.xbill.DNS.utils.base32(
            org.xbill.DNS.utils.base32.Alphabet.BASE32HEX, false, random.nextBoolean())
        .toString(octets(1 + random.nextInt(40)));
  }

  private String spaced(String text) {
    int cut = random.nextInt(text.length() + 1) / 4 * 4;
    return text.substring(0, cut)
        + (cut == 0 || cut == text.length() ? "" : " ")
        + text.substring(cut);
  }

  private String serviceParameters() {
    StringBuilder text = new StringBuilder();
    List<String> all =
        new ArrayList<>(
            List.of(
                "alpn=h2,h3-19",
                "port=" + number(65_536),
                "ipv4hint=192.0.2.1,192.0.2.2",
                "ipv6hint=2001:db8::1",
                "ech=" + base64(9),
                "key667=hello",
                "key65000",
                "key4711=\"a b\\003c\""));
    Collections.shuffle(all, random);
    all.stream().limit(random.nextInt(9)).forEach(one -> text.append(one).append(' '));
    if (text.indexOf("port") >= 0 && text.indexOf("alpn") >= 0) {
      text.append("mandatory=port,alpn no-default-alpn");
    }
    return text.toString();
  }

  private String location() {
    // dnsjava wants minutes and seconds always, and calculates metres in floating point.
    return String.format(
        "%d %d %d.%03d %s %d %d %d %s %d.%02dm %dm %d.%02dm %dm",
        random.nextInt(90),
        random.nextInt(60),
        random.nextInt(60),
        random.nextInt(1_000),
        random.nextBoolean() ? "N" : "S",
        random.nextInt(180),
        random.nextInt(60),
        random.nextInt(60),
        random.nextBoolean() ? "E" : "W",
        random.nextInt(100_000),
        random.nextInt(4) * 25,
        random.nextInt(10) * (int) Math.pow(10, random.nextInt(6)),
        random.nextInt(10),
        random.nextInt(10) * 10,
        random.nextInt(9_000) / 1_000 * 1_000);
  }
}
