package io.flashdns.management.client;

import io.flashdns.proto.v1.GetZoneRequest;
import io.flashdns.proto.v1.ListRecordsRequest;
import io.flashdns.proto.v1.ListZonesRequest;
import io.flashdns.proto.v1.ListZonesResponse;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneConfiguration;
import io.flashdns.proto.v1.ZoneCreation;
import io.flashdns.proto.v1.ZoneDeletion;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneReplacement;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to make zones what files say: the files held against what is there. Versions
 * that were seen go along, so that nothing is done to a zone that somebody else changes meanwhile.
 */
final class ApplyPlan {
  /** So much of a change set goes into one message of at most 1 MiB. */
  private static final int MAX_CHANGE_BYTES = 1_000_000;

  private static final int MAX_CHANGES = 1000;
  private static final int MAX_RECORDS = 20_000;

  /**
   * A step: a zone in a change set, or a zone file on its own.
   *
   * @param zone what it is for; null for a zone that is deleted
   * @param name of the zone, for people
   * @param change part of a change set; null when the zone is imported
   * @param existing what is there; null when the zone is created
   */
  record Step(
      @Nullable DesiredZone zone,
      String name,
      @Nullable ZoneChange change,
      @Nullable Zone existing) {}

  private final Session session;
  private final List<Step> contents = new ArrayList<>();
  private final List<Step> settings = new ArrayList<>();

  ApplyPlan(Session session) {
    this.session = session;
  }

  /** Records and zones. */
  List<Step> contents() {
    return contents;
  }

  /** Settings of zones that are there. */
  List<Step> settings() {
    return settings;
  }

  /** Plans for a zone. */
  void add(DesiredZone zone) throws InterruptedException {
    Zone existing = existing(zone);
    String name = ZoneNames.apex(zone.name());
    if (zone.file() != null) {
      contents.add(new Step(zone, name, null, existing));
    } else if (existing == null) {
      ZoneCreation creation =
          ZoneCreation.newBuilder().setZone(zone.settings()).addAllRecords(zone.records()).build();
      contents.add(sized(zone, name, ZoneChange.newBuilder().setCreate(creation).build(), null));
    } else {
      ZoneReplacement replacement =
          ZoneReplacement.newBuilder()
              .setZone(ZoneRef.newBuilder().setId(existing.getId()))
              .addAllRecords(complete(zone, existing))
              .setEtag(existing.getEtag())
              .build();
      contents.add(
          sized(zone, name, ZoneChange.newBuilder().setReplace(replacement).build(), existing));
    }
    if (existing != null) {
      configure(zone, name, existing);
    }
  }

  /** Plans to delete the zones of a project or with a label that no file names. */
  void prune(List<DesiredZone> kept, String filter) throws InterruptedException {
    Set<String> names = new HashSet<>();
    kept.forEach(zone -> names.add(ZoneNames.apex(zone.name())));
    Pages<Zone> zones =
        new Pages<>(
            0,
            (size, token) -> {
              ListZonesRequest request =
                  ListZonesRequest.newBuilder()
                      .setPageSize(size)
                      .setPageToken(token)
                      .setFilter(filter)
                      .build();
              ListZonesResponse page = session.ask(() -> session.zones().listZones(request));
              return new Pages.Page<>(page.getZonesList(), page.getNextPageToken());
            });
    for (Zone zone : zones) {
      if (!names.contains(ZoneNames.of(zone)) && zone.getSource().isEmpty()) {
        ZoneDeletion deletion =
            ZoneDeletion.newBuilder()
                .setZone(ZoneRef.newBuilder().setId(zone.getId()))
                .setEtag(zone.getEtag())
                .build();
        contents.add(
            new Step(
                null,
                ZoneNames.of(zone),
                ZoneChange.newBuilder().setDelete(deletion).build(),
                zone));
      }
    }
  }

  /** Steps in as few change sets as fit; those that are imported are left out. */
  static List<List<Step>> sets(List<Step> steps) {
    List<List<Step>> sets = new ArrayList<>();
    List<Step> set = new ArrayList<>();
    long octets = 0;
    int records = 0;
    for (Step step : steps) {
      ZoneChange change = step.change();
      if (change == null) {
        continue;
      }
      int size = change.getSerializedSize() + 8;
      int more = change.getReplace().getRecordsCount() + change.getCreate().getRecordsCount();
      if (!set.isEmpty()
          && (octets + size > MAX_CHANGE_BYTES
              || records + more > MAX_RECORDS
              || set.size() == MAX_CHANGES)) {
        sets.add(set);
        set = new ArrayList<>();
        octets = 0;
        records = 0;
      }
      set.add(step);
      octets += size;
      records += more;
    }
    if (!set.isEmpty()) {
      sets.add(set);
    }
    return sets;
  }

