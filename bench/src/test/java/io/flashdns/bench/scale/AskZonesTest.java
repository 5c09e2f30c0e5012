package io.flashdns.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.bench.scale.AskZones.Verdict;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.EngineConfig;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zonefile.ZoneFile;
import io.flashdns.core.zonefile.ZoneFileLimits;
import io.flashdns.plugins.zone.ZonePluginConfig;
import io.flashdns.plugins.zone.ZonePluginFactory;
import io.flashdns.transport.IoBackend;
import io.flashdns.transport.TcpLimits;
import io.flashdns.transport.Transport;
import io.flashdns.transport.TransportConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AskZonesTest {
  private static final NameHash HASH = new NameHash(42);
  private static final int ZONES = 60;
  private static final int QUERIES = 5_000;

  @TempDir Path folder;

  @Test
  void aRightServerIsRight() throws Exception {
    assertThat(verdicts(zones(0))).containsExactly(Map.entry(Verdict.RIGHT, (long) QUERIES));
  }

  @Test
  void wrongAnswersAreSeen() throws Exception {
    List<Zone> zones = zones(0);
    zones.removeFirst();
    // One zone with the content of another, one without most of its names.
    zones.removeFirst();
    zones.removeFirst();
    zones.add(zone(ManyZones.zoneFile(1).replace("10.0.0.1\n", "10.0.0.9\n")));
    zones.add(zone(ManyZones.zoneFile(2).replace("www IN A", "w IN A")));

    Map<Verdict, Long> verdicts = verdicts(zones);

    assertThat(verdicts)
        .containsKeys(Verdict.RIGHT, Verdict.FALSE_REFUSED, Verdict.WRONG, Verdict.FALSE_NXDOMAIN);
    assertThat(verdicts.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(QUERIES);
  }

  @Test
  void zonesAreSpreadOverFolders() throws IOException {
    WriteZones.main(new String[] {folder.toString(), "250", "100", "30"});

    try (Stream<Path> files = Files.walk(folder.resolve("zones"))) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(250);
    }
    Path tenth = folder.resolve("zones/o0/p2/" + ManyZones.apex(249) + ".zone");
    assertThat(tenth).exists();
    assertThat(zone(Files.readString(tenth)).recordCount()).isEqualTo(ManyZones.RECORDS);
    List<String> questions = Files.readAllLines(folder.resolve("all.q"));
    assertThat(questions)
        .hasSize(30)
        .hasSameSizeAs(Files.readAllLines(folder.resolve("all.expected")));
    assertThat(questions).allMatch(line -> line.matches("[a-z0-9.]+ [A-Z]+"));
  }

  @Test
  void addressesTellZonesApart() {
    SplittableRandom dice = new SplittableRandom(3);
    assertThat(Stream.generate(() -> ManyZones.question(dice, 1_000_000)).limit(2_000))
        .anyMatch(question -> question.address() - 0x0a00_0000 > 0xffff);
  }

  private static List<Zone> zones(int from) {
    List<Zone> zones = new ArrayList<>();
    for (int i = from; i < ZONES; i++) {
      zones.add(zone(ManyZones.zoneFile(i)));
    }
    return zones;
  }

  private static Zone zone(String text) {
    return Objects.requireNonNull(ZoneFile.parse(text, ZoneFileLimits.defaults(), HASH).zone());
  }

  private static Map<Verdict, Long> verdicts(List<Zone> zones) throws Exception {
    Engine engine =
        new Engine(
            EngineConfig.of(HASH),
            List.of(new PluginBinding<>(new ZonePluginFactory(), ZonePluginConfig.defaults())));
    engine.publish(Catalog.of(HASH, zones));
    engine.start();
    TransportConfig config =
        new TransportConfig(
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            IoBackend.AUTO,
            1,
            TcpLimits.defaults(),
            1 << 20);
    try (Transport transport = Transport.start(config, engine::newWorker)) {
      return AskZones.ask(transport.addresses().getFirst(), ZONES, QUERIES, 0, 32, 1);
    } finally {
      engine.close();
    }
  }
}
