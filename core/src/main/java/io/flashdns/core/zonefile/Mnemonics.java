package io.flashdns.core.zonefile;

import io.flashdns.core.zonefile.TypeText.Field;
import java.util.Map;

/**
 * Words that stand for a number in record data.
 *
 * @param words word in upper case to number
 */
record Mnemonics(Map<String, Integer> words) {
  /** DNSSEC algorithms (RFC 4034 appendix A.1 and the registry since). */
  static final Mnemonics ALGORITHMS =
      new Mnemonics(
          Map.ofEntries(
              Map.entry("DELETE", 0),
              Map.entry("RSAMD5", 1),
              Map.entry("DH", 2),
              Map.entry("DSA", 3),
              Map.entry("RSASHA1", 5),
              Map.entry("DSA-NSEC3-SHA1", 6),
              Map.entry("DSANSEC3SHA1", 6),
              Map.entry("RSASHA1-NSEC3-SHA1", 7),
              Map.entry("NSEC3RSASHA1", 7),
              Map.entry("RSASHA256", 8),
              Map.entry("RSASHA512", 10),
              Map.entry("ECC-GOST", 12),
              Map.entry("ECCGOST", 12),
              Map.entry("ECDSAP256SHA256", 13),
              Map.entry("ECDSA256", 13),
              Map.entry("ECDSAP384SHA384", 14),
              Map.entry("ECDSA384", 14),
              Map.entry("ED25519", 15),
              Map.entry("ED448", 16),
              Map.entry("SM2SM3", 17),
              Map.entry("ECC-GOST12", 23),
              Map.entry("INDIRECT", 252),
              Map.entry("PRIVATEDNS", 253),
              Map.entry("PRIVATEOID", 254)));

  /** Certificate types (RFC 4398 §2.1). */
  static final Mnemonics CERTIFICATES =
      new Mnemonics(
          Map.of(
              "PKIX", 1, "SPKI", 2, "PGP", 3, "IPKIX", 4, "ISPKI", 5, "IPGP", 6, "ACPKIX", 7,
              "IACPKIX", 8, "URI", 253, "OID", 254));

  /** Schemes of DSYNC (RFC 9859). */
  static final Mnemonics SCHEMES = new Mnemonics(Map.of("NOTIFY", 1));

  /** Protocols of KEY records (RFC 2535 §3.1.3). */
  static final Mnemonics KEY_PROTOCOLS =
      new Mnemonics(Map.of("NONE", 0, "TLS", 1, "EMAIL", 2, "DNSSEC", 3, "IPSEC", 4, "ALL", 255));

  /** Flags of KEY records that may be joined by bars (RFC 2535 §7.1). */
  static final Mnemonics KEY_FLAGS =
      new Mnemonics(
          Map.ofEntries(
              Map.entry("NOCONF", 0x4000),
              Map.entry("NOAUTH", 0x8000),
              Map.entry("NOKEY", 0xc000),
              Map.entry("FLAG2", 0x2000),
              Map.entry("EXTEND", 0x1000),
              Map.entry("FLAG4", 0x0800),
              Map.entry("FLAG5", 0x0400),
              Map.entry("USER", 0),
              Map.entry("ZONE", 0x0100),
              Map.entry("HOST", 0x0200),
              Map.entry("NTYP3", 0x0300),
              Map.entry("FLAG8", 0x0080),
              Map.entry("FLAG9", 0x0040),
              Map.entry("FLAG10", 0x0020),
              Map.entry("FLAG11", 0x0010),
              Map.entry("SIG0", 0),
              Map.entry("SIG1", 1),
              Map.entry("SIG2", 2),
              Map.entry("SIG3", 3),
              Map.entry("SIG4", 4),
              Map.entry("SIG5", 5),
              Map.entry("SIG6", 6),
              Map.entry("SIG7", 7),
              Map.entry("SIG8", 8),
              Map.entry("SIG9", 9),
              Map.entry("SIG10", 10),
              Map.entry("SIG11", 11),
              Map.entry("SIG12", 12),
              Map.entry("SIG13", 13),
              Map.entry("SIG14", 14),
              Map.entry("SIG15", 15)));

  private static final int LONGEST_WORD_CHARS = 18;

  /** The number of the word that {@code token} is, or −1. */
  int number(Entry entry, int token) {
    return entry.quoted(token) ? -1 : number(entry.text, entry.start[token], entry.end[token]);
  }

  /** The sum of the words with bars between them that {@code token} is, or −1. */
  int sum(Entry entry, int token) {
    int total = 0;
    int from = entry.start[token];
    int end = entry.end[token];
    for (int at = from; at <= end && total >= 0; at++) {
      if (at == end || entry.text[at] == '|') {
        int value = entry.quoted(token) ? -1 : number(entry.text, from, at);
        total = value < 0 ? -1 : total | value;
        from = at + 1;
      }
    }
    return total;
  }

  private int number(byte[] text, int start, int end) {
    if (end - start > LONGEST_WORD_CHARS) {
      return -1;
    }
    StringBuilder word = new StringBuilder(LONGEST_WORD_CHARS);
    for (int i = start; i < end; i++) {
      int octet = text[i] & 0xff;
      word.append((char) (octet >= 'a' && octet <= 'z' ? octet - 32 : octet));
    }
    return words.getOrDefault(word.toString(), -1);
  }

  /** What a field is called in a message. */
  static String describe(Field field) {
    return switch (field) {
      case NAME -> "a name";
      case U8 -> "a number up to 255";
      case U16 -> "a number up to 65535";
      case U32, U64 -> "a number";
      case SECONDS -> "a time in seconds";
      case IPV4 -> "an IPv4 address";
      case IPV6 -> "an IPv6 address";
      case STRING, LONG_STRING -> "a string";
      case OPTIONAL_STRING -> "a string or nothing";
      case TAG -> "a tag";
      case TYPE -> "a record type";
      case ALGORITHM -> "an algorithm";
      case CERTIFICATE -> "a certificate type";
      case SCHEME -> "a scheme";
      case KEY_FLAGS -> "key flags";
      case KEY_PROTOCOL -> "a key protocol";
      case TIME -> "a date";
      case SALT -> "a salt or -";
      case HASH -> "a hash";
      case EUI48, EUI64 -> "an EUI";
      case LOCATOR -> "a locator";
      case NSAP -> "an NSAP address";
      case GATEWAY -> "a gateway of its type";
      case STRINGS -> "one or more strings";
      case HEX -> "hexadecimal digits";
      case BASE64, BASE64_OR_DASH, OPTIONAL_BASE64 -> "base64 data";
      case TYPES -> "record types";
      case SERVICE_PARAMETERS -> "parameters";
      case LOCATION -> "a location";
      case RELAY -> "a precedence, 0 or 1, a relay type and a relay";
      case HOST_IDENTITY -> "an algorithm, a tag, a key and servers";
      case DNSJAVA, NONE -> "data";
    };
  }
}
