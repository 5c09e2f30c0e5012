package io.flashdns.differential;

import io.flashdns.differential.ZoneSource.Signing;
import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSEC3Record;
import org.xbill.DNS.NSECRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;
import org.xbill.DNS.utils.base32;

/**
 * Holds the proofs in a reply against what they have to prove, by the rules of RFC 4035 §5.4 and
 * RFC 5155 §8, with dnsjava's order of names and hashes. One reply; one thread.
 */
final class DenialCheck {
  private final ServedZone zone;
  private final List<NSECRecord> nsecs = new ArrayList<>();
  private final List<NSEC3Record> nsec3s = new ArrayList<>();

  /**
   * @param zone the zone that denies
   * @param authority the reply's authority section
   */
  private DenialCheck(ServedZone zone, List<Record> authority) {
    this.zone = zone;
    for (Record record : authority) {
      if (record instanceof NSECRecord nsec && nsec.getName().subdomain(zone.apex())) {
        nsecs.add(nsec);
      } else if (record instanceof NSEC3Record nsec3
          && new Name(nsec3.getName(), 1).equals(zone.apex())) {
        nsec3s.add(nsec3);
      }
    }
  }

  /**
   * Holds response code and proofs of a reply against what the zones hold.
   *
   * @return what is wrong; nothing when all is proven that has to be, or when the reply is
   *     truncated
   */
  static List<String> problems(World world, Question question, Reply reply) throws IOException {
    boolean answered = reply.rcode() == Rcode.NOERROR || reply.rcode() == Rcode.NXDOMAIN;
    if (reply.has(Reply.TC) || question.recordClass() != DClass.IN || !answered) {
      return List.of();
    }
    List<Record> authority = new Message(reply.message()).getSection(Section.AUTHORITY);
    List<String> problems = new ArrayList<>();
    for (ResourceRecord alias : reply.answer()) {
      Name owner = World.name(alias.owner());
      ServedZone zone = world.zoneOf(owner, question.type());
      boolean byWildcard = zone != null && zone.kindOf(owner, Type.A) == NameKind.WILDCARD_ALIAS;
      if (alias.type() == Type.CNAME && byWildcard && zone.isSigned() && question.dnssecOk()) {
        note(problems, new DenialCheck(zone, authority).noCloserName(owner));
      }
    }
    if (Comparison.endsEarly(question, reply.answer())) {
      return problems;
    }
    Name last = World.name(Comparison.lastName(question, reply.answer()));
    ServedZone zone = world.zoneOf(last, question.type());
    if (zone == null) {
      return problems;
    }
    NameKind kind = zone.kindOf(last, question.type());
    if ((kind == NameKind.NAME_ERROR) != (reply.rcode() == Rcode.NXDOMAIN)) {
      problems.add(kind + " with " + Rcode.string(reply.rcode()));
    }
    if (question.dnssecOk() && zone.isSigned()) {
      DenialCheck check = new DenialCheck(zone, authority);
      note(problems, check.missing(kind, last, question.type()));
      Name cut = zone.cutAbove(last);
      if ((kind == NameKind.CUT || kind == NameKind.BELOW_CUT)
          && cut != null
          && !zone.has(cut, Type.DS)) {
        note(problems, check.noData(cut, Type.DS));
      }
    }
    return problems;
  }

  private static void note(List<String> problems, @Nullable String problem) {
    if (problem != null) {
      problems.add(problem);
    }
  }

  /** What is missing from the proof for a name and type of this kind; null when it is whole. */
  private @Nullable String missing(NameKind kind, Name name, int type) {
    return switch (kind) {
      case NAME_ERROR -> usesNsec3() ? noName3(name, true) : noName(name, true);
      case NO_DATA, EMPTY_NON_TERMINAL -> noData(name, type);
      case WILDCARD, WILDCARD_ALIAS -> noCloserName(name);
      case WILDCARD_NO_DATA -> noWildcardData(name, type);
      case CUT, BELOW_CUT, OUTSIDE, BELOW_DNAME, ALIAS, HIT -> null;
    };
  }

  /** What is missing from the proof that a wildcard may stand in for a name. */
  private @Nullable String noCloserName(Name name) {
    if (usesNsec3()) {
      Name nextCloser = nextCloser(name, zone.encloser(name));
      return covers3(nextCloser) ? null : "no NSEC3 covers " + nextCloser;
    }
    return covers(name) ? null : "no NSEC covers " + name;
  }

  private boolean usesNsec3() {
    return zone.signing() != Signing.NSEC;
  }

