package io.flashdns.differential;

import io.flashdns.differential.ZoneSource.Signing;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writes the records of one zone: each method adds one thing that resolvers meet, under owners of
 * its own, so that they can be mixed without a name becoming alias and host at once. One thread.
 */
final class ZoneContent {
  private static final int[] TTLS = {0, 1, 60, 300, 3600, 86_400, Integer.MAX_VALUE};

  /** The signing tool lowers the TTL of a signature to what is left of its validity. */
  private static final int MAX_SIGNED_TTL = 604_800;

  private final Random random;
  private final String apex;
  private final Signing signing;
  private final List<String> apexes;
  private final RdataText data;
  private final StringBuilder text = new StringBuilder();
  private final boolean upperCase;
  private int serial;
  private int children;

  /**
   * @param signing how the zone will be signed
   * @param apexes of all zones, to point to
   */
  ZoneContent(Random random, String apex, Signing signing, List<String> apexes) {
    this.random = random;
    this.apex = apex;
    this.signing = signing;
    this.apexes = apexes;
    this.data = new RdataText(random, this::someHost);
    this.upperCase = random.nextInt(8) == 0;
  }

  ZoneSource source() {
    return new ZoneSource(apex, signing, text.toString());
  }

  /** SOA and name servers; negative TTLs above and below that of the SOA. */
  void apex() {
    String soa =
        in("ns0")
            + " "
            + in("host\\.master")
            + " "
            + (1 + random.nextInt(1 << 30))
            + " 7200 900 1209600 ";
    add("", oddTtl(), "SOA", soa + oddTtl());
    int ttl = ttl();
    add("", ttl, "NS", in("ns0"));
    if (random.nextBoolean()) {
      add("", ttl, "NS", in("NS1"));
    }
    if (random.nextInt(3) == 0) {
      add("", ttl, "NS", "ns.elsewhere.invalid.");
    }
    if (random.nextInt(4) == 0) {
      add("", ttl, "NS", join("h0", someApex()));
    }
    addresses("ns0");
    addresses("ns1");
  }

  /** Data at the apex beside SOA and NS. */
  void apexData() {
    some("", "A", "MX", "TXT", "CAA", "HTTPS", "TYPE65280");
  }

  /** A DNAME at the apex; such a zone has nothing below it. */
  void apexOnlyWithDname() {
    add("", oddTtl(), "SOA", "ns.elsewhere.invalid. root.invalid. 1 7200 900 1209600 300");
    int ttl = ttl();
    add("", ttl, "NS", "ns.elsewhere.invalid.");
    add("", ttl, "NS", join("h0", someApex()));
    add("", ttl(), "DNAME", random.nextBoolean() ? someApex() : join("w0", someApex()));
    some("", "A", "TXT", "MX");
  }

  void hosts() {
    for (int i = 0; i < 4; i++) {
      addresses("h" + i);
    }
    add("only6", ttl(), "AAAA", data.address6());
    add("only4", ttl(), "A", data.address());
  }

  /** Names with a few of all types that a zone may hold. */
  void allTypes() {
    int from = random.nextInt(RdataText.PLAIN_TYPES.length);
    for (int i = 0; i < 12; i++) {
      String type = RdataText.PLAIN_TYPES[(from + i) % RdataText.PLAIN_TYPES.length];
      rrset("t-" + type.toLowerCase(Locale.ROOT), type);
    }
    some("many", RdataText.PLAIN_TYPES);
  }

  void services() {
    rrset("_sip._udp", "SRV");
    rrset("_dns.svc", "SVCB");
    rrset("www", "HTTPS");
    addresses("www");
    add("svc-alias", ttl(), "HTTPS", "0 " + in("www"));
    add("svc-self", ttl(), "HTTPS", "1 . alpn=h2");
    addresses("svc-self");
    add("svc-chain", ttl(), "SVCB", "0 " + in("_dns.svc"));
    add("mx", ttl(), "MX", "10 " + in("h0"));
    add("mx-null", ttl(), "MX", "0 .");
  }

