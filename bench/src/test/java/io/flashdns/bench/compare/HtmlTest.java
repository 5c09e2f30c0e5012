package io.flashdns.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page: well-formed, complete, and drawn to scale. */
class HtmlTest {
  private static Results run() {
    MadeUp run = new MadeUp("floor", "knot", "flashdns");
    for (String server : List.of("floor", "knot", "flashdns")) {
      run.with(Part.COST, "hit", server, Figure.CPU_MICROS, 1, 2, 4)
          .with(Part.COST, "<nx> & \"more\"", server, Figure.CPU_MICROS, 0)
          .at(Part.CURVE, "z", "10 a second", 10.0, server, Figure.P99, 100, 200, 300)
          .at(Part.CURVE, "z", "20 a second", 20.0, server, Figure.P99, 1000, 2000, 90_000)
          .at(Part.FIRST, "z", "second 1", 1.0, server, Figure.SHARE_OF_PEAK, 20)
          .at(Part.FIRST, "z", "second 2", 2.0, server, Figure.SHARE_OF_PEAK, 100)
          .at(Part.START, "10", StartParts.AGAIN, 10.0, server, Figure.READY, 1)
          .at(Part.START, "1000", StartParts.AGAIN, 1000.0, server, Figure.READY, 2);
    }
    return run.results();
  }

  private static Document page(Results results) throws Exception {
    String text = Html.of(results);
    assertThat(text).startsWith("<!DOCTYPE html>\n");
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(text.substring(text.indexOf('\n')))));
  }

  private static List<Element> all(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  @Test
  void pageIsWellFormedAndHasAPlotAndATableForEachFigure() throws Exception {
    Document page = page(run());

    assertThat(all(page, "svg"))
        .extracting(svg -> svg.getAttribute("aria-label"))
        .containsExactly(
            "CPU per query, µs",
            "Start to first answer, s over zones",
            "Start to first answer, s",
            "Start to first answer, s",
            "Share of the own peak, % over second after the first answer",
            "Latency, p99, µs over offered queries a second");
    assertThat(all(page, "table")).hasSize(6);
  }

  @Test
  void nothingComesFromElsewhere() throws Exception {
    String text = Html.of(run());

    assertThat(text.replace("http://www.w3.org/2000/svg", "")).doesNotContain("http", "<script");
    assertThat(text).contains("prefers-color-scheme: dark");
  }

  @Test
  void barsAreAsLongAsTheirValues() throws Exception {
    Document page = page(run());

    List<Double> widths =
        all(page, "rect").stream()
            .filter(bar -> bar.getAttribute("class").equals("fill s1"))
            .map(bar -> Double.parseDouble(bar.getAttribute("width")))
            .limit(2)
            .toList();

    // 680 pixels for 0 to 4, the highest value; the median is 2. Nothing is drawn as a sliver.
    assertThat(widths).containsExactly(340.0, 0.5);
  }

  @Test
  void axesEndAtRoundNumbers() {
    assertThat(Scale.linear(23.4, 0, 100, 6)).isEqualTo(new Scale(0, 25, 0, 100, false));
    assertThat(Scale.linear(23.4, 0, 100, 6).ticks(6))
        .containsExactly(0.0, 5.0, 10.0, 15.0, 20.0, 25.0);
    assertThat(Scale.log(30, 4000, 0, 300).ticks(9)).containsExactly(10.0, 100.0, 1000.0, 10_000.0);
    assertThat(Scale.log(10, 10_000, 0, 300).at(100)).isEqualTo(100, within(1e-9));
  }

  @Test
  void ticksAreShort() {
    assertThat(Scale.text(1500)).isEqualTo("1500");
    assertThat(Scale.text(200_000)).isEqualTo("200 k");
    assertThat(Scale.text(2_500_000)).isEqualTo("2.5 M");
    assertThat(Scale.text(0.05)).isEqualTo("0.05");
    assertThat(Scale.text(0)).isEqualTo("0");
  }
}
