package io.flashdns.management.client;

import io.flashdns.proto.v1.Lint;
import io.flashdns.proto.v1.LintSeverity;
import io.flashdns.proto.v1.Outcome;
import io.flashdns.proto.v1.QuotaEffect;
import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import io.flashdns.proto.v1.RecordDiff;
import io.flashdns.proto.v1.Zone;
import io.flashdns.proto.v1.ZoneDiff;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Shows what differs, in the manner of a unified diff: coloured on a terminal. */
final class Differences {
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String BOLD = "\u001b[1m";
  private static final String PLAIN = "\u001b[0m";

  private final PrintStream out;
  private final boolean colours;

  Differences(Session session) {
    this.out = session.printer().out();
    this.colours = session.console().colours();
  }

  /** All of an outcome: zones, then what is to be looked at. */
  void print(Outcome outcome) {
    for (ZoneDiff zone : outcome.getZonesList()) {
      print(zone);
    }
    for (Lint lint : outcome.getLintsList()) {
      out.println(line(lint));
    }
    for (QuotaEffect effect : outcome.getQuotaEffectsList()) {
      out.println(line(effect));
    }
  }

  /** One zone: which it is, settings, then records. */
  void print(ZoneDiff diff) {
    header(diff);
    records(diff);
    int told = diff.getRecordsCount();
    long all = (long) diff.getRecordsAdded() + diff.getRecordsChanged() + diff.getRecordsRemoved();
    if (diff.getTruncated() && all > told) {
      out.println("… and " + (all - told) + " more records");
    }
  }

  /** Which zone it is, and its settings. */
  void header(ZoneDiff diff) {
    String apex = Printable.text(ZoneNames.apex(diff.getName()));
    String before =
        diff.hasBefore() || diff.getSerialBefore() != 0
            ? "--- " + apex + " serial " + Integer.toUnsignedString(diff.getSerialBefore())
            : "--- /dev/null";
    String after =
        diff.hasAfter() || diff.getSerialAfter() != 0
            ? "+++ " + apex + " serial " + Integer.toUnsignedString(diff.getSerialAfter())
            : "+++ /dev/null";
    out.println(painted(BOLD, before));
    out.println(painted(BOLD, after));
    if (diff.hasBefore() && diff.hasAfter()) {
      settings(diff.getBefore(), diff.getAfter());
    } else if (diff.hasAfter()) {
      note("comment", "", diff.getAfter().getComment());
      note("labels", "", Labels.text(diff.getAfter().getLabelsMap()));
    }
  }

  private void settings(Zone before, Zone after) {
    setting("comment", before.getComment(), after.getComment());
    setting("labels", Labels.text(before.getLabelsMap()), Labels.text(after.getLabelsMap()));
    setting(
        "suspended", String.valueOf(before.getSuspended()), String.valueOf(after.getSuspended()));
    setting(
        "serial policy",
        ZoneNames.serialPolicy(before.getSerialPolicy()),
        ZoneNames.serialPolicy(after.getSerialPolicy()));
    setting(
        "project", ZoneNames.project(before.getProject()), ZoneNames.project(after.getProject()));
  }

  private void setting(String what, String before, String after) {
    if (!before.equals(after)) {
      line('-', "; " + what + ": " + before);
      line('+', "; " + what + ": " + after);
    }
  }

  /** As {@link #setting}, for what a record may have or not. */
  private void note(String what, String before, String after) {
    if (!before.equals(after)) {
      if (!before.isEmpty()) {
        line('-', "; " + what + ": " + before);
      }
      if (!after.isEmpty()) {
        line('+', "; " + what + ": " + after);
      }
    }
  }

  /** The records of a difference. */
  void records(ZoneDiff diff) {
    for (RecordDiff record : diff.getRecordsList()) {
      List<String> before = lines(record.getBefore());
      List<String> after = lines(record.getAfter());
      for (String line : before) {
        if (!after.contains(line)) {
          line('-', line);
        }
      }
      for (String line : after) {
        if (!before.contains(line)) {
          line('+', line);
        }
      }
      Record old = record.getBefore();
      Record fresh = record.getAfter();
      String name = RecordText.name(record.hasAfter() ? fresh : old);
      note(name + " labels", Labels.text(old.getLabelsMap()), Labels.text(fresh.getLabelsMap()));
      note(name + " comment", old.getComment(), fresh.getComment());
    }
  }

  private void line(char sign, String text) {
    out.println(painted(sign == '-' ? RED : GREEN, sign + Printable.text(text)));
  }

  /** An RRset as lines of a zone file. */
  static List<String> lines(Record record) {
    List<String> lines = new ArrayList<>();
    for (RecordData data : record.getDataList()) {
      lines.add(
          record.getName()
              + " "
              + Integer.toUnsignedString(record.getTtl().getSeconds())
              + " "
              + RecordTypes.name(record.getTypeValue())
              + " "
              + DataText.of(data));
    }
    return lines;
  }

  /** A lint in one line. */
  static String line(Lint lint) {
    String severity =
        lint.getSeverity() == LintSeverity.LINT_SEVERITY_UNSPECIFIED
            ? "note"
            : lint.getSeverity()
                .name()
                .substring("LINT_SEVERITY_".length())
                .toLowerCase(Locale.ROOT);
    String where = lint.getName();
    if (!where.isEmpty() && lint.getTypeValue() != 0) {
      where += " " + RecordTypes.name(lint.getTypeValue());
    }
    return Printable.text(
        severity
            + ": "
            + (where.isEmpty() ? "" : where + ": ")
            + lint.getMessage()
            + " ["
            + lint.getRule()
            + "]");
  }

  private static String line(QuotaEffect effect) {
    return "quota "
        + QuotaKinds.name(effect.getKind())
        + " of "
        + Printable.text(ZoneNames.project(effect.getProject()))
        + ": "
        + Long.toUnsignedString(effect.getBefore())
        + " -> "
        + Long.toUnsignedString(effect.getAfter())
        + " of "
        + Long.toUnsignedString(effect.getLimit());
  }

  /** How much differs, in a few words: {@code 2 added, 1 removed}. */
  static String summary(ZoneDiff diff) {
    List<String> parts = new ArrayList<>();
    count(parts, diff.getRecordsAdded(), "added");
    count(parts, diff.getRecordsChanged(), "changed");
    count(parts, diff.getRecordsRemoved(), "removed");
    return parts.isEmpty() ? "no records" : String.join(", ", parts);
  }

  private static void count(List<String> parts, int number, String what) {
    if (number != 0) {
      parts.add(Integer.toUnsignedString(number) + " " + what);
    }
  }

  /** Whether anything differs. */
  static boolean isAny(ZoneDiff diff) {
    return diff.getRecordsAdded() + diff.getRecordsChanged() + diff.getRecordsRemoved() != 0
        || diff.hasBefore() != diff.hasAfter()
        || diff.getRecordsCount() > 0;
  }

  /** Whether settings of a zone that stays differ. */
  static boolean areSettings(ZoneDiff diff) {
    Zone before = diff.getBefore();
    Zone after = diff.getAfter();
    return diff.hasBefore()
        && diff.hasAfter()
        && !(before.getLabelsMap().equals(after.getLabelsMap())
            && before.getComment().equals(after.getComment())
            && before.getSuspended() == after.getSuspended()
            && before.getSerialPolicy() == after.getSerialPolicy()
            && before.getProject().equals(after.getProject()));
  }

  private String painted(String colour, String text) {
    return colours ? colour + text + PLAIN : text;
  }
}
