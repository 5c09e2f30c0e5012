package io.flashdns.transport;

import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Protocol;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannelConfig;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection (RFC 7766): cuts the stream into messages by their two length octets, answers
 * each in its turn, and writes the replies of one read together.
 *
 * <p>A message that came whole is copied from Netty's buffer into the worker's; only one that is
 * still incomplete when the read ends gets memory of its own. An idle connection holds no buffer
 * but the rest of a small one.
 *
 * <p>A connection of a proxy begins with a PROXY header, which says whose queries follow. It
 * belongs to the first query: the same time limit holds for both, and what came of it is held and
 * counted like the start of a message.
 *
 * <p>A client that asks faster than it reads is not read from: when the replies that wait for it
 * reach a limit, what was read stays unparsed in {@link #held}, and the socket's window closes,
 * until all replies are gone. A client that then never reads makes no progress and runs into the
 * idle time.
 *
 * <p><b>Thread</b>: its loop's.
 */
final class TcpConnection extends ChannelInboundHandlerAdapter implements ChannelFutureListener {
  private static final int LENGTH_BYTES = 2;
  private static final int FIRST_OUTPUT_BYTES = 512;
  private static final int FLUSH_BYTES = 64 * 1024;
  private static final int FIRST_PARTIAL_BYTES = 256;
  private static final int KEPT_PARTIAL_BYTES = 512;
  private static final byte[] NONE = new byte[0];

  private final IoLoop loop;
  private final TcpLimits limits;
  private final Worker worker;
  private final int listener;
  private long sourceHigh;
  private long sourceLow;
  private int sourcePort;

  /** Whom it is counted for; null as long as a proxy has named nobody. */
  private ConnectionQuota.@Nullable Client client;

  private boolean awaitsProxyHeader;
  private boolean sourceProven = true;

  // Owned by TcpConnections.
  @Nullable TcpConnection older;
  @Nullable TcpConnection newer;
  TcpConnections.Wait wait = TcpConnections.Wait.FIRST_QUERY;
  long waitsSinceNanos;

  private @Nullable ChannelHandlerContext context;
  private long acceptedNanos;
  private boolean answeredOne;

  /** The start of an unfinished message, its length octets included, or of a PROXY header. */
  private byte[] partial = NONE;

  private int partialBytes;

  /** What was read but may not be parsed yet. */
  private @Nullable ByteBuf held;

  /** Replies of this read. */
  private @Nullable ByteBuf output;

  private int outputReplies;
  private int unsentReplies;
  private long unsentBytes;
  private int outstandingWrites;
  private boolean outlivesInput;
  private boolean blocked;
  private boolean finishing;
  private boolean closed;

  TcpConnection(
      IoLoop loop,
      int listener,
      long sourceHigh,
      long sourceLow,
      int sourcePort,
      ConnectionQuota.@Nullable Client client,
      boolean awaitsProxyHeader) {
    this.loop = loop;
    this.limits = loop.tcpLimits();
    this.worker = loop.worker();
    this.listener = listener;
    this.sourceHigh = sourceHigh;
    this.sourceLow = sourceLow;
    this.sourcePort = sourcePort;
    this.client = client;
    this.awaitsProxyHeader = awaitsProxyHeader;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
    acceptedNanos = System.nanoTime();
    loop.connections().add(this, acceptedNanos);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf input = (ByteBuf) message;
    if (closed || finishing) {
      input.release();
    } else if (held != null) {
      // Happens once: epoll still reads when the peer has shut its side, even if told not to.
      held =
          context
              .alloc()
              .compositeBuffer(2)
              .addFlattenedComponents(true, held)
              .addFlattenedComponents(true, input);
    } else {
      parse(input);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (output != null) {
      flush();
    }
  }

  /**
   * Answers what {@code input} holds, and releases it, or holds it when the replies cannot be sent.
   */
  private void parse(ByteBuf input) {
    try {
      long now = System.nanoTime();
      worker.beginBatch(now);
      int messages = answerAll(input);
      loop.counters().add(LoopCounters.TCP_MESSAGES, messages);
      if (!closed) {
        waitOn(messages, now);
      }
    } finally {
      if (blocked && !closed && input.isReadable()) {
        held = input;
      } else {
        input.release();
      }
    }
  }

  /**
   * Answers messages until the input ends, or the connection, or the room for replies. Returns how
   * many.
   */
  private int answerAll(ByteBuf input) {
    if (awaitsProxyHeader && !takeProxyHeader(input)) {
      return 0;
    }
    int messages = 0;
    while (!closed && input.isReadable()) {
      if (!mayAnswer()) {
        block();
        break;
      }
      int length = next(input);
      if (length < 0) {
        break;
      }
      messages++;
      answer(length);
      loop.countTcpMessage();
    }
    return messages;
  }

  private void waitOn(int messages, long now) {
    answeredOne |= messages != 0;
    if (!answeredOne) {
      return;
    }
    if (isOld(now)) {
      finish();
    } else if (partialBytes == 0) {
      loop.connections().waits(this, TcpConnections.Wait.NEXT_QUERY, now);
    } else if (messages != 0 || wait != TcpConnections.Wait.REST_OF_MESSAGE) {
      loop.connections().waits(this, TcpConnections.Wait.REST_OF_MESSAGE, now);
    }
  }

  /**
   * Replies that were written and that the system has not all taken.
   *
   * @param bytes their octets, with their length octets
   */
  record Unsent(int replies, long bytes) {}

  Unsent unsent() {
    return new Unsent(unsentReplies, unsentBytes);
  }

  private boolean isOld(long now) {
    return now - acceptedNanos > limits.maxAge().toNanos();
  }

  /** Whether the last query was answered by then, and no other has begun. */
  boolean isQuietSince(long nanos) {
    return wait == TcpConnections.Wait.NEXT_QUERY && waitsSinceNanos - nanos <= 0 && !blocked;
  }

  /**
   * Takes the PROXY header off the start of the stream.
   *
   * @return false when it is not whole yet, or the connection had to be closed
   */
  private boolean takeProxyHeader(ByteBuf input) {
    ProxyHeader header = loop.proxyHeader();
    byte[] start = header.octets();
    int before = partialBytes;
    int come = Math.min(input.readableBytes(), start.length - before);
    System.arraycopy(partial, 0, start, 0, before);
    input.getBytes(input.readerIndex(), start, before, come);
    int length = header.read(start, 0, before + come);
    if (length == ProxyHeader.REFUSED) {
      loop.counters().add(LoopCounters.TCP_PROXY_REFUSED_HEADER, 1);
      close();
      return false;
    }
    if (length == ProxyHeader.INCOMPLETE) {
      if (growPartial(before + come, start.length)) {
        input.readBytes(partial, before, come);
        partialBytes += come;
      } else {
        evict();
      }
      return false;
    }
    input.skipBytes(length - before);
    dropPartial();
    awaitsProxyHeader = false;
    return !header.namesClient() || becomes(header);
  }

  /** The queries are those of the client that the header names, if it may have a connection. */
  private boolean becomes(ProxyHeader header) {
    sourceHigh = header.sourceHigh();
    sourceLow = header.sourceLow();
    sourcePort = header.sourcePort();
    sourceProven = header.isStream();
    ConnectionQuota.Client named = ConnectionQuota.Client.of(sourceHigh, sourceLow);
    if (!loop.connectionQuota().claim(named)) {
      loop.counters().add(LoopCounters.TCP_REFUSED, 1);
      close();
      return false;
    }
    client = named;
    return true;
  }

  /**
   * Puts the next message into the worker's array.
   *
   * @return its length, or -1 when it is not whole yet, or the connection had to be closed
   */
  private int next(ByteBuf input) {
    if (partialBytes == 0 && input.readableBytes() >= LENGTH_BYTES) {
      int start = input.readerIndex();
      int length = input.getUnsignedShort(start);
      if (length < Limits.HEADER_BYTES) {
        return malformed();
      }
      if (input.readableBytes() >= LENGTH_BYTES + length) {
        input.getBytes(start + LENGTH_BYTES, worker.packet(), 0, length);
        input.readerIndex(start + LENGTH_BYTES + length);
        return length;
      }
    }
    return nextInParts(input);
  }

  private int nextInParts(ByteBuf input) {
    while (input.isReadable()) {
      int needed = LENGTH_BYTES;
      if (partialBytes >= LENGTH_BYTES) {
        needed += (partial[0] & 0xff) << 8 | (partial[1] & 0xff);
      }
      int taken = Math.min(needed - partialBytes, input.readableBytes());
      if (!growPartial(partialBytes + taken, needed)) {
        evict();
        return -1;
      }
      input.readBytes(partial, partialBytes, taken);
      partialBytes += taken;
      if (partialBytes == LENGTH_BYTES) {
        if (((partial[0] & 0xff) << 8 | (partial[1] & 0xff)) < Limits.HEADER_BYTES) {
          return malformed();
        }
      } else if (partialBytes == needed) {
        int length = needed - LENGTH_BYTES;
        System.arraycopy(partial, LENGTH_BYTES, worker.packet(), 0, length);
        partialBytes = 0;
        if (partial.length > KEPT_PARTIAL_BYTES) {
          dropPartial();
        }
        return length;
      }
    }
    return -1;
  }

  /** Memory follows what the client has really sent, not what it announced. */
  private boolean growPartial(int bytes, int needed) {
    if (bytes <= partial.length) {
      return true;
    }
    int size = Math.max(bytes, Math.min(needed, Math.max(FIRST_PARTIAL_BYTES, 2 * partial.length)));
    if (!loop.connections().holdPartial(size - partial.length)) {
      return false;
    }
    byte[] grown = new byte[size];
    System.arraycopy(partial, 0, grown, 0, partialBytes);
    partial = grown;
    return true;
  }

  /** There is no memory for what this client has begun. */
  private void evict() {
    loop.counters().add(LoopCounters.TCP_EVICTED, 1);
    close();
  }

  private void dropPartial() {
    loop.connections().dropPartial(partial.length);
    partial = NONE;
    partialBytes = 0;
  }

  private int malformed() {
    loop.counters().add(LoopCounters.TCP_MALFORMED, 1);
    finish();
    return -1;
  }

  private void answer(int length) {
    int replyBytes =
        worker.onPacket(
            length, Protocol.TCP, sourceProven, listener, sourceHigh, sourceLow, sourcePort);
    if (replyBytes <= 0) {
      return;
    }
    ByteBuf replies = output;
    if (replies == null) {
      replies =
          context().alloc().directBuffer(Math.max(FIRST_OUTPUT_BYTES, LENGTH_BYTES + replyBytes));
      output = replies;
    }
    replies.writeShort(replyBytes).writeBytes(worker.reply(), 0, replyBytes);
    outputReplies++;
  }

  /** Whether there is room for another reply; sends what is there when that may make some. */
  private boolean mayAnswer() {
    int outputBytes = output == null ? 0 : output.readableBytes();
    if (unsentReplies + outputReplies >= limits.maxPipelined()
        || unsentBytes + outputBytes >= limits.maxUnsentBytes()
        || outputBytes >= FLUSH_BYTES) {
      flush();
    }
    return unsentReplies < limits.maxPipelined() && unsentBytes < limits.maxUnsentBytes();
  }

  private void flush() {
    ByteBuf replies = output;
    if (replies == null) {
      return;
    }
    output = null;
    loop.counters().add(LoopCounters.TCP_REPLIES, outputReplies);
    unsentReplies += outputReplies;
    unsentBytes += replies.readableBytes();
    outputReplies = 0;
    outstandingWrites++;
    context().writeAndFlush(replies).addListener(this);
    outliveInput(blocked || outstandingWrites != 0);
  }

  /**
   * Says whether the end of the client's stream leaves replies to be sent, for a client that has
   * shut its sending side still gets its answers (RFC 7766 §6.2.4). Else the channel closes by
   * itself, which takes less than to be told of the end first.
   */
  private void outliveInput(boolean outlives) {
    if (outlives != outlivesInput) {
      outlivesInput = outlives;
      ((DuplexChannelConfig) context().channel().config()).setAllowHalfClosure(outlives);
    }
  }

  /** A write is done, or failed. */
  @Override
  public void operationComplete(ChannelFuture write) {
    outstandingWrites--;
    if (closed) {
      return;
    }
    if (!write.isSuccess()) {
      close();
      return;
    }
    if (blocked || finishing) {
      // Somebody reads: that is progress, but not for ever.
      long now = System.nanoTime();
      if (isOld(now)) {
        close();
        return;
      }
      loop.connections().waits(this, TcpConnections.Wait.NEXT_QUERY, now);
    }
    if (outstandingWrites == 0) {
      unsentReplies = 0;
      unsentBytes = 0;
      if (blocked) {
        resume();
      } else if (finishing && output == null) {
        close();
      } else {
        outliveInput(false);
      }
    }
  }

  private void block() {
    if (!blocked) {
      blocked = true;
      outliveInput(true);
      context().channel().config().setAutoRead(false);
    }
  }

  private void resume() {
    blocked = false;
    ByteBuf input = held;
    if (input != null) {
      held = null;
      parse(input);
      flush();
    }
    if (!blocked && !closed) {
      if (finishing) {
        finish();
      } else {
        outliveInput(outstandingWrites != 0);
        context().channel().config().setAutoRead(true);
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      // No more will come. What was read is still answered.
      finish();
    }
  }

  /** Takes nothing more, and closes when the replies to what was read are sent. */
  void finish() {
    finishing = true;
    if (closed || blocked) {
      return;
    }
    flush();
    if (!closed && outstandingWrites == 0) {
      close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException)) {
      loop.failures().report("a TCP connection", cause);
    }
    close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    close();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    close();
  }

  /** Closes at once, with or without replies that wait. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    loop.connections().remove(this);
    loop.connectionQuota().leave(client);
    loop.counters().add(LoopCounters.TCP_CLOSED, 1);
    dropPartial();
    if (held != null) {
      held.release();
      held = null;
    }
    if (output != null) {
      output.release();
      output = null;
    }
    loop.close(context().channel());
  }

  /**
   * For a connection that may not have come to its loop; true when it has not, and nothing counted
   * its end.
   */
  boolean abandon() {
    if (context != null) {
      close();
      return false;
    }
    closed = true;
    loop.connectionQuota().leave(client);
    return true;
  }

  private ChannelHandlerContext context() {
    if (context == null) {
      throw new IllegalStateException("not registered");
    }
    return context;
  }
}
