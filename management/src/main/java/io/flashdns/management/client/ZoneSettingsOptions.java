package io.flashdns.management.client;

import io.flashdns.proto.v1.Zone;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Settings of a zone that is made. */
final class ZoneSettingsOptions {
  @Option(
      names = "--project",
      paramLabel = "ORG/PROJECT",
      description =
          "Where the zone belongs. Default: the only project that you may create zones in.")
  @Nullable String project;

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "A mark for people and tools; may be repeated.")
  Map<String, String> labels = new LinkedHashMap<>();

  @Option(names = "--comment", paramLabel = "TEXT", description = "What the zone is for.")
  @Nullable String comment;

  @Option(
      names = "--serial-policy",
      paramLabel = "POLICY",
      description = "How the serial moves: increment (default), date, unix-time or as-given.")
  @Nullable String serialPolicy;

  /** The zone of this name. */
  Zone zone(String name, @Nullable String view) throws ClientException {
    Zone.Builder zone = Zone.newBuilder().setName(ZoneNames.name(name, view)).putAllLabels(labels);
    if (project != null) {
      zone.setProject(ZoneNames.project(project));
    }
    if (comment != null) {
      zone.setComment(comment);
    }
    if (serialPolicy != null) {
      zone.setSerialPolicy(ZoneNames.serialPolicy(serialPolicy));
    }
    return zone.build();
  }
}
