package io.flashdns.core.zone;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;

/**
 * Finds what a change touches: the part of a zone's next version that has to be known to write what
 * is new in it. Used once, by one thread.
 *
 * <p>Written are: the owners that were given; empty non-terminals that come into being; a name
 * whose wildcard child comes or goes (RFC 4592 §2.1.1); all that lies below a zone cut or DNAME
 * that comes or goes; and names whose NS, SVCB or HTTPS records lead to a name that comes, goes, or
 * has other types of addresses now. Around them stands what their flags, links and checks depend
 * on: all ancestors, wildcard children, targets. Of these the types are enough.
 *
 * <p>{@link #table} and {@link #order} then are a small zone, in which each flag comes out as it
 * does in the whole one.
 */
final class PatchScope {
  /** Most nodes that a change may touch; beyond that a new image is the better way. */
  static final int MAX_WRITTEN = 4_096;

  private static final int GIVEN = 1;
  private static final int KNOWN = 2;
  private static final int AFTER = 4;
  private static final int WRITE = 8;
  private static final int HIDDEN_ANEW = 16;

  /** Types that an additional section shows. */
  private static final int[] SHOWN = {
    RecordType.A, RecordType.AAAA, RecordType.SVCB, RecordType.HTTPS
  };

  private static final byte[] NOTHING = new byte[0];

  private final Zone before;
  private final ZoneGraph graph;
  private final NameKey key;
  private final RrsetReader reader;
  private final byte[] name = new byte[Wire.MAX_NAME_BYTES + 2];

  /** All names of the scope, also such as do not exist. Arrays by their numbers. */
  private final RecordTable names;

  private int[] home = new int[16];
  private int[] current = new int[16];
  private int[] parent = new int[16];
  private int[] childrenMore = new int[16];
  private byte[] state = new byte[16];
  private boolean settled;
  private int written;

  /** The small zone. */
  final RecordTable table = new RecordTable();

  /** Owners of the small zone in canonical order. */
  int[] order = new int[0];

  /** Number of the apex in {@link #table}. */
  int apexOwner;

  private int[] nameOf = new int[16];

  /**
   * @param names the owners that were given, all in the zone, with the records that they have now
   */
  PatchScope(Zone before, ZoneGraph graph, RecordTable names, NameKey key, RrsetReader reader) {
    this.reader = reader;
    this.before = before;
    this.graph = graph;
    this.names = names;
    this.key = key;
    int given = names.ownerCount();
    for (int number = 0; number < given; number++) {
      ensure(number);
      state[number] |= GIVEN;
    }
    for (int number = 0; number < given; number++) {
      key.set(names.nameBytes(number), names.nameOffset(number));
      know(0);
    }
    before.writeOwner(before.apexNode(), name, 0);
    key.set(name, 0);
    know(0);
    int[] byDepth = settleExistence();
    settleHiding(byDepth);
    findReferrers();
    findWildcardChildren();
    fillWritten();
    findTargets();
    fillOthers();
  }

  // What is known of a name

  private void ensure(int number) {
    if (number >= state.length) {
      int size = Math.max(number + 1, 2 * state.length);
      home = Arrays.copyOf(home, size);
      current = Arrays.copyOf(current, size);
      parent = Arrays.copyOf(parent, size);
      childrenMore = Arrays.copyOf(childrenMore, size);
      state = Arrays.copyOf(state, size);
    }
  }

  /** Takes in the name in {@link #key} from a label on, with all its ancestors. */
  private int know(int fromLabel) {
    int apexLabel = key.labels() - before.apexLabels();
    int first = -1;
    int below = -1;
    for (int label = fromLabel; label <= apexLabel; label++) {
      int number = names.findOrAdd(key, label);
      ensure(number);
      first = first < 0 ? number : first;
      if (below >= 0) {
        parent[below] = number;
      }
      if (is(number, KNOWN)) {
        break;
      }
      state[number] |= KNOWN;
      home[number] = before.home(key, label);
      current[number] = home[number] == 0 ? 0 : before.current(home[number]);
      parent[number] = -1;
      if (settled && current[number] != 0) {
        state[number] |= AFTER;
      }
      below = number;
    }
    return first;
  }

