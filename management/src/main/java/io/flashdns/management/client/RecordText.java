package io.flashdns.management.client;

import io.flashdns.proto.v1.Record;
import io.flashdns.proto.v1.RecordData;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Records for people. */
final class RecordText {
  private static final Pattern DATUM = Pattern.compile("\\bdata\\[(\\d+)]");

  private static final List<Column<Object>> COLUMNS =
      List.of(
          Column.of("NAME", _ -> ""),
          Column.number("TTL", _ -> ""),
          Column.of("TYPE", _ -> ""),
          Column.wide("DATA", _ -> ""));
  private static final List<Column<Object>> WITH_LABELS =
      Stream.concat(COLUMNS.stream(), Stream.of(Column.<Object>wide("LABELS", _ -> ""))).toList();

  private RecordText() {}

  /** {@code www.example.org. A}. */
  static String name(Record record) {
    return record.getName() + " " + RecordTypes.name(record.getTypeValue());
  }

  /** A line for each datum; labels are the record's, and stand in each. */
  static void table(Session session, Iterable<Record> records, boolean showLabels) {
    Table table = session.printer().table(showLabels ? WITH_LABELS : COLUMNS);
    for (Record record : records) {
      for (RecordData data : record.getDataList()) {
        List<String> row = new ArrayList<>();
        row.add(record.getName());
        row.add(Integer.toUnsignedString(record.getTtl().getSeconds()));
        row.add(RecordTypes.name(record.getTypeValue()));
        row.add(DataText.of(data));
        if (showLabels) {
          row.add(Labels.text(record.getLabelsMap()));
        }
        table.row(row.toArray(new String[0]));
      }
    }
    table.flush();
  }

  /** What a field of a record is called on the command line; empty: as everywhere. */
  static String argument(String path, List<String> data) {
    Matcher datum = DATUM.matcher(path);
    if (datum.find()) {
      int index = Integer.parseInt(datum.group(1));
      return "DATA " + (index < data.size() ? "'" + data.get(index) + "'" : index + 1);
    }
    if (path.endsWith(".data")) {
      return "DATA";
    }
    if (path.endsWith(".name") && !path.endsWith("zone.name")) {
      return "NAME";
    }
    return path.endsWith(".type") ? "TYPE" : "";
  }
}
