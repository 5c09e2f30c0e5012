package io.flashdns.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.flashdns.core.answer.AuthoritativeAnswerer;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.Rcode;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.EmbeddedServer;
import io.flashdns.core.plugin.Protocol;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class EngineTest {
  private static final NameHash HASH = new NameHash(6);

  private static Zone zone(String text) {
    Zone zone = ZoneFile.parse(text, ZoneFileLimits.defaults(), HASH).zone();
    assertThat(zone).isNotNull();
    return zone;
  }

  private static Engine engine() {
    TestPlugin zonePlugin =
        TestPlugin.making("zone", worker -> List.of(new AuthoritativeAnswerer(worker.hash())));
    return new Engine(EngineConfig.of(HASH), List.of(zonePlugin.bound()));
  }

  private static int ask(Worker worker, byte[] message) {
    System.arraycopy(message, 0, worker.packet(), 0, message.length);
    return worker.onPacket(message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
  }

  @Test
  void engineServesNothingUntilACatalogIsPublished() {
    try (Engine engine = engine()) {
      Worker worker = engine.newWorker();
      assertThat(engine.catalog().size()).isZero();
      assertThat(ask(worker, EmbeddedServer.question("a.example.", 1))).isPositive();
      assertThat(worker.reply()[3] & 15).isEqualTo(Rcode.REFUSED);

      Catalog catalog =
          Catalog.of(HASH, List.of(zone("example. 60 SOA a. b. 1 1 1 1 1\nexample. 60 NS a.\n")));
      engine.publish(catalog);

      assertThat(engine.catalog()).isSameAs(catalog);
      ask(worker, EmbeddedServer.question("a.example.", 1));
      assertThat(worker.reply()[3] & 15).isEqualTo(Rcode.NXDOMAIN);
    }
  }

  @Test
  void catalogOfAnotherHashIsRefused() {
    try (Engine engine = engine()) {
      assertThatThrownBy(() -> engine.publish(Catalog.empty(new NameHash(7))))
          .hasMessageContaining("another hash seed");
    }
  }

  @Test
  void limitsOfTheConfigurationAreChecked() {
    assertThatThrownBy(() -> EngineConfig.of(HASH).withMaxUdpReplyBytes(511))
        .hasMessage("the largest UDP reply is 511 octets, 512 to 4096 are allowed");
    assertThatThrownBy(() -> EngineConfig.of(HASH).withMaxUdpReplyBytes(4_097))
        .hasMessageContaining("512 to 4096");
    assertThat(EngineConfig.of(HASH).withMaxUdpReplyBytes(4_096).maxUdpReplyBytes())
        .isEqualTo(4_096);
  }

  @Test
  void replySizeOverUdpIsTheOneOfTheConfiguration() {
    StringBuilder zoneText =
        new StringBuilder("example. 60 SOA a. b. 1 1 1 1 1\nexample. 60 NS a.\n");
    for (int i = 0; i < 10; i++) {
      zoneText.append("example. 60 TXT \"").append(i).append("y".repeat(240)).append("\"\n");
    }
    Catalog catalog = Catalog.of(HASH, List.of(zone(zoneText.toString())));
    for (int most : new int[] {512, 1_232, 4_096}) {
      TestPlugin plugin =
          TestPlugin.making("zone", worker -> List.of(new AuthoritativeAnswerer(worker.hash())));
      try (Engine engine =
          new Engine(EngineConfig.of(HASH).withMaxUdpReplyBytes(most), List.of(plugin.bound()))) {
        engine.publish(catalog);
        Worker worker = engine.newWorker();
        int length =
            ask(worker, EmbeddedServer.question("example.", RecordType.TXT, 65_535, false));
        assertThat(length).isLessThanOrEqualTo(most);
        assertThat((worker.reply()[2] & 2) != 0)
            .as("truncated at %d", most)
            .isEqualTo(most < 4_096);
        assertThat(Wire.u16(worker.reply(), length - 8)).as("payload size in OPT").isEqualTo(most);
      }
    }
  }

  @Test
  void countersAreSummedOverWorkers() {
    try (Engine engine = engine()) {
      Worker first = engine.newWorker();
      Worker second = engine.newWorker();
      ask(first, EmbeddedServer.question("a.", 1));
      ask(second, EmbeddedServer.question("a.", 1));
      ask(second, new byte[5]);
      byte[] message = EmbeddedServer.question("a.", 1);
      System.arraycopy(message, 0, second.packet(), 0, message.length);
      second.onPacket(message.length - 1, Protocol.TCP, 0, 0, 1, 1);

      EngineCounters counters = engine.counters();
      assertThat(counters.udpQueries()).isEqualTo(3);
      assertThat(counters.tcpQueries()).isEqualTo(1);
      assertThat(counters.replies()).isEqualTo(3);
      assertThat(counters.dropped()).isEqualTo(1);
      assertThat(counters.malformed()).isEqualTo(1);
      assertThat(counters.faults()).isZero();
      assertThat(counters.byRcode()).hasSize(Rcode.COUNT);
      assertThat(counters.byRcode().get(Rcode.REFUSED)).isEqualTo(2);
      assertThat(counters.byRcode().get(Rcode.FORMERR)).isEqualTo(1);
    }
  }

  /**
   * Two zones change together, again and again, while a worker follows an alias from one into the
   * other: alias, address and serial must always be of one version.
   */
  @Test
  void changeOfTwoZonesIsSeenWholeOrNotAtAll() throws InterruptedException {
    try (Engine engine = engine()) {
      Catalog[] versions = new Catalog[2];
      for (int version = 0; version < 2; version++) {
        versions[version] =
            Catalog.of(
                HASH,
                List.of(
                    zone(
                        "one. 60 SOA a. b. %1$d 1 1 1 1\none. 60 NS a.\nx.one. %1$d CNAME y.two.\n"
                            .formatted(10 + version)),
                    zone(
                        "two. 60 SOA a. b. %1$d 1 1 1 1\ntwo. 60 NS a.\ny.two. %1$d A 192.0.2.%1$d\n"
                            .formatted(10 + version))));
      }
      engine.publish(versions[0]);
      Worker worker = engine.newWorker();
      AtomicBoolean done = new AtomicBoolean();
      CountDownLatch started = new CountDownLatch(1);
      Thread publisher =
          Thread.ofPlatform()
              .start(
                  () -> {
                    started.countDown();
                    for (int i = 0; !done.get(); i++) {
                      engine.publish(versions[i & 1]);
                    }
                  });
      started.await();
      byte[] message = EmbeddedServer.question("x.one.", RecordType.A);
      int[] seen = new int[2];
      long deadline = System.nanoTime() + 20_000_000_000L;
      for (int i = 0;
          (i < 200_000 || seen[0] == 0 || seen[1] == 0) && System.nanoTime() < deadline;
          i++) {
        int length = ask(worker, message);
        byte[] reply = worker.reply();
        int aliasTtl = Wire.s32(reply, message.length + 6);
        int addressTtl = Wire.s32(reply, length - 10);
        assertThat(reply[length - 1]).isEqualTo((byte) addressTtl);
        assertThat(aliasTtl).isEqualTo(addressTtl);
        seen[aliasTtl - 10]++;
      }
      done.set(true);
      publisher.join();
      assertThat(seen[0]).isPositive();
      assertThat(seen[1]).isPositive();
    }
  }

  @Test
  void idleWorkerLetsGoOfItsCatalog() {
    try (Engine engine = engine()) {
      Worker worker = engine.newWorker();
      ask(worker, EmbeddedServer.question("a.", 1));
      worker.idle();

      assertThat(ask(worker, EmbeddedServer.question("a.", 1))).isPositive();
    }
  }

  @Test
  void batchIsAnsweredAsSingleMessagesAre() {
    try (Engine engine = engine()) {
      engine.publish(
          Catalog.of(
              HASH,
              List.of(
                  zone(
                      "example. 60 SOA a. b. 1 1 1 1 1\nexample. 60 NS a.\nwww.example. 60 A 192.0.2.1\n*.w.example. 60 TXT t\n"),
                  zone(". 60 SOA a. b. 1 1 1 1 1\n. 60 NS a.\n"))));
      Worker single = engine.newWorker();
      Worker batched = engine.newWorker();
      byte[][] messages = {
        EmbeddedServer.question("www.example.", RecordType.A),
        EmbeddedServer.question("www.example.", RecordType.A, 4_096, true),
        new byte[3],
        EmbeddedServer.question("x.y.w.example.", RecordType.TXT),
        EmbeddedServer.question("no.such.", RecordType.TXT),
        EmbeddedServer.question(".", RecordType.SOA),
        new byte[12],
        java.util.Arrays.copyOf(EmbeddedServer.question("www.example.", 1), 20),
        EmbeddedServer.question("a.".repeat(127), 1),
        EmbeddedServer.question("example.", RecordType.AXFR),
        EmbeddedServer.question("www.example.", RecordType.A, 512, true),
      };
      for (int round = 0; round < 50; round++) {
        int count = 1 + round % Worker.BATCH;
        for (int slot = 0; slot < count; slot++) {
          byte[] message = messages[(slot + round) % messages.length];
          System.arraycopy(message, 0, batched.packet(slot), 0, message.length);
          batched.accept(slot, message.length, Protocol.UDP, 0, 0, 0xffff_7f00_0001L, 53_000);
        }
        batched.lookAhead(count);
        for (int slot = 0; slot < count; slot++) {
          byte[] message = messages[(slot + round) % messages.length];
          int length = ask(single, message);
          assertThat(batched.answer(slot)).isEqualTo(length);
          assertThat(java.util.Arrays.copyOf(batched.reply(), length))
              .isEqualTo(java.util.Arrays.copyOf(single.reply(), length));
        }
      }
      assertThat(engine.counters().faults()).isZero();
    }
  }
}