  /** Records that differ in the case of a name alone: one record (RFC 3597 §6, RFC 4034 §6.3). */
  void twins() {
    for (String type : List.of("MX", "SRV", "PTR", "RP", "KX", "AFSDB")) {
      String owner = "twin-" + type.toLowerCase(Locale.ROOT);
      String before =
          switch (type) {
            case "SRV" -> "1 2 3 ";
            case "MX", "KX", "AFSDB" -> "7 ";
            default -> "";
          };
      String after = type.equals("RP") ? " " + in("h1") : "";
      int ttl = ttl();
      add(owner, ttl, type, before + in("h0") + after);
      add(owner, ttl, type, before + in("h0").toUpperCase(Locale.ROOT) + after);
      add(owner, ttl, type, before + in("h2") + after);
    }
  }

  /**
   * Wildcards at several depths, names that block them, and the asterisk where it is no wildcard.
   */
  void wildcards() {
    some("*.w0", "A", "TXT", "MX");
    some("*.deep.er.w0", "AAAA", "TXT");
    some("blocked.w0", "TXT");
    some("below.blocked.w0", "A");
    some("a.ent.w0", "A");
    some("*.ent.w0", "MX");
    add("*.w1", ttl(), "CNAME", in("h0"));
    add("*.w2", ttl(), "CNAME", someTarget());
    add("host.w2", ttl(), "A", data.address());
    some("x.*.w3", "A", "TXT");
    some("*.*.w4", "TXT");
    some("sub.*.w5", "A");
    some("*.w5", "TXT", "SRV");
    some("a*.w6", "A");
    some("\\*b.w6", "A");
    some("*.w7", "HTTPS", "CAA", "TYPE65280");
    add("*.w8", ttl(), "CNAME", in("x.w9"));
    add("*.w9", ttl(), "CNAME", in("x.w0"));
    add("*.wl", ttl(), "CNAME", in("again.wl"));
  }

  void apexWildcard() {
    if (random.nextInt(3) == 0) {
      add("*", ttl(), "CNAME", in("h0"));
    } else {
      some("*", "A", "TXT", "MX");
    }
  }

  void emptyNonTerminals() {
    some("a.b.c.d.e0", "A", "TXT");
    some("x.b.c.d.e0", "TXT");
    some("z.e1", "A");
    add("_443._tcp.e2", ttl(), "TLSA", data.of("TLSA"));
  }

  void aliases() {
    add("c0", ttl(), "CNAME", in("h0"));
    add("c1", ttl(), "CNAME", in("c0"));
    add("c2", ttl(), "CNAME", in("C1"));
    add("c-ent", ttl(), "CNAME", in("c.d.e0"));
    add("c-none", ttl(), "CNAME", in("nothing.here"));
    add("c-wild", ttl(), "CNAME", in("any.w0"));
    add("c-wild2", ttl(), "CNAME", in("any.w1"));
    add("c-cut", ttl(), "CNAME", in("www.del0"));
    add("c-atcut", ttl(), "CNAME", in("del1"));
    add("c-dname", ttl(), "CNAME", in("x.d0"));
    add("c-apex", ttl(), "CNAME", in(""));
    add("c-out", ttl(), "CNAME", "www.nowhere.invalid.");
    add("c-self", ttl(), "CNAME", in("c-self"));
    add("c-loop0", ttl(), "CNAME", in("c-loop1"));
    add("c-loop1", ttl(), "CNAME", in("c-loop2"));
    add("c-loop2", ttl(), "CNAME", in("c-loop0"));
    for (int i = 0; i < 4; i++) {
      add("c-far" + i, ttl(), "CNAME", someTarget());
    }
  }

  /** Chains of 1 to {@code length} aliases. */
  void longChain(int length) {
    for (int i = 1; i <= length; i++) {
      add("chain" + i, ttl(), "CNAME", in(i == 1 ? "h0" : "chain" + (i - 1)));
    }
  }

