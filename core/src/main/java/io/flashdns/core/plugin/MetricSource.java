package io.flashdns.core.plugin;

/** Gives samples when somebody asks. */
@FunctionalInterface
public interface MetricSource {
  /** Says each sample once. Any thread, not a worker's; may allocate. */
  void collect(MetricSink sink);
}