  private @Nullable String noData(Name name, int type) {
    if (usesNsec3()) {
      for (NSEC3Record nsec3 : nsec3s) {
        if (matches3(nsec3, name)) {
          return nsec3.hasType(type) || nsec3.hasType(Type.CNAME)
              ? "the NSEC3 of " + name + " has the type"
              : null;
        }
      }
      // An insecure delegation or what lies on the way to one, in an opt-out zone (RFC 5155 §8.6
      // and §7.2.4).
      return zone.signing() == Signing.NSEC3_OPT_OUT
          ? noName3(name, false)
          : "no NSEC3 matches " + name;
    }
    for (NSECRecord nsec : nsecs) {
      if (nsec.getName().equals(name)) {
        return nsec.hasType(type) || nsec.hasType(Type.CNAME)
            ? "the NSEC of " + name + " has the type"
            : null;
      }
      if (covers(nsec, name) && nsec.getNext().subdomain(name)) {
        return null;
      }
    }
    return "no NSEC is at " + name + " or shows it to be an empty non-terminal";
  }

  private @Nullable String noWildcardData(Name name, int type) {
    Name wildcard = ServedZone.wildcardBelow(zone.encloser(name));
    if (wildcard == null) {
      return "no wildcard can stand in for " + name;
    }
    String first = usesNsec3() ? noName3(name, false) : noName(name, false);
    return first != null ? first : noData(wildcard, type);
  }

  private @Nullable String noName(Name name, boolean andNoWildcard) {
    Name wildcard = ServedZone.wildcardBelow(zone.encloser(name));
    if (!covers(name)) {
      return "no NSEC covers " + name;
    }
    return andNoWildcard && wildcard != null && !covers(wildcard)
        ? "no NSEC covers " + wildcard
        : null;
  }

  /**
   * The closest encloser proof: in an opt-out zone that of the closest encloser that has an NSEC3.
   */
  private @Nullable String noName3(Name name, boolean andNoWildcard) {
    for (Name encloser = zone.encloser(name);
        encloser.labels() >= zone.apex().labels();
        encloser = new Name(encloser, 1)) {
      Name candidate = encloser;
      if (!encloser.equals(name) && nsec3s.stream().anyMatch(nsec3 -> matches3(nsec3, candidate))) {
        Name nextCloser = nextCloser(name, encloser);
        Name wildcard = ServedZone.wildcardBelow(encloser);
        if (!covers3(nextCloser)) {
          return "no NSEC3 covers " + nextCloser;
        }
        return andNoWildcard && wildcard != null && !covers3(wildcard)
            ? "no NSEC3 covers " + wildcard
            : null;
      }
      if (zone.signing() != Signing.NSEC3_OPT_OUT) {
        break;
      }
    }
    return "no NSEC3 matches the closest encloser " + zone.encloser(name);
  }

  private static Name nextCloser(Name name, Name encloser) {
    int skip = name.labels() - encloser.labels() - 1;
    return skip == 0 ? name : new Name(name, skip);
  }

  private boolean covers(Name name) {
    return nsecs.stream().anyMatch(nsec -> covers(nsec, name));
  }

  private boolean covers(NSECRecord nsec, Name name) {
    return nsec.getName().compareTo(name) < 0
        && (nsec.getNext().equals(zone.apex()) || name.compareTo(nsec.getNext()) < 0);
  }

  private boolean covers3(Name name) {
    byte[] hash = hash(name);
    for (NSEC3Record nsec3 : nsec3s) {
      byte[] owner = ownerHash(nsec3);
      byte[] next = nsec3.getNext();
      boolean afterOwner = Arrays.compareUnsigned(owner, hash) < 0;
      boolean beforeNext = Arrays.compareUnsigned(hash, next) < 0;
      boolean last = Arrays.compareUnsigned(owner, next) >= 0;
      if (last ? afterOwner || beforeNext : afterOwner && beforeNext) {
        return true;
      }
    }
    return false;
  }

  private boolean matches3(NSEC3Record nsec3, Name name) {
    return Arrays.equals(ownerHash(nsec3), hash(name));
  }

  private byte[] hash(Name name) {
    try {
      return nsec3s.isEmpty() ? new byte[0] : nsec3s.getFirst().hashName(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] ownerHash(NSEC3Record nsec3) {
    return new base32(base32.Alphabet.BASE32HEX, false, false)
        .fromString(nsec3.getName().getLabelString(0).toUpperCase(Locale.ROOT));
  }

  /** The types of records that prove. */
  static final Set<Integer> TYPES = Set.of(Type.NSEC, Type.NSEC3);
}
