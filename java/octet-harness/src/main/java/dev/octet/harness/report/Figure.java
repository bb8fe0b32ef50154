package dev.octet.harness.report;

import java.util.List;
import java.util.Locale;

/**
 * A figure that is no share of a limit: a start, memory, a call beside a busy thread. A row of the file of
 * figures.
 *
 * @param topic what is compared with each other: a section of the report
 * @param subject what was done
 * @param peer by whom
 * @param what was measured
 * @param unit of the values
 * @param median of the samples
 * @param low the 10th percentile; of fewer than 10 samples the least
 * @param high the 90th percentile; of fewer than 10 samples the most
 * @param samples how many
 */
public record Figure(String topic, String subject, String peer, String what, String unit, double median,
    double low, double high, int samples) {
  /** The first line of the file that is no comment. */
  public static final String HEADER = "topic,subject,peer,what,unit,median,low,high,samples";

  /** Refuses texts that are no cell of the file. */
  public Figure {
    for (String text : List.of(topic, subject, peer, what, unit)) {
      if (text.isBlank() || text.matches("(?s).*[,\\n#].*")) {
        throw new IllegalArgumentException(
            "expected text without comma, # and end of line, got \"" + text + "\"");
      }
    }
  }

  /** Of samples, 1 or more. */
  public static Figure of(String topic, String subject, String peer, String what, String unit,
      double... samples) {
    if (samples.length == 0) {
      throw new IllegalArgumentException(topic + ", " + subject + ", " + peer + ", " + what + ": no samples");
    }
    double tail = samples.length < 10 ? 0 : 0.1;
    return new Figure(topic, subject, peer, what, unit, Rounds.quantile(samples, 0.5),
        Rounds.quantile(samples, tail), Rounds.quantile(samples, 1 - tail), samples.length);
  }

  /** The row of the file. */
  public String toCsv() {
    return String.join(",", topic, subject, peer, what, unit)
        + String.format(Locale.ROOT, ",%s,%s,%s,%d", number(median), number(low), number(high), samples);
  }

  /**
   * A row of the file.
   *
   * @param line the row
   * @return the figure
   * @throws IllegalArgumentException if it is none
   */
  public static Figure parse(String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != 9) {
      throw new IllegalArgumentException("expected " + HEADER + ", got \"" + line + "\"");
    }
    try {
      return new Figure(cells[0], cells[1], cells[2], cells[3], cells[4], Double.parseDouble(cells[5]),
          Double.parseDouble(cells[6]), Double.parseDouble(cells[7]), Integer.parseInt(cells[8]));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("expected " + HEADER + ", got \"" + line + "\"", e);
    }
  }

  /** The figure in a line for a person. */
  @Override
  public String toString() {
    return topic + ": " + subject + ", " + peer + ", " + what + ": " + text() + " " + unit;
  }

  /** What was measured, with its unit. */
  public String quantity() {
    return what + ", " + unit;
  }

  /** The median, and where samples differ their range; of shares one decimal. */
  public String text() {
    return low == high ? shown(median) : shown(median) + " [" + shown(low) + " " + shown(high) + "]";
  }

  /** The median alone, in the same digits, with a star where {@link #unsteady}. */
  public String medianText() {
    return shown(median) + (unsteady() ? "*" : "");
  }

  /** Whether low and high are further apart than those of a {@link Spread} may be. */
  public boolean unsteady() {
    return new Spread(low, median, high).unsteady();
  }

  private String shown(double value) {
    return unit.equals(TimeShares.UNIT) ? String.format(Locale.ROOT, "%.1f", value) : number(value);
  }

  /** Three digits or more, as a person reads them. */
  private static String number(double value) {
    double size = Math.abs(value);
    return String.format(Locale.ROOT,
        size >= 100 || size == 0 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.4f", value);
  }
}
