package io.flashdns.management.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Decision;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.ZoneRules;
import io.flashdns.proto.v1.AuditDecision;
import io.flashdns.proto.v1.AuditEntry;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.QuotaEffect;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a mutating call asks for: the zones, the documents, the rules of tenants, the entry of
 * the audit log and the answer that is remembered for the request id, all in one transaction; or,
 * with {@code validate_only}, says what that would do.
 *
 * <p>Safe for all threads. Blocks until the change will survive a power cut.
 */
final class Committer {
  private final ZoneStore store;
  private final ZoneRules rules;

  /**
   * Over a store.
   *
   * @param rules what holds for all changes of zones
   */
  Committer(ZoneStore store, ZoneRules rules) {
    this.store = store;
    this.rules = rules;
  }

  /**
   * What a call asks for.
   *
   * @param requestId empty for none
   * @param validateOnly true to do nothing
   * @param force true to pass the change guard
   * @param changes what is done to zones; none for a call about something else
   */
  record Asked(String requestId, boolean validateOnly, boolean force, List<ZoneChange> changes) {
    /** About no zone. */
    static Asked ofDocuments(String requestId, boolean validateOnly) {
      return new Asked(requestId, validateOnly, false, List.of());
    }
  }

  /** What a call does beside its changes of zones. */
  @FunctionalInterface
  interface Work<R extends Message> {
    /**
     * Decides inside the transaction. May be called more than once; the last time counts.
     *
     * @param outcome with revision, flags and quota effects, to be added to and to become part of
     *     the answer
     * @throws io.flashdns.management.message.CallException to have nothing done
     */
    Written<R> write(ContentView view, Plan plan, Instant now, Outcome.Builder outcome)
        throws StoreException;
  }

  /**
   * What is written.
   *
   * @param answer what the caller gets
   * @param remembered what it gets when it sends the same request id again: the answer without
   *     secrets
   * @param documents what is done to documents
   * @param audit adds to the entry of the audit log: project, zones, before and after
   */
  record Written<R extends Message>(
      R answer, R remembered, List<DocumentEdit> documents, AuditEntry.Builder audit) {
    /** With an answer that has no secrets. */
    Written(R answer, List<DocumentEdit> documents, AuditEntry.Builder audit) {
      this(answer, answer, documents, audit);
    }
  }

  /** What holds for changes of tenants' zones. */
  ZoneRules rules() {
    return rules;
  }

  /**
   * The first answer to a request that was sent before; null when it was not.
   *
   * @param requestId empty for none
   * @throws CallException when it is none
   */
  <R extends Message> @Nullable R known(Call call, String requestId, R prototype)
      throws StoreException {
    if (requestId.isEmpty()) {
      return null;
    }
    if (requestId.length() > ChangeSet.MAX_REQUEST_ID_CHARS
        || !requestId.chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw CallException.invalid(
          "request_id",
          "it has at most "
              + ChangeSet.MAX_REQUEST_ID_CHARS
              + " characters of printable ASCII: take a UUID, for instance");
    }
    Octets remembered = store.remembered(call.principal().name(), requestId);
    return remembered.isEmpty() ? null : known(call, remembered, prototype);
  }

  /**
   * Makes it.
   *
   * @throws io.flashdns.management.message.CallException when it is refused
   */
  @SuppressWarnings("unchecked")
  <R extends Message> R commit(Call call, Asked asked, Work<R> work, R prototype)
      throws StoreException, InterruptedException {
    // Made here and not in the transaction, in which all writers wait.
    var _ = call.entry();
    Deciding<R> deciding = new Deciding<>(call, asked, work);
    ChangeSet change =
        new ChangeSet(
            asked.requestId(),
            call.principal().name(),
            call.where(),
            "",
            asked.force(),
            asked.changes(),
            deciding);
    if (asked.validateOnly()) {
      var _ = store.preview(change);
      AuditEntry about = deciding.about;
      if (about != null) {
        call.concerns(about);
      }
    } else {
      CommitResult result = store.commit(change);
      if (!result.answer().isEmpty()) {
        return known(call, result.answer(), prototype);
      }
      call.journaled();
      Plan plan = deciding.plan;
      if (plan != null) {
        rules.made(plan);
      }
    }
    R answer = deciding.answer;
    if (answer == null) {
      throw new IllegalStateException("the store has decided nothing");
    }
    return answer;
  }

