package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.core.store.ZoneSettings;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Views;
import io.flashdns.management.server.ConfigNode.Position;
import io.flashdns.management.server.ConfigNode.Section;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code tenants.yaml} in the zone folder: which tenants and zones are suspended, and how
 * many queries are answered for whom.
 *
 * <pre>
 * organisations:
 *   - {organisation: acme, suspended: true}
 * tenants:
 *   - {tenant: acme/shop, suspended: true, queries-per-second: 5000}
 * zones:
 *   - {zone: bad.example, tenant: acme/shop, view: public, suspended: true}
 * </pre>
 *
 * <p>What is not named there is not suspended and has no budget of its own. Immutable once read.
 */
final class TenantsFile {
  /** Its name. */
  static final String NAME = "tenants.yaml";

  /** Enough for some 200,000 entries. */
  private static final int MAX_BYTES = 16 << 20;

  private static final int MAX_QUERIES_PER_SECOND = 10_000_000;

  /** Looking for the nearest name is dear among many; the first misspelt ones get it. */
  private static final int MAX_HINTS = 20;

  private static final int MAX_HINT_NAMES = 100_000;

  private final ConfigFile file;
  private final Map<String, OrganisationEntry> organisations = new HashMap<>();
  private final Map<String, TenantEntry> tenants = new HashMap<>();
  private final Map<ZoneName, ZoneEntry> zones = new HashMap<>();
  private int hints;

  /** A name as it stands in the file. */
  record Word(String text, Position at) {}

  /** What is said of an organisation. */
  record OrganisationEntry(Word organisation, Optional<Boolean> suspended) {
    OrganisationEntry {
      requireName("organisation", organisation.text());
    }
  }

  /** What is said of a tenant. */
  record TenantEntry(Word tenant, Optional<Boolean> suspended, Optional<Integer> queriesPerSecond) {
    TenantEntry {
      requireTenant(tenant.text());
      int most = queriesPerSecond.orElse(0);
      if (most < 0 || most > MAX_QUERIES_PER_SECOND) {
        throw new IllegalArgumentException(
            "queriesPerSecond must be 0 to " + MAX_QUERIES_PER_SECOND + ", not " + most);
      }
    }
  }

  /** What is said of a zone. */
  record ZoneEntry(
      Word zone, Optional<Word> tenant, Optional<Word> view, Optional<Boolean> suspended) {
    ZoneEntry {
      try {
        var _ = DomainName.parse(zone.text());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("zone is no name of a zone: " + e.getMessage(), e);
      }
      tenant.ifPresent(word -> requireTenant(word.text()));
      view.ifPresent(word -> requireName("view", word.text()));
    }

    ZoneName name() {
      return new ZoneName(
          DomainName.parse(zone.text()), view.map(Word::text).orElse(Views.PUBLIC_NAME));
    }
  }

  /** The file as a whole. */
  record Settings(
      List<OrganisationEntry> organisations, List<TenantEntry> tenants, List<ZoneEntry> zones) {
    static Settings defaults() {
      return new Settings(List.of(), List.of(), List.of());
    }
  }

  /** What names a zone among all. */
  record ZoneName(DomainName apex, String view) {}

  private TenantsFile(ConfigFile file) {
    this.file = file;
  }

  /** As if the file were empty. */
  static TenantsFile empty(Path path) {
    return new TenantsFile(new ConfigFile(path, _ -> {}));
  }

  /**
   * Reads the file; null when it has errors, and they have been reported.
   *
   * @param problems takes what is found now and by {@link #warnOfUnknown}
   */
  static @Nullable TenantsFile read(Path path, List<Problem> problems) {
    int before = problems.size();
    ConfigFile file = new ConfigFile(path, problems::add, MAX_BYTES);
    TenantsFile read = new TenantsFile(file);
    Section section = file.read();
    if (section != null) {
      ConfigBinder binder =
          new ConfigBinder(file, Objects.requireNonNullElse(path.getParent(), path));
      binder.understand(Word.class, (node, _) -> new Word(ConfigBinder.text(node), node.at()));
      read.take(binder.bind(section, Settings.defaults()));
    }
    boolean broken = problems.subList(before, problems.size()).stream().anyMatch(Problem::isError);
    return section == null || broken ? null : read;
  }

  /** True when nothing is said of anybody. */
  boolean isEmpty() {
    return organisations.isEmpty() && tenants.isEmpty() && zones.isEmpty();
  }

  private void take(Settings settings) {
    for (OrganisationEntry entry : settings.organisations()) {
      OrganisationEntry earlier = organisations.putIfAbsent(entry.organisation().text(), entry);
      refuseTwice(entry.organisation(), earlier == null ? null : earlier.organisation());
    }
    for (TenantEntry entry : settings.tenants()) {
      TenantEntry earlier = tenants.putIfAbsent(entry.tenant().text(), entry);
      refuseTwice(entry.tenant(), earlier == null ? null : earlier.tenant());
    }
    for (ZoneEntry entry : settings.zones()) {
      ZoneEntry earlier = zones.putIfAbsent(entry.name(), entry);
      refuseTwice(entry.zone(), earlier == null ? null : earlier.zone());
    }
  }

