package io.flashdns.bench.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Lying bars in groups: a group for each variant, a bar for each server, least and most on it. */
final class BarPlot {
  private static final int LEFT = 110;
  private static final int RIGHT = 90;
  private static final int TOP = 12;
  private static final int ROW = 19;
  private static final int BAR = 12;
  private static final int GROUP_HEAD = 24;
  private static final int FOOT = 44;
  private static final int TICKS = 6;

  private BarPlot() {}

  /**
   * One group.
   *
   * @param spreads by server; servers that are not in it have no bar
   */
  record Group(String title, Map<String, Spread> spreads) {}

  /**
   * @param colors servers, each at the place of its colour
   */
  static String of(Figure figure, List<Group> groups, List<String> colors) {
    int rows = groups.stream().mapToInt(group -> group.spreads().size()).sum();
    int height = TOP + groups.size() * GROUP_HEAD + rows * ROW + FOOT;
    List<Double> highest = new ArrayList<>(List.of(0.0));
    groups.forEach(group -> group.spreads().values().forEach(spread -> highest.add(spread.max())));
    Scale scale =
        Scale.linear(
            highest.stream().mapToDouble(Double::doubleValue).max().orElse(1),
            LEFT,
            Svg.WIDTH - RIGHT,
            TICKS);
    Svg svg = new Svg(height, figure.heading());
    int bottom = height - FOOT;
    for (double tick : scale.ticks(TICKS)) {
      svg.line("grid", scale.at(tick), TOP, scale.at(tick), bottom);
      svg.text("tick", "middle", scale.at(tick), bottom + 16, Scale.text(tick));
    }
    svg.text("axis", "middle", (LEFT + Svg.WIDTH - RIGHT) / 2.0, height - 8, figure.heading());
    double y = TOP;
    for (Group group : groups) {
      svg.text("group", "start", 4, y + GROUP_HEAD - 8, group.title());
      y += GROUP_HEAD;
      svg.line("base", LEFT, y - 3, LEFT, y + group.spreads().size() * (double) ROW - 3);
      for (Map.Entry<String, Spread> one : group.spreads().entrySet()) {
        bar(svg, figure, scale, y, one.getKey(), colors.indexOf(one.getKey()), one.getValue());
        y += ROW;
      }
    }
    return svg.end();
  }

  private static void bar(
      Svg svg, Figure figure, Scale scale, double y, String server, int color, Spread spread) {
    double middle = y + BAR / 2.0;
    svg.text("name", "end", LEFT - 8, middle + 4, server);
    svg.bar("fill s" + color, LEFT, y, scale.at(spread.median()) - LEFT, BAR);
    if (spread.count() > 1) {
      double low = scale.at(spread.min());
      double high = scale.at(spread.max());
      svg.line("spread", low, middle, high, middle);
      svg.line("spread", low, middle - 3.5, low, middle + 3.5);
      svg.line("spread", high, middle - 3.5, high, middle + 3.5);
    }
    String mark = (spread.isOfFew() ? " †" : "") + (spread.isWide() ? " ≈" : "");
    double at = scale.at(Math.max(spread.median(), spread.max())) + 7;
    svg.text("value", "start", at, middle + 4, figure.text(spread.median()) + mark);
  }
}
