package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;

/**
 * One zone in a {@link Catalog}: a {@link Zone}, whose image is in memory, or a {@link ColdZone},
 * whose image is in a file. Which of the two it is can change at any time and means nothing; all
 * that is said here stays.
 *
 * <p>Immutable.
 */
public sealed interface CatalogEntry permits Zone, ColdZone {
  /** Location of an image that is in no file. */
  long NOWHERE = -1;

  /** Bit of {@link #standing}: the zone is suspended, whatever its tenant is. */
  int ZONE_SUSPENDED = 1;

  /** Bit of {@link #standing}: the zone's tenant is suspended. */
  int OWNER_SUSPENDED = 2;

  /** The zone's name. Allocates. */
  DomainName apex();

  /** Labels of the apex, the root's not counted. */
  int apexLabels();

  /** Number for counters, 0 when it has none: see {@link Zone#placed}. */
  int number();

  /** The view that it stands in: {@link Views#PUBLIC} or a number of {@link Views}. */
  int view();

  /** Number of the tenant that it belongs to, 0 for nobody: see {@link Catalog#tenant}. */
  int tenant();

  /** True when nothing may be answered from it: it or its tenant is suspended. */
  default boolean isSuspended() {
    return standing() != 0;
  }

  /** True when the zone itself is suspended, whatever its tenant is. */
  default boolean isZoneSuspended() {
    return (standing() & ZONE_SUSPENDED) != 0;
  }

  /** True when it is its tenant that is suspended. */
  default boolean isOwnerSuspended() {
    return (standing() & OWNER_SUSPENDED) != 0;
  }

  /** Octets of its image. */
  long imageBytes();

  /** The revision of the store that its content is of; 0 when it came from no store. */
  long revision();

  /**
   * Where the image files have its image, in their own terms; {@link #NOWHERE} when they do not.
   */
  long location();

  /** Whether it may be answered from: {@link #ZONE_SUSPENDED} and {@link #OWNER_SUSPENDED}. */
  int standing();

  /**
   * Writes the zone's name in wire form and lower case. Allocates nothing.
   *
   * @param target at least 255 octets from {@code at}
   * @return offset after it
   */
  int writeApex(byte[] target, int at);
}
