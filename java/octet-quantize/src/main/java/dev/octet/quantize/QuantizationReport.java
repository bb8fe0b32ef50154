package dev.octet.quantize;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.octet.DataType;
import dev.octet.Octet;
import dev.octet.QTensor;
import dev.octet.Quantization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reports what quantization does to a model: accuracy of its output, and for each layer size, accuracy and
 * the distributions of weights and inputs. As text, as JSON, and by
 * {@link dev.octet.quantize.report.HtmlReport} as a page with plots. Immutable.
 */
public final class QuantizationReport {
  /**
   * Reports what became of one layer.
   *
   * @param name its name
   * @param scheme what it got, {@code F32} where it was left alone
   * @param floatBytes weights and bias in FP32
   * @param bytes weights, their parameters and bias now
   * @param own accuracy of its output for the FP32 model's inputs: what its own quantization costs
   * @param run accuracy of its output within the quantized model: with what came from the layers before
   * @param weights the distribution of its FP32 weights
   * @param weightClip the range that integers cover, the widest where there are several; empty: all
   * @param inputs the distribution of its inputs in the FP32 model
   * @param inputClip the range that integers cover; empty: all
   */
  public record Layer(String name, String scheme, long floatBytes, long bytes, Accuracy own, Accuracy run,
      Distribution weights, Optional<Range> weightClip, Distribution inputs, Optional<Range> inputClip) {}

  /** A layer's inputs and outputs in one call. */
  private record Call(String name, float[] x, float[] y) {}

  /** What is collected of one layer. */
  private static final class Tally {
    final AccuracyMeter own;
    final AccuracyMeter run;
    final Histogram inputs = new Histogram();

    Tally(int columns) {
      own = new AccuracyMeter(columns, 1);
      run = new AccuracyMeter(columns, 1);
    }
  }

  private static final int TOP = 5;

  private final Accuracy output;
  private final List<Layer> layers;
  private final long floatBytes;
  private final long bytes;

  private QuantizationReport(QuantizedModel quantized, Accuracy output, List<Layer> layers) {
    this.output = output;
    this.layers = layers;
    this.floatBytes = quantized.floatBytes();
    this.bytes = quantized.bytes();
  }

  /**
   * Runs samples through a model, in FP32 and quantized, and compares them.
   *
   * @param quantized the model
   * @param octet runs the quantized layers
   * @param samples its inputs
   * @param columns the length of a row of its output
   * @return the report, of the layers that the model called
   * @throws IllegalArgumentException if there are no samples, or a layer makes something that is not finite
   * @throws IllegalStateException if the model calls other layers when it is quantized than in FP32
   */
  public static QuantizationReport measure(QuantizedModel quantized, Octet octet, List<float[]> samples,
      int columns) {
    Objects.requireNonNull(quantized, "quantized");
    Objects.requireNonNull(octet, "octet");
    Objects.requireNonNull(samples, "samples");
    Model model = quantized.model();
    Model.LayerRunner runner = quantized.prepare(octet);
    AccuracyMeter output = new AccuracyMeter(columns, TOP);
    Map<String, Tally> tallies = new LinkedHashMap<>();
    for (float[] sample : samples) {
      List<Call> expected = new ArrayList<>();
      List<Call> got = new ArrayList<>();
      output.add(model.run(sample, recording(model::runLayer, expected)),
          model.run(sample, recording(runner, got)));
      compare(quantized, runner, expected, got, tallies);
    }
    List<Layer> layers = new ArrayList<>();
    for (Linear layer : model.layers()) {
      if (tallies.containsKey(layer.name())) {
        layers.add(layer(layer, quantized.layer(layer.name()), tallies.get(layer.name())));
      }
    }
    return new QuantizationReport(quantized, output.result(), List.copyOf(layers));
  }

  private static Model.LayerRunner recording(Model.LayerRunner runner, List<Call> calls) {
    return (name, x) -> {
      float[] y = runner.run(name, x);
      calls.add(new Call(name, x.clone(), y.clone()));
      return y;
    };
  }

  private static void compare(QuantizedModel quantized, Model.LayerRunner runner, List<Call> expected,
      List<Call> got, Map<String, Tally> tallies) {
    if (!expected.stream().map(Call::name).toList().equals(got.stream().map(Call::name).toList())) {
      throw new IllegalStateException("model: called other layers when quantized than in FP32");
    }
    for (int i = 0; i < expected.size(); i++) {
      Call call = expected.get(i);
      Tally tally = tallies.computeIfAbsent(call.name(),
          name -> new Tally(quantized.model().layer(name).out()));
      tally.own.add(call.y(), runner.run(call.name(), call.x()));
      tally.run.add(call.y(), got.get(i).y());
      count(tally.inputs, call.x());
    }
  }

  private static void count(Histogram histogram, float[] values) {
    float absmax = 0;
    for (float x : values) {
      absmax = Math.max(absmax, Math.abs(x));
    }
    histogram.growFor(absmax);
    for (float x : values) {
      histogram.add(x);
    }
  }

