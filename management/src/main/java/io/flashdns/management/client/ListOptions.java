package io.flashdns.management.client;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What every list takes. */
final class ListOptions {
  @Option(
      names = "--filter",
      paramLabel = "FILTER",
      description =
          "Comparisons of the API joined by AND: 'labels.team = \"web\" AND revision > 100'.")
  @Nullable String filter;

  @Option(
      names = "--order",
      paramLabel = "FIELD",
      description = "Field to order by, with ' desc' for the other direction.")
  String order = "";

  @Option(names = "--limit", paramLabel = "N", description = "At most so many. Default: all.")
  int limit;
}
