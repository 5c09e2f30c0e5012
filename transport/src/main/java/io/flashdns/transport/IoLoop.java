package io.flashdns.transport;

import io.flashdns.core.engine.Worker;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.RecvByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One event loop with all that it owns: the worker, the sockets, the connections, the counters.
 *
 * <p><b>Thread</b>: the loop's, but for what says otherwise.
 */
final class IoLoop {
  /**
   * For TCP: a read gets as much memory as the last ones needed, and a connection at most two reads
   * before others get their turn. Most queries are one small read.
   */
  static final RecvByteBufAllocator STREAM_BUFFERS =
      new AdaptiveRecvByteBufAllocator(512, 2048, 16 * 1024).maxMessagesPerRead(2);

  /**
   * Time between two looks of a drain. Between them the loop has asked its sockets at least once.
   */
  private static final long DRAIN_TICK_MILLIS = 2;

  /** Looks without traffic after which nothing is left in a socket. */
  private static final int QUIET_TICKS = 3;

  /**
   * TCP messages after which waiting datagrams get their turn. However many connections pipeline,
   * UDP waits for less than a millisecond, and TCP gets no more than about half of the processor
   * while there are datagrams.
   */
  private static final int TCP_TURN = 256;

  private final IoEventLoop eventLoop;
  private final Worker worker;
  private final LoopCounters counters = new LoopCounters();
  private final Failures failures;
  private final TcpLimits tcpLimits;
  private final ConnectionQuota quota;
  private final TcpConnections connections;
  private final ProxyHeader proxyHeader = new ProxyHeader();
  private final List<IoLoop> all;
  private final List<UdpEndpoint> udp = new ArrayList<>();
  private final List<Channel> listeners = new ArrayList<>();
  private @Nullable ChannelUdpSocket openBatch;
  private int tcpMessages;
  private int closing;

  /**
   * @param all the loops of the transport, this one among them once it is made
   */
  IoLoop(
      IoEventLoop eventLoop,
      Worker worker,
      Failures failures,
      TcpLimits tcpLimits,
      ConnectionQuota quota,
      List<IoLoop> all) {
    this.eventLoop = eventLoop;
    this.worker = worker;
    this.failures = failures;
    this.tcpLimits = tcpLimits;
    this.quota = quota;
    this.all = all;
    this.connections = new TcpConnections(this, tcpLimits, quota);
  }

  IoEventLoop eventLoop() {
    return eventLoop;
  }

  Worker worker() {
    return worker;
  }

  LoopCounters counters() {
    return counters;
  }

  Failures failures() {
    return failures;
  }

  TcpLimits tcpLimits() {
    return tcpLimits;
  }

  ConnectionQuota connectionQuota() {
    return quota;
  }

  TcpConnections connections() {
    return connections;
  }

  /** What the sockets of this loop read PROXY headers with, one after the other. */
  ProxyHeader proxyHeader() {
    return proxyHeader;
  }

  /**
   * Called before a Netty socket puts a datagram into the worker's slots, which another one may
   * hold.
   */
  void openBatch(ChannelUdpSocket socket) {
    if (openBatch != socket) {
      if (openBatch != null) {
        openBatch.answerBatch();
      }
      openBatch = socket;
    }
  }

  /** Called after each answered TCP message. */
  void countTcpMessage() {
    if (++tcpMessages >= TCP_TURN) {
      tcpMessages = 0;
      for (int i = 0; i < udp.size(); i++) {
        udp.get(i).poll();
      }
    }
  }

  void add(UdpEndpoint endpoint) {
    udp.add(endpoint);
  }

  void add(Channel listener) {
    listeners.add(listener);
  }

  /**
   * Closes a connection for {@code newcomer}: one of this loop if it has another, else one of the
   * fullest loop.
   */
  void makeRoom(TcpConnection newcomer) {
    IoLoop fullest = this;
    if (connections.count() == 1) {
      for (IoLoop other : all) {
        if (other.connections.count() > fullest.connections.count()) {
          fullest = other;
        }
      }
    }
    if (fullest == this) {
      connections.evictOldest(newcomer);
    } else {
      TcpConnections crowd = fullest.connections;
      fullest.eventLoop.execute(() -> crowd.evictOldest(null));
    }
  }

  /** What waits for each TCP client. Any thread may ask. */
  CompletableFuture<List<TcpConnection.Unsent>> unsent() {
    return CompletableFuture.supplyAsync(
        () -> {
          List<TcpConnection.Unsent> unsent = new ArrayList<>();
          connections.forEach(connection -> unsent.add(connection.unsent()));
          return unsent;
        },
        eventLoop);
  }

