package io.flashdns.management.message;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of one page of a list, which ends at their number or at 1 MiB. One thread.
 *
 * @param <T> an entry
 */
public final class Page<T extends Message> {
  /** Octets of a page, the entry that is larger alone excepted. */
  public static final int MAX_BYTES = 1 << 20;

  private final int size;
  private final List<T> entries = new ArrayList<>();
  private long octets;
  private boolean full;

  /** Of at most so many entries; see {@link PageTokens#pageSize}. */
  public Page(int size) {
    this.size = size;
  }

  /**
   * Adds an entry.
   *
   * @return false when there is no room: the page ends before it
   */
  public boolean add(T entry) {
    int more = CodedOutputStream.computeMessageSize(15, entry);
    if (isFull() || (octets + more > MAX_BYTES && !entries.isEmpty())) {
      full = true;
      return false;
    }
    entries.add(entry);
    octets += more;
    return true;
  }

  /** True when it has as many entries as it may, or one did not fit. */
  public boolean isFull() {
    return full || entries.size() >= size;
  }

  /** The entries so far. */
  public List<T> entries() {
    return List.copyOf(entries);
  }
}
