package io.flashdns.differential;

import io.flashdns.differential.ZoneSource.Signing;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Zones that use everything, from a seed: the same seed gives the same zones.
 *
 * <p>Most lie beside each other; some one inside another, with and without a delegation between
 * them; some have odd apexes.
 */
final class ZoneGenerator {
  private static final int PLAIN = 150;
  private static final int FAMILIES = 12;
  private static final int HUGE_ONE_IN = 40;

  private final long seed;
  private final Random random;
  private final List<String> apexes = new ArrayList<>();
  private final List<ZoneSource> zones = new ArrayList<>();

  private ZoneGenerator(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
  }

  /** More than 200 zones without the root. */
  static List<ZoneSource> zones(long seed) {
    ZoneGenerator generator = new ZoneGenerator(seed);
    generator.nameZones();
    generator.fillZones();
    return generator.zones;
  }

  /** The root zone and some below it. */
  static List<ZoneSource> rootAndBelow(long seed) {
    ZoneGenerator generator = new ZoneGenerator(seed);
    generator.apexes.addAll(
        List.of(".", "top.", "second.top.", "undelegated.", "x.gap.", "example."));
    generator.fillZones();
    return generator.zones;
  }

  private void nameZones() {
    for (int i = 0; i < PLAIN; i++) {
      apexes.add(
          "z" + i + (i % 3 == 0 ? ".example." : i % 3 == 1 ? ".Test." : ".in.a.deeper.place."));
    }
    for (int i = 0; i < FAMILIES; i++) {
      String top = "top" + i + ".";
      apexes.add(top);
      apexes.add("child." + top);
      apexes.add("other." + top);
      apexes.add("grand.child." + top);
      if (i % 2 == 0) {
        apexes.add("far.below.other." + top);
      }
    }
    apexes.add("\\000\\255.odd.");
    apexes.add("with\\.dot.odd.");
    apexes.add("*.odd.");
    apexes.add("a.*.odd.");
    apexes.add("-._.odd.");
    apexes.add("x".repeat(63) + ".");
    apexes.add("p." + ("y".repeat(60) + ".").repeat(3));
    apexes.add("d.".repeat(80) + "deep.");
    apexes.add("d.".repeat(120) + "deepest.");
    for (int i = 0; i < 5; i++) {
      apexes.add("dname" + i + ".example.");
    }
  }

  private void fillZones() {
    for (int i = 0; i < apexes.size(); i++) {
      String apex = apexes.get(i);
      ZoneContent content = new ZoneContent(random, apex, signing(i), apexes);
      if (apex.startsWith("dname")) {
        content.apexOnlyWithDname();
      } else {
        fill(content, i);
        addFamily(content, apex);
      }
      zones.add(content.source());
    }
  }

  private void fill(ZoneContent content, int index) {
    content.apex();
    content.hosts();
    if (random.nextBoolean()) {
      content.apexData();
    }
    if (random.nextInt(8) == 0) {
      content.apexWildcard();
    }
    maybe(content::wildcards);
    maybe(content::emptyNonTerminals);
    maybe(content::aliases);
    maybe(content::redirections);
    maybe(content::delegations);
    maybe(content::services);
    maybe(content::allTypes);
    seldom(content::crowdedDelegations);
    if (index % HUGE_ONE_IN <= 1) {
      content.largeRrsets();
      content.hugeRrsets();
    } else {
      seldom(content::largeRrsets);
    }
    seldom(content::snugRrsets);
    seldom(content::twins);
    seldom(content::longNames);
    seldom(content::oddLabels);
    seldom(() -> content.longChain(2 + random.nextInt(24)));
  }

  /** Delegates to the zones right below, but for some that their parent knows nothing of. */
  private void addFamily(ZoneContent content, String apex) {
    for (String other : apexes) {
      boolean below = apex.equals(".") ? !other.equals(".") : other.endsWith("." + apex);
      if (!below || other.startsWith("undelegated") || isBelowAnother(other, apex)) {
        continue;
      }
      if (random.nextInt(5) == 0) {
        content.hideBehind(other);
      } else {
        content.delegateTo(other);
      }
    }
  }

  private boolean isBelowAnother(String zone, String apex) {
    return apexes.stream()
        .anyMatch(
            other ->
                zone.endsWith("." + other)
                    && !other.equals(".")
                    && !other.equals(apex)
                    && (apex.equals(".") || other.endsWith("." + apex)));
  }

  private Signing signing(int index) {
    if (apexes.get(index).equals(".")) {
      return Signing.values()[(int) (seed & 3)];
    }
    if (apexes.get(index).startsWith("*")) {
      // The signing tool refuses an apex that looks like a wildcard.
      return Signing.UNSIGNED;
    }
    return switch (index % 8) {
      case 1 -> Signing.NSEC;
      case 3 -> Signing.NSEC3;
      case 6 -> Signing.NSEC3_OPT_OUT;
      default -> Signing.UNSIGNED;
    };
  }

  private void maybe(Runnable feature) {
    if (random.nextInt(3) > 0) {
      feature.run();
    }
  }

  private void seldom(Runnable feature) {
    if (random.nextInt(7) == 0) {
      feature.run();
    }
  }
}
