package io.flashdns.core.zonefile;

import static io.flashdns.core.zonefile.TypeText.Field.*;

import io.flashdns.core.dns.RecordType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * How the data of each record type is written: a table of fields, one row a type (RFC 1035 §3.3 and
 * the RFC of each type). The numbers of the mnemonics are those of {@link RecordType}. What is not
 * in the table can be written as {@code TYPEnnn \# length hex} (RFC 3597 §5).
 */
final class TypeText {
  /** How one value, or the rest of the values, of a record's data is written and encoded. */
  enum Field {
    /** Domain name, uncompressed. */
    NAME,
    /** Number of one, two, four or eight octets. */
    U8,
    U16,
    U32,
    U64,
    /** Four octets of seconds, also with units as {@code 1h30m}. */
    SECONDS,
    IPV4,
    IPV6,
    /** Character string with a length octet. */
    STRING,
    /** The same, if there is another token. */
    OPTIONAL_STRING,
    /** One character string that fills the rest without a length octet (CAA, URI). */
    LONG_STRING,
    /** Letters and digits with a length octet (CAA). */
    TAG,
    /** A record type, two octets. */
    TYPE,
    /** A DNSSEC algorithm by number or mnemonic, one octet. */
    ALGORITHM,
    /** A certificate type by number or mnemonic, two octets (RFC 4398 §2.1). */
    CERTIFICATE,
    /** A scheme of DSYNC by number or as {@code NOTIFY}, one octet (RFC 9859). */
    SCHEME,
    /**
     * Flags of a KEY record by number or as words with bars between them, two octets (RFC 2535
     * §7.1).
     */
    KEY_FLAGS,
    /** Protocol of a KEY record by number or word, one octet (RFC 2535 §7.1). */
    KEY_PROTOCOL,
    /** Date and time of a signature, or seconds since 1970, four octets (RFC 4034 §3.2). */
    TIME,
    /** Hexadecimal digits or {@code -}, with a length octet (NSEC3). */
    SALT,
    /** Base 32 with the extended hex alphabet, with a length octet (NSEC3). */
    HASH,
    EUI48,
    EUI64,
    /** Four groups of hexadecimal digits (RFC 6742). */
    LOCATOR,
    /** Hexadecimal digits after 0x, with dots anywhere between them (RFC 1706 §7). */
    NSAP,
    /** Nothing, an address or a name, as the octet before the last one says (RFC 4025 §2.5). */
    GATEWAY,
    // From here on: fields that take all tokens that are left.
    /** One or more character strings. */
    STRINGS,
    /** At least one octet in hexadecimal digits. */
    HEX,
    /** At least one octet in base 64. */
    BASE64,
    /** The same, or {@code -} for nothing (DOA). */
    BASE64_OR_DASH,
    /** The same, or nothing at all. */
    OPTIONAL_BASE64,
    /** Record types as a bit map (RFC 4034 §4.1.2). */
    TYPES,
    /** Parameters of SVCB (RFC 9460 §2.1). */
    SERVICE_PARAMETERS,
    /** Where on earth (RFC 1876 §3). */
    LOCATION,
    /** Precedence, discovery bit, type and relay (RFC 8777). */
    RELAY,
    /**
     * Algorithm, host identity tag, public key and any number of rendezvous servers (RFC 8005 §6).
     */
    HOST_IDENTITY,
    /** Rare old forms that dnsjava knows. */
    DNSJAVA,
    /** No text form at all: {@code \#} only. */
    NONE;

    /** True when the field takes all tokens that are left. */
    boolean takesRest() {
      return compareTo(STRINGS) >= 0;
    }

    /** True when the field's value may be as long as record data can be. */
    boolean mayBeLong() {
      return switch (this) {
        case LONG_STRING, STRINGS, HEX, BASE64, BASE64_OR_DASH, OPTIONAL_BASE64 -> true;
        case TYPES, SERVICE_PARAMETERS, HOST_IDENTITY, NSAP, DNSJAVA, NONE -> true;
        case NAME, U8, U16, U32, U64, SECONDS, IPV4, IPV6, STRING, OPTIONAL_STRING, TAG -> false;
        case TYPE, ALGORITHM, CERTIFICATE, SCHEME, KEY_FLAGS, KEY_PROTOCOL, TIME, SALT -> false;
        case HASH, EUI48, EUI64, LOCATOR, GATEWAY, LOCATION, RELAY -> false;
      };
    }
  }

  /** One row of the table. */
  record Row(int type, String mnemonic, List<Field> fields) {}

  /** Every type with a mnemonic that is known here and may stand in a zone (RFC 6895 §3.1). */
  static final List<Row> ROWS =
      List.of(
          row("A", IPV4),
          row("NS", NAME),
          row("MD", NAME),
          row("MF", NAME),
          row("CNAME", NAME),
          row("SOA", NAME, NAME, U32, SECONDS, SECONDS, SECONDS, SECONDS),
          row("MB", NAME),
          row("MG", NAME),
          row("MR", NAME),
          row("NULL", NONE),
          row("WKS", DNSJAVA),
          row("PTR", NAME),
          row("HINFO", STRING, STRING),
          row("MINFO", NAME, NAME),
          row("MX", U16, NAME),
          row("TXT", STRINGS),
          row("RP", NAME, NAME),
          row("AFSDB", U16, NAME),
          row("X25", STRING),
          row("ISDN", STRING, OPTIONAL_STRING),
          row("RT", U16, NAME),
          row("NSAP", NSAP),
          row("NSAP-PTR", NAME),
          row("SIG", TYPE, ALGORITHM, U8, SECONDS, TIME, TIME, U16, NAME, BASE64),
          row("KEY", KEY_FLAGS, KEY_PROTOCOL, ALGORITHM, OPTIONAL_BASE64),
          row("PX", U16, NAME, NAME),
          row("GPOS", STRING, STRING, STRING),
          row("AAAA", IPV6),
          row("LOC", LOCATION),
          row("NXT", DNSJAVA),
          row("EID", HEX),
          row("NIMLOC", HEX),
          row("SRV", U16, U16, U16, NAME),
          row("ATMA", NONE),
          row("NAPTR", U16, U16, STRING, STRING, STRING, NAME),
          row("KX", U16, NAME),
          row("CERT", CERTIFICATE, U16, ALGORITHM, BASE64),
          row("A6", DNSJAVA),
          row("DNAME", NAME),
          row("SINK", U8, U8, U8, BASE64),
          row("APL", DNSJAVA),
          row("DS", U16, ALGORITHM, U8, HEX),
          row("SSHFP", U8, U8, HEX),
          row("IPSECKEY", U8, U8, U8, GATEWAY, OPTIONAL_BASE64),
          row("RRSIG", TYPE, ALGORITHM, U8, SECONDS, TIME, TIME, U16, NAME, BASE64),
          row("NSEC", NAME, TYPES),
          row("DNSKEY", U16, U8, ALGORITHM, BASE64),
          row("DHCID", BASE64),
          row("NSEC3", U8, U8, U16, SALT, HASH, TYPES),
          row("NSEC3PARAM", U8, U8, U16, SALT),
          row("TLSA", U8, U8, U8, HEX),
          row("SMIMEA", U8, U8, U8, HEX),
          row("HIP", HOST_IDENTITY),
          row("NINFO", STRINGS),
          row("RKEY", U16, U8, ALGORITHM, BASE64),
          row("TALINK", NAME, NAME),
          row("CDS", U16, ALGORITHM, U8, HEX),
          row("CDNSKEY", U16, U8, ALGORITHM, BASE64),
          row("OPENPGPKEY", BASE64),
          row("CSYNC", U32, U16, TYPES),
          row("ZONEMD", U32, U8, U8, HEX),
          row("SVCB", U16, NAME, SERVICE_PARAMETERS),
          row("HTTPS", U16, NAME, SERVICE_PARAMETERS),
          row("DSYNC", TYPE, SCHEME, U16, NAME),
          row("HHIT", BASE64),
          row("BRID", BASE64),
          row("SPF", STRINGS),
          row("UINFO", NONE),
          row("UID", NONE),
          row("GID", NONE),
          row("UNSPEC", NONE),
          row("NID", U16, LOCATOR),
          row("L32", U16, IPV4),
          row("L64", U16, LOCATOR),
          row("LP", U16, NAME),
          row("EUI48", EUI48),
          row("EUI64", EUI64),
          row("URI", U16, U16, LONG_STRING),
          row("CAA", U8, TAG, LONG_STRING),
          row("AVC", STRINGS),
          row("DOA", U32, U32, U8, STRING, BASE64_OR_DASH),
          row("AMTRELAY", RELAY),
          row("RESINFO", STRINGS),
          row("WALLET", STRINGS),
          row("CLA", STRINGS),
          row("IPN", U64),
          row("TA", U16, ALGORITHM, U8, HEX),
          row("DLV", U16, ALGORITHM, U8, HEX));

  /**
   * Types that exist in questions and messages only: known by name, so that the message can say so.
   */
  private static final List<Row> META =
      List.of(
          row("OPT", NONE),
          row("NXNAME", NONE),
          row("TKEY", NONE),
          row("TSIG", NONE),
          row("IXFR", NONE),
          row("AXFR", NONE),
          row("MAILB", NONE),
          row("MAILA", NONE),
          row("ANY", NONE));

  private static final Field[] NO_FIELDS = {NONE};
  private static final Field[][] LOW_FIELDS = new Field[265][];
  private static final Field[] TRUST_ANCHOR_FIELDS;

  /** Open addressing over the packed mnemonics; 0 is no packed mnemonic. */
  private static final int SLOTS = 512;

  private static final long[] KEYS = new long[SLOTS];
  private static final int[] NUMBERS = new int[SLOTS];

  /** Letters and digits of a mnemonic, 1 to 37; 0 for every octet that none has. */
  private static final byte[] CODE = new byte[256];

  private static final int MAX_MNEMONIC_CHARS = 12;

  static {
    for (int i = 0; i < 26; i++) {
      CODE['A' + i] = (byte) (i + 1);
      CODE['a' + i] = (byte) (i + 1);
    }
    for (int i = 0; i < 10; i++) {
      CODE['0' + i] = (byte) (27 + i);
    }
    CODE['-'] = 37;
    Arrays.fill(LOW_FIELDS, NO_FIELDS);
    for (Row row : ROWS) {
      if (row.type < LOW_FIELDS.length) {
        LOW_FIELDS[row.type] = row.fields.toArray(Field[]::new);
      }
      enter(row);
    }
    TRUST_ANCHOR_FIELDS = LOW_FIELDS[43];
    META.forEach(TypeText::enter);
  }

  private TypeText() {}

  /**
   * The fields of a type's data; {@link Field#NONE} alone for a type without a text form. The
   * caller must not change it.
   */
  static Field[] fields(int type) {
    if (type < LOW_FIELDS.length) {
      return LOW_FIELDS[type];
    }
    return type == 32768 || type == 32769 ? TRUST_ANCHOR_FIELDS : NO_FIELDS;
  }

  /** The type that {@code text[start, end)} names, as mnemonic or {@code TYPEnnn}, or −1. */
  static int number(byte[] text, int start, int end) {
    long key = pack(text, start, end);
    if (key == 0) {
      return -1;
    }
    for (int slot = slot(key); KEYS[slot] != 0; slot = slot + 1 & SLOTS - 1) {
      if (KEYS[slot] == key) {
        return NUMBERS[slot];
      }
    }
    return numbered(text, start, end, "TYPE");
  }

  /** The class that {@code text[start, end)} names, as mnemonic or {@code CLASSnnn}, or −1. */
  static int classNumber(byte[] text, int start, int end) {
    if (end - start == 2) {
      int letters = (text[start] & 0xdf) << 8 | (text[start + 1] & 0xdf);
      return switch (letters) {
        case 'I' << 8 | 'N' -> 1;
        case 'C' << 8 | 'S' -> 2;
        case 'C' << 8 | 'H' -> 3;
        case 'H' << 8 | 'S' -> 4;
        default -> -1;
      };
    }
    return numbered(text, start, end, "CLASS");
  }

  private static int numbered(byte[] text, int start, int end, String prefix) {
    int at = start + prefix.length();
    if (end <= at || end > at + 5) {
      return -1;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if ((text[start + i] & 0xdf) != prefix.charAt(i)) {
        return -1;
      }
    }
    int number = 0;
    for (; at < end; at++) {
      if (!TextValues.isDigit(text[at])) {
        return -1;
      }
      number = number * 10 + text[at] - '0';
    }
    return number <= 0xffff ? number : -1;
  }

  private static long pack(byte[] text, int start, int end) {
    if (end - start > MAX_MNEMONIC_CHARS) {
      return 0;
    }
    long key = 0;
    for (int i = start; i < end; i++) {
      int code = CODE[text[i] & 0xff];
      if (code == 0) {
        return 0;
      }
      key = key * 38 + code;
    }
    return key;
  }

  private static int slot(long key) {
    return (int) ((key * 0x9e37_79b9_7f4a_7c15L) >>> 55);
  }

  private static void enter(Row row) {
    byte[] name = row.mnemonic.getBytes(StandardCharsets.US_ASCII);
    long key = pack(name, 0, name.length);
    int slot = slot(key);
    while (KEYS[slot] != 0) {
      slot = slot + 1 & SLOTS - 1;
    }
    KEYS[slot] = key;
    NUMBERS[slot] = row.type;
  }

  private static Row row(String mnemonic, Field... fields) {
    return new Row(RecordType.parse(mnemonic), mnemonic, List.of(fields));
  }
}
