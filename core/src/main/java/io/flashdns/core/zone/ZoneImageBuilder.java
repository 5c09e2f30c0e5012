package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.DomainName;
import io.flashdns.core.dns.NameHash;
import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import io.flashdns.core.zone.ZoneProblem.Severity;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Builds the image of one zone from its records.
 *
 * <p>Used once: {@link #add} every record, in any order, then {@link #build}. One thread. Memory
 * while building: about three times the image, none of it an object per record.
 *
 * <p>How it goes: records are collected by owner ({@link RecordTable}); empty non-terminals are
 * added; owners are put into canonical order, which visits each name after its ancestors, so that
 * one walk knows what lies below a zone cut; the zone is checked ({@link ZoneChecks}); nodes and
 * RRsets are written in that order; last, what could only be known then is filled in: links,
 * additional RRsets, the index.
 */
public final class ZoneImageBuilder implements RecordSink {
  private static final int SLOTS_PER_TEN_NODES = 15;
  private static final String TOO_LARGE =
      "the zone has more than 2 GiB of records: split it by delegation";

  private final NameKey key;
  private final RecordTable table = new RecordTable();
  private int soaOwner = -1;
  private @Nullable RuntimeException overflow;
  private long revision;

  /** A builder for an image whose index uses {@code hash}, the one that queries are hashed with. */
  public ZoneImageBuilder(NameHash hash) {
    this.key = new NameKey(hash);
  }

  /** The revision of the store that the records are of; 0, as without this call, for none. */
  public ZoneImageBuilder revision(long revision) {
    this.revision = revision;
    return this;
  }

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
    if (overflow != null) {
      return;
    }
    if (key.readUncompressed(owner, ownerOffset, ownerOffset + ownerLength) == NameKey.MALFORMED) {
      throw new IllegalArgumentException("the owner is not a name in wire form");
    }
    try {
      int number = table.findOrAdd(key, 0);
      table.add(number, type, ttl, rdata, rdataOffset, rdataLength, position);
      if (type == RecordType.SOA && soaOwner < 0) {
        soaOwner = number;
      }
    } catch (RecordTable.ZoneTooLargeException e) {
      overflow = e;
    }
  }

  /** Records taken so far. */
  public int recordCount() {
    return table.recordCount();
  }

  /**
   * Checks the zone and builds its image.
   *
   * @param problems is told everything that is wrong; warnings do not keep the zone from being
   *     built
   * @return the zone, or null when an error was reported
   */
  public @Nullable Zone build(Consumer<ZoneProblem> problems) {
    if (overflow != null) {
      problems.accept(error(TOO_LARGE));
      return null;
    }
    if (soaOwner < 0) {
      problems.accept(error("the zone has no SOA record, so its apex is unknown: add one"));
      return null;
    }
    ZoneChecks checks = new ZoneChecks(table, key, soaOwner, problems);
    int[] order;
    try {
      order = ownersInOrder(checks);
    } catch (RecordTable.ZoneTooLargeException _) {
      problems.accept(error(TOO_LARGE));
      return null;
    }
    // Also in spite of errors: whoever mends the zone wants to know all that is wrong with it.
    byte[] image = new ImageWriter(table, key, soaOwner, order, checks).write();
    if (image == null) {
      return null;
    }
    Wire.put64(image, H_REVISION, revision);
    return new Zone(image);
  }

  /** Refuses what lies outside, adds empty non-terminals (RFC 8020), and sorts. */
  private int[] ownersInOrder(ZoneChecks checks) {
    int apexLabels = table.labels(soaOwner);
    int apexLength = table.nameLength(soaOwner);
    int given = table.ownerCount();
    int[] inside = new int[given];
    int count = 0;
    for (int owner = 0; owner < given; owner++) {
      if (!isInside(owner, apexLabels, apexLength)) {
        checks.outOfZone(owner);
        continue;
      }
      inside[count++] = owner;
      key.set(table.nameBytes(owner), table.nameOffset(owner));
      for (int label = 1; label < key.labels() - apexLabels; label++) {
        if (table.find(key, label) >= 0) {
          break;
        }
        table.findOrAdd(key, label);
      }
    }
    int terminals = table.ownerCount() - given;
    int[] order = Arrays.copyOf(inside, count + terminals);
    for (int i = 0; i < terminals; i++) {
      order[count + i] = given + i;
    }
    CanonicalOrder.sort(table, apexLabels, order);
    return order;
  }

  private boolean isInside(int owner, int apexLabels, int apexLength) {
    int skip = table.nameLength(owner) - apexLength;
    if (skip < 0 || table.labels(owner) < apexLabels) {
      return false;
    }
    byte[] name = table.nameBytes(owner);
    int at = table.nameOffset(owner);
    for (int i = table.labels(owner) - apexLabels; i > 0; i--) {
      at += 1 + name[at];
    }
    byte[] apex = table.nameBytes(soaOwner);
    int apexAt = table.nameOffset(soaOwner);
    return at == table.nameOffset(owner) + skip
        && Arrays.equals(name, at, at + apexLength, apex, apexAt, apexAt + apexLength);
  }

  static ZoneProblem error(String message) {
    return new ZoneProblem(Severity.ERROR, ZoneProblem.NO_POSITION, message);
  }

  /** Index size for a number of nodes: two thirds full. */
  static int slotsFor(int nodes) {
    return (int)
        Math.min(Integer.MAX_VALUE / SLOT_BYTES, nodes * (long) SLOTS_PER_TEN_NODES / 10 + 2);
  }

  /** The name of an owner, for messages. */
  static DomainName nameOf(RecordTable table, int owner) {
    return DomainName.ofWire(table.nameBytes(owner), table.nameOffset(owner));
  }
}
