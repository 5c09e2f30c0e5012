package io.flashdns.core.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.EdnsOption;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.embedded.ScenarioFile.Exchange;
import io.flashdns.core.embedded.ScenarioFile.Expected;
import io.flashdns.core.plugin.Protocol;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Sends the queries of a scenario file to a server in memory and holds the replies against what the
 * file says.
 */
final class ScenarioRun {
  private ScenarioRun() {}

  /** The folder of the scenario files. */
  static Path folder() {
    try {
      return Path.of(Objects.requireNonNull(ScenarioRun.class.getResource("/scenarios")).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A test for each query and protocol of a file. */
  static Stream<DynamicTest> of(String name) {
    ScenarioFile scenario = ScenarioFile.read(folder().resolve(name + ".txt"));
    EmbeddedServer server = server(scenario);
    List<DynamicTest> tests = new ArrayList<>();
    for (Exchange exchange : scenario.exchanges()) {
      if (exchange.overUdp()) {
        tests.add(test(name, server, exchange, Protocol.UDP));
      }
      if (exchange.overTcp()) {
        tests.add(test(name, server, exchange, Protocol.TCP));
      }
    }
    tests.add(
        DynamicTest.dynamicTest(
            name + ": no hook threw", () -> assertThat(server.counters().faults()).isZero()));
    return tests.stream();
  }

  static EmbeddedServer server(ScenarioFile scenario) {
    EmbeddedServer.Builder builder = EmbeddedServer.builder();
    scenario.zones().forEach(builder::zone);
    byte[] nsid = scenario.nsid();
    if (nsid != null) {
      builder.plugin(new OptionPlugin(), new OptionPlugin.Config(EdnsOption.NSID, nsid));
    }
    return builder.build();
  }

  private static DynamicTest test(
      String name, EmbeddedServer server, Exchange exchange, Protocol protocol) {
    String title = name + ":" + exchange.line() + " " + exchange.text() + " over " + protocol;
    return DynamicTest.dynamicTest(
        title, () -> check(server.over(protocol).ask(exchange.message()), exchange, protocol));
  }

  /**
   * Holds a reply against what is expected.
   *
   * @throws AssertionError saying how they differ
   */
  static void check(byte[] reply, Exchange exchange, Protocol protocol) {
    Expected expected = exchange.expected();
    if (expected.silence()) {
      assertThat(reply).as("silence").isEmpty();
      return;
    }
    StrictReply strict = StrictReply.of(exchange.message(), reply, protocol);
    assertThat(headline(strict)).as("reply:\n%s", strict).isEqualTo(headline(expected));
    for (int i = 0; i < 3; i++) {
      List<Record> wanted = expected.sections().get(i);
      if (wanted != null) {
        List<RrsetText> got = rrsets(strict.section(Section.ANSWER + i));
        List<RrsetText> want = rrsets(wanted);
        if (i > 0) {
          // The order of RRsets says something in the answer alone, where chains are followed from
          // the first to the last.
          got = got.stream().sorted().toList();
          want = want.stream().sorted().toList();
        }
        assertThat(got).as("section %d of reply:\n%s", i, strict).isEqualTo(want);
      }
    }
    checkOpt(strict, exchange);
  }

  private static void checkOpt(StrictReply reply, Exchange exchange) {
    OPTRecord opt = reply.opt();
    assertThat(opt != null)
        .as("the reply has EDNS where the query has it")
        .isEqualTo(exchange.edns());
    assertThat(reply.extendedErrors())
        .as("extended errors")
        .isEqualTo(opt == null ? List.of() : exchange.expected().extendedErrors());
    if (opt == null) {
      return;
    }
    assertThat(opt.getVersion()).as("EDNS version").isZero();
    assertThat(opt.getPayloadSize()).as("EDNS payload size").isEqualTo(1_232);
    assertThat(opt.getFlags()).as("EDNS flags").isEqualTo(exchange.dnssecOk() ? 0x8000 : 0);
    String nsid =
        opt.getOptions(3).stream()
            .map(option -> HexFormat.of().formatHex(option.toWire()).substring(8))
            .reduce("", String::concat);
    assertThat(nsid).as("NSID").isEqualTo(exchange.expected().nsid());
    int known = opt.getOptions(3).size() + opt.getOptions(15).size();
    assertThat(opt.getOptions()).as("no other options").hasSize(known);
  }

  private static String headline(StrictReply reply) {
    Set<String> flags = new TreeSet<>();
    if (reply.has(Wire.AA)) {
      flags.add("aa");
    }
    if (reply.has(Wire.TC)) {
      flags.add("tc");
    }
    return Rcode.string(reply.rcode()) + " " + flags;
  }

  private static String headline(Expected expected) {
    return expected.rcode() + " " + new TreeSet<>(expected.flags());
  }

  /** RRsets in the order in which their first records stand; their records sorted. */
  private static List<RrsetText> rrsets(List<Record> records) {
    Map<String, List<String>> sets = new LinkedHashMap<>();
    @Nullable String last = null;
    for (Record record : records) {
      String covered =
          record instanceof RRSIGRecord signature
              ? " of " + Type.string(signature.getTypeCovered())
              : "";
      String head =
          record.getName().toString().toLowerCase(Locale.ROOT)
              + " "
              + Type.string(record.getType())
              + covered;
      assertThat(head.equals(last) || !sets.containsKey(head))
          .as("records of %s stand together", head)
          .isTrue();
      sets.computeIfAbsent(head, _ -> new ArrayList<>())
          .add(record.getTTL() + " " + record.rdataToString().toLowerCase(Locale.ROOT));
      last = head;
    }
    return sets.entrySet().stream()
        .map(set -> new RrsetText(set.getKey(), set.getValue().stream().sorted().toList()))
        .toList();
  }

  private record RrsetText(String head, List<String> records) implements Comparable<RrsetText> {
    @Override
    public int compareTo(RrsetText other) {
      return head.compareTo(other.head);
    }
  }
}
