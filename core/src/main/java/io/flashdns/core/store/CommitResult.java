package io.flashdns.core.store;

import java.util.List;

/**
 * What became of a change set.
 *
 * @param revision at which it is visible; when it changed nothing, the revision at that time
 * @param changed false when everything was already as asked, or the request id was known
 * @param zones its zones as they are at that revision, in the order of the changes; a deleted one
 *     as it was; when the request id was known, as they were then
 * @param answer what was remembered by {@link Effects#answer} when the request id was known; empty
 *     else
 */
public record CommitResult(long revision, boolean changed, List<StoredZone> zones, Octets answer) {
  public CommitResult {
    zones = List.copyOf(zones);
  }

  /** A first result. */
  public CommitResult(long revision, boolean changed, List<StoredZone> zones) {
    this(revision, changed, zones, Octets.EMPTY);
  }
}
