package io.flashdns.management.grpc;

import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.flashdns.management.api.Call;
import io.flashdns.management.grpc.AuditTrail.Rate;
import io.flashdns.management.grpc.MethodRule.Access;
import io.flashdns.management.identity.Authenticator;
import io.flashdns.management.identity.Principal;
import io.flashdns.management.identity.UnauthenticatedException;
import io.flashdns.management.message.CallException;
import io.flashdns.management.tenancy.Rights;
import io.flashdns.proto.v1.AuditDecision;
import io.flashdns.proto.v1.AuditEntry;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What every call passes before it is served, in this order: its method has a rule; its caller is
 * recognised, has not too many connections and calls, and holds the permission somewhere; it is
 * within the rate. The request is not read before all of that, but for a change that is denied: the
 * audit log says what was asked for. Then the call has a deadline, and the audit log gets what its
 * service does not write itself.
 *
 * <p>Runs on the thread of the call, which may block. One for each door.
 */
final class CallGate implements ServerInterceptor {
  /** Calls of nobody in particular under way: questions for health. */
  private static final int MAX_OPEN_CALLS = 64;

  /** How often it is asked again whether the caller of an endless stream may go on. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  /** Who is behind a call. */
  @FunctionalInterface
  interface Origin {
    /** The caller; null when the door does not know it. */
    @Nullable Caller of(ServerCall<?, ?> call, Metadata headers);
  }

  /**
   * What the gates of all doors have together.
   *
   * @param threads have blocking work done
   * @param timer for deadlines
   */
  record Shared(
      MethodRules rules,
      Authenticator authenticator,
      Function<Principal, Rights> rights,
      Identities identities,
      AuditTrail audit,
      ApiCounters counters,
      CallCounts calls,
      InstantSource clock,
      Executor threads,
      ScheduledExecutorService timer,
      Set<GuardedCall<?>> endless,
      Semaphore open) {
    static Shared of(
        MethodRules rules,
        Authenticator authenticator,
        Function<Principal, Rights> rights,
        ApiLimits limits,
        AuditTrail audit,
        ApiCounters counters,
        InstantSource clock,
        Executor threads,
        ScheduledExecutorService timer) {
      return new Shared(
          rules,
          authenticator,
          rights,
          new Identities(limits),
          audit,
          counters,
          new CallCounts(rules),
          clock,
          threads,
          timer,
          ConcurrentHashMap.newKeySet(),
          new Semaphore(MAX_OPEN_CALLS));
    }
  }

  private final Shared shared;
  private final Origin origin;
  private final Connections connections;
  private final Problems problems;

  CallGate(Shared shared, Origin origin, Connections connections, Problems problems) {
    this.shared = shared;
    this.origin = origin;
    this.connections = connections;
    this.problems = problems;
  }

  /** A call on its way in, and why it goes no further. */
  private static final class Stopped extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Problems.End why;

