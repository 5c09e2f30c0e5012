package io.flashdns.management.server;

import io.flashdns.core.store.StoreException;
import io.flashdns.management.server.ZoneFileReader.Parsed;
import io.flashdns.management.server.ZoneFileReader.Task;
import io.flashdns.transport.BackgroundThread;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Reads zone files on several threads while the caller finds the next ones and commits those
 * before.
 *
 * <p>Files go through it in batches. Within a batch the largest is begun first, because one large
 * zone must not begin when all others are done; it is handed on in the order of the paths, because
 * of two files with one zone the first counts. At most {@value #BATCHES} batches are under way, so
 * that memory does not grow with the number of files.
 *
 * <p>One thread calls it, and on that thread results are handed on.
 */
final class ParallelReading implements AutoCloseable {
  private static final int BATCH_FILES = 1_000;
  private static final long BATCH_BYTES = 32 << 20;
  private static final int BATCHES = 4;

  private final ZoneFileReader reader;
  private final ExecutorService pool;
  private final Receiver receiver;
  private final BiConsumer<Integer, Integer> progress;
  private final AtomicInteger done = new AtomicInteger();
  private final ArrayDeque<Batch> underWay = new ArrayDeque<>();
  private List<Task> next = new ArrayList<>();
  private long nextBytes;
  private int all;

  /** Takes what was read. */
  @FunctionalInterface
  interface Receiver {
    /** Takes a batch in the order of its paths. */
    void take(List<Parsed> batch) throws StoreException, InterruptedException;
  }

  private static final class Batch {
    final Parsed[] results;
    final CountDownLatch left;

    Batch(int files) {
      results = new Parsed[files];
      left = new CountDownLatch(files);
    }
  }

  /**
   * @param threads how many files are read at a time, 1 or more
   * @param progress hears from time to time how many files are done, and of how many so far
   */
  ParallelReading(
      ZoneFileReader reader,
      int threads,
      BiConsumer<Integer, Integer> progress,
      Receiver receiver) {
    this.reader = reader;
    this.progress = progress;
    this.receiver = receiver;
    this.pool = Executors.newFixedThreadPool(threads, BackgroundThread.factory("zone-file"));
  }

  /** How many files are read at a time: a file that is not in memory yet is waited for. */
  static int threads() {
    return 2 * Runtime.getRuntime().availableProcessors();
  }

  /** Has a file read, sooner or later. */
  void add(Task task) throws StoreException, InterruptedException {
    next.add(task);
    nextBytes += task.bytes();
    if (next.size() >= BATCH_FILES || nextBytes >= BATCH_BYTES) {
      submit();
    }
  }

  /** Waits until all have been read and handed on. */
  void finish() throws StoreException, InterruptedException {
    submit();
    while (!underWay.isEmpty()) {
      handOn();
    }
  }

  /** How many files it was given. */
  int files() {
    return all + next.size();
  }

  /** Not waited for: when we are interrupted, a large file must not hold up the end of all. */
  @Override
  public void close() {
    pool.shutdownNow();
  }

  private void submit() throws StoreException, InterruptedException {
    if (next.isEmpty()) {
      return;
    }
    Task[] tasks = next.toArray(Task[]::new);
    next = new ArrayList<>();
    nextBytes = 0;
    all += tasks.length;
    Arrays.sort(tasks, Comparator.comparing(Task::file));
    Integer[] order = new Integer[tasks.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingLong((Integer i) -> tasks[i].bytes()).reversed());
    Batch batch = new Batch(tasks.length);
    for (int i : order) {
      pool.execute(
          () -> {
            try {
              batch.results[i] = reader.read(tasks[i]);
            } finally {
              done.incrementAndGet();
              batch.left.countDown();
            }
          });
    }
    underWay.add(batch);
    while (underWay.size() >= BATCHES) {
      handOn();
    }
  }

  private void handOn() throws StoreException, InterruptedException {
    Batch batch = underWay.removeFirst();
    while (!batch.left.await(100, TimeUnit.MILLISECONDS)) {
      progress.accept(done.get(), all);
    }
    progress.accept(done.get(), all);
    receiver.take(Arrays.asList(batch.results));
  }
}
