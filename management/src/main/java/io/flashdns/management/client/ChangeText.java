package io.flashdns.management.client;

import io.flashdns.proto.v1.Change;
import io.flashdns.proto.v1.ZoneDiff;
import java.util.List;
import java.util.stream.Collectors;

/** Changes for people. */
final class ChangeText {
  /** Of a table of changes. */
  static final List<Column<Change>> COLUMNS =
      List.of(
          Column.number("REVISION", change -> Long.toUnsignedString(change.getRevision())),
          Column.of("TIME", change -> ZoneText.time(change.getTime())),
          Column.wide("WHO", ChangeText::who),
          Column.wide("CHANGE", ChangeText::summary));

  private ChangeText() {}

  /** A change in one line. */
  static String line(Change change) {
    return Printable.text(
        "revision "
            + Long.toUnsignedString(change.getRevision())
            + "  "
            + ZoneText.time(change.getTime())
            + "  "
            + who(change)
            + (change.getForced() ? "  forced" : ""));
  }

  static String who(Change change) {
    return change.getPrincipal().isEmpty() ? change.getOrigin() : change.getPrincipal();
  }

  /** What it did, zone by zone. */
  static String summary(Change change) {
    return change.getZonesList().stream()
        .map(
            zone ->
                (change.getZonesCount() > 1 ? ZoneNames.apex(zone.getName()) + ": " : "")
                    + what(zone))
        .collect(Collectors.joining("; "));
  }

  /** What it did to one zone. */
  static String what(ZoneDiff zone) {
    if (zone.getSerialBefore() == 0 && zone.getSerialAfter() != 0 && !zone.hasBefore()) {
      return "created, " + Differences.summary(zone);
    }
    if (zone.getSerialAfter() == 0 && !zone.hasAfter()) {
      return "deleted, " + Differences.summary(zone);
    }
    return Differences.summary(zone).equals("no records") ? "settings" : Differences.summary(zone);
  }
}