  /** The first answer once more: nothing was changed this time. */
  @SuppressWarnings("unchecked")
  private static <R extends Message> R known(Call call, Octets remembered, R prototype) {
    byte[] octets = remembered.array();
    int end = 0;
    while (end < octets.length && octets[end] != '\n') {
      end++;
    }
    String method = new String(octets, 0, end, StandardCharsets.US_ASCII);
    if (end == octets.length || !method.equals(call.method().getFullName())) {
      throw CallException.invalid(
          "request_id", "you have used it for another method: take a new one for every request");
    }
    try {
      Message.Builder answer =
          prototype.newBuilderForType().mergeFrom(octets, end + 1, octets.length - end - 1);
      var field = prototype.getDescriptorForType().findFieldByName("outcome");
      if (field != null) {
        Outcome outcome = (Outcome) answer.getField(field);
        answer.setField(field, outcome.toBuilder().setChanged(false).build());
      }
      return (R) answer.build();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("a remembered answer cannot be read", e);
    }
  }

  /** An answer with the name of its method before it: of another one it would not be an answer. */
  private static Octets remembered(Call call, Message answer) {
    byte[] method = (call.method().getFullName() + '\n').getBytes(StandardCharsets.US_ASCII);
    byte[] octets = Arrays.copyOf(method, method.length + answer.getSerializedSize());
    System.arraycopy(answer.toByteArray(), 0, octets, method.length, answer.getSerializedSize());
    return Octets.of(octets);
  }

  /** Runs in the transaction. */
  private final class Deciding<R extends Message> implements Decision {
    private final Call call;
    private final Asked asked;
    private final Work<R> work;
    private volatile @Nullable R answer;
    private volatile @Nullable Plan plan;
    private volatile @Nullable AuditEntry about;

    Deciding(Call call, Asked asked, Work<R> work) {
      this.call = call;
      this.asked = asked;
      this.work = work;
    }

    /** Not those of the other side of a transfer. */
    private List<QuotaEffect> visible(List<QuotaEffect> effects) {
      List<QuotaEffect> seen = new ArrayList<>(effects.size());
      for (QuotaEffect effect : effects) {
        ProjectName whose = effect.getProject();
        boolean sees =
            whose.getProject().isEmpty()
                ? call.rights().seesOrganisation(whose.getOrganisation())
                : call.rights()
                    .seesProject(new ZoneOwner(whose.getOrganisation(), whose.getProject()));
        if (sees) {
          seen.add(effect);
        }
      }
      return seen;
    }

    @Override
    public Effects decide(ContentView view, Plan plan, Instant now) throws StoreException {
      ZoneRules.Verdict verdict =
          asked.changes().isEmpty()
              ? ZoneRules.Verdict.NONE
              : rules.decide(view, plan, call.rights(), now);
      Outcome.Builder outcome =
          Outcome.newBuilder()
              .setValidatedOnly(asked.validateOnly())
              .setChanged(plan.changed() || asked.changes().isEmpty())
              .addAllQuotaEffects(visible(verdict.effects()));
      if (!asked.changes().isEmpty()) {
        outcome.setRevision(plan.changed() ? plan.revision() : plan.revision() - 1);
      }
      Written<R> written = work.write(view, plan, now, outcome);
      answer = written.answer();
      this.plan = plan;
      List<DocumentEdit> documents = new ArrayList<>(verdict.documents());
      documents.addAll(written.documents());
      AuditEntry about = written.audit().build();
      this.about = about;
      AuditEntry entry =
          call.entry()
              .mergeFrom(about)
              .setDecision(AuditDecision.AUDIT_DECISION_ALLOWED)
              .setRevision(plan.changed() ? plan.revision() : 0)
              .build();
      return new Effects(
          documents,
          List.of(Octets.of(entry.toByteArray())),
          asked.requestId().isEmpty() ? Octets.EMPTY : remembered(call, written.remembered()));
    }
  }
}
