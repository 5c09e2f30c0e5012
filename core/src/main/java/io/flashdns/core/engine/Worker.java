package io.flashdns.core.engine;

import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.Opcode;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.plugin.Answerer;
import io.flashdns.core.plugin.Gate;
import io.flashdns.core.plugin.Observer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Router;
import io.flashdns.core.plugin.Shaper;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Zone;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers messages for one event loop: the transport's whole contract with the core.
 *
 * <p>Owned by one thread. The arrays are the worker's for its life; a query in steady state
 * allocates nothing. There are two ways in:
 *
 * <ul>
 *   <li>one message: copy it into {@link #packet()}, call {@link #onPacket}, send the reply from
 *       {@link #reply};
 *   <li>a batch of datagrams, up to {@link #BATCH} at a time: for each copy it into {@link
 *       #packet(int)} and call {@link #accept}; call {@link #lookAhead} once; then for each call
 *       {@link #answer} and take the reply from {@link #reply} before the next.
 * </ul>
 *
 * <p>The batch is the fast way. Two thirds of the time of a single query are three or four waits
 * for memory, each depending on the one before: zone, slot, node. {@link LookAhead} makes those
 * reads for all queries of a batch side by side, so that the waits overlap.
 *
 * <p>Bad messages (RFC 8906, RFC 9619): fewer than 12 octets and responses get silence; what cannot
 * be read gets FORMERR; unknown opcodes NOTIMP; NOTIFY, UPDATE and transfers, which nothing here
 * permits, REFUSED; an EDNS version above 0 BADVERS; a TSIG whose key is not known NOTAUTH with
 * BADKEY.
 */
public final class Worker {
  /** Datagrams that can be accepted before they must be answered. */
  public static final int BATCH = 16;

  /** Longest message that {@link #packet(int)} takes, in octets. */
  public static final int MAX_BATCH_MESSAGE_BYTES = 2_048;

  private final Engine engine;
  private final Pipeline pipeline;
  private final byte[] reply = new byte[EngineConfig.BUFFER_BYTES];
  private final PacketQuery single;
  private final PacketQuery[] batch = new PacketQuery[BATCH];
  private final boolean[] accepted = new boolean[BATCH];
  private final LookAhead lookAhead = new LookAhead(BATCH);
  private final ResponseWriter response;
  private final long[] counters = new long[Counter.SLOTS];
  private long batchNanos;
  private volatile @Nullable Throwable lastFault;

  Worker(Engine engine, EngineConfig config, Pipeline pipeline) {
    this.engine = engine;
    this.pipeline = pipeline;
    this.single = new PacketQuery(Wire.MAX_MESSAGE_BYTES, config.hash());
    for (int i = 0; i < BATCH; i++) {
      batch[i] = new PacketQuery(MAX_BATCH_MESSAGE_BYTES, config.hash());
    }
    this.response = new ResponseWriter(reply, config);
  }

  /** Where the transport puts a single message, from offset 0: room for 65,535 octets. */
  public byte[] packet() {
    return single.message();
  }

  /**
   * Where the transport puts message {@code slot} of a batch, from offset 0: room for {@link
   * #MAX_BATCH_MESSAGE_BYTES}.
   */
  public byte[] packet(int slot) {
    return batch[slot].message();
  }

  /** Where a reply stands after {@link #onPacket} or {@link #answer}, from offset 0. */
  public byte[] reply() {
    return reply;
  }

  /**
   * Says when the messages that follow were received; called once for each wake-up, so that a batch
   * costs one look at the clock.
   *
   * @param nowNanos {@link System#nanoTime}
   */
  public void beginBatch(long nowNanos) {
    batchNanos = nowNanos;
  }

  /**
   * Answers the message in {@link #packet()}. Never throws.
   *
   * @param length octets of the message
   * @param protocol how it came
   * @param listener index of the listener it came to
   * @param sourceHi upper half of the source address as IPv6, zero for IPv4
   * @param sourceLo lower half; for IPv4 {@code 0xffff_aabb_ccdd}
   * @param sourcePort source port; replies to port 0 go nowhere and are not made
   * @return octets of the reply in {@link #reply}, or 0 to send nothing
   */
  public int onPacket(
      int length, Protocol protocol, int listener, long sourceHi, long sourceLo, int sourcePort) {
    return begin(single, length, protocol, listener, sourceHi, sourceLo, sourcePort)
        ? answer(single)
        : 0;
  }

  /**
   * Takes message {@code slot} of a batch, which stands in {@link #packet(int)}; the other
   * parameters are those of {@link #onPacket}. Never throws.
   */
  public void accept(
      int slot,
      int length,
      Protocol protocol,
      int listener,
      long sourceHi,
      long sourceLo,
      int sourcePort) {
    accepted[slot] = begin(batch[slot], length, protocol, listener, sourceHi, sourceLo, sourcePort);
  }

  /**
   * Called once when messages 0 to {@code count} - 1 of a batch were accepted, before they are
   * answered.
   */
  public void lookAhead(int count) {
    try {
      lookAhead.touch(batch, accepted, count);
    } catch (Throwable fault) {
      Counter.increment(counters, Counter.FAULTS);
      lastFault = fault;
    }
  }

  /**
   * Answers message {@code slot} of a batch. Never throws.
   *
   * @return octets of the reply in {@link #reply}, or 0 to send nothing
   */
  public int answer(int slot) {
    return accepted[slot] ? answer(batch[slot]) : 0;
  }

  /** Starts a query; false for a message that gets silence whatever it says. */
  private boolean begin(
      PacketQuery query,
      int length,
      Protocol protocol,
      int listener,
      long sourceHi,
      long sourceLo,
      int sourcePort) {
    Counter.increment(
        counters, protocol == Protocol.UDP ? Counter.UDP_QUERIES : Counter.TCP_QUERIES);
    if (length < Wire.HEADER_BYTES || query.message()[Wire.FLAGS] < 0 || sourcePort == 0) {
      Counter.increment(counters, Counter.DROPPED);
      return false;
    }
    query.begin(
        length, protocol, listener, sourceHi, sourceLo, sourcePort, batchNanos, engine.catalog());
    return true;
  }

  private int answer(PacketQuery query) {
    response.begin(query);
    boolean send;
    int replyLength = 0;
    try {
      send = decide(query);
    } catch (Throwable fault) {
      send = onFault(query, fault);
    }
    send = send && shape(query);
    if (send) {
      replyLength = response.finish(query);
      count();
    } else {
      Counter.increment(counters, Counter.DROPPED);
    }
    observe(query, send);
    return replyLength;
  }

  /** Called when the worker has nothing to do for a while: lets go of the catalogs it used last. */
  public void idle() {
    single.release();
    for (PacketQuery query : batch) {
      query.release();
    }
    lookAhead.release();
  }

  /**
   * Phases 1 to 3. True when there is a reply. The question is read before anybody is asked, and
   * once.
   */
  private boolean decide(PacketQuery query) {
    boolean wellFormed = query.parse();
    Gate[] gates = pipeline.gates;
    for (Gate gate : gates) {
      switch (gate.admit(query, response)) {
        case CONTINUE -> {}
        case RESPOND -> {
          if (wellFormed) {
            response.question(query);
          }
          return true;
        }
        case DROP -> {
          return false;
        }
      }
    }
    return respond(query, wellFormed);
  }

  /** Phases 2 and 3. True when there is a reply. */
  private boolean respond(PacketQuery query, boolean wellFormed) {
    int opcode = (query.flags() & Wire.OPCODE_MASK) >>> Wire.OPCODE_SHIFT;
    if (opcode != Opcode.QUERY) {
      boolean known = opcode == Opcode.NOTIFY || opcode == Opcode.UPDATE;
      response.rcode(known ? Rcode.REFUSED : Rcode.NOTIMP);
      // Sections mean other things there, but what reads as a question and an OPT is one (RFC 6891
      // §6.1.1).
      if (wellFormed) {
        response.question(query);
      }
      return true;
    }
    if (!wellFormed) {
      Counter.increment(counters, Counter.MALFORMED);
      response.rcode(Rcode.FORMERR);
      return true;
    }
    response.question(query);
    if (query.ednsVersion() != 0) {
      response.rcode(Rcode.BADVERS);
      return true;
    }
    if (query.tsigAt() != 0) {
      response.rcode(Rcode.NOTAUTH);
      return true;
    }
    Verdict verdict = route(query);
    if (verdict == Verdict.CONTINUE) {
      verdict = Verdict.RESPOND;
      if (findZone(query)) {
        verdict = answerFromZone(query);
      }
    }
    return verdict == Verdict.RESPOND;
  }

  private Verdict route(PacketQuery query) {
    Router[] routers = pipeline.routers;
    for (Router router : routers) {
      Verdict verdict = Objects.requireNonNull(router.route(query, response));
      if (verdict != Verdict.CONTINUE) {
        return verdict;
      }
    }
    return Verdict.CONTINUE;
  }

  /**
   * Finds the zone of a question that can be answered from one; else sets the response code and
   * returns false.
   */
  private boolean findZone(PacketQuery query) {
    int type = query.type();
    if (query.recordClass() != RecordClass.IN) {
      return refuse(Rcode.REFUSED, ExtendedError.NOT_AUTHORITATIVE);
    }
    if (RecordType.isMeta(type) && type != RecordType.ANY && !isAnswerable(type)) {
      return false;
    }
    Zone zone = query.catalog().find(query.view(), query.name(), false);
    if (zone == null) {
      return refuse(Rcode.REFUSED, ExtendedError.NOT_AUTHORITATIVE);
    }
    if (type == RecordType.DS && zone.apexLabels() == query.name().labels()) {
      // DS of an apex belongs to the zone above, when that is served here too (RFC 4035 §3.1.4.1).
      Zone parent = query.catalog().find(query.view(), query.name(), true);
      zone = parent == null ? zone : parent;
    }
    query.zone(zone);
    response.zone(zone, query.name());
    return true;
  }

  private boolean isAnswerable(int type) {
    return switch (type) {
      case RecordType.OPT, RecordType.TKEY, RecordType.TSIG ->
          refuse(Rcode.FORMERR, ExtendedError.INVALID_QUERY_TYPE);
      // RFC 9824 §3.5: NXNAME is a sign in NSEC records, not a type to ask for.
      case RecordType.NXNAME -> refuse(Rcode.FORMERR, ExtendedError.INVALID_QUERY_TYPE);
      case RecordType.AXFR, RecordType.IXFR -> refuse(Rcode.REFUSED, ExtendedError.PROHIBITED);
      case RecordType.MAILA, RecordType.MAILB -> refuse(Rcode.NOTIMP, ExtendedError.NOT_SUPPORTED);
      default -> true;
    };
  }

  private boolean refuse(int rcode, int extendedError) {
    response.rcode(rcode);
    response.extendedError(extendedError);
    return false;
  }

  private Verdict answerFromZone(PacketQuery query) {
    Answerer[] answerers = pipeline.answerers;
    for (Answerer answerer : answerers) {
      Verdict verdict = Objects.requireNonNull(answerer.answer(query, response));
      if (verdict != Verdict.CONTINUE) {
        return verdict;
      }
    }
    refuse(Rcode.REFUSED, ExtendedError.NOT_AUTHORITATIVE);
    return Verdict.RESPOND;
  }

  /** Phase 4: a shaper that throws leaves the reply as it is. */
  private boolean shape(PacketQuery query) {
    Shaper[] shapers = pipeline.shapers;
    for (Shaper shaper : shapers) {
      try {
        if (shaper.shape(query, response) == Verdict.DROP) {
          return false;
        }
      } catch (Throwable _) {
        Counter.increment(counters, Counter.FAULTS);
      }
    }
    return true;
  }

  /** Phase 5: an observer that throws changes nothing. */
  private void observe(PacketQuery query, boolean sent) {
    Observer[] observers = pipeline.observers;
    for (Observer observer : observers) {
      try {
        observer.observe(query, response, sent);
      } catch (Throwable _) {
        Counter.increment(counters, Counter.FAULTS);
      }
    }
  }

  /**
   * Phases 1 to 3 failed: the client gets SERVFAIL. Errors of the virtual machine are treated
   * alike, a query is small.
   */
  private boolean onFault(PacketQuery query, Throwable fault) {
    Counter.increment(counters, Counter.FAULTS);
    lastFault = fault;
    response.clear(query);
    response.rcode(Rcode.SERVFAIL);
    response.extendedError(ExtendedError.OTHER);
    return true;
  }

  /**
   * What the last failed hook threw, for a log that must not be written on the path of a query;
   * null while none has.
   */
  public @Nullable Throwable lastFault() {
    return lastFault;
  }

  private void count() {
    Counter.increment(counters, Counter.REPLIES);
    if (response.truncated()) {
      Counter.increment(counters, Counter.TRUNCATED);
    }
    Counter.increment(counters, Counter.RCODES + Math.min(response.rcode(), Rcode.COUNT - 1));
  }

  long counter(int index) {
    return Counter.read(counters, index);
  }
}
