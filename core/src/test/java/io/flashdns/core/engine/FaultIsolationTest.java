package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.ExtendedError;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.embedded.StrictReply;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.plugin.Query;
import io.flashdns.core.plugin.Response;
import io.flashdns.core.plugin.Section;
import io.flashdns.core.plugin.Verdict;
import io.flashdns.core.zone.Zone;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of fault in every phase: the process lives, the query itself is answered as its phase
 * says, all others octet for octet as without the plugin, and the plugin is named.
 */
final class FaultIsolationTest {
  private static final String POISON = "poison.example.";

  private static final String ZONE = SmallServer.ZONE + "poison 60 A 192.0.2.66\n";

  /** Larger than the other zone, so that its handles mean nothing there. */
  private static final String LARGE_ZONE =
      "$ORIGIN large.\n@ 60 SOA ns a 1 1 1 1 1\n@ 60 NS ns\n$GENERATE 1-500 h$ 60 A 192.0.2.1\n";

  private static final byte[] ADDRESS = {1, 2, 3, 4};

  /** What a hook does wrong. */
  enum Fault {
    RUNTIME_EXCEPTION {
      @Override
      Verdict happen(Query query, Response response) {
        throw new IllegalStateException("on purpose");
      }
    },
    INDEX_OUT_OF_BOUNDS {
      @Override
      Verdict happen(Query query, Response response) {
        return Verdict.values()[query.messageLength() * 100];
      }
    },
    BAD_CAST {
      @Override
      Verdict happen(Query query, Response response) {
        Object other = "no verdict";
        return (Verdict) other;
      }
    },
    ERROR {
      @Override
      Verdict happen(Query query, Response response) {
        throw new Error("on purpose");
      }
    },
    ASSERTION_ERROR {
      @Override
      Verdict happen(Query query, Response response) {
        throw new AssertionError("on purpose");
      }
    },
    DEEP_RECURSION {
      @Override
      Verdict happen(Query query, Response response) {
        // Each level has something to do after the next: no compiler makes a loop of it.
        return query.messageLength() > 0 && happen(query, response) == Verdict.DROP
            ? Verdict.CONTINUE
            : Verdict.DROP;
      }
    },
    RECURSION_WITH_LARGE_FRAMES {
      @Override
      Verdict happen(Query query, Response response) {
        return large(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) > 0 ? Verdict.CONTINUE : Verdict.DROP;
      }
    },
    OUT_OF_MEMORY_THROWN {
      @Override
      Verdict happen(Query query, Response response) {
        throw new OutOfMemoryError("on purpose");
      }
    },
    OUT_OF_MEMORY_BY_THE_RUNTIME {
      @Override
      Verdict happen(Query query, Response response) {
        return new long[Integer.MAX_VALUE].length == 0 ? Verdict.CONTINUE : Verdict.DROP;
      }
    },
    NO_CLASS_DEFINITION {
      @Override
      Verdict happen(Query query, Response response) {
        throw new NoClassDefFoundError("com/example/Missing");
      }
    },
    FAILED_INITIALIZER {
      @Override
      Verdict happen(Query query, Response response) {
        return Broken.VERDICT;
      }
    },
    LINKAGE_ERROR {
      @Override
      Verdict happen(Query query, Response response) {
        throw new AbstractMethodError("built against another version");
      }
    },
    UNDECLARED_CHECKED_EXCEPTION {
      @Override
      Verdict happen(Query query, Response response) {
        throw undeclared(new IOException("on purpose"));
      }
    },
    THROWABLE_OF_ITS_OWN {
      @Override
      Verdict happen(Query query, Response response) {
        throw undeclared(new OwnThrowable());
      }
    },
    INTERRUPTED {
      @Override
      Verdict happen(Query query, Response response) {
        Thread.currentThread().interrupt();
        throw undeclared(new InterruptedException("on purpose"));
      }
    },
    EXCEPTION_THAT_CANNOT_BE_SHOWN {
      @Override
      Verdict happen(Query query, Response response) {
        throw new Unspeakable();
      }
    },
    HALF_WRITTEN {
      @Override
      Verdict happen(Query query, Response response) {
        response.authoritative(true);
        response.rcode(Rcode.NXDOMAIN);
        response.addRecord(Section.ANSWER, Response.QUESTION_NAME, 1, 5, ADDRESS, 0, 4);
        response.addRecord(Section.AUTHORITY, Response.QUESTION_NAME, 1, 5, ADDRESS, 0, 4);
        response.extendedError(ExtendedError.PROHIBITED, ADDRESS);
        response.truncate();
        throw new IllegalStateException("on purpose");
      }
    },
    NULL_FOR_A_VERDICT {
      @Override
      @Nullable Verdict happen(Query query, Response response) {
        return null;
      }
    },
    HANDLE_OF_ANOTHER_ZONE {
      @Override
      Verdict happen(Query query, Response response) {
        NameKey name = new NameKey(query.catalog().hash());
        name.set(DomainName.parse("h500.large.").wire(), 0);
        Zone large = query.catalog().zone(DomainName.parse("large."));
        Zone small = query.catalog().zone(DomainName.parse("example."));
        int node = large.find(name);
        response.addRrset(
            Section.ADDITIONAL, small, node, large.rrset(node, RecordType.A), Response.OWN_NAME);
        return Verdict.CONTINUE;
      }
    },
    OPTION_LONGER_THAN_ITS_ARRAY {
      @Override
      Verdict happen(Query query, Response response) {
        response.addOption(65_001, ADDRESS, 0, 400);
        return Verdict.CONTINUE;
      }
    },
    RESPONSE_CODE_OUT_OF_BOUNDS {
      @Override
      Verdict happen(Query query, Response response) {
        response.rcode(1 << 20);
        return Verdict.CONTINUE;
      }
    };

