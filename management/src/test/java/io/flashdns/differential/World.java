package io.flashdns.differential;

import io.flashdns.differential.ZoneSource.Signing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/** All zones of a run, written to files and signed where they are to be. */
final class World {
  private final List<ServedZone> zones = new ArrayList<>();
  private final Map<Name, ServedZone> byApex = new HashMap<>();

  /**
   * Writes the zones into {@code folder}; each file is named so that its default origin plays no
   * part.
   */
  static World write(List<ZoneSource> sources, Path folder) throws IOException {
    World world = new World();
    Files.createDirectories(folder);
    ZoneSigner signer = null;
    for (int i = 0; i < sources.size(); i++) {
      ZoneSource source = sources.get(i);
      String number = "zone" + i;
      Path file = folder.resolve(number + ".zone");
      Files.writeString(file, source.text());
      if (ZoneSigner.isFor(source)) {
        if (signer == null) {
          signer = new ZoneSigner(folder.resolve("keys"));
        }
        signer.sign(source, file, number);
      }
      world.add(ServedZone.read(Name.fromString(source.apex()), source.signing(), file));
    }
    return world;
  }

  /** Adds a zone that came as a file. */
  void add(String apex, Path file) throws IOException {
    add(ServedZone.read(Name.fromString(apex), Signing.UNSIGNED, file));
  }

  private void add(ServedZone zone) {
    zones.add(zone);
    byApex.put(zone.apex(), zone);
  }

  List<ServedZone> zones() {
    return zones;
  }

  @Nullable ServedZone zone(Name apex) {
    return byApex.get(apex);
  }

  /**
   * The zone with the longest apex that the name is at or below; for DS at an apex the one above,
   * where there is one.
   */
  @Nullable ServedZone zoneOf(Name name, int type) {
    ServedZone own = null;
    for (int skip = 0; skip < name.labels(); skip++) {
      ServedZone zone = byApex.get(skip == 0 ? name : new Name(name, skip));
      if (zone != null && (type != Type.DS || skip > 0)) {
        return zone;
      }
      own = zone != null ? zone : own;
    }
    return own;
  }

  /**
   * True when a zone other than {@code own} has the name, or a name between it and {@code own}'s
   * data that own has not.
   */
  boolean isKnownToAnotherZone(Name name, ServedZone own) {
    for (Name at = name; at.labels() > own.apex().labels(); at = new Name(at, 1)) {
      Name candidate = at;
      boolean isEmptyHere = own.types(candidate).isEmpty();
      if (isEmptyHere
          && zones.stream()
              .anyMatch(
                  zone ->
                      zone != own && zone.exists(candidate) && candidate.subdomain(zone.apex()))) {
        return true;
      }
    }
    return false;
  }

  /** A name in wire form. */
  static Name name(String wire) {
    try {
      return new Name(wire.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  NameKind kindOf(Name name, int type) {
    ServedZone zone = zoneOf(name, type);
    return zone == null ? NameKind.OUTSIDE : zone.kindOf(name, type);
  }
}
