package io.flashdns.differential;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * What each of our replies must keep, whatever the peers say: form, size, whole RRsets that stand
 * in a zone just so, signatures, glue, and proofs that prove. One thread.
 */
final class ReplyCheck {
  private static final int PAYLOAD_BYTES = 1_232;
  private static final int DO_BIT = 0x8000;
  private static final int VERSION_OCTET = 6;
  private static final String ERROR_CODE = "\0\17";
  private static final String NSID_CODE = "\0\3";
  private static final String NSID_OPTION =
      NSID_CODE + "\0" + (char) NameServer.NSID.length() + NameServer.NSID;

  private final World world;
  private final Question question;
  private final Reply reply;
  private final Message parsed;
  private final List<String> problems = new ArrayList<>();

  private ReplyCheck(World world, Question question, Reply reply) throws IOException {
    this.world = world;
    this.question = question;
    this.reply = reply;
    this.parsed = new Message(reply.message());
  }

  /**
   * @param verify whether to verify signatures too, which costs most
   * @return what is wrong with the reply; nothing when all is well
   */
  static List<String> problems(World world, Question question, Reply reply, boolean verify) {
    try {
      ReplyCheck check = new ReplyCheck(world, question, reply);
      check.checkForm();
      check.checkOpt();
      check.checkRecords();
      check.checkGlue();
      check.problems.addAll(DenialCheck.problems(world, question, reply));
      if (verify && question.dnssecOk()) {
        check.verifySignatures();
      }
      return check.problems;
    } catch (IOException e) {
      return List.of("dnsjava cannot read it: " + e.getMessage());
    }
  }

  private void checkForm() {
    int asked = (question.message()[2] & 0xff) << 8 | (question.message()[3] & 0xff);
    require(reply.has(Reply.QR), "QR is not set");
    require((reply.flags() & 0x78f0 & ~Reply.CD) == 0, "opcode, RA, Z or AD is set");
    require(!reply.has(Reply.CD), "CD is set (RFC 4035 §3.1.6)");
    require(reply.has(Reply.RD) == ((asked & Reply.RD) != 0), "RD is not that of the query");
    String sent =
        new String(question.message(), 12, question.questionBytes(), StandardCharsets.ISO_8859_1);
    require(reply.question().equals(sent), "the question is not echoed octet by octet");
    require(
        reply.message().length <= question.limit(),
        reply.message().length + " octets, " + question.limit() + " allowed");
  }

  private void checkOpt() {
    require(
        reply.opts().size() == (question.hasEdns() ? 1 : 0),
        "OPT although none was sent, or none, or several");
    if (reply.opts().size() != 1) {
      return;
    }
    Reply.Opt opt = reply.opts().getFirst();
    require(
        opt.payloadBytes() == PAYLOAD_BYTES && opt.version() == 0,
        "OPT does not say 1232 and version 0");
    require(
        opt.flags() == (question.dnssecOk() ? DO_BIT : 0), "OPT flags are not DO alone as asked");
    long nsids = opt.options().stream().filter(option -> option.startsWith(NSID_CODE)).count();
    require(
        nsids == (opt.options().contains(NSID_OPTION) ? 1 : 0), "NSID is not the one that was set");
    require(
        nsids == (question.asksNsid() ? 1 : 0),
        "NSID unasked, or asked and missing (RFC 5001 §2.1)");
    boolean extended = opt.options().stream().anyMatch(option -> option.startsWith(ERROR_CODE));
    require(!extended || isError(reply.rcode()), "an extended error without an error");
    boolean badVersion = question.message()[12 + question.questionBytes() + VERSION_OCTET] != 0;
    require(
        badVersion == (reply.rcode() == Rcode.BADVERS),
        "BADVERS is for EDNS versions above 0, and for all of them");
  }

  /** Every RRset is whole and as its zone has it, and signed where it should be. */
  private void checkRecords() {
    checkSection(reply.answer(), Section.ANSWER);
    checkSection(reply.authority(), Section.AUTHORITY);
    checkSection(reply.additional(), Section.ADDITIONAL);
  }

  private void checkSection(List<ResourceRecord> section, int number) {
    Map<ServedZone.Key, List<ResourceRecord>> rrsets = new LinkedHashMap<>();
    for (ResourceRecord record : section) {
      ServedZone.Key key =
          new ServedZone.Key(World.name(record.owner()), record.type(), record.covered());
      rrsets.computeIfAbsent(key, _ -> new ArrayList<>()).add(record);
    }
    rrsets.forEach((key, rrset) -> checkRrset(key, rrset, rrsets, number));
  }

