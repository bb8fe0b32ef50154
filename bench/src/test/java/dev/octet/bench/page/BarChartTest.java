package dev.octet.bench.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class BarChartTest {
  private static Optional<BarChart.Bar> bar(double median, double low, double high) {
    return Optional.of(new BarChart.Bar(median, low, high));
  }

  private static List<Element> elements(String svg, String name) throws Exception {
    NodeList found = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg))).getElementsByTagName(name);
    return IntStream.range(0, found.getLength()).mapToObj(i -> (Element) found.item(i)).toList();
  }

  private static List<Element> bars(String svg, String color) throws Exception {
    return elements(svg, "rect").stream()
        .filter(one -> one.getAttribute("fill").equals(color) && !one.getAttribute("width").equals("12.0"))
        .toList();
  }

  private static double number(Element element, String name) {
    return Double.parseDouble(element.getAttribute(name));
  }

  /** From 0.9 to 1.0 about a median of 0.98 is no 0.05 on both sides. */
  @Test
  void whiskersReachFromLowToHigh() throws Exception {
    String svg = BarChart.svg("a & b", "share", List.of("one"),
        List.of(new BarChart.Series("octet-native", List.of(bar(0.98, 0.9, 1.0)))));
    Element bar = bars(svg, "#0072b2").getFirst();
    double left = number(bar, "x");
    double unit = number(bar, "width") / 0.98;
    String whisker = elements(svg, "path").getFirst().getAttribute("d");
    double low = Double.parseDouble(whisker.replaceFirst("M([0-9.]+) .*", "$1"));
    double high = Double.parseDouble(whisker.replaceFirst(".*H([0-9.]+).*", "$1"));
    assertEquals(0.9, (low - left) / unit, 1e-3, whisker);
    assertEquals(1.0, (high - left) / unit, 1e-3, whisker);
    assertEquals("a & b", elements(svg, "title").getFirst().getTextContent());
  }

  @Test
  void whoWasNotMeasuredHasNoBar() throws Exception {
    String svg = BarChart.svg("t", "us", List.of("one", "two", "three"),
        List.of(new BarChart.Series("octet-native", List.of(bar(1, 1, 1), bar(2, 2, 2), Optional.empty())),
            new BarChart.Series("mkl", List.of(Optional.empty(), bar(3, 2, 4), Optional.empty()))));
    assertEquals(2, bars(svg, "#0072b2").size());
    assertEquals(1, bars(svg, "#000000").size());
    assertEquals(3, elements(svg, "path").size());
    assertTrue(elements(svg, "rect").stream().noneMatch(one -> one.getAttribute("width").equals("0.0")), svg);
    assertEquals(1,
        elements(svg, "text").stream().filter(one -> one.getTextContent().equals("not measured")).count());
  }

  /** Rows are added below, not beside: a page is as wide as a screen. */
  @Test
  void manyCasesMakeItHigherAndNotWider() throws Exception {
    List<Integer> heights = new ArrayList<>();
    for (int cases : new int[]{1, 40}) {
      List<Optional<BarChart.Bar>> bars = Stream.generate(() -> bar(0.5, 0.4, 0.6)).limit(cases).toList();
      String svg = BarChart.svg("t", "us", IntStream.range(0, cases).mapToObj(i -> "case " + i).toList(),
          Stream.of("a", "b", "c", "d", "e", "f", "g", "h", "i").map(name -> new BarChart.Series(name, bars))
              .toList());
      Element root = elements(svg, "svg").getFirst();
      assertEquals("960", root.getAttribute("width"));
      heights.add(Integer.parseInt(root.getAttribute("height")));
      for (String name : new String[]{"rect", "text"}) {
        for (Element element : elements(svg, name)) {
          assertFalse(!element.getAttribute("x").isEmpty() && number(element, "x") > 950,
              element.getAttribute("x"));
        }
      }
    }
    assertTrue(heights.getLast() > 20 * heights.getFirst(), heights.toString());
  }

  @ParameterizedTest
  @CsvSource({"1.0, 0.1", "0.98, 0.1", "1.02, 0.2", "9.9, 1", "450, 50", "24000, 5000", "0.003, 0.0005"})
  void ticks(double high, double step) {
    assertEquals(step, BarChart.step(high), step * 1e-9);
  }
}
