package io.flashdns.management.api;

import com.google.rpc.Code;
import io.flashdns.core.store.StoreException;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.StoreProblems;
import io.grpc.stub.StreamObserver;

/** Ends calls: with the answer, or with what went wrong as its caller is to see it. */
final class Answers {
  private Answers() {}

  /** Works out an answer. */
  @FunctionalInterface
  interface Work<R> {
    R answer() throws StoreException, InterruptedException;
  }

  /** Works out the answer of a call that has one, and sends it. */
  static <R> void send(StreamObserver<R> caller, Work<R> work) {
    R answer = of(work);
    caller.onNext(answer);
    caller.onCompleted();
  }

  /** Works out an answer. */
  static <R> R of(Work<R> work) {
    try {
      return work.answer();
    } catch (StoreException e) {
      throw StoreProblems.of(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw cancelled();
    }
  }

  /** The caller has gone, or its time is over. */
  static CallException cancelled() {
    return CallException.of(
        Code.CANCELLED,
        "the call was broken off: whether a change was made is known by asking again with the same"
            + " request id");
  }
}
