package io.flashdns.management.campaign;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.LockSupport;

/** Asks a server steadily, and counts the questions without a proper reply. */
final class Probe implements AutoCloseable {
  private static final long PAUSE_NANOS = 2_000_000;

  private final Asker asker;
  private final Thread thread;
  private volatile boolean stopped;
  private volatile int asked;
  private volatile int missed;

  Probe(int port) throws IOException {
    asker = new Asker(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    thread = Thread.ofPlatform().daemon().name("probe").start(this::run);
  }

  private void run() {
    int next = 0;
    while (!stopped) {
      DomainName name = DomainName.parse("n1." + StoreWriters.apex(next++ % StoreWriters.APEXES));
      boolean answered;
      try {
        int rcode = asker.ask(name, RecordType.TXT).rcode();
        answered = rcode != Rcode.SERVFAIL;
      } catch (IOException _) {
        answered = false;
      }
      if (!stopped) {
        count(answered);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  private void count(boolean answered) {
    asked++;
    if (!answered) {
      missed++;
    }
  }

  int asked() {
    return asked;
  }

  int missed() {
    return missed;
  }

  /** Ends it; what is under way is not counted. */
  @Override
  public void close() throws IOException {
    stopped = true;
    LockSupport.unpark(thread);
    asker.close();
  }
}
