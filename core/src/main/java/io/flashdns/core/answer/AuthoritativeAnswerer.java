package io.flashdns.core.answer;

import static io.flashdns.core.plugin.Response.OWN_NAME;
import static io.flashdns.core.plugin.Response.QUESTION_NAME;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Zone;
import org.jspecify.annotations.Nullable;

/**
 * Answers from zones, as an authoritative server does (RFC 1034 §4.3.2).
 *
 * <p>One for each worker; owned by its thread. Allocates nothing.
 *
 * <p>The walk: find the name's node or its closest encloser; a zone cut on the way makes a
 * referral, a DNAME a new name, a wildcard stands in for a name that does not exist (RFC 4592), an
 * alias is followed into whatever zone of the same view holds its target (RFC 6604 gives the
 * response code of the last name). Chains end after {@value #MAX_CHAIN} aliases, or where a name
 * comes round again; what was found until then is the answer.
 *
 * <p>Responses are minimal: authority holds what a negative answer, a referral or a proof needs;
 * additional holds glue and the addresses of service bindings (RFC 9460 §4.1). ANY over UDP is
 * answered with one RRset (RFC 8482 §4.1).
 */
public final class AuthoritativeAnswerer implements Answerer {
  /** Aliases that one answer may hold. */
  static final int MAX_CHAIN = 11;

  private final NameKey target;
  private final byte[] synthesized = new byte[2 * Wire.MAX_NAME_BYTES];
  private final long[] seen = new long[MAX_CHAIN + 1];
  private final @Nullable Zone[] dnameZones = new Zone[MAX_CHAIN];
  private final int[] dnameNodes = new int[MAX_CHAIN];
  private final Denial denial;
  private int dnames;

  /** An answerer for one worker. */
  public AuthoritativeAnswerer(NameHash hash) {
    this.target = new NameKey(hash);
    this.denial = new Denial();
  }

  @Override
  public Verdict answer(Query query, Response response) {
    Zone zone = query.zone();
    if (zone == null) {
      return Verdict.CONTINUE;
    }
    int tenant = zone.tenant();
    response.authoritative(true);
    denial.begin(query);
    dnames = 0;
    NameKey name = query.name();
    int owner = QUESTION_NAME;
    int aliases = 0;
    while (true) {
      seen[aliases] = name.suffixHash(0);
      if (!answerName(query, response, zone, name, owner) || ++aliases == MAX_CHAIN) {
        break;
      }
      // The last record written is an alias: its target is the next name.
      owner = response.lastDataOffset();
      name = target;
      if (owner > Wire.MAX_POINTER
          || target.readCompressed(response.bytes(), owner, response.length()) == NameKey.MALFORMED
          || wasSeen(aliases)) {
        break;
      }
      zone = zoneOfTarget(query, tenant);
      if (zone == null) {
        break;
      }
    }
    denial.write(response);
    for (int i = 0; i < dnames; i++) {
      dnameZones[i] = null;
    }
    return Verdict.RESPOND;
  }

  /**
   * The zone that answers for the target: for DS at an apex the one above, as for the question (RFC
   * 4035 §3.1.4.1). An alias is not followed into another tenant's zone, nor into one that is
   * suspended: the asker does so itself, and is counted there.
   */
  private @Nullable Zone zoneOfTarget(Query query, int tenant) {
    Zone zone = query.catalog().find(query.view(), target, false);
    if (zone != null && query.type() == RecordType.DS && zone.apexLabels() == target.labels()) {
      Zone parent = query.catalog().find(query.view(), target, true);
      zone = parent == null ? zone : parent;
    }
    return zone == null || zone.tenant() != tenant || zone.isSuspended() || zone.isUnavailable()
        ? null
        : zone;
  }

  private boolean wasSeen(int aliases) {
    long hash = target.suffixHash(0);
    for (int i = 0; i < aliases; i++) {
      if (seen[i] == hash) {
        return true;
      }
    }
    return false;
  }

