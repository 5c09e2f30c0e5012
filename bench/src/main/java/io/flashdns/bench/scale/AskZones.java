package io.flashdns.bench.scale;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordClass;
import io.flashdns.core.dns.Wire;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Asks a server for random names of the zones that {@link WriteZones} wrote, many questions at a
 * time, and holds every reply against what it must be.
 *
 * <p>Arguments: {@code ADDRESS PORT ZONES [QUERIES [PER_SECOND [OUTSTANDING [SEED]]]]}; {@code
 * PER_SECOND} 0 asks as fast as replies come. A question without a reply is asked again after a
 * second, five times in all; then it is lost. The last lines of the output are for scripts; the
 * status is 0 when nothing was wrong or lost.
 */
public final class AskZones {
  private static final int QUERIES = 1_000_000;
  private static final int OUTSTANDING = 64;
  private static final int IDS = 1 << 16;
  private static final int TRIES = 5;
  private static final long PATIENCE_NANOS = 1_000_000_000L;
  private static final int FAULTS_SAID = 20;

  private final DatagramChannel socket;
  private final ManyZones.@Nullable Question[] asked = new ManyZones.Question[IDS];
  private final long[] sentAt = new long[IDS];
  private final int[] tries = new int[IDS];
  private final Map<Verdict, Long> verdicts = new EnumMap<>(Verdict.class);
  private final ByteBuffer message = ByteBuffer.allocateDirect(Wire.MAX_MESSAGE_BYTES);
  private int outstanding;
  private int said;

  private AskZones(DatagramChannel socket) {
    this.socket = socket;
  }

  /** What became of a question. */
  enum Verdict {
    RIGHT,
    FALSE_NXDOMAIN,
    FALSE_NODATA,
    FALSE_REFUSED,
    SERVFAIL,
    /** An answer, but not this one. */
    WRONG,
    LOST
  }

  /** Asks. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 3) {
      System.err.println(
          "usage: AskZones ADDRESS PORT ZONES [QUERIES [PER_SECOND [OUTSTANDING [SEED]]]]");
      System.exit(2);
    }
    InetSocketAddress server = new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1]));
    int zones = Integer.parseInt(arguments[2]);
    int queries = number(arguments, 3, QUERIES);
    long start = System.nanoTime();
    Map<Verdict, Long> verdicts =
        ask(
            server,
            zones,
            queries,
            number(arguments, 4, 0),
            number(arguments, 5, OUTSTANDING),
            number(arguments, 6, 1));
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%,d questions in %.1f s, %,.0f a second%n",
        queries,
        seconds,
        queries / seconds);
    long wrong = 0;
    for (Verdict verdict : Verdict.values()) {
      long count = verdicts.getOrDefault(verdict, 0L);
      wrong += verdict == Verdict.RIGHT ? 0 : count;
      System.out.printf("ask-zones.%s %d%n", verdict.name().toLowerCase(Locale.ROOT), count);
    }
    System.out.printf("ask-zones.not-right %d 0 %s%n", wrong, wrong == 0 ? "pass" : "fail");
    System.exit(wrong == 0 ? 0 : 1);
  }

  private static int number(String[] arguments, int index, int otherwise) {
    return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
  }

  /** Asks, and counts what became of the questions. */
  static Map<Verdict, Long> ask(
      InetSocketAddress server, int zones, int queries, int perSecond, int window, long seed)
      throws IOException {
    try (DatagramChannel socket = DatagramChannel.open()) {
      socket.connect(server);
      socket.configureBlocking(false);
      AskZones asker = new AskZones(socket);
      asker.run(new SplittableRandom(seed), zones, queries, perSecond, window);
      return asker.verdicts;
    }
  }

  private void run(SplittableRandom dice, int zones, int queries, int perSecond, int window)
      throws IOException {
    long start = System.nanoTime();
    int next = 0;
    int lookAt = 0;
    while (next < queries || outstanding > 0) {
      boolean idle = true;
      while (next < queries
          && outstanding < window
          && (perSecond == 0 || System.nanoTime() - start >= next * 1_000_000_000L / perSecond)) {
        int id = next++ & (IDS - 1);
        if (asked[id] != null) {
          // all ids are out: as good as a full window
          next--;
          break;
        }
        asked[id] = ManyZones.question(dice, zones);
        tries[id] = 0;
        outstanding++;
        send(id);
        idle = false;
      }
      while (receive()) {
        idle = false;
      }
      // A few of the ids each time: all of them in well under a second.
      for (int i = 0; i < 256; i++) {
        askAgain(lookAt);
        lookAt = (lookAt + 1) & (IDS - 1);
      }
      if (idle) {
        LockSupport.parkNanos(20_000);
      }
    }
  }