  private void refuseTwice(Word word, @Nullable Word earlier) {
    if (earlier != null) {
      file.error(
          word.at(),
          "",
          "'" + word.text() + "' has an entry already in line " + earlier.at().line());
    }
  }

  /** True when a tenant, or its organisation, is suspended. */
  boolean isSuspended(ZonePlace place) {
    OrganisationEntry organisation = organisations.get(place.organisation());
    TenantEntry tenant = tenants.get(place.tenant());
    return (organisation != null && organisation.suspended().orElse(false))
        || (tenant != null && tenant.suspended().orElse(false));
  }

  /** A tenant's budget, or 0. */
  int queriesPerSecond(ZonePlace place) {
    TenantEntry tenant = tenants.get(place.tenant());
    return tenant == null ? 0 : tenant.queriesPerSecond().orElse(0);
  }

  /** A tenant as it stands by this file; it keeps its number and its names. */
  Tenant standing(Tenant tenant) {
    if (tenant.number() == 0) {
      return tenant;
    }
    ZonePlace place = new ZonePlace(tenant.organisation(), tenant.project(), Views.PUBLIC_NAME);
    return new Tenant(
        tenant.number(),
        tenant.organisation(),
        tenant.project(),
        isSuspended(place),
        queriesPerSecond(place));
  }

  /** True when a zone itself is suspended. */
  boolean isSuspended(DomainName apex, ZonePlace place) {
    ZoneEntry zone = zones.isEmpty() ? null : zones.get(new ZoneName(apex, place.view()));
    return zone != null
        && zone.suspended().orElse(false)
        && zone.tenant().map(tenant -> tenant.text().equals(place.tenant())).orElse(true);
  }

  /**
   * Warns of entries that mean nobody.
   *
   * @param places of all zone files, broken ones too, and of the zones of other doors
   * @param ledger has the zones
   */
  void warnOfUnknown(Collection<ZonePlace> places, ZoneLedger ledger) throws StoreException {
    Set<String> knownOrganisations = new HashSet<>();
    Set<String> knownTenants = new HashSet<>();
    for (ZonePlace place : places) {
      knownOrganisations.add(place.organisation());
      knownTenants.add(place.tenant());
    }
    for (OrganisationEntry entry : organisations.values()) {
      warnUnless(knownOrganisations, entry.organisation(), "organisation");
    }
    for (TenantEntry entry : tenants.values()) {
      warnUnless(knownTenants, entry.tenant(), "tenant");
    }
    for (ZoneEntry entry : zones.values()) {
      warnUnlessServed(entry, ledger);
    }
  }

  private void warnUnlessServed(ZoneEntry entry, ZoneLedger ledger) throws StoreException {
    ZoneName name = entry.name();
    StoredZone zone = ledger.zone(new ZoneKey(name.view(), name.apex()));
    if (zone == null) {
      List<String> names = hints < MAX_HINTS ? names(ledger) : List.of();
      unknown(entry.zone(), "zone in the view " + name.view(), name.apex().toString(), () -> names);
      return;
    }
    ZoneSettings settings = zone.settings();
    String owner = settings.owner().organisation() + "/" + settings.owner().project();
    boolean isNobodys = settings.owner().equals(ZoneOwner.NOBODY);
    Word tenant = entry.tenant().orElse(null);
    if (!settings.source().startsWith(FolderSync.DOOR)) {
      file.warning(
          entry.zone().at(),
          "",
          "the zone '%s' does not come from a file, so it is not suspended here: the entry has no effect"
              .formatted(entry.zone().text()));
    } else if (tenant != null && (isNobodys || !tenant.text().equals(owner))) {
      file.warning(
          entry.zone().at(),
          "",
          "the zone '%s' belongs to %s, not to %s: the entry has no effect"
              .formatted(entry.zone().text(), isNobodys ? "nobody" : owner, tenant.text()));
    }
  }

  private static List<String> names(ZoneLedger ledger) throws StoreException {
    List<String> names = new ArrayList<>();
    ledger.forEach(
        zone -> {
          if (names.size() < MAX_HINT_NAMES) {
            names.add(zone.settings().key().apex().toString());
          }
        });
    return names;
  }

  private void warnUnless(Set<String> known, Word word, String what) {
    if (!known.contains(word.text())) {
      unknown(word, what, word.text(), () -> known);
    }
  }

  private void unknown(Word word, String what, String text, Supplier<Collection<String>> known) {
    String reason = "there is no " + what + " '" + word.text() + "': the entry has no effect";
    if (hints++ < MAX_HINTS) {
      String hint = NearestWord.hint(text, known.get());
      reason += hint.startsWith("did") ? "; " + hint : "";
    }
    file.warning(word.at(), "", reason);
  }

  private static void requireName(String component, String text) {
    if (!ZonePlace.isName(text)) {
      throw new IllegalArgumentException(
          component
              + " must have letters, digits, '-', '_' and '.', at most 63, not '"
              + text
              + "'");
    }
  }

  private static void requireTenant(String text) {
    int slash = text.indexOf('/');
    if (slash < 0
        || !ZonePlace.isName(text.substring(0, slash))
        || !ZonePlace.isName(text.substring(slash + 1))) {
      throw new IllegalArgumentException(
          "tenant must be ORGANISATION/PROJECT, as the folders are called, not '" + text + "'");
    }
  }
}
