package io.flashdns.differential;

import io.flashdns.differential.Comparison.Peer;
import io.flashdns.differential.View.Aspect;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/**
 * What two correct servers may answer differently, each with the text that allows it. A rule looks
 * at the question, at both replies and at what the zones hold; it says yes only where its reason is
 * there, and changes only what its reason covers.
 *
 * <p>Rules run in this order until nothing differs. Each counts how often it was needed: one that
 * never is belongs deleted.
 */
enum Rule {
  /** We say why a query failed in more or other words than the peer. */
  EXTENDED_ERROR(
      "RFC 8914 §2: extended errors are supplementary and any server may send them or not") {
    @Override
    boolean apply(Comparison c) {
      if (!c.differsIn(Aspect.OPT)) {
        return false;
      }
      c.ours.opt = withoutExtendedError(c.ours.opt);
      c.theirs.opt = withoutExtendedError(c.theirs.opt);
      return !c.differsIn(Aspect.OPT);
    }
  },

  /**
   * Peers write names in the data of some types in lower case; we leave them as the zone has them.
   */
  NAME_CASE(
      "RFC 4343 §3: names match without regard to case; §4.1 asks to preserve it, no type may rely on it") {
    @Override
    boolean apply(Comparison c) {
      Set<Aspect> before = c.differences();
      foldData(c.ours.answer);
      foldData(c.theirs.answer);
      foldData(c.ours.authority);
      foldData(c.theirs.authority);
      foldData(c.ours.additional);
      foldData(c.theirs.additional);
      return !c.differences().equals(before);
    }
  },

  /** Classes that are not served. */
  OTHER_CLASS(
      "RFC 1035 §4.1.2, RFC 6895 §3.2: only class IN is served; we refuse, NSD leaves the question out, Knot answers ANY as IN") {
    @Override
    boolean apply(Comparison c) {
      return c.question.recordClass() != DClass.IN
          && c.ours.rcode == Rcode.REFUSED
          && isEmpty(c.ours)
          && c.settleAll();
    }
  },
  /** Types that stand in messages only. Peers look them up like any other and find nothing. */
  META_TYPE(
      "RFC 6895 §3.1: OPT, TKEY, TSIG and RFC 9824 §3.5: NXNAME are no types to ask for; no RFC gives the response code") {
    @Override
    boolean apply(Comparison c) {
      int type = c.question.type();
      return (type == Type.OPT || type == Type.TKEY || type == Type.TSIG || type == NXNAME)
          && c.ours.rcode == Rcode.FORMERR
          && isEmpty(c.ours)
          && c.settleAll();
    }
  },

  /** MAILA and MAILB: we say that we do not do it, peers find nothing. */
  MAIL_QUERY_TYPES(
      "RFC 1035 §3.2.3: MAILA and MAILB are obsolete; §4.1.1: NOTIMP is for kinds of query that a server does not do") {
    @Override
    boolean apply(Comparison c) {
      return (c.question.type() == Type.MAILA || c.question.type() == Type.MAILB)
          && c.ours.rcode == Rcode.NOTIMP
          && isEmpty(c.ours)
          && c.settleAll();
    }
  },

  /** Transfers are given to nobody here; each server has its own way to say so. */
  TRANSFER("RFC 5936 §2.2.1 and RFC 1995 §2: REFUSED, NOTAUTH or NOTIMP are all a no") {
    @Override
    boolean apply(Comparison c) {
      return (c.question.type() == Type.AXFR || c.question.type() == Type.IXFR)
          && c.ours.rcode == Rcode.REFUSED
          && (c.theirs.rcode == Rcode.REFUSED
              || c.theirs.rcode == Rcode.NOTAUTH
              || c.theirs.rcode == Rcode.NOTIMP)
          && isEmpty(c.ours)
          && isEmpty(c.theirs)
          && c.settleAll();
    }
  },

