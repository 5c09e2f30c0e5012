package io.flashdns.management.store;

import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.Octets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What waits for the writer, each with a future of what becomes of it. */
sealed interface WriterTask {
  record Change(ChangeSet change, long sinceNanos, CompletableFuture<CommitResult> done)
      implements Grouped {}

  record Journal(List<Octets> bodies, long sinceNanos, CompletableFuture<Boolean> done)
      implements Grouped {}

  /**
   * Groups of the shared log that follow one another; its future is false when groups before them
   * are missing.
   *
   * @param first sequence number of the first one
   */
  record Follow(long first, List<byte[]> groups, CompletableFuture<Boolean> done)
      implements WriterTask {}

  record Adopt(Position position, CompletableFuture<Boolean> done) implements WriterTask {}

  record Compact(long revision, CompletableFuture<Boolean> done) implements WriterTask {}

  record Stop() implements WriterTask {}

  /** What shares a transaction with others. */
  sealed interface Grouped extends WriterTask {
    /** When it was asked for, by {@link System#nanoTime}. */
    long sinceNanos();

    CompletableFuture<?> done();
  }
}
