package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.store.ContentLimits;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RecordData;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.core.zone.CanonicalData;
import io.flashdns.core.zonefile.RdataText;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.Ttl;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Records: messages to RRsets and back. */
public final class RecordMessages {
  /** The TTL of a new record for which none is given, in seconds. */
  public static final int DEFAULT_TTL_SECONDS = 3_600;

  /** Octets of a record in a message besides its data: owner pointer and fixed part. */
  private static final int FIXED_BYTES = 12;

  private static final ContentLimits LIMITS = ContentLimits.defaults();

  private RecordMessages() {}

  /**
   * A record of a request. What is wrong with it is noted, all of it.
   *
   * @param path of it in the request: {@code record}
   * @param apex of its zone; null when it is not known
   * @param needsData false where a record without data has a meaning
   * @return null when anything is wrong
   */
  public static @Nullable GivenRecord given(
      Record record,
      String path,
      @Nullable DomainName apex,
      boolean needsData,
      Violations violations) {
    int before = violations.count();
    DomainName owner = Names.owner(record.getName(), Paths.in(path, "name"), apex, violations);
    int type = type(record.getTypeValue(), Paths.in(path, "type"), violations);
    int ttl = GivenRecord.NO_TTL;
    if (record.hasTtl()) {
      ttl = record.getTtl().getSeconds();
      if (ttl < 0) {
        violations.add(
            Paths.in(path, "ttl.seconds"),
            Integer.toUnsignedString(ttl) + " is too large: from 0 to 2147483647");
      }
    }
    List<RecordData> data = type == 0 ? List.of() : data(record, path, owner, type, violations);
    if (needsData && record.getDataCount() == 0) {
      violations.add(Paths.in(path, "data"), "at least one datum is required");
    }
    Note.check(record.getLabelsMap(), record.getComment(), path, violations);
    Etag etag = Etag.parse(record.getEtag(), Paths.in(path, "etag"), violations);
    if (violations.count() > before || owner == null || etag == null) {
      return null;
    }
    return new GivenRecord(
        owner, type, ttl, data, new TreeMap<>(record.getLabelsMap()), record.getComment(), etag);
  }

  private static List<RecordData> data(
      Record record, String path, @Nullable DomainName owner, int type, Violations violations) {
    TreeSet<RecordData> data = new TreeSet<>();
    long octets = 0;
    for (int i = 0; i < record.getDataCount(); i++) {
      io.flashdns.proto.v1.RecordData message = record.getData(i);
      String place = Paths.at(Paths.in(path, "data"), i);
      RecordData datum = data(message, type, place, violations);
      if (datum != null) {
        checkTarget(owner, type, datum, Paths.in(place, RdataEncoder.field(message)), violations);
        if (data.add(datum)) {
          octets += FIXED_BYTES + datum.length();
        }
      }
    }
    String place = Paths.in(path, "data");
    if (data.size() > LIMITS.recordsPerRRset()) {
      violations.exhausted(
          place,
          "the record has "
              + data.size()
              + " data, at most "
              + LIMITS.recordsPerRRset()
              + " are allowed: spread them over several names");
    }
    if (octets > LIMITS.rrsetBytes()) {
      violations.exhausted(
          place,
          "the record takes "
              + octets
              + " octets in a message, at most "
              + LIMITS.rrsetBytes()
              + " are allowed: spread it over several names");
    }
    return new ArrayList<>(data);
  }

  /** An alias that leads to itself is never answered. */
  private static void checkTarget(
      @Nullable DomainName owner, int type, RecordData datum, String place, Violations violations) {
    if (owner == null) {
      return;
    }
    if (type == RecordType.CNAME && DomainName.ofWire(datum.octets(), 0).equals(owner)) {
      violations.add(place, "the target is the owner itself: name another one");
    }
    if (type == RecordType.DNAME && DomainName.ofWire(datum.octets(), 0).isAtOrBelow(owner)) {
      violations.add(place, "the target is at or below the owner: name another one");
    }
  }

  /**
   * One datum of a record of this type, in canonical form.
   *
   * @return null when anything is wrong, which is noted
   */
  public static @Nullable RecordData data(
      io.flashdns.proto.v1.RecordData message, int type, String path, Violations violations) {
    byte[] octets = RdataEncoder.encode(message, type, path, violations);
    if (octets == null) {
      return null;
    }
    CanonicalData.fold(type, octets, 0, octets.length);
    return RecordData.of(octets);
  }

  /**
   * The type of a record that is stored.
   *
   * @return 0 when it is none, which is noted
   */
  public static int type(int number, String path, Violations violations) {
    if (number == 0) {
      violations.add(path, "a type is required, as A or AAAA");
      return 0;
    }
    if (number < 0 || number > RecordType.MAX) {
      violations.add(path, Integer.toUnsignedString(number) + " is no type: from 1 to 65535");
      return 0;
    }
    if (RecordType.isMeta(number)) {
      violations.add(
          path,
          "the type "
              + RecordType.text(number)
              + " exists in questions and messages only and cannot be stored");
      return 0;
    }
    return number;
  }

  /** The message of a record; without note, labels and comment are left out. */
  public static Record message(StoredRRset stored, @Nullable Note note) {
    return message(stored.rrset(), stored.revision(), note);
  }

  /**
   * The message of a record.
   *
   * @param revision when it was changed last; 0 for one that is not stored, which has no etag
   */
  public static Record message(RRset rrset, long revision, @Nullable Note note) {
    Record.Builder message =
        Record.newBuilder()
            .setName(rrset.owner().toString())
            .setTypeValue(rrset.type())
            .setTtl(Ttl.newBuilder().setSeconds(rrset.ttl()));
    for (RecordData data : rrset.data()) {
      message.addData(data(rrset.type(), data));
    }
    if (note != null) {
      message.putAllLabels(note.labels()).setComment(note.comment());
    }
    if (revision > 0) {
      message
          .setRevision(revision)
          .setEtag(new Etag(revision, note == null ? 0 : note.revision()).text());
    }
    return message.build();
  }

  /** The message of one datum. */
  public static io.flashdns.proto.v1.RecordData data(int type, RecordData data) {
    return RdataDecoder.decode(type, data.octets());
  }

  /** One datum as a zone file writes it. */
  public static String text(int type, RecordData data) {
    return RdataText.print(type, data.octets());
  }
}
