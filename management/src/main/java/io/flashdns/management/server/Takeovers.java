package io.flashdns.management.server;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneKey;
import io.flashdns.core.store.ZoneOwner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Zones that take names out of another tenant's zone. Zones of nobody are the operator's: tenants'
 * zones below them are what they are there for.
 *
 * <p>Of each zone a hash of its name and one of its owner are held while it looks, 16 octets each;
 * who is found is asked of the store again. One thread, used once.
 */
final class Takeovers {
  /** One warning each for so many zones below another tenant's, and one for the rest. */
  private static final int MAX_SAID = 20;

  private final ZoneLedger ledger;
  private final List<StoredZone> found = new ArrayList<>();
  private long[] names = new long[64];
  private long[] owners = new long[64];
  private int count;
  private int more;

  private Takeovers(ZoneLedger ledger) {
    this.ledger = ledger;
  }

  /** Warns of such zones as far as they come from files. */
  static void warn(ZoneLedger ledger, List<Problem> problems) throws StoreException {
    Takeovers takeovers = new Takeovers(ledger);
    ledger.forEach(takeovers::note);
    ledger.forEach(takeovers::look);
    for (StoredZone zone : takeovers.found) {
      takeovers.say(zone, problems);
    }
    if (takeovers.more > 0) {
      problems.add(
          Problem.warning(
              "%,d more zones lie below another tenant's zone".formatted(takeovers.more)));
    }
  }

  private void note(StoredZone zone) {
    if (2 * count >= names.length) {
      grow();
    }
    ZoneKey key = zone.settings().key();
    long name = hash(key.view(), key.apex());
    int slot = slotOf(name);
    names[slot] = name;
    owners[slot] = owner(zone);
    count++;
  }

  private void look(StoredZone zone) {
    long owner = owner(zone);
    if (owner == 0 || !zone.settings().source().startsWith(FolderSync.DOOR)) {
      return;
    }
    ZoneKey key = zone.settings().key();
    for (DomainName above = key.apex().parent(); above != null; above = above.parent()) {
      int slot = slotOf(hash(key.view(), above));
      if (names[slot] != 0) {
        if (owners[slot] != 0 && owners[slot] != owner) {
          if (found.size() < MAX_SAID) {
            found.add(zone);
          } else {
            more++;
          }
        }
        return;
      }
    }
  }

  private void say(StoredZone zone, List<Problem> problems) throws StoreException {
    ZoneKey key = zone.settings().key();
    for (DomainName above = key.apex().parent(); above != null; above = above.parent()) {
      StoredZone other = ledger.zone(new ZoneKey(key.view(), above));
      if (other != null) {
        problems.add(
            Problem.warning(
                Path.of(zone.settings().source()),
                "the zone %s of %s takes its names out of the zone %s of %s: see that its owner agrees"
                    .formatted(key.apex(), tenant(zone), above, tenant(other))));
        return;
      }
    }
  }

  private static String tenant(StoredZone zone) {
    ZoneOwner owner = zone.settings().owner();
    return owner.organisation() + "/" + owner.project();
  }

  private static long owner(StoredZone zone) {
    ZoneOwner owner = zone.settings().owner();
    return owner.organisation().isEmpty() ? 0 : KnownFiles.hash(tenant(zone));
  }

  private static long hash(String view, DomainName name) {
    long hash = KnownFiles.hash(view);
    for (byte octet : name.folded().wire()) {
      hash = (hash ^ octet) * 0x9e37_79b9_7f4a_7c15L;
      hash ^= hash >>> 29;
    }
    return hash == 0 ? 1 : hash;
  }

  private int slotOf(long hash) {
    int mask = names.length - 1;
    int slot = (int) (hash >>> 32) & mask;
    while (names[slot] != 0 && names[slot] != hash) {
      slot = slot + 1 & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldNames = names;
    long[] oldOwners = owners;
    names = new long[2 * oldNames.length];
    owners = new long[2 * oldNames.length];
    for (int i = 0; i < oldNames.length; i++) {
      if (oldNames[i] != 0) {
        int slot = slotOf(oldNames[i]);
        names[slot] = oldNames[i];
        owners[slot] = oldOwners[i];
      }
    }
  }
}
