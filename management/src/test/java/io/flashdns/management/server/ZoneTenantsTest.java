package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Zone;
import io.flashdns.management.operations.Health;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tenants from folders and {@code tenants.yaml}. */
class ZoneTenantsTest {
  private static final ZonesConfig WITH_TENANTS =
      new ZonesConfig(Optional.empty(), true, false, 5, 65_536, 65_536, 256L << 20, 1_000);

  private static final Terminal TERMINAL =
      new Terminal(
          new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
          new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
          false);

  @TempDir private Path path;
  private FolderRig rig;
  private ZonesConfig config = WITH_TENANTS;
  private Instant time = Instant.parse("2026-01-01T00:00:00Z");

  @BeforeEach
  void make() throws Exception {
    rig = new FolderRig();
  }

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void foldersSayWhoseZoneItIsAndInWhichView() throws Exception {
    write("a.example.zone");
    write("acme/shop/b.example.zone");
    write("acme/shop/inside/b.example.zone");
    write("acme/mail/c.example.zone");
    write("bolt/shop/inside2/b.example.zone");

    FolderRig.Seen load = load();

    assertThat(load.problems()).isEmpty();
    assertThat(load.zones().stream().map(zone -> told(load, zone)))
        .containsExactly(
            "a.example. public nobody",
            "b.example. public acme/shop",
            "b.example. inside acme/shop",
            "b.example. inside2 bolt/shop",
            "c.example. public acme/mail");
    assertThat(load.zones()).extracting(Zone::number).doesNotHaveDuplicates().doesNotContain(0);
    assertThat(load.tenants()).extracting(Tenant::number).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(load.catalog().tenant(0)).isEqualTo(Tenant.NOBODY);
  }

  @Test
  void withoutTheKeyFoldersAreNotReadAndAFileOfTenantsIsAWarning() throws Exception {
    config = ZonesConfig.defaults();
    write("a.example.zone");
    write("acme/shop/b.example.zone");
    Files.writeString(path.resolve("tenants.yaml"), "nonsense: true");

    FolderRig.Seen load = load();

    assertThat(load.zones()).hasSize(1);
    assertThat(formatted(load))
        .containsExactly(
            path.resolve("tenants.yaml")
                + ": warning: is not read: set zones.tenants to true, or remove the file");
    assertThat(load.zones().getFirst().number()).isEqualTo(1);
  }