    abstract @Nullable Verdict happen(Query query, Response response);
  }

  private static long large(
      long a,
      long b,
      long c,
      long d,
      long e,
      long f,
      long g,
      long h,
      long i,
      long j,
      long k,
      long l) {
    long m = a * b + c;
    long n = d * e + f;
    long o = g * h + i;
    long p = j * k + l;
    if (m == 1 && n == 1 && o == 1 && p == 1) {
      return 0;
    }
    long rest = large(m, n, o, p, a + m, b + n, c + o, d + p, e + m, f + n, g + o, h + p);
    return rest + a + b + c + d + e + f + g + h + i + j + k + l + m + n + o + p;
  }

  private static final class Broken {
    static final Verdict VERDICT = verdict();

    private static Verdict verdict() {
      throw new IllegalStateException("on purpose");
    }
  }

  private static final class OwnThrowable extends Throwable {
    private static final long serialVersionUID = 1L;
  }

  /** Fails again in whoever logs it. */
  private static final class Unspeakable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public String toString() {
      throw new StackOverflowError("no text");
    }
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException undeclared(Throwable thrown) throws T {
    throw (T) thrown;
  }

  private final List<String> events = new ArrayList<>();

  @AfterEach
  void clearInterrupt() {
    Thread.interrupted();
  }

  private EmbeddedServer server(TestPlugin... plugins) {
    EmbeddedServer.Builder builder =
        EmbeddedServer.builder()
            .zone(ZONE)
            .zone(LARGE_ZONE)
            .events(
                new EngineEvents() {
                  @Override
                  public void pluginFailed(String plugin, long faults, Throwable last) {
                    // As a log does.
                    events.add(plugin + " " + faults + " " + last);
                  }
                });
    for (TestPlugin plugin : plugins) {
      builder.plugin(plugin, TestPlugin.CONFIG);
    }
    return builder.build();
  }

  private static final List<byte[]> OTHERS =
      List.of(
          EmbeddedServer.question("www.example.", RecordType.A),
          EmbeddedServer.question("www.example.", RecordType.A, 1_232, true),
          EmbeddedServer.question("no.example.", RecordType.A, 1_232, false),
          EmbeddedServer.question("elsewhere.", RecordType.A, 1_232, false),
          EmbeddedServer.question("example.", RecordType.AXFR),
          EmbeddedServer.question("h7.large.", RecordType.A),
          new byte[12],
          new byte[3]);

  private static List<String> others(EmbeddedServer server) {
    List<String> replies = new ArrayList<>();
    for (Protocol protocol : Protocol.values()) {
      for (byte[] message : OTHERS) {
        replies.add(java.util.HexFormat.of().formatHex(server.over(protocol).ask(message)));
      }
    }
    return replies;
  }

