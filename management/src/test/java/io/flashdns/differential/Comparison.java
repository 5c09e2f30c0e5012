package io.flashdns.differential;

import io.flashdns.differential.View.Aspect;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Type;

/**
 * Our reply beside that of one peer. Rules trim the two views to what has to be equal; the replies
 * stay as they came. One thread.
 */
final class Comparison {
  /** Aliases that our answers may hold. */
  static final int MAX_CHAIN = 11;

  /** Who is compared with. */
  enum Peer {
    KNOT,
    NSD
  }

  /** Asks the same question over TCP, of us and of the peer. */
  interface Retry {
    Comparison overTcp(Question question, Peer peer) throws IOException, Reply.BadReplyException;
  }

  final World world;
  final Question question;
  final Peer peer;
  final NameKind kind;
  final @Nullable ServedZone zone;
  final Reply ourReply;
  final Reply peerReply;
  final View ours;
  final View theirs;
  private final Retry retry;
  private final Set<Rule> used = EnumSet.noneOf(Rule.class);
  private @Nullable Comparison overTcp;

  Comparison(
      World world, Question question, Peer peer, Reply ourReply, Reply peerReply, Retry retry) {
    this.world = world;
    this.question = question;
    this.peer = peer;
    this.kind = world.kindOf(question.name(), question.type());
    this.zone = world.zoneOf(question.name(), question.type());
    this.ourReply = ourReply;
    this.peerReply = peerReply;
    this.ours = new View(ourReply);
    this.theirs = new View(peerReply);
    this.retry = retry;
  }

  /** True when our proofs prove what they have to. */
  boolean oursProves() {
    return proves(ourReply);
  }

  /** True when their proofs prove what they have to. */
  boolean theirsProves() {
    return proves(peerReply);
  }

  private boolean proves(Reply reply) {
    try {
      return DenialCheck.problems(world, question, reply).isEmpty();
    } catch (IOException e) {
      throw new IllegalStateException("dnsjava cannot read a reply to " + question, e);
    }
  }

  /** What still differs. */
  Set<Aspect> differences() {
    return ours.differences(theirs);
  }

  boolean differsIn(Aspect aspect) {
    return differences().contains(aspect);
  }

  /** Lets the rules explain what differs. True when nothing is left. */
  boolean explain() {
    for (Rule rule : Rule.values()) {
      if (differences().isEmpty()) {
        return true;
      }
      if (rule.apply(this)) {
        used.add(rule);
      }
    }
    return differences().isEmpty();
  }

  /** The rules that {@link #explain} needed. */
  Set<Rule> used() {
    return used;
  }

  /** The same over TCP, explained as far as it can be. */
  Comparison overTcp() {
    Comparison same = overTcp;
    if (same == null) {
      try {
        same = retry.overTcp(question.overTcp(), peer);
      } catch (IOException | Reply.BadReplyException e) {
        throw new IllegalStateException("no comparison over TCP of " + question, e);
      }
      same.explain();
      overTcp = same;
    }
    return same;
  }

  /**
   * Makes a part of our view equal to theirs, or theirs to ours: the rule says that it may differ.
   */
  void settle(Aspect aspect) {
    switch (aspect) {
      case QUESTION -> theirs.question = ours.question;
      case RCODE -> theirs.rcode = ours.rcode;
      case AUTHORITATIVE -> theirs.authoritative = ours.authoritative;
      case TRUNCATED -> theirs.truncated = ours.truncated;
      case FLAGS -> theirs.flags = ours.flags;
      case ANSWER -> settle(ours.answer, theirs.answer);
      case AUTHORITY -> settle(ours.authority, theirs.authority);
      case ADDITIONAL -> settle(ours.additional, theirs.additional);
      case OPT -> theirs.opt = ours.opt;
    }
  }

  /** Makes all of their view equal to ours. */
  boolean settleAll() {
    for (Aspect aspect : Aspect.values()) {
      settle(aspect);
    }
    return true;
  }

  private static void settle(List<ResourceRecord> ours, List<ResourceRecord> theirs) {
    theirs.clear();
    theirs.addAll(ours);
  }

  /** The records of {@code more} that are not in {@code less}, each as often as it is too many. */
  static List<ResourceRecord> beyond(List<ResourceRecord> more, List<ResourceRecord> less) {
    List<ResourceRecord> left = new ArrayList<>(more);
    for (ResourceRecord record : less) {
      left.remove(record);
    }
    return left;
  }

  /**
   * The names that an answer section goes through: the question's, and the target of each alias, up
   * to where a name comes again.
   */
  static List<String> chain(Question question, List<ResourceRecord> answer) {
    List<String> names = new ArrayList<>();
    String name = new String(question.name().toWireCanonical(), StandardCharsets.ISO_8859_1);
    while (name != null && !names.contains(name)) {
      names.add(name);
      String owner = name;
      name =
          answer.stream()
              .filter(record -> record.type() == Type.CNAME && record.owner().equals(owner))
              .filter(_ -> question.type() != Type.CNAME)
              .filter(alias -> question.type() != Type.ANY || isMadeFromDname(alias, answer))
              .map(ResourceRecord::data)
              .findFirst()
              .orElse(null);
    }
    return names;
  }

  /** True for a CNAME below a DNAME of the same answer that leads to its target (RFC 6672 §3.1). */
  static boolean isMadeFromDname(ResourceRecord cname, List<ResourceRecord> answer) {
    for (ResourceRecord dname : answer) {
      int below = cname.owner().length() - dname.owner().length();
      if (dname.type() == Type.DNAME && below > 0 && cname.owner().endsWith(dname.owner())) {
        String target = cname.owner().substring(0, below) + dname.withFoldedNames().data();
        if (target.equals(cname.data()) && cname.ttl() == dname.ttl()) {
          return true;
        }
      }
    }
    return false;
  }

  /** The last name of the chain. */
  static String lastName(Question question, List<ResourceRecord> answer) {
    return chain(question, answer).getLast();
  }

  /**
   * True when an answer stops before the chain's end is known: at the bound, in a loop, or at the
   * alias that was asked for.
   */
  static boolean endsEarly(Question question, List<ResourceRecord> answer) {
    String last = lastName(question, answer);
    boolean loops =
        answer.stream()
            .anyMatch(record -> record.type() == Type.CNAME && record.owner().equals(last));
    return loops || aliases(answer) >= MAX_CHAIN;
  }

  /** Different aliases in an answer section. */
  static long aliases(List<ResourceRecord> answer) {
    return answer.stream().filter(record -> record.type() == Type.CNAME).distinct().count();
  }

  @Override
  public String toString() {
    return question
        + " ("
        + kind
        + ")\n  ours: "
        + ourReply
        + "\n  "
        + peer
        + ": "
        + peerReply
        + "\n  left: "
        + differences();
  }
}
