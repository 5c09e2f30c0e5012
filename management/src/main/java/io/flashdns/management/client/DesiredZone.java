package io.flashdns.management.client;

import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneName;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a file says that a zone is to be.
 *
 * @param source where that stands, for messages
 * @param settings name, and what else is said of the zone
 * @param said which of {@code labels}, {@code comment}, {@code serial_policy} and {@code suspended}
 *     are said
 * @param records all records of the zone; without SOA and NS at the apex those of the server stay
 * @param places where each record stands, for messages
 * @param file a zone file that the server is to read itself; null when {@code records} has all
 */
record DesiredZone(
    String source,
    Zone settings,
    Set<String> said,
    List<Record> records,
    List<String> places,
    @Nullable Path file) {
  ZoneName name() {
    return settings.getName();
  }

  String apex() {
    return name().getApex();
  }

  /** Whether it has a record of this type at the apex. */
  boolean hasAtApex(RecordType type) {
    return records.stream()
        .anyMatch(record -> record.getType() == type && record.getName().equalsIgnoreCase(apex()));
  }
}
