package io.flashdns.core.store;

import io.flashdns.core.dns.DomainName;
import java.util.List;
import java.util.TreeSet;

/**
 * An RRset of class IN: all records of one type at one owner (RFC 2181 §5).
 *
 * @param owner in lower case
 * @param type 1 to 65,535, no meta type
 * @param ttl seconds, 0 to 2<sup>31</sup> − 1, of all its records
 * @param data one or more, none twice, in canonical order
 */
public record RRset(DomainName owner, int type, int ttl, List<RecordData> data) {
  /** Sorts the data and leaves out what is given twice. */
  public RRset {
    owner = owner.folded();
    data = isCanonical(data) ? List.copyOf(data) : List.copyOf(new TreeSet<>(data));
    if (data.isEmpty()) {
      throw new IllegalArgumentException(
          "an RRset has one record at least: delete it to have none");
    }
    if (ttl < 0) {
      throw new IllegalArgumentException("a TTL is 0 to 2147483647 seconds, not " + ttl);
    }
  }

  private static boolean isCanonical(List<RecordData> data) {
    for (int i = 1; i < data.size(); i++) {
      if (data.get(i - 1).compareTo(data.get(i)) >= 0) {
        return false;
      }
    }
    return true;
  }
}
