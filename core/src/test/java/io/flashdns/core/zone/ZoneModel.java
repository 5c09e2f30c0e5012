package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * The records of a zone by owner, to build it whole or to give the content of some owners to a
 * patch: both see the same records in the same order.
 */
final class ZoneModel {
  /** A record without its owner. */
  record Data(int type, int ttl, byte[] rdata) {}

  final Map<DomainName, List<Data>> owners = new TreeMap<>();

  ZoneModel() {}

  private ZoneModel(ZoneModel other) {
    other.owners.forEach((owner, data) -> owners.put(owner, new ArrayList<>(data)));
  }

  static ZoneModel of(String text) {
    ZoneModel model = new ZoneModel();
    for (Record record : ZoneText.records(text)) {
      model.add(record);
    }
    return model;
  }

  ZoneModel copy() {
    return new ZoneModel(this);
  }

  void add(Record record) {
    byte[] wire = record.toWire(Section.ANSWER);
    int at = record.getName().length() + 10;
    byte[] rdata = Arrays.copyOfRange(wire, at, wire.length);
    add(name(record.getName()), new Data(record.getType(), (int) record.getTTL(), rdata));
  }

  void add(DomainName owner, Data data) {
    owners.computeIfAbsent(owner.folded(), _ -> new ArrayList<>()).add(data);
  }

  static DomainName name(Name name) {
    return DomainName.ofWire(name.toWire(), 0);
  }

  private static void give(RecordSink sink, DomainName owner, List<Data> records) {
    byte[] name = owner.wire();
    long position = 1;
    for (Data data : records) {
      byte[] rdata = data.rdata.clone();
      sink.add(name, 0, name.length, data.type, data.ttl, rdata, 0, rdata.length, position++);
      Arrays.fill(rdata, (byte) 0xee);
    }
  }

  ZoneText.Outcome build(long revision) {
    ZoneImageBuilder builder = new ZoneImageBuilder(ZoneText.HASH).revision(revision);
    owners.forEach((owner, records) -> give(builder, owner, records));
    List<ZoneProblem> problems = new ArrayList<>();
    Zone zone = builder.build(problems::add);
    return new ZoneText.Outcome(zone, problems);
  }

  Zone zone(long revision) {
    ZoneText.Outcome outcome = build(revision);
    Zone zone = outcome.zone();
    if (zone == null) {
      throw new AssertionError("the zone was refused: " + outcome.problems());
    }
    return zone;
  }

  /** Gives the content that these owners have now to a patch. */
  void give(ZoneEditor.Patch patch, Iterable<DomainName> changed) {
    for (DomainName owner : changed) {
      patch.owner(owner);
      give(patch, owner, owners.getOrDefault(owner.folded(), List.of()));
    }
  }
}
