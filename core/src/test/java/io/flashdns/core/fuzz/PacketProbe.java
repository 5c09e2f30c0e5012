package io.flashdns.core.fuzz;

import com.sun.management.ThreadMXBean;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.engine.PluginStatus;
import io.flashdns.core.engine.Worker;
import io.flashdns.core.plugin.Protocol;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/**
 * Hands a message to a server and judges what comes back.
 *
 * <p>What must hold for every message: nothing is thrown and no hook fails; there is no reply to a
 * response or to fewer than 12 octets; a reply has the query's id, QR, its opcode and RD, and
 * neither RA nor AD nor CD; it is no longer than the sender takes; its question is the query's,
 * octet for octet; {@link ReplyReading} can read it to the last octet, {@link ReplyRules} finds in
 * it nothing that the zones do not hold. Octets behind the message and messages before it have no
 * say: a second worker, which gets the messages in batches and has other octets behind them, gives
 * the same replies.
 *
 * <p>One thread.
 */
final class PacketProbe {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long CLIENT_HI = 0;
  private static final long CLIENT_LO = 0xffff_c000_0201L;
  private static final int CLIENT_PORT = 53_535;
  private static final int MAX_UDP_REPLY_BYTES = 1_232;
  private static final int TAIL_BYTES = 600;
  private static final int SHOWN_BYTES = 1_500;

  /** What one message may cost at most. */
  static final long MAX_NANOS = 1_000_000;

  /**
   * What one message may allocate at most once everything is compiled; nothing is what it should.
   */
  static final long MAX_ALLOCATED_BYTES = 1_024;

  private final FuzzCatalog catalog;
  private final Worker worker;
  private final Worker twin;
  private final QueryReading query = new QueryReading();
  private final ReplyReading reply = new ReplyReading();
  private final ReplyRules rules;

  private final byte[][] batch = new byte[Worker.BATCH][Worker.MAX_BATCH_MESSAGE_BYTES];
  private final int[] lengths = new int[Worker.BATCH];
  private final Protocol[] protocols = new Protocol[Worker.BATCH];
  private final int[] replyLengths = new int[Worker.BATCH];
  private final long[] replyHashes = new long[Worker.BATCH];
  private int remembered;

  private long slowestNanos;
  private long mostAllocatedBytes;

  PacketProbe(FuzzCatalog catalog) {
    this.catalog = catalog;
    this.worker = catalog.server().engine().newWorker();
    this.twin = catalog.server().engine().newWorker();
    this.rules = new ReplyRules(catalog.known(), catalog.hooked());
  }

  /**
   * Asks and judges.
   *
   * @return octets of the reply
   * @throws AssertionError when a rule is broken; the message says which
   */
  int check(byte[] message, int length, Protocol protocol) {
    System.arraycopy(message, 0, worker.packet(), 0, length);
    int replyLength = send(worker, length, protocol);
    try {
      judge(message, length, protocol, worker.reply(), replyLength);
    } catch (AssertionError e) {
      String hex = HexFormat.of().formatHex(worker.reply(), 0, Math.min(replyLength, SHOWN_BYTES));
      throw new AssertionError(e.getMessage() + "; the reply is " + hex, e);
    }
    remember(message, length, protocol, replyLength);
    return replyLength;
  }

  /** Judges a reply, wherever it comes from. */
  void judge(byte[] message, int length, Protocol protocol, byte[] octets, int replyLength) {
    QueryReading.Kind kind = query.read(message, length);
    if (kind == QueryReading.Kind.SILENCE) {
      require(replyLength == 0, "silence");
      return;
    }
    require(replyLength > 0, "a reply");
    require(replyLength <= limit(protocol), "no more octets than the sender takes");
    reply.read(octets, replyLength);
    require(reply.id == u16(message, 0), "the id of the query");
    require((reply.flags & 0x8000) != 0, "QR");
    // Opcode and RD come back; RA, the reserved bit, AD and CD are never set (RFC 4035 §3.1.6).
    require((reply.flags & 0x7900) == (u16(message, 2) & 0x7900), "the flags of the query");
    require((reply.flags & 0x00f0) == 0, "neither RA nor Z nor AD nor CD");
    require(reply.rcode() != Rcode.SERVFAIL, "no failed hook");
    if (reply.counts[0] == 1) {
      require(reply.questionEnd == query.questionEnd, "the question in full");
      require(
          Arrays.equals(message, 12, query.questionEnd, octets, 12, query.questionEnd),
          "the question as it was asked");
    }
    rules.judge(query, reply, protocol);
  }

  private int limit(Protocol protocol) {
    if (!query.wellFormed) {
      return 12;
    }
    if (protocol == Protocol.TCP) {
      return 65_535;
    }
    return query.edns ? Math.min(query.payload, MAX_UDP_REPLY_BYTES) : 512;
  }

