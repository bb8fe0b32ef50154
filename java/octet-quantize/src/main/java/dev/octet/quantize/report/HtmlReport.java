package dev.octet.quantize.report;

import dev.octet.quantize.Accuracy;
import dev.octet.quantize.PlainText;
import dev.octet.quantize.QuantizationReport;
import dev.octet.quantize.QuantizationReport.Layer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.internal.chartpart.Chart;

/**
 * Renders a report as one self-contained HTML file: tables, SQNR and size of each layer as bars, and the
 * distributions of weights and inputs with the ends of what their integers cover.
 */
public final class HtmlReport {
  private static final String STYLE = """
      body { font-family: sans-serif; margin: 2em auto; max-width: 72em; color: #222; }
      table { border-collapse: collapse; }
      th, td { padding: .2em .8em; text-align: right; border-bottom: 1px solid #ddd; }
      th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; }
      img { max-width: 100%; }
      """;

  private HtmlReport() {}

  /**
   * Returns the page.
   *
   * @param title its title
   * @param report what it shows
   * @return HTML, plots as SVG within
   * @throws UnsupportedOperationException if the JVM cannot draw text, which plots need
   */
  public static String html(String title, QuantizationReport report) {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(report, "report");
    StringBuilder page = new StringBuilder(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.append("<title>").append(PlainText.html(title)).append("</title>\n<style>\n").append(STYLE)
        .append("</style>\n</head>\n<body>\n<h1>").append(PlainText.html(title)).append("</h1>\n");
    model(page, report);
    layers(page, report);
    bars(page, report);
    page.append("<h2>Distributions</h2>\n<p>Red: the ends of what integers cover, for weights of the widest "
        + "channel or group.</p>\n");
    for (Layer layer : report.layers()) {
      page.append("<h3>").append(PlainText.html(layer.name())).append("</h3>\n");
      image(page, "weights of " + layer.name(),
          Plots.histogram("weights", layer.weights(), layer.weightClip()));
      image(page, "inputs of " + layer.name(), Plots.histogram("inputs", layer.inputs(), layer.inputClip()));
    }
    return page.append("</body>\n</html>\n").toString();
  }

  /**
   * Writes the page to a file, which appears when it is complete.
   *
   * @param title its title
   * @param report what it shows
   * @param file where to; replaced if it is there
   * @throws IOException if it cannot be written
   * @throws UnsupportedOperationException if the JVM cannot draw text, which plots need
   */
  public static void write(String title, QuantizationReport report, Path file) throws IOException {
    Objects.requireNonNull(title, "title");
    Objects.requireNonNull(report, "report");
    Objects.requireNonNull(file, "file");
    String html = html(title, report);
    Path aside = Files.createTempFile(file.toAbsolutePath().getParent(), ".report", ".html");
    try {
      Files.writeString(aside, html, StandardCharsets.UTF_8);
      Files.move(aside, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private static void model(StringBuilder page, QuantizationReport report) {
    Accuracy output = report.output();
    row(page.append("<h2>Model</h2>\n<table>\n"), "th", "rows", "SQNR dB", "cosine", "max error",
        "divergence, nats", "top-1", "top-" + output.k(), "size");
    row(page, "td", Long.toString(output.rows()), number("%.2f", output.sqnr()),
        number("%.5f", output.cosine()), number("%.3g", output.maxError()),
        number("%.3g", output.divergence()), number("%.4f", output.top1()), number("%.4f", output.topK()),
        report.bytes() + " of " + report.floatBytes() + " bytes");
    page.append("</table>\n");
  }

  private static void layers(StringBuilder page, QuantizationReport report) {
    row(page.append("<h2>Layers</h2>\n<table>\n"), "th", "layer", "own SQNR dB", "run SQNR dB", "cosine",
        "max error", "FP32 bytes", "bytes", "scheme");
    for (Layer layer : report.layers()) {
      row(page, "td", PlainText.html(layer.name()), number("%.2f", layer.own().sqnr()),
          number("%.2f", layer.run().sqnr()), number("%.5f", layer.run().cosine()),
          number("%.3g", layer.run().maxError()), Long.toString(layer.floatBytes()),
          Long.toString(layer.bytes()), PlainText.html(layer.scheme()));
    }
    page.append("</table>\n<p>Own: the layer quantized, its inputs those of the FP32 model. Run: within the "
        + "quantized model, with what came from the layers before.</p>\n");
  }

  private static void bars(StringBuilder page, QuantizationReport report) {
    if (report.layers().isEmpty()) {
      return;
    }
    List<String> names = new ArrayList<>();
    report.layers().forEach(layer -> names.add(PlainText.of(layer.name())));
    image(page, "SQNR of layers", Plots.bars("SQNR", "dB", names, List.of(
        new Plots.Bars("own", values(report, layer -> layer.own().sqnr())),
        new Plots.Bars("run", values(report, layer -> layer.run().sqnr())))));
    image(page, "size of layers", Plots.bars("Size", "KiB", names, List.of(
        new Plots.Bars("FP32", values(report, layer -> layer.floatBytes() / 1024.0)),
        new Plots.Bars("quantized", values(report, layer -> layer.bytes() / 1024.0)))));
  }

  private static double[] values(QuantizationReport report, ToDoubleFunction<Layer> value) {
    return report.layers().stream().mapToDouble(value).toArray();
  }

  /** A document of its own within the page: what it defines has names that recur in the next one. */
  private static void image(StringBuilder page, String what, Chart<?, ?> plot) {
    page.append("<img alt=\"").append(PlainText.html(what)).append("\" src=\"data:image/svg+xml;base64,")
        .append(Base64.getEncoder().encodeToString(Plots.svg(plot).getBytes(StandardCharsets.UTF_8)))
        .append("\">\n");
  }

  private static void row(StringBuilder page, String cell, String... parts) {
    page.append("<tr>");
    for (String part : parts) {
      page.append('<').append(cell).append('>').append(part).append("</").append(cell).append('>');
    }
    page.append("</tr>\n");
  }

  private static String number(String format, double x) {
    return Double.isInfinite(x) ? "exact" : String.format(Locale.ROOT, format, x);
  }
}
