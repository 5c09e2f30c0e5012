package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.flashdns.core.dns.DomainName;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordDiff;
import io.flashdns.proto.v1.RecordType;
import io.flashdns.proto.v1.ZoneDiff;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Labels and comments in the difference of a zone. */
class NoteDiffsTest {
  private static final NoteDiffs.Change CHANGE =
      new NoteDiffs.Change(
          DomainName.parse("www.example.org"), 1, null, Note.EMPTY, Note.of(Map.of("k", "v"), "c"));

  private static ZoneDiff.Builder diff(String... owners) {
    ZoneDiff.Builder diff = ZoneDiff.newBuilder();
    for (String owner : owners) {
      diff.addRecords(
          RecordDiff.newBuilder()
              .setAfter(Record.newBuilder().setName(owner).setType(RecordType.RECORD_TYPE_A)));
    }
    return diff;
  }

  @Test
  void noteStandsAtItsRecordWhateverTheCaseOfTheOwner() {
    ZoneDiff.Builder diff = diff("a.example.org.", "WWW.example.org.");
    NoteDiffs.add(diff, List.of(CHANGE), ZoneDiffs.Shown.ALL);
    assertThat(diff.getRecordsCount()).isEqualTo(2);
    assertThat(diff.getRecords(0).getAfter().getLabelsMap()).isEmpty();
    assertThat(diff.getRecords(1).getAfter().getLabelsMap()).containsEntry("k", "v");
    assertThat(diff.getRecords(1).hasBefore()).isFalse();
    assertThat(diff.getTruncated()).isFalse();
  }

  @Test
  void noteOfARecordThatIsNotShownIsToldAsCutOff() {
    ZoneDiff.Builder diff = diff("a.example.org.");
    NoteDiffs.add(diff, List.of(CHANGE), new ZoneDiffs.Shown(1, 1 << 20, (_, _) -> true));
    assertThat(diff.getRecordsCount()).isEqualTo(1);
    assertThat(diff.getTruncated()).isTrue();
  }

  @Test
  void noteThatTheReaderMayNotSeeIsLeftOut() {
    ZoneDiff.Builder diff = diff("www.example.org.");
    NoteDiffs.add(diff, List.of(CHANGE), ZoneDiffs.Shown.ALL.withFilter((_, _) -> false));
    assertThat(diff.getRecords(0).getAfter().getLabelsMap()).isEmpty();
    assertThat(diff.getTruncated()).isFalse();
  }
}