  void redirections() {
    add("d0", ttl(), "DNAME", in("h-tree"));
    some("x.h-tree", "A", "TXT");
    some("*.star.h-tree", "A");
    addresses("h-tree");
    add("d1", ttl(), "DNAME", in("d0"));
    add("d2", ttl(), "DNAME", someApex());
    some("d2", "A", "TXT");
    add("d3", ttl(), "DNAME", "nowhere.invalid.");
    add("d-del", ttl(), "DNAME", in("del0"));
    add("d-w", ttl(), "DNAME", in("w0"));
    add("d-into", ttl(), "DNAME", in("x.d-into"));
    add("d-loop0", ttl(), "DNAME", in("d-loop1"));
    add("d-loop1", ttl(), "DNAME", in("d-loop0"));
    add("deep.er.d4", ttl(), "DNAME", in("h-tree"));
    add("*.wd", ttl(), "CNAME", in("x.d0"));
    if (apex.length() < 60) {
      add(
          "d-long",
          ttl(),
          "DNAME",
          in(label('l', 63) + "." + label('m', 63) + "." + label('n', 50)));
    }
  }

  void delegations() {
    int ttl = ttl();
    add("del0", ttl, "NS", in("ns0.del0"));
    add("del0", ttl, "NS", in("ns1.del0"));
    addresses("ns0.del0");
    addresses("ns1.del0");
    maybeSigned("del0");
    // Sibling glue, in-zone servers, and servers elsewhere.
    add("del1", ttl, "NS", in("ns0.del0"));
    add("del1", ttl, "NS", in("ns0"));
    add("del1", ttl, "NS", "ns.elsewhere.invalid.");
    maybeSigned("del1");
    add("del2", ttl, "NS", "ns1.elsewhere.invalid.");
    add("del2", ttl, "NS", join("h0", someApex()));
    add("x.y.del3", ttl, "NS", in("ns.x.y.del3"));
    addresses("ns.x.y.del3");
    some("host.y.del3", "A");
    // The server is the cut itself.
    add("del4", ttl, "NS", in("del4"));
    addresses("del4");
    // Hidden by the cut: more data, an alias, a cut below it.
    some("www.del1", "A", "TXT");
    add("alias.del1", ttl(), "CNAME", in("h0"));
    add("inner.del1", ttl(), "NS", in("ns.inner.del1"));
    addresses("ns.inner.del1");
    some("*.del2", "A");
    some("del2", "TXT");
    add("dead", ttl, "NS", in("ns.dead"));
    add("alias-ns", ttl, "NS", in("c0"));
    maybeSigned("alias-ns");
    add("wild-ns", ttl, "NS", in("any.w0"));
    add("cut-ns", ttl, "NS", in("www.del2"));
  }

  /** More glue than fits into 512 or 1,232 octets. */
  void crowdedDelegations() {
    int ttl = ttl();
    for (int i = 0; i < 13; i++) {
      add("full", ttl, "NS", in("ns" + i + ".full"));
      addresses("ns" + i + ".full");
      add("sib", ttl, "NS", in("server-number-" + i + ".with-a-long-name.full"));
      addresses("server-number-" + i + ".with-a-long-name.full");
    }
    for (int i = 0; i < 40; i++) {
      add("crowd", ttl, "NS", in("name-server-" + i + ".in-the." + i + ".crowd"));
      if (i % 3 == 0) {
        addresses("name-server-" + i + ".in-the." + i + ".crowd");
      }
    }
    maybeSigned("full");
  }

  void largeRrsets() {
    int ttl = ttl();
    add("txt600", ttl(), "TXT", data.text(600));
    add("txt1300", ttl(), "TXT", data.text(1300));
    add("txt5000", ttl(), "TXT", data.text(5000));
    for (int i = 0; i < 60; i++) {
      add("mx60", ttl, "MX", i + " " + in("mail" + i));
      add("a100", ttl, "A", data.address());
    }
    for (int i = 0; i < 20; i++) {
      add("*.wide", ttl, "TXT", data.text(40));
    }
  }