    Stopped(Problems.End why) {
      super(null, null, false, false);
      this.why = why;
    }
  }

  @Override
  @SuppressWarnings("unchecked") // Services.bound makes every request an object
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    shared.counters().calls.increment();
    String path = call.getMethodDescriptor().getFullMethodName();
    MethodRule rule = shared.rules().of(path);
    try {
      Caller caller = origin.of(call, headers);
      if (rule == null || caller == null) {
        throw new Stopped(problems.of(Code.UNIMPLEMENTED, "nothing of this name can be called"));
      }
      headers.discardAll(AUTHORIZATION);
      return (ServerCall.Listener<Q>)
          admitted(
              (ServerCall<Object, A>) call,
              headers,
              (ServerCallHandler<Object, A>) next,
              rule,
              caller);
    } catch (Stopped stopped) {
      refuse(call, rule, stopped.why);
    } catch (RuntimeException | Error fault) {
      refuse(call, rule, problems.of(fault, path));
    }
    return new ServerCall.Listener<>() {};
  }

  private void refuse(ServerCall<?, ?> call, @Nullable MethodRule rule, Problems.End why) {
    if (rule == null) {
      shared.calls().unknown();
    } else {
      shared.calls().refused(rule, why.status().getCode());
    }
    call.close(why.status(), why.trailers());
  }

  /**
   * Asks who is behind a call whose request has not come yet.
   *
   * @return why it goes no further; null when the caller is recognised
   */
  com.google.rpc.@Nullable Status objection(MethodRule rule, Caller caller) {
    if (rule.access() == Access.OPEN) {
      return null;
    }
    Problems.End why;
    try {
      var _ = recognised(rule, caller, shared.clock().instant());
      return null;
    } catch (Stopped stopped) {
      why = stopped.why;
    } catch (RuntimeException | Error fault) {
      why = problems.of(fault, rule.path());
    }
    shared.counters().calls.increment();
    shared.calls().refused(rule, why.status().getCode());
    return StatusProto.fromStatusAndTrailers(why.status(), why.trailers());
  }

  private <A> ServerCall.Listener<Object> admitted(
      ServerCall<Object, A> call,
      Metadata headers,
      ServerCallHandler<Object, A> next,
      MethodRule rule,
      Caller caller)
      throws Stopped {
    if (rule.access() == Access.OPEN) {
      if (!shared.open().tryAcquire()) {
        shared.counters().limited.increment();
        throw new Stopped(
            problems.exhausted("too many ask for the health at once", TimeUnit.SECONDS.toNanos(1)));
      }
      Context.CancellableContext context = within(Context.current(), rule.deadline());
      long since = System.nanoTime();
      shared.calls().began();
      return started(
          new GuardedCall<>(
              call,
              rule,
              null,
              problems,
              context,
              () -> GuardedCall.late(problems, rule),
              status -> {
                shared.open().release();
                shared.calls().ended(rule, status.getCode(), System.nanoTime() - since);
              },
              null),
          rule,
          headers,
          next);
    }
    Instant now = shared.clock().instant();
    Principal principal = recognised(rule, caller, now);
    Rights rights = shared.rights().apply(principal);
    Call asked =
        new Call(rule.method(), rule.permission(), rights, caller.credentials().source(), now);
    Problems.End refusal;
    try {
      refusal = check(rule, caller, asked);
    } catch (Stopped stopped) {
      audit(rule, asked, stopped.why.status());
      throw stopped;
    }
    return begun(call, headers, next, rule, caller, asked, refusal);
  }

  private Principal recognised(MethodRule rule, Caller caller, Instant now) throws Stopped {
    try {
      Principal principal = shared.authenticator().authenticate(caller.credentials());
      Instant expires = principal.expires();
      if (expires != null && !expires.isAfter(now)) {
        throw new UnauthenticatedException("these credentials have expired: get new ones");
      }
      return principal;
    } catch (UnauthenticatedException e) {
      shared.counters().unauthenticated.increment();
      String message = String.valueOf(e.getMessage());
      InetSocketAddress source = caller.credentials().source();
      shared
          .audit()
          .add(
              AuditEntry.newBuilder()
                  .setTime(com.google.protobuf.util.Timestamps.fromMillis(now.toEpochMilli()))
                  .setSourceAddress(source.getAddress().getHostAddress() + ":" + source.getPort())
                  .setCall("/" + rule.path())
                  .setPermission(rule.permission())
                  .setDecision(AuditDecision.AUDIT_DECISION_UNAUTHENTICATED)
                  .setStatusCode(Code.UNAUTHENTICATED_VALUE)
                  .setStatusMessage(message)
                  .build(),
              Connections.source(source),
              Rate.UNKNOWN);
      throw new Stopped(problems.of(Code.UNAUTHENTICATED, message));
    }
  }

  /**
   * Refuses a call whose caller may not make it now.
   *
   * @return null; or the answer to a denied change, whose request is read for the audit log before
   */
  private Problems.@Nullable End check(MethodRule rule, Caller caller, Call asked) throws Stopped {
    String name = asked.principal().name();
    Connections.Connection connection = caller.connection();
    if (connection != null && !connections.isGranted(connection, name)) {
      shared.counters().limited.increment();
      throw new Stopped(
          problems.exhausted(
              "you have too many connections: use those that you have",
              TimeUnit.SECONDS.toNanos(1)));
    }
    if (rule.access() == Access.PERMITTED && isNowhere(asked.rights().reach(rule.permission()))) {
      Problems.End denied = problems.denied(rule.permission().name());
      if (rule.mutates() && rule.isUnary()) {
        return denied;
      }
      throw new Stopped(denied);
    }
    if (!rule.mutates()) {
      return null;
    }
    if (!shared.audit().hasRoom()) {
      throw new Stopped(
          problems.of(
              Code.UNAVAILABLE,
              "the audit log cannot take what is done, so nothing is: try again",
              Problems.retry(TimeUnit.SECONDS.toNanos(1))));
    }
    long wait = shared.identities().writeNanos(name);
    if (wait > 0) {
      shared.counters().limited.increment();
      throw new Stopped(
          problems.exhausted(
              "you change more in a second than you may: put many changes into one call, or wait",
              wait));
    }
    return null;
  }

  private static boolean isNowhere(Rights.Reach reach) {
    return !reach.everywhere() && reach.organisations().isEmpty() && reach.projects().isEmpty();
  }

  private <A> ServerCall.Listener<Object> begun(
      ServerCall<Object, A> call,
      Metadata headers,
      ServerCallHandler<Object, A> next,
      MethodRule rule,
      Caller caller,
      Call asked,
      Problems.@Nullable End refusal)
      throws Stopped {
    String name = asked.principal().name();
    if (!shared.identities().isBegun(name)) {
      shared.counters().limited.increment();
      Stopped stopped =
          new Stopped(
              problems.exhausted(
                  "too many calls are under way: wait for yours to end",
                  TimeUnit.SECONDS.toNanos(1)));
      audit(rule, asked, stopped.why.status());
      throw stopped;
    }
    Connections.Connection connection = caller.connection();
    if (connection != null) {
      connections.began(connection);
    }
    Instant expires = asked.principal().expires();
    Duration left =
        expires == null || rule.isUnary()
            ? rule.deadline()
            : min(rule.deadline(), Duration.between(asked.time(), expires));
    long since = System.nanoTime();
    shared.calls().began();
    GuardedCall<A> guarded =
        new GuardedCall<>(
            call,
            rule,
            asked,
            problems,
            within(asked.in(Context.current()), left),
            () -> refusal == null ? late(rule, expires) : refusal,
            status -> {
              shared.identities().ended(name);
              if (connection != null) {
                connections.ended(connection);
              }
              audit(rule, asked, status);
              shared.calls().ended(rule, status.getCode(), System.nanoTime() - since);
            },
            refusal);
    if (rule.endless()) {
      lookAgain(guarded, rule, caller, asked.rights());
    }
    return started(guarded, rule, headers, next);
  }

  private <A> ServerCall.Listener<Object> started(
      GuardedCall<A> guarded,
      MethodRule rule,
      Metadata headers,
      ServerCallHandler<Object, A> next) {
    if (rule.endless()) {
      shared.endless().add(guarded);
      guarded.context().addListener(_ -> shared.endless().remove(guarded), Runnable::run);
    }
    return guarded.start(headers, next);
  }

  private Context.CancellableContext within(Context context, Duration time) {
    return context.withDeadlineAfter(time.toNanos(), TimeUnit.NANOSECONDS, shared.timer());
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Problems.End late(MethodRule rule, @Nullable Instant expires) {
    // A timer may be some milliseconds early by the clock.
    return expires != null && !expires.isAfter(shared.clock().instant().plusMillis(50))
        ? problems.of(Code.UNAUTHENTICATED, "your credentials have expired: get new ones")
        : GuardedCall.late(problems, rule);
  }

  /** Asks again and again whether the caller of a stream is still who it was and may do this. */
  private void lookAgain(GuardedCall<?> guarded, MethodRule rule, Caller caller, Rights before) {
    var looking =
        shared
            .timer()
            .scheduleWithFixedDelay(
                () ->
                    shared
                        .threads()
                        .execute(
                            () -> {
                              Problems.End why = objection(rule, caller, before);
                              if (why != null) {
                                guarded.breakOff(why);
                              }
                            }),
                LOOK_AGAIN.toMillis(),
                LOOK_AGAIN.toMillis(),
                TimeUnit.MILLISECONDS);
    guarded.context().addListener(_ -> looking.cancel(false), Runnable::run);
  }

  private Problems.@Nullable End objection(MethodRule rule, Caller caller, Rights before) {
    try {
      Principal principal = shared.authenticator().authenticate(caller.credentials());
      Rights now = shared.rights().apply(principal);
      Rights.Reach reach = now.reach(rule.permission());
      if (isNowhere(reach)) {
        return problems.denied(rule.permission().name());
      }
      return now.grants().equals(before.grants()) && reach.equals(before.reach(rule.permission()))
          ? null
          : problems.of(
              Code.UNAVAILABLE,
              "what you may see has changed: take the stream up again",
              Problems.retry(0));
    } catch (UnauthenticatedException e) {
      return problems.of(Code.UNAUTHENTICATED, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      return problems.of(e, rule.path());
    }
  }

  /** What a service has not written itself. */
  private void audit(MethodRule rule, Call call, Status status) {
    boolean denied = status.getCode() == Status.Code.PERMISSION_DENIED;
    if (denied) {
      shared.counters().denied.increment();
    }
    if (!denied && (!rule.mutates() || call.isJournaled())) {
      if (call.isJournaled()) {
        shared.counters().auditWithChange.increment();
      }
      return;
    }
    String message = status.getDescription();
    shared
        .audit()
        .add(
            call.entry()
                .setDecision(
                    denied
                        ? AuditDecision.AUDIT_DECISION_DENIED
                        : AuditDecision.AUDIT_DECISION_ALLOWED)
                .setStatusCode(status.getCode().value())
                .setStatusMessage(message == null ? "" : message)
                .build(),
            call.principal().name(),
            status.getCode() == Status.Code.RESOURCE_EXHAUSTED ? Rate.LIMITED : Rate.KNOWN);
  }

  /** Ends the streams that would not end by themselves. */
  static void endAll(Shared shared, Problems problems) {
    for (GuardedCall<?> call : shared.endless()) {
      call.breakOff(
          problems.of(
              Code.UNAVAILABLE,
              "this node is being stopped: go on at another, or try again",
              ErrorInfo.newBuilder().setDomain(CallException.DOMAIN).setReason("DRAINING").build(),
              Problems.retry(TimeUnit.SECONDS.toNanos(1))));
    }
  }
}