  /** Type 0: Knot does not do it; we and NSD look it up. */
  TYPE_ZERO(
      "RFC 6895 §3.1: type 0 is reserved and stands in no zone; RFC 3597 §3: a type that is not known is looked up") {
    @Override
    boolean apply(Comparison c) {
      return c.peer == Peer.KNOT
          && c.question.type() == 0
          && c.theirs.rcode == Rcode.NOTIMP
          && c.settleAll();
    }
  },

  /**
   * NSD takes the header's flags over and leaves DO and NSID out when it does not know the EDNS
   * version.
   */
  UNKNOWN_EDNS_VERSION(
      "RFC 6891 §6.1.3: BADVERS says which version to use; RFC 3225 §3: DO is copied; RFC 4035 §3.1.6: CD is cleared") {
    @Override
    boolean apply(Comparison c) {
      return c.peer == Peer.NSD
          && c.ours.rcode == Rcode.BADVERS
          && c.theirs.rcode == Rcode.BADVERS
          && c.theirs.opt != null
          && c.theirs.opt.version() == 0
          && isEmpty(c.theirs)
          && c.settleAll();
    }
  },

  /**
   * RRSIG asked for: we give one RRset over UDP and all over TCP, Knot always one, NSD always all.
   */
  RRSIG_QUERY(
      "RFC 8482 §4.1, by analogy: what one name has of a type that covers all types may be given in part") {
    @Override
    boolean apply(Comparison c) {
      return c.question.type() == Type.RRSIG
          && c.differsIn(Aspect.ANSWER)
          && isPartOfTheOther(c, c.peer == Peer.KNOT)
          && settle(c, Aspect.ANSWER);
    }
  },

  /**
   * RRSIG asked for at an alias that is not signed: NSD follows the alias, we and Knot say that
   * there is none.
   */
  RRSIG_AT_ALIAS(
      "RFC 4035 §2.5: an alias may own RRSIG, so the alias is not followed for it; RFC 1034 §3.6.2 knows no such type") {
    @Override
    boolean apply(Comparison c) {
      return c.peer == Peer.NSD
          && c.question.type() == Type.RRSIG
          && !c.theirs.answer.isEmpty()
          && Comparison.aliases(c.theirs.answer) > Comparison.aliases(c.ours.answer)
          && Comparison.beyond(c.ours.answer, c.theirs.answer).isEmpty()
          && settleSections(c);
    }
  },

  /**
   * ANY: we give one RRset over UDP and all over TCP; Knot one, of another type; NSD all, or the
   * SOA of an apex.
   */
  ANY_QUERY(
      "RFC 8482 §4.1: ANY may be answered with one RRset, whichever; §4.4: all of them over TCP") {
    @Override
    boolean apply(Comparison c) {
      String owner = Comparison.lastName(c.question, c.ours.answer);
      List<ResourceRecord> ours = new ArrayList<>(c.ours.answer);
      List<ResourceRecord> theirs = new ArrayList<>(c.theirs.answer);
      boolean bothAnswer =
          ours.removeIf(record -> record.owner().equals(owner))
              && theirs.removeIf(record -> record.owner().equals(owner));
      return c.question.type() == Type.ANY
          && bothAnswer
          && ours.equals(theirs)
          && settle(c, Aspect.ANSWER)
          && settle(c, Aspect.AUTHORITY)
          && settle(c, Aspect.ADDITIONAL);
    }
  },

  /**
   * Knot stays in the zone of the question: at an alias into another one it stops, or answers with
   * what this one knows.
   */
  CHAIN_ACROSS_ZONES(
      "RFC 1034 §4.3.2 step 3a starts again in the nearest zone to the target, whichever it is") {
    @Override
    boolean apply(Comparison c) {
      String last = Comparison.lastName(c.question, c.theirs.answer);
      ServedZone next = c.world.zoneOf(World.name(last), c.question.type());
      return c.peer == Peer.KNOT
          && !c.theirs.answer.isEmpty()
          && Comparison.beyond(c.theirs.answer, c.ours.answer).isEmpty()
          && !last.equals(Comparison.lastName(c.question, List.of()))
          && next != null
          && next != c.zone
          && settleSections(c);
    }
  },

