package io.flashdns.management.api;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.management.message.GivenRecord;
import io.flashdns.management.message.RecordMessages;
import io.flashdns.management.message.Violations;
import io.flashdns.proto.v1.Record;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The records of a whole zone as a request gives them. */
final class Contents {
  private Contents() {}

  /**
   * Reads records, no owner and type twice.
   *
   * @param path of the list: {@code records}
   * @return those that could be read; the rest are violations
   */
  static List<GivenRecord> given(
      List<Record> records, String path, DomainName apex, Violations violations) {
    List<GivenRecord> given = new ArrayList<>(records.size());
    Map<ZoneWork.OwnerAndType, Integer> seen = new HashMap<>();
    for (int i = 0; i < records.size(); i++) {
      String at = path + "[" + i + "]";
      GivenRecord one = RecordMessages.given(records.get(i), at, apex, true, violations);
      if (one == null) {
        continue;
      }
      Integer first = seen.putIfAbsent(new ZoneWork.OwnerAndType(one.owner(), one.type()), i);
      if (first != null) {
        violations.add(
            at,
            "owner and type are those of "
                + path
                + "["
                + first
                + "]: put all data into one record");
        continue;
      }
      given.add(one);
    }
    return given;
  }

  /**
   * The content of a zone, in its order.
   *
   * @param defaults gives what is missing at the apex; null to leave it
   */
  static RRsetBlock block(DomainName apex, List<GivenRecord> given, ApexDefaults defaults) {
    List<RRset> rrsets = new ArrayList<>(given.size() + 2);
    boolean hasSoa = false;
    boolean hasNs = false;
    for (GivenRecord one : given) {
      boolean atApex = one.owner().equals(apex);
      hasSoa |= atApex && one.type() == RecordType.SOA;
      hasNs |= atApex && one.type() == RecordType.NS;
      rrsets.add(one.rrset(RecordMessages.DEFAULT_TTL_SECONDS));
    }
    if (!hasSoa) {
      rrsets.add(defaults.soa(apex));
    }
    if (!hasNs) {
      rrsets.add(defaults.ns(apex));
    }
    return block(apex, rrsets);
  }

  /** RRsets in the order of a zone. */
  static RRsetBlock block(DomainName apex, List<RRset> rrsets) {
    List<RRset> sorted = new ArrayList<>(rrsets);
    sorted.sort(Comparator.comparing(RRset::owner).thenComparingInt(RRset::type));
    RRsetBlock.Builder block = new RRsetBlock.Builder(apex);
    for (RRset one : sorted) {
      block.add(one);
    }
    return block.build();
  }
}
