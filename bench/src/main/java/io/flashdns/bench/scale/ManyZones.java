package io.flashdns.bench.scale;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import java.util.SplittableRandom;

/**
 * Zones of ten records each, numbered: apex {@code tN.exampleM.test} with SOA, two NS, MX and TXT,
 * addresses of {@code ns1}, {@code ns2}, {@code mail} and {@code www}, and the alias {@code ftp} of
 * {@code www}. The address of {@code www} is 10.0.0.0 plus the number, so that an answer from
 * another zone is seen.
 */
final class ManyZones {
  static final int RECORDS = 10;

  /** Most zones: the address of {@code www} has room for so many. */
  static final int MAX_ZONES = 1 << 24;

  private static final int TTL = 300;
  private static final int PARENTS = 97;
  private static final int NS1 = 0xc000_0201;
  private static final int NS2 = 0xc000_0202;
  private static final int MAIL = 0xc000_0203;
  private static final int TEN = 0x0a00_0000;

  private ManyZones() {}

  /**
   * A question, and what must come back.
   *
   * @param name without the final dot
   * @param answers records in the answer section
   * @param address of the last of them; 0 when it is no address
   */
  record Question(String name, int type, int rcode, int answers, int address) {
    /** Name and type as lists of queries have them. */
    String line() {
      return name + " " + RecordType.text(type);
    }
  }

  static String apex(int number) {
    return "t" + number + ".example" + number % PARENTS + ".test";
  }

  /** The text of a zone file, 10 records. */
  static String zoneFile(int number) {
    return "$ORIGIN "
        + apex(number)
        + ".\n$TTL "
        + TTL
        + "\n@ IN SOA ns1 hostmaster 1 7200 900 1209600 300\n"
        + "@ IN NS ns1\n@ IN NS ns2\n@ IN MX 10 mail\n@ IN TXT \"v=spf1 mx -all\"\n"
        + "ns1 IN A 192.0.2.1\nns2 IN A 192.0.2.2\nmail IN A 192.0.2.3\nwww IN A "
        + address(TEN + number)
        + "\nftp IN CNAME www\n";
  }

  private static String address(int octets) {
    return (octets >>> 24)
        + "."
        + (octets >> 16 & 255)
        + "."
        + (octets >> 8 & 255)
        + "."
        + (octets & 255);
  }

  /** A random question about the first {@code zones} zones, or now and then about none of them. */
  static Question question(SplittableRandom dice, int zones) {
    int number = dice.nextInt(zones);
    String apex = apex(number);
    int kind = dice.nextInt(100);
    if (kind < 50) {
      return new Question("www." + apex, RecordType.A, Rcode.NOERROR, 1, TEN + number);
    } else if (kind < 60) {
      return new Question("ftp." + apex, RecordType.A, Rcode.NOERROR, 2, TEN + number);
    } else if (kind < 64) {
      return new Question("ns1." + apex, RecordType.A, Rcode.NOERROR, 1, NS1);
    } else if (kind < 68) {
      return new Question("ns2." + apex, RecordType.A, Rcode.NOERROR, 1, NS2);
    } else if (kind < 72) {
      return new Question("mail." + apex, RecordType.A, Rcode.NOERROR, 1, MAIL);
    } else if (kind < 76) {
      return new Question(apex, RecordType.NS, Rcode.NOERROR, 2, 0);
    } else if (kind < 80) {
      return new Question(apex, RecordType.MX, Rcode.NOERROR, 1, 0);
    } else if (kind < 84) {
      return new Question(apex, RecordType.SOA, Rcode.NOERROR, 1, 0);
    } else if (kind < 90) {
      return new Question("www." + apex, RecordType.AAAA, Rcode.NOERROR, 0, 0);
    } else if (kind < 97) {
      String label = "x" + Long.toHexString(dice.nextLong() >>> 16);
      return new Question(label + "." + apex, RecordType.A, Rcode.NXDOMAIN, 0, 0);
    } else {
      int beyond = zones + dice.nextInt(zones);
      return new Question("www." + apex(beyond), RecordType.A, Rcode.REFUSED, 0, 0);
    }
  }

  /** The name of a question in wire form. */
  static byte[] wire(String name) {
    return DomainName.parse(name).wire();
  }
}
