package io.flashdns.core.engine;

import io.flashdns.core.plugin.Counts;
import io.flashdns.core.plugin.Label;
import io.flashdns.core.plugin.MetricSource;
import io.flashdns.core.plugin.Metrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What one plugin registered, and its slots by worker. Safe for all threads. */
final class PluginMetrics implements Metrics {
  /** A registered counter family or histogram and its first slot. */
  private record Registered(
      String name, String help, List<Label> labels, int slot, boolean times) {}

  private final String prefix;
  private final Set<String> names = new HashSet<>();
  private final List<Registered> registered = new ArrayList<>();
  private final List<MetricSource> sources = new ArrayList<>();
  private final Map<String, MetricSource> onDemand = new HashMap<>();
  private final List<@Nullable Counts> counts = new ArrayList<>();
  private int slots;
  private boolean sealed;

  PluginMetrics(String plugin) {
    prefix = "flashdns_" + plugin.replace('-', '_') + "_";
  }

  @Override
  public synchronized int counter(String name, String help, Label... labels) {
    int members = 1;
    for (Label label : labels) {
      members = Math.multiplyExact(members, label.values().size());
    }
    return register(new Registered(unused(name), help, List.of(labels), slots, false), members);
  }

  @Override
  public synchronized int histogram(String name, String help) {
    return register(
        new Registered(unused(name), help, List.of(), slots, true), Counts.HISTOGRAM_SLOTS);
  }

  private int register(Registered metric, int size) {
    registered.add(metric);
    slots += size;
    return metric.slot();
  }

  private String unused(String name) {
    requireOpen(name);
    if (!names.add(Metrics.requireName(name))) {
      throw new IllegalArgumentException("two metrics have the name " + name);
    }
    return name;
  }

  private void requireOpen(String name) {
    if (sealed) {
      throw new IllegalStateException(
          "the metric " + name + " is registered after the first hooks: do it in create");
    }
  }

  @Override
  public synchronized void counter(String name, String help, LongSupplier value) {
    String unused = unused(name);
    sources.add(sink -> sink.counter(unused, help, value.getAsLong()));
  }

  @Override
  public synchronized void gauge(String name, String help, DoubleSupplier value) {
    String unused = unused(name);
    sources.add(sink -> sink.gauge(unused, help, value.getAsDouble()));
  }

  @Override
  public synchronized void source(MetricSource source) {
    requireOpen("source");
    sources.add(source);
  }

  @Override
  public synchronized void onDemand(String name, MetricSource source) {
    requireOpen(name);
    if (onDemand.putIfAbsent(Metrics.requireName(name), source) != null) {
      throw new IllegalArgumentException("two sets of metrics have the name " + name);
    }
  }

  /** The slots of a worker; from the first call on nothing more can be registered. */
  synchronized Counts counts(int worker) {
    sealed = true;
    while (counts.size() <= worker) {
      counts.add(null);
    }
    Counts known = counts.get(worker);
    if (known == null) {
      known = new Counts(slots);
      counts.set(worker, known);
    }
    return known;
  }

  /** Slots that nobody reads. */
  synchronized Counts spareCounts() {
    return new Counts(slots);
  }

  /** The sum of a slot over the workers. */
  private long sum(int slot) {
    long sum = 0;
    for (Counts ofWorker : counts) {
      if (ofWorker != null) {
        sum += ofWorker.read(slot);
      }
    }
    return sum;
  }

  /** Says all samples but those on demand. */
  void collect(MetricCollector into) {
    List<MetricSource> asked;
    synchronized (this) {
      for (Registered metric : registered) {
        if (metric.times()) {
          collectHistogram(metric, into);
        } else {
          collectFamily(metric, into);
        }
      }
      asked = List.copyOf(sources);
    }
    MetricCollector.Prefixed sink = into.prefixed(prefix);
    for (MetricSource source : asked) {
      source.collect(sink);
    }
  }

  /** Says the samples of a set; false when the plugin has none of that name. */
  boolean collect(String set, MetricCollector into) {
    MetricSource source;
    synchronized (this) {
      source = onDemand.get(set);
    }
    if (source == null) {
      return false;
    }
    source.collect(into.prefixed(prefix));
    return true;
  }

  /** Names of the sets on demand. */
  synchronized Set<String> sets() {
    return Set.copyOf(onDemand.keySet());
  }

  private void collectHistogram(Registered metric, MetricCollector into) {
    long[] buckets = new long[Counts.BUCKETS];
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] = sum(metric.slot() + i);
    }
    into.histogram(
        prefix + metric.name(),
        metric.help(),
        buckets,
        (double) sum(metric.slot() + Counts.BUCKETS));
  }

  private void collectFamily(Registered metric, MetricCollector into) {
    List<Label> labels = metric.labels();
    List<String> labelNames = labels.stream().map(Label::name).toList();
    int members =
        labels.stream().mapToInt(label -> label.values().size()).reduce(1, (a, b) -> a * b);
    for (int member = 0; member < members; member++) {
      String[] values = new String[labels.size()];
      int rest = member;
      for (int i = labels.size() - 1; i >= 0; i--) {
        List<String> of = labels.get(i).values();
        values[i] = of.get(rest % of.size());
        rest /= of.size();
      }
      long value = sum(metric.slot() + member);
      // Of a family only what was seen is said: most types, for instance, never are.
      if (value != 0 || labels.isEmpty()) {
        into.counter(prefix + metric.name(), metric.help(), labelNames, List.of(values), value);
      }
    }
  }
}