  static Stream<Arguments> everyFaultInEveryPhase() {
    return Arrays.stream(Fault.values())
        .flatMap(fault -> Arrays.stream(Phase.values()).map(phase -> arguments(fault, phase)))
        // An observer has no verdict to be null; what a shaper has written stays.
        .filter(each -> each.get()[0] != Fault.NULL_FOR_A_VERDICT || each.get()[1] != Phase.OBSERVE)
        .filter(each -> each.get()[0] != Fault.HALF_WRITTEN || each.get()[1] != Phase.SHAPE)
        // What an observer adds is refused without being looked at.
        .filter(
            each ->
                each.get()[0] != Fault.OPTION_LONGER_THAN_ITS_ARRAY
                    || each.get()[1] != Phase.OBSERVE);
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("everyFaultInEveryPhase")
  void faultStaysWithItsQueryAndItsPlugin(Fault fault, Phase phase) {
    TestPlugin bad =
        TestPlugin.of(
            "bad",
            TestPlugin.hook(
                phase,
                (query, response) ->
                    query.name().toString().equals(POISON)
                        ? fault.happen(query, response)
                        : Verdict.CONTINUE));
    int[] observed = {0};
    TestPlugin good =
        TestPlugin.of("good", TestPlugin.passing(Phase.OBSERVE, (_, _) -> observed[0]++));
    EmbeddedServer without = server();
    EmbeddedServer server = server(bad, good);
    List<String> right = others(without);
    assertThat(others(server)).isEqualTo(right);
    int before = observed[0];

    byte[] poison = EmbeddedServer.question(POISON, RecordType.A, 1_232, false);
    for (Protocol protocol : Protocol.values()) {
      byte[] reply = server.over(protocol).ask(poison);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      if (phase.compareTo(Phase.ANSWER) <= 0) {
        StrictReply strict = StrictReply.of(poison, reply, protocol);
        assertThat(strict.rcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(strict.extendedErrors()).containsExactly(ExtendedError.OTHER);
        assertThat(strict.questions()).isEqualTo(1);
        assertThat(strict.has(Wire.AA)).isFalse();
        assertThat(strict.has(Wire.TC)).isFalse();
        assertThat(strict.answer()).isEmpty();
        assertThat(strict.authority()).isEmpty();
        assertThat(strict.additional()).isEmpty();
      } else {
        assertThat(reply).isEqualTo(without.over(protocol).ask(poison));
      }
      assertThat(others(server)).isEqualTo(right);
    }

    assertThat(observed[0] - before).as("observers see it").isEqualTo(2 + 2 * 14);
    assertThat(server.counters().faults()).isEqualTo(2);
    for (Phase each : Phase.values()) {
      String label = each.name().toLowerCase(Locale.ROOT);
      assertThat(server.metric("flashdns_plugin_faults", "bad", label))
          .isEqualTo(each == phase ? 2 : 0);
      assertThat(server.metric("flashdns_plugin_faults", "good", label)).isZero();
    }
    assertThat(server.engine().pluginStatus().getFirst().lastFault() == null).isFalse();
    server.advance(Duration.ofMillis(100));
    assertThat(events).hasSize(1).first().asString().startsWith("bad 2 ");
    server.advance(Duration.ofMillis(100));
    assertThat(events).as("told once").hasSize(1);
    assertThat(others(server)).isEqualTo(right);
    server.close();
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("everyFaultInEveryPhase")
  void faultInABatchLeavesTheOthersOfTheBatch(Fault fault, Phase phase) {
    TestPlugin bad =
        TestPlugin.of(
            "bad",
            TestPlugin.hook(
                phase,
                (query, response) ->
                    query.name().toString().equals(POISON)
                        ? fault.happen(query, response)
                        : Verdict.CONTINUE));
    EmbeddedServer server = server(bad);
    Worker worker = server.engine().newWorker();
    byte[] poison = EmbeddedServer.question(POISON, RecordType.A, 1_232, false);
    byte[] good = EmbeddedServer.question("www.example.", RecordType.A, 1_232, false);
    byte[] right = server().ask(good);
    for (int slot = 0; slot < Worker.BATCH; slot++) {
      byte[] message = slot % 3 == 1 ? poison : good;
      System.arraycopy(message, 0, worker.packet(slot), 0, message.length);
      worker.accept(slot, message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
    }
    worker.lookAhead(Worker.BATCH);
    for (int slot = 0; slot < Worker.BATCH; slot++) {
      int length = worker.answer(slot);
      boolean servfail = (worker.reply()[3] & 15) == Rcode.SERVFAIL;
      assertThat(servfail).isEqualTo(slot % 3 == 1 && phase.compareTo(Phase.ANSWER) <= 0);
      if (slot % 3 != 1) {
        assertThat(Arrays.copyOf(worker.reply(), length)).isEqualTo(right);
      }
    }
    assertThat(server.counters().faults()).isEqualTo(5);
  }
}
