package io.flashdns.transport;

import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.NetworkTable;
import io.flashdns.core.plugin.Protocol;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket that Netty reads and writes: epoll (by recvmmsg and sendmmsg), io_uring or NIO.
 *
 * <p>Netty itself makes some five objects for each datagram, the packet and its addresses; nothing
 * that we add does. A reply goes into one of a bounded set of datagrams that are used again once
 * they are sent. When all of them wait for the system, further replies are dropped: that is the
 * bound of what a stalled network can hold.
 *
 * <p><b>Thread</b>: the loop's.
 */
final class ChannelUdpSocket extends ChannelInboundHandlerAdapter implements UdpEndpoint {
  private static final int MAX_REPLIES = 1024;
  private static final int REPLY_BYTES = 2048;
  private static final int MAX_REPLY_BYTES = 65_535;

  private final IoLoop loop;
  private final int listener;
  private final @Nullable NetworkTable proxies;
  private final Worker worker;
  private final byte[] reply;
  private final ReusedReceiveBuffer receiveBuffer;
  private final List<Reply> replies = new ArrayList<>();
  private final ArrayDeque<Reply> free = new ArrayDeque<>();
  private @Nullable Channel channel;
  private @Nullable InetSocketAddress address;
  private @Nullable ChannelHandlerContext context;
  private final InetSocketAddress[] senders = new InetSocketAddress[Worker.BATCH];
  private int slots;
  private int received;
  private int oversize;
  private int written;
  private int unsendable;

  /**
   * @param proxies who may send datagrams, each behind a PROXY header; null when everybody may,
   *     without one
   */
  ChannelUdpSocket(
      IoLoop loop,
      int listener,
      @Nullable NetworkTable proxies,
      ReusedReceiveBuffer receiveBuffer) {
    this.loop = loop;
    this.listener = listener;
    this.proxies = proxies;
    this.worker = loop.worker();
    this.reply = worker.reply();
    this.receiveBuffer = receiveBuffer;
  }

  /** A reply on its way, used again when Netty releases it. */
  private static final class Reply extends DatagramPacket {
    private final ArrayDeque<Reply> home;
    private InetSocketAddress recipient;

    Reply(ArrayDeque<Reply> home, ByteBuf content, InetSocketAddress recipient) {
      super(content, recipient);
      this.home = home;
      this.recipient = recipient;
    }

    /** Stays as it is after the release: Netty may copy the datagram by releasing it first. */
    @Override
    public InetSocketAddress recipient() {
      return recipient;
    }

    @Override
    public boolean release() {
      home.push(this);
      return true;
    }
  }

  void bound(Channel channel) {
    this.channel = channel;
    this.address = (InetSocketAddress) channel.localAddress();
  }

  @Override
  public InetSocketAddress address() {
    if (address == null) {
      throw new IllegalStateException("not bound");
    }
    return address;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    DatagramPacket datagram = (DatagramPacket) message;
    try {
      loop.openBatch(this);
      if (received == 0) {
        worker.beginBatch(System.nanoTime());
      }
      received++;
      accept(datagram.content(), datagram.sender());
    } finally {
      datagram.release();
    }
    if (slots == Worker.BATCH) {
      answerBatch();
    }
  }

  private void accept(ByteBuf content, InetSocketAddress sender) {
    if (proxies != null) {
      acceptProxied(content, sender, proxies);
      return;
    }
    int length = content.readableBytes();
    // Nothing can be sent to port 0: a forged packet.
    if (length > Limits.MAX_UDP_QUERY_BYTES || sender.getPort() == 0) {
      oversize++;
      return;
    }
    content.getBytes(content.readerIndex(), worker.packet(slots), 0, length);
    InetAddress source = sender.getAddress();
    worker.accept(
        slots,
        length,
        Protocol.UDP,
        listener,
        Addresses.high(source),
        Addresses.low(source),
        sender.getPort());
    senders[slots++] = sender;
  }

