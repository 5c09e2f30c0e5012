package io.flashdns.core.dns;

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

  private RecordType() {}

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
