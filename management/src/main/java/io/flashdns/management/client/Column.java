package io.flashdns.management.client;

import java.util.function.Function;

/**
 * A column of a table.
 *
 * @param <M> what a row is made of
 * @param header in capitals
 * @param text of the cell; "" where there is nothing to say
 * @param isNumber aligned at the right
 * @param mayShrink cut at the end when the terminal is too narrow
 */
record Column<M>(String header, Function<M, String> text, boolean isNumber, boolean mayShrink) {
  /** Kept whole. */
  static <M> Column<M> of(String header, Function<M, String> text) {
    return new Column<>(header, text, false, false);
  }

  /** Cut where there is no room. */
  static <M> Column<M> wide(String header, Function<M, String> text) {
    return new Column<>(header, text, false, true);
  }

  /** Aligned at the right. */
  static <M> Column<M> number(String header, Function<M, String> text) {
    return new Column<>(header, text, true, false);
  }
}
