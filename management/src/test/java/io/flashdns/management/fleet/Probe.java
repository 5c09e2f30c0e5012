package io.flashdns.management.fleet;

import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks one server a hundred times a second for records that it has, and counts the questions
 * without a reply within two seconds, and the replies that are wrong. Knows nothing but the DNS.
 */
final class Probe implements AutoCloseable {
  private static final long EACH_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MISSED_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int NAMES = Fleet.FIXED_NAMES;

  private record Question(int name, long nanos) {}

  private final Server server;
  private final Asker asker;
  private final Map<Integer, Question> open = new ConcurrentHashMap<>();
  private final List<String> faults = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean isQuiet;
  private volatile boolean isEnded;
  private long asked;
  private long missed;
  private long wrong;
  private long slowestNanos;

  private Probe(Server server, Asker asker) {
    this.server = server;
    this.asker = asker;
  }

  static Probe start(Server server) throws Exception {
    return server
        .host()
        .namespace()
        .call(
            () -> {
              Probe probe = new Probe(server, new Asker(server.dns()));
              probe.threads.add(Thread.ofPlatform().daemon().start(probe::send));
              probe.threads.add(Thread.ofPlatform().daemon().start(probe::receive));
              return probe;
            });
  }

  private void send() {
    int id = 0;
    long next = System.nanoTime();
    while (!isEnded) {
      if (!isQuiet) {
        id = (id + 1) & 0xffff;
        Question question = new Question(id % NAMES, System.nanoTime());
        open.put(id, question);
        try {
          asker.send(id, "h" + question.name() + "." + Fleet.FIXED, RecordType.A);
        } catch (IOException _) {
          // It stays open, and is missed in the end.
        }
        synchronized (this) {
          asked++;
        }
      }
      sweep();
      next += EACH_NANOS;
      long left = next - System.nanoTime();
      if (left < -TimeUnit.SECONDS.toNanos(1)) {
        next = System.nanoTime();
      }
      LockSupport.parkNanos(Math.max(left, 0));
    }
  }

  /** Counts what is open for too long. */
  private void sweep() {
    long now = System.nanoTime();
    for (Iterator<Question> all = open.values().iterator(); all.hasNext(); ) {
      Question one = all.next();
      if (now - one.nanos() > MISSED_NANOS && !isQuiet) {
        all.remove();
        fault("no reply for h" + one.name(), true);
      }
    }
  }

  private synchronized void fault(String what, boolean isMissed) {
    if (isMissed) {
      missed++;
    } else {
      wrong++;
    }
    if (faults.size() < 100) {
      faults.add(Instant.now() + " " + server + ": " + what);
    }
  }

  private void receive() {
    while (!isEnded) {
      try {
        byte[] reply = asker.receive();
        @Nullable Question question = open.remove(Asker.id(reply));
        if (question == null) {
          continue;
        }
        String address = Asker.address(reply);
        if (!address.equals(Fleet.address(question.name()))) {
          fault("h" + question.name() + " has the address '" + address + "'", false);
        }
        synchronized (this) {
          slowestNanos = Math.max(slowestNanos, System.nanoTime() - question.nanos());
        }
      } catch (SocketTimeoutException _) {
        // It is quiet, or what is open is counted elsewhere.
      } catch (IOException e) {
        // A port that is closed, while the server is restarted; all else ends open.
        LockSupport.parkNanos(EACH_NANOS);
      }
    }
  }

  /** Asks nothing, and forgets what is open: the server is to be disturbed. */
  void quiet() {
    isQuiet = true;
    open.clear();
  }

  /** Asks again. */
  void goOn() {
    open.clear();
    isQuiet = false;
  }

  Server server() {
    return server;
  }

  synchronized long asked() {
    return asked;
  }

  synchronized long missed() {
    return missed;
  }

  synchronized long wrong() {
    return wrong;
  }

  synchronized long slowestMillis() {
    return TimeUnit.NANOSECONDS.toMillis(slowestNanos);
  }

  /** The first hundred faults, each with its time. */
  synchronized List<String> faults() {
    return List.copyOf(faults);
  }

  @Override
  public void close() {
    isEnded = true;
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    asker.close();
  }
}
