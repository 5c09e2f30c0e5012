package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneChange;
import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.CatalogEntry;
import io.flashdns.core.zone.ColdZone;
import io.flashdns.core.zone.Views;
import io.flashdns.core.zone.Zone;
import io.flashdns.core.zone.ZoneImageBuilder;
import io.flashdns.core.zone.ZoneSource;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code flashdns fsck}, {@code backup} and {@code restore}. */
class FsckCommandTest {
  private static final int ZONES = 30;

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private Path data;
  private Path zones;

  @BeforeEach
  void importZones() throws IOException {
    data = folder.resolve("data");
    zones = Files.createDirectory(folder.resolve("zones"));
    for (int i = 0; i < ZONES; i++) {
      Files.writeString(zones.resolve("z%02d.example.zone".formatted(i)), zone(i));
    }
    assertThat(run("import", zones.toString())).isZero();
    out.reset();
  }

  @Test
  void soundStoreAndImagesAreStatusZero() {
    assertThat(run("fsck")).isZero();

    assertThat(out())
        .containsPattern("(?m)^store      revision \\d+, 30 zones, sound$")
        .contains("images     30 compared, sound\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void flippedBitInAnImageIsFoundAndRepaired() throws Exception {
    Path pack = pack();
    flip(pack, Files.size(pack) / 2);

    assertThat(run("fsck")).isEqualTo(1);
    assertThat(err()).contains("error: image of zone z");
    assertThat(out()).contains("29 compared, 1 problems").contains("fsck --repair");

    out.reset();
    assertThat(run("fsck", "--repair")).isZero();
    assertThat(out()).contains("repaired   30 images and the catalog are made anew");
    out.reset();
    assertThat(run("fsck")).isZero();
    assertThat(out()).contains("30 compared, sound");
  }

  @Test
  void damagedOrMissingCatalogIsFoundAndRepaired() throws Exception {
    Path catalog = data.resolve("images/catalog.img");
    flip(catalog, Files.size(catalog) / 2);

    assertThat(run("fsck")).isEqualTo(1);
    assertThat(err()).contains("catalog.img is not used");
    assertThat(run("fsck", "--repair")).isZero();
    out.reset();
    assertThat(run("fsck")).isZero();
    assertThat(out()).contains("30 compared, sound");

    Files.delete(catalog);
    out.reset();
    assertThat(run("fsck")).isZero();
    assertThat(out()).contains("images     no catalog is saved: the next start makes them");
  }

  @Test
  void imageThatIsWholeButSaysSomethingElseIsFound() throws Exception {
    change(
        (catalog, files) -> {
          ColdZone cold = (ColdZone) catalog.entry(Views.PUBLIC, DomainName.parse("z07.example"));
          ZoneImageBuilder builder = new ZoneImageBuilder(catalog.hash()).revision(cold.revision());
          soaAndNs(builder, "z07.example");
          Zone wrong = builder.build(_ -> {});
          assertThat(wrong).isNotNull();
          return catalog.edit().put(files.append(placedLike(wrong, cold))).done();
        });

    assertThat(run("fsck")).isEqualTo(1);

    assertThat(err())
        .isEqualTo("error: the image of zone z07.example. is not what the store says\n");
  }

  @Test
  void catalogThatLacksAZoneOrHasOneTooManyIsFound() throws Exception {
    change(
        (catalog, files) -> {
          ZoneImageBuilder builder = new ZoneImageBuilder(catalog.hash()).revision(1);
          soaAndNs(builder, "stranger.example");
          Zone stranger = builder.build(_ -> {});
          assertThat(stranger).isNotNull();
          return catalog
              .edit()
              .remove(Views.PUBLIC, DomainName.parse("z03.example"))
              .put(files.append(stranger))
              .done();
        });

    assertThat(run("fsck")).isEqualTo(1);

    assertThat(err().lines())
        .containsExactlyInAnyOrder(
            "error: zone z03.example. is not in the catalog",
            "error: the catalog has a zone stranger.example. that the store does not have");
  }

  @Test
  void changeAfterTheCatalogWasSavedIsNoDamage() throws Exception {
    try (EmbeddedStore store = EmbeddedStore.open(data.resolve("store"), StoreConfig.defaults())) {
      List<StoredZone> all;
      try (StoreSnapshot snapshot = store.snapshot()) {
        all = snapshot.zones(0, 100);
      }
      store.commit(
          ChangeSet.of("test", new ZoneChange.Delete(all.get(0).id(), ZoneChange.ANY_REVISION)));
      var settings = all.get(1).settings().withSuspended(true);
      store.commit(
          ChangeSet.of(
              "test",
              new ZoneChange.Configure(all.get(1).id(), settings, ZoneChange.ANY_REVISION)));
    }

    assertThat(run("fsck")).as("%s", err()).isZero();
  }

  @Test
  void damagedStoreIsFoundAndNotRepaired() throws Exception {
    Path file = data.resolve("store/flashdns.db");
    assertThat(Files.size(file)).isGreaterThan(40_000);
    for (long at = 8_192; at < Files.size(file); at += 512) {
      flip(file, at + 300);
    }

    assertThat(run("fsck", "--repair")).isEqualTo(1);

    assertThat(err()).contains("error: ");
    assertThat(out()).contains("remedy     restore a backup").doesNotContain("repaired");
  }

  @Test
  void folderWithoutStoreAndStoreOfARunningServerAreStatusTwo() throws Exception {
    assertThat(execute("fsck", "--data", folder.resolve("no").toString())).isEqualTo(2);
    assertThat(err()).contains("there is no store in");
    err.reset();
    try (EmbeddedStore _ = EmbeddedStore.open(data.resolve("store"), StoreConfig.defaults())) {
      assertThat(run("fsck")).isEqualTo(2);
    }
    assertThat(err().lines()).singleElement().asString().startsWith("flashdns: ");
  }

  @Test
  void backupIsTakenBesideARunningServerAndRestoredIntoAnotherFolder() throws Exception {
    Path file = folder.resolve("zones.backup");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    String[] serve = {
      "serve", "--listen", "127.0.0.1:0", "--zones", empty.toString(), "--data", data.toString()
    };
    ServerProcess server = ServerProcess.start(folder, serve);
    try {
      server.awaitReady();
      assertThat(run("backup", file.toString())).as("%s", err()).isZero();
      assertThat(out())
          .containsPattern("^backed up revision \\d+ into " + file + ", [\\d,]+ octets");
      assertThat(run("restore", "--replace", file.toString())).isEqualTo(1);
      assertThat(err().lines()).singleElement().asString().startsWith("flashdns: ");
    } finally {
      server.kill();
    }
    assertThat(run("backup", file.toString())).isEqualTo(1);
    assertThat(err()).contains("is there already");

    Path other = folder.resolve("other");
    assertThat(execute("restore", "--data", other.toString(), file.toString())).isZero();
    assertThat(zonesIn(other)).isEqualTo(ZONES);
    err.reset();
    assertThat(execute("restore", "--data", other.toString(), file.toString())).isEqualTo(1);
    assertThat(err()).contains("--replace");
  }

  @Test
  void restoreOfAnOlderStateServesThatState() throws Exception {
    Path file = folder.resolve("zones.backup");
    assertThat(run("backup", file.toString())).isZero();
    Files.writeString(zones.resolve("z00.example.zone"), zone(200));
    Files.writeString(zones.resolve("new.example.zone"), zone(1));
    run("import", "--replace", zones.toString());
    assertThat(zonesIn(data)).isEqualTo(ZONES + 1);

    assertThat(run("restore", "--replace", file.toString())).isZero();

    assertThat(zonesIn(data)).isEqualTo(ZONES);
    assertThat(run("fsck")).isZero();
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
      assertThat(client.ask("www.z00.example", DnsClient.A).lastOctet()).isZero();
      assertThat(client.ask("www.new.example", DnsClient.A).rcode()).isEqualTo(5);
    } finally {
      server.kill();
    }
  }