  /** Octets of unfinished TCP messages that are held. Any thread may ask. */
  CompletableFuture<Long> partialBytes() {
    return CompletableFuture.supplyAsync(connections::partialBytes, eventLoop);
  }

  /**
   * Answers what has come so far, then closes everything. Any thread may call.
   *
   * @param deadlineNanos when to close what is not done, by {@link System#nanoTime}
   * @return done when all is closed
   */
  CompletableFuture<Void> drain(long deadlineNanos) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    eventLoop.execute(
        () -> {
          udp.forEach(UdpEndpoint::leave);
          later(new Drain(deadlineNanos, done));
        });
    return done;
  }

  private void later(Drain drain) {
    eventLoop.schedule(drain, DRAIN_TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * A drain in steps, one each tick. A socket closes when nothing came for some ticks: what waited
   * in it has been read then. A connection closes when its queries stop. With traffic that does not
   * pause, half of the time is the end: what waits in a socket cannot be told from what comes just
   * now.
   */
  private final class Drain implements Runnable {
    private final long startNanos = System.nanoTime();
    private final long deadlineNanos;
    private final CompletableFuture<Void> done;
    private final Quiet datagrams = new Quiet(LoopCounters.UDP_RECEIVED);
    private final Quiet accepts = new Quiet(LoopCounters.TCP_ACCEPTED);

    Drain(long deadlineNanos, CompletableFuture<Void> done) {
      this.deadlineNanos = deadlineNanos;
      this.done = done;
    }

    @Override
    public void run() {
      try {
        step();
      } catch (RuntimeException e) {
        failures.report("a drain", e);
        closeNow();
        done.complete(null);
      }
    }

    private void step() {
      long now = System.nanoTime();
      boolean halfTime = now - startNanos >= (deadlineNanos - startNanos) / 2;
      if (accepts.lasts() || halfTime) {
        closeListeners();
        long quietSince = now - TimeUnit.MILLISECONDS.toNanos(QUIET_TICKS * DRAIN_TICK_MILLIS);
        connections.forEach(
            connection -> {
              if (halfTime || connection.isQuietSince(quietSince)) {
                connection.finish();
              }
            });
      }
      if (halfTime || (datagrams.lasts() && udp.stream().noneMatch(UdpEndpoint::isBusy))) {
        closeUdp();
      }
      if ((udp.isEmpty() && listeners.isEmpty() && connections.count() == 0)
          || now - deadlineNanos >= 0) {
        closeNow();
        done.complete(null);
      } else {
        later(this);
      }
    }
  }

  /** Notices that a counter has not moved for some ticks. */
  private final class Quiet {
    private final int slot;
    private long seen = -1;
    private int ticks;

    Quiet(int slot) {
      this.slot = slot;
    }

    /** Asked once each tick. */
    boolean lasts() {
      long count = counters.read(slot);
      ticks = count == seen ? ticks + 1 : 0;
      seen = count;
      return ticks >= QUIET_TICKS;
    }
  }

  private void closeListeners() {
    listeners.forEach(this::close);
    listeners.clear();
  }

  private void closeUdp() {
    for (UdpEndpoint endpoint : udp) {
      endpoint.close();
    }
    udp.clear();
  }

  /** Closes all sockets of this loop at once. */
  void closeNow() {
    closeListeners();
    closeUdp();
    connections.forEach(TcpConnection::close);
  }

  /** Closes a channel of this loop. With io_uring that takes a while. */
  void close(Channel channel) {
    if (!channel.closeFuture().isDone()) {
      closing++;
      channel.close().addListener(_ -> closing--);
    }
  }

  /**
   * Closes all sockets of this loop. Any thread may call; the future is done when the system has
   * them back.
   */
  CompletableFuture<Void> closeAll() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    eventLoop.execute(
        () -> {
          closeNow();
          awaitClosed(done);
        });
    return done;
  }

  private void awaitClosed(CompletableFuture<Void> done) {
    if (closing == 0) {
      done.complete(null);
    } else {
      eventLoop.schedule(() -> awaitClosed(done), 1, TimeUnit.MILLISECONDS);
    }
  }

  /**
   * Tells the worker each second without queries that it may let go of old zones. Any thread may
   * call, once.
   */
  void start() {
    eventLoop.scheduleWithFixedDelay(new IdleWatch(), 1, 1, TimeUnit.SECONDS);
  }

  private final class IdleWatch implements Runnable {
    private long seen = -1;

    @Override
    public void run() {
      long traffic =
          counters.read(LoopCounters.UDP_RECEIVED) + counters.read(LoopCounters.TCP_MESSAGES);
      if (traffic == seen) {
        worker.idle();
      }
      seen = traffic;
    }
  }
}
