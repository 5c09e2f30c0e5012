package io.flashdns.differential;

import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.function.Supplier;

/** Random record data in presentation form. One thread. */
final class RdataText {
  /** Types that stand at plain names; no type of the DNS machinery itself. */
  static final String[] PLAIN_TYPES = {
    "A",
    "AAAA",
    "MX",
    "TXT",
    "SRV",
    "CAA",
    "NAPTR",
    "SSHFP",
    "TLSA",
    "SVCB",
    "HTTPS",
    "LOC",
    "HINFO",
    "RP",
    "AFSDB",
    "URI",
    "PTR",
    "CERT",
    "SMIMEA",
    "OPENPGPKEY",
    "KX",
    "RT",
    "MINFO",
    "DHCID",
    "APL",
    "IPSECKEY",
    "SPF",
    "TYPE7",
    "TYPE8",
    "TYPE9",
    "TYPE10",
    "TYPE19",
    "TYPE20",
    "TYPE26",
    "TYPE104",
    "TYPE105",
    "TYPE106",
    "TYPE107",
    "TYPE108",
    "TYPE109",
    "TYPE65280",
    "TYPE65534",
    "TYPE999"
  };

  private static final HexFormat HEX = HexFormat.of();

  private final Random random;
  private final Supplier<String> hostName;

  /**
   * @param hostName gives an absolute name for data that points somewhere
   */
  RdataText(Random random, Supplier<String> hostName) {
    this.random = random;
    this.hostName = hostName;
  }

  /**
   * True for types that the signing tool writes by a name that another program here does not read.
   */
  static boolean isNamedBySignerOnly(String type) {
    return type.startsWith("TYPE")
        && type.length() <= "TYPE109".length()
        && !type.equals("TYPE999");
  }

  String of(String type) {
    return switch (type) {
      case "A" -> address();
      case "AAAA" -> address6();
      case "MX", "KX", "RT", "AFSDB" -> number(100) + " " + host();
      case "TXT", "SPF" -> texts();
      case "SRV" -> number(10) + " " + number(10) + " " + number(65_536) + " " + host();
      case "CAA" -> (random.nextBoolean() ? "0" : "128") + " issue \"" + word() + ".example\"";
      case "NAPTR" ->
          number(100)
              + " "
              + number(100)
              + " \"u\" \"E2U+"
              + word()
              + "\" \"\" "
              + (random.nextBoolean() ? "." : host());
      case "SSHFP" -> "4 2 " + hex(32);
      case "TLSA", "SMIMEA" -> "3 1 1 " + hex(32);
      case "SVCB", "HTTPS" -> service();
      case "LOC" ->
          number(90)
              + " "
              + number(60)
              + " 0.000 N "
              + number(180)
              + " 0 0.000 E "
              + number(3000)
              + ".00m 1m 10000m 10m";
      case "HINFO" -> '"' + word() + "\" \"" + word() + '"';
      case "RP", "MINFO" -> host() + " " + host();
      case "URI" -> number(100) + " " + number(100) + " \"https://" + word() + ".example/\"";
      case "PTR" -> host();
      case "CERT" -> "1 " + number(65_536) + " 8 " + base64(24);
      case "OPENPGPKEY" -> base64(40);
      // MB, MG, MR, X25, ISDN and PX in the form that all servers read (RFC 3597 §5); so too NID,
      // L32, L64 and LP (RFC 6742),
      // EUI48 and EUI64 (RFC 7043).
      case "TYPE7", "TYPE8", "TYPE9" -> "\\# 12 02683007" + "6578616d706c65" + "00";
      case "TYPE19", "TYPE20" -> "\\# 7 063" + number(10) + "3" + number(10) + "33343536";
      case "TYPE26" -> "\\# 8 000" + number(10) + "0161000162" + "00";
      case "TYPE105", "TYPE108" -> generic(6);
      case "TYPE109" -> generic(8);
      case "TYPE104", "TYPE106" -> generic(10);
      case "TYPE107" -> "\\# 8 0001" + "0268300163" + "00";
      case "DHCID" -> base64(35);
      case "APL" -> "1:10." + number(255) + ".0.0/16 !2:fd00::/8";
      case "IPSECKEY" -> "10 1 2 " + address() + " " + base64(20);
      default -> generic(number(40));
    };
  }

  String address() {
    return "192.0." + number(256) + "." + number(256);
  }

  String address6() {
    return "2001:db8:" + quads(6);
  }

  /** Text of many strings, {@code octets} long on the wire. */
  String text(int octets) {
    StringBuilder text = new StringBuilder();
    for (int left = octets; left > 1; left -= 256) {
      int length = Math.min(255, left - 1);
      text.append('"');
      for (int i = 0; i < length; i++) {
        text.append((char) ('a' + number(26)));
      }
      text.append("\" ");
    }
    return text.toString();
  }

  String delegationSigner() {
    return number(65_536) + " 13 2 " + hex(32);
  }

  private String texts() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i <= number(3); i++) {
      switch (number(4)) {
        case 0 -> text.append("\"\" ");
        case 1 -> text.append("\"a \\\"quoted\\\" ; \\000\\255 \\\\ word\" ");
        default -> text.append('"').append(word()).append("\" ");
      }
    }
    return text.toString();
  }

  private String service() {
    // Whether names in the data of later types compare without case is nowhere said: none differ by
    // case
    // alone.
    String host = hostName.get();
    String target = random.nextInt(3) == 0 ? "." : host;
    return switch (number(4)) {
      case 0 -> "0 " + host;
      case 1 -> "1 " + target + " alpn=h2,h3 ipv4hint=" + address();
      case 2 ->
          (1 + number(100)) + " " + target + " port=" + number(65_536) + " ipv6hint=" + address6();
      default -> (1 + number(100)) + " " + target;
    };
  }

  private String generic(int octets) {
    return "\\# " + octets + (octets == 0 ? "" : " " + hex(octets));
  }

  private String host() {
    String name = hostName.get();
    return number(12) == 0 ? name.toUpperCase(Locale.ROOT) : name;
  }

  private String word() {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i <= 2 + number(6); i++) {
      word.append((char) ('a' + number(26)));
    }
    return word.toString();
  }

  private String quads(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ":").append(Integer.toHexString(0x1000 + number(0xefff)));
    }
    return text.toString();
  }

  private String hex(int octets) {
    return HEX.formatHex(bytes(octets));
  }

  private String base64(int octets) {
    return Base64.getEncoder().encodeToString(bytes(octets));
  }

  private byte[] bytes(int octets) {
    byte[] bytes = new byte[octets];
    random.nextBytes(bytes);
    return bytes;
  }

  private int number(int bound) {
    return random.nextInt(bound);
  }
}
