package io.flashdns.management.escape;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** Names that a stranger must not get, in every way to write them; and some that he may have. */
final class ForbiddenNames {
  private static final String LABEL_63 = "l".repeat(63);

  /** The other organisation's zones. */
  static final List<String> VICTIMS =
      List.of(
          "victim.example.",
          "deep.under.lies.example.",
          "a.pairs.example.",
          "a/b.slash.example.",
          "a\\.b.dots.example.",
          "xn--bcher-kva.example.",
          LABEL_63 + ".example.",
          "2.0.192.in-addr.arpa.",
          "8.b.d.0.1.0.0.2.ip6.arpa.");

  /** What it had and has deleted. */
  static final List<String> HELD = List.of("held.example.", "deep.heldtoo.example.");

  private ForbiddenNames() {}

  /** Names that are a name, and not to be had. By why. */
  static TreeMap<String, List<String>> taken() {
    TreeMap<String, List<String>> names = new TreeMap<>();
    List<String> equal = new ArrayList<>();
    for (String apex : VICTIMS) {
      equal.addAll(written(apex));
    }
    equal.addAll(
        List.of(
            "\\v\\i\\c\\t\\i\\m.example.",
            "vi\\099tim.ex\\097mple",
            "a\\047b.slash.example.",
            "a\\046b.dots.example.",
            "A\\.B.dots.example.",
            "2.0.\\049\\057\\050.in-addr.arpa."));
    names.put("equal", equal);
    List<String> below = new ArrayList<>();
    for (String apex : VICTIMS) {
      if (!apex.startsWith(LABEL_63)) {
        below.add("www." + apex);
      }
    }
    below.addAll(written("www.victim.example."));
    below.addAll(
        List.of(
            "a.b.c.d.e.f.victim.example.",
            "*.victim.example.",
            "\\042.victim.example.",
            "*.a.victim.example.",
            "_acme-challenge.victim.example.",
            "\\000.victim.example.",
            "\\001\\002\\255.victim.example.",
            "a\\.b.victim.example.",
            "victim.example.victim.example.",
            "xn--bcher-kva.victim.example.",
            "version.victim.example.",
            "zones.victim.example.",
            "x.zones.catalog.victim.example.",
            "\\047.victim.example.",
            "a/b.victim.example.",
            "..".replace("..", "\\.\\.") + ".victim.example.",
            LABEL_63 + ".victim.example.",
            longest(".victim.example."),
            "5.2.0.192.in-addr.arpa.",
            "0/25.2.0.192.in-addr.arpa.",
            "0-127.2.0.192.in-addr.arpa.",
            "1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
            "b.a.pairs.example.",
            "x.a/b.slash.example.",
            "x.a\\.b.dots.example."));
    names.put("below", below);
    List<String> above =
        new ArrayList<>(
            List.of(
                "pairs.example.",
                "slash.example.",
                "dots.example.",
                "0.192.in-addr.arpa.",
                "192.in-addr.arpa.",
                "b.d.0.1.0.0.2.ip6.arpa.",
                "0.1.0.0.2.ip6.arpa."));
    above.addAll(written("under.lies.example."));
    above.addAll(written("lies.example."));
    names.put("above", above);
    List<String> held = new ArrayList<>(written("held.example."));
    held.addAll(written("deep.heldtoo.example."));
    held.addAll(
        List.of(
            "www.held.example.",
            "a.b.held.example.",
            "*.held.example.",
            "www.deep.heldtoo.example.",
            "heldtoo.example.",
            "HELDTOO.example."));
    names.put("held", held);
    names.put(
        "reserved",
        List.of(
            "platform.corp.reserved.example.",
            "PLATFORM.Corp.reserved.example",
            "platf\\111rm.corp.reserved.example.",
            "www.platform.corp.reserved.example.",
            "corp.reserved.example.",
            "reserved.example.",
            "*.platform.corp.reserved.example."));
    names.put(
        "name servers",
        List.of(
            "ns1.dns-host.net.",
            "NS2.DNS-HOST.NET.",
            "ns\\049.dns-host.net.",
            "x.ns1.dns-host.net.",
            "dns-host.net."));
    names.put(
        "nobody's",
        List.of(
            ".",
            "example.",
            "EXAMPLE",
            "com.",
            "net.",
            "arpa.",
            "\\101xample.",
            "victim\\.example.",
            "localhost.",
            "co.uk.",
            "CO.UK",
            "uk.",
            "c\\111.uk.",
            "city.example.",
            "in-addr.arpa.",
            "IP6.ARPA.",
            "*.example.",
            "*.stranger-zone.example.",
            "\\042.stranger-zone.example.",
            "a.*.stranger-zone.example."));
    return names;
  }

  /** A name in all forms that mean the same. */
  private static List<String> written(String apex) {
    return List.of(
        apex,
        apex.substring(0, apex.length() - 1),
        apex.toUpperCase(Locale.ROOT),
        Requests.escaped(apex));
  }

  /** A name of 255 octets that ends so. */
  private static String longest(String end) {
    StringBuilder name = new StringBuilder();
    // As long in wire form as in text, when it has its last dot, plus one.
    int left = 254 - end.length() + 1;
    while (left > 64) {
      name.append("m".repeat(62)).append('.');
      left -= 63;
    }
    return name.append("m".repeat(left - 1)).append(end).toString();
  }

  /** Texts that are no names. */
  static List<String> malformed() {
    return List.of(
        "",
        "..",
        ".victim.example.",
        "victim..example.",
        "victim.example..",
        "../victim.example.",
        "l" + LABEL_63 + ".example.",
        "l" + longest(".victim.example."),
        "bücher.example.",
        "\uff56ictim.example.",
        "victim\u3002example.",
        "v\u0131ctim.example.",
        "victim.example\u200b.",
        "\u212aelvin.example.",
        "victim.example.\u0000",
        "vic\u0000tim.example.",
        "\u0007victim.example.",
        "victim.example.\n",
        "victim.example.\r\n",
        " victim.example.",
        "victim.example. ",
        "victim .example.",
        "victim\t.example.",
        "\\256victim.example.",
        "\\999.example.",
        "victim.example\\",
        "\\1a2.example.",
        "\\25",
        "victim.example\\.\\",
        "\u007fvictim.example.");
  }

  /** Names that look like them, and are anybody's. */
  static List<String> free() {
    return List.of(
        "victim2.example.",
        "avictim.example.",
        "victi.example.",
        "victim.example2.net.",
        "example.victim.net.",
        "ab.pairs2.example.",
        "b.slash2.example.",
        "b.dots2.example.",
        "sibling.lies2.example.",
        "ns3.dns-hosts.net.",
        "company.co.uk.",
        "people.city.example.",
        "3.0.192.in-addr.arpa.",
        "a\\.c.example.",
        "a/c.example.",
        "\\001.example.",
        "xn--bcher2-kva.example.",
        "l" + "k".repeat(62) + ".example.",
        longest(".free.example."));
  }
}
