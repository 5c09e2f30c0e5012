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
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

  /** Of so many queries one tells the record index which zone it used; a power of two. */
  private static final int USES_PER_SAMPLE = 64;

  private static final VarHandle OFFERED;

  static {
    try {
      OFFERED = MethodHandles.lookup().findVarHandle(Worker.class, "offered", Pipeline.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Engine engine;

  /** What the engine wants this worker to run. */
  @SuppressWarnings("FieldMayBeFinal") // written through OFFERED
  private Pipeline offered;

  /** What it runs: the one offered at the beginning of the batch. */
  private volatile Pipeline pipeline;

  private final byte[] reply = new byte[EngineConfig.BUFFER_BYTES];
  private final PacketQuery single;
  private final PacketQuery[] batch = new PacketQuery[BATCH];
  private final boolean[] accepted = new boolean[BATCH];
  private final LookAhead lookAhead = new LookAhead(BATCH);
  private final ResponseWriter response;
  private final long[] counters = new long[Counter.SLOTS];
  private long batchNanos;
  private long batchEpochSeconds;
  private int zonesUsed;
  private volatile @Nullable Thread thread;

  Worker(Engine engine, EngineConfig config, Pipeline pipeline) {
    this.engine = engine;
    this.pipeline = pipeline;
    this.offered = pipeline;
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
    batchEpochSeconds = engine.epochSeconds(nowNanos);
    takeOffer();
    if (thread == null) {
      thread = Thread.currentThread();
    }
  }

  private void takeOffer() {
    Pipeline next = (Pipeline) OFFERED.getAcquire(this);
    if (next != pipeline) {
      pipeline = next;
    }
  }

  /** Makes this worker run another pipeline from its next batch on. Any thread. */
  void offer(Pipeline next) {
    OFFERED.setRelease(this, next);
  }

  /** What it runs now. Any thread. */
  Pipeline pipeline() {
    return pipeline;
  }

  /** The thread that it belongs to; null before its first batch. Any thread. */
  @Nullable Thread thread() {
    return thread;
  }

  /** Messages so far. Any thread. */
  long begun() {
    return counter(Counter.UDP_QUERIES) + counter(Counter.TCP_QUERIES);
  }

  /** Messages that were answered or dropped so far. Any thread. */
  long finished() {
    return counter(Counter.REPLIES) + counter(Counter.DROPPED);
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
   * The same for a message that a proxy passed on: how it came here does not tell how it came to
   * the proxy.
   *
   * @param sourceProven whether the source address is known not to be forged
   */
  public int onPacket(
      int length,
      Protocol protocol,
      boolean sourceProven,
      int listener,
      long sourceHi,
      long sourceLo,
      int sourcePort) {
    if (!begin(single, length, protocol, listener, sourceHi, sourceLo, sourcePort)) {
      return 0;
    }
    single.sourceProven(sourceProven);
    return answer(single);
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
   * Says of message {@code slot}, once accepted, that a proxy passed it on which knows its source
   * not to be forged.
   */
  public void proveSource(int slot) {
    batch[slot].proveSource();
  }

  /**
   * Called once when messages 0 to {@code count} - 1 of a batch were accepted, before they are
   * answered.
   */
  public void lookAhead(int count) {
    try {
      lookAhead.touch(batch, accepted, count);
    } catch (Throwable _) {
      // A fault of ours: the answers are made without it.
      Counter.increment(counters, Counter.FAULTS);
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
        length,
        protocol,
        listener,
        sourceHi,
        sourceLo,
        sourcePort,
        batchNanos,
        batchEpochSeconds,
        engine.catalog());
    return true;
  }

  private int answer(PacketQuery query) {
    Pipeline hooks = pipeline;
    response.begin(query);
    int replyLength = 0;
    boolean send = decide(query, hooks) && shape(query, hooks);
    if (send) {
      replyLength = response.finish(query);
    }
    // What is counted is what is sent, whatever an observer does to the response.
    int rcode = response.rcode();
    boolean truncated = response.truncated();
    // Before it is counted as finished: the watchdog must see a worker that an observer blocks.
    observe(query, send, hooks);
    if (send) {
      count(rcode, truncated);
    } else {
      Counter.increment(counters, Counter.DROPPED);
    }
    return replyLength;
  }

  /**
   * Called when the worker has nothing to do for a while: lets go of the catalogs and of the
   * pipeline that it used last.
   */
  public void idle() {
    single.release();
    for (PacketQuery query : batch) {
      query.release();
    }
    lookAhead.release();
    takeOffer();
  }

  /**
   * Phases 1 to 3. True when there is a reply. The question is read before anybody is asked, and
   * once.
   */
  private boolean decide(PacketQuery query, Pipeline hooks) {
    boolean wellFormed = query.parse();
    if (wellFormed) {
      response.question(query);
    }
    Verdict verdict = admit(query, hooks);
    if (verdict == Verdict.CONTINUE) {
      verdict = isQuestion(query, wellFormed) ? route(query, hooks) : Verdict.RESPOND;
      if (verdict == Verdict.CONTINUE) {
        verdict = findZone(query) ? answer(query, hooks) : Verdict.RESPOND;
      }
    }
    return verdict == Verdict.RESPOND;
  }

  private Verdict admit(PacketQuery query, Pipeline hooks) {
    Gate[] gates = hooks.gates;
    int i = 0;
    try {
      for (; i < gates.length; i++) {
        Verdict verdict = Objects.requireNonNull(gates[i].admit(query, response));
        if (verdict != Verdict.CONTINUE) {
          return verdict;
        }
      }
    } catch (Throwable fault) {
      return fail(hooks.gateOwners[i], Phase.GATE, fault);
    }
    return Verdict.CONTINUE;
  }

  /** True for a query of an opcode, version and form that is answered from zones. */
  private boolean isQuestion(PacketQuery query, boolean wellFormed) {
    int opcode = query.opcode();
    if (opcode != Opcode.QUERY) {
      // Sections mean other things there, but what reads as a question and an OPT is one (RFC 6891
      // §6.1.1).
      boolean known = opcode == Opcode.NOTIFY || opcode == Opcode.UPDATE;
      response.rcode(known ? Rcode.REFUSED : Rcode.NOTIMP);
      return false;
    }
    if (!wellFormed) {
      Counter.increment(counters, Counter.MALFORMED);
      response.rcode(Rcode.FORMERR);
      return false;
    }
    if (query.ednsVersion() != 0) {
      response.rcode(Rcode.BADVERS);
      return false;
    }
    if (query.tsigAt() != 0) {
      response.rcode(Rcode.NOTAUTH);
      return false;
    }
    return true;
  }

  private Verdict route(PacketQuery query, Pipeline hooks) {
    Router[] routers = hooks.routers;
    int i = 0;
    try {
      for (; i < routers.length; i++) {
        Verdict verdict = Objects.requireNonNull(routers[i].route(query, response));
        if (verdict != Verdict.CONTINUE) {
          return verdict;
        }
      }
    } catch (Throwable fault) {
      return fail(hooks.routerOwners[i], Phase.ROUTE, fault);
    }
    return Verdict.CONTINUE;
  }

  /**
   * Finds the zone of a question, if there is one. False, with the response code set, for a type
   * that is no question for data.
   */
  private boolean findZone(PacketQuery query) {
    if (query.recordClass() != RecordClass.IN) {
      return true;
    }
    int type = query.type();
    if (RecordType.isMeta(type) && type != RecordType.ANY && !isAnswerable(type)) {
      return false;
    }
    Zone zone = query.catalog().find(query.view(), query.name(), false);
    if (zone == null) {
      return true;
    }
    if (type == RecordType.DS && zone.apexLabels() == query.name().labels()) {
      // DS of an apex belongs to the zone above, when that is served here too (RFC 4035 §3.1.4.1).
      Zone parent = query.catalog().find(query.view(), query.name(), true);
      zone = parent == null ? zone : parent;
    }
    if (zone.isUnavailable()) {
      return refuse(Rcode.SERVFAIL, ExtendedError.NOT_READY);
    }
    if ((++zonesUsed & (USES_PER_SAMPLE - 1)) == 0) {
      query.catalog().used(zone);
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

  private Verdict answer(PacketQuery query, Pipeline hooks) {
    Answerer[] answerers = hooks.answerers;
    int i = 0;
    try {
      for (; i < answerers.length; i++) {
        Verdict verdict = Objects.requireNonNull(answerers[i].answer(query, response));
        if (verdict != Verdict.CONTINUE) {
          return verdict;
        }
      }
    } catch (Throwable fault) {
      return fail(hooks.answererOwners[i], Phase.ANSWER, fault);
    }
    refuse(Rcode.REFUSED, ExtendedError.NOT_AUTHORITATIVE);
    return Verdict.RESPOND;
  }

  /** Phase 4: a shaper that throws leaves the reply as it is, and the next one is asked. */
  private boolean shape(PacketQuery query, Pipeline hooks) {
    Shaper[] shapers = hooks.shapers;
    for (int i = 0; i < shapers.length; i++) {
      try {
        if (Objects.requireNonNull(shapers[i].shape(query, response)) == Verdict.DROP) {
          return false;
        }
      } catch (Throwable fault) {
        note(hooks.shaperOwners[i], Phase.SHAPE, fault);
      }
    }
    return true;
  }

  /** Phase 5: an observer that throws changes nothing. */
  private void observe(PacketQuery query, boolean sent, Pipeline hooks) {
    Observer[] observers = hooks.observers;
    for (int i = 0; i < observers.length; i++) {
      try {
        observers[i].observe(query, response, sent);
      } catch (Throwable fault) {
        note(hooks.observerOwners[i], Phase.OBSERVE, fault);
      }
    }
  }

  /**
   * Phases 1 to 3 failed: the client gets SERVFAIL. Errors of the virtual machine are treated
   * alike, a query is small.
   */
  private Verdict fail(RunningPlugin plugin, Phase phase, Throwable fault) {
    note(plugin, phase, fault);
    response.clear();
    response.rcode(Rcode.SERVFAIL);
    response.extendedError(ExtendedError.OTHER);
    return Verdict.RESPOND;
  }

  private void note(RunningPlugin plugin, Phase phase, Throwable fault) {
    Counter.increment(counters, Counter.FAULTS);
    plugin.fault(phase, fault);
    // A hook that was interrupted may have left the flag: channels of the runtime close on it.
    boolean _ = Thread.interrupted();
  }

  private void count(int rcode, boolean truncated) {
    Counter.increment(counters, Counter.REPLIES);
    if (truncated) {
      Counter.increment(counters, Counter.TRUNCATED);
    }
    Counter.increment(counters, Counter.RCODES + Math.min(rcode, Rcode.COUNT - 1));
  }

  long counter(int index) {
    return Counter.read(counters, index);
  }
}
