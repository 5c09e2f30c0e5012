package io.flashdns.core.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.plugin.Protocol;
import java.util.Arrays;

/**
 * What a reply to a query of each kind may say.
 *
 * <p>The rules are those that need no second implementation of answering: every record of a reply
 * stands in a zone, with its TTL, or was made from a wildcard or a DNAME in the one way there is
 * (RFC 4592, RFC 6672); none stands there twice; DNSSEC records come to those who asked; response
 * code, AA, TC and sections fit together (RFC 1034 §4.3.2, RFC 2308 §2). One thread.
 */
final class ReplyRules {
  private static final int AA = 0x0400;
  private static final int TC = 0x0200;
  private static final int IN = 1;
  private static final int ANY = 255;
  private static final int DS = 43;
  private static final int RRSIG = 46;
  private static final int NSEC = 47;
  private static final int NSEC3 = 50;
  private static final int ANSWER = 1;
  private static final int AUTHORITY = 2;
  private static final int ADDITIONAL = 3;
  private static final int PAIRWISE = 80;
  private static final byte[] TOO_LARGE_TOGETHER = "\3big\5plain\7example\0".getBytes(ISO_8859_1);

  private final KnownRecords known;
  private final boolean hooked;
  private final byte[] name = new byte[512];
  private long[] keys = new long[64];

  private QueryReading query = new QueryReading();
  private ReplyReading reply = new ReplyReading();

  /**
   * Rules for replies from these records.
   *
   * @param hooked true when {@link FuzzHooks} had their hands in them
   */
  ReplyRules(KnownRecords known, boolean hooked) {
    this.known = known;
    this.hooked = hooked;
  }

  /**
   * Judges a reply that could be read.
   *
   * @throws AssertionError when it breaks a rule
   */
  void judge(QueryReading asked, ReplyReading got, Protocol protocol) {
    query = asked;
    reply = got;
    switch (query.kind) {
      case SILENCE -> throw new AssertionError("there must be no reply");
      case OTHER_OPCODE -> {
        boolean notifyOrUpdate = query.opcode == 4 || query.opcode == 5;
        int rcode = notifyOrUpdate ? Rcode.REFUSED : Rcode.NOTIMP;
        if (query.wellFormed) {
          require(reply.rcode() == rcode, "rcode " + rcode);
          empty();
          require(reply.records == (opt() < 0 ? 0 : 1), "OPT alone");
        } else {
          header(rcode);
        }
      }
      case MALFORMED -> header(Rcode.FORMERR);
      case BAD_VERSION -> {
        int opt = opt();
        require(opt >= 0, "OPT");
        require((reply.ttl[opt] >>> 24 << 4 | reply.rcode()) == Rcode.BADVERS, "BADVERS");
        empty();
      }
      case SIGNED -> {
        require(reply.rcode() == Rcode.NOTAUTH, "NOTAUTH");
        empty();
        tsig(opt() < 0 ? 0 : 1);
      }
      case QUESTION -> {
        question(protocol);
        records();
      }
    }
  }

  private void header(int rcode) {
    require(reply.rcode() == rcode, "rcode " + rcode);
    require(reply.counts[0] == 0 && reply.records == 0, "a header alone");
    require(!reply.has(AA) && !reply.has(TC), "neither AA nor TC");
  }

  private void empty() {
    require(reply.counts[0] == 1, "the question");
    require(reply.counts[1] == 0 && reply.counts[2] == 0, "no records");
    require(!reply.has(AA) && !reply.has(TC), "neither AA nor TC");
  }

  /**
   * RFC 8945 §5.2.1: the TSIG comes back last and unsigned; it is left out where it does not fit.
   */
  private void tsig(int before) {
    require(reply.records <= before + 1, "OPT and TSIG alone");
    if (reply.records > before) {
      int r = reply.records - 1;
      require(reply.type[r] == ReplyReading.TSIG, "TSIG as its last record");
      require(reply.recordClass[r] == ANY && reply.ttl[r] == 0, "TSIG of class ANY and TTL 0");
    }
  }

  /** The rules of RFC 6891 for the reply's OPT record; returns its index or -1. */
  private int opt() {
    int opt = -1;
    for (int r = 0; r < reply.records; r++) {
      if (reply.type[r] == ReplyReading.OPT) {
        require(opt < 0 && reply.section[r] == ADDITIONAL, "one OPT, in the additional section");
        require(reply.ownerLength[r] == 1, "OPT with the root as its owner");
        require(reply.recordClass[r] == 1_232, "OPT with the server's size");
        require((reply.ttl[r] & 0x00ff_7fff) == 0, "OPT of version 0, no flag but DO");
        require((reply.ttl[r] & 0x8000) != 0 == query.dnssecOk, "DO as it came");
        options(reply.dataAt[r], reply.dataAt[r] + reply.dataLength[r]);
        opt = r;
      }
    }
    require(opt >= 0 == query.edns, "OPT to those who sent OPT");
    return opt;
  }

