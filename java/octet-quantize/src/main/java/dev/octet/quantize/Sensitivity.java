package dev.octet.quantize;

import dev.octet.Octet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Measures what quantization of each layer costs by itself, with all other layers in FP32. Immutable.
 *
 * {@snippet :
 * Sensitivity sensitivity = Sensitivity.measure(int8, octet, samples, 1000);
 * System.out.print(sensitivity.table());
 * QuantizedModel mixed = sensitivity.keepInFloat(2); // the two that hurt most stay FP32
 * }
 */
public final class Sensitivity {
  /**
   * Holds what one layer costs.
   *
   * @param name the name of the layer
   * @param sqnr of the layer's own output for FP32 input, in decibels
   * @param output of the model's output
   */
  public record Row(String name, double sqnr, Accuracy output) {}

  private static final int TOP = 5;

  private final QuantizedModel quantized;
  private final List<Row> rows;

  private Sensitivity(QuantizedModel quantized, List<Row> rows) {
    this.quantized = quantized;
    this.rows = rows;
  }

  /**
   * Runs the model once for each quantized layer and sample, and once in FP32.
   *
   * @param quantized the model
   * @param octet runs the layers
   * @param samples inputs of the model
   * @param columns the length of a row of its output
   * @return the costs
   * @throws IllegalArgumentException if there are no samples, or outputs are no whole rows
   */
  public static Sensitivity measure(QuantizedModel quantized, Octet octet, List<float[]> samples,
      int columns) {
    Objects.requireNonNull(quantized, "quantized");
    Objects.requireNonNull(octet, "octet");
    Objects.requireNonNull(samples, "samples");
    Model model = quantized.model();
    List<float[]> references = new ArrayList<>();
    for (float[] sample : samples) {
      references.add(model.run(sample));
    }
    List<Row> rows = new ArrayList<>();
    for (QuantizedLinear layer : quantized.layers()) {
      Model.LayerRunner runner = quantized.only(layer.name()).prepare(octet);
      AccuracyMeter own = new AccuracyMeter(layer.layer().out(), 1);
      AccuracyMeter output = new AccuracyMeter(columns, TOP);
      for (int s = 0; s < samples.size(); s++) {
        output.add(references.get(s), model.run(samples.get(s), (name, x) -> {
          float[] y = runner.run(name, x);
          if (name.equals(layer.name())) {
            own.add(model.runLayer(name, x), y);
          }
          return y;
        }));
      }
      rows.add(new Row(layer.name(), own.result().sqnr(), output.result()));
    }
    rows.sort(Comparator.comparingDouble((Row row) -> row.output().sqnr()));
    return new Sensitivity(quantized, List.copyOf(rows));
  }

  /**
   * Returns the layers, the one that costs the output most first.
   *
   * @return an immutable list
   */
  public List<Row> rows() {
    return rows;
  }

  /**
   * Returns the model with the layers that cost its output most back in FP32.
   *
   * @param n how many
   * @return the model
   * @throws IllegalArgumentException if negative
   */
  public QuantizedModel keepInFloat(int n) {
    if (n < 0) {
      throw new IllegalArgumentException("n: expected >= 0, got " + n);
    }
    return quantized.without(rows.stream().limit(n).map(Row::name).toList());
  }

  /**
   * Returns the costs as text.
   *
   * @return a line for each layer
   */
  public String table() {
    int width = rows.stream().mapToInt(row -> row.name().length()).max().orElse(0);
    String format = "%-" + Math.max(width, 5) + "s  %12s  %13s  %10s  %6s%n";
    StringBuilder text = new StringBuilder(
        String.format(Locale.ROOT, format, "layer", "own SQNR dB", "model SQNR dB", "divergence", "top-1"));
    for (Row row : rows) {
      text.append(
          String.format(Locale.ROOT, format, row.name(), String.format(Locale.ROOT, "%.2f", row.sqnr()),
              String.format(Locale.ROOT, "%.2f", row.output().sqnr()),
              String.format(Locale.ROOT, "%.2e", row.output().divergence()),
              String.format(Locale.ROOT, "%.4f", row.output().top1())));
    }
    return text.toString();
  }
}
