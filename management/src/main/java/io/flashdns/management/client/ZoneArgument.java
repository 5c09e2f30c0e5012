package io.flashdns.management.client;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The zone that a command is about. */
final class ZoneArgument {
  @Parameters(index = "0", paramLabel = "ZONE", description = "Name of the zone, or id:ID.")
  String zone = "";

  @Option(
      names = "--view",
      paramLabel = "VIEW",
      description = "The view of the zone. Default: public.")
  @Nullable String view;
}