  private boolean is(int number, int flag) {
    return (state[number] & flag) != 0;
  }

  private boolean isApex(int number) {
    return names.labels(number) == before.apexLabels();
  }

  /** True when the name has a type in the next version. */
  private boolean has(int number, int type) {
    return is(number, GIVEN) ? names.firstOfType(number, type) != 0 : had(number, type);
  }

  private boolean had(int number, int type) {
    return current[number] != 0 && before.rrset(current[number], type) != 0;
  }

  private void write(int number) {
    if (is(number, AFTER) && !is(number, WRITE)) {
      state[number] |= WRITE;
      if (++written > MAX_WRITTEN) {
        throw new PatchRefusedException();
      }
    }
  }

  // What exists

  /**
   * Says which names exist in the next version, from the deepest upwards (RFC 8020).
   *
   * @return all names so far, the deepest first
   */
  private int[] settleExistence() {
    long[] keyed = new long[names.ownerCount()];
    for (int number = 0; number < keyed.length; number++) {
      keyed[number] = (long) (Wire.MAX_LABELS - names.labels(number)) << 32 | number;
    }
    Arrays.sort(keyed);
    int[] byDepth = Arrays.stream(keyed).mapToInt(entry -> (int) entry).toArray();
    for (int number : byDepth) {
      boolean records =
          is(number, GIVEN)
              ? names.firstRecord(number) != 0
              : current[number] != 0 && before.typeCount(current[number]) > 0;
      int children = home[number] == 0 ? 0 : graph.children(home[number]);
      if (isApex(number) || records || children + childrenMore[number] > 0) {
        state[number] |= AFTER;
      }
      boolean existed = current[number] != 0;
      if (is(number, AFTER) != existed) {
        childrenMore[parent[number]] += existed ? -1 : 1;
      }
    }
    settled = true;
    for (int number : byDepth) {
      if (is(number, GIVEN) || current[number] == 0) {
        write(number);
      }
      if (is(number, AFTER) != (current[number] != 0) && isWildcard(number)) {
        write(parent[number]);
      }
    }
    return byDepth;
  }

  private boolean isWildcard(int number) {
    byte[] bytes = names.nameBytes(number);
    int at = names.nameOffset(number);
    return bytes[at] == 1 && bytes[at + 1] == '*';
  }

  // What is hidden

  /** Finds the names below which all is hidden by another cut or DNAME than before, or by none. */
  private void settleHiding(int[] byDepth) {
    int[] kind = new int[names.ownerCount()];
    int[] hider = new int[names.ownerCount()];
    for (int i = byDepth.length - 1; i >= 0; i--) {
      int number = byDepth[i];
      int above = parent[number];
      if (above >= 0 && kind[above] != 0) {
        kind[number] = kind[above];
        hider[number] = hider[above];
      } else if (!isApex(number) && has(number, RecordType.NS)) {
        kind[number] = Zone.BELOW_CUT;
        hider[number] = home[number];
      } else if (has(number, RecordType.DNAME)) {
        kind[number] = Zone.BELOW_DNAME;
        hider[number] = home[number];
      }
      if (above >= 0 && is(above, HIDDEN_ANEW)) {
        state[number] |= HIDDEN_ANEW;
        continue;
      }
      if (current[number] == 0) {
        continue;
      }
      int flags = before.flags(current[number]);
      int kindBefore =
          (flags & (Zone.CUT | Zone.BELOW_CUT)) != 0
              ? Zone.BELOW_CUT
              : (flags & (Zone.HAS_DNAME | Zone.BELOW_DNAME)) != 0 ? Zone.BELOW_DNAME : 0;
      int hiderBefore =
          (flags & (Zone.CUT | Zone.HAS_DNAME)) != 0
              ? home[number]
              : kindBefore == 0 ? 0 : before.linkHome(current[number]);
      if (kindBefore != kind[number] || (kindBefore != 0 && hiderBefore != hider[number])) {
        state[number] |= HIDDEN_ANEW;
        if (graph.children(home[number]) > 0) {
          graph.descendants(before, home[number], this::hideAnew);
        }
      }
    }
  }

