package io.flashdns.bench.load;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Zones of many tenants and what is asked of them: the shape in which servers are compared.
 *
 * <p>Zone {@code i} is {@code ti.example(i mod 97).test}, with 17 records around its apex, a
 * wildcard, a delegation, an alias, a service, and {@code names} hosts {@code h0}, {@code h1} and
 * so on with an address each, every fourth one with IPv6 too. Address 10.0.0.0 plus the host's
 * number says which host answered.
 *
 * @param zones at least one
 * @param names hosts of each zone, 1 to 2^24
 * @param spread how often each zone is asked
 * @param seed of what is random
 */
public record Workload(int zones, int names, Spread spread, long seed) {
  private static final int PARENTS = 97;
  private static final int MOST_NAMES = 1 << 24;
  private static final int TEN = 10 << 24;

  /** How queries are spread over zones. */
  public enum Spread {
    /** Zone {@code zones * r^3} of a random r: a tenth of the zones has 46 % of the queries. */
    CUBIC,
    /** All alike. */
    UNIFORM,
    /** Zone {@code i} in the proportion 1 to {@code i + 1}. */
    ZIPF
  }

  /** What is asked. */
  public enum Kind {
    /** Hosts that are there, for their IPv4 address. */
    HIT,
    /** All kinds of answers, in the proportions of a real server. */
    MIX,
    /** Random names that are not there, out of a list. */
    NX,
    /** Random names that are not there, each of them new. */
    FLOOD
  }

  /**
   * A question and its answer.
   *
   * @param name with all its labels, without the final dot
   * @param reply as {@link Expected#parse} reads it
   */
  record Question(String name, int type, String reply) {
    String line() {
      return name + " " + RecordType.text(type);
    }
  }

  public Workload {
    if (zones < 1 || names < 1 || names > MOST_NAMES) {
      throw new IllegalArgumentException(
          "a workload has at least one zone, and 1 to " + MOST_NAMES + " names in each");
    }
  }

  /** The apex of a zone, without the final dot. */
  public static String apex(int zone) {
    return "t" + zone + ".example" + zone % PARENTS + ".test";
  }

  /** The text of a zone file. */
  public String zoneFile(int zone) {
    StringBuilder text =
        new StringBuilder(1024 + names * 24)
            .append("$ORIGIN ")
            .append(apex(zone))
            .append(".\n$TTL 300\n")
            .append("@ IN SOA ns1 hostmaster 1 7200 900 1209600 300\n")
            .append("@ IN NS ns1\n@ IN NS ns2\n@ IN MX 10 mail\n@ IN TXT \"v=spf1 mx -all\"\n")
            .append("@ IN A 192.0.2.1\nns1 IN A 192.0.2.2\nns2 IN A 192.0.2.3\n")
            .append("ns2 IN AAAA 2001:db8::3\nmail IN A 192.0.2.4\nwww IN CNAME h0\n")
            .append("*.wild IN A 192.0.2.9\nsub IN NS ns1.sub\nsub IN NS ns2.sub\n")
            .append("ns1.sub IN A 192.0.2.10\nns2.sub IN A 192.0.2.11\n")
            .append("_sip._tcp IN SRV 10 5 5060 mail\n");
    for (int host = 0; host < names; host++) {
      text.append('h').append(host).append(" IN A ").append(ipv4(host)).append('\n');
      if (host % 4 == 0) {
        text.append('h').append(host).append(" IN AAAA ").append(ipv6(host)).append('\n');
      }
    }
    return text.toString();
  }

  private static String ipv4(int host) {
    int address = TEN + host;
    return "10." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "." + (address & 255);
  }

  private static String ipv6(int host) {
    return "2001:db8::" + Integer.toHexString(host & 0xffff);
  }

