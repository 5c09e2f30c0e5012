package io.flashdns.core.store;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a zone is besides its content.
 *
 * @param key its name and view; both stay as long as it lives
 * @param owner whose it is
 * @param suspended true to answer nothing from it
 * @param serialPolicy how its serial moves
 * @param source empty for a zone that is changed through the API; else what it is imported from,
 *     for a zone file its path: nobody but that source may change it
 * @param sourceStamp what the source looked like when it was imported, in the source's own terms;
 *     empty without source
 * @param labels marks for people and tools, ordered by their keys: at most 64; a key has 1 to 63
 *     characters of {@code [a-z0-9._/-]} and begins with a letter, a value at most 255 octets of
 *     UTF-8
 * @param comment for people, at most 1,024 octets of UTF-8
 */
public record ZoneSettings(
    ZoneKey key,
    ZoneOwner owner,
    boolean suspended,
    SerialPolicy serialPolicy,
    String source,
    String sourceStamp,
    SortedMap<String, String> labels,
    String comment) {

  public ZoneSettings {
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /** Without labels and comment. */
  public ZoneSettings(
      ZoneKey key,
      ZoneOwner owner,
      boolean suspended,
      SerialPolicy serialPolicy,
      String source,
      String sourceStamp) {
    this(key, owner, suspended, serialPolicy, source, sourceStamp, NO_LABELS, "");
  }

  private static final SortedMap<String, String> NO_LABELS = Collections.emptySortedMap();

  /** A zone of nobody that is changed through the API. */
  public static ZoneSettings of(ZoneKey key) {
    return new ZoneSettings(key, ZoneOwner.NOBODY, false, SerialPolicy.INCREMENT, "", "");
  }

  /** The same for another owner. */
  public ZoneSettings withOwner(ZoneOwner other) {
    return new ZoneSettings(
        key, other, suspended, serialPolicy, source, sourceStamp, labels, comment);
  }

  /** The same, suspended or not. */
  public ZoneSettings withSuspended(boolean now) {
    return new ZoneSettings(key, owner, now, serialPolicy, source, sourceStamp, labels, comment);
  }

  /** The same with another policy. */
  public ZoneSettings withSerialPolicy(SerialPolicy other) {
    return new ZoneSettings(key, owner, suspended, other, source, sourceStamp, labels, comment);
  }

  /** The same from another source, or as that source looks now. */
  public ZoneSettings withSource(String other, String stamp) {
    return new ZoneSettings(key, owner, suspended, serialPolicy, other, stamp, labels, comment);
  }

  /** The same with other labels. */
  public ZoneSettings withLabels(Map<String, String> other) {
    return new ZoneSettings(
        key, owner, suspended, serialPolicy, source, sourceStamp, new TreeMap<>(other), comment);
  }

  /** The same with another comment. */
  public ZoneSettings withComment(String other) {
    return new ZoneSettings(
        key, owner, suspended, serialPolicy, source, sourceStamp, labels, other);
  }
}
