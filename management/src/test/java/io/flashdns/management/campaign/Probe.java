package io.flashdns.management.campaign;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Asks a server steadily, and counts the questions without a proper reply. */
final class Probe implements AutoCloseable {
  private static final long PAUSE_NANOS = 2_000_000;

  private final Asker asker;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile int asked;
  private volatile int missed;
  private volatile @Nullable String lastMiss;

  Probe(int port) throws IOException {
    asker = new Asker(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    thread = Thread.ofPlatform().daemon().name("probe").start(this::run);
  }

  private void run() {
    int next = 0;
    while (!stopped) {
      DomainName name = DomainName.parse("n1." + StoreWriters.apex(next++ % StoreWriters.APEXES));
      String miss = null;
      try {
        if (asker.ask(name, RecordType.TXT).rcode() == Rcode.SERVFAIL) {
          miss = name + ": SERVFAIL";
        }
      } catch (IOException e) {
        miss = name + ": " + e;
      }
      count(miss);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  private void count(@Nullable String miss) {
    asked++;
    if (miss != null) {
      missed++;
      lastMiss = miss;
    }
  }

  int asked() {
    return asked;
  }

  int missed() {
    return missed;
  }

  /** The last question without a proper reply and what came instead; null while there is none. */
  @Nullable String lastMiss() {
    return lastMiss;
  }

  /**
   * Ends the asking once what is under way has its reply. Before the server is ended: a question
   * that meets a server which is gone counts as missed.
   */
  void stop() throws InterruptedException {
    stopped = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  @Override
  public void close() throws IOException {
    stopped = true;
    LockSupport.unpark(thread);
    asker.close();
  }
}