  private void askAgain(int id) throws IOException {
    ManyZones.Question question = asked[id];
    if (question == null || System.nanoTime() - sentAt[id] < PATIENCE_NANOS) {
      return;
    }
    if (tries[id] == TRIES) {
      judged(id, question, Verdict.LOST, "no reply");
    } else {
      send(id);
    }
  }

  private void send(int id) throws IOException {
    ManyZones.Question question = asked[id];
    if (question == null) {
      return;
    }
    message.clear();
    message.putShort((short) id).putShort((short) 0).putShort((short) 1);
    message.putShort((short) 0).putInt(0);
    message.put(ManyZones.wire(question.name()));
    message.putShort((short) question.type()).putShort((short) RecordClass.IN);
    message.flip();
    sentAt[id] = System.nanoTime();
    tries[id]++;
    try {
      socket.write(message);
    } catch (PortUnreachableException _) {
      // nobody listens yet: as good as lost
    }
  }

  private boolean receive() throws IOException {
    message.clear();
    int length;
    try {
      length = socket.read(message);
    } catch (PortUnreachableException _) {
      return true;
    }
    if (length < Wire.HEADER_BYTES) {
      return length > 0;
    }
    byte[] reply = new byte[length];
    message.flip().get(reply);
    int id = Wire.u16(reply, Wire.ID);
    ManyZones.Question question = asked[id];
    // Else the second reply to what was asked twice.
    if (question != null && isOf(reply, question)) {
      judge(id, question, reply);
    }
    return true;
  }

  private static boolean isOf(byte[] reply, ManyZones.Question question) {
    byte[] name = ManyZones.wire(question.name());
    if (reply.length < Wire.HEADER_BYTES + name.length + 4
        || Wire.u16(reply, Wire.HEADER_BYTES + name.length) != question.type()) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if (reply[Wire.HEADER_BYTES + i] != name[i]) {
        return false;
      }
    }
    return true;
  }

  private void judge(int id, ManyZones.Question question, byte[] reply) {
    int rcode = Wire.u16(reply, Wire.FLAGS) & Wire.RCODE_MASK;
    int answers = Wire.u16(reply, Wire.ANCOUNT);
    String found = "rcode " + rcode + ", " + answers + " answers";
    Verdict verdict;
    if (rcode != question.rcode()) {
      verdict =
          switch (rcode) {
            case Rcode.NXDOMAIN -> Verdict.FALSE_NXDOMAIN;
            case Rcode.REFUSED -> Verdict.FALSE_REFUSED;
            case Rcode.SERVFAIL -> Verdict.SERVFAIL;
            default -> Verdict.WRONG;
          };
    } else if (answers != question.answers()) {
      verdict = answers == 0 ? Verdict.FALSE_NODATA : Verdict.WRONG;
    } else if (question.address() != 0 && lastAddress(reply, question) != question.address()) {
      verdict = Verdict.WRONG;
      found += ", address " + Integer.toHexString(lastAddress(reply, question));
    } else {
      verdict = Verdict.RIGHT;
    }
    judged(id, question, verdict, found);
  }

  private void judged(int id, ManyZones.Question question, Verdict verdict, String found) {
    verdicts.merge(verdict, 1L, Long::sum);
    if (verdict != Verdict.RIGHT && said++ < FAULTS_SAID) {
      System.out.println(verdict + ": " + question + ": " + found);
    }
    asked[id] = null;
    outstanding--;
  }

  /** The data of the last answer, when all of them are as long as they say. */
  private static int lastAddress(byte[] reply, ManyZones.Question question) {
    int at = Wire.HEADER_BYTES + ManyZones.wire(question.name()).length + 4;
    int last = 0;
    for (int i = 0; i < question.answers(); i++) {
      while (reply[at] != 0 && (reply[at] & 0xc0) == 0) {
        at += 1 + reply[at];
      }
      at += reply[at] == 0 ? 1 : 2;
      int length = Wire.u16(reply, at + Wire.RECORD_FIXED_BYTES - 2);
      at += Wire.RECORD_FIXED_BYTES;
      last = length == 4 ? Wire.s32(reply, at) : 0;
      at += length;
    }
    return last;
  }
}
