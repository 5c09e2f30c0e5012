package io.flashdns.management.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.Refusal;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Notes of records in the store, and what a store has not done. */
class NotesTest {
  private static final DomainName APEX = DomainName.parse("example.org.");

  @Test
  void aNoteIsReadAsItWasWritten() throws StoreException {
    MapContent content = new MapContent();
    StoredZone zone = content.add(255, "example.org.", "@ 60 SOA a. b. 1 2 3 4 5");
    DomainName owner = DomainName.parse("WWW.example.org.");
    assertThat(Notes.read(content, zone, owner, 1)).isEqualTo(Note.EMPTY);
    Note note = Note.of(Map.of("b", "2", "a", "é"), "why");
    content.write(Notes.write(zone, owner, 1, note), 9);
    Note read = Notes.read(content, zone, DomainName.parse("www.example.org."), 1);
    assertThat(read.saysTheSame(note)).isTrue();
    assertThat(read.revision()).isEqualTo(9);
    assertThat(Notes.read(content, zone, owner, 28).isEmpty()).isTrue();
    assertThat(Notes.all(content, zone.id(), "", 10)).hasSize(1);
    content.write(Notes.write(zone, owner, 1, Note.EMPTY), 10);
    assertThat(Notes.all(content, zone.id(), "", 10)).isEmpty();
  }

  @Test
  void theSameNoteIsTheSameOctets() {
    Map<String, String> labels = new TreeMap<>();
    Map<String, String> reversed = new java.util.LinkedHashMap<>();
    for (int i = 0; i < 64; i++) {
      labels.put("k" + i, "v");
    }
    new ArrayList<>(labels.keySet()).reversed().forEach(key -> reversed.put(key, "v"));
    assertThat(Notes.write(new ZoneId(1), APEX, APEX, 1, Note.of(labels, "x")))
        .isEqualTo(Notes.write(new ZoneId(1), APEX, APEX, 1, Note.of(reversed, "x")));
  }

  @Test
  void keysStandInTheOrderOfTheRecords() {
    List<String> keys = new ArrayList<>();
    for (String owner : List.of("@", "a", "x.a", "a-b", "b")) {
      for (int type : new int[] {1, 255, 256, 65_535}) {
        keys.add(Notes.key(new ZoneId(255), APEX, DomainName.parse(owner, APEX), type));
      }
    }
    assertThat(keys.getFirst()).isEqualTo("note/00000000000000ff//0001");
    assertThat(keys.get(4)).isEqualTo("note/00000000000000ff/6100/0001");
    assertThat(keys).allMatch(key -> key.startsWith(Notes.prefix(new ZoneId(255))));
    // Owners that follow each other: '/' stands before every digit, so a key before what it begins.
    assertThat(keys).isSorted();
  }