  /** Aliases that one answer may hold: ours 11, Knot's 5, NSD's far more. */
  CHAIN_LENGTH(
      "RFC 1034 §3.6.2 and §5.2.2: chains are to be followed but bounded; no RFC gives the bound") {
    @Override
    boolean apply(Comparison c) {
      long ours = Comparison.aliases(c.ours.answer);
      long theirs = Comparison.aliases(c.theirs.answer);
      boolean weStopped =
          ours == Comparison.MAX_CHAIN
              && c.ours.authority.isEmpty()
              && Comparison.beyond(c.ours.answer, c.theirs.answer).isEmpty();
      boolean theyStopped =
          c.peer == Peer.KNOT
              && theirs == KNOT_CHAIN
              && ours > theirs
              && Comparison.beyond(c.theirs.answer, c.ours.answer).isEmpty();
      return (weStopped || theyStopped) && settleSections(c);
    }
  },

  /**
   * A DNAME leads below its own owner: we go round until our bound, Knot until its own, NSD stops
   * at once.
   */
  DNAME_INTO_ITSELF(
      "RFC 1034 §3.6.2: loops are errors of the zone; RFC 6672 §3.2 goes round and sets no bound") {
    @Override
    boolean apply(Comparison c) {
      boolean intoItself =
          c.ours.answer.stream()
              .anyMatch(
                  record ->
                      record.type() == Type.DNAME
                          && record.withFoldedNames().data().endsWith(record.owner()));
      return intoItself
          && Comparison.beyond(c.theirs.answer, c.ours.answer).isEmpty()
          && (c.ours.truncated || Comparison.aliases(c.ours.answer) == Comparison.MAX_CHAIN)
          && Comparison.aliases(c.theirs.answer) < Comparison.MAX_CHAIN
          && settle(c, Aspect.TRUNCATED)
          && settleSections(c);
    }
  },

  /**
   * Peers go round a loop of DNAMEs until their bound and give the same records again and again.
   */
  REPEATED_RECORDS(
      "RFC 2181 §5: an RRset holds a record once; RFC 1034 §3.6.2: loops are to be found") {
    @Override
    boolean apply(Comparison c) {
      List<ResourceRecord> once = new ArrayList<>(c.theirs.answer.stream().distinct().toList());
      if (once.size() == c.theirs.answer.size()) {
        return false;
      }
      c.theirs.answer.clear();
      c.theirs.answer.addAll(once);
      return true;
    }
  },

  /**
   * NSEC asked for at an alias: Knot says that there is none. NSEC3: NSD says so. We follow the
   * alias.
   */
  NSEC_AT_ALIAS(
      "RFC 4035 §2.5: an alias may own an NSEC; where it does not, RFC 1034 §3.6.2 has the alias followed") {
    @Override
    boolean apply(Comparison c) {
      Name last = World.name(Comparison.lastName(c.question, c.theirs.answer));
      NameKind kind = c.world.kindOf(last, c.question.type());
      return c.question.type() == (c.peer == Peer.KNOT ? Type.NSEC : Type.NSEC3)
          && (kind == NameKind.ALIAS || kind == NameKind.WILDCARD_ALIAS)
          && Comparison.beyond(c.theirs.answer, c.ours.answer).isEmpty()
          && settleSections(c);
    }
  },

  /**
   * The name below a DNAME becomes too long: Knot adds the SOA, or says that the name does not
   * exist, or goes on with the DNAME's target alone and adds its data or a referral.
   */
  DNAME_TOO_LONG(
      "RFC 6672 §2.2 and §3.2: YXDOMAIN, with the DNAME, and exit; RFC 2308 §2 wants an SOA for NXDOMAIN and NODATA only") {
    @Override
    boolean apply(Comparison c) {
      return c.peer == Peer.KNOT
          && c.ours.rcode == Rcode.YXDOMAIN
          && (c.theirs.rcode == Rcode.YXDOMAIN || c.theirs.rcode == Rcode.NXDOMAIN)
          && Comparison.beyond(c.ours.answer, c.theirs.answer).isEmpty()
          && !c.ours.answer.isEmpty()
          && c.ours.authority.stream().allMatch(Rule::isDenial)
          && settle(c, Aspect.TRUNCATED)
          && settleSections(c);
    }
  },

