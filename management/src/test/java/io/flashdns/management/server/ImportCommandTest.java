package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.SerialPolicy;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code flashdns import} on a data folder that no server has open. */
class ImportCommandTest {
  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path zones;
  private Path data;

  @BeforeEach
  void makeZones() throws IOException {
    zones = Files.createDirectory(folder.resolve("zones"));
    data = folder.resolve("data");
    write("a.example", 1, 0);
    write("b.example", 7, 0);
  }

  @Test
  void zonesOfAFolderBelongToTheStoreFromThenOn() throws Exception {
    assertThat(run(zones.toString())).isZero();

    assertThat(err()).isEmpty();
    assertThat(out())
        .containsPattern(
            "^took 2 zones, 2 of them new, with 6 records from 2 files in \\d+\\.\\d s, [\\d,]+"
                + " records/s; 0 unchanged, 0 left out\n$");
    assertThat(stored())
        .extracting(zone -> zone.settings().key().apex() + " " + zone.serial())
        .containsExactly("a.example. 1", "b.example. 7");
    assertThat(stored())
        .allSatisfy(
            zone -> {
              assertThat(zone.settings().source()).isEmpty();
              assertThat(zone.settings().owner()).isEqualTo(ZoneOwner.NOBODY);
              assertThat(zone.settings().serialPolicy()).isEqualTo(SerialPolicy.INCREMENT);
            });
    assertThat(data.resolve("hash.seed")).exists();
    assertThat(data.resolve("images/catalog.img")).exists();
  }

  @Test
  void singleFilesTenantAndViewAreTaken() throws Exception {
    Path file = folder.resolve("c.txt");
    Files.writeString(file, "$ORIGIN c.example.\n" + zone(1, 0));

    assertThat(run("--tenant", "acme/shop", "--view", "inside", file.toString())).isZero();

    assertThat(stored())
        .singleElement()
        .satisfies(
            zone -> {
              assertThat(zone.settings().owner()).isEqualTo(new ZoneOwner("acme", "shop"));
              assertThat(zone.settings().key())
                  .isEqualTo(new ZoneKey("inside", DomainName.parse("c.example")));
            });
  }

  @Test
  void zoneThatIsThereIsRefusedUnlessItIsToBeReplaced() throws Exception {
    run(zones.toString());
    write("a.example", 3, 5);

    assertThat(run(zones.toString())).isEqualTo(1);
    assertThat(err())
        .contains(
            zones.resolve("a.example.zone")
                + ": error: the zone a.example. is in the store already: give --replace to have it"
                + " replaced\n")
        .contains("b.example. is in the store already");
    assertThat(out()).contains("took 0 zones").contains("2 left out");

    out.reset();
    assertThat(run("--replace", zones.toString())).isZero();
    assertThat(out()).contains("took 1 zones, 0 of them new").contains("1 unchanged, 0 left out");
    assertThat(stored())
        .extracting(zone -> zone.settings().key().apex() + " " + zone.recordCount())
        .containsExactly("a.example. 8", "b.example. 3");
  }

  @Test
  void allThatIsWrongIsSaidAndTheGoodZonesAreTaken() throws Exception {
    Files.writeString(zones.resolve("bad.example.zone"), "nonsense\n");
    Files.writeString(zones.resolve("z.zone"), "$ORIGIN a.example.\n" + zone(1, 0));

    assertThat(run(zones.toString(), folder.resolve("no.zone").toString())).isEqualTo(1);

    assertThat(err())
        .contains("bad.example.zone:1: error: ")
        .contains("z.zone: error: the zone is also in " + zones.resolve("a.example.zone"))
        .contains("no.zone: error: there is no such file or folder");
    assertThat(stored()).hasSize(2);
  }

  @Test
  void replacingIsGuardedAgainstLosingMostNames() throws Exception {
    write("a.example", 1, 40);
    run(zones.toString());
    write("a.example", 2, 0);

    assertThat(run("--replace", zones.toString())).isEqualTo(1);
    assertThat(err()).contains("would remove 40 of the 42 names").contains("(--force)");
    assertThat(run("--replace", "--force", zones.toString())).isZero();
    assertThat(stored().getFirst().recordCount()).isEqualTo(3);
  }

