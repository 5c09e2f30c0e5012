package io.flashdns.transport;

import io.flashdns.core.engine.Worker;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The running listeners: UDP and TCP on every configured address, served by event loops with a
 * worker each.
 *
 * <p><b>Thread</b>: all methods from any thread; {@link #drain} and {@link #close} wait, so not
 * from a worker.
 */
public final class Transport implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final MultiThreadIoEventLoopGroup group;
  private final List<IoLoop> loops;
  private final List<InetSocketAddress> addresses;
  private final String description;
  private final Failures failures;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Transport(
      MultiThreadIoEventLoopGroup group,
      List<IoLoop> loops,
      List<InetSocketAddress> addresses,
      String description,
      Failures failures) {
    this.group = group;
    this.loops = loops;
    this.addresses = addresses;
    this.description = description;
    this.failures = failures;
  }

  /**
   * Opens all addresses and serves.
   *
   * @param workers asked once for each event loop, in the calling thread; the worker then belongs
   *     to that loop's thread
   * @throws TransportException when one address cannot be opened, or the backend is not available;
   *     nothing stays open then
   */
  public static Transport start(TransportConfig config, Supplier<Worker> workers)
      throws TransportException {
    BackendChoice choice = BackendChoice.choose(config.io());
    Failures failures = new Failures();
    MultiThreadIoEventLoopGroup group = newGroup(config, choice);
    boolean started = false;
    List<IoLoop> loops = new ArrayList<>();
    try {
      ConnectionQuota quota = new ConnectionQuota(config.tcp());
      for (EventExecutor executor : group) {
        loops.add(
            new IoLoop(
                (IoEventLoop) executor, workers.get(), failures, config.tcp(), quota, loops));
      }
      ListenerBinder binder = new ListenerBinder(choice, loops, config);
      List<InetSocketAddress> addresses = new ArrayList<>();
      for (int listener = 0; listener < config.listen().size(); listener++) {
        addresses.add(binder.bind(listener, config.listen().get(listener)));
      }
      loops.forEach(IoLoop::start);
      started = true;
      return new Transport(
          group,
          List.copyOf(loops),
          List.copyOf(addresses),
          describe(choice, config, binder, addresses),
          failures);
    } finally {
      if (!started) {
        stop(group, loops);
      }
    }
  }

  private static MultiThreadIoEventLoopGroup newGroup(TransportConfig config, BackendChoice choice)
      throws TransportException {
    AtomicInteger number = new AtomicInteger();
    ThreadFactory threads =
        task -> new FastThreadLocalThread(task, "flashdns-io-" + number.getAndIncrement());
    try {
      return new MultiThreadIoEventLoopGroup(
          config.workers(), threads, choice.loops().handlerFactory());
    } catch (RuntimeException e) {
      throw new TransportException(
          "Cannot make "
              + config.workers()
              + " event loops for "
              + choice.io().text()
              + ": "
              + e.getMessage()
              + ". Try fewer workers, a higher limit of file descriptors (ulimit -n), or another I/O"
              + " backend.",
          e);
    }
  }

  private static String describe(
      BackendChoice choice,
      TransportConfig config,
      ListenerBinder binder,
      List<InetSocketAddress> addresses) {
    String how =
        switch (choice.io()) {
          case FFM -> "UDP by recvmmsg and sendmmsg without JNI (ffm), TCP by epoll";
          case EPOLL -> "UDP and TCP by epoll";
          case IO_URING -> "UDP and TCP by io_uring";
          case NIO -> "UDP and TCP by NIO";
          case AUTO -> throw new IllegalArgumentException("auto is not a choice");
        };
    String sockets =
        config.workers() == 1
            ? "1 event loop"
            : config.workers()
                + " event loops, "
                + (binder.socketsOnEachLoop()
                    ? "each with its own sockets"
                    : "all UDP sockets on the first one, for this system cannot share a port");
    int granted = binder.grantedReceiveBufferBytes();
    String buffer =
        granted >= config.receiveBufferBytes()
            ? ""
            : "; UDP receive buffers have "
                + granted
                + " of "
                + config.receiveBufferBytes()
                + " octets: raise net.core.rmem_max";
    return how + "; " + sockets + " (" + choice.why() + ")" + proxies(config, addresses) + buffer;
  }

  private static String proxies(TransportConfig config, List<InetSocketAddress> addresses) {
    String listeners =
        config.proxyProtocol().listeners().stream()
            .sorted()
            .map(listener -> Addresses.text(addresses.get(listener)))
            .collect(Collectors.joining(", "));
    return listeners.isEmpty() ? "" : "; proxies alone, with the PROXY protocol, at " + listeners;
  }

  /**
   * The addresses as bound, with the real port where 0 was asked, in the order of the
   * configuration.
   */
  public List<InetSocketAddress> addresses() {
    return addresses;
  }

  /** One line: what serves UDP and TCP, on how many event loops, and why this way. */
  public String description() {
    return description;
  }

  /** The counters up to now. */
  public TransportCounters counters() {
    return LoopCounters.sum(loops.stream().map(IoLoop::counters).toList(), failures.count());
  }

  /** For tests: what waits for each TCP client. */
  List<TcpConnection.Unsent> unsent() {
    return loops.stream().flatMap(loop -> loop.unsent().join().stream()).toList();
  }

  /** For tests: octets of unfinished TCP messages that are held. */
  long partialBytes() {
    return loops.stream().mapToLong(loop -> loop.partialBytes().join()).sum();
  }

  /**
   * Takes no new connections and no new datagrams, answers what was received, sends it, and closes.
   *
   * <p>On {@link IoBackend#FFM} the UDP sockets leave the choice of the kernel at once; datagrams
   * go to other sockets of the address, if there are any, and none is lost. Netty's sockets cannot
   * do that: they go on until a few milliseconds pass without traffic, or half of {@code limit}.
   *
   * @param limit when to close what is not done
   */
  public void drain(Duration limit) {
    if (closed.get()) {
      return;
    }
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    CompletableFuture<?>[] drains =
        loops.stream().map(loop -> loop.drain(deadlineNanos)).toArray(CompletableFuture<?>[]::new);
    try {
      CompletableFuture.allOf(drains)
          .get(limit.toNanos() + TimeUnit.SECONDS.toNanos(1), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
      failures.report("a drain", e);
    } finally {
      close();
    }
  }

  /** Closes everything at once and waits until the threads have ended. Again: does nothing. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      stop(group, loops);
    }
  }

  private static void stop(MultiThreadIoEventLoopGroup group, List<IoLoop> loops) {
    CompletableFuture<?>[] closes =
        loops.stream().map(IoLoop::closeAll).toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(closes).completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS).join();
    group
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