  @Test
  void filesThatLieTooHighOrTooDeepAreWarningsWithTheRemedy() throws Exception {
    write("acme/a.example.zone");
    write("acme/shop/inside/deeper/b.example.zone");
    write("acme/shop/.hidden/c.example.zone");
    Files.createDirectories(path.resolve("acme/shop/d.example.zone"));

    FolderRig.Seen load = load();

    assertThat(load.zones()).isEmpty();
    assertThat(formatted(load))
        .containsExactlyInAnyOrder(
            path.resolve("acme/a.example.zone")
                + ": warning: lies in the folder of an organisation and is not read: move it into"
                + " that of a project, or beside the organisations",
            path.resolve("acme/shop/inside/deeper/b.example.zone")
                + ": warning: lies too deep and is not read: zone files lie in"
                + " ORGANISATION/PROJECT or in ORGANISATION/PROJECT/VIEW",
            path.resolve("acme/shop/d.example.zone")
                + ": warning: is no regular file and is not read");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ac me",
        "acmé",
        "a:b",
        "0123456789012345678901234567890123456789012345678901234567890123"
      })
  void folderOfAnotherNameIsRefused(String name) throws Exception {
    write(name + "/shop/a.example.zone");
    write("acme/" + name + "/a.example.zone");
    write("acme/shop/" + name + "/a.example.zone");

    FolderRig.Seen load = load();

    assertThat(load.zones()).isEmpty();
    assertThat(load.problems())
        .hasSize(3)
        .allSatisfy(
            problem -> {
              assertThat(problem.isError()).isTrue();
              assertThat(problem.reason()).startsWith("the name of a folder of zones has letters");
            });
  }

  @Test
  void viewPublicHasNoFolderOfItsOwn() throws Exception {
    write("acme/shop/public/a.example.zone");

    FolderRig.Seen load = load();

    assertThat(load.zones()).isEmpty();
    assertThat(formatted(load))
        .containsExactly(
            path.resolve("acme/shop/public")
                + ": error: public zones lie in the folder of their project: move its files up to "
                + path.resolve("acme/shop"));
  }

  @Test
  void secondZoneOfAViewWithTheSameNameIsAnErrorThatNamesBoth() throws Exception {
    write("acme/shop/inside/a.example.zone");
    write("bolt/shop/inside/a.example.zone");

    FolderRig.Seen load = load();

    assertThat(load.zones().stream().map(zone -> told(load, zone)))
        .containsExactly("a.example. inside acme/shop");
    assertThat(formatted(load))
        .containsExactly(
            path.resolve("bolt/shop/inside/a.example.zone")
                + ": error: the zone a.example. is also in "
                + path.resolve("acme/shop/inside/a.example.zone")
                + ", which is served: remove one of the two files");
  }

  @Test
  void zoneBelowAnotherTenantsZoneIsAWarning() throws Exception {
    write("operator.example.zone");
    write("acme/shop/a.operator.example.zone");
    write("acme/shop/b.a.operator.example.zone");
    write("acme/mail/c.a.operator.example.zone");
    write("bolt/shop/inside/d.a.operator.example.zone");

    FolderRig.Seen load = load();

    assertThat(load.zones()).hasSize(5);
    assertThat(formatted(load))
        .containsExactly(
            path.resolve("acme/mail/c.a.operator.example.zone")
                + ": warning: the zone c.a.operator.example. of acme/mail takes its names out of"
                + " the zone a.operator.example. of acme/shop: see that its owner agrees");
  }

  @Test
  void tenantsFileSuspendsAndSetsBudgets() throws Exception {
    for (String tenant : List.of("acme/shop", "acme/mail", "bolt/shop")) {
      write(tenant + "/" + tenant.replace('/', '.') + ".example.zone");
    }
    write("acme/shop/bad.example.zone");
    write("acme/shop/inside/bad.example.zone");
    tenants(
        """
        organisations:
          - {organisation: bolt, suspended: true}
        tenants:
          - {tenant: acme/shop, queries-per-second: 5000}
          - {tenant: acme/mail, suspended: true, queries-per-second: 7}
        zones:
          - {zone: BAD.example, tenant: acme/shop, suspended: true}
        """);

    FolderRig.Seen load = load();

    assertThat(load.problems()).isEmpty();
    assertThat(load.tenants())
        .extracting(t -> t + " " + t.suspended() + " " + t.queriesPerSecond())
        .containsExactlyInAnyOrder("acme/shop false 5000", "acme/mail true 7", "bolt/shop true 0");
    assertThat(load.zones())
        .filteredOn(Zone::isSuspended)
        .extracting(zone -> told(load, zone) + " " + zone.isOwnerSuspended())
        .containsExactlyInAnyOrder(
            "bad.example. public acme/shop false",
            "acme.mail.example. public acme/mail true",
            "bolt.shop.example. public bolt/shop true");
  }

  @Test
  void entriesThatMeanNobodyAreWarningsWithTheNearestName() throws Exception {
    write("acme/shop/a.example.zone");
    write("b.example.zone");
    tenants(
        """
        organisations:
          - {organisation: acne, suspended: true}
        tenants:
          - {tenant: acme/shpo, suspended: true}
          - {tenant: quite/elsewhere, suspended: true}
        zones:
          - {zone: a.exampel, suspended: true}
          - {zone: a.example, view: inside, suspended: true}
          - {zone: b.example, tenant: acme/shop, suspended: true}
        """);

    FolderRig.Seen load = load();

    assertThat(load.hasErrors()).isFalse();
    assertThat(load.zones()).noneMatch(Zone::isSuspended);
    assertThat(load.problems())
        .extracting(problem -> problem.line() + ":" + problem.column() + " " + problem.reason())
        .containsExactlyInAnyOrder(
            "2:20 there is no organisation 'acne': the entry has no effect; did you mean 'acme'?",
            "4:14 there is no tenant 'acme/shpo': the entry has no effect; did you mean"
                + " 'acme/shop'?",
            "5:14 there is no tenant 'quite/elsewhere': the entry has no effect",
            "7:12 there is no zone in the view public 'a.exampel': the entry has no effect; did"
                + " you mean 'a.example.'?",
            "8:12 there is no zone in the view inside 'a.example': the entry has no effect; did"
                + " you mean 'a.example.'?",
            "9:12 the zone 'b.example' belongs to nobody, not to acme/shop: the entry has no"
                + " effect");
  }

  @Test
  void tenantWhoseZonesAreAllBrokenIsNoMisspeltOne() throws Exception {
    Files.writeString(write("acme/shop/a.example.zone"), "nonsense");
    tenants("tenants:\n  - {tenant: acme/shop, suspended: true}\n");

    assertThat(load().problems())
        .singleElement()
        .satisfies(problem -> assertThat(problem.file()).endsWith("a.example.zone"));
  }

  @Test
  void brokenTenantsFilePublishesNothing() throws Exception {
    write("acme/shop/a.example.zone");
    tenants("tenants:\n  - {tenant: acme/shop, suspendet: true}\n");

    FolderRig.Seen load = load();

    assertThat(load.tenantsAreBroken()).isTrue();
    assertThat(load.folderWasRead()).isFalse();
    assertThat(load.catalog().size()).isZero();
    assertThat(formatted(load))
        .singleElement()
        .satisfies(
            said ->
                assertThat(said)
                    .startsWith(path.resolve("tenants.yaml") + ":2:25: error: ")
                    .contains("unknown key, did you mean 'suspended'?"));
  }

  @Test
  void errorsOfTheTenantsFileHaveTheirPlaces() throws Exception {
    tenants(
        """
        tenants:
          - {tenant: acme, suspended: true}
          - {suspended: true}
          - {tenant: a/b, queries-per-second: 10000001}
          - {tenant: c/d, suspended: perhaps}
          - {tenant: e/f}
          - {tenant: e/f}
        zones:
          - {zone: a..example}
        """);

    FolderRig.Seen load = load();

    assertThat(load.tenantsAreBroken()).isTrue();
    assertThat(load.problems())
        .extracting(problem -> problem.line() + ":" + problem.column() + " " + problem.reason())
        .contains(
            "2:14 must be ORGANISATION/PROJECT, as the folders are called, not 'acme'",
            "3:5 is missing and has no default",
            "4:39 must be 0 to 10000000, not 10000001",
            "5:30 'perhaps' must be true or false")
        .anyMatch(said -> said.startsWith("9:12 is no name of a zone: "));

    tenants("tenants:\n  - {tenant: e/f}\n  - {tenant: e/f}\n");
    assertThat(load().problems())
        .extracting(problem -> problem.line() + ":" + problem.column() + " " + problem.reason())
        .contains("3:14 'e/f' has an entry already in line 2");
  }

  @Test
  void serverDoesNotStartWithABrokenTenantsFile() throws Exception {
    write("acme/shop/a.example.zone");
    tenants("tenants: nonsense\n");
    Path file = path.resolveSibling(path.getFileName() + ".yaml");
    Files.writeString(file, "zones:\n  folder: " + path + "\n  tenants: true\n");
    try {
      ServerConfig serverConfig = ServerOptions.readFile(file, problem -> fail(problem.format()));
      Startup startup = new Startup(new ServerOptions(), TERMINAL);

      assertThatThrownBy(
              () -> startup.serveStored(rig.service(), rig.folder(), serverConfig, _ -> {}))
          .isInstanceOfSatisfying(
              StartException.class,
              e -> assertThat(e.reason()).startsWith("tenants.yaml has errors"));
      tenants("");
      Health health = serverConfig.health();
      assertThat(startup.zoneFiles(rig.service(), rig.folder(), serverConfig, false, health))
          .hasValueSatisfying(load -> assertThat(load.added()).isEqualTo(1));
      assertThat(rig.service().catalog().size()).isEqualTo(1);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void checkTellsOfTenantsAndTheirProblems() throws Exception {
    write("acme/shop/a.example.zone");
    write("acme/mail/b.example.zone");
    tenants("tenants:\n  - {tenant: acme/shop, suspended: true}\n  - {tenant: acme/mial}\n");
    Path file = path.resolveSibling(path.getFileName() + ".yaml");
    Files.writeString(file, "zones:\n  folder: " + path + "\n  tenants: true\n");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    try {
      int status =
          RootCommand.commandLine(new Terminal(stream, stream, false))
              .execute("check", "--config", file.toString());

      assertThat(out.toString(StandardCharsets.UTF_8))
          .contains(
              path.resolve("tenants.yaml")
                  + ":3:14: warning: there is no tenant 'acme/mial': the entry has no effect; did"
                  + " you mean 'acme/mail'?")
          .contains("zones      2 with 6 records in 2 files")
          .contains("tenants    2, of which 1 suspended");
      assertThat(status).isZero();
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void reloadWithABrokenTenantsFileLeavesEverythingAsItWas() throws Exception {
    write("acme/shop/a.example.zone");
    write("bolt/shop/b.example.zone");
    tenants("tenants:\n  - {tenant: acme/shop, suspended: true}\n");
    FolderRig.Seen first = load();
    write("bolt/shop/c.example.zone");
    tenants("tenants:\n  - {tenant: acme/shop, suspended: \n");

    FolderRig.Seen second = load();

    assertThat(second.folderWasRead()).isFalse();
    assertThat(second.hasErrors()).isTrue();
    assertThat(second.catalog()).isSameAs(first.catalog());
    tenants("tenants:\n  - {tenant: acme/shop, suspended: false}\n");
    FolderRig.Seen third = load();
    assertThat(third.zones()).hasSize(3).noneMatch(Zone::isSuspended);
    assertThat(third.changed()).isEqualTo(1);
  }

  @Test
  void tenantsFileThatVanishesLiftsNoSuspension() throws Exception {
    write("acme/shop/a.example.zone");
    tenants("tenants:\n  - {tenant: acme/shop, suspended: true}\n");
    FolderRig.Seen first = load();
    Files.delete(path.resolve("tenants.yaml"));

    FolderRig.Seen second = load();

    assertThat(second.catalog()).isSameAs(first.catalog());
    assertThat(formatted(second))
        .singleElement()
        .satisfies(said -> assertThat(said).contains("error: was there when the zones were read"));
    tenants("");
    assertThat(load().zones()).noneMatch(Zone::isSuspended);
  }

  @Test
  void numbersAreTheSameAsLongAsTheProcessRunsAndNeverAnothers() throws Exception {
    Path a = write("acme/shop/a.example.zone");
    write("bolt/shop/b.example.zone");
    FolderRig.Seen first = load();
    Zone before = zone(first, "a.example");
    int bolt = zone(first, "b.example").tenant();

    Files.delete(a);
    Files.delete(path.resolve("bolt/shop/b.example.zone"));
    write("acme/other/c.example.zone");
    write("bolt/shop/a.example.zone");
    FolderRig.Seen second = load();

    Zone moved = zone(second, "a.example");
    assertThat(moved.number()).isNotEqualTo(before.number());
    assertThat(moved.tenant()).isEqualTo(bolt);
    assertThat(List.of(moved.number(), zone(second, "c.example").number()))
        .containsExactlyInAnyOrder(3, 4);
    assertThat(zone(second, "c.example").tenant()).isEqualTo(3);
    assertThat(second.changed()).isEqualTo(1);

    Files.delete(path.resolve("bolt/shop/a.example.zone"));
    write("acme/shop/a.example.zone");
    FolderRig.Seen third = load();
    assertThat(zone(third, "a.example").number()).isEqualTo(before.number());
    assertThat(zone(third, "a.example").tenant()).isEqualTo(before.tenant());
  }

  @Test
  void changeOfTheTenantsFileAloneIsSeenAndReadsNoZoneAgain() throws Exception {
    write("acme/shop/a.example.zone");
    write("bolt/shop/b.example.zone");
    FolderRig.Seen first = load();
    assertThat(load().catalog()).isSameAs(first.catalog());

    tenants("tenants:\n  - {tenant: acme/shop, queries-per-second: 10}\n");
    FolderRig.Seen second = load();

    assertThat(second.filesRead()).isZero();
    assertThat(second.changed()).isZero();
    assertThat(second.catalog()).isNotSameAs(first.catalog());
    assertThat(second.catalog().tenant(zone(second, "a.example").tenant()).queriesPerSecond())
        .isEqualTo(10);
    assertThat(zone(second, "a.example")).isSameAs(zone(first, "a.example"));

    tenants("organisations:\n  - {organisation: acme, suspended: true}\n");
    FolderRig.Seen third = load();
    assertThat(third.filesRead()).isZero();
    assertThat(third.changed()).isEqualTo(1);
    assertThat(zone(third, "a.example").isOwnerSuspended()).isTrue();
    assertThat(zone(third, "b.example")).isSameAs(zone(first, "b.example"));
  }

  @Test
  void folderThatCannotBeReadKeepsItsZones() throws Exception {
    write("acme/shop/a.example.zone");
    write("bolt/shop/b.example.zone");
    load();
    Path shop = path.resolve("acme/shop");
    Files.setPosixFilePermissions(shop, PosixFilePermissions.fromString("---------"));
    try {
      assumeFalse(Files.isReadable(shop), "the superuser may read all");
      FolderRig.Seen load = load();
      assertThat(load.zones()).hasSize(2);
      assertThat(load.hasErrors()).isTrue();
    } finally {
      Files.setPosixFilePermissions(shop, PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void linkInACircleEnds() throws Exception {
    write("acme/shop/inside/a.example.zone");
    Files.createSymbolicLink(path.resolve("acme/shop/inside/again"), path.resolve("acme"));
    Files.createSymbolicLink(path.resolve("acme/shop/around"), path.resolve("acme"));

    FolderRig.Seen load = load();

    assertThat(load.zones()).hasSize(1);
  }

  private FolderRig.Seen load() throws InterruptedException {
    return rig.load(path, config);
  }

  private String told(FolderRig.Seen load, Zone zone) {
    return "%s %s %s"
        .formatted(
            zone.apex(), rig.views().name(zone.view()), load.catalog().tenant(zone.tenant()));
  }

  private static List<String> formatted(FolderRig.Seen load) {
    return load.problems().stream().map(Problem::format).toList();
  }

  private static Zone zone(FolderRig.Seen load, String apex) {
    return load.zones().stream()
        .filter(zone -> zone.apex().equals(DomainName.parse(apex)))
        .findFirst()
        .orElseThrow();
  }

  private void tenants(String yaml) throws IOException {
    Files.writeString(path.resolve("tenants.yaml"), yaml);
  }

  private Path write(String name) throws IOException {
    Path file = path.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        $TTL 300
        @ SOA ns1 hostmaster 1 3600 600 86400 300
        @ NS ns1
        ns1 A 192.0.2.53
        """);
    time = time.plusSeconds(1);
    Files.setLastModifiedTime(file, FileTime.from(time));
    return file;
  }
}
