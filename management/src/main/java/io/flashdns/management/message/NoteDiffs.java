package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.StoredRRset;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordDiff;
import io.flashdns.proto.v1.ZoneDiff;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of labels and comments of records, shown in the difference of their zone. They are
 * kept beside the zone, so that a change of them alone changes no record of the DNS.
 */
public final class NoteDiffs {
  private static final Comparator<RecordDiff> CANONICAL =
      Comparator.comparing((RecordDiff diff) -> DomainName.parse(either(diff).getName()))
          .thenComparingInt(diff -> either(diff).getTypeValue());

  private NoteDiffs() {}

  /**
   * What becomes of the note of one record.
   *
   * @param stays the RRset when its data stay as they are; null when they differ too
   */
  public record Change(
      DomainName owner, int type, @Nullable StoredRRset stays, Note before, Note after) {}

  /**
   * Adds changes of notes to the difference of a zone.
   *
   * @param diff already has what differs in the data, as far as {@code shown} says
   */
  public static void add(ZoneDiff.Builder diff, List<Change> changes, ZoneDiffs.Shown shown) {
    if (changes.isEmpty()) {
      return;
    }
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < diff.getRecordsCount(); i++) {
      Record one = either(diff.getRecords(i));
      places.put(key(one.getName(), one.getTypeValue()), i);
    }
    long octets = diff.build().getSerializedSize();
    int alone = 0;
    for (Change change : changes) {
      StoredRRset stays = change.stays();
      if (stays != null) {
        diff.setRecordsChanged(diff.getRecordsChanged() + 1);
      }
      if (!shown.who().shows(change.owner(), change.type())) {
        continue;
      }
      Integer place = places.get(key(change.owner().toString(), change.type()));
      if (place == null && (stays == null || diff.getRecordsCount() >= shown.maxRecords())) {
        diff.setTruncated(true);
        continue;
      }
      RecordDiff.Builder one =
          place != null ? diff.getRecords(place).toBuilder() : both(stays).toBuilder();
      if (one.hasBefore()) {
        set(one.getBeforeBuilder(), change.before());
      }
      if (one.hasAfter()) {
        set(one.getAfterBuilder(), change.after());
      }
      RecordDiff noted = one.build();
      octets += noted.getSerializedSize();
      if (octets > shown.maxBytes()) {
        diff.setTruncated(true);
      } else if (place != null) {
        diff.setRecords(place, noted);
      } else {
        diff.addRecords(noted);
        alone++;
      }
    }
    if (alone > 0) {
      List<RecordDiff> records = new ArrayList<>(diff.getRecordsList());
      records.sort(CANONICAL);
      diff.clearRecords().addAllRecords(records);
    }
  }

  private static RecordDiff both(@Nullable StoredRRset stays) {
    if (stays == null) {
      return RecordDiff.getDefaultInstance();
    }
    Record record = RecordMessages.message(stays, null);
    return RecordDiff.newBuilder().setBefore(record).setAfter(record).build();
  }

  private static void set(Record.Builder record, Note note) {
    record.clearLabels().putAllLabels(note.labels()).setComment(note.comment());
  }

  private static Record either(RecordDiff diff) {
    return diff.hasAfter() ? diff.getAfter() : diff.getBefore();
  }

  private static String key(String owner, int type) {
    return owner.toLowerCase(Locale.ROOT) + ' ' + type;
  }
}
