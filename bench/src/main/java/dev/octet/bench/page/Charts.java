package dev.octet.bench.page;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The plots of the page that XChart draws, as SVG documents. */
final class Charts {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 480;
  /**
   * Told apart by people who see no red or no green, and in print: Okabe and Ito. A peer has one everywhere.
   */
  private static final Map<String, Color> COLORS = Map.ofEntries(color("octet-native", 0x0072B2),
      color("onednn-c", 0xE69F00), color("ort", 0xCC79A7), color("ort-u8", 0x009E73), color("mkl", 0x000000),
      color("octet-vector", 0x56B4E9), color("octet-onednn", 0xD55E00), color("octet-avxvnni", 0x56B4E9),
      color("octet-avx2", 0xF0E442), color("octet-baseline", 0xD55E00), color("limit", 0x888888));
  /** Of the kinds of ops. */
  private static final Color[] KINDS = {new Color(0x0072B2), new Color(0xE69F00), new Color(0x009E73),
      new Color(0xCC79A7), new Color(0x56B4E9), new Color(0xD55E00), new Color(0xF0E442),
      new Color(0x888888)};

  private Charts() {}

  private static Map.Entry<String, Color> color(String peer, int rgb) {
    return Map.entry(peer, new Color(rgb));
  }

  /**
   * A named series.
   *
   * @param name in the legend
   * @param x where values stand; of bars nothing is read
   * @param y values
   */
  record Series(String name, List<Double> x, List<Double> y) {}

  /** The color of a peer: black where it is none of ours. */
  static Color color(String peer) {
    return COLORS.getOrDefault(peer, Color.BLACK);
  }

  /**
   * Bars of parts on top of each other for each name.
   *
   * @param series a part of all bars each, values 0 or more; the first one lies at the bottom
   */
  static String stacks(String title, String unit, List<String> names, List<Series> series)
      throws IOException {
    CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(title)
        .yAxisTitle(unit).build();
    style(chart.getStyler());
    // Eight parts in one line are wider than the chart.
    chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
    chart.getStyler().setLegendLayout(LegendLayout.Vertical);
    chart.getStyler().setStacked(true);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setSeriesColors(KINDS);
    for (Series one : series) {
      chart.addSeries(one.name, names, one.y);
    }
    return svg(chart);
  }

  /** Points without lines, x on a logarithmic scale. */
  static String points(String title, String xTitle, String yTitle, List<Series> series)
      throws IOException {
    XYChart chart = logarithmic(title, xTitle, yTitle);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setSeriesColors(KINDS);
    for (Series one : series) {
      chart.addSeries(one.name, one.x, one.y)
          .setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    }
    return svg(chart);
  }

  /** Lines, both axes on a logarithmic scale. */
  static String lines(String title, String xTitle, String yTitle, List<Series> series)
      throws IOException {
    XYChart chart = logarithmic(title, xTitle, yTitle);
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setSeriesColors(colors(series));
    for (Series one : series) {
      XYSeries line = chart.addSeries(one.name, one.x, one.y);
      line.setMarker(SeriesMarkers.CIRCLE);
      line.setLineStyle(new BasicStroke(2f));
    }
    return svg(chart);
  }

  private static XYChart logarithmic(String title, String xTitle, String yTitle) {
    XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title).xAxisTitle(xTitle)
        .yAxisTitle(yTitle).build();
    style(chart.getStyler());
    chart.getStyler().setXAxisLogarithmic(true);
    return chart;
  }

  private static void style(AxesChartStyler styler) {
    styler.setLegendPosition(LegendPosition.OutsideS);
    styler.setLegendLayout(LegendLayout.Horizontal);
    styler.setChartBackgroundColor(Color.WHITE);
  }

  private static Color[] colors(List<Series> series) {
    return series.stream().map(one -> color(one.name)).toArray(Color[]::new);
  }

  private static String svg(Chart<?, ?> chart) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