  private void options(int start, int end) {
    int at = start;
    boolean nsid = false;
    while (at < end) {
      require(at + 4 <= end, "whole options");
      int code = u16(at);
      int length = u16(at + 2);
      require(code == 3 || code == 15 || hooked && isOfHooks(code, length), "no other option");
      require(code != 3 || (length == 4 && !nsid), "one NSID");
      int text = hooked ? FuzzHooks.MAX_TEXT_BYTES : 0;
      require(code != 15 || length == 2 || length == 2 + text, "EDE without other text");
      nsid |= code == 3;
      at += 4 + length;
    }
    require(at == end, "options that fill OPT");
    boolean mayBeWithheld = hooked && reply.has(TC);
    require(nsid == query.wantsNsid || mayBeWithheld, "NSID to those who ask for it");
  }

  private static boolean isOfHooks(int code, int length) {
    return switch (code) {
      case 10 -> length == 8;
      case FuzzHooks.FIRST_OPTION -> length <= 1_020;
      case FuzzHooks.SECOND_OPTION -> length < 0x40;
      default -> false;
    };
  }

  private void question(Protocol protocol) {
    require(reply.counts[0] == 1, "the question");
    int opt = opt();
    int rcode = reply.rcode() | (opt < 0 ? 0 : reply.ttl[opt] >>> 24 << 4);
    if (protocol == Protocol.TCP && reply.has(TC)) {
      boolean tooLarge =
          hooked
              || query.type == ANY
                  && Arrays.equals(
                      TOO_LARGE_TOGETHER, Arrays.copyOf(reply.text, reply.questionNameLength));
      require(tooLarge, "no TC over TCP");
    }
    int wanted = codeOfType();
    if (wanted != Rcode.NOERROR) {
      require(rcode == wanted, "rcode " + wanted);
    } else if (!known.isServed(reply.text, 0, reply.questionNameLength)) {
      require(rcode == Rcode.REFUSED, "REFUSED for a name outside of all zones");
    } else {
      require(
          rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN || rcode == Rcode.YXDOMAIN,
          "an answer, not rcode " + rcode);
      sections(rcode);
      return;
    }
    require(reply.counts[1] == 0 && reply.counts[2] == 0, "no records");
    require(!reply.has(AA), "no AA");
  }

  /** The response code that follows from class and type alone, or NOERROR. */
  private int codeOfType() {
    if (query.recordClass != IN) {
      return Rcode.REFUSED;
    }
    return switch (query.type) {
      case 41, 128, 249, 250 -> Rcode.FORMERR;
      case 251, 252 -> Rcode.REFUSED;
      case 253, 254 -> Rcode.NOTIMP;
      default -> Rcode.NOERROR;
    };
  }

  private void sections(int rcode) {
    boolean truncated = reply.has(TC);
    if (!reply.has(AA)) {
      require(rcode == Rcode.NOERROR && reply.counts[1] == 0, "AA unless it is a referral");
      require(truncated || reply.count(AUTHORITY, ReplyReading.NS) > 0, "NS in a referral");
      return;
    }
    if (rcode == Rcode.NXDOMAIN && !truncated) {
      require(reply.count(AUTHORITY, ReplyReading.SOA) == 1, "SOA with NXDOMAIN");
    }
    // DS of an apex is asked of the zone above, which need not know of the one below (RFC 4035
    // §3.1.4.1).
    boolean withheld = hooked && truncated;
    if (rcode == Rcode.NXDOMAIN && reply.counts[1] == 0 && query.type != DS && !withheld) {
      missing();
    }
    if (rcode == Rcode.NOERROR && reply.counts[1] == 0 && !truncated) {
      require(reply.count(AUTHORITY, ReplyReading.SOA) == 1, "SOA with NODATA");
    }
    if (rcode == Rcode.YXDOMAIN) {
      require(reply.count(ANSWER, ReplyReading.DNAME) > 0 || withheld, "DNAME with YXDOMAIN");
    }
  }

  /** RFC 4592 §2.2.1: no such name, and no wildcard at the closest encloser. */
  private void missing() {
    int at = 0;
    int end = reply.questionNameLength;
    require(!known.isOwner(KnownRecords.hashOfName(reply.text, 0, end)), "a name that is missing");
    while (reply.text[at] != 0) {
      at += 1 + reply.text[at];
      if (known.isOwner(KnownRecords.hashOfName(reply.text, at, end - at))) {
        name[0] = 1;
        name[1] = '*';
        System.arraycopy(reply.text, at, name, 2, end - at);
        require(
            !known.isOwner(KnownRecords.hashOfName(name, 0, 2 + end - at)),
            "an answer from the wildcard");
        return;
      }
    }
  }

