package io.flashdns.transport;

import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.NetworkTable;
import io.flashdns.core.plugin.Protocol;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket of our own on Netty's epoll loop: the loop wakes it as it wakes Netty's channels,
 * and the datagrams go by {@code recvmmsg} and {@code sendmmsg} between {@link DatagramVector},
 * {@link ReplyVector} and the worker.
 *
 * <p>Level-triggered: a wake-up reads a bounded number of batches, so that connections and tasks of
 * the loop get their turn, and epoll comes back while there is more. After a batch that was well
 * filled the next read is tried at once: under load that finds datagrams more often than not, and
 * is cheaper than a round through the loop.
 *
 * <p>When the system takes no more replies, reading stops until it does, and the receive buffer
 * fills: the kernel then drops the newest queries, which costs us nothing. That lasts {@link
 * #STALL_NANOS} at most; what could not be sent by then is dropped, for it may wait for a neighbour
 * that does not exist.
 *
 * <p><b>Thread</b>: the loop's. <b>Cost</b>: no allocation per datagram.
 */
final class NativeUdpSocket implements EpollIoHandle, UdpEndpoint {
  /** Batches of one wake-up. */
  private static final int MAX_BATCHES = 8;

  /** A batch of this many makes the next read worth its call before epoll says so. */
  private static final int READ_ON = 8;

  /** So many batches pass before it is tried again to send replies together after a refusal. */
  private static final int SINGLE_BATCHES = 1_024;

  private static final long STALL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  /** In {@code sin_port}'s place, for {@link #leave}: nobody sends from the discard port. */
  private static final int DISCARD_PORT = 9;

  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);

  private final IoLoop loop;
  private final int listener;
  private final @Nullable NetworkTable proxies;
  private final Worker worker;
  private final byte[] reply;
  private final FileDescriptor fd;
  private final int fdNumber;
  private final InetSocketAddress address;
  private final DatagramVector vector;
  private final ReplyVector replies;
  private final MemorySegment errno;
  private final int receiveBufferBytes;
  private final OverloadShield shield;
  private @Nullable IoRegistration registration;
  private @Nullable Future<?> looks;

  /** Messages of {@link #replies} that are sent. */
  private int sent;

  /** Batches whose replies leave one by one, since the system refused to cut a message. */
  private int singleBatches;

  private boolean stalled;
  private int stalls;
  private boolean closed;

  private NativeUdpSocket(
      IoLoop loop,
      int listener,
      int fd,
      InetSocketAddress address,
      @Nullable NetworkTable proxies,
      boolean overloadShield) {
    this.loop = loop;
    this.listener = listener;
    this.proxies = proxies;
    this.worker = loop.worker();
    this.reply = worker.reply();
    this.fd = new FileDescriptor(fd);
    this.fdNumber = fd;
    this.address = address;
    this.vector =
        new DatagramVector(
            Addresses.isIpv6(address),
            Addresses.isWildcard(address),
            Limits.datagramBytes(proxies != null));
    this.replies = new ReplyVector(vector);
    this.errno = vector.errno();
    // The kernel reports twice what it grants (socket(7)).
    this.receiveBufferBytes = Libc.getsockopt(errno, fd, Libc.SOL_SOCKET, Libc.SO_RCVBUF) / 2;
    // Behind proxies the sources would be the proxies.
    this.shield =
        new OverloadShield(
            errno,
            fd,
            address,
            overloadShield && proxies == null,
            loop.counters(),
            loop.failures());
  }

  /**
   * Opens, binds and registers a socket.
   *
   * @param proxies who may send datagrams, each behind a PROXY header; null when everybody may,
   *     without one
   * @param reusePort whether other sockets of this process share the address
   * @param overloadShield whether heavy sources are thinned while the socket overflows
   * @throws SystemCallException when a call fails
   */
  static NativeUdpSocket open(
      IoLoop loop,
      int listener,
      InetSocketAddress wanted,
      @Nullable NetworkTable proxies,
      boolean reusePort,
      int receiveBufferBytes,
      boolean overloadShield)
      throws SystemCallException {
    boolean ipv6 = Addresses.isIpv6(wanted);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = arena.allocate(Libc.ERRNO_BYTES, Long.BYTES);
      int fd =
          SystemCallException.check(
              "socket",
              Libc.socket(
                  errno,
                  ipv6 ? Libc.AF_INET6 : Libc.AF_INET,
                  Libc.SOCK_DGRAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC));
      NativeUdpSocket socket = null;
      try {
        options(errno, fd, ipv6, Addresses.isWildcard(wanted), reusePort);
        buffers(errno, fd, receiveBufferBytes);
        MemorySegment name = socketAddress(arena, wanted, wanted.getPort());
        SystemCallException.check("bind", Libc.bind(errno, fd, name));
        SystemCallException.check("getsockname", Libc.getsockname(errno, fd, name));
        int port = name.get(BIG_SHORT, 2) & 0xffff;
        socket =
            new NativeUdpSocket(
                loop, listener, fd, Addresses.withPort(wanted, port), proxies, overloadShield);
        socket.register();
        return socket;
      } catch (SystemCallException | RuntimeException e) {
        if (socket != null) {
          socket.close();
        } else {
          Libc.close(errno, fd);
        }
        throw e;
      }
    }
  }

  private static void options(
      MemorySegment errno, int fd, boolean ipv6, boolean wildcard, boolean reusePort)
      throws SystemCallException {
    if (reusePort) {
      SystemCallException.check(
          "setsockopt SO_REUSEPORT",
          Libc.setsockopt(errno, fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, 1));
    }
    int level = ipv6 ? Libc.IPPROTO_IPV6 : Libc.IPPROTO_IP;
    if (ipv6) {
      SystemCallException.check(
          "setsockopt IPV6_V6ONLY", Libc.setsockopt(errno, fd, level, Libc.IPV6_V6ONLY, 1));
    }
    if (wildcard) {
      SystemCallException.check(
          "setsockopt PKTINFO",
          Libc.setsockopt(errno, fd, level, ipv6 ? Libc.IPV6_RECVPKTINFO : Libc.IP_PKTINFO, 1));
    }
    // A kernel without it still serves.
    Libc.setsockopt(
        errno,
        fd,
        level,
        ipv6 ? Libc.IPV6_MTU_DISCOVER : Libc.IP_MTU_DISCOVER,
        Libc.PMTUDISC_PROBE);
  }

  /** Asks for buffers within net.core.rmem_max and wmem_max; with CAP_NET_ADMIN beyond them. */
  static void buffers(MemorySegment errno, int fd, int bytes) {
    if (bytes > 0) {
      buffer(errno, fd, bytes, Libc.SO_RCVBUF, Libc.SO_RCVBUFFORCE);
      buffer(errno, fd, bytes, Libc.SO_SNDBUF, Libc.SO_SNDBUFFORCE);
    }
  }

  private static void buffer(MemorySegment errno, int fd, int bytes, int option, int force) {
    Libc.setsockopt(errno, fd, Libc.SOL_SOCKET, option, bytes);
    // The kernel doubles what it grants, for its own book-keeping (socket(7)).
    if (Libc.getsockopt(errno, fd, Libc.SOL_SOCKET, option) / 2 < bytes) {
      Libc.setsockopt(errno, fd, Libc.SOL_SOCKET, force, bytes);
    }
  }

  /** A {@code sockaddr_in} or {@code sockaddr_in6}, as {@link DatagramVector} draws them. */
  static MemorySegment socketAddress(Arena arena, InetSocketAddress address, int port) {
    InetAddress ip = address.getAddress();
    byte[] bytes = ip.getAddress();
    boolean ipv6 = bytes.length == 16;
    MemorySegment name = arena.allocate(ipv6 ? 28 : 16, 4);
    name.set(ValueLayout.JAVA_SHORT, 0, (short) (ipv6 ? Libc.AF_INET6 : Libc.AF_INET));
    name.set(BIG_SHORT, 2, (short) port);
    MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, ipv6 ? 8 : 4, bytes.length);
    if (ip instanceof Inet6Address v6) {
      name.set(ValueLayout.JAVA_INT, 24, v6.getScopeId());
    }
    return name;
  }

  private void register() {
    Future<IoRegistration> registering = loop.eventLoop().register(this);
    if (!registering.isSuccess()) {
      throw new IllegalStateException("epoll takes no UDP socket", registering.cause());
    }
    registration = registering.getNow();
    listenFor(EpollIoOps.EPOLLIN);
    looks =
        loop.eventLoop()
            .scheduleWithFixedDelay(
                this::look,
                OverloadShield.LOOK_MILLIS,
                OverloadShield.LOOK_MILLIS,
                TimeUnit.MILLISECONDS);
  }

  /** The size of the receive buffer, without what the kernel adds for itself. */
  int receiveBufferBytes() {
    return receiveBufferBytes;
  }

  @Override
  public FileDescriptor fd() {
    return fd;
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    // What escapes from here would put the whole loop to sleep for a second.
    try {
      if (stalled) {
        resume((EpollIoEvent) event);
      }
      if (!stalled && !closed) {
        receive();
      }
    } catch (Throwable e) {
      failed(e);
    }
  }

  @Override
  public void poll() {
    if (!stalled && !closed) {
      try {
        receive();
      } catch (Throwable e) {
        failed(e);
      }
    }
  }

  private void look() {
    // What escapes from here would be the last look.
    try {
      if (!closed) {
        shield.look(System.nanoTime());
      }
    } catch (RuntimeException e) {
      loop.failures().report("the overload shield of " + Addresses.text(address), e);
    }
  }

  private void failed(Throwable e) {
    sent = 0;
    replies.clear();
    loop.failures().report("UDP on " + Addresses.text(address), e);
  }

  private void receive() {
    for (int batch = 0; batch < MAX_BATCHES; batch++) {
      int received =
          Libc.recvmmsg(errno, fdNumber, vector.receiveAddress(), DatagramVector.CAPACITY);
      if (received <= 0) {
        if (received == -Libc.EAGAIN || received == 0) {
          return;
        }
        // An error that an ICMP message left on the socket; reading it took it away.
        if (received != -Libc.EINTR) {
          loop.counters().add(LoopCounters.UDP_RECEIVE_ERRORS, 1);
        }
        continue;
      }
      if (shield.received(received)) {
        countSources(received);
      }
      answer(received);
      replies.arrange(singleBatches == 0);
      singleBatches = Math.max(singleBatches - 1, 0);
      send();
      if (stalled || received < READ_ON) {
        return;
      }
    }
  }

  private void countSources(int received) {
    for (int i = 0; i < received; i++) {
      shield.count(vector.sourceHigh(i), vector.sourceLow(i));
    }
  }

  private void answer(int received) {
    worker.beginBatch(System.nanoTime());
    int refused = 0;
    int unsendable = 0;
    for (int first = 0; first < received; first += Worker.BATCH) {
      int count = Math.min(Worker.BATCH, received - first);
      for (int i = 0; i < count; i++) {
        refused += accept(i, first + i);
      }
      worker.lookAhead(count);
      for (int i = 0; i < count; i++) {
        int replyBytes = worker.answer(i);
        if (replyBytes > 0 && !replies.add(first + i, reply, replyBytes)) {
          unsendable++;
        }
      }
    }
    LoopCounters counters = loop.counters();
    counters.add(LoopCounters.UDP_RECEIVED, received);
    if (refused + unsendable != 0) {
      counters.add(LoopCounters.UDP_OVERSIZE, refused);
      counters.add(LoopCounters.UDP_SEND_ERRORS, unsendable);
    }
  }

  /**
   * Hands datagram {@code index} to the worker; 1 when it was cut, or forged: nothing can be sent
   * to port 0.
   */
  private int accept(int slot, int index) {
    if (proxies != null) {
      return acceptProxied(slot, index, proxies);
    }
    int length = vector.length(index);
    int port = vector.sourcePort(index);
    boolean refused = length > Limits.MAX_UDP_QUERY_BYTES || port == 0;
    if (!refused) {
      vector.copyDatagram(index, 0, worker.packet(slot), length);
    }
    worker.accept(
        slot,
        refused ? 0 : length,
        Protocol.UDP,
        listener,
        vector.sourceHigh(index),
        vector.sourceLow(index),
        port);
    return refused ? 1 : 0;
  }

  /**
   * {@link #accept} where only proxies are served: the query stands behind a PROXY header, and
   * comes from the client that this names.
   */
  private int acceptProxied(int slot, int index, NetworkTable proxies) {
    long high = vector.sourceHigh(index);
    long low = vector.sourceLow(index);
    int port = vector.sourcePort(index);
    if (!proxies.contains(high, low)) {
      return refuse(slot, LoopCounters.UDP_PROXY_REFUSED_SOURCE);
    }
    ProxyHeader header = loop.proxyHeader();
    int length = vector.length(index);
    int startBytes = Math.min(length, ProxyHeader.MAX_BYTES);
    vector.copyDatagram(index, 0, header.octets(), startBytes);
    int headerBytes = header.read(header.octets(), 0, startBytes);
    if (headerBytes <= 0) {
      return refuse(slot, LoopCounters.UDP_PROXY_REFUSED_HEADER);
    }
    int queryBytes = length - headerBytes;
    if (queryBytes > Limits.MAX_UDP_QUERY_BYTES || port == 0) {
      return refuse(slot, LoopCounters.UDP_OVERSIZE);
    }
    vector.copyDatagram(index, headerBytes, worker.packet(slot), queryBytes);
    if (header.namesClient()) {
      high = header.sourceHigh();
      low = header.sourceLow();
      port = header.sourcePort();
    }
    worker.accept(slot, queryBytes, Protocol.UDP, listener, high, low, port);
    if (header.namesClient() && header.isStream()) {
      worker.proveSource(slot);
    }
    return 0;
  }

  /** Leaves a slot of the batch without a query, and counts why. */
  private int refuse(int slot, int counter) {
    worker.accept(slot, 0, Protocol.UDP, listener, 0, 0, 0);
    loop.counters().add(counter, 1);
    return 0;
  }

  /**
   * Sends the replies of the batch, or what is left of them; {@link #stalled} when that did not
   * succeed.
   */
  private void send() {
    int done = 0;
    int errors = 0;
    int segmented = 0;
    while (sent < replies.messages()) {
      int result = Libc.sendmmsg(errno, fdNumber, replies.address(sent), replies.messages() - sent);
      if (result > 0) {
        done += replies.replies(sent, sent + result);
        segmented += replies.segmented(sent, sent + result);
        sent += result;
      } else if (result == -Libc.EAGAIN) {
        break;
      } else if (result != -Libc.EINTR) {
        if (replies.segmented(sent, sent + 1) > 0) {
          // Its way out does not cut messages: once more as single datagrams.
          replies.splitFrom(sent);
          singleBatches = SINGLE_BATCHES;
        } else {
          // The first one cannot be sent (no route, too long, forbidden); the others may.
          errors++;
          sent++;
        }
      }
    }
    LoopCounters counters = loop.counters();
    counters.add(LoopCounters.UDP_SENT, done);
    if (segmented != 0) {
      counters.add(LoopCounters.UDP_SEGMENTED, segmented);
    }
    if (errors != 0) {
      counters.add(LoopCounters.UDP_SEND_ERRORS, errors);
    }
    if (sent < replies.messages()) {
      stall();
    } else {
      sent = 0;
      replies.clear();
    }
  }

  private void stall() {
    if (!stalled) {
      stalled = true;
      listenFor(EpollIoOps.EPOLLOUT);
      int stall = ++stalls;
      loop.eventLoop().schedule(() -> giveUp(stall), STALL_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  private void resume(EpollIoEvent event) {
    if (event.ops().contains(EpollIoOps.EPOLLOUT)) {
      send();
      if (replies.replies() == 0) {
        endStall();
      }
    }
  }

  private void giveUp(int stall) {
    if (stalled && stall == stalls && !closed) {
      loop.counters().add(LoopCounters.UDP_SEND_ERRORS, replies.replies(sent, replies.messages()));
      sent = 0;
      replies.clear();
      endStall();
    }
  }

  private void endStall() {
    stalled = false;
    listenFor(EpollIoOps.EPOLLIN);
  }

  private void listenFor(EpollIoOps ops) {
    if (registration != null) {
      registration.submit(ops);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Connecting a UDP socket to one peer takes it out of the choice for everybody else's
   * datagrams; what it holds already can still be read, and answered to any address.
   */
  @Override
  public void leave() {
    try {
      InetAddress ip = address.getAddress();
      InetAddress peer =
          !ip.isAnyLocalAddress()
              ? ip
              : InetAddress.getByName(Addresses.isIpv6(address) ? "::1" : "127.0.0.1");
      InetSocketAddress self = new InetSocketAddress(peer, address.getPort());
      try (Arena scratch = Arena.ofConfined()) {
        Libc.connect(errno, fdNumber, socketAddress(scratch, self, DISCARD_PORT));
      }
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean isBusy() {
    return stalled;
  }

  @Override
  public void registered() {}

  @Override
  public void unregistered() {}

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (registration != null) {
      registration.cancel();
    }
    if (looks != null) {
      looks.cancel(false);
    }
    try {
      fd.close();
    } catch (IOException e) {
      loop.failures().report("the close of a UDP socket", e);
    }
    shield.close();
    replies.close();
    vector.close();
  }
}
