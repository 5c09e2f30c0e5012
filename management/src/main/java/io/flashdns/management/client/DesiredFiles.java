package io.flashdns.management.client;

import io.flashdns.proto.v1.Zone;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what {@code apply} is given: zone files, YAML, folders of both, standard input. */
final class DesiredFiles {
  private static final String ZONE = ".zone";

  private final @Nullable String project;
  private final @Nullable String view;
  private final List<DesiredZone> zones = new ArrayList<>();

  /**
   * Begins.
   *
   * @param project where zones are created that do not say it themselves; null for none
   * @param view the view of zone files; null for the public one
   */
  DesiredFiles(@Nullable String project, @Nullable String view) {
    this.project = project;
    this.view = view;
  }

  /** Reads all of them; no zone may be said twice. */
  List<DesiredZone> read(Session session, List<Path> paths) throws ClientException, IOException {
    for (Path path : paths) {
      if (path.toString().equals("-")) {
        String text = new String(session.console().in().readAllBytes(), StandardCharsets.UTF_8);
        zones.addAll(ZoneDocuments.read(text, "standard input"));
      } else if (Files.isDirectory(path)) {
        folder(path);
      } else {
        file(path);
      }
    }
    Map<String, String> sources = new HashMap<>();
    List<DesiredZone> whole = new ArrayList<>();
    for (DesiredZone zone : zones) {
      String other = sources.put(ZoneNames.apex(zone.name()), zone.source());
      if (other != null) {
        throw ClientException.failed(
            "zone " + ZoneNames.apex(zone.name()) + " is in " + other + " and in " + zone.source());
      }
      whole.add(withProject(zone));
    }
    return whole;
  }

  private DesiredZone withProject(DesiredZone zone) throws ClientException {
    if (project == null || zone.settings().hasProject()) {
      return zone;
    }
    Zone settings = zone.settings().toBuilder().setProject(ZoneNames.project(project)).build();
    return new DesiredZone(
        zone.source(), settings, zone.said(), zone.records(), zone.places(), zone.file());
  }

  private void folder(Path folder) throws ClientException, IOException {
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files =
          entries
              .filter(entry -> Files.isRegularFile(entry) && !name(entry).startsWith("."))
              .filter(entry -> isZoneFile(entry) || isYaml(entry))
              .sorted()
              .toList();
    }
    if (files.isEmpty()) {
      throw ClientException.failed(folder + " has neither *.zone nor *.yaml files");
    }
    for (Path file : files) {
      file(file);
    }
  }

  private void file(Path file) throws ClientException {
    if (isYaml(file)) {
      zones.addAll(ZoneDocuments.read(LocalFiles.read(file), file.toString()));
    } else if (isZoneFile(file)) {
      zones.add(ZoneFile.read(file, origin(file), view));
    } else {
      throw ClientException.usage(
          file
              + ": files of zones are called NAME.zone, those of YAML *.yaml; see also 'flashdns"
              + " zone import'");
    }
  }

  /** {@code example.org.zone} has the zone example.org, unless its SOA says otherwise. */
  private static String origin(Path file) throws ClientException {
    String name = name(file);
    return DomainName.absolute(name.substring(0, name.length() - ZONE.length()));
  }

  private static boolean isZoneFile(Path file) {
    return name(file).endsWith(ZONE);
  }

  private static boolean isYaml(Path file) {
    return name(file).endsWith(".yaml") || name(file).endsWith(".yml");
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  /** A zone whose file the server reads itself. */
  static DesiredZone left(Path file, String apex, @Nullable String view) throws ClientException {
    return new DesiredZone(
        file.toString(),
        Zone.newBuilder().setName(ZoneNames.name(apex, view)).build(),
        Set.of(),
        List.of(),
        List.of(),
        file);
  }
}
