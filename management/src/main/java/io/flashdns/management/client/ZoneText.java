package io.flashdns.management.client;

import com.google.protobuf.Timestamp;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneState;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A zone for people, line by line; and times, states and numbers in words. */
final class ZoneText {
  private ZoneText() {}

  static Map<String, String> fields(Zone zone) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("name", zone.getName().getApex());
    fields.put("view", zone.getName().getView());
    fields.put("id", zone.getId().getValue());
    fields.put("project", ZoneNames.project(zone.getProject()));
    fields.put("state", state(zone));
    fields.put("serial", Integer.toUnsignedString(zone.getSerial()));
    fields.put(
        "records",
        Integer.toUnsignedString(zone.getRecordCount())
            + " in "
            + Integer.toUnsignedString(zone.getRrsetCount())
            + " RRsets of "
            + Integer.toUnsignedString(zone.getNameCount())
            + " names");
    fields.put("labels", Labels.text(zone.getLabelsMap()));
    fields.put("comment", zone.getComment());
    fields.put("serial policy", ZoneNames.serialPolicy(zone.getSerialPolicy()));
    fields.put("source", zone.getSource());
    fields.put("revision", Long.toUnsignedString(zone.getRevision()));
    fields.put("changed", time(zone.getUpdateTime()));
    fields.put("created", time(zone.getCreateTime()));
    fields.put("digest", zone.getDigest());
    fields.put("etag", zone.getEtag());
    return fields;
  }

  private static String state(Zone zone) {
    ZoneState state = zone.getStatus().getState();
    String word =
        switch (state) {
          case ZONE_STATE_UNSPECIFIED, UNRECOGNIZED -> zone.getSuspended() ? "suspended" : "";
          case ZONE_STATE_PENDING -> "pending: the newest version is on its way to the nodes";
          case ZONE_STATE_ACTIVE -> "active";
          case ZONE_STATE_SUSPENDED -> "suspended";
        };
    String reason = zone.getStatus().getReason();
    return word.isEmpty() || reason.isEmpty() ? word + reason : word + ": " + reason;
  }

  /** RFC 3339, to the second; "" when it is not set. */
  static String time(Timestamp time) {
    return time.equals(Timestamp.getDefaultInstance())
        ? ""
        : Instant.ofEpochSecond(time.getSeconds()).toString();
  }

  /** The last word of an enum's constant: {@code editor} for {@code ROLE_EDITOR}. */
  static String word(Enum<?> constant, String prefix) {
    String name = constant.name();
    return name.startsWith(prefix)
        ? name.substring(prefix.length()).toLowerCase(Locale.ROOT).replace('_', '-')
        : name.toLowerCase(Locale.ROOT);
  }
}
