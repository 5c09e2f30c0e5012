package io.flashdns.bench.micro;

import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.core.zonefile.ZoneFileResult;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Writing the records of a reply, without looking for them. {@link #around} is the part that is not
 * writing: take it off the other.
 *
 * <p>Before it is measured the real answerer has answered each question once, and its calls of the
 * engine's response were noted ({@link Rewriter}). {@link #write} makes the same calls again: from
 * the image to the reply, with names compressed, counts, limit and, with DO, signatures. In both is
 * what comes before and after: the message copied in and read, its zone found in a catalog of
 * three, the hook, header, question and OPT. In neither is the way through the zone, nor the choice
 * of what belongs into the reply.
 *
 * <p>The images that are written from are small and lie in the nearest caches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncodeBench {
  /** What a reply holds. */
  public enum Content {
    /** An address: 16 octets. */
    ONE_A(RecordType.A),
    /** Eight addresses of one name. */
    EIGHT_A(RecordType.A),
    /** An MX record, its exchange compressed. Addresses of exchanges are not added. */
    MX(RecordType.MX),
    /** An HTTPS record, and A and AAAA of its target beside it (RFC 9460 §4.1). */
    HTTPS(RecordType.HTTPS),
    /** A TXT record of 400 octets of data. */
    TXT(RecordType.TXT),
    /** An address and its signature, by ECDSA P-256, DO set. */
    SIGNED(RecordType.A),
    /** Two NS records in authority and the glue of both. */
    REFERRAL(RecordType.A);

    final int type;

    Content(int type) {
      this.type = type;
    }
  }

  /** Names of each kind. */
  static final int NAMES = 64;

  private static final String ORIGIN = "encode.test.";
  private static final int ORDER = 1 << 12;
  private static final int POLLUTING_ROUNDS = 200_000;

  /** What a reply holds. */
  @Param public Content content = Content.ONE_A;

  private final byte[][] messages = new byte[Content.values().length * NAMES][];
  private final int[] order = new int[ORDER];
  private Rewriter rewriter = new Rewriter(Pollution.zone(), 1);
  private BenchServer server = new BenchServer(List.of(), 0);
  private int next;

  /** Has everything answered once, and written in random order. */
  @Setup
  public void serve() {
    Zone zone = zone();
    rewriter = new Rewriter(zone, messages.length);
    List<Zone> zones = new ArrayList<>(BenchServer.zones(Size.ONE_SMALL, false));
    zones.add(zone);
    server =
        new BenchServer(
            zones,
            List.of(),
            List.of(
                new PluginBinding<>(rewriter, new Rewriter.Config()), BenchServer.zonePlugin()));
    for (int id = 0; id < messages.length; id++) {
      messages[id] = message(Content.values()[id / NAMES], id);
      server.ask(messages[id], Protocol.UDP);
    }
    SplittableRandom random = new SplittableRandom(19);
    for (int i = 0; i < POLLUTING_ROUNDS; i++) {
      rewriter.mode(random.nextInt(4) == 0 ? Rewriter.Mode.LEAVE_OUT : Rewriter.Mode.WRITE);
      server.ask(messages[random.nextInt(messages.length)], Protocol.UDP);
    }
    Pollution.run(server, Size.ONE_SMALL);
    int first = List.of(Content.values()).indexOf(content) * NAMES;
    for (int i = 0; i < ORDER; i++) {
      order[i] = first + random.nextInt(NAMES);
    }
  }

  /** One message, and all of its reply. */
  @Benchmark
  public int write() {
    rewriter.mode(Rewriter.Mode.WRITE);
    return ask();
  }

  /** The same message, and a reply without records but OPT. */
  @Benchmark
  public int around() {
    rewriter.mode(Rewriter.Mode.LEAVE_OUT);
    return ask();
  }

  private int ask() {
    byte[] message = messages[order[next]];
    next = (next + 1) & (ORDER - 1);
    return server.ask(message, Protocol.UDP);
  }

  private static byte[] message(Content content, int id) {
    String name =
        (content == Content.REFERRAL ? "www." : "") + label(content, id % NAMES) + "." + ORIGIN;
    byte[] message =
        content == Content.SIGNED
            ? EmbeddedServer.question(name, content.type, 1_232, true)
            : EmbeddedServer.question(name, content.type);
    Wire.put16(message, Wire.ID, id);
    return message;
  }

  /** Of 7 to 22 octets. */
  private static String label(Content content, int number) {
    return content.name().charAt(0) + "-" + (10_000 + number) + "x".repeat(number % 16);
  }

  /** The zone of all contents: 64 names of each. */
  static Zone zone() {
    StringBuilder text =
        new StringBuilder(
            """
            $ORIGIN %s
            $TTL 300
            @ SOA ns1 hostmaster 1 7200 900 1209600 300
              NS ns1
            ns1 A 192.0.2.1
            mail A 192.0.2.2
            web A 192.0.2.3
            web AAAA 2001:db8::3
            """
                .formatted(ORIGIN));
    for (Content content : Content.values()) {
      for (int i = 0; i < NAMES; i++) {
        text.append(records(content, label(content, i), i));
      }
    }
    ZoneFileResult result =
        ZoneFile.parse(text.toString(), ZoneFileLimits.defaults(), BenchServer.HASH);
    Zone zone = result.zone();
    if (zone == null) {
      throw new IllegalStateException(result.problems().toString());
    }
    return zone;
  }

  private static String records(Content content, String owner, int number) {
    StringBuilder lines = new StringBuilder();
    switch (content) {
      case ONE_A -> lines.append("%s A 10.0.0.%d\n".formatted(owner, number));
      case EIGHT_A -> {
        for (int i = 1; i <= 8; i++) {
          lines.append("%s A 10.1.%d.%d\n".formatted(owner, number, i));
        }
      }
      case MX -> lines.append("%s MX 10 mail\n".formatted(owner));
      case HTTPS -> lines.append("%s HTTPS 1 web alpn=h2\n".formatted(owner));
      case TXT -> {
        String half = "%03d".formatted(number) + "t".repeat(196);
        lines.append("%s TXT \"%s\" \"%s\"\n".formatted(owner, half, half));
      }
      case SIGNED -> {
        byte[] signature = new byte[64];
        new SplittableRandom(number).nextBytes(signature);
        lines.append("%s A 10.2.0.%d\n".formatted(owner, number));
        lines.append(
            "%s RRSIG A 13 3 300 20370101000000 20260101000000 4711 %s %s\n"
                .formatted(owner, ORIGIN, Base64.getEncoder().encodeToString(signature)));
      }
      case REFERRAL -> {
        for (int i = 1; i <= 2; i++) {
          lines.append("%1$s NS ns%2$d.%1$s\n".formatted(owner, i));
          lines.append("ns%d.%s A 10.3.%d.%d\n".formatted(i, owner, number, i));
        }
      }
    }
    return lines.toString();
  }

  byte[] lastMessage() {
    return messages[order[(next - 1) & (ORDER - 1)]];
  }

  BenchServer server() {
    return server;
  }
}