  @Test
  void damagedBackupIsRefusedAndTheStoreStays() throws Exception {
    Path file = folder.resolve("zones.backup");
    assertThat(run("backup", file.toString())).isZero();
    for (long at = 8_192; at < Files.size(file); at += 512) {
      flip(file, at + 300);
    }

    assertThat(run("restore", "--replace", file.toString())).isEqualTo(1);

    assertThat(err()).contains("is damaged");
    assertThat(zonesIn(data)).isEqualTo(ZONES);
    assertThat(run("fsck")).isZero();
  }

  /** Changes a saved catalog. */
  private interface Edit {
    Catalog edited(Catalog catalog, ImageFiles files) throws IOException;
  }

  private void change(Edit edit) throws Exception {
    NameHash hash = new NameHash(new DataFolder(data, new SecureRandom()).seed());
    Views views = new Views();
    try (ImageFiles files =
        ImageFiles.open(data.resolve("images"), hash, problem -> assertThat(problem).isEmpty())) {
      ImageFiles.Loaded loaded = files.load(views, tenant -> tenant, ZoneSource.NONE);
      assertThat(loaded).isNotNull();
      files.save(edit.edited(loaded.catalog(), files), views, loaded.revision());
    }
  }

  private static Zone placedLike(Zone zone, CatalogEntry entry) {
    return zone.placed(entry.number(), entry.view(), io.flashdns.core.zone.Tenant.NOBODY, false);
  }

  private static void soaAndNs(ZoneImageBuilder builder, String apex) {
    byte[] name = DomainName.parse(apex).wire();
    byte[] host = DomainName.parse("ns.elsewhere.example").wire();
    byte[] soa = new byte[2 * host.length + 20];
    System.arraycopy(host, 0, soa, 0, host.length);
    System.arraycopy(host, 0, soa, host.length, host.length);
    soa[2 * host.length + 3] = 1;
    builder.add(name, 0, name.length, 6, 300, soa, 0, soa.length, 0);
    builder.add(name, 0, name.length, 2, 300, host, 0, host.length, 1);
  }

  private static long zonesIn(Path data) throws Exception {
    try (EmbeddedStore store = EmbeddedStore.open(data.resolve("store"), StoreConfig.defaults())) {
      return store.state().zones();
    }
  }

  private Path pack() throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("images"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("pack-"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(at);
      int octet = access.read();
      access.seek(at);
      access.write(octet ^ 4);
    }
  }

  private int run(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of(command, "--data", data.toString()));
    line.addAll(List.of(arguments));
    return execute(line.toArray(String[]::new));
  }

  private int execute(String... line) {
    return RootCommand.commandLine(new Terminal(stream(out), stream(err), false)).execute(line);
  }

  private static String zone(int version) {
    return """
        $TTL 300
        @ SOA ns1 hostmaster %d 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.53
        www A 192.0.2.%d
        """
        .formatted(version + 1, version);
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
