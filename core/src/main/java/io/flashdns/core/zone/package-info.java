/**
 * Zones as the server holds them: flat, immutable images, and the catalog that finds them.
 *
 * <p>{@link io.flashdns.core.zone.ZoneImageBuilder} turns records into one {@code byte[]}; {@link
 * io.flashdns.core.zone.Zone} reads it; {@link io.flashdns.core.zone.Catalog} maps (view, apex) to
 * zones and is replaced whole. Readers share them freely: nothing in a published zone or catalog
 * ever changes.
 *
 * <p>Nodes and RRsets are handed out as <b>handles</b>, plain {@code int} offsets into the image,
 * valid for the {@link io.flashdns.core.zone.Zone} they came from. So a lookup allocates nothing,
 * and a plugin that keeps a handle must keep its zone with it.
 */
@NullMarked
package io.flashdns.core.zone;

import org.jspecify.annotations.NullMarked;