  private void checkRrset(
      ServedZone.Key key,
      List<ResourceRecord> rrset,
      Map<ServedZone.Key, List<ResourceRecord>> section,
      int number) {
    if (key.type() == Type.CNAME
        && rrset.size() == 1
        && Comparison.isMadeFromDname(rrset.getFirst(), reply.answer())) {
      return;
    }
    List<ResourceRecord> signatures = null;
    for (int skip = 0; skip < key.owner().labels(); skip++) {
      ServedZone zone = world.zone(skip == 0 ? key.owner() : new Name(key.owner(), skip));
      if (zone != null) {
        signatures = signaturesOf(zone, key, rrset, number);
      }
      if (signatures != null) {
        break;
      }
    }
    if (signatures == null) {
      problems.add("no zone has this RRset, whole and in this form: " + rrset);
      return;
    }
    if (key.type() == Type.RRSIG) {
      boolean asked = question.type() == Type.RRSIG || question.type() == Type.ANY;
      require(question.dnssecOk() || asked, "RRSIG without DO");
      return;
    }
    boolean proof = number == Section.AUTHORITY && DenialCheck.TYPES.contains(key.type());
    require(question.dnssecOk() || !proof, "NSEC or NSEC3 without DO");
    ServedZone.Key signed = new ServedZone.Key(key.owner(), Type.RRSIG, key.type());
    boolean isSigned = section.getOrDefault(signed, List.of()).size() == signatures.size();
    require(
        !question.dnssecOk() || isSigned,
        "RRSIG missing for " + key.owner() + " " + Type.string(key.type()));
  }

  /** The signatures over an RRset in the zone that has it just so; null when this zone has not. */
  private @Nullable List<ResourceRecord> signaturesOf(
      ServedZone zone, ServedZone.Key key, List<ResourceRecord> rrset, int number) {
    Name source = key.owner();
    if (!zone.exists(source) && zone.rrset(source, key.type(), key.covered()).isEmpty()) {
      Name wildcard = ServedZone.wildcardBelow(zone.encloser(source));
      if (wildcard == null) {
        return null;
      }
      source = wildcard;
    }
    boolean negativeSoa =
        number == Section.AUTHORITY && (key.type() == Type.SOA || key.covered() == Type.SOA);
    List<ResourceRecord> wanted = new ArrayList<>();
    for (ResourceRecord record : zone.rrset(source, key.type(), key.covered())) {
      wanted.add(
          new ResourceRecord(
              rrset.getFirst().owner(),
              record.type(),
              record.recordClass(),
              negativeSoa ? zone.negativeTtl() : record.ttl(),
              record.data()));
    }
    return wanted.equals(rrset) ? zone.rrset(source, Type.RRSIG, key.type()) : null;
  }

  /** A referral carries all glue that is in its domain, or says TC (RFC 9471 §3.1). */
  private void checkGlue() {
    if (reply.has(Reply.TC)) {
      return;
    }
    for (ResourceRecord ns : reply.authority()) {
      if (ns.type() != Type.NS || !ns.data().endsWith(ns.owner())) {
        continue;
      }
      ServedZone zone = world.zoneOf(new Name(World.name(ns.owner()), 1), Type.NS);
      if (zone == null) {
        continue;
      }
      Name server = World.name(ns.data());
      for (int type : new int[] {Type.A, Type.AAAA}) {
        long there =
            reply.additional().stream()
                .filter(record -> record.owner().equals(ns.data()) && record.type() == type)
                .count();
        require(there == zone.rrset(server, type, 0).size(), "glue of " + server + " is missing");
      }
    }
  }

  private void verifySignatures() {
    for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
      for (RRset rrset : parsed.getSectionRRsets(section)) {
        for (RRSIGRecord signature : rrset.sigs()) {
          ServedZone zone = world.zone(signature.getSigner());
          DNSKEYRecord key = zone == null ? null : zone.key();
          if (rrset.rrs(false).isEmpty() || isFoldedByDnsjava(rrset)) {
            continue;
          }
          if (key == null) {
            problems.add("no zone has the key of " + signature);
            continue;
          }
          try {
            DNSSEC.verify(rrset, signature, key, Instant.now());
          } catch (DNSSEC.DNSSECException e) {
            problems.add(
                "the signature over "
                    + rrset.getName()
                    + " "
                    + Type.string(rrset.getType())
                    + " is not good: "
                    + e.getMessage());
          }
        }
      }
    }
  }

  /**
   * dnsjava signs SVCB targets in lower case; the list of types for which that is right ends before
   * it (RFC 4034 §6.2).
   */
  private static boolean isFoldedByDnsjava(RRset rrset) {
    return rrset.getType() == Type.SVCB || rrset.getType() == Type.HTTPS;
  }

  private static boolean isError(int rcode) {
    return rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN && rcode != Rcode.YXDOMAIN;
  }

  private void require(boolean kept, String problem) {
    if (!kept) {
      problems.add(problem);
    }
  }
}