  /**
   * NSD keeps all zones in one tree: what another zone has is taken to exist, and to have that
   * zone's place among the proofs.
   */
  NAMES_OF_OTHER_ZONES(
      "RFC 2181 §6.1: data of the parent below a cut is not part of the child's zone, nor the child's of the parent's") {
    @Override
    boolean apply(Comparison c) {
      return c.peer == Peer.NSD
          && (c.theirs.rcode == Rcode.NOERROR || c.theirs.rcode == Rcode.NXDOMAIN)
          && Comparison.chain(c.question, c.ours.answer).stream()
              .anyMatch(name -> isElsewhere(c, World.name(name)))
          && settleSections(c);
    }

    private boolean isElsewhere(Comparison c, Name name) {
      ServedZone zone = c.world.zoneOf(name, c.question.type());
      return zone != null && zone.types(name).isEmpty() && c.world.isKnownToAnotherZone(name, zone);
    }
  },

  /**
   * The peer adds proofs that nobody needs. NSD: for names that begin with an asterisk, and the
   * wrong one for some wildcards. Knot: for some names with an octet of value 0.
   */
  PROOF_OF_TOO_MUCH(
      "RFC 4035 §3.1.3, RFC 5155 §7.2: the proofs that have to be there; ours are, as DenialCheck finds") {
    @Override
    boolean apply(Comparison c) {
      return c.differsIn(Aspect.AUTHORITY)
          && Comparison.beyond(c.ours.authority, c.theirs.authority).isEmpty()
          && Comparison.beyond(c.theirs.authority, c.ours.authority).stream()
              .allMatch(Rule::isDenial)
          && c.oursProves()
          && settle(c, Aspect.AUTHORITY);
    }
  },

  /**
   * The peer's records do not prove what they have to and ours do, as {@link DenialCheck} finds for
   * both. Knot: names with an octet of value 0, wildcards that are empty non-terminals, names that
   * begin with an asterisk. NSD: wildcards after a name that is deeper than they are, names behind
   * a DNAME.
   */
  PROOF_OF_TOO_LITTLE("RFC 4035 §3.1.3 and §5.4, RFC 5155 §7.2 and §8: what has to be proven") {
    @Override
    boolean apply(Comparison c) {
      return c.differsIn(Aspect.AUTHORITY)
          && c.ours.rcode == c.theirs.rcode
          && exclusiveOr(c.ours.authority, c.theirs.authority).allMatch(Rule::isDenial)
          && c.oursProves()
          && !c.theirsProves()
          && settle(c, Aspect.AUTHORITY);
    }
  },

  /**
   * Knot adds records of a wildcard under its own name for targets that do not exist, for service
   * targets proofs too, the root's records for a service target of ".", and all of them again and
   * again.
   */
  ODD_ADDITIONAL_DATA(
      "RFC 4592 §3.3.1: a wildcard's record is given under the name asked for; RFC 9460 §2.5: \".\" is the owner or none; RFC 2181 §5") {
    @Override
    boolean apply(Comparison c) {
      if (c.peer != Peer.KNOT || !c.differsIn(Aspect.ADDITIONAL)) {
        return false;
      }
      boolean service = c.ours.answer.stream().anyMatch(Rule::isService);
      List<ResourceRecord> once =
          new ArrayList<>(
              c.theirs.additional.stream()
                  .distinct()
                  .filter(record -> !c.theirs.answer.contains(record))
                  .filter(record -> !record.owner().startsWith("\1*"))
                  .filter(record -> !service || !(isDenial(record) || record.owner().equals("\0")))
                  .toList());
      boolean changed = once.size() < c.theirs.additional.size();
      c.theirs.additional.clear();
      c.theirs.additional.addAll(once);
      return changed;
    }
  },