  /** A list of questions with what must come back. */
  public Queries queries(Kind kind, int count) {
    Questions questions = questions(kind);
    Queries.Builder list = Queries.builder();
    Expected[] expected = new Expected[count];
    for (int i = 0; i < count; i++) {
      Question question = questions.next();
      if (kind == Kind.FLOOD) {
        list.addNewBelow(DomainName.parse(question.name()), question.type());
      } else {
        list.add(DomainName.parse(question.name()), question.type());
      }
      expected[i] = Expected.parse(question.reply());
    }
    return list.build().expecting(expected);
  }

  /** The questions of a kind, without end; those of a flood are apexes. */
  Questions questions(Kind kind) {
    return new Questions(kind);
  }

  /** Draws questions. One thread. */
  final class Questions {
    private static final String NXDOMAIN = "NXDOMAIN 0";
    private static final String NODATA = "NOERROR 0";

    private final Kind kind;
    private final SplittableRandom dice;
    private final double[] cumulative;

    private Questions(Kind kind) {
      this.kind = kind;
      dice =
          new SplittableRandom(
              seed * Kind.values().length + Arrays.asList(Kind.values()).indexOf(kind));
      cumulative = new double[spread == Spread.ZIPF ? zones : 0];
      double sum = 0;
      for (int i = 0; i < cumulative.length; i++) {
        sum += 1.0 / (i + 1);
        cumulative[i] = sum;
      }
    }

    /** The next question. */
    Question next() {
      return switch (kind) {
        case HIT -> hit(apex(zone()));
        case NX -> new Question("x" + hex(48) + "." + apex(zone()), RecordType.A, NXDOMAIN);
        case FLOOD -> new Question(apex(zone()), RecordType.A, NXDOMAIN);
        case MIX -> mix(dice.nextDouble(), apex(zone()));
      };
    }

    private int zone() {
      double r = dice.nextDouble();
      return switch (spread) {
        case CUBIC -> (int) (zones * r * r * r);
        case UNIFORM -> (int) (zones * r);
        case ZIPF -> {
          int found = Arrays.binarySearch(cumulative, r * cumulative[zones - 1]);
          yield Math.min(zones - 1, found < 0 ? -found - 1 : found + 1);
        }
      };
    }

    private String hex(int bits) {
      return Long.toHexString(dice.nextLong() >>> (64 - bits));
    }

    private Question hit(String apex) {
      int host = dice.nextInt(names);
      return new Question("h" + host + "." + apex, RecordType.A, "NOERROR 1 " + ipv4(host));
    }

    private Question mix(double r, String apex) {
      if (r < .50) {
        return hit(apex);
      }
      if (r < .65) {
        int host = dice.nextInt(names);
        return new Question(
            "h" + host + "." + apex,
            RecordType.AAAA,
            host % 4 == 0 ? "NOERROR 1 " + ipv6(host) : NODATA);
      }
      if (r < .70) {
        return new Question("www." + apex, RecordType.A, "NOERROR 2 " + ipv4(0));
      }
      if (r < .75) {
        return new Question(apex, RecordType.MX, "NOERROR 1");
      }
      if (r < .78) {
        return new Question(apex, RecordType.TXT, "NOERROR 1");
      }
      if (r < .80) {
        return new Question(apex, RecordType.NS, "NOERROR 2");
      }
      if (r < .82) {
        return new Question(apex, RecordType.SOA, "NOERROR 1");
      }
      if (r < .86) {
        return new Question("a" + hex(20) + ".wild." + apex, RecordType.A, "NOERROR 1 192.0.2.9");
      }
      if (r < .89) {
        return new Question("b" + hex(20) + ".sub." + apex, RecordType.A, NODATA);
      }
      if (r < .91) {
        return new Question("_sip._tcp." + apex, RecordType.SRV, "NOERROR 1");
      }
      if (r < .93) {
        return new Question("h" + dice.nextInt(names) + "." + apex, RecordType.HTTPS, NODATA);
      }
      return new Question("x" + hex(32) + "." + apex, RecordType.A, NXDOMAIN);
    }
  }
}
