package io.flashdns.core.zone;

import io.flashdns.core.dns.DomainName;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * All that a zone's reader can be asked, without offsets: two zones with the same dump answer the
 * same.
 */
final class ZoneDump {
  private final Zone zone;
  private final StringBuilder text = new StringBuilder();
  private final byte[] buffer = new byte[1 << 17];

  private ZoneDump(Zone zone) {
    this.zone = zone;
  }

  static String of(Zone zone) {
    return new ZoneDump(zone).dump();
  }

  private String dump() {
    text.append(zone.apex())
        .append(" serial ")
        .append(zone.serial())
        .append(" revision ")
        .append(zone.revision())
        .append(" nodes ")
        .append(zone.nodeCount())
        .append(" records ")
        .append(zone.recordCount())
        .append('\n');
    for (int i = 0; i < zone.nodeCount(); i++) {
      node(zone.nodeInOrder(i));
    }
    text.append("negative ");
    rrset(zone.apexNode(), zone.negativeSoa());
    return text.toString();
  }

  private void node(int node) {
    DomainName owner = zone.owner(node);
    int found = zone.find(ZoneText.key(owner));
    text.append(owner).append(" flags ").append(zone.flags(node)).append(" labels ");
    text.append(zone.labelsBelowApex(node)).append(found == node ? "" : " NOT FOUND");
    text.append(zone.link(node) == 0 ? "" : " link " + zone.owner(zone.link(node))).append('\n');
    for (int i = 0; i < zone.typeCount(node); i++) {
      int rrset = zone.rrset(node, zone.typeAt(node, i));
      text.append("  ").append(zone.typeAt(node, i)).append(' ');
      text.append(rrset == zone.rrsetAt(node, i) ? "" : "OTHER ");
      rrset(node, rrset);
      if (zone.signatures(rrset) != 0) {
        text.append("    signed ");
        rrset(node, zone.signatures(rrset));
      }
      for (int j = 0; j < zone.additionalCount(rrset); j++) {
        int target = zone.additionalNode(rrset, j);
        text.append("    beside ").append(zone.owner(target)).append(' ');
        text.append(zone.additionalIsRequired(rrset, j)).append(' ');
        text.append(zone.additionalOwner(rrset, j, 1_000, 30, 20)).append(' ');
        rrset(target, zone.additionalRrset(rrset, j));
      }
    }
  }

  private void rrset(int node, int rrset) {
    text.append(zone.recordCount(rrset)).append(" TTL ").append(zone.ttl(rrset)).append(' ');
    int end = zone.writeWhole(node, rrset, buffer, 0, buffer.length, 0);
    hex(end);
    end = zone.write(rrset, buffer, 100, buffer.length, 12, 20);
    text.append(' ');
    hex(end);
    text.append(' ').append(zone.wireLength(rrset)).append('\n');
  }

  private void hex(int end) {
    // Long RRsets by their hash: a dump is compared, and read only when it differs.
    text.append(
        end < 300
            ? HexFormat.of().formatHex(buffer, 0, end)
            : Integer.toHexString(Arrays.hashCode(Arrays.copyOf(buffer, end))) + "/" + end);
  }
}
