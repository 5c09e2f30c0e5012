package io.flashdns.bench.compare;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Writes a plot as inline SVG. Colours are those of the page: class {@code s0}, {@code s1} and so
 * on for the servers in their order.
 */
final class Svg {
  static final int WIDTH = 880;
  private static final double MARK = 4;
  private static final int FORMS = 4;
  private static final double LEAST_WIDTH = 0.5;

  private final StringBuilder text = new StringBuilder();
  private final int height;

  /**
   * @param title for those who cannot see it
   */
  Svg(int height, String title) {
    this.height = height;
    text.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, height, escaped(title)));
  }

  int height() {
    return height;
  }

  Svg line(String classes, double x1, double y1, double x2, double y2) {
    return add(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
            .formatted(classes, pixel(x1), pixel(y1), pixel(x2), pixel(y2)));
  }

  Svg bar(String classes, double x, double y, double width, double height) {
    return rectangle(classes, x, y, Math.max(LEAST_WIDTH, width), height);
  }

  private Svg rectangle(String classes, double x, double y, double width, double height) {
    return add(
        "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"1.5\"/>\n"
            .formatted(classes, pixel(x), pixel(y), pixel(width), pixel(height)));
  }

  /**
   * Writes words.
   *
   * @param anchor start, middle or end
   */
  Svg text(String classes, String anchor, double x, double y, String words) {
    return add(
        "<text class=\"%s\" text-anchor=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n"
            .formatted(classes, anchor, pixel(x), pixel(y), escaped(words)));
  }

  /** Text that goes up. */
  Svg upward(double x, double y, String words) {
    return add(
        "<text class=\"axis\" text-anchor=\"middle\" transform=\"translate(%s %s) rotate(-90)\">%s</text>\n"
            .formatted(pixel(x), pixel(y), escaped(words)));
  }

  /**
   * Draws a line of several parts.
   *
   * @param points x and y in turns
   */
  Svg path(String classes, List<Double> points) {
    return add(
        "<polyline class=\"%s\" points=\"%s\"/>\n"
            .formatted(classes, points.stream().map(Svg::pixel).collect(Collectors.joining(" "))));
  }

  /** A mark whose form, too, tells servers apart. */
  Svg mark(String classes, int form, double x, double y) {
    double r = MARK;
    return switch (form % FORMS) {
      case 0 ->
          add(
              "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"/>\n"
                  .formatted(classes, pixel(x), pixel(y), pixel(r)));
      case 1 -> rectangle(classes, x - r + .5, y - r + .5, 2 * r - 1, 2 * r - 1);
      case 2 -> polygon(classes, List.of(x, y - r - 1, x + r + 1, y, x, y + r + 1, x - r - 1, y));
      default -> polygon(classes, List.of(x, y - r - .5, x + r + .5, y + r, x - r - .5, y + r));
    };
  }

  private Svg polygon(String classes, List<Double> points) {
    return add(
        "<polygon class=\"%s\" points=\"%s\"/>\n"
            .formatted(classes, points.stream().map(Svg::pixel).collect(Collectors.joining(" "))));
  }

  private Svg add(String element) {
    text.append(element);
    return this;
  }

  private static String pixel(double place) {
    return String.format(Locale.ROOT, "%.1f", place);
  }

  /** The whole element. */
  String end() {
    return text + "</svg>\n";
  }

  static String escaped(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
