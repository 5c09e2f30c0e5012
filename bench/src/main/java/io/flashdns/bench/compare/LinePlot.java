package io.flashdns.bench.compare;

import java.util.ArrayList;
import java.util.List;

/** Lines over an axis: a line for each server, the least and the most of each point upright. */
final class LinePlot {
  private static final int LEFT = 74;
  private static final int RIGHT = 24;
  private static final int TOP = 44;
  private static final int FOOT = 52;
  private static final int HEIGHT = 400;
  private static final int TICKS = 8;
  private static final int LEGEND_GAP = 34;
  private static final double LETTER = 7.2;

  private LinePlot() {}

  /** One measurement on the axis. */
  record Point(double x, Spread spread) {}

  /** One server's points, in order. */
  record Series(String server, List<Point> points) {}

  /**
   * The plot.
   *
   * @param across what the axis below is, with its unit
   * @param isLogX whether equal factors take equal room on it
   * @param isLogY the same of the other one
   * @param colors servers, each at the place of its colour
   */
  static String of(
      Figure figure,
      String across,
      boolean isLogX,
      boolean isLogY,
      List<Series> all,
      List<String> colors) {
    double lowX = Double.MAX_VALUE;
    double highX = 0;
    double lowY = Double.MAX_VALUE;
    double highY = 0;
    for (Series series : all) {
      for (Point point : series.points()) {
        lowX = Math.min(lowX, point.x());
        highX = Math.max(highX, point.x());
        lowY = Math.min(lowY, point.spread().min());
        highY = Math.max(highY, point.spread().max());
      }
    }
    Svg svg = new Svg(HEIGHT, figure.heading() + " over " + across);
    int bottom = HEIGHT - FOOT;
    double right = Svg.WIDTH - (double) RIGHT;
    boolean logX = isLogX && lowX > 0;
    Scale x = logX ? Scale.log(lowX, highX, LEFT, right) : Scale.linear(highX, LEFT, right, TICKS);
    Scale y =
        isLogY && lowY > 0
            ? Scale.log(lowY, highY, bottom, TOP)
            : Scale.linear(highY, bottom, TOP, TICKS);
    axes(svg, figure, across, x, y, bottom, right);
    double legend = LEFT;
    for (Series series : all) {
      int color = colors.indexOf(series.server());
      List<Double> path = new ArrayList<>();
      for (Point point : series.points()) {
        path.add(x.at(point.x()));
        path.add(y.at(point.spread().median()));
        if (point.spread().count() > 1) {
          svg.line(
              "stroke thin s" + color,
              x.at(point.x()),
              y.at(point.spread().min()),
              x.at(point.x()),
              y.at(point.spread().max()));
        }
      }
      svg.path("stroke s" + color, path);
      for (int i = 0; i + 1 < path.size(); i += 2) {
        svg.mark("fill s" + color, color, path.get(i), path.get(i + 1));
      }
      svg.line("stroke s" + color, legend, 20, legend + 22, 20);
      svg.mark("fill s" + color, color, legend + 11, 20);
      svg.text("name", "start", legend + 28, 24, series.server());
      legend += LEGEND_GAP + 12 + LETTER * series.server().length();
    }
    return svg.end();
  }

  private static void axes(
      Svg svg, Figure figure, String across, Scale x, Scale y, int bottom, double right) {
    for (double tick : y.ticks(TICKS)) {
      svg.line("grid", LEFT, y.at(tick), right, y.at(tick));
      svg.text("tick", "end", LEFT - 8, y.at(tick) + 4, Scale.text(tick));
    }
    for (double tick : x.ticks(TICKS)) {
      svg.line("grid", x.at(tick), TOP, x.at(tick), bottom);
      svg.text("tick", "middle", x.at(tick), bottom + 18, Scale.text(tick));
    }
    svg.line("base", LEFT, TOP, LEFT, bottom);
    svg.line("base", LEFT, bottom, right, bottom);
    svg.text("axis", "middle", (LEFT + right) / 2, HEIGHT - 10, across);
    svg.upward(16, (TOP + bottom) / 2.0, figure.heading());
  }
}
