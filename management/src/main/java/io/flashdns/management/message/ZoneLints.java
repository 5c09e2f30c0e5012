package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.proto.v1.Lint;
import io.flashdns.proto.v1.LintSeverity;
import io.flashdns.proto.v1.ZoneRef;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rules of {@link Lints} over one zone of a plan. Used once. */
final class ZoneLints {
  /** More than are told, since the worst are. */
  private static final int MAX_GATHERED = 10 * Lints.MAX_LINTS;

  private static final int MAX_BELOW_CUT = 1_000;

  /** TTLs of addresses of one name that differ by this factor or more. */
  private static final int TTL_FACTOR = 10;

  private static final String ACME_LABEL = "_acme-challenge";
  private static final Set<Integer> ADDRESSES = Set.of(RecordType.A, RecordType.AAAA);

  /** What a host is asked for: hidden when a wildcard has it and a name beside it has not. */
  private static final List<Integer> OF_HOSTS =
      List.of(RecordType.A, RecordType.AAAA, RecordType.CNAME, RecordType.MX, RecordType.HTTPS);

  /** What stands at a zone cut by right, besides the NS (RFC 4035 §2). */
  private static final Set<Integer> AT_CUT =
      Set.of(RecordType.NS, RecordType.DS, RecordType.NSEC, RecordType.RRSIG);

  private final ContentView view;
  private final Plan plan;
  private final ContentAfter content;
  private final DomainName apex;
  private final String viewName;
  private final ZoneRef as;
  private final Lints.Others others;
  private final Map<DomainName, ContentAfter> otherContents = new HashMap<>();
  private final Set<Lint> lints = new LinkedHashSet<>();
  private final Set<DomainName> cutsSeen = new HashSet<>();

  ZoneLints(ContentView view, Plan plan, Plan.ZonePlan zone, ZoneRef as, Lints.Others others) {
    this.view = view;
    this.plan = plan;
    this.content = new ContentAfter(view, zone);
    this.apex = content.apex();
    this.viewName = zone.zone().settings().key().view();
    this.as = as;
    this.others = others;
  }

  Collection<Lint> find() throws StoreException {
    for (DomainName owner : content.touched()) {
      if (lints.size() >= MAX_GATHERED || content.lookups() >= Lints.MAX_LOOKUPS) {
        break;
      }
      Map<Integer, RRset> rrsets = content.rrsets(owner);
      targets(owner, rrsets);
      nameServers(owner, rrsets);
      ttls(owner, rrsets);
      acme(owner);
      wildcard(owner, rrsets);
      DomainName cut = cutAtOrAbove(owner);
      if (cut != null) {
        cut(cut, owner);
      }
      if (content.touches(owner, RecordType.A) || content.touches(owner, RecordType.AAAA)) {
        apexServer(owner, rrsets);
      }
    }
    return lints;
  }

  private void add(String rule, LintSeverity severity, DomainName name, int type, String message) {
    lints.add(
        Lint.newBuilder()
            .setRule(rule)
            .setSeverity(severity)
            .setZone(as)
            .setName(name.toString())
            .setTypeValue(type)
            .setMessage(message)
            .build());
  }

  // dangling-target

  private void targets(DomainName owner, Map<Integer, RRset> rrsets) throws StoreException {
    for (RRset rrset : rrsets.values()) {
      int targetAt = targetAt(rrset.type());
      if (targetAt < 0 || !content.touches(owner, rrset.type())) {
        continue;
      }
      for (RecordData data : rrset.data()) {
        DomainName target = DomainName.ofWire(data.octets(), targetAt);
        boolean glue = rrset.type() == RecordType.NS && isGlue(owner, target);
        if (target.labels() > 0 && !glue) {
          target(owner, rrset.type(), target);
        }
      }
    }
  }