  @Test
  void dryRunSaysWhatWouldBeRefusedAndWritesNothing() throws Exception {
    assertThat(run("--dry-run", zones.toString())).isZero();
    assertThat(out()).startsWith("would take 2 zones, 2 of them new");
    assertThat(data).doesNotExist();

    run(zones.toString());
    write("c.example", 1, 0);
    out.reset();
    assertThat(run("--dry-run", zones.toString())).isEqualTo(1);
    assertThat(out()).startsWith("would take 1 zones, 1 of them new").contains("2 left out");
    assertThat(stored()).hasSize(2);
  }

  @Test
  void zoneOfAnotherTenantIsNotReplaced() throws Exception {
    run("--tenant", "acme/shop", zones.toString());

    assertThat(run("--tenant", "bolt/shop", "--replace", zones.toString())).isEqualTo(1);

    assertThat(err()).contains("the zone a.example. belongs to acme/shop: it is not replaced");
    assertThat(stored()).hasSize(2);
  }

  @Test
  void storeThatIsOpenElsewhereIsOneSentence() throws Exception {
    try (EmbeddedStore _ = EmbeddedStore.open(data.resolve("store"), StoreConfig.defaults())) {
      assertThat(run(zones.toString())).isEqualTo(1);
    }
    assertThat(err().lines()).singleElement().asString().startsWith("flashdns: ");
  }

  @Test
  void whatWasImportedIsServedByTheNextStartAndTheRunningServerKeepsImportsOut() throws Exception {
    assertThat(run(zones.toString())).isZero();
    Path empty = Files.createDirectory(folder.resolve("empty"));
    ServerProcess server =
        ServerProcess.start(
            folder,
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--zones",
            empty.toString(),
            "--data",
            data.toString());
    try (DnsClient client = new DnsClient(server.awaitReady())) {
      assertThat(client.ask("ns1.a.example", DnsClient.A).lastOctet()).isEqualTo(53);
      write("c.example", 1, 0);

      ServerProcess second =
          ServerProcess.start(folder, "import", "--data", data.toString(), zones.toString());

      assertThat(second.awaitEnd()).isEqualTo(1);
      assertThat(second.err())
          .filteredOn(line -> !line.startsWith("WARNING"))
          .singleElement()
          .asString()
          .startsWith("flashdns: ");
    } finally {
      server.kill();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "import                             | Missing required parameter",
        "import --tenant acme x.zone        | must be ORGANISATION/PROJECT",
        "import --view a/b x.zone           | a view's name has letters",
        "import --replce x.zone             | Unknown option",
      })
  void wrongUseIsStatusTwo(String line, String sentence) {
    assertThat(execute(line.split(" "))).isEqualTo(2);
    assertThat(err()).contains(sentence).contains("--help'.");
  }

  private List<StoredZone> stored() throws StoreException {
    try (EmbeddedStore store = EmbeddedStore.open(data.resolve("store"), StoreConfig.defaults());
        StoreSnapshot snapshot = store.snapshot()) {
      List<StoredZone> zones = new ArrayList<>(snapshot.zones(0, 100));
      zones.sort(java.util.Comparator.comparing((StoredZone zone) -> zone.settings().key().apex()));
      return zones;
    }
  }

  private int run(String... arguments) {
    List<String> line = new ArrayList<>(List.of("import", "--data", data.toString()));
    line.addAll(List.of(arguments));
    return execute(line.toArray(String[]::new));
  }

  private int execute(String... line) {
    return RootCommand.commandLine(new Terminal(stream(out), stream(err), false)).execute(line);
  }

  private void write(String apex, int serial, int more) throws IOException {
    Files.writeString(zones.resolve(apex + ".zone"), zone(serial, more));
  }

  private static String zone(int serial, int more) {
    StringBuilder text =
        new StringBuilder(
            """
            $TTL 300
            @ SOA ns1 hostmaster %d 3600 600 86400 300
            @ NS ns1
            ns1 A 192.0.2.53
            """
                .formatted(serial));
    for (int i = 0; i < more; i++) {
      text.append("h").append(i).append(" A 192.0.2.1\n");
    }
    return text.toString();
  }

  private static PrintStream stream(ByteArrayOutputStream target) {
    return new PrintStream(target, true, StandardCharsets.UTF_8);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