  /**
   * Keeps a message and its reply for {@link #checkBatch}, which is done whenever a batch is full.
   */
  private void remember(byte[] message, int length, Protocol protocol, int replyLength) {
    if (length > Worker.MAX_BATCH_MESSAGE_BYTES) {
      return;
    }
    System.arraycopy(message, 0, batch[remembered], 0, length);
    lengths[remembered] = length;
    protocols[remembered] = protocol;
    replyLengths[remembered] = replyLength;
    replyHashes[remembered] = KnownRecords.hashOfData(worker.reply(), 0, replyLength);
    if (++remembered == Worker.BATCH) {
      checkBatch(length * 0x3f);
    }
  }

  /**
   * Asks the messages of late again, as one batch of a worker that has another past and other
   * octets behind each message.
   *
   * @param tail what those octets are
   * @throws AssertionError when a reply is not the one given before
   */
  void checkBatch(int tail) {
    for (int slot = 0; slot < remembered; slot++) {
      byte[] packet = twin.packet(slot);
      int length = lengths[slot];
      System.arraycopy(batch[slot], 0, packet, 0, length);
      Arrays.fill(packet, length, Math.min(packet.length, length + TAIL_BYTES), (byte) tail);
      twin.accept(slot, length, protocols[slot], 0, CLIENT_HI, CLIENT_LO, CLIENT_PORT);
    }
    int count = remembered;
    remembered = 0;
    twin.lookAhead(count);
    for (int slot = 0; slot < count; slot++) {
      int length = twin.answer(slot);
      if (length != replyLengths[slot]
          || KnownRecords.hashOfData(twin.reply(), 0, length) != replyHashes[slot]) {
        byte[] message = Arrays.copyOf(batch[slot], lengths[slot]);
        throw new BatchFinding(message, protocols[slot], slot, count);
      }
    }
  }

  /** Has dnsjava read the reply that {@link #check} left behind. */
  void checkWithDnsjava(int replyLength) {
    if (replyLength == 0) {
      return;
    }
    try {
      Message read = new Message(Arrays.copyOf(worker.reply(), replyLength));
      for (int section = Section.QUESTION; section <= Section.ADDITIONAL; section++) {
        require(
            read.getSection(section).size() == reply.counts[section],
            "records that dnsjava can read in section " + section);
      }
    } catch (IOException | RuntimeException e) {
      throw new AssertionError("the reply must have octets that dnsjava can read: " + e, e);
    }
  }

  /**
   * Asks again and measures: one slow or greedy answer may be the machine's fault, so the best of
   * several counts.
   */
  void checkCost(byte[] message, int length, Protocol protocol) {
    long nanos = Long.MAX_VALUE;
    long allocated = Long.MAX_VALUE;
    for (int i = 0; i < 20 && (i < 2 || nanos > MAX_NANOS || allocated > 0); i++) {
      System.arraycopy(message, 0, worker.packet(), 0, length);
      long before = THREADS.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      send(worker, length, protocol);
      nanos = Math.min(nanos, System.nanoTime() - start);
      allocated = Math.min(allocated, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    slowestNanos = Math.max(slowestNanos, nanos);
    mostAllocatedBytes = Math.max(mostAllocatedBytes, allocated);
    require(nanos <= MAX_NANOS, "a cost of at most 1 ms, not " + nanos + " ns");
    require(allocated <= MAX_ALLOCATED_BYTES, "few new objects, not " + allocated + " octets");
  }

  /** No hook has failed so far, in any worker of the server. */
  void checkFaults() {
    long faults = catalog.server().counters().faults();
    if (faults != 0) {
      Throwable last =
          catalog.server().engine().pluginStatus().stream()
              .map(PluginStatus::lastFault)
              .filter(Objects::nonNull)
              .findFirst()
              .orElse(null);
      throw new AssertionError(faults + " hooks failed, one of them with this", last);
    }
  }

  private static int send(Worker to, int length, Protocol protocol) {
    return to.onPacket(length, protocol, 0, CLIENT_HI, CLIENT_LO, CLIENT_PORT);
  }

  long slowestNanos() {
    return slowestNanos;
  }

  long mostAllocatedBytes() {
    return mostAllocatedBytes;
  }

  private static int u16(byte[] octets, int at) {
    return (octets[at] & 0xff) << 8 | octets[at + 1] & 0xff;
  }

  private static void require(boolean held, String wanted) {
    if (!held) {
      throw new AssertionError("the reply must have " + wanted);
    }
  }

  /**
   * A message that was answered differently in a batch: not the one at hand, but one of those
   * before it.
   */
  static final class BatchFinding extends AssertionError {
    private static final long serialVersionUID = 1L;

    final transient byte[] message;
    final Protocol protocol;

    BatchFinding(byte[] message, Protocol protocol, int slot, int count) {
      super(
          "the reply must have octets that depend on the message alone: slot "
              + slot
              + " of a batch of "
              + count
              + ", message "
              + HexFormat.of().formatHex(message));
      this.message = message;
      this.protocol = protocol;
    }
  }
}
