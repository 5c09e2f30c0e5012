package io.flashdns.bench.compare;

import io.flashdns.bench.compare.Results.Line;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The report as one page that needs nothing else: plots as inline SVG, a table under each. */
final class Html {
  private static final String STYLE = "report.css";

  private final Results results;
  private final List<String> colors;
  private final StringBuilder page = new StringBuilder();

  private Html(Results results) {
    this.results = results;
    // The same colour for the same server, whoever else takes part.
    colors =
        Stream.concat(
                Stream.of(Floor.TITLE),
                Stream.concat(
                    Stream.of(Peer.values()).map(Peer::title), results.baselines().stream()))
            .toList();
  }

  /** The whole page. */
  static String of(Results results) throws IOException {
    return new Html(results).write();
  }

  private String write() throws IOException {
    String title = "Side by side, " + results.origin().date().toString().substring(0, 10);
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
        .append(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>")
        .append(Svg.escaped(title))
        .append("</title>\n<style>\n")
        .append(style())
        .append("</style>\n</head>\n<body>\n<main>\n");
    element("h1", title);
    element("p", Markdown.method(results));
    if (!results.isWhole()) {
      page.append("<p class=\"warning\">This run did not come to its end.</p>\n");
    }
    list(results.notes());
    page.append("<p class=\"legend\">").append(Svg.escaped(Markdown.LEGEND)).append("</p>\n");
    contents();
    statements();
    for (Part part : results.parts()) {
      page.append("<section id=\"%s\">\n".formatted(part.word()));
      element("h2", part.title());
      if (part == Part.START) {
        overZones();
      }
      for (String workload : results.workloads(part)) {
        part(part, workload);
      }
      page.append("</section>\n");
    }
    faults();
    page.append("</main>\n</body>\n</html>\n");
    return page.toString();
  }

  private static String style() throws IOException {
    try (InputStream in = Html.class.getResourceAsStream(STYLE)) {
      if (in == null) {
        throw new IOException("the resource " + STYLE + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void contents() {
    page.append("<nav>");
    for (Part part : results.parts()) {
      page.append("<a href=\"#%s\">%s</a> ".formatted(part.word(), Svg.escaped(part.title())));
    }
    page.append("<a href=\"#faults\">Lost and wrong</a></nav>\n");
  }

  private void statements() {
    for (String build : results.baselines()) {
      element("h2", "Where %s is better than the best peer".formatted(build));
      list(orNowhere(Statement.of(results, build, true)));
      element("h2", "Where a peer is better than %s".formatted(build));
      list(orNowhere(Statement.of(results, build, false)));
    }
  }

  private static List<String> orNowhere(List<String> sentences) {
    return sentences.isEmpty() ? List.of("Nowhere in this run.") : sentences;
  }

  private void part(Part part, String workload) {
    element("h3", workload);
    for (Figure figure : part.figures()) {
      Grid grid = Grid.of(results, part, workload, figure);
      if (grid.isEmpty()) {
        continue;
      }
      page.append("<figure>\n");
      switch (part) {
        case FIRST -> lines(part, workload, figure, "second after the first answer");
        case CURVE -> lines(part, workload, figure, "offered queries a second");
        case COST, TCP, SIGNED, START, PAUSE, FLOOD, WORKERS -> bars(part, workload, figure);
      }
      table(grid);
      page.append("</figure>\n");
    }
  }

  private void bars(Part part, String workload, Figure figure) {
    List<BarPlot.Group> groups = new ArrayList<>();
    for (String variant : results.variants(part, workload)) {
      Map<String, Spread> spreads = results.spreads(new Line(part, workload, variant), figure);
      if (!spreads.isEmpty()) {
        groups.add(new BarPlot.Group(variant, spreads));
      }
    }
    page.append(BarPlot.of(figure, groups, colors));
  }

  private void lines(Part part, String workload, Figure figure, String across) {
    Map<String, TreeMap<Double, Spread>> points = new LinkedHashMap<>();
    for (String variant : results.variants(part, workload)) {
      Line line = new Line(part, workload, variant);
      double x = results.x(line);
      results
          .spreads(line, figure)
          .forEach(
              (server, spread) ->
                  points.computeIfAbsent(server, _ -> new TreeMap<>()).put(x, spread));
    }
    boolean isLatency =
        switch (figure) {
          case P50, P99, P9999, MAX -> true;
          case CPU_MICROS,
              RATE,
              RATE_PER_CPU,
              RESIDENT,
              READY,
              SHARE_OF_PEAK,
              SHARE_ANSWERED,
              TIMES_PEAK,
              REPLY_BYTES ->
              false;
        };
    page.append(LinePlot.of(figure, across, false, isLatency, series(points), colors));
  }

  /** Memory and time to start against the number of zones, where there are several. */
  private void overZones() {
    for (Figure figure : Part.START.figures()) {
      Map<String, TreeMap<Double, Spread>> points = new LinkedHashMap<>();
      for (String workload : results.workloads(Part.START)) {
        Line line = new Line(Part.START, workload, StartParts.AGAIN);
        double x = results.x(line);
        results
            .spreads(line, figure)
            .forEach(
                (server, spread) ->
                    points.computeIfAbsent(server, _ -> new TreeMap<>()).put(x, spread));
      }
      if (points.values().stream().anyMatch(all -> all.size() > 1)) {
        page.append("<figure>\n");
        page.append(LinePlot.of(figure, "zones", true, true, series(points), colors));
        page.append("<figcaption>The tables are below, with each number of zones.</figcaption>\n");
        page.append("</figure>\n");
      }
    }
  }

  private List<LinePlot.Series> series(Map<String, ? extends Map<Double, Spread>> points) {
    List<LinePlot.Series> all = new ArrayList<>();
    for (String server : results.versions().keySet()) {
      Map<Double, Spread> own = points.get(server);
      if (own != null) {
        all.add(
            new LinePlot.Series(
                server,
                own.entrySet().stream()
                    .map(point -> new LinePlot.Point(point.getKey(), point.getValue()))
                    .toList()));
      }
    }
    return all;
  }

  private void faults() {
    page.append("<section id=\"faults\">\n");
    element("h2", "Lost and wrong");
    table(new Grid(Grid.FAULT_HEAD, Grid.faultRows(results)));
    list(Markdown.wrong(results));
    page.append("</section>\n");
  }

  private void table(Grid grid) {
    page.append("<div class=\"scroll\"><table>\n<thead><tr>");
    grid.head().forEach(cell -> element("th", cell));
    page.append("</tr></thead>\n<tbody>\n");
    for (List<String> row : grid.rows()) {
      page.append("<tr>");
      element("th", row.getFirst());
      row.subList(1, row.size()).forEach(this::cell);
      page.append("</tr>\n");
    }
    page.append("</tbody></table></div>\n");
  }

  /** What stands in brackets goes on a line of its own: a table of eight columns fits the page. */
  private void cell(String text) {
    int open = text.indexOf(" (");
    int close = text.indexOf(')');
    if (open < 0 || close < open) {
      element("td", text);
      return;
    }
    page.append(
        "<td>%s%s<br/><small>%s</small></td>\n"
            .formatted(
                Svg.escaped(text.substring(0, open)),
                Svg.escaped(text.substring(close + 1)),
                Svg.escaped(text.substring(open + 2, close).replace(" to ", " – "))));
  }

  private void list(List<String> sentences) {
    if (!sentences.isEmpty()) {
      page.append("<ul>\n");
      sentences.forEach(sentence -> element("li", sentence));
      page.append("</ul>\n");
    }
  }

  private void element(String name, String text) {
    page.append("<%1$s>%2$s</%1$s>\n".formatted(name, Svg.escaped(text)));
  }
}
