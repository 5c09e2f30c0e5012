package io.flashdns.core.zone;

import static io.flashdns.core.zone.ImageLayout.*;

import io.flashdns.core.dns.NameKey;
import io.flashdns.core.dns.RecordType;
import io.flashdns.core.dns.Wire;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes a zone image (see {@link ImageLayout}) from records whose owners are in canonical order:
 * header, index and lists around the nodes that {@link NodeWriter} writes. Used once, by one
 * thread.
 */
final class ImageWriter {
  private final RecordTable table;
  private final long hashSeed;
  private final ZoneChecks checks;
  private final int[] order;
  private final NodeWriter nodes;
  private final @Nullable Nsec3Chain nsec3;

  ImageWriter(RecordTable table, NameKey key, int apexOwner, int[] order, ZoneChecks checks) {
    this.table = table;
    this.hashSeed = key.hash().seed();
    this.checks = checks;
    this.order = order;
    this.nodes = new NodeWriter(table, key, apexOwner, order, checks);
    this.nsec3 = nodes.nsec3;
  }

  /** The image, or null when the checks found an error on the way. */
  byte @Nullable [] write() {
    nodes.flagNodes();
    checks.checkSoa();
    checks.checkNsec3Parameters();
    int indexed = 0;
    int nsecCount = 0;
    for (int i = 0; i < order.length; i++) {
      checks.checkNode(order[i], nodes.flags[i]);
      indexed += nodes.isIndexed(i) ? 1 : 0;
      nsecCount +=
          table.firstOfType(order[i], RecordType.NSEC) != 0 && !nodes.isBelowCut(i) ? 1 : 0;
    }
    int slots = ZoneImageBuilder.slotsFor(indexed);
    int slotsAt = H_APEX + nodes.apexLength;
    int orderAt = slotsAt + slots * SLOT_BYTES;
    int nsecAt = orderAt + order.length * 4;
    int nsec3At = nsecAt + nsecCount * 4;
    int nsec3Count = nsec3 == null ? 0 : nsec3.size();
    int at = nsec3At + nsec3Count * NSEC3_ENTRY_BYTES;
    long estimate =
        at
            + order.length * (N_NAME + 16L)
            + (table.nameBytes() - (long) order.length * nodes.apexLength)
            + table.recordCount() * (long) (RECORD_HEADER_BYTES + R_HEADER_BYTES + TYPE_ENTRY_BYTES)
            + table.dataBytes();
    nodes.at = at;
    nodes.image = new byte[(int) Math.min(Integer.MAX_VALUE - 16, Math.max(estimate, at + 4096L))];
    try {
      for (int i = 0; i < order.length; i++) {
        nodes.writeNode(i);
      }
    } catch (RecordTable.ZoneTooLargeException _) {
      checks.error(
          0, "the image of the zone would be larger than 2 GiB: split the zone by delegation");
    }
    if (!checks.passed()) {
      return null;
    }
    int total = nodes.at + SLACK_BYTES;
    if (total > nodes.image.length || nodes.image.length - total > total >>> 5) {
      nodes.image = Arrays.copyOf(nodes.image, total);
    }
    byte[] image = nodes.image;
    fillLinks(image);
    nodes.fillAdditional();
    fillIndex(image, slotsAt, slots, orderAt, nsecAt);
    if (nsec3 != null) {
      nsec3.write(image, nsec3At, nodes.offset, nodes.indexOf);
    }
    writeHeader(
        image, image.length, slots, slotsAt, orderAt, nsecCount, nsecAt, nsec3Count, nsec3At);
    return image;
  }

  private void writeHeader(
      byte[] image,
      int total,
      int slots,
      int slotsAt,
      int orderAt,
      int nsecCount,
      int nsecAt,
      int nsec3Count,
      int nsec3At) {
    Wire.put32(image, H_MAGIC, MAGIC);
    Wire.put16(image, H_VERSION, VERSION);
    Wire.put16(image, H_FLAGS, nsec3 != null ? ZONE_NSEC3 : nsecCount > 0 ? ZONE_NSEC : 0);
    Wire.put64(image, H_SEED, hashSeed);
    int soa = table.firstOfType(nodes.apexOwner, RecordType.SOA);
    Wire.put32(
        image,
        H_SERIAL,
        Wire.s32(table.dataBytes(soa), table.dataOffset(soa) + table.dataLength(soa) - 20));
    Wire.put32(image, H_NODES, order.length);
    Wire.put32(image, H_RECORDS, nodes.recordCount);
    Wire.put32(image, H_SLOTS, slots);
    Wire.put32(image, H_SLOTS_AT, slotsAt);
    Wire.put32(image, H_ORDER_AT, orderAt);
    Wire.put32(image, H_NSEC, nsecCount);
    Wire.put32(image, H_NSEC_AT, nsecAt);
    Wire.put32(image, H_NSEC3, nsec3Count);
    Wire.put32(image, H_NSEC3_AT, nsec3At);
    Wire.put32(image, H_APEX_NODE, nodes.offset[0]);
    Wire.put32(image, H_NEGATIVE_SOA, nodes.negativeSoa);
    Wire.put32(image, H_IMAGE_BYTES, total);
    image[H_APEX_LABELS] = (byte) nodes.apexLabels;
    image[H_MAX_LABELS] = (byte) nodes.maxLabels;
    image[H_APEX_LENGTH] = (byte) nodes.apexLength;
    System.arraycopy(nodes.apex, 0, image, H_APEX, nodes.apexLength);
  }

  private void fillLinks(byte[] image) {
    for (int i = 0; i < order.length; i++) {
      nodes.fillLink(i);
      if (nsec3 != null) {
        fillNsec3(image, nsec3, nodes.offset[i] + N_NSEC3_MATCH);
        fillNsec3(image, nsec3, nodes.offset[i] + N_NSEC3_WILDCARD);
      }
    }
  }

  private void fillNsec3(byte[] image, Nsec3Chain chain, int field) {
    int number = Wire.s32(image, field);
    Wire.put32(
        image, field, number == 0 ? 0 : nodes.offset[nodes.indexOf[chain.owner(number - 1)]]);
  }

  private void fillIndex(byte[] image, int slotsAt, int slots, int orderAt, int nsecAt) {
    int nsec = nsecAt;
    for (int i = 0; i < order.length; i++) {
      Wire.put32(image, orderAt + 4 * i, nodes.offset[i]);
      if (table.firstOfType(order[i], RecordType.NSEC) != 0 && !nodes.isBelowCut(i)) {
        Wire.put32(image, nsec, nodes.offset[i]);
        nsec += 4;
      }
      if (!nodes.isIndexed(i)) {
        continue;
      }
      long hash = table.hash(order[i]);
      int slot = Zone.slotOf(hash, slots);
      while (Wire.s64(image, slotsAt + slot * SLOT_BYTES) != 0) {
        slot = slot + 1 == slots ? 0 : slot + 1;
      }
      Wire.put64(image, slotsAt + slot * SLOT_BYTES, hash << 32 | nodes.offset[i]);
    }
  }
}
