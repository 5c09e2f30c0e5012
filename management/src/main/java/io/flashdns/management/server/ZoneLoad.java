package io.flashdns.management.server;

import java.util.List;

/**
 * What one look at the zone files gave. Nothing in it grows with the number of zones.
 *
 * @param folderWasRead false when the folder or {@code tenants.yaml} could not be read, or the
 *     store takes no changes
 * @param tenantsAreBroken true when it is {@code tenants.yaml} that could not be read: who is
 *     suspended is not known
 * @param problems all that was found, file by file; may be added to
 * @param added zones that were not there before
 * @param changed zones that say something else than before, or belong to somebody else, or are
 *     suspended now or no longer
 * @param removed zones that are gone with their files
 * @param kept zones that are served in an older version because their file is broken now
 * @param filesRead files that were new, changed or broken, and hence were read
 * @param records in the good ones among them
 * @param millis how long it took
 */
record ZoneLoad(
    boolean folderWasRead,
    boolean tenantsAreBroken,
    List<Problem> problems,
    int added,
    int changed,
    int removed,
    int kept,
    int filesRead,
    long records,
    long millis) {

  /** Something could not be read: all stays as it was. */
  static ZoneLoad nothingRead(boolean tenantsAreBroken, List<Problem> problems) {
    return new ZoneLoad(false, tenantsAreBroken, problems, 0, 0, 0, 0, 0, 0, 0);
  }

  /** True when something was found that is not used. */
  boolean hasErrors() {
    return problems.stream().anyMatch(Problem::isError);
  }
}