  /** Answers for one name of the chain. True when an alias was written that is to be followed. */
  private boolean answerName(Query query, Response response, Zone zone, NameKey name, int owner) {
    int found = zone.find(name);
    boolean exists = found > 0;
    int node = Math.abs(found);
    int flags = zone.flags(node);
    if ((flags & (Zone.BELOW_CUT | Zone.BELOW_DNAME)) != 0) {
      node = zone.link(node);
      flags = zone.flags(node);
      exists = false;
    }
    if ((flags & Zone.CUT) != 0 && !(exists && query.type() == RecordType.DS)) {
      refer(query, response, zone, name, node, owner);
      return false;
    }
    if (exists) {
      return answerNode(query, response, zone, name, node, node, owner);
    }
    if ((flags & Zone.HAS_DNAME) != 0) {
      return redirect(query, response, zone, name, node, owner);
    }
    if ((flags & Zone.HAS_WILDCARD) != 0) {
      return answerNode(query, response, zone, name, zone.link(node), node, owner);
    }
    response.rcode(Rcode.NXDOMAIN);
    addNegativeSoa(response, zone);
    denial.nameError(zone, name, node);
    return false;
  }

  /**
   * Answers from a node that is the name's own, or the wildcard that stands in for it.
   *
   * @param encloser the node itself, or the closest encloser of the name when {@code node} is a
   *     wildcard
   */
  private boolean answerNode(
      Query query, Response response, Zone zone, NameKey name, int node, int encloser, int owner) {
    boolean wildcard = node != encloser;
    int type = query.type();
    int rrset = zone.rrset(node, type);
    boolean alias = false;
    if (rrset == 0) {
      if (type == RecordType.ANY || type == RecordType.RRSIG) {
        if (answerAny(query, response, zone, node, owner)) {
          if (wildcard) {
            denial.noCloserName(zone, name, encloser);
          }
          return false;
        }
      } else if ((zone.flags(node) & Zone.HAS_CNAME) != 0) {
        rrset = zone.rrset(node, RecordType.CNAME);
        alias = true;
      }
    }
    if (rrset == 0) {
      addNegativeSoa(response, zone);
      if (wildcard) {
        denial.noWildcardData(zone, name, encloser, node);
      } else {
        denial.noData(zone, name, node);
      }
      return false;
    }
    if (!response.addRrset(Section.ANSWER, zone, node, rrset, owner)) {
      response.truncate();
      return false;
    }
    if (wildcard) {
      denial.noCloserName(zone, name, encloser);
    }
    if (!alias && zone.additionalCount(rrset) > 0) {
      int rrsetOffset = response.lastRrsetOffset();
      denial.write(response);
      addAdditional(query, response, zone, rrset, rrsetOffset, owner);
    }
    return alias;
  }

  /**
   * Answers ANY and RRSIG: one RRset over UDP, all of them over TCP (RFC 8482 §4.1, §4.4 and §7).
   * False when there is none.
   */
  private static boolean answerAny(Query query, Response response, Zone zone, int node, int owner) {
    boolean signatures = query.type() == RecordType.RRSIG;
    boolean any = false;
    for (int i = 0; i < zone.typeCount(node); i++) {
      int rrset = zone.rrsetAt(node, i);
      if (signatures) {
        rrset = zone.signatures(rrset);
        if (rrset == 0) {
          continue;
        }
      }
      any = true;
      if (!response.addRrset(Section.ANSWER, zone, node, rrset, owner)) {
        response.truncate();
        return true;
      }
      if (query.protocol() == Protocol.UDP) {
        return true;
      }
    }
    return any;
  }

  /**
   * Sends the asker to the servers of a delegated zone (RFC 1034 §4.2.1, RFC 9471 for glue, RFC
   * 4035 §3.1.4 for DS).
   */
  private void refer(Query query, Response response, Zone zone, NameKey name, int cut, int owner) {
    if (response.count(Section.ANSWER) == 0) {
      response.authoritative(false);
    }
    int servers = zone.rrset(cut, RecordType.NS);
    int cutOffset = ownerOffset(zone, name, cut, owner);
    if (!response.addRrset(Section.AUTHORITY, zone, cut, servers, cutOffset)) {
      response.truncate();
      return;
    }
    int serversOffset = response.lastRrsetOffset();
    if (query.dnssecOk() && zone.isSigned()) {
      int ds = zone.rrset(cut, RecordType.DS);
      if (ds != 0) {
        if (!response.addRrset(
            Section.AUTHORITY, zone, cut, ds, cutOffset == OWN_NAME ? serversOffset : cutOffset)) {
          response.truncate();
          return;
        }
      } else {
        denial.noDs(zone, name, cut);
      }
    }
    // Also what aliases before the referral have to prove: authority is complete here.
    denial.write(response);
    addAdditional(query, response, zone, servers, serversOffset, cutOffset);
  }

