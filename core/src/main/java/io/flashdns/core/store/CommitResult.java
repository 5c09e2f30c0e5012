package io.flashdns.core.store;

import java.util.List;

/**
 * What became of a change set.
 *
 * @param revision at which it is visible; when it changed nothing, the revision at that time
 * @param changed false when everything was already as asked, or the request id was known
 * @param zones its zones as they are at that revision, in the order of the changes; a deleted one
 *     as it was
 */
public record CommitResult(long revision, boolean changed, List<StoredZone> zones) {
  public CommitResult {
    zones = List.copyOf(zones);
  }
}
