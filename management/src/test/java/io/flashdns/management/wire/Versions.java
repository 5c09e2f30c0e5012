package io.flashdns.management.wire;

import io.flashdns.proto.v1.AData;
import io.flashdns.proto.v1.ApplyChangesRequest;
import io.flashdns.proto.v1.CnameData;
import io.flashdns.proto.v1.NsData;
import io.flashdns.proto.v1.ProjectName;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordEdit;
import io.flashdns.proto.v1.RecordSelector;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.SoaData;
import io.flashdns.proto.v1.Ttl;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneChange;
import io.flashdns.proto.v1.ZoneCreation;
import io.flashdns.proto.v1.ZoneEdit;
import io.flashdns.proto.v1.ZoneName;
import io.flashdns.proto.v1.ZoneRef;
import io.flashdns.proto.v1.ZoneReplacement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Content of four zones, ten thousand records, in one version after another. Every record says
 * which version it is of: in its TTL, addresses once more in their octets, an SOA in its serial and
 * in the TTL that it has in negative answers.
 *
 * <p>Of the 2,500 records of each zone, names
 *
 * <ul>
 *   <li>{@code hN} have one address each,
 *   <li>{@code cN} are aliases of names in the next zone,
 *   <li>{@code dN} are delegated to a name server {@code ns.dN} below, whose address goes into the
 *       same reply,
 *   <li>{@code lN} have {@value #LARGE} addresses each,
 *   <li>{@code oN} have an address in odd versions and are not there in even ones.
 * </ul>
 */
final class Versions {
  static final int ZONES = 4;
  static final int RECORDS = 10_000;
  static final int ALIASES = 100;
  static final int DELEGATIONS = 50;
  static final int LARGE_SETS = 20;
  static final int ODD = 80;
  static final int HOSTS = RECORDS / ZONES - ALIASES - 2 * DELEGATIONS - LARGE_SETS - ODD;
  static final int LARGE = 60;

  /** TTL of version 0. */
  private static final int TTL = 1_000;

  private static final int OCTET = 256;

  private Versions() {}

  static String apex(int zone) {
    return "z" + zone + ".test.";
  }

  static int ttl(int version) {
    return TTL + version;
  }

  static int versionOf(long ttl) {
    return (int) ttl - TTL;
  }

  /** An address of a version: 10, the version in two octets, and which of several. */
  static String address(int version, int which) {
    return "10." + version / OCTET + "." + version % OCTET + "." + which;
  }

  private static RecordData data(String address) {
    return RecordData.newBuilder().setA(AData.newBuilder().setAddress(address)).build();
  }

  private static Record.Builder record(String name, RecordType type, int version) {
    return Record.newBuilder()
        .setName(name)
        .setType(type)
        .setTtl(Ttl.newBuilder().setSeconds(ttl(version)));
  }

  /** All records of a zone in a version, but its SOA, its NS and those of odd versions. */
  private static List<Record> always(int zone, int version) {
    List<Record> records = new ArrayList<>();
    String apex = apex(zone);
    for (int i = 0; i < HOSTS; i++) {
      records.add(
          record("h" + i + "." + apex, RecordType.RECORD_TYPE_A, version)
              .addData(data(address(version, 0)))
              .build());
    }
    for (int i = 0; i < ALIASES; i++) {
      records.add(
          record("c" + i + "." + apex, RecordType.RECORD_TYPE_CNAME, version)
              .addData(
                  RecordData.newBuilder()
                      .setCname(
                          CnameData.newBuilder()
                              .setTarget("h" + i + "." + apex((zone + 1) % ZONES))))
              .build());
    }
    for (int i = 0; i < DELEGATIONS; i++) {
      String cut = "d" + i + "." + apex;
      records.add(
          record(cut, RecordType.RECORD_TYPE_NS, version)
              .addData(RecordData.newBuilder().setNs(NsData.newBuilder().setServer("ns." + cut)))
              .build());
      records.add(
          record("ns." + cut, RecordType.RECORD_TYPE_A, version)
              .addData(data(address(version, 0)))
              .build());
    }
    for (int i = 0; i < LARGE_SETS; i++) {
      Record.Builder large = record("l" + i + "." + apex, RecordType.RECORD_TYPE_A, version);
      for (int n = 0; n < LARGE; n++) {
        large.addData(data(address(version, n)));
      }
      records.add(large.build());
    }
    return records;
  }

  private static Record odd(int zone, int which, int version) {
    return record("o" + which + "." + apex(zone), RecordType.RECORD_TYPE_A, version)
        .addData(data(address(version, 0)))
        .build();
  }

  private static ZoneRef ref(int zone) {
    return ZoneRef.newBuilder().setName(ZoneName.newBuilder().setApex(apex(zone))).build();
  }

  /** The SOA, whose serial and TTL of negative answers are those of the version too. */
  private static Record soa(int zone, int version) {
    return record(apex(zone), RecordType.RECORD_TYPE_SOA, version)
        .addData(
            RecordData.newBuilder()
                .setSoa(
                    SoaData.newBuilder()
                        .setPrimary("ns.elsewhere.")
                        .setResponsible("hostmaster.elsewhere.")
                        .setSerial(ttl(version))
                        .setRefreshSeconds(3600)
                        .setRetrySeconds(600)
                        .setExpireSeconds(86_400)
                        .setMinimumSeconds(ttl(version))))
        .build();
  }

  /** The edits that make a zone what it is in a version. */
  static ZoneChange edits(int zone, int version) {
    ZoneEdit.Builder edit = ZoneEdit.newBuilder().setZone(ref(zone));
    edit.addEdits(RecordEdit.newBuilder().setPut(soa(zone, version)));
    always(zone, version).forEach(one -> edit.addEdits(RecordEdit.newBuilder().setPut(one)));
    for (int i = 0; i < ODD; i++) {
      Record odd = odd(zone, i, version);
      edit.addEdits(
          version % 2 == 1
              ? RecordEdit.newBuilder().setPut(odd)
              : RecordEdit.newBuilder()
                  .setDelete(
                      RecordSelector.newBuilder().setName(odd.getName()).setType(odd.getType())));
    }
    return ZoneChange.newBuilder().setEdit(edit).build();
  }

  /** The content that a zone has in a version, to be put in the place of what it has. */
  private static ZoneChange replacement(int zone, int version) {
    return ZoneChange.newBuilder()
        .setReplace(
            ZoneReplacement.newBuilder().setZone(ref(zone)).addAllRecords(whole(zone, version)))
        .build();
  }

  private static List<Record> whole(int zone, int version) {
    List<Record> records = new ArrayList<>(always(zone, version));
    for (int i = 0; version % 2 == 1 && i < ODD; i++) {
      records.add(odd(zone, i, version));
    }
    records.add(soa(zone, version));
    records.add(
        record(apex(zone), RecordType.RECORD_TYPE_NS, version)
            .addData(RecordData.newBuilder().setNs(NsData.newBuilder().setServer("ns.elsewhere.")))
            .build());
    return records;
  }

  /**
   * Makes all zones in one change set.
   *
   * @param project whose they are; null for the operator's own
   */
  static ApplyChangesRequest creation(int version, @Nullable ProjectName project) {
    ApplyChangesRequest.Builder request = ApplyChangesRequest.newBuilder();
    for (int zone = 0; zone < ZONES; zone++) {
      Zone.Builder made = Zone.newBuilder().setName(ref(zone).getName());
      if (project != null) {
        var _ = made.setProject(project);
      }
      request.addChanges(
          ZoneChange.newBuilder()
              .setCreate(
                  ZoneCreation.newBuilder().setZone(made).addAllRecords(whole(zone, version))));
    }
    return request.build();
  }

  /** Brings all zones to a version in one change set, edit by edit. */
  static ApplyChangesRequest.Builder change(int version) {
    ApplyChangesRequest.Builder request = ApplyChangesRequest.newBuilder();
    for (int zone = 0; zone < ZONES; zone++) {
      request.addChanges(edits(zone, version));
    }
    return request;
  }

  /** The same by the whole content of the zones. */
  static ApplyChangesRequest replaced(int version) {
    ApplyChangesRequest.Builder request = ApplyChangesRequest.newBuilder();
    for (int zone = 0; zone < ZONES; zone++) {
      request.addChanges(replacement(zone, version));
    }
    return request.build();
  }
}
