package io.flashdns.management.tenancy;

import com.google.protobuf.util.Timestamps;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import io.flashdns.management.message.CallException;
import io.flashdns.proto.v1.NameGrant;
import io.flashdns.proto.v1.Organisation;
import io.flashdns.proto.v1.Permission;
import io.flashdns.proto.v1.Project;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.QuotaEffect;
import io.flashdns.proto.v1.Suspension;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The rules of tenants for changes of zones: {@link NameRules}, {@link QuotaRules}, and that who is
 * suspended changes nothing.
 *
 * <p>Safe for all threads. A change of records in a zone costs four lookups of documents, two more
 * when the number of records changes; a new zone some more for every label of its name, and one for
 * every 500 zones below it.
 */
public final class TenantRules implements ZoneRules {
  private final NameRules names;
  private final QuotaRules quotas;
  private final Limits limits;
  private final ChangeRates rates;
  private final Suspensions suspensions = new Suspensions();

  /** Rules of a configuration. */
  public TenantRules(TenancyConfig config, InstantSource clock) {
    this.names = new NameRules(config);
    this.limits = new Limits(config);
    this.rates = new ChangeRates(clock);
    this.quotas = new QuotaRules(limits, rates);
  }

  @Override
  public Verdict decide(ContentView view, Plan plan, Rights rights, Instant now)
      throws StoreException {
    return decide(view, plan, rights, now, false);
  }

  @Override
  public void made(Plan plan) {
    quotas.made(plan, false);
  }

  /** The same rules, with every zone counted as one change, however many records it gets. */
  public ZoneRules forImports() {
    return new ZoneRules() {
      @Override
      public Verdict decide(ContentView view, Plan plan, Rights rights, Instant now)
          throws StoreException {
        return TenantRules.this.decide(view, plan, rights, now, true);
      }

      @Override
      public void made(Plan plan) {
        quotas.made(plan, true);
      }
    };
  }

  /** Limits of tenants. */
  public Limits limits() {
    return limits;
  }

  /** RRsets that an organisation changes in a second, on average of the last ten. */
  public long changesPerSecond(String organisation) {
    return rates.sum(Keys.usage(organisation)) / ChangeRates.SECONDS;
  }

  /** RRsets that a project changes in a second, on average of the last ten. */
  public long changesPerSecond(ZoneOwner project) {
    return rates.sum(Keys.usage(project)) / ChangeRates.SECONDS;
  }

  /**
   * What who asks for a name gets when a zone has it already: that its organisation has it, or what
   * everybody gets who cannot have a name.
   *
   * @param there whose zone has the name
   * @param asking who asked
   */
  public static CallException taken(ZoneKey name, ZoneOwner there, ZoneOwner asking) {
    return there.organisation().equals(asking.organisation())
        ? CallException.alreadyExists(
            "zone",
            name.apex().toString(),
            "your organisation has the zone " + name.apex() + " already: change that one")
        : NameRules.unavailable(name);
  }

  @Override
  public void requireActive(ContentView view, ZoneOwner project, Rights rights)
      throws StoreException {
    if (project.equals(ZoneOwner.NOBODY)) {
      return;
    }
    suspensions.require(view, project.organisation(), project, rights);
  }

  /** Refuses changes of an organisation that is suspended, unless the caller is above that. */
  public void requireActive(ContentView view, String organisation, Rights rights)
      throws StoreException {
    suspensions.require(view, organisation, null, rights);
  }

  private Verdict decide(
      ContentView view, Plan plan, Rights rights, Instant now, boolean asOneChange)
      throws StoreException {
    // Also when no zone is changed: labels and comments of records are not in the zone.
    Set<ZoneOwner> touched = new LinkedHashSet<>(2);
    for (Plan.ZonePlan zone : plan.zones()) {
      touch(touched, zone.before());
      touch(touched, zone.after());
    }
    for (ZoneOwner owner : touched) {
      suspensions.require(view, owner.organisation(), owner, rights);
    }
    if (!plan.changed()) {
      return Verdict.NONE;
    }
    List<DocumentEdit> edits = new ArrayList<>();
    List<QuotaEffect> effects = new ArrayList<>();
    List<StoredZone> comers = new ArrayList<>(1);
    for (Plan.ZonePlan zone : plan.zones()) {
      if (zone.isChanged()) {
        zone(view, zone, rights, now, comers, edits);
      }
    }
    quotas.decide(view, plan, asOneChange, edits, effects);
    return new Verdict(Documents.lastOf(edits), effects);
  }

