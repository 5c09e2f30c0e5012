package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.ZoneProblem.Severity;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the next versions of a large zone without copying it: a change of one record costs some
 * microseconds in a zone of a million names.
 *
 * <p>The image is copied once into an array with room at its end. The nodes that a change touches
 * are written behind what is there, and a new {@link Zone} is made of the same array and a small
 * table that leads to them. Octets that were published are never written again, so the versions
 * before stay right for the queries that use them; the new one becomes visible by whatever
 * publishes it, the catalog's release store.
 *
 * <p>An answer from a patched zone is octet for octet that of a zone built anew from the same
 * records.
 *
 * <p>One thread. Memory: the image and its room, and for each name that has children some 13
 * octets, for each target of NS, SVCB and HTTPS records outside of its owner's domain 20, for each
 * name added 60. A version stands in the place that the base had ({@link Zone#placed}, {@link
 * Zone#located}): who changed that since places the version anew.
 *
 * <p>What cannot be patched: zones signed with NSEC or NSEC3, and changes that bring signatures,
 * for every change of those moves the chain; a change that touches more than {@value
 * PatchScope#MAX_WRITTEN} names, such as a zone cut that hides or lays open that many, or an
 * address that comes or goes to which that many delegations lead; a change that has no room any
 * more.
 */
public final class ZoneEditor {
  /** From this size of image on zones are edited; below they are built anew. */
  public static final int LARGE_IMAGE_BYTES = 64 << 10;

  private static final int MAX_ARRAY_BYTES = Integer.MAX_VALUE - 16;
  private static final int SMALL_ROOM_BYTES = 1 << 20;

  private final NameKey key;
  private final NameKey otherKey;
  private final int apexHome;
  private final int apexLabels;
  private final RrsetReader reader = new RrsetReader();
  private final int baseBytes;
  private final byte[] room;
  private final @Nullable ZoneGraph graph;
  private Zone latest;
  private int at;
  private int edits;

  /**
   * An editor of a zone. Copies the image and finds out what hangs together: about 0.3 µs a name,
   * for a large zone better done where nobody waits for it. The one who gets it from another thread
   * must get it safely.
   *
   * @param base as a builder made it or an image file had it; of a version that another editor
   *     made, nothing can be edited
   */
  public ZoneEditor(Zone base) {
    NameHash hash = new NameHash(base.hashSeed());
    this.key = new NameKey(hash);
    this.otherKey = new NameKey(hash);
    this.latest = base;
    this.apexHome = base.apexNode();
    this.apexLabels = base.apexLabels();
    this.baseBytes = base.data().length;
    ZoneGraph made = null;
    if (base.isSigned() || base.isPatched() || base.isUnavailable()) {
      this.room = base.data();
    } else {
      this.room = Arrays.copyOf(base.data(), baseBytes + roomBytes(baseBytes));
      made = new ZoneGraph(base, room, key, reader, ++edits);
    }
    this.graph = made != null && made.isWhole() ? made : null;
    this.at = baseBytes;
  }

  /** An eighth of the image, and up to 1 MiB more, so that small zones have room as well. */
  private static int roomBytes(int imageBytes) {
    long wanted = (imageBytes >>> 3) + (long) Math.min(imageBytes, SMALL_ROOM_BYTES);
    return (int) Math.min(MAX_ARRAY_BYTES - imageBytes, wanted);
  }

  /**
   * Begins the next version.
   *
   * @param revision the revision of the store that its content is of
   */
  public Patch patch(long revision) {
    return new Patch(revision);
  }

  /** The version that was made last; the base at first. */
  public Zone latest() {
    return latest;
  }

  /**
   * True when half of the room is used: build the zone anew in the background, begin an editor of
   * that, and patch into it what was changed meanwhile.
   */
  public boolean wantsRebuild() {
    return at - baseBytes > (room.length - baseBytes) / 2;
  }

  private @Nullable Zone apply(ZoneGraph known, RecordTable given, long revision, Report report) {
    PatchScope scope = new PatchScope(latest, known, given, key, reader);
    RecordTable table = scope.table;
    ZoneChecks checks = new ZoneChecks(table, otherKey, scope.apexOwner, report);
    NodeWriter writer =
        new NodeWriter(table, otherKey, scope.apexOwner, scope.order, checks, latest);
    writer.image = room;
    writer.at = at;
    for (int i = 0; i < scope.order.length; i++) {
      writer.home[i] = scope.home(scope.order[i]);
      writer.offset[i] = scope.nodeBefore(scope.order[i]);
    }
    writer.flagNodes();
    if (scope.isWritten(scope.apexOwner)) {
      checks.checkSoa();
    }
    for (int i = 0; i < scope.order.length; i++) {
      if (scope.isWritten(scope.order[i])) {
        checks.checkNode(scope.order[i], writer.flags[i]);
        writer.writeNode(i);
      }
    }
    if (!checks.passed()) {
      return null;
    }
    for (int i = 0; i < scope.order.length; i++) {
      if (scope.isWritten(scope.order[i])) {
        writer.fillLink(i);
      }
    }
    writer.fillAdditional();
    return publish(known, scope, writer, revision);
  }

  private Zone publish(ZoneGraph known, PatchScope scope, NodeWriter writer, long revision) {
    Zone before = latest;
    Overlay old = before.overlay();
    int edit = ++edits;
    OffsetTable.Edit forward = (old == null ? OffsetTable.EMPTY : old.forward).edit(edit);
    OffsetTable.Edit added = (old == null ? OffsetTable.EMPTY : old.added).edit(edit);
    ZoneGraph.Update update = known.update(edit);
    int[] counts = {before.nodeCount(), before.recordCount() + writer.recordCount};
    for (int i = 0; i < scope.order.length; i++) {
      int owner = scope.order[i];
      int node = writer.offset[i];
      int home = writer.home[i];
      if (scope.childrenMore(owner) != 0) {
        update.children(home, scope.childrenMore(owner));
      }
      if (!scope.isWritten(owner)) {
        continue;
      }
      int nodeBefore = scope.nodeBefore(owner);
      counts[0] += nodeBefore == 0 ? 1 : 0;
      counts[1] -= nodeBefore == 0 ? 0 : PatchScope.records(before, nodeBefore);
      if (home == node) {
        added.add((int) scope.table.hash(owner), node);
        update.name(node);
      } else if (home != apexHome) {
        forward.put(home, node);
      }
      if (scope.isGiven(owner)) {
        addReferrers(known, update, scope, owner, home);
      }
    }
    scope.forEachGone(
        (home, node, childrenMore) -> {
          forward.put(home, 0);
          if (childrenMore != 0) {
            update.children(home, childrenMore);
          }
          counts[0]--;
          counts[1] -= PatchScope.records(before, node);
        });
    update.done();
    at = writer.at;
    int apex = writer.indexOf[scope.apexOwner];
    boolean apexWritten = scope.isWritten(scope.apexOwner);
    Overlay version =
        new Overlay(
            forward.done(),
            added.done(),
            apexHome,
            writer.offset[apex],
            apexWritten ? writer.negativeSoa : before.negativeSoa(),
            Math.max(before.maxLabels(), writer.maxLabels),
            apexWritten ? serial(scope.table, scope.apexOwner) : (int) before.serial(),
            counts[0],
            counts[1],
            revision);
    latest = before.version(room, version);
    return latest;
  }

  private static int serial(RecordTable table, int apexOwner) {
    int soa = table.firstOfType(apexOwner, RecordType.SOA);
    return Wire.s32(table.dataBytes(soa), table.dataOffset(soa) + table.dataLength(soa) - 20);
  }

  /** Notes the names that an owner leads to now, and did not before. */
  private void addReferrers(
      ZoneGraph known, ZoneGraph.Update update, PatchScope scope, int owner, int home) {
    RecordTable table = scope.table;
    @Nullable Set<Long> noted = null;
    for (int rr = table.firstRecord(owner); rr != 0; rr = table.next(rr)) {
      int type = table.type(rr);
      if (!RrsetReader.hasTarget(type) || (type == RecordType.NS && home == apexHome)) {
        continue;
      }
      int target = RrsetReader.targetAt(type, table.dataBytes(rr), table.dataOffset(rr));
      if (target < 0) {
        continue;
      }
      otherKey.set(table.dataBytes(rr), target);
      if (known.isReference(latest, otherKey, home)) {
        noted = noted == null ? targets(scope.nodeBefore(owner)) : noted;
        otherKey.set(table.dataBytes(rr), target);
        if (noted.add(otherKey.suffixHash(0))) {
          update.referrer(otherKey.suffixHash(0), home);
        }
      }
    }
  }

  /** Hashes of the names that a node of the version before leads to. */
  private Set<Long> targets(int node) {
    Set<Long> targets = new HashSet<>();
    for (int i = 0; node != 0 && i < latest.typeCount(node); i++) {
      int type = latest.typeAt(node, i);
      if (RrsetReader.hasTarget(type)) {
        reader.open(latest, node, latest.rrsetAt(node, i));
        while (reader.next()) {
          int target = RrsetReader.targetAt(type, reader.bytes(), reader.dataOffset());
          if (target >= 0) {
            otherKey.set(reader.bytes(), target);
            targets.add(otherKey.suffixHash(0));
          }
        }
      }
    }
    return targets;
  }

  /**
   * The next version while it is made: name each owner whose content changes, give all records that
   * it has from now on, then {@link #done}. One thread; used once.
   */
  public final class Patch implements RecordSink {
    private final RecordTable given = new RecordTable();
    private final long revision;
    private boolean rebuild;
    private boolean refused;
    private boolean used;

    private Patch(long revision) {
      this.revision = revision;
    }

    /**
     * The content of this owner is given whole from now on. Without records it has none any more;
     * the name stays when others lie below it (RFC 8020).
     */
    public void owner(DomainName owner) {
      key.set(owner.wire(), 0);
      find();
    }

    /** Takes one record; its owner needs not be named by {@link #owner} before. */
    @Override
    public void add(
        byte[] owner,
        int ownerOffset,
        int ownerLength,
        int type,
        int ttl,
        byte[] rdata,
        int rdataOffset,
        int rdataLength,
        long position) {
      if (key.readUncompressed(owner, ownerOffset, ownerOffset + ownerLength)
          == NameKey.MALFORMED) {
        throw new IllegalArgumentException("the owner is not a name in wire form");
      }
      rebuild |=
          type == RecordType.RRSIG
              || type == RecordType.NSEC
              || type == RecordType.NSEC3
              || type == RecordType.NSEC3PARAM;
      int number = find();
      if (!rebuild) {
        given.add(number, type, ttl, rdata, rdataOffset, rdataLength, position);
      }
    }

    private int find() {
      try {
        return given.findOrAdd(key, 0);
      } catch (RecordTable.ZoneTooLargeException _) {
        rebuild = true;
        return 0;
      }
    }

    /**
     * Checks what was given and makes the next version.
     *
     * <p>Checked are the owners given and what their change does to others, as {@link
     * ZoneImageBuilder#build} checks a whole zone.
     *
     * @param problems is told what is wrong; warnings do not keep the version from being made
     * @return the next version. Null when there is none: either an error was reported, then {@link
     *     #refused} is true and the records are not fit to be served; or the zone cannot be patched
     *     this time, then build it anew from all its records and begin another editor of that. In
     *     both cases this editor stays at the version it had.
     */
    public @Nullable Zone done(Consumer<ZoneProblem> problems) {
      if (used) {
        throw new IllegalStateException("a patch is used once");
      }
      used = true;
      ZoneGraph known = graph;
      if (rebuild || known == null) {
        return null;
      }
      Report report = new Report(problems);
      if (!isServable(report)) {
        refused = true;
        return null;
      }
      try {
        Zone version = apply(known, given, revision, report);
        refused = report.errors > 0;
        return version;
      } catch (PatchRefusedException | RecordTable.ZoneTooLargeException _) {
        refused = report.errors > 0;
        return null;
      }
    }

    /** True when {@link #done} reported an error: building the zone anew would report it too. */
    public boolean refused() {
      return refused;
    }

    private boolean isServable(Consumer<ZoneProblem> report) {
      boolean servable = true;
      for (int owner = 0; owner < given.ownerCount(); owner++) {
        key.set(given.nameBytes(owner), given.nameOffset(owner));
        int apexLabel = key.labels() - apexLabels;
        if (apexLabel < 0 || !latest.isApex(key, apexLabel)) {
          report.accept(
              error(
                  given, owner, key + " is outside of the zone " + latest.apex() + ": remove it"));
          servable = false;
        } else if (apexLabel == 0 && given.firstOfType(owner, RecordType.SOA) == 0) {
          report.accept(
              error(given, owner, "the zone " + key + " would have no SOA record: give it one"));
          servable = false;
        }
      }
      return servable;
    }

    private static ZoneProblem error(RecordTable table, int owner, String message) {
      int rr = table.firstRecord(owner);
      return new ZoneProblem(
          Severity.ERROR, rr == 0 ? ZoneProblem.NO_POSITION : table.position(rr), message);
    }
  }

  /** Passes problems on and remembers whether one of them was an error. */
  private static final class Report implements Consumer<ZoneProblem> {
    private final Consumer<ZoneProblem> problems;
    private int errors;

    Report(Consumer<ZoneProblem> problems) {
      this.problems = problems;
    }

    @Override
    public void accept(ZoneProblem problem) {
      errors += problem.severity() == Severity.ERROR ? 1 : 0;
      problems.accept(problem);
    }
  }
}
