package dev.octet.bench.child;

import dev.octet.harness.report.Figure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A measurement that a JVM of its own tells by a line of its standard output.
 *
 * @param what was measured
 * @param unit of the value
 * @param value one sample
 */
public record Told(String what, String unit, double value) {
  private static final String MARK = "told: ";

  private record Quantity(String what, String unit) {}

  /** Tells a measurement, in the child. */
  public static void tell(String what, String unit, double value) {
    System.out.printf(Locale.ROOT, "%s%s,%s,%.4f%n", MARK, what, unit, value);
  }

  /**
   * Tells what the process had in memory at most, in the child, where the system is Linux, which counts it.
   *
   * @throws IOException if what Linux tells cannot be read
   */
  public static void tellPeak() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      Files.readAllLines(status).stream().filter(line -> line.startsWith("VmHWM:")).forEach(
          line -> tell("peak memory", "MB", Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024e-6));
    }
  }

  /** The measurements among the lines of a child. */
  public static List<Told> of(List<String> lines) {
    return lines.stream().filter(line -> line.startsWith(MARK)).map(line -> {
      String[] cells = line.substring(MARK.length()).split(",", -1);
      return new Told(cells[0], cells[1], Double.parseDouble(cells[2]));
    }).toList();
  }

  /** A figure for each quantity, in the order in which they were told first. */
  public static List<Figure> figures(String topic, String subject, String peer, List<Told> samples) {
    Map<Quantity, List<Double>> values = new LinkedHashMap<>();
    samples.forEach(sample -> values
        .computeIfAbsent(new Quantity(sample.what, sample.unit), quantity -> new ArrayList<>())
        .add(sample.value));
    List<Figure> figures = new ArrayList<>();
    values.forEach((quantity, list) -> figures.add(Figure.of(topic, subject, peer, quantity.what,
        quantity.unit, list.stream().mapToDouble(Double::doubleValue).toArray())));
    return figures;
  }
}