  private static Layer layer(Linear layer, Optional<QuantizedLinear> quantized, Tally tally) {
    Histogram weights = new Histogram();
    count(weights, layer.weights());
    long before = QuantizedLinear.floatBytes(layer);
    return new Layer(layer.name(), quantized.map(q -> q.scheme().toString()).orElse("F32"), before,
        quantized.map(QuantizedLinear::bytes).orElse(before), tally.own.result(), tally.run.result(),
        Distribution.of(weights),
        quantized.flatMap(QuantizedLinear::weights).map(QuantizationReport::weightClip),
        Distribution.of(tally.inputs), quantized.flatMap(q -> q.input()
            .map(input -> clip(input, q.scheme().activations().orElseThrow().type(), 0))));
  }

  private static Range weightClip(QTensor weights) {
    Range widest = clip(weights.quantization(), weights.type(), 0);
    for (int i = 1; i < weights.quantization().count(); i++) {
      Range range = clip(weights.quantization(), weights.type(), i);
      widest = new Range(Math.min(widest.min(), range.min()), Math.max(widest.max(), range.max()));
    }
    return widest;
  }

  private static Range clip(Quantization parameters, DataType type, int index) {
    int zeroPoint = parameters.zeroPoint(index);
    int lo = parameters.isSymmetric() && type.isSigned() ? -type.max() : type.min();
    Grid grid = new Grid(parameters.scale(index), zeroPoint, lo, type.max());
    return new Range(grid.min(), grid.max());
  }

  /**
   * Returns the accuracy of the model's output.
   *
   * @return against FP32
   */
  public Accuracy output() {
    return output;
  }

  /**
   * Returns the layers that the model called.
   *
   * @return an immutable list in the model's order
   */
  public List<Layer> layers() {
    return layers;
  }

  /**
   * Returns the size of all layers in FP32.
   *
   * @return bytes
   */
  public long floatBytes() {
    return floatBytes;
  }

  /**
   * Returns the size of all layers as they are quantized.
   *
   * @return bytes
   */
  public long bytes() {
    return bytes;
  }

  /**
   * Returns the report as text.
   *
   * @return a line for each layer, then the model
   */
  public String table() {
    int width = layers.stream().mapToInt(layer -> PlainText.of(layer.name()).length()).max().orElse(0);
    String format = "%-" + Math.max(width, 5) + "s  %10s  %10s  %11s  %11s  %8s  %9s  %s%n";
    StringBuilder text = new StringBuilder(
        String.format(Locale.ROOT, format, "layer", "FP32 bytes", "bytes", "own SQNR dB",
            "run SQNR dB", "cosine", "max error", "scheme"));
    for (Layer layer : layers) {
      text.append(
          String.format(Locale.ROOT, format, PlainText.of(layer.name()), layer.floatBytes(), layer.bytes(),
              number("%.2f", layer.own().sqnr()),
              number("%.2f", layer.run().sqnr()), number("%.5f", layer.run().cosine()),
              number("%.3g", layer.run().maxError()), layer.scheme()));
    }
    text.append(String.format(Locale.ROOT,
        "output: SQNR %s dB, cosine %s, max error %s, divergence %s nats, top-1 %s, top-%d %s (%d rows)%n",
        number("%.2f", output.sqnr()), number("%.5f", output.cosine()), number("%.3g", output.maxError()),
        number("%.3g", output.divergence()), number("%.4f", output.top1()), output.k(),
        number("%.4f", output.topK()), output.rows()));
    text.append(String.format(Locale.ROOT, "size: %d bytes of %d (%.1f %%)%n", bytes, floatBytes,
        100.0 * bytes / floatBytes));
    return text.toString();
  }

  private static String number(String format, double x) {
    return Double.isInfinite(x) ? "exact" : String.format(Locale.ROOT, format, x);
  }

  /**
   * Returns the report as JSON, without distributions.
   *
   * @return an object with {@code output}, {@code floatBytes}, {@code bytes} and {@code layers}; an infinite
   *         {@code sqnr} (no difference) is null
   */
  public String toJson() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    put(root.putObject("output"), output);
    root.put("floatBytes", floatBytes).put("bytes", bytes);
    ArrayNode array = root.putArray("layers");
    for (Layer layer : layers) {
      ObjectNode node = array.addObject().put("name", layer.name()).put("scheme", layer.scheme())
          .put("floatBytes", layer.floatBytes()).put("bytes", layer.bytes());
      put(node.putObject("own"), layer.own());
      put(node.putObject("run"), layer.run());
      layer.weightClip().ifPresent(clip -> node.putArray("weightClip").add(clip.min()).add(clip.max()));
      layer.inputClip().ifPresent(clip -> node.putArray("inputClip").add(clip.min()).add(clip.max()));
    }
    return root.toPrettyString();
  }

  private static void put(ObjectNode node, Accuracy accuracy) {
    if (Double.isInfinite(accuracy.sqnr())) {
      node.putNull("sqnr");
    } else {
      node.put("sqnr", accuracy.sqnr());
    }
    node.put("cosine", accuracy.cosine()).put("maxError", accuracy.maxError())
        .put("divergence", accuracy.divergence()).put("top1", accuracy.top1()).put("topK", accuracy.topK())
        .put("k", accuracy.k()).put("rows", accuracy.rows());
  }
}