  /** Every record is one of a zone or made from one. */
  private void records() {
    if (keys.length < reply.records) {
      keys = new long[2 * reply.records];
    }
    for (int r = 0; r < reply.records; r++) {
      if (reply.type[r] == ReplyReading.OPT) {
        keys[r] = 0;
        continue;
      }
      require(reply.recordClass[r] == IN, "class IN");
      require(reply.ttl[r] >= 0, "no TTL of 2^31 or more");
      boolean asked = query.type == reply.type[r] || query.type == ANY;
      boolean isProof =
          switch (reply.type[r]) {
            case RRSIG, NSEC, NSEC3 -> true;
            default -> false;
          };
      require(!isProof || query.dnssecOk || asked, "no DNSSEC records without DO");
      long owner = KnownRecords.hashOfName(reply.text, reply.ownerAt[r], reply.ownerLength[r]);
      long data = KnownRecords.hashOfData(reply.text, reply.dataAt[r], reply.dataLength[r]);
      keys[r] = owner * 31 + data * 17 + reply.type[r];
      for (int before = Math.max(0, r - PAIRWISE); before < r; before++) {
        require(
            keys[before] != keys[r] || reply.section[before] != reply.section[r],
            "each record once in a section");
      }
      if (!known.isRecord(owner, reply.type[r], ttl(r), data)
          && !isFromWildcard(r, owner, data)
          && !isFromDname(r)) {
        throw new AssertionError("the reply must have records of its zones alone: " + text(r));
      }
    }
  }

  private int ttl(int r) {
    boolean isNegative =
        reply.section[r] == AUTHORITY
            && KnownRecords.isOfSoa(reply.type[r], reply.text, reply.dataAt[r]);
    return isNegative ? KnownRecords.NEGATIVE | reply.ttl[r] : reply.ttl[r];
  }

  /** RFC 4592 §3.3.1: a wildcard's record for a name that does not exist. */
  private boolean isFromWildcard(int r, long owner, long data) {
    if (known.isOwner(owner)) {
      return false;
    }
    name[0] = 1;
    name[1] = '*';
    int at = reply.ownerAt[r];
    int end = at + reply.ownerLength[r];
    while (reply.text[at] != 0) {
      at += 1 + reply.text[at];
      System.arraycopy(reply.text, at, name, 2, end - at);
      if (known.isRecord(
          KnownRecords.hashOfName(name, 0, 2 + end - at), reply.type[r], reply.ttl[r], data)) {
        return true;
      }
    }
    return false;
  }

  /**
   * RFC 6672 §2.2, §3.1: a CNAME whose owner has the end of its name replaced by the target of a
   * DNAME before it.
   */
  private boolean isFromDname(int cname) {
    if (reply.type[cname] != ReplyReading.CNAME || reply.section[cname] != ANSWER) {
      return false;
    }
    for (int dname = 0; dname < cname; dname++) {
      int below = reply.ownerLength[cname] - reply.ownerLength[dname];
      if (reply.type[dname] != ReplyReading.DNAME || below <= 0) {
        continue;
      }
      int target = reply.dataAt[dname];
      int length = below + reply.dataLength[dname];
      if (length > 255 || length != reply.dataLength[cname]) {
        continue;
      }
      System.arraycopy(reply.text, reply.ownerAt[cname], name, 0, below);
      System.arraycopy(reply.text, reply.ownerAt[dname], name, below, reply.ownerLength[dname]);
      boolean isBelow = sameText(reply.ownerAt[cname], reply.ownerLength[cname]);
      System.arraycopy(reply.text, target, name, below, reply.dataLength[dname]);
      if (isBelow
          && sameText(reply.dataAt[cname], length)
          && reply.ttl[cname] == reply.ttl[dname]) {
        return true;
      }
    }
    return false;
  }

  private boolean sameText(int at, int length) {
    return Arrays.equals(name, 0, length, reply.text, at, at + length);
  }

  private String text(int r) {
    StringBuilder text = new StringBuilder("section " + reply.section[r] + " ");
    for (int i = 0; i < reply.ownerLength[r]; i++) {
      byte octet = reply.text[reply.ownerAt[r] + i];
      text.append(octet > 32 && octet < 127 ? (char) octet : '.');
    }
    text.append(" ttl ")
        .append(reply.ttl[r])
        .append(" type ")
        .append(reply.type[r])
        .append(" data ");
    for (int i = 0; i < Math.min(80, reply.dataLength[r]); i++) {
      text.append(String.format("%02x", reply.text[reply.dataAt[r] + i]));
    }
    return text.toString();
  }

  private int u16(int at) {
    return (reply.text[at] & 0xff) << 8 | reply.text[at + 1] & 0xff;
  }

  private static void require(boolean held, String wanted) {
    if (!held) {
      throw new AssertionError("the reply must have " + wanted);
    }
  }
}
