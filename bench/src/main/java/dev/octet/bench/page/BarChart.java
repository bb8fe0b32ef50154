package dev.octet.bench.page;

import dev.octet.quantize.PlainText;
import java.awt.Color;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Bars lying below each other for each name, as an SVG document. A bar ends at the median, a whisker reaches
 * from the low to the high value, which need not be as far from it; who was not measured has no bar. Our own,
 * because XChart draws whiskers that are as long on both sides, and a bar of no length where there is none.
 */
final class BarChart {
  private static final int WIDTH = 960;
  private static final int BAR = 12;
  private static final int GAP = 10;
  private static final int RIGHT = 70;
  private static final int TOP = 34;
  private static final int LINE = 18;
  /** Of the widest letters of 11 px. */
  private static final double LETTER = 6.4;
  private static final int MOST_TICKS = 10;

  private final StringBuilder svg = new StringBuilder();
  private final String unit;
  private final List<String> names;
  private final List<Series> series;
  private final int left;
  private final double step;
  private final double most;

  /**
   * What a bar shows.
   *
   * @param median its length, 0 or more
   * @param low where the whisker begins
   * @param high where it ends
   */
  record Bar(double median, double low, double high) {}

  /**
   * Bars of a color.
   *
   * @param name in the legend
   * @param bars for each name, nothing where nothing was measured
   */
  record Series(String name, List<Optional<Bar>> bars) {}

  private BarChart(String unit, List<String> names, List<Series> series) {
    this.unit = unit;
    this.names = names;
    this.series = series;
    this.left = (int) (20 + LETTER * names.stream().mapToInt(String::length).max().orElse(0));
    double high = series.stream().flatMap(one -> one.bars.stream()).flatMap(Optional::stream)
        .mapToDouble(bar -> Math.max(bar.high, bar.median)).max().orElse(1);
    this.step = step(high > 0 ? high : 1);
    this.most = step * Math.ceil((high > 0 ? high : 1) / step);
  }

  /** Draws. */
  static String svg(String title, String unit, List<String> names, List<Series> series) {
    return new BarChart(unit, names, series).draw(title);
  }

  /** 1, 2 or 5 of a power of ten, so that there are no more than {@link #MOST_TICKS} steps up to a value. */
  static double step(double high) {
    double power = Math.pow(10, Math.floor(Math.log10(high)) - 1);
    for (double step : new double[]{1, 2, 5, 10, 20, 50}) {
      if (high / (step * power) <= MOST_TICKS) {
        return step * power;
      }
    }
    return 100 * power;
  }

  private String draw(String title) {
    int legend = legendLines();
    int top = TOP + legend * LINE + LINE;
    int height = top + IntStream.range(0, names.size()).map(this::height).sum() + 2 * LINE + 4;
    svg.append(String.format(Locale.ROOT,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
            + "font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">%n<title>%s</title>%n"
            + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n",
        WIDTH, height, WIDTH, height, PlainText.html(title)));
    svg.append("<g font-size=\"14\" font-weight=\"bold\">\n");
    text(WIDTH / 2.0, 20, "middle", title);
    svg.append("</g>\n");
    drawLegend();
    drawAxis(top, height - 2 * LINE - 4);
    int y = top;
    for (int i = 0; i < names.size(); i++) {
      drawBars(i, y);
      y += height(i);
    }
    return svg.append("</svg>\n").toString();
  }

  private int height(int at) {
    return GAP + BAR * Math.max(1, (int) series.stream().filter(one -> one.bars.get(at).isPresent()).count());
  }

  private int legendLines() {
    int lines = 1;
    double x = left;
    for (Series one : series) {
      double width = legendWidth(one);
      if (x + width > WIDTH) {
        lines++;
        x = left;
      }
      x += width;
    }
    return lines;
  }

  private static double legendWidth(Series one) {
    return 34 + LETTER * one.name.length();
  }

  private void drawLegend() {
    double x = left;
    int y = TOP;
    for (Series one : series) {
      if (x + legendWidth(one) > WIDTH) {
        x = left;
        y += LINE;
      }
      rectangle(x, y, 12, 10, one.name);
      text(x + 17, y + 9, "start", one.name);
      x += legendWidth(one);
    }
  }

  private void drawAxis(int top, int bottom) {
    for (int i = 0; i * step <= most * 1.000001; i++) {
      double x = x(i * step);
      svg.append(String.format(Locale.ROOT,
          "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"%s\"/>%n", x, x, top, bottom,
          i == 0 ? "#444" : "#ddd"));
      String label = label(i * step);
      text(x, top - 5, "middle", label);
      text(x, bottom + 13, "middle", label);
    }
    text((left + WIDTH - RIGHT) / 2.0, bottom + 30, "middle", unit);
  }

  private void drawBars(int at, int top) {
    text(left - 8, top + height(at) / 2.0 + 4, "end", names.get(at));
    double y = top + GAP / 2.0;
    for (Series one : series) {
      Optional<Bar> found = one.bars.get(at);
      if (found.isEmpty()) {
        continue;
      }
      Bar bar = found.get();
      rectangle(left, y + 1, x(bar.median) - left, BAR - 2, one.name);
      double middle = y + BAR / 2.0;
      svg.append(String.format(Locale.ROOT,
          "<path d=\"M%.1f %.1fv6m0 -3H%.1fm0 -3v6\" stroke=\"#444\" fill=\"none\"/>%n", x(bar.low),
          middle - 3,
          x(bar.high)));
      text(Math.max(x(bar.high), x(bar.median)) + 5, middle + 4, "start", number(bar.median));
      y += BAR;
    }
    if (y == top + GAP / 2.0) {
      text(left + 5, y + BAR - 2, "start", "not measured");
    }
  }

  private double x(double value) {
    return left + value / most * (WIDTH - RIGHT - left);
  }

  private void rectangle(double x, double y, double width, double height, String name) {
    Color color = Charts.color(name);
    svg.append(String.format(Locale.ROOT,
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"#%06x\"/>%n", x, y, width, height,
        color.getRGB() & 0xFFFFFF));
  }

  private void text(double x, double y, String anchor, String text) {
    svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y,
        anchor, PlainText.html(text)));
  }

  /** A tick: no more decimals than its step has. */
  private String label(double value) {
    int decimals = Math.max(0, (int) -Math.floor(Math.log10(step) + 1e-9));
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  }
}
