package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/**
 * Zones for tests, from text that is read by a library which is not this server's; records keep
 * their order.
 */
final class ZoneText {
  static final NameHash HASH = new NameHash(42);

  /** Apex records that keep a zone "example." from being refused. */
  static final String APEX =
      """
      $ORIGIN example.
      $TTL 3600
      @ SOA ns hostmaster 1 7200 3600 1209600 300
      @ NS ns
      ns A 192.0.2.53
      """;

  private ZoneText() {}

  static List<Record> records(String text) {
    try (Master master =
        new Master(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), Name.root)) {
      // As written: the library would give all records of an RRset one TTL.
      List<Record> records = new ArrayList<>();
      for (Record record = master.nextRecord(); record != null; record = master.nextRecord()) {
        records.add(record);
      }
      return records;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Hands a record over; the arrays are spoiled afterwards, as a caller may fill them anew. */
  static void add(RecordSink sink, Record record, long position) {
    byte[] wire = record.toWire(Section.ANSWER);
    int owner = record.getName().length();
    int data = owner + 10;
    sink.add(
        wire,
        0,
        owner,
        record.getType(),
        (int) record.getTTL(),
        wire,
        data,
        wire.length - data,
        position);
    Arrays.fill(wire, (byte) 0xee);
  }

  /** A builder that was given the records, each with its number, from 1, as position. */
  static ZoneImageBuilder builder(List<Record> records) {
    ZoneImageBuilder builder = new ZoneImageBuilder(HASH);
    long position = 1;
    for (Record record : records) {
      add(builder, record, position++);
    }
    return builder;
  }

  static Zone zone(List<Record> records) {
    List<ZoneProblem> problems = new ArrayList<>();
    Zone zone = builder(records).build(problems::add);
    if (zone == null) {
      throw new AssertionError("the zone was refused: " + problems);
    }
    return zone;
  }

  static Zone zone(String text) {
    return zone(records(text));
  }

  /** What a build reports, and whether a zone came out of it. */
  record Outcome(@Nullable Zone zone, List<ZoneProblem> problems) {
    /** Problems as {@code POSITION severity: message}. */
    List<String> lines() {
      return problems.stream()
          .map(p -> p.position() + " " + p.severity() + ": " + p.message())
          .toList();
    }
  }

  static Outcome build(List<Record> records) {
    List<ZoneProblem> problems = new ArrayList<>();
    Zone zone = builder(records).build(problems::add);
    return new Outcome(zone, problems);
  }

  /**
   * What a build of {@link #APEX} and more lines reports; the positions of those lines start at 4.
   */
  static Outcome build(String... lines) {
    return build(records(APEX + String.join("\n", lines) + "\n"));
  }

  static NameKey key(String name) {
    return key(DomainName.parse(name));
  }

  static NameKey key(DomainName name) {
    NameKey key = new NameKey(HASH);
    key.set(name.wire(), 0);
    return key;
  }
}
