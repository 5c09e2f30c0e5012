package io.flashdns.core.dns;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Record types that the answering rules name (RFC 1035 §3.2.2 and the RFC of each). Any other
 * number is served as data.
 */
public final class RecordType {
  public static final int A = 1;
  public static final int NS = 2;
  public static final int MD = 3;
  public static final int MF = 4;
  public static final int CNAME = 5;
  public static final int SOA = 6;
  public static final int MB = 7;
  public static final int MG = 8;
  public static final int MR = 9;
  public static final int PTR = 12;
  public static final int MINFO = 14;
  public static final int MX = 15;
  public static final int TXT = 16;
  public static final int RP = 17;
  public static final int AFSDB = 18;
  public static final int AAAA = 28;
  public static final int SRV = 33;
  public static final int NAPTR = 35;
  public static final int DNAME = 39;
  public static final int OPT = 41;
  public static final int DS = 43;
  public static final int RRSIG = 46;
  public static final int NSEC = 47;
  public static final int DNSKEY = 48;
  public static final int NSEC3 = 50;
  public static final int NSEC3PARAM = 51;
  public static final int TLSA = 52;
  public static final int SVCB = 64;
  public static final int HTTPS = 65;
  public static final int NXNAME = 128;
  public static final int TKEY = 249;
  public static final int TSIG = 250;
  public static final int IXFR = 251;
  public static final int AXFR = 252;
  public static final int MAILB = 253;
  public static final int MAILA = 254;
  public static final int ANY = 255;
  public static final int CAA = 257;

  /** The largest type number. */
  public static final int MAX = 0xffff;

  private static final String GENERIC = "TYPE";

  /** Numbers and mnemonics of the registry, in turn. */
  private static final String REGISTERED =
      """
      1 A 2 NS 3 MD 4 MF 5 CNAME 6 SOA 7 MB 8 MG 9 MR 10 NULL 11 WKS 12 PTR 13 HINFO 14 MINFO 15 MX
      16 TXT 17 RP 18 AFSDB 19 X25 20 ISDN 21 RT 22 NSAP 23 NSAP-PTR 24 SIG 25 KEY 26 PX 27 GPOS
      28 AAAA 29 LOC 30 NXT 31 EID 32 NIMLOC 33 SRV 34 ATMA 35 NAPTR 36 KX 37 CERT 38 A6 39 DNAME
      40 SINK 41 OPT 42 APL 43 DS 44 SSHFP 45 IPSECKEY 46 RRSIG 47 NSEC 48 DNSKEY 49 DHCID 50 NSEC3
      51 NSEC3PARAM 52 TLSA 53 SMIMEA 55 HIP 56 NINFO 57 RKEY 58 TALINK 59 CDS 60 CDNSKEY
      61 OPENPGPKEY 62 CSYNC 63 ZONEMD 64 SVCB 65 HTTPS 66 DSYNC 67 HHIT 68 BRID 99 SPF 100 UINFO
      101 UID 102 GID 103 UNSPEC 104 NID 105 L32 106 L64 107 LP 108 EUI48 109 EUI64 128 NXNAME
      249 TKEY 250 TSIG 251 IXFR 252 AXFR 253 MAILB 254 MAILA 255 ANY 256 URI 257 CAA 258 AVC
      259 DOA 260 AMTRELAY 261 RESINFO 262 WALLET 263 CLA 264 IPN 32768 TA 32769 DLV
      """;

  private static final Map<Integer, String> TEXT = new HashMap<>();
  private static final Map<String, Integer> NUMBER = new HashMap<>();

  static {
    String[] words = REGISTERED.strip().split("\\s+");
    for (int i = 0; i < words.length; i += 2) {
      TEXT.put(Integer.valueOf(words[i]), words[i + 1]);
      NUMBER.put(words[i + 1], Integer.valueOf(words[i]));
    }
  }

  private RecordType() {}

  /** The mnemonic, or {@code TYPEnnn} where none is known (RFC 3597 §5). May allocate. */
  public static String text(int type) {
    String text = TEXT.get(type);
    return text == null ? GENERIC + type : text;
  }

  /**
   * The number of a type written as its mnemonic or as {@code TYPEnnn}, in any case of letters.
   *
   * @throws IllegalArgumentException when it is none; the message quotes it
   */
  public static int parse(String text) {
    String word = text.toUpperCase(Locale.ROOT);
    Integer number = NUMBER.get(word);
    if (number != null) {
      return number;
    }
    if (word.matches(GENERIC + "\\d{1,5}")) {
      int generic = Integer.parseInt(word.substring(GENERIC.length()));
      if (generic <= MAX) {
        return generic;
      }
    }
    throw new IllegalArgumentException(
        "'" + text + "' is no record type: write a mnemonic as AAAA, or TYPE and its number");
  }

  /**
   * True for types that exist in queries or messages only and may not stand in a zone: OPT, and 128
   * to 255 (RFC 6895 §3.1).
   */
  public static boolean isMeta(int type) {
    return type == OPT || (type >= 128 && type <= 255);
  }

  /**
   * True where names in the data may be compressed: the types of RFC 1035 alone (RFC 3597 §4). All
   * are of the form <i>fixed octets, then one or two names, then fixed octets</i>.
   */
  public static boolean mayCompress(int type) {
    return switch (type) {
      case NS, MD, MF, CNAME, SOA, MB, MG, MR, PTR, MINFO, MX -> true;
      default -> false;
    };
  }
}
