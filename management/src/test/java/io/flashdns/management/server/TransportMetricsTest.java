package io.flashdns.management.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.engine.Metric;
import io.flashdns.transport.TransportCounters;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TransportMetricsTest {
  /** Each counter of the record has a metric of its name and its value. */
  @Test
  void noCounterIsForgottenOrConfused() throws Exception {
    RecordComponent[] components = TransportCounters.class.getRecordComponents();
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Object[] values = LongStream.rangeClosed(1, components.length).boxed().toArray();
    TransportCounters counters =
        TransportCounters.class.getDeclaredConstructor(types).newInstance(values);

    List<String> expected = new ArrayList<>();
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
      expected.add("flashdns_transport_" + name + " " + (i + 1) + ".0");
    }
    expected.add("flashdns_transport_tcp_open " + (double) counters.tcpOpen());

    assertThat(TransportMetrics.of(counters))
        .extracting(metric -> metric.name() + " " + metric.samples().getFirst().value())
        .containsExactlyInAnyOrderElementsOf(expected);
    assertThat(TransportMetrics.of(counters))
        .filteredOn(metric -> metric.kind() == Metric.Kind.GAUGE)
        .extracting(Metric::name)
        .containsExactlyInAnyOrder(
            "flashdns_transport_tcp_open",
            "flashdns_transport_udp_shield_active",
            "flashdns_transport_udp_shielded_sources");
  }
}