  private void target(DomainName owner, int type, DomainName target) throws StoreException {
    ContentAfter zone = zoneOf(target);
    if (zone == null) {
      return;
    }
    Answer answer = answer(zone, target);
    if (answer == Answer.OTHER) {
      return;
    }
    boolean needsAddress = type != RecordType.CNAME;
    if (answer == Answer.NOTHING) {
      add(
          "dangling-target",
          LintSeverity.LINT_SEVERITY_WARNING,
          owner,
          type,
          "the target "
              + target
              + " does not exist in the zone "
              + zone.apex()
              + ": add it, or name another one");
    } else if (needsAddress && answer == Answer.NO_ADDRESS) {
      add(
          "dangling-target",
          LintSeverity.LINT_SEVERITY_WARNING,
          owner,
          type,
          "the target "
              + target
              + " has no address in the zone "
              + zone.apex()
              + ": add an A or AAAA record there");
    }
  }

  private enum Answer {
    NOTHING,
    NO_ADDRESS,
    ADDRESS,
    /** A delegation or an alias leads elsewhere. */
    OTHER
  }

  private static Answer answer(ContentAfter zone, DomainName name) throws StoreException {
    Answer own = answerOf(zone.rrsets(name));
    boolean atApex = name.equals(zone.apex());
    if (own != Answer.NOTHING) {
      return !atApex && zone.rrsets(name).containsKey(RecordType.NS) ? Answer.OTHER : own;
    }
    DomainName wildcardParent = null;
    for (DomainName at = name.parent(); at != null && at.isAtOrBelow(zone.apex()); ) {
      Map<Integer, RRset> above = zone.rrsets(at);
      boolean isApex = at.equals(zone.apex());
      if (above.containsKey(RecordType.DNAME) || (!isApex && above.containsKey(RecordType.NS))) {
        return Answer.OTHER;
      }
      if (wildcardParent == null && (isApex || !above.isEmpty() || !zone.below(at, 1).isEmpty())) {
        wildcardParent = at;
      }
      at = at.parent();
    }
    if (!zone.below(name, 1).isEmpty()) {
      // An empty non-terminal: it exists, and a wildcard does not stand in for it.
      return Answer.NOTHING;
    }
    return wildcardParent == null
        ? Answer.NOTHING
        : answerOf(zone.rrsets(DomainName.parse("*", wildcardParent)));
  }

  private static Answer answerOf(Map<Integer, RRset> rrsets) {
    if (rrsets.containsKey(RecordType.A) || rrsets.containsKey(RecordType.AAAA)) {
      return Answer.ADDRESS;
    }
    if (rrsets.containsKey(RecordType.CNAME)) {
      return Answer.OTHER;
    }
    return rrsets.isEmpty() ? Answer.NOTHING : Answer.NO_ADDRESS;
  }

  /** The zone that a name is in, as the plan will make it; null when it is not known. */
  private @Nullable ContentAfter zoneOf(DomainName name) throws StoreException {
    StoredZone other = others.zoneOf(viewName, name);
    DomainName deepest = other == null ? null : other.settings().key().apex();
    Plan.ZonePlan planned = null;
    for (Plan.ZonePlan zone : plan.zones()) {
      DomainName at = zone.zone().settings().key().apex();
      if (zone.zone().settings().key().view().equals(viewName)
          && name.isAtOrBelow(at)
          && (deepest == null || at.labels() >= deepest.labels())) {
        deepest = at;
        planned = zone;
      }
    }
    if (deepest == null || (planned != null && planned.after() == null)) {
      return null;
    }
    if (deepest.equals(apex)) {
      return content;
    }
    ContentAfter known = otherContents.get(deepest);
    if (known == null) {
      int changing =
          planned == null
              ? 0
              : planned.rrsetsBefore().rrsetCount() + planned.rrsetsAfter().rrsetCount();
      if (changing > Lints.MAX_RRSETS) {
        return null;
      }
      if (planned != null) {
        known = new ContentAfter(view, planned);
      } else if (other != null) {
        known = new ContentAfter(view, other);
      } else {
        return null;
      }
      otherContents.put(deepest, known);
    }
    return known.lookups() < Lints.MAX_LOOKUPS ? known : null;
  }

  private static int targetAt(int type) {
    return switch (type) {
      case RecordType.CNAME, RecordType.NS -> 0;
      case RecordType.MX -> 2;
      case RecordType.SRV -> 6;
      default -> -1;
    };
  }