  private void hideAnew(int descendant) {
    int number = knowHome(descendant);
    state[number] |= HIDDEN_ANEW;
    write(number);
  }

  private int knowHome(int node) {
    before.writeOwner(node, name, 0);
    key.set(name, 0);
    return know(0);
  }

  // Who shows what changed

  private void findReferrers() {
    int count = names.ownerCount();
    for (int number = 0; number < count; number++) {
      if (!looksOther(number)) {
        continue;
      }
      for (int above = parent[number]; above >= 0; above = parent[above]) {
        if ((!isApex(above) && had(above, RecordType.NS))
            || had(above, RecordType.SVCB)
            || had(above, RecordType.HTTPS)) {
          write(above);
        }
      }
      graph.referrers(
          names.hash(number),
          referrer -> {
            if (before.current(referrer) != 0) {
              write(knowHome(referrer));
            }
          });
    }
  }

  /** True when an additional section that shows the name is another one now. */
  private boolean looksOther(int number) {
    boolean existed = current[number] != 0;
    if (is(number, HIDDEN_ANEW) || is(number, AFTER) != existed) {
      return true;
    }
    if (existed && is(number, GIVEN)) {
      for (int type : SHOWN) {
        if (has(number, type) != had(number, type)) {
          return true;
        }
      }
    }
    return false;
  }

  // What else has to be known

  private void findWildcardChildren() {
    int count = names.ownerCount();
    for (int number = 0; number < count; number++) {
      if (is(number, WRITE) && home[number] != 0 && graph.children(home[number]) > 0) {
        knowWildcardOf(number);
      }
    }
  }

  private void knowWildcardOf(int number) {
    int length = names.nameLength(number);
    if (length + 2 > Wire.MAX_NAME_BYTES) {
      return;
    }
    name[0] = 1;
    name[1] = '*';
    System.arraycopy(names.nameBytes(number), names.nameOffset(number), name, 2, length);
    key.set(name, 0);
    knowExisting(0);
  }

  /** Takes in the name in {@link #key} from a label on, if it exists in the next version. */
  private boolean knowExisting(int label) {
    int number = names.find(key, label);
    if (number >= 0 && is(number, KNOWN)) {
      return is(number, AFTER);
    }
    int node = before.home(key, label);
    if (node == 0 || before.current(node) == 0) {
      return false;
    }
    know(label);
    return true;
  }