  private static void touch(Set<ZoneOwner> touched, @Nullable StoredZone zone) {
    if (zone != null && !zone.settings().owner().equals(ZoneOwner.NOBODY)) {
      touched.add(zone.settings().owner());
    }
  }

  private void zone(
      ContentView view,
      Plan.ZonePlan plan,
      Rights rights,
      Instant now,
      List<StoredZone> comers,
      List<DocumentEdit> edits)
      throws StoreException {
    StoredZone before = plan.before();
    StoredZone after = plan.after();
    if (after == null) {
      if (before != null) {
        edits.add(hold(before, now));
      }
      return;
    }
    ZoneKey key = after.settings().key();
    ZoneOwner owner = after.settings().owner();
    ZoneOwner giver = before == null ? null : before.settings().owner();
    if (owner.equals(giver)) {
      return;
    }
    if (!owner.equals(ZoneOwner.NOBODY) && view.document(Keys.project(owner)) == null) {
      throw CallException.notFound("project", owner.organisation() + "/" + owner.project());
    }
    if (giver == null || !giver.organisation().equals(owner.organisation())) {
      names.check(view, key, owner, giver, rights, now);
      apart(comers, after);
      comers.add(after);
    }
    if (giver == null) {
      edits.add(DocumentEdit.remove(Keys.held(key)));
    } else {
      GrantsOfZone.move(view, key, giver, owner, edits);
    }
  }

  /**
   * Zones that come with one change may not lie in each other when they are of different owners.
   */
  private static void apart(List<StoredZone> comers, StoredZone zone) {
    ZoneKey key = zone.settings().key();
    for (StoredZone other : comers) {
      ZoneKey theirs = other.settings().key();
      if (!other.settings().owner().organisation().equals(zone.settings().owner().organisation())
          && theirs.view().equals(key.view())
          && (theirs.apex().isAtOrBelow(key.apex()) || key.apex().isAtOrBelow(theirs.apex()))) {
        throw NameRules.unavailable(key);
      }
    }
  }

  private static DocumentEdit hold(StoredZone zone, Instant now) {
    ZoneKey key = zone.settings().key();
    ZoneOwner owner = zone.settings().owner();
    return Documents.put(
        Keys.held(key),
        NameGrant.newBuilder()
            .setName(key.apex().toString())
            .setView(key.view())
            .setGranter(
                ProjectName.newBuilder()
                    .setOrganisation(owner.organisation())
                    .setProject(owner.project()))
            .setCreateTime(Timestamps.fromMillis(now.toEpochMilli()))
            .build());
  }

  /** Who is suspended, as the documents say. */
  private static final class Suspensions {
    private final Remembered<Suspension> organisations =
        new Remembered<>(
            document -> Documents.parsed(document, Organisation.parser()).getSuspension());
    private final Remembered<Suspension> projects =
        new Remembered<>(document -> Documents.parsed(document, Project.parser()).getSuspension());

    void require(ContentView view, String organisation, @Nullable ZoneOwner project, Rights rights)
        throws StoreException {
      Suspension above = organisations.read(view, Keys.organisation(organisation));
      refuse(above, "organisation " + organisation, rights);
      if (project != null) {
        Suspension own = projects.read(view, Keys.project(project));
        refuse(own, "project " + organisation + "/" + project.project(), rights);
      }
    }

    private static void refuse(@Nullable Suspension suspension, String subject, Rights rights) {
      if (suspension != null
          && suspension.hasTime()
          && !rights.mayInPlatform(Permission.PERMISSION_ORGANISATIONS_WRITE)) {
        throw CallException.precondition(
            "SUSPENDED",
            subject,
            "the " + subject + " is suspended and takes no changes: " + suspension.getReason());
      }
    }
  }
}
