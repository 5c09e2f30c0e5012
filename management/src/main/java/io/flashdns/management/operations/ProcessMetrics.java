package io.flashdns.management.operations;

import com.sun.management.UnixOperatingSystemMXBean;
import io.flashdns.core.engine.Metric;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.ArrayList;
import java.util.List;

/** What the JVM and the system say of this process. */
final class ProcessMetrics {
  private ProcessMetrics() {}

  /**
   * All of them, now.
   *
   * @param version of the server
   */
  static List<Metric> collect(String version) {
    List<Metric> metrics = new ArrayList<>();
    metrics.add(
        new Metric(
            "flashdns_build_info",
            "1, with the version of the server and of Java",
            Metric.Kind.GAUGE,
            List.of("version", "java"),
            List.of(
                new Metric.Sample(List.of(version, Runtime.version().toString()), 1, List.of()))));
    heap(metrics);
    collections(metrics);
    metrics.add(
        Samples.gauge(
            "flashdns_jvm_threads",
            "Platform threads",
            ManagementFactory.getThreadMXBean().getThreadCount()));
    metrics.add(
        Samples.gauge(
            "flashdns_process_uptime_seconds",
            "Time since the start of the process",
            ManagementFactory.getRuntimeMXBean().getUptime() / 1e3));
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      metrics.add(
          Samples.counter(
              "flashdns_process_cpu_seconds",
              "Processor time of all threads",
              system.getProcessCpuTime() / 1e9));
      metrics.add(
          Samples.gauge(
              "flashdns_process_open_fds",
              "Open file descriptors",
              (double) system.getOpenFileDescriptorCount()));
      metrics.add(
          Samples.gauge(
              "flashdns_process_max_fds",
              "File descriptors that the process may open",
              (double) system.getMaxFileDescriptorCount()));
    }
    return metrics;
  }

  private static void heap(List<Metric> metrics) {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    metrics.add(
        Samples.gauge(
            "flashdns_jvm_heap_used_bytes",
            "Octets of objects, garbage included",
            (double) heap.getUsed()));
    metrics.add(
        Samples.gauge(
            "flashdns_jvm_heap_committed_bytes",
            "Octets that the heap has from the system",
            (double) heap.getCommitted()));
    metrics.add(
        Samples.gauge(
            "flashdns_jvm_heap_max_bytes",
            "Octets that the heap may have",
            (double) heap.getMax()));
  }

  private static void collections(List<Metric> metrics) {
    List<Metric.Sample> pauses = new ArrayList<>();
    List<Metric.Sample> seconds = new ArrayList<>();
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      List<String> name = List.of(collector.getName());
      pauses.add(
          new Metric.Sample(name, (double) Math.max(0, collector.getCollectionCount()), List.of()));
      seconds.add(
          new Metric.Sample(name, Math.max(0, collector.getCollectionTime()) / 1e3, List.of()));
    }
    metrics.add(
        new Metric(
            "flashdns_jvm_gc_pauses",
            "Collections of garbage",
            Metric.Kind.COUNTER,
            List.of("collector"),
            pauses));
    metrics.add(
        new Metric(
            "flashdns_jvm_gc_pause_seconds",
            "Time that they took",
            Metric.Kind.COUNTER,
            List.of("collector"),
            seconds));
  }
}