  @Test
  void theLongestOwnerHasAKey() {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      name.append("\\000".repeat(63)).append('.');
    }
    name.append("\\001".repeat(49)).append('.');
    DomainName owner = DomainName.parse(name.toString(), APEX.folded());
    DomainName longest = DomainName.parse(name + "example.org.");
    assertThat(owner).isNotNull();
    assertThat(longest.length()).isBetween(250, 255);
    assertThat(Notes.write(new ZoneId(1), APEX, longest, 1, Note.of(Map.of(), "x")).key().length())
        .isLessThan(Document.MAX_KEY_CHARS);
  }

  @Test
  void aNoteThatCannotBeReadIsDamage() {
    assertThatThrownBy(
            () -> Notes.of(new Document("note/x", Octets.of(new byte[] {(byte) 0xff}), 1)))
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("note/x");
  }

  @ParameterizedTest
  @CsvSource({
    "a,true",
    "a9._/-,true",
    "'',false",
    "9a,false",
    "_a,false",
    "A,false",
    "a b,false",
    "é,false"
  })
  void aKeyOfALabelIsWhatTheContractSays(String key, boolean allowed) {
    Violations violations = new Violations();
    Note.check(Map.of(key, "v"), "", "", violations);
    assertThat(violations.isEmpty()).isEqualTo(allowed);
  }

  @Test
  void labelsAndCommentsMayBeAsLongAsTheirBounds() {
    Violations violations = new Violations();
    Map<String, String> labels = new TreeMap<>();
    for (int i = 10; i < 74; i++) {
      labels.put("k".repeat(61) + i, "x".repeat(255));
    }
    Note.check(labels, "x".repeat(1_024), "", violations);
    assertThat(Told.paths(violations)).isEmpty();
    Note.check(Map.of("k".repeat(64), ""), "", "", violations);
    assertThat(violations.count()).isEqualTo(1);
  }

  private static StoreException.Refused refused(Refusal.Kind... kinds) {
    List<Refusal> refusals = new ArrayList<>();
    for (int i = 0; i < kinds.length; i++) {
      refusals.add(new Refusal(kinds[i], i, "reason " + i + " with its remedy"));
    }
    return new StoreException.Refused(refusals);
  }

  private static CallException told(StoreException e, Code code) {
    return Told.by(
        () -> {
          throw StoreProblems.of(e, i -> "changes[" + i + "]");
        },
        code);
  }

  @Test
  void refusalsOfContentAreFieldsThatAreWrong() {
    CallException told =
        told(refused(Refusal.Kind.INVALID, Refusal.Kind.INVALID), Code.INVALID_ARGUMENT);
    assertThat(Told.detail(told, BadRequest.class).getFieldViolationsList())
        .extracting(v -> v.getField() + ": " + v.getDescription())
        .containsExactly(
            "changes[0]: reason 0 with its remedy", "changes[1]: reason 1 with its remedy");
    CallException alone =
        Told.by(
            () -> {
              throw StoreProblems.of(refused(Refusal.Kind.INVALID));
            },
            Code.INVALID_ARGUMENT);
    assertThat(alone.status().getMessage()).isEqualTo("reason 0 with its remedy");
  }

  @ParameterizedTest
  @CsvSource({"CONFLICT,ABORTED", "NOT_FOUND,NOT_FOUND", "EXISTS,ALREADY_EXISTS"})
  void refusalsOfAThingNameIt(Refusal.Kind kind, Code code) {
    CallException told = told(refused(kind), code);
    assertThat(Told.detail(told, ResourceInfo.class).getResourceName()).isEqualTo("changes[0]");
  }

  @ParameterizedTest
  @CsvSource({"GUARD", "READ_ONLY", "DECIDED"})
  void refusalsByARuleNameIt(Refusal.Kind kind) {
    CallException told = told(refused(kind, Refusal.Kind.INVALID), Code.FAILED_PRECONDITION);
    assertThat(Told.detail(told, ErrorInfo.class).getReason()).isEqualTo(kind.name());
    assertThat(Told.detail(told, PreconditionFailure.class).getViolationsList())
        .singleElement()
        .satisfies(v -> assertThat(v.getType()).isEqualTo(kind.name()));
  }

  @Test
  void otherTroubleOfAStoreHasItsStatus() {
    CallException compacted = told(new StoreException.Compacted(3, 9), Code.OUT_OF_RANGE);
    assertThat(Told.detail(compacted, ErrorInfo.class).getMetadataMap())
        .containsEntry("oldest_revision", "10");
    CallException away =
        told(new StoreException.Unavailable("the disk is full: mend it"), Code.UNAVAILABLE);
    assertThat(Told.detail(away, ErrorInfo.class).getReason()).isEqualTo("UNAVAILABLE");
    assertThat(Told.detail(away, RetryInfo.class).getRetryDelay().getSeconds()).isEqualTo(1);
    CallException unknown =
        told(
            new StoreException.Unavailable("a write failed: ask again", true, new Exception()),
            Code.UNAVAILABLE);
    assertThat(Told.detail(unknown, ErrorInfo.class).getReason()).isEqualTo("OUTCOME_UNKNOWN");
    told(new StoreException.Damaged("page 3 is damaged: restore"), Code.DATA_LOSS);
  }
}