  /**
   * {@link #accept} where only proxies are served: the query stands behind a PROXY header, and
   * comes from the client that this names.
   */
  private void acceptProxied(ByteBuf content, InetSocketAddress sender, NetworkTable proxies) {
    long high = Addresses.high(sender.getAddress());
    long low = Addresses.low(sender.getAddress());
    int port = sender.getPort();
    if (!proxies.contains(high, low)) {
      loop.counters().add(LoopCounters.UDP_PROXY_REFUSED_SOURCE, 1);
      return;
    }
    ProxyHeader header = loop.proxyHeader();
    int startBytes = Math.min(content.readableBytes(), ProxyHeader.MAX_BYTES);
    content.getBytes(content.readerIndex(), header.octets(), 0, startBytes);
    int headerBytes = header.read(header.octets(), 0, startBytes);
    if (headerBytes <= 0) {
      loop.counters().add(LoopCounters.UDP_PROXY_REFUSED_HEADER, 1);
      return;
    }
    int queryBytes = content.readableBytes() - headerBytes;
    if (queryBytes > Limits.MAX_UDP_QUERY_BYTES || port == 0) {
      oversize++;
      return;
    }
    content.getBytes(content.readerIndex() + headerBytes, worker.packet(slots), 0, queryBytes);
    if (header.namesClient()) {
      high = header.sourceHigh();
      low = header.sourceLow();
      port = header.sourcePort();
    }
    worker.accept(slots, queryBytes, Protocol.UDP, listener, high, low, port);
    if (header.namesClient() && header.isStream()) {
      worker.proveSource(slots);
    }
    senders[slots++] = sender;
  }

  /** Answers the datagrams that stand in the worker's slots. */
  void answerBatch() {
    int count = slots;
    slots = 0;
    if (count == 0 || context == null) {
      return;
    }
    worker.lookAhead(count);
    for (int i = 0; i < count; i++) {
      int replyBytes = worker.answer(i);
      if (replyBytes > 0) {
        write(context, senders[i], replyBytes);
      }
    }
  }

  private void write(ChannelHandlerContext context, InetSocketAddress recipient, int replyBytes) {
    Reply datagram = free.poll();
    if (datagram == null) {
      if (replies.size() == MAX_REPLIES) {
        unsendable++;
        return;
      }
      datagram =
          new Reply(free, context.alloc().directBuffer(REPLY_BYTES, MAX_REPLY_BYTES), recipient);
      replies.add(datagram);
    }
    datagram.recipient = recipient;
    datagram.content().clear().writeBytes(reply, 0, replyBytes);
    written++;
    context.write(datagram, context.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    answerBatch();
    if (written != 0) {
      context.flush();
    }
    LoopCounters counters = loop.counters();
    counters.add(LoopCounters.UDP_RECEIVED, received);
    counters.add(LoopCounters.UDP_SENT, written);
    if (oversize + unsendable != 0) {
      counters.add(LoopCounters.UDP_OVERSIZE, oversize);
      counters.add(LoopCounters.UDP_SEND_ERRORS, unsendable);
    }
    received = 0;
    written = 0;
    oversize = 0;
    unsendable = 0;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // A reply that could not be sent, or an error that an ICMP message left on the socket.
    if (cause instanceof IOException) {
      loop.counters().add(LoopCounters.UDP_SEND_ERRORS, 1);
    } else {
      loop.failures().report("UDP on " + address, cause);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    slots = 0;
    for (Reply datagram : replies) {
      datagram.content().release();
    }
    replies.clear();
    free.clear();
    receiveBuffer.release();
  }

  /** Netty reads when its turn comes. */
  @Override
  public void poll() {}

  /** Netty would take the connected peer for the sender of what waits: nothing is done. */
  @Override
  public void leave() {}

  @Override
  public boolean isBusy() {
    return free.size() != replies.size();
  }

  @Override
  public void close() {
    if (channel != null) {
      loop.close(channel);
    }
  }
}