  /**
   * Nearly as much as a message can carry, and names behind the last offset that a pointer reaches.
   */
  void hugeRrsets() {
    add("txt60k", ttl(), "TXT", data.text(60_000));
    int ttl = ttl();
    for (int i = 0; i < 900; i++) {
      add("mx900", ttl, "MX", i + " " + in("mail" + i + ".of-many"));
    }
    // Additional data whose owners stand behind the last offset that a pointer reaches, and before
    // it.
    for (int i = 0; i < 450; i++) {
      add("https450", ttl, "HTTPS", (1 + i) + " host" + i + "." + in("of-many") + " port=" + i);
      add("host" + i + ".of-many", ttl, "A", data.address());
      add("cut450", ttl, "NS", in("server" + i + ".cut450"));
      add(
          "server" + i + ".cut450",
          ttl,
          i % 2 == 0 ? "A" : "AAAA",
          i % 2 == 0 ? data.address() : data.address6());
    }
  }

  /** RRsets whose replies come close to 512 and 1,232 octets. */
  void snugRrsets() {
    for (int i = 0; i < 12; i++) {
      add("snug" + i, ttl(), "TXT", data.text(400 + random.nextInt(110)));
      add("snug1k" + i, ttl(), "TXT", data.text(1100 + random.nextInt(130)));
    }
  }

  /** The longest names, and the deepest. */
  void longNames() {
    int left = maxNameBytes() - 1 - wireLength(apex);
    StringBuilder name = new StringBuilder();
    while (left > 1) {
      int octets = Math.min(63, left - 1);
      name.append(name.isEmpty() ? "" : ".")
          .append(label((char) ('a' + random.nextInt(26)), octets));
      left -= octets + 1;
    }
    if (!name.isEmpty()) {
      add(name.toString(), ttl(), "TXT", "\"longest\"");
      add("to-longest", ttl(), "CNAME", in(name.toString()));
    }
    int labels = Math.min(127 - labels(apex), (maxNameBytes() - 1 - wireLength(apex)) / 2);
    if (labels > 2) {
      String deep = IntStream.range(0, labels).mapToObj(_ -> "d").collect(Collectors.joining("."));
      add(deep, ttl(), "A", data.address());
      String wild =
          IntStream.range(0, labels - 2).mapToObj(_ -> "e").collect(Collectors.joining("."));
      add("*." + wild, ttl(), "TXT", "\"deep wildcard\"");
    }
  }

  /** Labels of any octets. */
  void oddLabels() {
    some("\\000", "A");
    some("\\255\\254.odd", "TXT", "A");
    some("with\\.dot.odd", "A");
    some("with\\032space.odd", "A", "MX");
    some("back\\\\slash.odd", "A");
    some("-.odd", "A");
    some("_.odd", "A");
    some("*.\\001.odd", "TXT");
    if (signing == Signing.UNSIGNED) {
      some("\\034quote.odd", "TXT");
      some("semi\\059colon\\040\\041.odd", "TXT");
      some("\\064.odd", "A");
      some("\\036.odd", "A");
    }
    for (int i = 0; i < 4; i++) {
      StringBuilder label = new StringBuilder();
      for (int octets = 1 + random.nextInt(20); octets > 0; octets--) {
        label.append(String.format(Locale.ROOT, "\\%03d", octet()));
      }
      some(label + ".rnd" + i, "A", "TXT");
    }
  }

  /**
   * Any octet; in a signed zone one that the signing tool escapes, because Knot does not read all
   * that it leaves as it is.
   */
  private int octet() {
    int octet = random.nextInt(256);
    return signing == Signing.UNSIGNED || octet <= ' ' || octet >= 127 ? octet : 'q';
  }

  /**
   * A delegation to a zone that is served here as well, with glue as that zone's own writer gives
   * it.
   */
  void delegateTo(String child) {
    int ttl = ttl();
    String relative = relative(child);
    add(relative, ttl, "NS", "ns0." + child);
    add(relative, ttl, "NS", "ns.elsewhere.invalid.");
    add("ns0." + relative, ttl(), "A", data.address());
    maybeSigned(relative);
    children++;
    add("c-child" + children, ttl(), "CNAME", "h0." + child);
    add("c-none" + children, ttl(), "CNAME", "nothing." + child);
  }

  /** Names below another served zone that this zone does not delegate. */
  void hideBehind(String child) {
    add("hidden." + relative(child), ttl(), "A", data.address());
  }

