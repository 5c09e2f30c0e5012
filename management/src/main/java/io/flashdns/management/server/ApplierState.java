package io.flashdns.management.server;

import io.flashdns.core.plugin.Counts;
import io.flashdns.core.store.StoreState;
import java.util.Map;

/**
 * How the way from the store to what is served does.
 *
 * @param store the store itself
 * @param appliedRevision the revision that is served
 * @param lagSeconds for how long there have been changes that are not served yet; 0 when there are
 *     none
 * @param rounds catalogs that were published for changes
 * @param zoneChanges changes of single zones that were applied
 * @param imagesBuilt images of zones that were built, for whatever reason
 * @param largeRebuilds images of large zones that were built anew after many edits
 * @param comparisons how often all zones were compared with the store
 * @param filesFail true while images cannot be written
 * @param faults zones that could not be brought up to date
 * @param namedFaults the first hundred of them with the reason
 * @param latency a histogram from a change's commit to its publication
 */
record ApplierState(
    StoreState store,
    long appliedRevision,
    double lagSeconds,
    long rounds,
    long zoneChanges,
    long imagesBuilt,
    long largeRebuilds,
    long comparisons,
    boolean filesFail,
    int faults,
    Map<String, String> namedFaults,
    Counts latency) {}
