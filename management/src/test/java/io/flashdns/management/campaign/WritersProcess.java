package io.flashdns.management.campaign;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@link StoreWriters} as a process; each of its lines goes to a reader at once. */
final class WritersProcess implements AutoCloseable {
  private static final long START_SECONDS = 60;
  private static final Pattern OURS = Pattern.compile("[IAXUF] ");

  private final Process process;
  private final Thread reader;
  private final CountDownLatch writing = new CountDownLatch(1);
  private volatile int port;

  /** How it is started. */
  record Plan(
      Path data,
      String run,
      long seed,
      int writers,
      long minFreeBytes,
      boolean serves,
      long pause) {
    static Plan of(Path data, String run, long seed) {
      return new Plan(data, run, seed, 8, 0, false, 0);
    }

    Plan serving(boolean now) {
      return new Plan(data, run, seed, writers, minFreeBytes, now, pause);
    }

    Plan writers(int count, long pauseMillis) {
      return new Plan(data, run, seed, count, minFreeBytes, serves, pauseMillis);
    }

    Plan minFree(long bytes) {
      return new Plan(data, run, seed, writers, bytes, serves, pause);
    }
  }

  /**
   * Starts it.
   *
   * @param err file for its error output
   * @param before what the command line begins with: a tracer
   * @param lines hears of each whole line, on a thread of its own, in order
   */
  WritersProcess(Plan plan, Path err, List<String> before, Consumer<String> lines)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xmx256m",
            "-cp",
            System.getProperty("java.class.path"),
            StoreWriters.class.getName(),
            plan.data().toString(),
            plan.run(),
            Long.toString(plan.seed()),
            Integer.toString(plan.writers()),
            Long.toString(plan.minFreeBytes()),
            plan.serves() ? "serve" : "store",
            Long.toString(plan.pause())));
    process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(err.toFile()))
            .start();
    reader = Thread.ofPlatform().daemon().name("lines").start(() -> read(lines));
  }

  private void read(Consumer<String> lines) {
    StringBuilder last = new StringBuilder();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8), 1 << 16)) {
      // A line that was cut off by the end of the process is no line.
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c != '\n') {
          last.append((char) c);
          continue;
        }
        String line = last.toString();
        last.setLength(0);
        if (line.startsWith("P ")) {
          port = Integer.parseInt(line.substring(2));
        } else if (OURS.matcher(line).lookingAt()) {
          lines.accept(line);
          writing.countDown();
        } // else it was logged
      }
    } catch (IOException e) {
      lines.accept("F the pipe broke: " + e);
    } finally {
      writing.countDown();
    }
  }

  /** Waits until it writes. */
  void awaitWriting() throws InterruptedException {
    if (!writing.await(START_SECONDS, TimeUnit.SECONDS) || !process.isAlive()) {
      throw new IllegalStateException("the writers did not begin");
    }
  }

  /** Where it is asked; null when it does not serve. */
  @Nullable Integer port() {
    return port == 0 ? null : port;
  }

  /** Sends a signal to it, and to what it started. */
  void signal(String name) {
    List<String> command = new ArrayList<>(List.of("/bin/kill", "-" + name));
    process.descendants().forEach(child -> command.add(Long.toString(child.pid())));
    command.add(Long.toString(process.pid()));
    Campaign.must(command.toArray(String[]::new));
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Kills it, and returns when all that it said was read. */
  void kill() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    // Not by the process itself, which would close the pipe with what is still in it.
    process.toHandle().destroyForcibly();
    process.waitFor();
    reader.join();
  }

  /** Ends it if it still runs. */
  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
