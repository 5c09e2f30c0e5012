package io.flashdns.core.zone;

/**
 * Brings zones into memory that a {@link Catalog} has as {@link ColdZone}. Called by workers on the
 * path of a query, so it must be quick and must not throw.
 */
public interface ZoneSource {
  /** Of a catalog whose zones are all in memory. */
  ZoneSource NONE = Zone::unavailable;

  /**
   * The zone with its image. Reads a file when no other query has had it read meanwhile.
   *
   * @return the zone; when its image cannot be read, {@link Zone#unavailable}
   */
  Zone load(ColdZone cold);

  /** Hears of some of the uses of zones in memory, so that it knows which ones to keep. */
  default void used(Zone zone) {}
}
