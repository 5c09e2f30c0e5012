package io.flashdns.management.client;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows under headers, two blanks between columns. Rows are held back by the thousand to learn how
 * wide the columns are; where later ones are wider, columns widen from there on.
 */
final class Table {
  private static final int HELD_ROWS = 1000;
  private static final int NARROWEST_COLUMN = 12;
  private static final String GAP = "  ";

  private final PrintStream out;
  private final boolean[] numbers;
  private final boolean[] shrinking;
  private final int[] widths;
  private final int terminalWidth;
  private final List<String[]> held = new ArrayList<>();
  private String @Nullable [] headers;

  Table(PrintStream out, List<? extends Column<?>> columns, boolean hasHeaders, int terminalWidth) {
    this.out = out;
    this.terminalWidth = terminalWidth;
    int size = columns.size();
    numbers = new boolean[size];
    shrinking = new boolean[size];
    widths = new int[size];
    String[] names = new String[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = columns.get(i).isNumber();
      shrinking[i] = columns.get(i).mayShrink();
      names[i] = columns.get(i).header();
    }
    headers = hasHeaders ? names : null;
  }

  /** Adds a row with a cell for each column. */
  void row(String[] cells) {
    String[] plain = new String[cells.length];
    for (int i = 0; i < cells.length; i++) {
      plain[i] = Printable.text(cells[i]);
    }
    held.add(plain);
    if (held.size() == HELD_ROWS) {
      flush();
    }
  }

  /** Prints what is held back; nothing at all where there was no row. */
  void flush() {
    if (held.isEmpty()) {
      return;
    }
    if (headers != null) {
      held.addFirst(headers);
      headers = null;
    }
    for (String[] row : held) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].codePointCount(0, row[i].length()));
      }
    }
    int[] shown = fitted();
    for (String[] row : held) {
      out.println(line(row, shown));
    }
    held.clear();
  }

  private int[] fitted() {
    int[] shown = widths.clone();
    int excess = Arrays.stream(shown).sum() + GAP.length() * (shown.length - 1) - terminalWidth;
    while (excess > 0) {
      int widest = -1;
      for (int i = 0; i < shown.length; i++) {
        if (shrinking[i]
            && shown[i] > NARROWEST_COLUMN
            && (widest < 0 || shown[i] > shown[widest])) {
          widest = i;
        }
      }
      if (widest < 0) {
        break;
      }
      shown[widest]--;
      excess--;
    }
    return shown;
  }

  private String line(String[] row, int[] shown) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.length; i++) {
      String cell = row[i];
      int length = cell.codePointCount(0, cell.length());
      if (length > shown[i]) {
        cell = cell.substring(0, cell.offsetByCodePoints(0, shown[i] - 1)) + "…";
        length = shown[i];
      }
      String pad = " ".repeat(shown[i] - length);
      line.append(i == 0 ? "" : GAP).append(numbers[i] ? pad + cell : cell + pad);
    }
    return line.toString().stripTrailing();
  }
}
