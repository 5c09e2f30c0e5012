package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.NameHash;
import io.flashdns.core.engine.Engine;
import io.flashdns.core.engine.Metric;
import io.flashdns.core.engine.PluginBinding;
import io.flashdns.core.store.ChangeSet;
import io.flashdns.core.store.CommitResult;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Effects;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.StoreSnapshot;
import io.flashdns.core.store.ZoneStore;
import io.flashdns.management.message.CallException;
import io.flashdns.management.message.Violations;
import io.flashdns.management.store.EmbeddedStore;
import io.flashdns.management.store.StoreConfig;
import io.flashdns.management.tenancy.Documents;
import io.flashdns.management.tenancy.Keys;
import io.flashdns.plugins.acl.AclPluginConfig;
import io.flashdns.plugins.ratelimit.RateLimitPluginConfig;
import io.flashdns.proto.v1.Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file's configuration with the store's sections laid over it. */
class ConfigInForceTest {
  @TempDir private Path folder;
  private ZoneStore store;
  private ServerConfig file;
  private Engine engine;
  private ConfigInForce inForce;

  @BeforeEach
  void open() throws Exception {
    store = EmbeddedStore.inMemory(StoreConfig.defaults());
    file = read("plugins: [ratelimit: {rate: 100}, acl, zone]\n");
    engine = new Engine(file.engine(new NameHash(42)), file.plugins().bindings());
    engine.start();
    inForce = new ConfigInForce(file, engine, Optional.of(folder));
  }

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  private ServerConfig read(String yaml) throws Exception {
    Path path = Files.writeString(folder.resolve("flashdns.yaml"), yaml);
    return ServerOptions.readFile(path, problem -> Assertions.fail(problem.format()));
  }

  private static CommitResult write(ZoneStore store, DocumentEdit edit) throws Exception {
    return store.commit(
        new ChangeSet(
            "",
            "test",
            "",
            "",
            false,
            List.of(),
            (_, _, _) -> new Effects(List.of(edit), List.of(), Octets.EMPTY)));
  }

  private static DocumentEdit put(String section, String yaml) {
    return Documents.put(
        Keys.settings(section),
        Settings.newBuilder().setSection(section).setYaml(yaml).setUpdater("token:ann").build());
  }

  private static DocumentEdit garbage(String section) {
    return DocumentEdit.put(
        Keys.settings(section), Octets.of("\u0007\u0001?".getBytes(StandardCharsets.UTF_8)));
  }

  /** Has the store changed, and this taken. */
  private void take(DocumentEdit... edits) throws Exception {
    for (DocumentEdit edit : edits) {
      var _ = write(store, edit);
    }
    try (StoreSnapshot snapshot = store.snapshot()) {
      inForce.take(snapshot);
    }
  }

  private static <C extends Record> @Nullable C config(ConfigInForce of, Class<C> type) {
    for (PluginBinding<?> binding : of.pipeline().bindings()) {
      if (type.isInstance(binding.config())) {
        return type.cast(binding.config());
      }
    }
    return null;
  }

  private int rate() {
    return config(inForce, RateLimitPluginConfig.class).rate();
  }

  private double metric(String name) {
    for (Metric metric : inForce.metrics()) {
      if (metric.name().equals(name)) {
        return metric.samples().getFirst().value();
      }
    }
    throw new AssertionError(name);
  }

  private void assertRefused(int count) {
    assertThat(metric("flashdns_settings_refused")).isEqualTo(count);
  }

  @Test
  void sectionOfTheStoreTakesThePlaceOfTheFilesAsAWhole() throws Exception {
    file = read("plugins: [ratelimit: {rate: 100, slip: 7}, acl, zone]\n");
    assertThat(inForce.takeFile(file)).isTrue();

    take(put("ratelimit", "rate: 20\n"));

    RateLimitPluginConfig now = config(inForce, RateLimitPluginConfig.class);
    assertThat(now.rate()).isEqualTo(20);
    assertThat(now.slip()).isEqualTo(RateLimitPluginConfig.defaults().slip());
    assertThat(inForce.pipeline().names()).containsExactly("ratelimit", "acl", "zone");
    assertThat(inForce.shared()).containsExactly("ratelimit");
    assertThat(metric("flashdns_settings_shared")).isEqualTo(1);
    assertThat(inForce.lines()).singleElement().asString().contains("ratelimit", "token:ann");
  }