  private void maybeSigned(String owner) {
    if (random.nextBoolean()) {
      int ttl = ttl();
      add(owner, ttl, "DS", data.delegationSigner());
      add(owner, ttl, "DS", data.delegationSigner());
    }
  }

  private void addresses(String owner) {
    int ttl = ttl();
    add(owner, ttl, "A", data.address());
    if (random.nextInt(4) == 0) {
      add(owner, ttl, "A", data.address());
    }
    if (random.nextBoolean()) {
      add(owner, ttl(), "AAAA", data.address6());
    }
  }

  private void some(String owner, String... types) {
    for (String type : types) {
      rrset(owner, type);
    }
  }

  private void rrset(String owner, String type) {
    if (signing != Signing.UNSIGNED && RdataText.isNamedBySignerOnly(type)) {
      return;
    }
    int ttl = ttl();
    for (int i = random.nextInt(3); i >= 0; i--) {
      add(owner, ttl, type, data.of(type));
    }
  }

  private void add(String owner, int ttl, String type, String rdata) {
    String name = whole(owner, apex);
    if (wireLength(name) > maxNameBytes() || labels(name) > 127) {
      return;
    }
    serial++;
    text.append(upperCase && serial % 3 == 0 ? name.toUpperCase(Locale.ROOT) : name)
        .append(' ')
        .append(ttl)
        .append(" IN ")
        .append(type)
        .append(' ')
        .append(rdata)
        .append('\n');
  }

  /** With NSEC3 the signing tool needs room for a wildcard below each name. */
  private int maxNameBytes() {
    return signing == Signing.NSEC3 || signing == Signing.NSEC3_OPT_OUT ? 253 : 255;
  }

  private int ttl() {
    return random.nextInt(6) == 0 ? oddTtl() : 60 * (1 + random.nextInt(200));
  }

  private int oddTtl() {
    int ttl = TTLS[random.nextInt(TTLS.length)];
    return signing == Signing.UNSIGNED ? ttl : Math.min(ttl, MAX_SIGNED_TTL);
  }

  /** A name of this zone to point to: the apex where the name would be too long. */
  private String in(String relative) {
    return join(relative, apex);
  }

  private static String join(String relative, String zone) {
    String name = whole(relative, zone);
    return wireLength(name) > 255 ? zone : name;
  }

  private static String whole(String relative, String zone) {
    return relative.isEmpty() ? zone : zone.equals(".") ? relative + "." : relative + "." + zone;
  }

  private String relative(String name) {
    return apex.equals(".")
        ? name.substring(0, name.length() - 1)
        : name.substring(0, name.length() - apex.length() - 1);
  }

  private String someApex() {
    return apexes.get(random.nextInt(apexes.size()));
  }

  private String someHost() {
    return switch (random.nextInt(6)) {
      case 0 -> join("h" + random.nextInt(4), someApex());
      case 1 -> in("www.del0");
      case 2 -> in("c0");
      case 3 -> in("nothing");
      default -> in("h" + random.nextInt(4));
    };
  }

  /** A name of any zone that is worth pointing to: of each kind one. */
  private String someTarget() {
    String[] kinds = {
      "h0",
      "h1",
      "c0",
      "c1",
      "x.w0",
      "x.w1",
      "x.w2",
      "nothing",
      "www.del0",
      "del1",
      "x.d0",
      "x.d1",
      "x.d2",
      "b.c.d.e0",
      "c-far0",
      "c-far1",
      "c-far2",
      "c-out",
      "c-none",
      "txt1300"
    };
    return join(kinds[random.nextInt(kinds.length)], someApex());
  }

  private static String label(char letter, int octets) {
    return String.valueOf(letter).repeat(octets);
  }

  /** Octets of a name on the wire; each escape is one octet. */
  static int wireLength(String name) {
    return name.equals(".") ? 1 : name.replaceAll("\\\\[0-9]{3}|\\\\.", "x").length() + 1;
  }

  private static int labels(String name) {
    return name.equals(".")
        ? 0
        : (int) name.replaceAll("\\\\[0-9]{3}|\\\\.", "x").chars().filter(c -> c == '.').count();
  }
}
