package io.flashdns.core.store;

import io.flashdns.core.dns.RecordType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What differs between the content of a zone and what it is to be: both are walked in canonical
 * order, and only what differs is kept. One thread, used once.
 */
final class ReplaceDiff {
  private final ChangeRules.Context context;
  private final RRsetBlock.Builder before;
  private final RRsetBlock.Builder after;
  private final ContentView.ContentReader reader;
  private RRsetBlock.@Nullable Cursor old;
  private int removedNames;

  /** RRsets that differ, the SOA not counted. */
  private int differing;

  private boolean soaDiffers;
  private int serialAt;

  private ReplaceDiff(ChangeRules.Context context, ContentView.ContentReader reader) {
    this.context = context;
    this.reader = reader;
    this.before = new RRsetBlock.Builder(context.apex(), context.zone().contentRevision());
    this.after = new RRsetBlock.Builder(context.apex(), context.nextRevision());
  }

  static ChangeRules.ContentDiff of(ChangeRules.Context context, ContentCheck.Whole content)
      throws StoreException {
    try (ContentView.ContentReader reader = context.view().content(context.zone().id(), null)) {
      return new ReplaceDiff(context, reader).walk(content);
    }
  }

  private ChangeRules.ContentDiff walk(ContentCheck.Whole content) throws StoreException {
    RRsetBlock.Cursor come = content.block.cursor();
    boolean hasCome = come.next();
    RRsetBlock.Cursor was = nextOld();
    while (was != null || hasCome) {
      int order = was == null ? 1 : !hasCome ? -1 : OwnerOrder.compareOwners(was, come);
      if (order < 0 && was != null) {
        removedNames++;
        do {
          differing++;
          before.add(was);
          was = nextOld();
        } while (was != null && !was.ownerChanged());
      } else if (order > 0 || was == null) {
        do {
          differing++;
          after.add(come, context.nextRevision());
          hasCome = come.next();
        } while (hasCome && !come.ownerChanged());
      } else {
        boolean oldHere = true;
        boolean comeHere = true;
        while (oldHere || comeHere) {
          int types =
              !oldHere || was == null
                  ? 1
                  : !comeHere ? -1 : Integer.compare(was.type(), come.type());
          if (types == 0 && was != null) {
            both(was, come);
          } else if (types < 0 && was != null) {
            differing++;
            before.add(was);
          } else {
            differing++;
            after.add(come, context.nextRevision());
          }
          if (types <= 0) {
            was = nextOld();
            oldHere = was != null && !was.ownerChanged();
          }
          if (types >= 0) {
            hasCome = come.next();
            comeHere = hasCome && !come.ownerChanged();
          }
        }
      }
    }
    context.guardNames(removedNames);
    StoredZone zone = context.zone();
    long serial = context.serial(content.serial(), differing > 0 || soaDiffers);
    if (differing == 0 && !soaDiffers && serial == zone.serial()) {
      return ChangeRules.ContentDiff.none(zone);
    }
    after.patch32(serialAt, (int) serial);
    return new ChangeRules.ContentDiff(
        before.build(),
        after.build(),
        serial,
        content.names,
        content.rrsets,
        content.records,
        content.digest(context.apex(), serial));
  }

  /** An RRset that is on both sides; the SOA is taken over always, as its serial may move. */
  private void both(RRsetBlock.Cursor was, RRsetBlock.Cursor come) {
    if (come.type() == RecordType.SOA && come.ownerLength() == come.originLength()) {
      before.add(was);
      after.add(come, context.nextRevision());
      soaDiffers = was.ttl() != come.ttl() || !sameButSerial(was, come);
      serialAt = after.length() - Serials.BYTES_FROM_SERIAL;
    } else if (!was.sameRecords(come)) {
      differing++;
      before.add(was);
      after.add(come, context.nextRevision());
    }
  }

  /** After both have been added, so that their one record is the one at hand. */
  private static boolean sameButSerial(RRsetBlock.Cursor was, RRsetBlock.Cursor come) {
    int length = was.dataLength();
    if (length != come.dataLength()) {
      return false;
    }
    byte[] a = was.dataBytes();
    byte[] b = come.dataBytes();
    int aAt = was.dataOffset();
    int bAt = come.dataOffset();
    int names = length - Serials.BYTES_FROM_SERIAL;
    return Arrays.equals(a, aAt, aAt + names, b, bAt, bAt + names)
        && Arrays.equals(
            a,
            aAt + names + Integer.BYTES,
            aAt + length,
            b,
            bAt + names + Integer.BYTES,
            bAt + length);
  }

  /** The next stored RRset; null at the end. */
  private RRsetBlock.@Nullable Cursor nextOld() throws StoreException {
    while (true) {
      RRsetBlock.Cursor cursor = old;
      if (cursor == null) {
        RRsetBlock block = reader.next();
        if (block == null) {
          return null;
        }
        cursor = block.cursor();
        old = cursor;
      }
      if (cursor.next()) {
        return cursor;
      }
      old = null;
    }
  }
}