  @Test
  void twoSectionsComeAndGoOnTheirOwn() throws Exception {
    take(put("ratelimit", "rate: 20"), put("acl", "otherwise: refuse"));
    assertThat(inForce.shared()).containsExactly("acl", "ratelimit");
    assertThat(config(inForce, AclPluginConfig.class).otherwise().name()).isEqualTo("REFUSE");

    take(DocumentEdit.remove(Keys.settings("acl")));

    assertThat(config(inForce, AclPluginConfig.class)).isEqualTo(AclPluginConfig.defaults());
    assertThat(rate()).isEqualTo(20);
    take(DocumentEdit.remove(Keys.settings("ratelimit")));
    assertThat(inForce.pipeline()).isEqualTo(file.plugins());
    assertThat(inForce.lines()).isEmpty();
  }

  @Test
  void anotherFileKeepsTheStoresSectionAndCountsAgainWithoutIt() throws Exception {
    take(put("ratelimit", "rate: 20"));

    boolean changed =
        inForce.takeFile(read("plugins: [ratelimit: {rate: 200}, acl, zone]\nworkers: 7\n"));

    assertThat(changed).as("the same goes on").isFalse();
    assertThat(rate()).isEqualTo(20);
    assertThat(inForce.file().workers()).as("needs a restart").isEqualTo(file.workers());
    take(DocumentEdit.remove(Keys.settings("ratelimit")));
    assertThat(rate()).isEqualTo(200);
  }

  @Test
  void sectionThatCannotBeTakenLeavesWhatWasInForce() throws Exception {
    take(put("ratelimit", "rate: 20"));
    for (DocumentEdit bad :
        List.of(
            garbage("ratelimit"),
            put("ratelimit", "rate: 20\nnew-key-of-a-later-version: 1"),
            put("ratelimit", "rate: [not"))) {
      take(bad);
      assertThat(rate()).isEqualTo(20);
      assertRefused(1);
      assertThat(inForce.lines())
          .anyMatch(line -> line.startsWith("warning    the section ratelimit"));
    }
    take(put("ratelimit", "rate: 30"));
    assertThat(rate()).isEqualTo(30);
    assertRefused(0);
  }

  @Test
  void damagedSectionLeavesTheFilesAtAStartAndOthersAreTaken() throws Exception {
    take(garbage("ratelimit"), put("acl", "otherwise: drop"));

    assertThat(rate()).isEqualTo(100);
    assertThat(inForce.shared()).containsExactly("acl");
    assertRefused(1);
    take(DocumentEdit.remove(Keys.settings("ratelimit")));
    assertRefused(0);
  }

  @Test
  void sectionOfALaterVersionIsLeftAlone() throws Exception {
    take(put("querylog", "anything: 1"), put("ratelimit", "rate: 20"));
    assertThat(rate()).isEqualTo(20);
    assertRefused(1);
    assertThat(inForce.lines().getLast()).contains("querylog", "version");
  }

  @Test
  void sectionIsTakenWhenTheFileNamesItsPlugin() throws Exception {
    var _ = inForce.takeFile(read("plugins: [ratelimit, zone]\n"));
    take(put("acl", "otherwise: refuse"));
    assertThat(inForce.pipeline().names()).containsExactly("ratelimit", "zone");
    assertThat(inForce.isConfigured("acl")).isFalse();
    assertRefused(1);

    assertThat(inForce.takeFile(read("plugins: [acl, ratelimit, zone]\n"))).isTrue();

    assertThat(config(inForce, AclPluginConfig.class).otherwise().name()).isEqualTo("REFUSE");
    assertRefused(0);
    var _ = inForce.takeFile(read("plugins: [ratelimit, zone]\n"));
    assertThat(inForce.pipeline().names()).containsExactly("ratelimit", "zone");
    assertRefused(1);
  }