  // missing-glue, single-name-server

  private boolean isGlue(DomainName owner, DomainName target) {
    return !owner.equals(apex) && target.isAtOrBelow(owner);
  }

  private void nameServers(DomainName owner, Map<Integer, RRset> rrsets) {
    RRset servers = rrsets.get(RecordType.NS);
    if (servers != null && servers.data().size() == 1 && content.touches(owner, RecordType.NS)) {
      add(
          "single-name-server",
          LintSeverity.LINT_SEVERITY_WARNING,
          owner,
          RecordType.NS,
          "there is one name server alone: add a second one in another network (RFC 2182)");
    }
  }

  private void glue(DomainName cut, RRset servers) throws StoreException {
    for (RecordData data : servers.data()) {
      DomainName server = DomainName.ofWire(data.octets(), 0);
      if (isGlue(cut, server) && answerOf(content.rrsets(server)) != Answer.ADDRESS) {
        add(
            "missing-glue",
            LintSeverity.LINT_SEVERITY_ERROR,
            cut,
            RecordType.NS,
            "the delegation cannot be followed: add the address of " + server + " to this zone");
      }
    }
  }

  /** An address went away that a name server of the zone itself has. */
  private void apexServer(DomainName owner, Map<Integer, RRset> rrsets) throws StoreException {
    RRset servers = content.rrsets(apex).get(RecordType.NS);
    if (servers == null || answerOf(rrsets) == Answer.ADDRESS || owner.equals(apex)) {
      return;
    }
    if (servers.data().contains(RecordData.of(owner.wire()))) {
      target(apex, RecordType.NS, owner);
    }
  }

  // delegation-hides-data

  /** The highest delegation at a name or above it, below the apex; null for none. */
  private @Nullable DomainName cutAtOrAbove(DomainName name) throws StoreException {
    DomainName cut = null;
    for (DomainName at = name; at != null && !at.equals(apex); at = at.parent()) {
      if (content.rrsets(at).containsKey(RecordType.NS)) {
        cut = at;
      }
    }
    return cut;
  }

  private void cut(DomainName cut, DomainName touched) throws StoreException {
    RRset servers = content.rrsets(cut).get(RecordType.NS);
    if (servers == null) {
      return;
    }
    boolean whole = content.touches(cut, RecordType.NS);
    if (whole && !cutsSeen.add(cut)) {
      return;
    }
    glue(cut, servers);
    Collection<DomainName> owners = whole ? content.below(cut, MAX_BELOW_CUT) : List.of(touched);
    for (DomainName owner : owners) {
      for (RRset rrset : content.rrsets(owner).values()) {
        boolean glue =
            ADDRESSES.contains(rrset.type())
                && servers.data().contains(RecordData.of(owner.wire()));
        if (!glue && !(owner.equals(cut) && AT_CUT.contains(rrset.type()))) {
          add(
              "delegation-hides-data",
              LintSeverity.LINT_SEVERITY_WARNING,
              owner,
              rrset.type(),
              "it is never answered, as "
                  + cut
                  + " is delegated: move it to that zone, or remove the one or the other");
        }
      }
    }
  }

  // ttl-differs-much

  private void ttls(DomainName owner, Map<Integer, RRset> rrsets) {
    RRset a = rrsets.get(RecordType.A);
    RRset aaaa = rrsets.get(RecordType.AAAA);
    if (a == null
        || aaaa == null
        || !(content.touches(owner, RecordType.A) || content.touches(owner, RecordType.AAAA))) {
      return;
    }
    long least = Math.max(1, Math.min(a.ttl(), aaaa.ttl()));
    long most = Math.max(a.ttl(), aaaa.ttl());
    if (most >= TTL_FACTOR * least) {
      add(
          "ttl-differs-much",
          LintSeverity.LINT_SEVERITY_INFO,
          owner,
          a.ttl() == most ? RecordType.A : RecordType.AAAA,
          "the A and AAAA records live "
              + a.ttl()
              + " and "
              + aaaa.ttl()
              + " seconds: a move of the host is seen by halves in between, give them one TTL");
    }
  }

