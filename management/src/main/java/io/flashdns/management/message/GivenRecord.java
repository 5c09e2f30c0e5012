package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RecordData;
import java.util.List;
import java.util.SortedMap;

/**
 * A record as a request gives it, checked by itself.
 *
 * @param owner in lower case
 * @param type 1 to 65,535, no meta type
 * @param ttl seconds; {@link #NO_TTL} where none is given
 * @param data in canonical form and order, none twice; empty where none is given
 * @param labels of its note
 * @param comment of its note
 * @param etag the version that the sender has seen
 */
public record GivenRecord(
    DomainName owner,
    int type,
    int ttl,
    List<RecordData> data,
    SortedMap<String, String> labels,
    String comment,
    Etag etag) {
  /** No TTL is given. */
  public static final int NO_TTL = -1;

  public GivenRecord {
    data = List.copyOf(data);
  }

  /**
   * The RRset.
   *
   * @param ttlIfAbsent what the RRset has already, or {@link RecordMessages#DEFAULT_TTL_SECONDS}
   */
  public RRset rrset(int ttlIfAbsent) {
    return new RRset(owner, type, ttl == NO_TTL ? ttlIfAbsent : ttl, data);
  }

  /** What is noted beside it. */
  public Note note() {
    return Note.of(labels, comment);
  }
}