  /** What does not fit into one message is imported. */
  private static Step sized(
      DesiredZone zone, String name, ZoneChange change, @Nullable Zone existing) {
    boolean fits =
        change.getSerializedSize() <= MAX_CHANGE_BYTES && zone.records().size() <= MAX_RECORDS;
    return new Step(zone, name, fits ? change : null, existing);
  }

  private @Nullable Zone existing(DesiredZone zone) throws InterruptedException {
    GetZoneRequest request =
        GetZoneRequest.newBuilder().setZone(ZoneRef.newBuilder().setName(zone.name())).build();
    try {
      return session.ask(() -> session.zones().getZone(request)).getZone();
    } catch (StatusRuntimeException e) {
      if (Failures.isNotFound(e)) {
        return null;
      }
      throw e;
    }
  }

  /** SOA and NS of the apex stay what they are where the file says nothing of them. */
  private List<Record> complete(DesiredZone zone, Zone existing) throws InterruptedException {
    List<Record> records = new ArrayList<>();
    boolean hasSoa = zone.hasAtApex(RecordType.RECORD_TYPE_SOA);
    boolean hasNs = zone.hasAtApex(RecordType.RECORD_TYPE_NS);
    if (!hasSoa || !hasNs) {
      ListRecordsRequest request =
          ListRecordsRequest.newBuilder()
              .setZone(ZoneRef.newBuilder().setId(existing.getId()))
              .setFilter(new Filters().text("name", zone.apex()).text())
              .setPageSize(Pages.SIZE)
              .build();
      for (Record record :
          session.ask(() -> session.records().listRecords(request)).getRecordsList()) {
        if ((!hasSoa && record.getType() == RecordType.RECORD_TYPE_SOA)
            || (!hasNs && record.getType() == RecordType.RECORD_TYPE_NS)) {
          records.add(record.toBuilder().clearEtag().clearRevision().build());
        }
      }
    }
    // At the end, so that paths of refused fields count as the file does.
    records.addAll(0, zone.records().stream().map(record -> serial(record, existing)).toList());
    return records;
  }

  /** A serial that is not ahead of the zone's is no wish: the policy of the zone chooses. */
  private static Record serial(Record record, Zone existing) {
    if (record.getType() != RecordType.RECORD_TYPE_SOA || record.getDataCount() != 1) {
      return record;
    }
    String[] words = record.getData(0).getText().split(" ");
    try {
      if (words.length < 7 || Integer.parseUnsignedInt(words[2]) - existing.getSerial() > 0) {
        return record;
      }
    } catch (NumberFormatException _) {
      return record;
    }
    words[2] = "0";
    return record.toBuilder()
        .setData(0, RecordData.newBuilder().setText(String.join(" ", words)))
        .build();
  }

  private void configure(DesiredZone zone, String name, Zone existing) {
    Zone wanted = zone.settings();
    ZoneConfiguration.Builder configuration =
        ZoneConfiguration.newBuilder()
            .setZone(wanted.toBuilder().clearProject().setId(existing.getId()));
    for (String path : zone.said()) {
      boolean same =
          switch (path) {
            case "labels" -> wanted.getLabelsMap().equals(existing.getLabelsMap());
            case "comment" -> wanted.getComment().equals(existing.getComment());
            case "serial_policy" -> wanted.getSerialPolicy() == existing.getSerialPolicy();
            default -> wanted.getSuspended() == existing.getSuspended();
          };
      if (!same) {
        configuration.getUpdateMaskBuilder().addPaths(path);
      }
    }
    if (configuration.hasUpdateMask()) {
      settings.add(
          new Step(
              zone, name, ZoneChange.newBuilder().setConfigure(configuration).build(), existing));
    }
  }

  /** A zone as a zone file, for what is too large for a message. */
  static String text(DesiredZone zone) {
    StringBuilder text = new StringBuilder();
    for (Record record : zone.records()) {
      for (String line : Differences.lines(record)) {
        text.append(line).append('\n');
      }
    }
    return text.toString();
  }
}
