package io.flashdns.bench.load;

import io.flashdns.bench.load.Workload.Kind;
import io.flashdns.bench.load.Workload.Spread;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say what is asked, and what must come back. */
final class QueryOptions {
  private static final int QUERIES = 500_000;
  private static final String STDIN = "-";

  @Option(
      names = {"-d", "--data"},
      paramLabel = "FILE",
      description =
          "A list of queries as dnsperf reads it: a name and a type in each line; '-' and none of"
              + " -d, --workload and --flood for standard input.")
  private @Nullable String data;

  @Option(
      names = "--workload",
      paramLabel = "KIND",
      description =
          "No list, but what 'flashdns bench workload' would write: ${COMPLETION-CANDIDATES}, for"
              + " zones of that command; a flood is of names that are new each time.")
  private @Nullable Kind workload;

  @Option(
      names = "--zones",
      paramLabel = "N",
      defaultValue = "1",
      description = "Zones of the --workload (default: ${DEFAULT-VALUE}).")
  private int zones = 1;

  @Option(
      names = "--names",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Hosts in each of its zones (default: ${DEFAULT-VALUE}).")
  private int names = 1;

  @Option(
      names = "--spread",
      paramLabel = "HOW",
      defaultValue = "cubic",
      description =
          "How its queries are spread over zones: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  private Spread spread = Spread.CUBIC;

  @Option(
      names = "--queries",
      paramLabel = "N",
      description = "Length of its list (default: 500000).")
  private int queries = QUERIES;

  @Option(
      names = "--flood",
      paramLabel = "ZONE",
      split = ",",
      description = "Random names below this zone, a new one each time; several by commas.")
  private List<String> flood = List.of();

  @Option(
      names = "--expect",
      paramLabel = "FILE",
      description =
          "What must come back, line by line as the list: RCODE [ANSWERS [ADDRESS]]. A --workload"
              + " knows it by itself.")
  private @Nullable Path expect;

  @Option(
      names = "--expect-rcode",
      paramLabel = "RCODE",
      split = ",",
      description = "Rcodes that are right; all others are wrong.")
  private List<String> expectRcode = List.of();

  /** The list, as the options want it. */
  Queries queries(long seed) throws LoadException {
    int sources = (data == null ? 0 : 1) + (workload == null ? 0 : 1) + (flood.isEmpty() ? 0 : 1);
    if (sources > 1) {
      throw new IllegalArgumentException("only one of -d, --workload and --flood can be");
    }
    Queries list;
    Kind kind = workload;
    if (kind != null) {
      if (queries < 1) {
        throw new IllegalArgumentException("--queries: a list has at least one query");
      }
      list = new Workload(zones, names, spread, seed).queries(kind, queries);
    } else if (!flood.isEmpty()) {
      list = newNames();
    } else if (data == null || data.equals(STDIN)) {
      list = standardInput();
    } else {
      list = QueryFile.read(Path.of(data));
    }
    return expect == null ? list : QueryFile.expecting(list, expect);
  }

  private Queries newNames() {
    Queries.Builder list = Queries.builder();
    for (String zone : flood) {
      list.addNewBelow(DomainName.parse(zone), RecordType.A);
    }
    return list.build();
  }

  private static Queries standardInput() throws LoadException {
    try {
      return QueryFile.read(System.in, "standard input");
    } catch (IOException e) {
      throw new LoadException("cannot read standard input: " + e.getMessage(), e);
    }
  }

  /** A bit for each rcode that is right; 0 for all. */
  int goodRcodes() {
    int bits = 0;
    for (String word : expectRcode) {
      bits |= 1 << Expected.rcode(word);
    }
    return bits;
  }
}
