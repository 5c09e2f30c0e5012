package io.flashdns.core.store;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What a {@link Decision} has written beside the zones.
 *
 * @param documents what is done to documents, no key twice
 * @param journal entries for the journal, in order, each at most {@value
 *     JournalEntry#MAX_BODY_BYTES} octets; also written when nothing changes
 * @param answer what is remembered for the {@linkplain ChangeSet#requestId request id}, at most
 *     {@value #MAX_ANSWER_BYTES} octets; empty for nothing
 */
public record Effects(List<DocumentEdit> documents, List<Octets> journal, Octets answer) {
  /** Longest answer. */
  public static final int MAX_ANSWER_BYTES = 1 << 20;

  /** Octets of all that a decision has written, so that a transaction stays small. */
  public static final int MAX_BYTES = 64 << 20;

  /** Nothing. */
  public static final Effects NONE = new Effects(List.of(), List.of(), Octets.EMPTY);

  public Effects {
    documents = List.copyOf(documents);
    journal = List.copyOf(journal);
    if (answer.length() > MAX_ANSWER_BYTES) {
      throw new IllegalArgumentException(
          "an answer has at most " + MAX_ANSWER_BYTES + " octets, not " + answer.length());
    }
    long bytes = answer.length();
    for (Octets body : journal) {
      JournalEntry.checkBody(body);
      bytes += body.length();
    }
    Set<String> keys = documents.size() > 1 ? new HashSet<>() : Set.of();
    for (DocumentEdit edit : documents) {
      if (documents.size() > 1 && !keys.add(edit.key())) {
        throw new IllegalArgumentException("document " + edit.key() + " is written twice");
      }
      Octets value = edit.value();
      bytes += value == null ? 0 : value.length();
    }
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a decision writes at most " + MAX_BYTES + " octets, not " + bytes);
    }
  }

  /** What the edits change of the documents of a view: those that ask for what is there do not. */
  public List<DocumentEvent> changes(ContentView view) throws StoreException {
    if (documents.isEmpty()) {
      return List.of();
    }
    List<DocumentEvent> changes = new ArrayList<>(documents.size());
    for (DocumentEdit edit : documents) {
      Document was = view.document(edit.key());
      Octets before = was == null ? null : was.value();
      if (!Objects.equals(before, edit.value())) {
        changes.add(new DocumentEvent(edit.key(), before, edit.value()));
      }
    }
    return changes;
  }
}
