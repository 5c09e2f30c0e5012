package io.flashdns.management.server;

import io.flashdns.core.engine.Metric;
import io.flashdns.core.index.ImageFiles;
import io.flashdns.core.index.IndexState;
import io.flashdns.core.plugin.Counts;
import io.flashdns.management.etcd.EtcdFigures;
import io.flashdns.management.etcd.EtcdStore;
import io.flashdns.management.etcd.Fleet;
import io.flashdns.management.operations.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What the store, the applier and the record index do, as metrics. */
final class StoreMetrics {
  private StoreMetrics() {}

  /** All of them. Cheap. */
  static List<Metric> of(ZoneService zones) {
    List<Metric> metrics = new ArrayList<>();
    store(zones.applier().state(), metrics);
    if (zones.store() instanceof EtcdStore shared) {
      shared(shared.figures(), metrics);
    }
    index(zones.index().state(), metrics);
    ImageFiles files = zones.files();
    metrics.add(
        gauge(
            "images_live_bytes",
            "Octets of zones in the data folder",
            files == null ? 0 : files.liveBytes()));
    metrics.add(
        gauge(
            "images_total_bytes",
            "The same with what is no longer used",
            files == null ? 0 : files.totalBytes()));
    return metrics;
  }

  /** What is known of the nodes that share the store. */
  static List<Metric> of(Fleet fleet) {
    return List.of(
        Samples.gauge(
            "flashdns_fleet_nodes", "Living nodes, this one included", fleet.counted().size()),
        Samples.gauge(
            "flashdns_fleet_served_everywhere_revision",
            "The newest revision that all living nodes serve",
            (double) fleet.servedEverywhere()),
        Samples.gauge(
            "flashdns_fleet_silent_seconds",
            "For how long nothing has been heard of the nodes",
            fleet.silentSeconds()),
        counter(
            "fleet_differences",
            "How often two nodes at one position stood differently",
            fleet.differences()));
  }

  private static void store(ApplierState state, List<Metric> metrics) {
    metrics.add(
        gauge(
            "store_revision",
            "Revision of the store: rises by one with each change set",
            state.store().revision()));
    metrics.add(
        gauge(
            "store_applied_revision",
            "Revision of the store that is served",
            state.appliedRevision()));
    metrics.add(
        Samples.gauge(
            "flashdns_store_lag_seconds",
            "For how long there have been changes that are not served yet",
            state.lagSeconds()));
    metrics.add(gauge("store_zones", "Zones in the store", state.store().zones()));
    metrics.add(
        gauge(
            "store_read_only",
            "1 while the store takes no changes",
            state.store().isWritable() ? 0 : 1));
    metrics.add(
        gauge(
            "store_history_bytes",
            "Octets that the kept history takes",
            state.store().historyBytes()));
    metrics.add(
        gauge(
            "store_compacted_revision",
            "The newest revision whose change set is no longer kept",
            state.store().compactedRevision()));
    metrics.add(
        gauge(
            "store_faulty_zones",
            "Zones that cannot be brought up to date and stay as they were",
            state.faults()));
    metrics.add(
        counter(
            "store_zone_changes",
            "Changes of single zones that were made what is served",
            state.zoneChanges()));
    metrics.add(
        counter(
            "store_comparisons",
            "How often all zones were compared with the store",
            state.comparisons()));
    metrics.add(
        counter(
            "store_images_built",
            "Images of zones that were built from the store",
            state.imagesBuilt()));
    metrics.add(
        counter(
            "store_large_rebuilds",
            "Large zones that were built anew after many changes",
            state.largeRebuilds()));
    metrics.add(
        gauge(
            "store_images_unwritable",
            "1 while images cannot be written to the data folder",
            state.filesFail() ? 1 : 0));
    metrics.add(
        histogram(
            "store_apply", "From the commit of a change set to its being served", state.latency()));
  }

  private static void shared(EtcdFigures figures, List<Metric> metrics) {
    metrics.add(
        gauge(
            "shared_store_sequence",
            "Number of the last group of changes that this node's copy has",
            figures.sequence()));
    metrics.add(
        Samples.gauge(
            "flashdns_shared_store_silent_seconds",
            "For how long etcd has not answered: what is served may be so old",
            figures.silentSeconds()));
    metrics.add(counter("shared_store_watches", "Watches that were begun", figures.watches()));
    metrics.add(
        counter(
            "shared_store_gaps",
            "How often a watch had left changes out, which were then read",
            figures.gaps()));
    metrics.add(
        counter(
            "shared_store_faults",
            "Calls of etcd that failed, and whatever else stopped the following",
            figures.faults()));
    metrics.add(
        counter(
            "shared_store_differences",
            "How often this node's copy was not what the others have",
            figures.differences()));
    metrics.add(
        counter(
            "shared_store_fetches",
            "How often this node fetched everything anew",
            figures.fetches()));
    metrics.add(
        counter(
            "shared_store_images",
            "Images of everything that this node wrote for others",
            figures.images()));
    metrics.add(
        gauge(
            "shared_store_etcd_outdated",
            "Members of etcd that lack repairs which a newer release has",
            figures.outdated()));
    List<Metric.Sample> members = new ArrayList<>();
    new TreeMap<>(figures.versions())
        .forEach(
            (member, version) ->
                members.add(new Metric.Sample(List.of(member, version), 1, List.of())));
    metrics.add(
        new Metric(
            "flashdns_shared_store_etcd_version_info",
            "1 for each member of etcd and the version that it told last",
            Metric.Kind.GAUGE,
            List.of("member", "version"),
            members));
  }

  private static void index(IndexState state, List<Metric> metrics) {
    metrics.add(gauge("index_resident_zones", "Zones in memory", state.residentZones()));
    metrics.add(gauge("index_resident_bytes", "Octets of zones in memory", state.residentBytes()));
    metrics.add(
        gauge("index_image_bytes", "Octets of all zones, in memory or not", state.imageBytes()));
    metrics.add(
        gauge(
            "index_pinned_bytes", "Octets of zones that must stay in memory", state.pinnedBytes()));
    metrics.add(
        gauge("index_unfiled_zones", "Zones that are in memory alone", state.unfiledZones()));
    metrics.add(gauge("index_max_bytes", "Octets that zones may take in memory", state.maxBytes()));
    metrics.add(counter("index_loads", "Zones read for a query", state.loads()));
    metrics.add(counter("index_evictions", "Zones given up to make room", state.evictions()));
    metrics.add(counter("index_failures", "Zones that could not be read", state.failures()));
  }

  private static Metric gauge(String name, String help, long value) {
    return Samples.gauge("flashdns_" + name, help, (double) value);
  }

  private static Metric counter(String name, String help, long value) {
    return Samples.counter("flashdns_" + name, help, (double) value);
  }

  private static Metric histogram(String name, String help, Counts counts) {
    List<Long> buckets = new ArrayList<>(Counts.BUCKETS);
    for (int i = 0; i < Counts.BUCKETS; i++) {
      buckets.add(counts.read(i));
    }
    Metric.Sample sample =
        new Metric.Sample(List.of(), (double) counts.read(Counts.BUCKETS), buckets);
    return new Metric("flashdns_" + name, help, Metric.Kind.HISTOGRAM, List.of(), List.of(sample));
  }
}
