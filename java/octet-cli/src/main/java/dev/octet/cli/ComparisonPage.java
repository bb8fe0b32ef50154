package dev.octet.cli;

import dev.octet.quantize.PlainText;
import dev.octet.quantize.file.FileComparison;
import java.nio.file.Path;
import java.util.Locale;

/** A comparison of files as one HTML page without scripts or links: a table, with a bar for each SQNR. */
final class ComparisonPage {
  /** The width of a bar at 60 dB; int8 weights have some 40. */
  private static final double FULL = 60;

  private ComparisonPage() {}

  static String html(FileComparison comparison, Path reference, Path quantized) {
    StringBuilder page = new StringBuilder(1 << 16);
    page.append(
        """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>octet verify</title><style>
            body { font: 14px/1.4 sans-serif; margin: 2em; color: #222 }
            table { border-collapse: collapse } td, th { padding: 2px 10px; text-align: right }
            td:first-child, th:first-child, td:last-child { text-align: left } tr:nth-child(even) { background: #f4f4f4 }
            </style></head><body><h1>Weights before and after quantization</h1>
            """);
    page.append("<p>").append(PlainText.html(reference.toString())).append(" &rarr; ")
        .append(PlainText.html(quantized.toString()))
        .append(
            "</p>\n<table><tr><th>tensor</th><th colspan=\"2\">SQNR, dB</th><th>cosine</th><th>max error</th>"
                + "<th>before</th><th>after</th><th>as</th></tr>\n");
    for (FileComparison.Row row : comparison.tensors()) {
      double width = 150 * Math.clamp(row.noise() == 0 ? FULL : row.sqnr(), 0, FULL) / FULL;
      page.append(String.format(Locale.ROOT,
          "<tr><td>%s</td><td><svg width=\"150\" height=\"12\"><rect width=\"%.1f\" height=\"12\" fill=\"%s\"/></svg></td>"
              + "<td>%s</td><td>%.6f</td><td>%.3g</td><td>%s</td><td>%s</td><td>%s</td></tr>%n",
          PlainText.html(row.name()), width, row.noise() == 0 ? "#bbb" : "#3a7",
          VerifyCommand.decibels(row),
          row.cosine(), row.maxError(), Screen.bytes(row.bytesBefore()), Screen.bytes(row.bytesAfter()),
          PlainText.html(row.form())));
    }
    page.append("</table>\n");
    comparison.missing().forEach(
        name -> page.append("<p>Missing, or of another shape: ").append(PlainText.html(name))
            .append("</p>\n"));
    return page.append("</body></html>\n").toString();
  }
}
