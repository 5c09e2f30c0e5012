package io.flashdns.management.server;

import io.flashdns.core.zone.Catalog;
import io.flashdns.core.zone.Tenant;
import io.flashdns.core.zone.Zone;
import java.util.Collection;
import java.util.List;

/**
 * What one look at the zone files gave.
 *
 * @param folderWasRead false when the folder or {@code tenants.yaml} could not be read, and all
 *     stays as it was
 * @param tenantsAreBroken true when it is {@code tenants.yaml} that could not be read: who is
 *     suspended is not known
 * @param catalog what is to be served
 * @param zones the zones in it, in canonical order of their names
 * @param tenants whose zones they are
 * @param problems all that was found, file by file; may be added to
 * @param added zones that were not served before
 * @param changed zones that are served in another version than before
 * @param removed zones that are no longer served
 * @param kept zones that are served in an older version because their file is broken now
 * @param filesRead files that were new, changed or broken, and hence were read
 * @param millis how long it took
 */
record ZoneLoad(
    boolean folderWasRead,
    boolean tenantsAreBroken,
    Catalog catalog,
    List<Zone> zones,
    List<Tenant> tenants,
    List<Problem> problems,
    int added,
    int changed,
    int removed,
    int kept,
    int filesRead,
    long millis) {

  /** Something could not be read: all stays as it was. */
  static ZoneLoad nothingRead(
      boolean tenantsAreBroken,
      Catalog catalog,
      Collection<Zone> zones,
      Collection<Tenant> tenants,
      List<Problem> problems) {
    return new ZoneLoad(
        false,
        tenantsAreBroken,
        catalog,
        List.copyOf(zones),
        List.copyOf(tenants),
        problems,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  boolean hasErrors() {
    return problems.stream().anyMatch(Problem::isError);
  }

  /** Records of all zones. */
  long records() {
    return zones.stream().mapToLong(Zone::recordCount).sum();
  }

  /** Octets of all zone images. */
  long imageBytes() {
    return zones.stream().mapToLong(Zone::imageBytes).sum();
  }
}
