package io.flashdns.bench.micro;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Zone;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * What a worker has seen before it is measured: every kind of answer, messages that are none, and a
 * signed zone. Without it the compiler would know one way through the server and measure a program
 * that nobody runs.
 */
final class Pollution {
  private static final DomainName APEX = DomainName.parse("polluting.example");
  private static final int NAMES = 200;
  private static final int ROUNDS = 20_000;
  private static final int QUESTIONS_OF_A_KIND = 1_000;

  private Pollution() {}

  /** The second zone, to be served beside those that are measured. */
  static Zone zone() {
    return BenchZone.build(BenchServer.HASH, APEX, NAMES, true);
  }

  /** Asks everything there is, in random order. */
  static void run(BenchServer server, Size size) {
    SplittableRandom random = new SplittableRandom(11);
    QueryList[] lists =
        Arrays.stream(AnswerKind.values())
            .map(kind -> QueryList.of(kind, size.zones, size.names, QUESTIONS_OF_A_KIND, 13))
            .toArray(QueryList[]::new);
    byte[][] others = {
      EmbeddedServer.question(BenchZone.host(1) + "." + APEX, 1, 1_232, true),
      EmbeddedServer.question("nothing." + APEX, 1, 1_232, true),
      EmbeddedServer.question("www." + BenchZone.delegation(1) + "." + APEX, 28, 1_232, true),
      EmbeddedServer.question(APEX.toString(), 15, 512, false),
      EmbeddedServer.question("not-served.invalid", 1),
      EmbeddedServer.question(APEX.toString(), 252),
      Arrays.copyOf(EmbeddedServer.question(BenchZone.host(1) + "." + APEX, 1), 20),
      {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, (byte) 0xc0, 12, 0, 1, 0, 1},
      {0, 0, 0x20, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1},
      {0, 0, (byte) 0x84, 0},
    };
    for (int i = 0; i < ROUNDS; i++) {
      server.ask(lists[random.nextInt(lists.length)]);
      server.askBatch(lists[random.nextInt(lists.length)]);
      server.ask(others[random.nextInt(others.length)], i % 4 == 0 ? Protocol.TCP : Protocol.UDP);
    }
  }
}
