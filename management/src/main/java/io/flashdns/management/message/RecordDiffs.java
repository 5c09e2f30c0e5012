package io.flashdns.management.message;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.store.ContentDelta;
import io.flashdns.core.store.RRset;
import io.flashdns.core.store.RRsetBlock;
import io.flashdns.proto.v1.RecordDiff;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records that differ between two states of a zone, in canonical order of owners
 * (RFC 4034 §6.1) and then of types; those that say the same are passed over. One thread.
 *
 * <p>A difference that is only counted costs no object.
 */
public final class RecordDiffs {
  private final RRsetBlock.Cursor old;
  private final RRsetBlock.Cursor now;
  private final int[] oldLabels = new int[Wire.MAX_LABELS + 1];
  private final int[] nowLabels = new int[Wire.MAX_LABELS + 1];
  private boolean hasOld;
  private boolean hasNow;
  private boolean isOld;
  private boolean isNow;
  private @Nullable RRset before;
  private @Nullable RRset after;

  /** Before the first difference. */
  public RecordDiffs(ContentDelta delta) {
    this.old = delta.before().cursor();
    this.now = delta.after().cursor();
    this.hasOld = old.next();
    this.hasNow = now.next();
  }

  /** Goes to the next difference; false at the end. */
  public boolean next() {
    while (true) {
      hasOld = isOld ? old.next() : hasOld;
      hasNow = isNow ? now.next() : hasNow;
      before = null;
      after = null;
      isOld = false;
      isNow = false;
      if (!hasOld && !hasNow) {
        return false;
      }
      int order = !hasOld ? 1 : !hasNow ? -1 : order();
      isOld = order <= 0;
      isNow = order >= 0;
      if (order != 0 || !before().equals(after())) {
        return true;
      }
    }
  }

  private int order() {
    byte[] oldOwner = old.ownerBytes();
    byte[] nowOwner = now.ownerBytes();
    int oldCount = labels(oldOwner, oldLabels);
    int nowCount = labels(nowOwner, nowLabels);
    for (int i = 1; i <= Math.min(oldCount, nowCount); i++) {
      int order =
          DomainName.compareLabels(
              oldOwner, oldLabels[oldCount - i], nowOwner, nowLabels[nowCount - i]);
      if (order != 0) {
        return order;
      }
    }
    return oldCount != nowCount
        ? Integer.compare(oldCount, nowCount)
        : Integer.compare(old.type(), now.type());
  }

  private static int labels(byte[] name, int[] offsets) {
    int count = 0;
    for (int at = 0; name[at] != 0; at += 1 + name[at]) {
      offsets[count++] = at;
    }
    return count;
  }

  private RRset before() {
    RRset rrset = before;
    if (rrset == null) {
      rrset = old.rrset();
      before = rrset;
    }
    return rrset;
  }

  private RRset after() {
    RRset rrset = after;
    if (rrset == null) {
      rrset = now.rrset();
      after = rrset;
    }
    return rrset;
  }

  private RRsetBlock.Cursor either() {
    if (!isOld && !isNow) {
      throw new IllegalStateException("there is no difference here");
    }
    return isNow ? now : old;
  }

  /** The owner of the record that differs. */
  public DomainName owner() {
    return either().owner();
  }

  /** Its type. */
  public int type() {
    return either().type();
  }

  /** True when there was no such record before. */
  public boolean added() {
    return isNow && !isOld;
  }

  /** True when there is no such record any more. */
  public boolean removed() {
    return isOld && !isNow;
  }

  /** The message of it, with the revisions that the records have. */
  public RecordDiff message() {
    RecordDiff.Builder message = RecordDiff.newBuilder();
    if (isOld) {
      message.setBefore(RecordMessages.message(before(), old.revision(), null));
    }
    if (isNow) {
      message.setAfter(RecordMessages.message(after(), now.revision(), null));
    }
    return message.build();
  }
}
