package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.function.IntConsumer;

/**
 * What a change of one name means for others: how many children each name has, which names lie
 * below one, and whose additional section shows the addresses of which name. Of the latest version
 * of an edited zone; one thread.
 *
 * <p>Names are said by their homes (see {@link Overlay}). Made by one scan of the image, about 0.1
 * µs a name, and brought up to date with each change. Memory: about 13 octets for each name that
 * has children, 20 for each target outside of its own domain, 60 for each name added.
 */
final class ZoneGraph {
  private final byte[] image;
  private final int apexLength;
  private final int apexLabels;
  private final TreeSet<Integer> added;
  private OffsetTable children = OffsetTable.EMPTY;
  private OffsetTable referrerHeads = OffsetTable.EMPTY;
  private int[] referrerNext = new int[16];
  private int[] referrers = new int[16];
  private int referrerCount = 1;
  private boolean whole = true;

  /**
   * @param zone as its builder made it, without NSEC3
   * @param image its image, or a copy with room behind it, in which the homes of later names lie
   */
  ZoneGraph(Zone zone, byte[] image, NameKey key, RrsetReader reader, int edit) {
    this.image = image;
    this.apexLength = zone.apexLength();
    this.apexLabels = zone.apexLabels();
    this.added = new TreeSet<>((a, b) -> Overlay.compare(image, a, b));
    scan(zone, key, reader, edit);
  }

  private void scan(Zone zone, NameKey key, RrsetReader reader, int edit) {
    OffsetTable.Edit counts = children.edit(edit);
    OffsetTable.Edit heads = referrerHeads.edit(edit);
    int[] open = new int[Wire.MAX_LABELS + 1];
    int[] openChildren = new int[Wire.MAX_LABELS + 1];
    int depth = -1;
    for (int i = 0, count = zone.nodeCount(); i < count; i++) {
      int node = zone.nodeInOrder(i);
      int labels = zone.labelsBelowApex(node);
      for (; depth >= labels; depth--) {
        close(zone, counts, open[depth], openChildren[depth]);
      }
      depth = labels;
      open[labels] = node;
      openChildren[labels] = 0;
      if (labels > 0) {
        openChildren[labels - 1]++;
      }
      for (int t = 0, types = zone.typeCount(node); t < types; t++) {
        int type = zone.typeAt(node, t);
        if (RrsetReader.hasTarget(type) && !(type == RecordType.NS && labels == 0)) {
          reader.open(zone, node, zone.rrsetAt(node, t));
          while (reader.next()) {
            int target = RrsetReader.targetAt(type, reader.bytes(), reader.dataOffset());
            if (target >= 0) {
              key.set(reader.bytes(), target);
              if (isReference(zone, key, node)) {
                addReferrer(heads, key.suffixHash(0), node);
              }
            }
          }
        }
      }
    }
    for (; depth >= 0; depth--) {
      close(zone, counts, open[depth], openChildren[depth]);
    }
    children = counts.done();
    referrerHeads = heads.done();
  }

  private void close(Zone zone, OffsetTable.Edit counts, int node, int count) {
    if (count > 0) {
      counts.put(node, count);
    } else if (zone.typeCount(node) == 0) {
      whole = false;
    }
  }

  /** False when a name has neither data nor children, but a signature of data that it has not. */
  boolean isWhole() {
    return whole;
  }

  /**
   * True when a change of the name in {@code key} has to be looked up here to find {@code node}: it
   * lies in the zone, and not at or below the node, where the way up to the apex leads to it.
   */
  boolean isReference(Zone zone, NameKey key, int node) {
    int below = key.labels() - apexLabels;
    if (below < 0 || !zone.isApex(key, below)) {
      return false;
    }
    int label = below - Wire.u8(image, node + N_LABELS);
    if (label < 0) {
      return true;
    }
    int from = key.labelOffset(label);
    int to = key.length() - apexLength;
    int name = node + N_NAME;
    return !Arrays.equals(
        key.folded(), from, to, image, name, name + Wire.u8(image, node + N_NAME_LENGTH));
  }

  /** Number of names one label longer. */
  int children(int home) {
    return children.get(home, 0);
  }

  /** Gives the names that exist below a name to {@code reader}, by their homes. */
  void descendants(Zone zone, int home, IntConsumer reader) {
    int base = Wire.s32(image, H_NODES);
    int list = Wire.s32(image, H_ORDER_AT);
    int low = 0;
    int high = base;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Overlay.compare(image, Wire.s32(image, list + 4 * middle), home) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    for (int i = low; i < base; i++) {
      int node = Wire.s32(image, list + 4 * i);
      if (!Overlay.isBelow(image, node, home)) {
        break;
      }
      if (zone.current(node) != 0) {
        reader.accept(node);
      }
    }
    for (int node : added.tailSet(home, false)) {
      if (!Overlay.isBelow(image, node, home)) {
        break;
      }
      if (zone.current(node) != 0) {
        reader.accept(node);
      }
    }
  }

  /**
   * Gives the names to {@code reader} whose NS, SVCB or HTTPS records may lead to a name with this
   * hash, by their homes; some more than once, some that do so no more.
   */
  void referrers(long hash, IntConsumer reader) {
    for (int i = referrerHeads.get((int) hash, 0); i != 0; i = referrerNext[i]) {
      reader.accept(referrers[i]);
    }
  }

  private void addReferrer(OffsetTable.Edit heads, long hash, int home) {
    if (referrerCount == referrers.length) {
      referrers = Arrays.copyOf(referrers, 2 * referrerCount);
      referrerNext = Arrays.copyOf(referrerNext, 2 * referrerCount);
    }
    referrers[referrerCount] = home;
    referrerNext[referrerCount] = heads.get((int) hash, 0);
    heads.put((int) hash, referrerCount++);
  }

  /** Begins to bring it up to date with a version that was made. */
  Update update(int edit) {
    return new Update(edit);
  }

  /** What a version changes here. Nothing is seen before {@link #done}. */
  final class Update {
    private final OffsetTable.Edit counts;
    private final OffsetTable.Edit heads;

    private Update(int edit) {
      counts = children.edit(edit);
      heads = referrerHeads.edit(edit);
    }

    void children(int home, int more) {
      counts.put(home, counts.get(home, 0) + more);
    }

    void name(int home) {
      added.add(home);
    }

    void referrer(long hash, int home) {
      addReferrer(heads, hash, home);
    }

    void done() {
      children = counts.done();
      referrerHeads = heads.done();
    }
  }
}
