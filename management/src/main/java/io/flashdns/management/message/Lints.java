package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Plan;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.proto.v1.Lint;
import io.flashdns.proto.v1.ZoneRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is allowed in a zone and yet looks wrong after a change. Only what the change touches is
 * looked at: what was wrong before is not told again, and a change of one record costs a few
 * lookups, however large the zone is.
 *
 * <p>Bounds: {@value #MAX_LINTS} lints of a change set; {@value #MAX_LOOKUPS} lookups, after which
 * the rest is passed over; nothing is told of a zone of which more than {@value #MAX_RRSETS} RRsets
 * change, as after an import.
 */
public final class Lints {
  /** Most lints of a change set. */
  public static final int MAX_LINTS = 1_000;

  /** Most RRsets of a zone that change. */
  public static final int MAX_RRSETS = 20_000;

  static final int MAX_LOOKUPS = 50_000;

  private Lints() {}

  /** The zones that a caller may see. */
  @FunctionalInterface
  public interface Others {
    /**
     * The deepest zone of a view at the name or above it; null when there is none, or none that may
     * be seen.
     */
    @Nullable StoredZone zoneOf(String view, DomainName name) throws StoreException;
  }

  /** The zones that a caller may see. */
  public static Others among(ContentView content, Predicate<StoredZone> sees) {
    return (view, name) -> {
      for (DomainName at = name; at != null; at = at.parent()) {
        StoredZone zone = content.zone(new ZoneKey(view, at));
        if (zone != null) {
          // Names below a zone that may not be seen are that zone's, and not known.
          return sees.test(zone) ? zone : null;
        }
      }
      return null;
    };
  }

  /**
   * Looks at the zones of a plan.
   *
   * @param before the view that the plan was made of, in which it is not made yet
   * @param as how the request named the zone of the change with an index
   * @param others the zones that the caller may see
   * @return the worst first
   */
  public static List<Lint> of(ContentView before, Plan plan, IntFunction<ZoneRef> as, Others others)
      throws StoreException {
    List<Lint> lints = new ArrayList<>();
    for (int i = 0; i < plan.zones().size(); i++) {
      Plan.ZonePlan zone = plan.zones().get(i);
      int rrsets = zone.rrsetsBefore().rrsetCount() + zone.rrsetsAfter().rrsetCount();
      if (zone.after() != null && rrsets > 0 && rrsets <= MAX_RRSETS) {
        lints.addAll(new ZoneLints(before, plan, zone, as.apply(i), others).find());
      }
    }
    lints.sort(Comparator.comparingInt((Lint lint) -> -lint.getSeverityValue()));
    return lints.size() <= MAX_LINTS ? lints : new ArrayList<>(lints.subList(0, MAX_LINTS));
  }
}
