package dev.octet.quantize.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.WeightLayout;
import dev.octet.quantize.Calibration;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Linear;
import dev.octet.quantize.Model;
import dev.octet.quantize.PostTraining;
import dev.octet.quantize.QuantizationReport;
import dev.octet.quantize.QuantizationScheme;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/** The page is whole: every plot an SVG document of its own, nothing fetched from elsewhere. */
class HtmlReportTest {
  private static final Pattern IMAGE = Pattern.compile("<img alt=\"([^\"]*)\" src=\"([^\"]*)\">");

  private static QuantizationReport report(QuantizationScheme scheme) {
    return report(scheme, "a<b>&\"c\"");
  }

  private static QuantizationReport report(QuantizationScheme scheme, String first) {
    Random random = new Random(3);
    float[] weights = new float[16 * 64];
    float[] x = new float[5 * 64];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
      x[i % x.length] = (float) random.nextGaussian();
    }
    Model model = Model.of(
        List.of(Linear.of(first, weights, Shape.of(16, 64), WeightLayout.OUT_IN, null),
            Linear.of("second", weights, Shape.of(64, 16), WeightLayout.OUT_IN, null)),
        (input, net) -> net.run("second", net.run(first, input)));
    Calibration calibration = Calibration.of(model, CalibrationMethod.percentile(99));
    calibration.observe(x);
    try (Octet octet = Octet.builder().threads(1).open()) {
      return QuantizationReport.measure(PostTraining.of(model, scheme).calibration(calibration).quantize(),
          octet,
          List.of(x), 64);
    }
  }

  private static List<String> images(String html)
      throws IOException, SAXException, ParserConfigurationException {
    List<String> images = new ArrayList<>();
    Matcher matcher = IMAGE.matcher(html);
    while (matcher.find()) {
      String prefix = "data:image/svg+xml;base64,";
      assertTrue(matcher.group(2).startsWith(prefix));
      byte[] svg = Base64.getDecoder().decode(matcher.group(2).substring(prefix.length()));
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
      Element root = factory.newDocumentBuilder().parse(new ByteArrayInputStream(svg)).getDocumentElement();
      assertEquals("svg", root.getTagName());
      int elements = root.getElementsByTagName("*").getLength();
      assertTrue(elements > 30, matcher.group(1) + " draws " + elements + " elements");
      boolean red = new String(svg, StandardCharsets.UTF_8).contains("rgb(255,0,0)");
      images.add(matcher.group(1) + (red ? ": red" : ""));
    }
    return images;
  }

  @Test
  void everyLayerHasItsPlots() throws IOException, SAXException, ParserConfigurationException {
    String html = HtmlReport.html("R & D", report(QuantizationScheme.int8Static()));
    assertTrue(html.contains("<title>R &amp; D</title>"));
    assertTrue(html.contains("<h3>a&lt;b&gt;&amp;&quot;c&quot;</h3>"));
    assertFalse(html.contains("a<b>"));
    assertFalse(html.replaceAll(IMAGE.pattern(), "").contains("http"), "the page fetches something");
    List<String> images = images(html);
    assertEquals(6, images.size(), images.toString());
    assertEquals(List.of("SQNR of layers", "size of layers"), images.subList(0, 2));
    assertEquals(List.of("weights of second: red", "inputs of second: red"), images.subList(4, 6));
    assertTrue(images.get(2).endsWith(": red") && images.get(3).endsWith(": red"), images.toString());
  }

  /** Characters that no XML may hold, and such as turn the direction of what follows. */
  @Test
  void namesThatSteerAreShown() throws IOException, SAXException, ParserConfigurationException {
    QuantizationReport report = report(QuantizationScheme.int8Static(), "a\u001b[31m\u202eb");
    String html = HtmlReport.html("title\u0007", report);
    assertTrue(html.contains("<h3>a\\u001b[31m\\u202eb</h3>") && html.contains("<title>title\\u0007<"), html);
    assertEquals(6, images(html).size());
    for (String text : List.of(html, report.table())) {
      assertTrue(text.chars().noneMatch(c -> c == '\u001b' || c == '\u202e' || c == '\u0007'), text);
    }
  }

  @Test
  void aModelLeftInFloatHasNoClipLinesAndNoBars()
      throws IOException, SAXException, ParserConfigurationException {
    List<String> images = images(
        HtmlReport.html("FP32", report(QuantizationScheme.int8Static().exclude("*"))));
    assertEquals(6, images.size());
    assertTrue(images.stream().noneMatch(image -> image.endsWith(" red")), images.toString());
  }

  @Test
  void aFileAppearsWholeAndReplacesAnOldOne(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("report.html");
    Files.writeString(file, "old");
    QuantizationReport report = report(QuantizationScheme.int4Dynamic());
    HtmlReport.write("new", report, file);
    assertEquals(HtmlReport.html("new", report).length(), Files.readString(file).length());
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList());
    }
  }
}
