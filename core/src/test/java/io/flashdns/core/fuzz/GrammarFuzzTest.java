package io.flashdns.core.fuzz;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.engine.EngineCounters;
import io.flashdns.core.plugin.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Messages that {@link MessageGrammar} makes, and sweeps that leave nothing out; {@link
 * PacketProbe} judges.
 *
 * <p>Properties: {@code flashdns.fuzz.executions}, 200,000 if not given, {@value
 * #CAMPAIGN_EXECUTIONS} with {@code -Dcampaign}; {@code flashdns.fuzz.seed}, else the time.
 * Execution <i>i</i> of seed <i>s</i> depends on both alone: a failure says which it was, and
 * leaves the message in {@code target/fuzz-findings}.
 *
 * <pre>
 * mvn -pl core -am test -Dtest=GrammarFuzzTest -Dcampaign -Dflashdns.fuzz.executions=10000000 -Dflashdns.fuzz.seed=1
 * </pre>
 */
@TestInstance(Lifecycle.PER_CLASS)
class GrammarFuzzTest {
  private static final long BUILD_EXECUTIONS = 200_000;
  private static final long CAMPAIGN_EXECUTIONS = 200_000_000;
  private static final int TC = 0x02;
  private static final int TYPES = 0x1_0000;
  private static final int COLD_EXECUTIONS = 50_000;
  private static final int COST_EVERY = 64;
  private static final int DNSJAVA_EVERY = 32;

  private final FuzzCatalog rooted = FuzzCatalog.withRoot();
  private final FuzzCatalog rootless = FuzzCatalog.withoutRoot();
  private final FuzzCatalog hooked = FuzzCatalog.withHooks();
  private final List<PacketProbe> probes =
      List.of(new PacketProbe(rooted), new PacketProbe(rootless), new PacketProbe(hooked));
  private final Map<String, byte[]> seeds = SeedCorpus.packets();
  private long executions;

  @Test
  void seededMessagesAreAnsweredRightlyOrNotAtAll() {
    long runs =
        Long.getLong(
            "flashdns.fuzz.executions",
            System.getProperty("campaign") == null ? BUILD_EXECUTIONS : CAMPAIGN_EXECUTIONS);
    long seed = Long.getLong("flashdns.fuzz.seed", System.nanoTime());
    System.out.printf("fuzz: %,d executions of seed %d%n", runs, seed);
    MessageGrammar grammar =
        new MessageGrammar(rooted.names(), seeds.values().toArray(byte[][]::new));
    byte[] message = new byte[MessageGrammar.MAX_BYTES];
    Dice dice = new Dice();
    long start = System.nanoTime();
    for (long i = 0; i < runs; i++) {
      long each = dice.seed(seed + i).bits();
      int length = grammar.write(each, message);
      PacketProbe probe = probes.get((int) ((each >>> 3) % probes.size()));
      Protocol protocol = (each & 6) == 0 ? Protocol.TCP : Protocol.UDP;
      check(probe, message, length, protocol, "seed " + seed + ", execution " + i);
    }
    faults();
    report(runs, (System.nanoTime() - start) / 1e9);
  }

  private void report(long runs, double seconds) {
    long[] byRcode = new long[Rcode.COUNT];
    for (FuzzCatalog catalog : List.of(rooted, rootless, hooked)) {
      EngineCounters counters = catalog.server().counters();
      for (int rcode = 0; rcode < byRcode.length; rcode++) {
        byRcode[rcode] += counters.byRcode().get(rcode);
      }
    }
    StringBuilder codes = new StringBuilder();
    for (int rcode = 0; rcode < byRcode.length; rcode++) {
      if (byRcode[rcode] > 0) {
        codes.append(String.format(" %s %,d", Rcode.text(rcode), byRcode[rcode]));
      }
    }
    System.out.printf(
        "fuzz: %,d executions, %.1f s, %,.0f a second; slowest %,d ns, most allocated %,d octets%n"
            + "fuzz: replies of all tests so far:%s%n",
        runs,
        seconds,
        runs / seconds,
        probes.stream().mapToLong(PacketProbe::slowestNanos).max().orElseThrow(),
        probes.stream().mapToLong(PacketProbe::mostAllocatedBytes).max().orElseThrow(),
        codes);
  }

  @Test
  void everyTypeWithEveryKnownOpcodeIsSurvived() {
    for (int opcode : new int[] {0, 4, 5}) {
      for (int type = 0; type < TYPES; type++) {
        byte[] name = rooted.names()[type % rooted.names().length];
        byte[] message =
            MessageDraft.of(opcode << 11).question(name, type, 1).edns(1_232, true).build();
        checkEverywhere(message, message.length, "opcode " + opcode + ", type " + type);
      }
    }
    faults();
  }

  @Test
  void everyNameIsAnsweredForEveryCommonType() {
    int[] types = {1, 2, 5, 6, 12, 15, 16, 28, 33, 39, 43, 46, 47, 48, 50, 51, 64, 65, 255, 65_280};
    for (byte[] name : rooted.names()) {
      for (int type : types) {
        for (int payload : new int[] {0, 512, 1_232}) {
          MessageDraft draft = MessageDraft.of(0).question(name, type, 1);
          byte[] message = (payload == 0 ? draft : draft.edns(payload, true)).build();
          checkEverywhere(message, message.length, "type " + type + ", payload " + payload);
        }
      }
    }
    faults();
  }

  @Test
  void everySeedCutAtEveryOctetIsSurvived() {
    for (Map.Entry<String, byte[]> seed : seeds.entrySet()) {
      for (int length = 0; length <= seed.getValue().length; length++) {
        checkEverywhere(seed.getValue(), length, seed.getKey() + " cut at " + length);
      }
    }
    faults();
  }

  @Test
  void everyOctetOfEverySeedCanBeAnything() {
    for (Map.Entry<String, byte[]> seed : seeds.entrySet()) {
      byte[] message = seed.getValue().clone();
      for (int at = 2; at < message.length; at++) {
        for (int octet : new int[] {0, 1, 0x3f, 0x40, 0x80, 0xc0, 0xff}) {
          message[at] = (byte) octet;
          checkEverywhere(message, message.length, seed.getKey() + " with " + octet + " at " + at);
        }
        message[at] = seed.getValue()[at];
      }
    }
    faults();
  }

  @Test
  void everyCombinationOfHeaderFlagsIsSurvived() {
    byte[] message = seeds.get("a-hit").clone();
    for (int flags = 0; flags < 0x1_0000; flags++) {
      message[2] = (byte) (flags >>> 8);
      message[3] = (byte) flags;
      checkEverywhere(message, message.length, "flags " + flags);
    }
    faults();
  }

  private void checkEverywhere(byte[] message, int length, String what) {
    for (PacketProbe probe : probes) {
      check(probe, message, length, Protocol.UDP, what);
      check(probe, message, length, Protocol.TCP, what);
    }
  }

  private void check(
      PacketProbe probe, byte[] message, int length, Protocol protocol, String what) {
    executions++;
    try {
      int replyLength = probe.check(message, length, protocol);
      if (executions % DNSJAVA_EVERY == 0) {
        probe.checkWithDnsjava(replyLength);
      }
      if (executions % COST_EVERY == 0 && executions > COLD_EXECUTIONS) {
        probe.checkCost(message, length, protocol);
      }
    } catch (PacketProbe.BatchFinding e) {
      throw finding(e.message, e.protocol, "in a batch before " + what, e);
    } catch (RuntimeException | Error e) {
      throw finding(Arrays.copyOf(message, length), protocol, what, e);
    }
  }

  private static AssertionError finding(
      byte[] message, Protocol protocol, String what, Throwable cause) {
    String hex = HexFormat.of().formatHex(message);
    Path file = Path.of("target", "fuzz-findings", Integer.toHexString(hex.hashCode()));
    try {
      Files.createDirectories(file.getParent());
      Files.write(file, message);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
    String text = "%s over %s (%s): %s, message in %s: %s";
    return new AssertionError(
        text.formatted(
            cause.getClass().getSimpleName(), protocol, what, cause.getMessage(), file, hex),
        cause);
  }

  private void faults() {
    probes.forEach(probe -> probe.checkBatch(0));
    probes.forEach(PacketProbe::checkFaults);
  }

  /** The judge can say no: there is no bit in a reply but TC that could be another one. */
  @Test
  void brokenRepliesAreRefused() {
    PacketProbe probe = probes.getFirst();
    byte[] question = seeds.get("nsec-nxdomain");
    byte[] reply = rooted.server().ask(question);
    probe.judge(question, question.length, Protocol.UDP, reply, reply.length);
    for (int i = 0; i < reply.length; i++) {
      for (int bit = 1; bit < 0x100; bit <<= 1) {
        byte[] broken = reply.clone();
        broken[i] ^= (byte) bit;
        if (isLetterCase(reply, i, bit) || (i == Wire.FLAGS && bit == TC)) {
          continue;
        }
        assertThatThrownBy(
                () -> probe.judge(question, question.length, Protocol.UDP, broken, reply.length),
                "octet %d, bit %x",
                i,
                bit)
            .isInstanceOf(AssertionError.class);
      }
    }
  }

  /** The judge does not look at the case of letters, even where octets are none. */
  private static boolean isLetterCase(byte[] reply, int at, int bit) {
    int upper = reply[at] & ~0x20;
    return bit == 0x20 && at >= Wire.HEADER_BYTES && upper >= 'A' && upper <= 'Z';
  }
}
