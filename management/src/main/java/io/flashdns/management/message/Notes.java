package io.flashdns.management.message;

import com.google.protobuf.InvalidProtocolBufferException;
import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.ContentView;
import io.flashdns.core.store.Document;
import io.flashdns.core.store.DocumentEdit;
import io.flashdns.core.store.Octets;
import io.flashdns.core.store.OwnerKey;
import io.flashdns.core.store.StoreException;
import io.flashdns.core.store.StoredZone;
import io.flashdns.core.store.ZoneId;
import io.flashdns.proto.v1.Record;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/**
 * Notes of records as documents of the store, beside the zones.
 *
 * <pre>
 * key     note/ID/OWNER/TYPE   id of the zone in 16 hexadecimal digits, {@link OwnerKey} in hexadecimal digits,
 *                              type in 4: so in the order of the records
 * value   a {@link Record} with labels and comment alone
 * </pre>
 */
public final class Notes {
  private static final String PREFIX = "note/";
  private static final HexFormat HEX = HexFormat.of();

  private Notes() {}

  /** What the keys of all notes of a zone begin with. */
  public static String prefix(ZoneId zone) {
    return PREFIX + HEX.toHexDigits(zone.value()) + "/";
  }

  /** The key of the note of one record. */
  public static String key(ZoneId zone, DomainName apex, DomainName owner, int type) {
    return prefix(zone)
        + HEX.formatHex(OwnerKey.of(owner, apex))
        + "/"
        + HEX.toHexDigits((short) type);
  }

  /** The key of the note of one record. */
  public static String key(StoredZone zone, DomainName owner, int type) {
    return key(zone.id(), zone.settings().key().apex(), owner, type);
  }

  /** The note of one record; {@link Note#EMPTY} when there is none. */
  public static Note read(ContentView view, StoredZone zone, DomainName owner, int type)
      throws StoreException {
    Document document = view.document(key(zone, owner, type));
    return document == null ? Note.EMPTY : of(document);
  }

  /** What a document of this kind says. */
  public static Note of(Document document) throws StoreException {
    try {
      Record note = Record.parseFrom(document.value().array());
      return new Note(new TreeMap<>(note.getLabelsMap()), note.getComment(), document.revision());
    } catch (InvalidProtocolBufferException e) {
      throw new StoreException.Damaged(
          "the document " + document.key() + " cannot be read: restore a backup", e);
    }
  }

  /**
   * Notes of a zone in the order of its records.
   *
   * @param after only those with keys above it; empty for all
   * @param limit at most so many
   */
  public static List<Document> all(ContentView view, ZoneId zone, String after, int limit)
      throws StoreException {
    return view.documents(prefix(zone), after, limit);
  }

  /** The edit that makes the note of a record this one; one that says nothing is removed. */
  public static DocumentEdit write(
      ZoneId zone, DomainName apex, DomainName owner, int type, Note note) {
    String key = key(zone, apex, owner, type);
    if (note.isEmpty()) {
      return DocumentEdit.remove(key);
    }
    Record value =
        Record.newBuilder().putAllLabels(note.labels()).setComment(note.comment()).build();
    return DocumentEdit.put(key, Octets.of(Serialized.octets(value)));
  }

  /** The edit that makes the note of a record this one; one that says nothing is removed. */
  public static DocumentEdit write(StoredZone zone, DomainName owner, int type, Note note) {
    return write(zone.id(), zone.settings().key().apex(), owner, type, note);
  }
}
