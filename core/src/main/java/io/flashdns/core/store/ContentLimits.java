package io.flashdns.core.store;

/**
 * How large what is stored may be.
 *
 * @param recordsPerRRset records of one RRset, 1 to 4,095
 * @param typesPerName types at one owner, 1 to 255
 * @param rrsetBytes octets of one RRset in a message, each record with its fixed part and a
 *     compressed owner: at most 61,440
 * @param recordsPerZone records of one zone
 * @param changeSetBytes octets of all that one change set gives
 */
public record ContentLimits(
    int recordsPerRRset,
    int typesPerName,
    int rrsetBytes,
    int recordsPerZone,
    long changeSetBytes) {
  private static final int RRSET_BYTES = 60 << 10;
  private static final int RECORDS_PER_ZONE = 20_000_000;
  private static final long CHANGE_SET_BYTES = 256L << 20;

  /**
   * For changes through the API: 100 records in an RRset, 100 types at a name, so that nobody can
   * make answers or lookups dear for others.
   */
  public static ContentLimits defaults() {
    return new ContentLimits(100, 100, RRSET_BYTES, RECORDS_PER_ZONE, CHANGE_SET_BYTES);
  }

  /** For the operator's own sources, as zone files: whatever can be served. */
  public static ContentLimits servable() {
    return new ContentLimits(4_095, 255, RRSET_BYTES, RECORDS_PER_ZONE, CHANGE_SET_BYTES);
  }

  public ContentLimits {
    if (recordsPerRRset < 1 || recordsPerRRset > 4_095) {
      throw new IllegalArgumentException("recordsPerRRset must be 1 to 4095");
    }
    if (typesPerName < 1 || typesPerName > 255) {
      throw new IllegalArgumentException("typesPerName must be 1 to 255");
    }
    if (rrsetBytes < 1 || rrsetBytes > RRSET_BYTES) {
      throw new IllegalArgumentException("rrsetBytes must be 1 to 61440");
    }
  }
}