  /** Peers add the addresses of hosts that an answer names; our answers are minimal. */
  ADDRESSES_OF_TARGETS(
      "RFC 1034 §4.3.2 step 6: additional data is what a server likes to add; only glue is required (RFC 9471)") {
    @Override
    boolean apply(Comparison c) {
      List<ResourceRecord> more = Comparison.beyond(c.theirs.additional, c.ours.additional);
      if (!c.differsIn(Aspect.ADDITIONAL) || more.isEmpty()) {
        return false;
      }
      List<ResourceRecord> optional =
          more.stream()
              .filter(record -> isAddress(record) && isTarget(record.owner(), c.theirs.answer))
              .toList();
      optional.forEach(c.theirs.additional::remove);
      return !optional.isEmpty();
    }
  },

  /** We add what an SVCB or HTTPS record leads to; the peers here do not. */
  SERVICE_TARGETS("RFC 9460 §4.1: servers SHOULD return A, AAAA and SVCB records of the target") {
    @Override
    boolean apply(Comparison c) {
      List<ResourceRecord> more = Comparison.beyond(c.ours.additional, c.theirs.additional);
      if (!c.differsIn(Aspect.ADDITIONAL) || more.isEmpty()) {
        return false;
      }
      List<ResourceRecord> optional =
          more.stream()
              .filter(record -> isAddress(record) || isService(record))
              .filter(
                  record ->
                      c.ours.answer.stream()
                          .anyMatch(
                              answer ->
                                  isService(answer) && isServiceTarget(record.owner(), answer)))
              .toList();
      optional.forEach(c.ours.additional::remove);
      return !optional.isEmpty();
    }
  },

  /** Peers let a wildcard stand in for a name server; we look at names that exist. */
  SERVER_BY_WILDCARD(
      "RFC 9471 §2: glue is the data at the server's own name; RFC 1034 §4.3.2 step 6 leaves the rest free") {
    @Override
    boolean apply(Comparison c) {
      List<ResourceRecord> more = Comparison.beyond(c.theirs.additional, c.ours.additional);
      if (!c.differsIn(Aspect.ADDITIONAL) || more.isEmpty()) {
        return false;
      }
      List<ResourceRecord> optional =
          more.stream()
              .filter(record -> isAddress(record) && isTarget(record.owner(), c.theirs.authority))
              .filter(
                  record ->
                      c.world.zones().stream()
                          .noneMatch(zone -> zone.exists(World.name(record.owner()))))
              .toList();
      optional.forEach(c.theirs.additional::remove);
      return !optional.isEmpty();
    }
  },

  /** NSD says nothing when glue does not fit. */
  GLUE_LEFT_OUT("RFC 9471 §3.1: TC is set when not all glue for in-domain name servers fits") {
    @Override
    boolean apply(Comparison c) {
      return c.peer == Peer.NSD
          && c.ours.truncated
          && !c.theirs.truncated
          && c.theirs.answer.isEmpty()
          && (c.kind == NameKind.CUT || c.kind == NameKind.BELOW_CUT)
          && c.overTcp().ourReply.message().length > c.question.limit()
          && c.overTcp().differences().isEmpty()
          && settle(c, Aspect.TRUNCATED);
    }
  },

  /**
   * One reply is complete or nearly so, the other not, because they are not equally long: names are
   * compressed in different ways.
   */
  MESSAGE_SIZE(
      "RFC 2181 §9: TC is set where data did not fit; RFC 1035 §4.1.4: compression is up to the server") {
    @Override
    boolean apply(Comparison c) {
      if (c.question.tcp()
          || !(c.ours.truncated || c.theirs.truncated || onlyAdditionalDiffers(c))) {
        return false;
      }
      Comparison whole = c.overTcp();
      boolean weHadTo = !c.ours.truncated || whole.ourReply.message().length > c.question.limit();
      boolean oneIsTooLong =
          Math.max(whole.ourReply.message().length, whole.peerReply.message().length)
              > c.question.limit();
      return weHadTo && oneIsTooLong && whole.differences().isEmpty() && c.settleAll();
    }
  };

