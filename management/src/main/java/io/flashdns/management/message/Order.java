package io.flashdns.management.message;

import java.util.List;

/**
 * The order of a list.
 *
 * @param field by which
 * @param descending true for the greatest first
 */
public record Order(String field, boolean descending) {
  private static final String FIELD = "order_by";

  /** The smallest first. */
  public static Order by(String field) {
    return new Order(field, false);
  }

  /** The greatest first. */
  public static Order byDescending(String field) {
    return new Order(field, true);
  }

  /**
   * Reads the order that a request asks for.
   *
   * @param text empty for the default
   * @param allowed fields that the list knows
   * @throws CallException when it is none
   */
  public static Order parse(String text, Order byDefault, String... allowed) {
    if (text.isBlank()) {
      return byDefault;
    }
    String[] words = text.strip().split(" +", 4);
    boolean descending = words.length == 2 && words[1].equals("desc");
    if (!List.of(allowed).contains(words[0]) || (words.length != 1 && !descending)) {
      throw CallException.invalid(
          FIELD,
          "'"
              + Texts.shown(text)
              + "' is no order of this list: give one of "
              + String.join(", ", allowed)
              + ", and \" desc\" for the other direction");
    }
    return new Order(words[0], descending);
  }
}
