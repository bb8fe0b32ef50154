package dev.octet.onnx;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.pass.FloatLayer;
import dev.octet.onnx.internal.pass.QuantizedLayers;
import dev.octet.onnx.value.Tensor;
import dev.octet.quantize.CalibrationMethod;
import dev.octet.quantize.Glob;
import dev.octet.quantize.QuantizationScheme;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Says how the float products and convolutions of a model are quantized: to which scheme, and which of them,
 * by the names of their nodes. Immutable.
 *
 * {@snippet :
 * OnnxQuantization int8 = OnnxQuantization.int8Dynamic().exclude("*lm_head*");
 * PreparedOnnx model = file.prepare(octet, OnnxOptions.defaults().quantize(int8));
 * }
 *
 * <p>
 * Names are matched by {@link Glob}s, as {@link PreparedOnnx#nodes} has them. What was said last about a name
 * holds; once something is included, nodes that nothing matches stay as they are. A pattern that matches no
 * node of a model is refused when the model is prepared.
 */
public final class OnnxQuantization {
  private final QuantizationScheme scheme;
  private final List<Glob> globs;
  /** Null: ranges are found in each run. */
  private final Calibrator calibrator;
  /** Of signal to noise of the outputs, in decibels; empty: all nodes are quantized that are chosen. */
  private final OptionalDouble leastRatio;
  /** Whether nodes that nothing matches stay as they are. */
  private final boolean includes;

  private OnnxQuantization(QuantizationScheme scheme, List<Glob> globs, boolean includes,
      Calibrator calibrator, OptionalDouble leastRatio) {
    this.scheme = scheme;
    this.globs = List.copyOf(globs);
    this.includes = includes;
    this.calibrator = calibrator;
    this.leastRatio = leastRatio;
  }

  /**
   * Returns dynamic quantization, which needs no sample data: weights become S8, symmetric, with a scale for
   * each out channel; activations become U8 in each run, each row of a product by its own range, each image
   * of a convolution by its own, so that results do not depend on what else is in a batch. Sums are exact
   * integers, results are floats.
   *
   * <p>
   * Quantized are MatMul and Gemm with a constant right matrix (Gemm with alpha 1 and without transA, and a
   * constant row for C at most), and Conv of one or two dimensions with constant weights, 9 or more for an
   * out channel: shorter sums are faster in floats. Their weights are finite and below 2<sup>40</sup>, their
   * bias is a constant, and with {@code auto_pad} SAME the model states height and width. Others stay as they
   * are, and so does all that is in branches of If. The float weights are not kept.
   *
   * <p>
   * Depthwise convolutions stay in floats too, unless a pattern of {@link #include} matches their name: their
   * channels, whose ranges differ, would share the scale of the image.
   *
   * @return all of these nodes
   */
  public static OnnxQuantization int8Dynamic() {
    return new OnnxQuantization(QuantizationScheme.int8Dynamic(), List.of(), false, null,
        OptionalDouble.empty());
  }

  /**
   * Returns static quantization by the smallest and largest numbers of sample runs.
   *
   * @param runs the inputs of each run, by name; gone through twice when a model is quantized, more often for
   *        {@link #outputRatio}
   * @return all nodes that {@link #int8Static(Iterable, CalibrationMethod)} says
   */
  public static OnnxQuantization int8Static(Iterable<Map<String, Tensor>> runs) {
    return int8Static(runs, CalibrationMethod.minMax());
  }

  /**
   * Returns static quantization: the model is run on sample data in floats, and each activation gets one
   * scale and zero point for its range in these, U8. Weights become S8, symmetric, with a scale for each out
   * channel. Some hundred samples of what the model will see are usual.
   *
   * <p>
   * Quantized are the nodes of {@link #int8Dynamic}, depthwise convolutions, and MatMul of two values of the
   * run, as attention has them; and between them Add, Mul, Concat, MaxPool, AveragePool, GlobalAveragePool,
   * Resize, and functions of each float, of one node or many, as Relu, Clip, HardSwish or GELU, where all
   * they read is quantized and another such node reads their result, be it moved by Reshape or Transpose.
   * They become operators of floats between DequantizeLinear and QuantizeLinear (QDQ), which runtimes compute
   * with integers. The results of Softmax have the range 0 to 1, whatever the samples are.
   *
   * <p>
   * Where nothing but MatMul and Gemm with constants reads a float value as integers, as they do what a layer
   * norm makes, its columns are divided by powers of 2 first, and the weights multiplied with them, so that
   * no column takes the bits of the others (SmoothQuant, Xiao et al., 2023).
   *
   * @param runs the inputs of each run, by name; one or more. Gone through twice when a model is quantized,
   *        more often for {@link #outputRatio}
   * @param method how a range is found in the numbers of all runs
   * @return all of these nodes
   */
  public static OnnxQuantization int8Static(Iterable<Map<String, Tensor>> runs, CalibrationMethod method) {
    Objects.requireNonNull(runs, "runs");
    Objects.requireNonNull(method, "method");
    return new OnnxQuantization(QuantizationScheme.int8Static(), List.of(), false,
        new Calibrator(runs, method), OptionalDouble.empty());
  }

  /**
   * Adds nodes to be quantized; nodes that nothing names stay as they are from then on.
   *
   * @param names of nodes
   * @return new settings
   */
  public OnnxQuantization include(String... names) {
    Objects.requireNonNull(names, "names");
    return new OnnxQuantization(scheme.include(names), with(names), true, calibrator, leastRatio);
  }

  /**
   * Adds nodes that stay as they are.
   *
   * @param names of nodes
   * @return new settings
   */
  public OnnxQuantization exclude(String... names) {
    Objects.requireNonNull(names, "names");
    return new OnnxQuantization(scheme.exclude(names), with(names), includes, calibrator,
        leastRatio);
  }

  /**
   * Leaves the products and convolutions in floats that harm the outputs most, until the outputs are near
   * those of floats: static quantization only. Where all of them leave the ratio, all are quantized. Where
   * they do not, each is quantized alone, and the one that leaves the least ratio is the most harmful;
   * {@link QuantizedOnnx#harm} says how harmful they are. So many of the most harmful as give the ratio stay
   * as they are, found by halving; then each of these is quantized again, from the least harmful on, where
   * the others are enough for the ratio.
   *
   * <p>
   * Compared are the outputs of floats of the first 16 sample runs, which the model runs once for each
   * product and convolution, and once more for each that was to stay. Ranges are found once.
   *
   * @param decibels {@code 10 log10(sum(x^2) / sum((x - q)^2))} of each output, x in floats and q quantized:
   *        20 is an error of a tenth
   * @return new settings
   * @throws IllegalArgumentException if it is not finite
   * @throws IllegalStateException if this is dynamic quantization, which has no sample runs
   */
  public OnnxQuantization outputRatio(double decibels) {
    if (!Double.isFinite(decibels)) {
      throw new IllegalArgumentException("decibels: expected a finite number, got " + decibels);
    }
    if (calibrator == null) {
      throw new IllegalStateException("outputRatio: dynamic quantization has no sample runs to compare");
    }
    return new OnnxQuantization(scheme, globs, includes, calibrator, OptionalDouble.of(decibels));
  }

  private List<Glob> with(String... names) {
    List<Glob> more = new ArrayList<>(globs);
    Arrays.stream(names).map(Glob::of).forEach(more::add);
    return more;
  }

  /** Returns the scheme and what was included and excluded. */
  @Override
  public String toString() {
    return scheme.toString();
  }

  /** Whether a node may be quantized. */
  boolean quantizes(String node) {
    return scheme.layer(node).isPresent();
  }

  /** Whether a layer is quantized where ranges are found in each run. */
  boolean quantizesInRuns(FloatLayer layer) {
    return quantizes(layer.node().name()) && (includes || !layer.isDepthwise());
  }

  /** The runs that ranges come from; empty where they are found in each run. */
  Optional<Calibrator> calibrator() {
    return Optional.ofNullable(calibrator);
  }

  /** The least ratio of signal to noise of the outputs, in decibels; empty where none is asked for. */
  OptionalDouble leastRatio() {
    return leastRatio;
  }

  /** Refuses patterns that no node of a model has a name for. */
  void checkNames(List<String> nodes) {
    for (Glob glob : globs) {
      if (nodes.stream().noneMatch(glob::matches)) {
        throw new IllegalArgumentException(
            "quantize: no node of the model has a name that \"" + glob + "\" matches");
      }
    }
  }

  /** Quantizes a graph. */
  void apply(Graph graph) {
    new QuantizedLayers(this::quantizesInRuns).apply(graph);
  }
}