  /**
   * Adds what belongs beside an RRset just written; in-domain glue that does not fit makes the
   * reply say TC (RFC 9471 §3.1).
   */
  private static void addAdditional(
      Query query, Response response, Zone zone, int rrset, int rrsetOffset, int ownerOffset) {
    // The apex of a zone that an alias led to stands nowhere in the reply.
    int apexOffset = zone == query.zone() ? response.apexOffset() : 0;
    int count = zone.additionalCount(rrset);
    for (int i = 0; i < count && !response.truncated(); i++) {
      int glueOwner =
          zone.canCompress(rrset, rrsetOffset, apexOffset) && ownerOffset != OWN_NAME
              ? zone.additionalOwner(rrset, i, rrsetOffset, ownerOffset, apexOffset)
              : OWN_NAME;
      boolean added =
          response.addRrset(
              Section.ADDITIONAL,
              zone,
              zone.additionalNode(rrset, i),
              zone.additionalRrset(rrset, i),
              glueOwner);
      if (!added && zone.additionalIsRequired(rrset, i)) {
        response.truncate();
      }
    }
  }

  /** Answers below a DNAME: the record itself and a CNAME made from it (RFC 6672 §3.1). */
  private boolean redirect(
      Query query, Response response, Zone zone, NameKey name, int node, int owner) {
    int rrset = zone.rrset(node, RecordType.DNAME);
    if (isNewDname(zone, node)
        && !response.addRrset(
            Section.ANSWER, zone, node, rrset, ownerOffset(zone, name, node, owner))) {
      response.truncate();
      return false;
    }
    int label = name.labels() - zone.apexLabels() - zone.labelsBelowApex(node);
    // The labels before the DNAME's owner come from the reply itself, so that the asker's case is
    // kept.
    int end = zone.writeTarget(node, rrset, synthesized, copyLabels(response, owner, label));
    if (end > Wire.MAX_NAME_BYTES) {
      response.rcode(Rcode.YXDOMAIN);
      return false;
    }
    if (!response.addRecord(
        Section.ANSWER, owner, RecordType.CNAME, zone.ttl(rrset), synthesized, 0, end)) {
      response.truncate();
      return false;
    }
    return query.type() != RecordType.CNAME;
  }

  /**
   * Notes a DNAME; false when an alias of this chain has written it: an RRset stands in an answer
   * once (RFC 2181 §5).
   */
  private boolean isNewDname(Zone zone, int node) {
    for (int i = 0; i < dnames; i++) {
      if (dnameNodes[i] == node && dnameZones[i] == zone) {
        return false;
      }
    }
    dnameZones[dnames] = zone;
    dnameNodes[dnames++] = node;
    return true;
  }

  /**
   * Copies the first labels of the name at an offset of the reply, following its pointers; returns
   * their octets.
   */
  private int copyLabels(Response response, int offset, int labels) {
    byte[] reply = response.bytes();
    int from = offset;
    int to = 0;
    for (int i = 0; i < labels; i++) {
      while ((reply[from] & 0xc0) == 0xc0) {
        from = Wire.u16(reply, from) & Wire.MAX_POINTER;
      }
      int octets = 1 + reply[from];
      System.arraycopy(reply, from, synthesized, to, octets);
      from += octets;
      to += octets;
    }
    return to;
  }

  /**
   * Where the owner of a node that the name lies at or below stands in the reply, or {@link
   * Response#OWN_NAME}.
   */
  private static int ownerOffset(Zone zone, NameKey name, int node, int nameOffset) {
    int label = name.labels() - zone.apexLabels() - zone.labelsBelowApex(node);
    if (nameOffset == QUESTION_NAME) {
      return QUESTION_NAME + name.labelOffset(label);
    }
    return label == 0 ? nameOffset : OWN_NAME;
  }

  private static void addNegativeSoa(Response response, Zone zone) {
    if (!response.addRrset(
        Section.AUTHORITY, zone, zone.apexNode(), zone.negativeSoa(), OWN_NAME)) {
      response.truncate();
    }
  }
}
