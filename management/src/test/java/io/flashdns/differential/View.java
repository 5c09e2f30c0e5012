package io.flashdns.differential;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A copy of a reply that rules may trim to what has to be equal. One thread. */
final class View {
  /** What two replies can differ in. */
  enum Aspect {
    QUESTION,
    RCODE,
    AUTHORITATIVE,
    TRUNCATED,
    FLAGS,
    ANSWER,
    AUTHORITY,
    ADDITIONAL,
    OPT
  }

  private static final int OTHER_FLAGS = ~(Reply.AA | Reply.TC | 0xf);

  String question;
  int rcode;
  boolean authoritative;
  boolean truncated;
  int flags;
  final List<ResourceRecord> answer;
  final List<ResourceRecord> authority;
  final List<ResourceRecord> additional;
  Reply.@Nullable Opt opt;

  View(Reply reply) {
    this.question = reply.question();
    this.rcode = reply.rcode();
    this.authoritative = reply.has(Reply.AA);
    this.truncated = reply.has(Reply.TC);
    this.flags = reply.flags() & OTHER_FLAGS;
    this.answer = new ArrayList<>(reply.answer());
    this.authority = new ArrayList<>(reply.authority());
    this.additional = new ArrayList<>(reply.additional());
    this.opt = reply.opts().isEmpty() ? null : reply.opts().getFirst();
  }

  /**
   * What differs; sections are not looked at where one of the two is truncated, for then they are
   * incomplete.
   */
  Set<Aspect> differences(View other) {
    Set<Aspect> found = EnumSet.noneOf(Aspect.class);
    note(found, Aspect.QUESTION, question.equals(other.question));
    note(found, Aspect.RCODE, rcode == other.rcode);
    note(found, Aspect.AUTHORITATIVE, authoritative == other.authoritative);
    note(found, Aspect.TRUNCATED, truncated == other.truncated);
    note(found, Aspect.FLAGS, flags == other.flags);
    note(found, Aspect.OPT, Objects.equals(opt, other.opt));
    if (!truncated && !other.truncated) {
      note(found, Aspect.ANSWER, answer.equals(other.answer));
      note(found, Aspect.AUTHORITY, authority.equals(other.authority));
      note(found, Aspect.ADDITIONAL, additional.equals(other.additional));
    }
    return found;
  }

  private static void note(Set<Aspect> found, Aspect aspect, boolean equal) {
    if (!equal) {
      found.add(aspect);
    }
  }
}
