package io.flashdns.core.index;

/**
 * What a {@link RecordIndex} holds and did since it was made.
 *
 * @param zones zones of the catalog
 * @param imageBytes octets of the images of all of them
 * @param residentZones zones whose image is in memory
 * @param residentBytes octets of these images
 * @param maxBytes octets that they may take, with what goes with them: {@link
 *     RecordIndex#ZONE_BYTES} each
 * @param pinnedBytes octets of images that stay in memory whatever happens, among the resident ones
 * @param unfiledZones zones that are in no file, because it could not be written or there is none
 * @param loads images that were read for a query
 * @param evictions images that were given up
 * @param failures queries for zones whose image could not be read
 * @param warming true while images are read into memory that nobody asked for yet
 */
public record IndexState(
    long zones,
    long imageBytes,
    long residentZones,
    long residentBytes,
    long maxBytes,
    long pinnedBytes,
    long unfiledZones,
    long loads,
    long evictions,
    long failures,
    boolean warming) {}
