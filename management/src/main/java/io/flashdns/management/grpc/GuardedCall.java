package io.flashdns.management.grpc;

import com.google.protobuf.Message;
import com.google.rpc.Code;
import io.flashdns.management.api.Call;
import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call that is served: what goes out of it, and what comes in. It ends once, whoever ends it: the
 * service, its deadline, its client, or the server that closes. Its end is told when the service no
 * longer works on it.
 *
 * <p>A thread that only reads is interrupted when its call has ended meanwhile. One that changes
 * something works on, and what came of it is known.
 */
final class GuardedCall<A> extends SimpleForwardingServerCall<Object, A> {
  private final MethodRule rule;
  private final @Nullable Call call;
  private final Problems problems;
  private final Context.CancellableContext context;
  private final Supplier<Problems.End> late;
  private final Consumer<Status> onEnd;
  private final Problems.@Nullable End refusal;
  private final ReentrantLock lock = new ReentrantLock();

  // Of the lock.
  private @Nullable Thread serving;
  private @Nullable Status end;
  private boolean told;
  private boolean broken;

  /**
   * A call whose caller is known.
   *
   * @param call for what serves it; null for services of others
   * @param late what is told when its time is over
   * @param onEnd told once, when nobody works on it any more
   * @param refusal its answer when it is denied: then its request is read, so that the audit log
   *     can say what was asked for, and it is not served; null otherwise
   */
  GuardedCall(
      ServerCall<Object, A> delegate,
      MethodRule rule,
      @Nullable Call call,
      Problems problems,
      Context.CancellableContext context,
      Supplier<Problems.End> late,
      Consumer<Status> onEnd,
      Problems.@Nullable End refusal) {
    super(delegate);
    this.rule = rule;
    this.call = call;
    this.problems = problems;
    this.context = context;
    this.late = late;
    this.onEnd = onEnd;
    this.refusal = refusal;
  }

  /** In which it is served; ends with it. */
  Context.CancellableContext context() {
    return context;
  }

  /** Begins. */
  ServerCall.Listener<Object> start(Metadata headers, ServerCallHandler<Object, A> next) {
    context.addListener(_ -> cancelled(), Runnable::run);
    Incoming incoming = new Incoming();
    if (refusal != null) {
      request(1);
      return incoming;
    }
    run(() -> incoming.next = next.startCall(this, headers));
    return incoming;
  }

  @Override
  public void sendHeaders(Metadata headers) {
    lock.lock();
    try {
      if (end == null) {
        super.sendHeaders(headers);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void sendMessage(A message) {
    lock.lock();
    try {
      if (end == null) {
        super.sendMessage(message);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isReady() {
    return !isOver() && super.isReady();
  }

  @Override
  public boolean isCancelled() {
    return super.isCancelled() || broken;
  }

  @Override
  public void close(Status status, Metadata trailers) {
    end(problems.of(status, trailers, rule.path()), false);
  }

  /** Ends it from outside. */
  void breakOff(Problems.End why) {
    end(why, true);
  }

  private void end(Problems.End with, boolean fromOutside) {
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      end = with.status();
      broken = fromOutside;
      super.close(with.status(), with.trailers());
    } finally {
      lock.unlock();
    }
    interrupt();
    tell();
  }

  /** Its time is over, or its client is gone. */
  private void cancelled() {
    if (context.cancellationCause() instanceof TimeoutException) {
      breakOff(late.get());
    }
    interrupt();
  }

  private void interrupt() {
    lock.lock();
    try {
      Thread thread = serving;
      if (thread != null && thread != Thread.currentThread() && !rule.mutates()) {
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isOver() {
    lock.lock();
    try {
      return end != null;
    } finally {
      lock.unlock();
    }
  }

  private void tell() {
    Status status;
    lock.lock();
    try {
      status = end;
      if (told || status == null || serving != null) {
        return;
      }
      told = true;
    } finally {
      lock.unlock();
    }
    onEnd.accept(status);
  }

  /** Lets the service work. */
  private void run(Runnable work) {
    lock.lock();
    try {
      serving = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    Context previous = context.attach();
    try {
      work.run();
    } catch (Throwable fault) {
      end(problems.of(fault, rule.path()), false);
    } finally {
      context.detach(previous);
      lock.lock();
      try {
        serving = null;
        // The thread may have more to do, for another call.
        var _ = Thread.interrupted();
      } finally {
        lock.unlock();
      }
      tell();
    }
  }

  /** What the client sends, handed on while the call lasts. */
  private final class Incoming extends ServerCall.Listener<Object> {
    private ServerCall.@Nullable Listener<Object> next;

    private void hand(Consumer<ServerCall.Listener<Object>> event) {
      ServerCall.Listener<Object> to = next;
      if (to != null) {
        run(() -> event.accept(to));
      }
    }

    @Override
    public void onMessage(Object message) {
      if (isOver()) {
        return;
      }
      if (refusal != null) {
        if (call != null && message instanceof Message asked) {
          call.asked(asked);
        }
        end(refusal, false);
        return;
      }
      if (message instanceof RequestReader.Malformed malformed) {
        end(problems.of(malformed.why().status()), true);
        return;
      }
      if (call != null && message instanceof Message asked) {
        call.asked(asked);
      }
      hand(to -> to.onMessage(message));
    }

    @Override
    public void onHalfClose() {
      if (isOver()) {
        return;
      }
      if (refusal != null) {
        end(refusal, false);
      } else {
        hand(ServerCall.Listener::onHalfClose);
      }
    }

    @Override
    public void onReady() {
      if (!isOver()) {
        hand(ServerCall.Listener::onReady);
      }
    }

    @Override
    public void onCancel() {
      gone(Status.CANCELLED.withDescription("the client broke the call off"));
      hand(ServerCall.Listener::onCancel);
      context.cancel(null);
    }

    @Override
    public void onComplete() {
      gone(Status.OK);
      // Whoever still writes has to learn that nobody listens any more.
      hand(broken ? ServerCall.Listener::onCancel : ServerCall.Listener::onComplete);
      context.cancel(null);
    }

    private void gone(Status status) {
      lock.lock();
      try {
        if (end == null) {
          end = status;
        }
      } finally {
        lock.unlock();
      }
      tell();
    }
  }

  /** What is told of a call whose time is over. */
  static Problems.End late(Problems problems, MethodRule rule) {
    return rule.endless()
        ? problems.of(
            Code.UNAVAILABLE,
            "this stream has lasted for the time that one may: take it up again",
            Problems.retry(0))
        : problems.of(
            Code.DEADLINE_EXCEEDED,
            "the call took longer than it may: ask for less at once, or give it more time");
  }
}