  // caa-forbids-acme

  private void acme(DomainName owner) throws StoreException {
    DomainName host = null;
    if (firstLabel(owner).equals(ACME_LABEL)) {
      host = owner.parent();
    } else if (content.touches(owner, RecordType.CAA)) {
      host = owner;
    }
    if (host == null || !host.isAtOrBelow(apex) || host.length() + ACME_LABEL.length() >= 255) {
      return;
    }
    DomainName challenge = DomainName.parse(ACME_LABEL, host);
    if (content.rrsets(challenge).isEmpty()) {
      return;
    }
    for (DomainName at = host; at != null && at.isAtOrBelow(apex); at = at.parent()) {
      RRset caa = content.rrsets(at).get(RecordType.CAA);
      if (caa != null) {
        if (forbidsDnsChallenge(caa)) {
          add(
              "caa-forbids-acme",
              LintSeverity.LINT_SEVERITY_WARNING,
              at,
              RecordType.CAA,
              "no certificate can be had by the challenge at "
                  + challenge
                  + ": name the issuer in issue, or remove the challenge");
        }
        return;
      }
    }
  }

  /** True when no issuer may issue by a DNS challenge (RFC 8659 §4.2, RFC 8657 §4). */
  private static boolean forbidsDnsChallenge(RRset caa) {
    boolean restricted = false;
    for (RecordData data : caa.data()) {
      byte[] octets = data.octets();
      int tagOctets = Wire.u8(octets, 1);
      String tag =
          new String(octets, 2, tagOctets, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
      if (!tag.equals("issue") && !tag.equals("issuewild")) {
        continue;
      }
      restricted = true;
      int at = 2 + tagOctets;
      String value =
          new String(octets, at, octets.length - at, StandardCharsets.ISO_8859_1)
              .toLowerCase(Locale.ROOT);
      List<String> parts = new ArrayList<>(List.of(value.split(";", -1)));
      boolean named = !parts.removeFirst().isBlank();
      boolean byDns = true;
      for (String part : parts) {
        String parameter = part.strip();
        if (parameter.startsWith("validationmethods=")) {
          byDns = parameter.contains("dns-");
        }
      }
      if (named && byDns) {
        return false;
      }
    }
    return restricted;
  }

  // wildcard-shadowed

  private void wildcard(DomainName owner, Map<Integer, RRset> rrsets) throws StoreException {
    DomainName name = owner;
    boolean empty = rrsets.isEmpty();
    // Names above that exist only because of this one hide a wildcard too.
    while (name.labels() > apex.labels()) {
      DomainName parent = name.parent();
      if (parent == null) {
        return;
      }
      if (!empty || !name.equals(owner)) {
        shadow(name, parent);
      }
      if (empty || !content.rrsets(parent).isEmpty()) {
        return;
      }
      name = parent;
    }
  }

  private void shadow(DomainName name, DomainName parent) throws StoreException {
    String label = firstLabel(name);
    if (label.startsWith("_") || label.equals("*")) {
      return;
    }
    Map<Integer, RRset> own = content.rrsets(name);
    if (own.containsKey(RecordType.CNAME)
        || own.containsKey(RecordType.NS)
        || parent.length() + 2 > Wire.MAX_NAME_BYTES) {
      return;
    }
    DomainName wildcard = DomainName.parse("*", parent);
    Map<Integer, RRset> stands = content.rrsets(wildcard);
    for (int type : OF_HOSTS) {
      if (stands.containsKey(type) && !own.containsKey(type)) {
        add(
            "wildcard-shadowed",
            LintSeverity.LINT_SEVERITY_INFO,
            name,
            type,
            "the name exists, so "
                + RecordType.text(type)
                + " of "
                + wildcard
                + " is not answered for it: add that too, where it is meant");
      }
    }
  }

  private static String firstLabel(DomainName name) {
    if (name.labels() == 0) {
      return "";
    }
    byte[] wire = name.wire();
    return new String(wire, 1, wire[0], StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
  }
}
