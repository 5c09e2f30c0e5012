package io.flashdns.core.store;

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
 */
public record ZoneSettings(
    ZoneKey key,
    ZoneOwner owner,
    boolean suspended,
    SerialPolicy serialPolicy,
    String source,
    String sourceStamp) {

  /** A zone of nobody that is changed through the API. */
  public static ZoneSettings of(ZoneKey key) {
    return new ZoneSettings(key, ZoneOwner.NOBODY, false, SerialPolicy.INCREMENT, "", "");
  }

  /** The same for another owner. */
  public ZoneSettings withOwner(ZoneOwner other) {
    return new ZoneSettings(key, other, suspended, serialPolicy, source, sourceStamp);
  }

  /** The same, suspended or not. */
  public ZoneSettings withSuspended(boolean now) {
    return new ZoneSettings(key, owner, now, serialPolicy, source, sourceStamp);
  }

  /** The same with another policy. */
  public ZoneSettings withSerialPolicy(SerialPolicy other) {
    return new ZoneSettings(key, owner, suspended, other, source, sourceStamp);
  }

  /** The same from another source, or as that source looks now. */
  public ZoneSettings withSource(String other, String stamp) {
    return new ZoneSettings(key, owner, suspended, serialPolicy, other, stamp);
  }
}