  @Test
  void whatIsInForceIsNotedForCheck() throws Exception {
    Files.writeString(folder.resolve(SettingsNote.FILE), "acl:\n  of: an earlier run\n");
    take();
    assertThat(SettingsNote.names(folder)).isEmpty();

    take(put("ratelimit", "# on call\nrate: 20\nwhitelist:\n- 192.0.2.0/24\n"));

    assertThat(SettingsNote.names(folder)).containsExactly("ratelimit");
    assertThat(folder.resolve(SettingsNote.FILE)).content().contains("  - 192.0.2.0/24\n");
    var _ = inForce.takeFile(read("plugins: [zone]\n"));
    assertThat(SettingsNote.names(folder)).isEmpty();
    var _ = inForce.takeFile(file);
    assertThat(SettingsNote.names(folder)).containsExactly("ratelimit");
    take(DocumentEdit.remove(Keys.settings("ratelimit")));
    assertThat(folder.resolve(SettingsNote.FILE)).doesNotExist();
  }

  @Test
  void textIsRefusedAsCheckRefusesAFile() {
    assertThat(said("ratelimit", "rat: 5"))
        .contains("line 1, column 1: plugins.ratelimit.rat: unknown key");
    assertThat(said("ratelimit", "slip: 1\nrate: 6000"))
        .contains("line 2, column 7: plugins.ratelimit.rate: must be 0 to 5000, not 6000");
    assertThat(said("ratelimit", "ratelimit:\n  rate: 5")).contains("without that line");
    assertThat(said("ratelimit", "rate: 5\nrate: 6")).contains("line 2", "twice");
    assertThat(said("ratelimit", "- rate")).contains("keys with values");
    assertThat(said("ratelimit", "a: *x")).contains("alias");
    assertThat(said("acl", "rules: [{action: deny}]")).contains("allow, refuse, drop");
    assertThat(said("acl", "rules: [{action: refuse, types: [NOPE]}]")).contains("NOPE");
    assertThat(said("ratelimit", "{}")).isEmpty();
    assertThat(said("acl", "rules: [{action: drop, networks: [192.0.2.0/24]}]")).isEmpty();
  }

  private String said(String section, String yaml) {
    Violations violations = new Violations();
    inForce.check(section, yaml, "yaml", violations);
    try {
      violations.throwIfAny();
      return "";
    } catch (CallException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void everySectionThatMayBeSharedIsABuiltInPluginWithDefaults() {
    for (String name : SectionText.NAMES) {
      assertThat(SectionText.bind(name, "{}", problem -> Assertions.fail(problem.format())))
          .isNotNull();
    }
  }

  @Test
  void revisionCountsAsServedWhenItsSettingsAreTaken() throws Exception {
    try (StoredZones zones = StoredZones.open(folder.resolve("zones"))) {
      CountDownLatch taken = new CountDownLatch(1);
      CountDownLatch begun = new CountDownLatch(2);
      zones
          .service()
          .applier()
          .settings(
              view -> {
                begun.countDown();
                if (view.document(Keys.settings("ratelimit")) != null) {
                  try {
                    taken.await();
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                }
              });
      long revision = write(zones.service().store(), put("ratelimit", "rate: 20")).revision();
      begun.await();
      assertThat(zones.service().appliedRevision()).isLessThan(revision);

      taken.countDown();

      assertThat(zones.service().catchUp(revision, Duration.ofSeconds(30))).isTrue();
      long other = write(zones.service().store(), DocumentEdit.remove("other")).revision();
      assertThat(zones.service().catchUp(other, Duration.ofSeconds(30))).isTrue();
    }
  }
}
