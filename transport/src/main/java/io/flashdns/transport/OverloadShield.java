package io.flashdns.transport;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a flood of a UDP socket from taking the answers of those who ask little.
 *
 * <p><b>The problem.</b> When more datagrams come than a worker can read, the socket's receive
 * queue is full, and the kernel drops whoever comes then. That is fair to datagrams and unfair to
 * clients: at ten times the capacity a resolver that asks once a second loses 90 % of its queries,
 * just as the flooder does. Rate limits cannot help, for what is dropped before it is read cannot
 * be told apart.
 *
 * <p><b>What is done.</b> Every {@link #LOOK_MILLIS} ms the kernel is asked how full the queue is
 * and how much was dropped. Once it overflows, the sources of what is read are counted, in a {@link
 * SourceTable}. Every {@link #DECISION_MILLIS} ms {@link Thinning} estimates what each of them
 * really sends, and shares the capacity out by max-min fairness ({@link FairShare}): who sends less
 * than the fair share keeps all of it, and who sends more gets the fair share. A {@link
 * SourceFilter} on the socket has the kernel drop the excess, at random, before it takes room in
 * the queue. Nobody is silenced: what still passes of a heavy source shows what it sends and when
 * it stops. The queue then runs nearly empty, so that answers are fast again.
 *
 * <p><b>Overflow and our own drops.</b> The kernel has one count for both. Without a filter the
 * count is the queue's. With one, the queue can have overflowed only if it is half full or more
 * when we look, before or after: under a load that does not fit, it is full again before the next
 * batch is read, so a look finds it so. If it is, what the filter must have dropped, by what passed
 * it, is taken off. Whether the flood goes on needs neither: what was received and what was
 * dropped, for whatever reason, is what came, and is compared with the capacity.
 *
 * <p><b>Old datagrams.</b> When a filter is set, what waits in the queue has passed the one before.
 * It is counted by what passed then, and no decision is made until it is read.
 *
 * <p><b>When.</b> It rises after an overflow of about 0.4 s, so not by one pause of the process. It
 * goes when for three decisions, 0.75 s, no more came than nine tenths of the capacity, or when
 * nobody is above the fair share.
 *
 * <p><b>Cost.</b> A system call for each look. While nothing overflows, a comparison or two for
 * each batch, of which one of {@link #PRACTICE_BATCHES} is counted for practice. While it does, a
 * count for each datagram that is read, 0.4 MiB of memory, and a millisecond or two of the loop for
 * each decision at the most. The kernel spends some 50 ns for each datagram, on the processor that
 * takes it from the network.
 *
 * <p><b>What it does not do.</b>
 *
 * <ul>
 *   <li>Floods whose forged sources are spread over all addresses have no heavy sources, and are
 *       not thinned; the plugins {@code ratelimit} and {@code cookies} bound what is sent to them.
 *       They are no reason to thin those who ask less than 0.4 of the capacity in all.
 *   <li>Who forges one client's address in great numbers has that client thinned, to the fair
 *       share; without a shield the client would lose as much as everybody.
 *   <li>It thins {@link SourceFilter#MAX_SOURCES} sources of a socket, the heaviest. A smaller
 *       {@code net.core.optmem_max} than 128 KiB leaves room for fewer.
 *   <li>A network has one share per IPv4 address and per IPv6 /64.
 *   <li>Listeners behind proxies have none, since their datagrams come from the proxies.
 * </ul>
 *
 * <p><b>Thread</b>: the loop's.
 */
final class OverloadShield implements AutoCloseable {
  static final int LOOK_MILLIS = 100;
  static final int DECISION_MILLIS = 250;

  private static final Logger LOGGER = System.getLogger("io.flashdns.transport");

  /** Decisions without a flood after which it is over. */
  private static final int CALM_DECISIONS = 3;

  /** A datagram takes at least this much of a queue, in octets. */
  static final int LEAST_QUEUED_BYTES = 768;

  /** With room for fewer sources than this in a filter, it is not worth its while. */
  private static final int LEAST_SOURCES = 16;

  /**
   * One batch of so many is counted in peace too, for practice: code that runs for the first time
   * in a flood would have the compiler throw away what it has made of the way of a datagram.
   */
  private static final int PRACTICE_BATCHES = 64;

  private static final int PRACTICE_SOURCES = 64;

  private static final long LOG_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final MemorySegment errno;
  private final int fd;
  private final InetSocketAddress address;
  private final LoopCounters counters;
  private final Failures failures;
  private final boolean ipv6;
  private final ReceiveQueue queue;

  /** Whether this socket may be shielded; not so any more when the kernel takes no filter. */
  private boolean able;

  private int mostSources = SourceFilter.MAX_SOURCES;

  /** Datagrams read since the last look. */
  private long received;

  private final SourceTable practice = new SourceTable(PRACTICE_SOURCES, 0, 1);

  /** Where datagrams are counted: for {@link #thinning}, or for practice. */
  private SourceTable sources = practice;

  private int batches;

  /** Null while nothing overflows. */
  private @Nullable Thinning thinning;

  // Of the interval that ends with the next decision.
  private long intervalNanos;
  private long intervalReceived;
  private long intervalDropped;
  private double intervalFill;

  /** Datagrams in the queue that passed another filter than the present one. */
  private long old;

  private int calm;
  private int shielded;
  private boolean logged;
  private long loggedNanos;

  /**
   * Begins to look at a socket.
   *
   * @param wanted whether to shield it, and not only to count what the kernel drops
   */
  OverloadShield(
      MemorySegment errno,
      int fd,
      InetSocketAddress address,
      boolean wanted,
      LoopCounters counters,
      Failures failures) {
    this.errno = errno;
    this.fd = fd;
    this.address = address;
    this.counters = counters;
    this.failures = failures;
    this.ipv6 = Addresses.isIpv6(address);
    this.queue = new ReceiveQueue(errno, fd);
    this.able = queue.look() && wanted;
  }

  /**
   * Told of each batch that was read.
   *
   * @return whether the sources of its datagrams are to be counted
   */
  boolean received(int datagrams) {
    received += datagrams;
    if (sources != practice) {
      return true;
    }
    if (++batches % PRACTICE_BATCHES != 0) {
      return false;
    }
    practice.clear();
    return true;
  }

  /** Counts the source of a datagram, when {@link #received} says so. */
  void count(long sourceHigh, long sourceLow) {
    sources.count(ipv6 ? sourceHigh : sourceLow & 0xffff_ffffL);
  }

  /** Looks at the queue; called every {@link #LOOK_MILLIS} ms. */
  void look(long nowNanos) {
    long read = received;
    received = 0;
    if (!queue.look()) {
      return;
    }
    long dropped = queue.dropped();
    if (dropped != 0) {
      counters.add(LoopCounters.UDP_KERNEL_DROPPED, dropped);
    }
    if (thinning != null) {
      watch(thinning, nowNanos, read, dropped);
    } else if (able && Thinning.overflows(read, dropped, queue.fill())) {
      thinning = new Thinning();
      sources = thinning.sources();
      calm = 0;
      old = 0;
      begin(nowNanos);
    }
  }

  private void begin(long nowNanos) {
    intervalNanos = nowNanos;
    intervalReceived = 0;
    intervalDropped = 0;
    intervalFill = queue.fill();
  }

  private void watch(Thinning thinning, long nowNanos, long read, long dropped) {
    if (old > 0) {
      old = queue.fill() < Thinning.EMPTY ? 0 : Math.max(old - read, 0);
      if (old == 0) {
        thinning.settleOld((nowNanos - intervalNanos) / 1e9);
        begin(nowNanos);
      }
      return;
    }
    intervalReceived += read;
    intervalDropped += dropped;
    long nanos = nowNanos - intervalNanos;
    if (nanos < TimeUnit.MILLISECONDS.toNanos(DECISION_MILLIS)) {
      return;
    }
    thinning.settle(
        nanos / 1e9, intervalReceived, intervalDropped, intervalFill, queue.fill(), mostSources);
    begin(nowNanos);
    calm = thinning.isFlooded() ? 0 : calm + 1;
    if (calm == CALM_DECISIONS) {
      end();
    } else if (thinning.thinned() == 0) {
      lower();
    } else {
      raise(thinning, nowNanos);
    }
    if (old == 0) {
      thinning.sources().adopt();
    }
  }

  private void end() {
    lower();
    forget();
    if (logged) {
      logged = false;
      LOGGER.log(
          Level.INFO,
          "UDP on "
              + Addresses.text(address)
              + ": the flood is over, the kernel drops nobody's datagrams any more");
    }
  }

  private void forget() {
    thinning = null;
    sources = practice;
  }

  private void raise(Thinning thinning, long nowNanos) {
    SourceTable sources = thinning.sources();
    long[] keys = new long[thinning.thinned()];
    double[] passes = new double[keys.length];
    int count = 0;
    int heaviest = -1;
    for (int i = 0; i < sources.size(); i++) {
      if (sources.next(i) < 1) {
        keys[count] = sources.key(i);
        passes[count++] = sources.next(i);
        if (heaviest < 0 || sources.offered(i) > sources.offered(heaviest)) {
          heaviest = i;
        }
      }
    }
    SourceFilter filter = new SourceFilter(ipv6, keys, passes, count, thinning.random());
    int result = filter.attach(errno, fd);
    if (result < 0) {
      refused(thinning, result);
      return;
    }
    old = queue.fill() < Thinning.EMPTY ? 0 : queue.bytes() / LEAST_QUEUED_BYTES;
    shielded(count);
    if (!logged && (loggedNanos == 0 || nowNanos - loggedNanos >= LOG_NANOS)) {
      logged = true;
      loggedNanos = nowNanos;
      LOGGER.log(Level.WARNING, rising(thinning, heaviest));
    }
  }

  private String rising(Thinning thinning, int heaviest) {
    return String.format(
        Locale.ROOT,
        "UDP on %s is flooded: %,.0f datagrams a second for a capacity of %,.0f. The kernel now"
            + " drops what %,d sources send beyond %,.0f a second; the heaviest is %s with about"
            + " %,.0f",
        Addresses.text(address),
        thinning.offered(),
        thinning.capacity(),
        thinning.thinned(),
        thinning.level(),
        text(thinning.sources().key(heaviest)),
        thinning.rate(heaviest));
  }

  /** A source as people write it. */
  private String text(long key) {
    byte[] octets = new byte[ipv6 ? 16 : 4];
    int known = ipv6 ? 8 : 4;
    for (int i = 0; i < known; i++) {
      octets[i] = (byte) (key >>> (8 * (known - 1 - i)));
    }
    try {
      String host = InetAddress.getByAddress(octets).getHostAddress();
      return ipv6 ? host + "/64" : host;
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The kernel takes no filter, or not such a long one. */
  private void refused(Thinning thinning, int result) {
    lower();
    thinning.release();
    if (result == -Libc.ENOMEM && mostSources > LEAST_SOURCES) {
      mostSources /= 2;
      return;
    }
    able = false;
    forget();
    try {
      SystemCallException.check("setsockopt SO_ATTACH_FILTER", result);
    } catch (SystemCallException e) {
      failures.report(
          "the overload shield of " + Addresses.text(address) + ", which is off from now on", e);
    }
  }

  private void lower() {
    if (shielded != 0) {
      SourceFilter.detach(errno, fd);
      shielded(0);
    }
  }

  /** Keeps the books of how many sources the filter has. */
  private void shielded(int sources) {
    counters.add(
        LoopCounters.UDP_SHIELD_ACTIVE, Integer.signum(sources) - Integer.signum(shielded));
    counters.add(LoopCounters.UDP_SHIELDED_SOURCES, (long) sources - shielded);
    shielded = sources;
  }

  /** The socket is closed, and its filter with it. */
  @Override
  public void close() {
    shielded(0);
    queue.close();
  }
}
