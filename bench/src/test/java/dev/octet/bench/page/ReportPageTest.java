package dev.octet.bench.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.harness.report.Figure;
import dev.octet.harness.report.RoundTimes;
import dev.octet.harness.report.RoundsFile;
import dev.octet.harness.shape.BenchCase;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class ReportPageTest {
  private static RoundTimes times(String peer, String op, String shape, String form, double... micros) {
    return new RoundTimes(BenchCase.of(peer, op, shape, form, 1), "k & <k>", micros);
  }

  private static RoundsFile run() {
    List<RoundTimes> rows = new ArrayList<>();
    for (int m : new int[]{1, 2, 4, 8}) {
      rows.add(times("limit", "matmul", m + "x64x96", "u8s8s32", 9 * m, 9.1 * m, 9.2 * m));
      rows.add(times("octet-native", "matmul", m + "x64x96", "u8s8s32", 10 * m, 10 * m, 10 * m));
      rows.add(times("ort", "matmul", m + "x64x96", "u8s8s32", 20 * m, 20 * m, 20 * m));
    }
    rows.add(times("limit", "matmul", "8x64x96", "f32s8f32", 1, 1, 1));
    rows.add(times("octet-native", "matmul", "8x64x96", "f32s8f32", 4, 4, 4));
    rows.add(times("limit", "add", "2x3", "s8s8s8", 1, 1, 1));
    rows.add(times("octet-native", "add", "2x3", "s8s8s8", 2, 2, 2));
    return new RoundsFile(List.of("CPU: some <b>", "JDK: some"), "key", rows);
  }

  private static List<Figure> figures() {
    return List.of(Figure.of("Starts <&>", "a JVM", "java", "main", "ms", 40),
        Figure.of("Starts <&>", "a product", "octet-native", "first result", "ms", 100, 90, 120),
        Figure.of("Starts <&>", "a product", "ort", "first result", "ms", 300),
        Figure.of("Starts <&>", "a product", "ort", "memory", "MB", 8.25));
  }

  /** Everything but the doctype is well-formed once void elements are closed. */
  private static void assertWellFormed(String page) throws Exception {
    String xml = page.replace("<!DOCTYPE html>\n", "").replaceAll("<(meta|img)([^>]*)>", "<$1$2/>");
    DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
    assertEquals("html",
        builder.parse(new InputSource(new StringReader(xml))).getDocumentElement().getTagName());
  }

  @Test
  void oneFileWithPlotsAndTables() throws Exception {
    String page = ReportPage.html(run(), figures());
    assertWellFormed(page);
    Matcher plots = Pattern.compile("<img alt=\"([^\"]+)\" src=\"data:image/svg\\+xml;base64,([^\"]+)\">")
        .matcher(page);
    List<String> names = new ArrayList<>();
    while (plots.find()) {
      names.add(plots.group(1).replaceFirst("[:,.].*", "").replace("&lt;&amp;&gt;", "<&>"));
      assertTrue(new String(Base64.getDecoder().decode(plots.group(2)), StandardCharsets.UTF_8)
          .contains("<svg"), plots.group(1));
    }
    assertEquals(
        List.of("Products (matmul", "Element by element (one pass over an activation)", "octet-native",
            "Latency against rows", "Starts <&>"),
        names);
    assertEquals(names.size(), page.split("<table>", -1).length - 1);
    assertFalse(page.matches("(?s).*(src|href)=\"(?!data:).*"), "something lies outside of the file");
    assertTrue(page.contains("CPU: some &lt;b&gt;"), page.substring(0, 3000));
  }

  @Test
  void tablesHaveTheFiguresOfThePlots() throws IOException {
    String page = ReportPage.html(run(), figures());
    assertTrue(page.contains("<th scope=\"row\">8x64x96 u8s8s32</th><td>k &amp; &lt;k&gt;</td><td>72.8</td>"
        + "<td>80.0</td><td>0.910 [0.900 0.920]</td><td>160</td><td>0.455 [0.450 0.460]</td>"
        + "<td>2.000 [2.000 2.000]</td>"), page);
    assertTrue(page.contains("<th scope=\"row\">4</th><td>36.4</td><td>40.0</td><td>80.0</td>"));
    assertTrue(
        page.contains("<th scope=\"row\">add 2x3 s8s8s8</th><td>0.3</td><td>0.500 [0.500 0.500]</td>"));
  }

  @Test
  void figuresHaveTables() throws IOException {
    String page = ReportPage.html(run(), figures());
    assertTrue(page.contains("<th scope=\"row\">a product</th><td>octet-native</td><td></td>"
        + "<td>100 [90.0 120]</td><td></td>"), page.substring(page.indexOf("Starts")));
    assertTrue(
        page.contains("<th scope=\"row\">a product</th><td>ort</td><td></td><td>300</td><td>8.25</td>"));
  }

  @Test
  void sharesAreStacked() throws Exception {
    List<Figure> figures = new ArrayList<>();
    for (String subject : List.of("short", "long")) {
      figures.add(Figure.of("Time", subject, "octet-native", "all", "ms", 4.5));
      for (int part = 0; part < 9; part++) {
        figures.add(Figure.of("Time", subject, "octet-native", "part " + part, "%", 100.0 / 9));
      }
    }
    figures.add(Figure.of("Time", "other", "octet-native", "part 3", "%", 100));
    String page = ReportPage.html(run(), figures);
    assertWellFormed(page);
    Matcher plot = Pattern
        .compile("<img alt=\"Time: shares, %[^\"]*\" src=\"data:image/svg\\+xml;base64,([^\"]+)\">")
        .matcher(page);
    assertTrue(plot.find(), page.substring(page.indexOf("<h2>Time")));
    String svg = new String(Base64.getDecoder().decode(plot.group(1)), StandardCharsets.UTF_8);
    // Text is drawn: a part is known by its color, a bar and a field of the legend each.
    for (String color : List.of("0,114,178", "230,159,0", "0,158,115", "204,121,167", "86,180,233",
        "213,94,0",
        "240,228,66", "136,136,136")) {
      assertTrue(svg.split("fill:rgb\\(" + color + "\\)", -1).length > 3, color + " is not in the plot");
    }
    assertTrue(page.contains("<th scope=\"row\">short</th><td>octet-native</td><td>4.50</td>"
        + "<td>11.1</td>"), page.substring(page.indexOf("<h2>Time")));
  }

  @Test
  void lowerTiersHaveASectionOfTheirOwn() throws IOException {
    List<RoundTimes> rows = new ArrayList<>(run().times());
    rows.add(times("octet-native", "matmul", "9x64x96", "u8s8s32", 10, 10, 10));
    rows.add(times("octet-avx2", "matmul", "9x64x96", "u8s8s32", 30, 30, 30));
    String page = ReportPage.html(new RoundsFile(List.of(), "key", rows), List.of());
    String products = page.substring(page.indexOf("<h2>Products"), page.indexOf("<h2>Lower tiers"));
    assertFalse(products.contains("9x64x96 u8s8s32"), products);
    assertFalse(products.contains("octet-avx2"), products);
    assertTrue(page.substring(page.indexOf("<h2>Lower tiers")).contains("<td>3.000 [3.000 3.000]</td>"),
        page);
  }

  @Test
  void whatWasNotMeasuredHasNoPlot(@TempDir Path folder) throws Exception {
    Path to = folder.resolve("report/index.html");
    ReportPage.write(new RoundsFile(List.of(), "key",
        List.of(times("octet-native", "matmul", "8x64x96", "u8s8s32", 1, 2, 3))), List.of(), to);
    String page = Files.readString(to);
    assertWellFormed(page);
    assertFalse(page.contains("<img"), page);
    assertTrue(
        page.contains("<th scope=\"row\">8x64x96 u8s8s32</th><td></td><td></td><td>2.00</td><td></td>"));
  }
}