  /** Takes in what the targets of all records that are written have to be looked up in. */
  private void findTargets() {
    int owners = table.ownerCount();
    for (int owner = 0; owner < owners; owner++) {
      for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
        int type = table.type(rr);
        if (RrsetReader.hasTarget(type)) {
          int target = RrsetReader.targetAt(type, table.dataBytes(rr), table.dataOffset(rr));
          if (target >= 0) {
            key.set(table.dataBytes(rr), target);
            knowTarget();
          }
        }
      }
    }
  }

  /** The target itself, or its closest encloser and what stands in for it there. */
  private void knowTarget() {
    int apexLabel = key.labels() - before.apexLabels();
    if (apexLabel < 0 || !before.isApex(key, apexLabel)) {
      return;
    }
    int label = 0;
    while (label < apexLabel && !knowExisting(label)) {
      label++;
    }
    if (label > 0) {
      knowWildcardOf(know(label));
    }
  }

  // The small zone

  private int addOwner(int number) {
    key.set(names.nameBytes(number), names.nameOffset(number));
    int owner = table.findOrAdd(key, 0);
    if (owner >= nameOf.length) {
      nameOf = Arrays.copyOf(nameOf, 2 * owner);
    }
    nameOf[owner] = number;
    return owner;
  }

  private void fillWritten() {
    for (int number = 0; number < names.ownerCount(); number++) {
      if (!is(number, WRITE)) {
        continue;
      }
      int owner = addOwner(number);
      if (!is(number, GIVEN)) {
        copyNode(owner, current[number]);
        continue;
      }
      for (int rr = names.firstRecord(number); rr != 0; rr = names.next(rr)) {
        table.add(
            owner,
            names.type(rr),
            names.ttl(rr),
            names.dataBytes(rr),
            names.dataOffset(rr),
            names.dataLength(rr),
            names.position(rr));
      }
    }
  }

  private void copyNode(int owner, int node) {
    if (node == 0) {
      return;
    }
    for (int i = 0; i < before.typeCount(node); i++) {
      int rrset = before.rrsetAt(node, i);
      copyRrset(owner, node, rrset, before.typeAt(node, i));
      if (before.signatures(rrset) != 0) {
        copyRrset(owner, node, before.signatures(rrset), RecordType.RRSIG);
      }
    }
  }

  private void copyRrset(int owner, int node, int rrset, int type) {
    reader.open(before, node, rrset);
    while (reader.next()) {
      table.add(
          owner,
          type,
          reader.ttl(),
          reader.bytes(),
          reader.dataOffset(),
          reader.dataLength(),
          ZoneProblem.NO_POSITION);
    }
  }

  private void fillOthers() {
    for (int number = 0; number < names.ownerCount(); number++) {
      if (!is(number, AFTER) || is(number, WRITE)) {
        continue;
      }
      int owner = addOwner(number);
      for (int i = 0; i < before.typeCount(current[number]); i++) {
        int type = before.typeAt(current[number], i);
        table.add(owner, type, 0, NOTHING, 0, 0, ZoneProblem.NO_POSITION);
      }
    }
    order = new int[table.ownerCount()];
    for (int owner = 0; owner < order.length; owner++) {
      order[owner] = owner;
      if (isApex(nameOf[owner])) {
        apexOwner = owner;
      }
    }
    CanonicalOrder.sort(table, before.apexLabels(), order);
  }

  // What comes out

  /** True when an owner of the small zone is to be written. */
  boolean isWritten(int owner) {
    return is(nameOf[owner], WRITE);
  }

  /** True when the content of an owner of the small zone was given. */
  boolean isGiven(int owner) {
    return is(nameOf[owner], GIVEN);
  }

  /** The home of an owner of the small zone, 0 when the name is new. */
  int home(int owner) {
    return home[nameOf[owner]];
  }

  /** The node that an owner of the small zone has in the version before, or 0. */
  int nodeBefore(int owner) {
    return current[nameOf[owner]];
  }

  /** How many children more an owner of the small zone has. */
  int childrenMore(int owner) {
    return childrenMore[nameOf[owner]];
  }

  /** Nodes that the next version does not have any more. */
  interface Gone {
    /** Takes a home, its node in the version before, and how many children more it has. */
    void accept(int home, int node, int childrenMore);
  }

  /** Gives the names to {@code reader} that exist no more. */
  void forEachGone(Gone gone) {
    for (int number = 0; number < names.ownerCount(); number++) {
      if (!is(number, AFTER) && current[number] != 0) {
        gone.accept(home[number], current[number], childrenMore[number]);
      }
    }
  }

  /** Records of a node, signatures included. */
  static int records(Zone zone, int node) {
    int records = 0;
    for (int i = 0; i < zone.typeCount(node); i++) {
      int rrset = zone.rrsetAt(node, i);
      int signatures = zone.signatures(rrset);
      records += zone.recordCount(rrset) + (signatures == 0 ? 0 : zone.recordCount(signatures));
    }
    return records;
  }
}
