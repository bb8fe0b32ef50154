package dev.octet.quantize.report;

import dev.octet.quantize.Distribution;
import dev.octet.quantize.Range;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The plots of a report as SVG documents. */
final class Plots {
  private static final int WIDTH = 460;
  private static final int HEIGHT = 260;
  /** A bar chart is as wide as its bars need. */
  private static final int BAR_WIDTH = 36;

  private Plots() {}

  /** A named row of bars; NaN: no bar. */
  record Bars(String name, double[] values) {}

  /** Counts on a logarithmic scale, where the few large numbers can be seen, and the ends of the grid. */
  static XYChart histogram(String title, Distribution distribution, Optional<Range> clip) {
    XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title)
        .yAxisTitle("log10(1 + count)")
        .build();
    chart.getStyler().setLegendVisible(false).setChartTitleVisible(true).setChartBackgroundColor(Color.WHITE);
    long[] counts = distribution.counts();
    // A step for each bin, which ends at its upper end.
    double[] x = new double[2 * counts.length + 2];
    double[] y = new double[x.length];
    double highest = 0;
    for (int i = 0; i < counts.length; i++) {
      // both by the same formula: the x of an area must not descend, not by a rounding either
      x[2 * i + 1] = distribution.from() + i * distribution.width();
      x[2 * i + 2] = distribution.from() + (i + 1) * distribution.width();
      y[2 * i + 1] = Math.log10(1.0 + counts[i]);
      y[2 * i + 2] = y[2 * i + 1];
      highest = Math.max(highest, y[2 * i + 1]);
    }
    x[0] = distribution.from();
    x[x.length - 1] = x[x.length - 2];
    XYSeries series = chart.addSeries("count", x, y);
    series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Area);
    series.setMarker(SeriesMarkers.NONE);
    if (clip.isPresent()) {
      line(chart, "clip min", clip.get().min(), highest);
      line(chart, "clip max", clip.get().max(), highest);
    }
    return chart;
  }

  private static void line(XYChart chart, String name, double x, double highest) {
    XYSeries series = chart.addSeries(name, new double[]{x, x}, new double[]{0, highest});
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(Color.RED);
    series.setLineStyle(new BasicStroke(1.5f));
  }

  static CategoryChart bars(String title, String unit, List<String> names, List<Bars> rows) {
    int width = Math.max(WIDTH, 120 + BAR_WIDTH * names.size());
    CategoryChart chart = new CategoryChartBuilder().width(width).height(HEIGHT + 120).title(title)
        .yAxisTitle(unit).build();
    chart.getStyler().setXAxisLabelRotation(60).setLegendPosition(LegendPosition.OutsideS)
        .setChartBackgroundColor(Color.WHITE);
    for (Bars row : rows) {
      chart.addSeries(row.name(), names,
          Arrays.stream(row.values()).mapToObj(x -> Double.isFinite(x) ? x : null).toList());
    }
    return chart;
  }

  /** A document of its own. */
  static String svg(Chart<?, ?> chart) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (LinkageError | InternalError e) {
      throw new UnsupportedOperationException(
          "plots need java.desktop with fonts (Debian: libfreetype6, fontconfig and fonts-dejavu-core)", e);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