  private static final int NXNAME = 128;
  private static final int KNOT_CHAIN = 5;
  private static final String EXTENDED_ERROR_CODE = "\0\17";

  private final String reason;

  Rule(String reason) {
    this.reason = reason;
  }

  String reason() {
    return reason;
  }

  /**
   * Removes from both views what the rule allows to differ; true when that took part of the
   * difference away.
   */
  abstract boolean apply(Comparison c);

  private static boolean isEmpty(View view) {
    return view.answer.isEmpty() && view.authority.isEmpty() && view.additional.isEmpty();
  }

  private static Reply.Opt withoutExtendedError(Reply.Opt opt) {
    return opt == null
        ? null
        : new Reply.Opt(
            opt.payloadBytes(),
            opt.extendedRcode(),
            opt.version(),
            opt.flags(),
            opt.options().stream()
                .filter(option -> !option.startsWith(EXTENDED_ERROR_CODE))
                .toList());
  }

  private static void foldData(List<ResourceRecord> section) {
    section.replaceAll(ResourceRecord::withFoldedNames);
    section.sort(null);
  }

  private static boolean settle(Comparison c, Aspect aspect) {
    c.settle(aspect);
    return true;
  }

  private static boolean settleSections(Comparison c) {
    settle(c, Aspect.RCODE);
    settle(c, Aspect.ANSWER);
    settle(c, Aspect.AUTHORITY);
    return settle(c, Aspect.ADDITIONAL);
  }

  /** Records that say what does not exist. */
  private static boolean isDenial(ResourceRecord record) {
    int type = record.type() == Type.RRSIG ? record.covered() : record.type();
    return type == Type.SOA || type == Type.NSEC || type == Type.NSEC3;
  }

  private static Stream<ResourceRecord> exclusiveOr(
      List<ResourceRecord> a, List<ResourceRecord> b) {
    return Stream.concat(Comparison.beyond(a, b).stream(), Comparison.beyond(b, a).stream());
  }

  private static boolean onlyAdditionalDiffers(Comparison c) {
    return c.differences().equals(Set.of(Aspect.ADDITIONAL));
  }

  /**
   * True when one answer section is a part of the other: theirs of ours, or ours of theirs, and
   * neither is empty.
   */
  private static boolean isPartOfTheOther(Comparison c, boolean theirsOfOurs) {
    List<ResourceRecord> less = theirsOfOurs ? c.theirs.answer : c.ours.answer;
    List<ResourceRecord> more = theirsOfOurs ? c.ours.answer : c.theirs.answer;
    return !less.isEmpty() && Comparison.beyond(less, more).isEmpty();
  }

  private static boolean isAddress(ResourceRecord record) {
    int type = record.type() == Type.RRSIG ? record.covered() : record.type();
    return type == Type.A || type == Type.AAAA;
  }

  private static boolean isService(ResourceRecord record) {
    int type = record.type() == Type.RRSIG ? record.covered() : record.type();
    return type == Type.SVCB || type == Type.HTTPS;
  }

  private static boolean isServiceTarget(String name, ResourceRecord service) {
    return service.type() != Type.RRSIG
        && (service.withFoldedNames().data().startsWith(name, 2)
            || (service.data().charAt(2) == 0 && service.owner().equals(name)));
  }

  /** True when a record of a section names the host. */
  private static boolean isTarget(String name, List<ResourceRecord> section) {
    return section.stream()
        .anyMatch(
            record ->
                record.type() != Type.RRSIG && record.withFoldedNames().data().contains(name));
  }
}
