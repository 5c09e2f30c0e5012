package io.flashdns.management.client;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The record that a command is about. */
final class RecordArgument {
  @Parameters(index = "0", paramLabel = "NAME", description = "Owner name of the record.")
  String name = "";

  @Parameters(index = "1", paramLabel = "TYPE", description = "Type: A, AAAA, MX, TYPE65400.")
  String type = "";

  @Option(
      names = "--zone",
      paramLabel = "ZONE",
      description = "The zone, by name or id:ID. Default: the longest at or above the name.")
  @Nullable String zone;

  @Option(names = "--view", paramLabel = "VIEW", description = "The view. Default: public.")
  @Nullable String view;

  ZoneFinder.Place place(Session session) throws ClientException, InterruptedException {
    return ZoneFinder.of(session, name, zone, view);
  }
}
