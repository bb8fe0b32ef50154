package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.pass.FloatLayer;
import dev.octet.onnx.internal.write.DynamicForm;
import dev.octet.onnx.internal.write.Opsets;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.file.OutputFile;
import dev.octet.quantize.mapped.FileError;
import dev.octet.quantize.proto.ExternalData;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.ProtoWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * ONNX model that {@link OnnxModel#quantize} has quantized, to be written to a file. What was not changed is
 * still in the memory of the model that it was made of, which stays open meanwhile. Immutable.
 */
public final class QuantizedOnnx {
  private static final Set<String> LAYERS = Set.of("MatMul", "Gemm", "Conv");

  private final ProtoWriter file;
  /** The files that it was made of. */
  private final List<Path> inputs;
  private final List<String> quantized;
  private final List<String> kept;
  private final Map<String, Double> harm;
  private final OptionalDouble outputRatio;

  private QuantizedOnnx(StaticQuantizer.Result result, List<Path> inputs) {
    this.inputs = List.copyOf(inputs);
    this.file = result.file();
    this.quantized = result.nodes().stream().map(QuantizedOnnx::name).toList();
    this.kept = layers(result.graph()).filter(node -> !result.nodes().contains(node))
        .map(QuantizedOnnx::name).toList();
    this.harm = Collections.unmodifiableMap(result.alone());
    this.outputRatio = result.ratio();
  }

  /**
   * Quantizes.
   *
   * @param read makes a graph of a file, a new one each time
   * @param files that the model was read from
   */
  static QuantizedOnnx of(MemorySegment file, ModelProto model, Function<ModelProto, Graph> read,
      List<TensorInfo> inputs, Octet octet, OnnxQuantization how, List<Path> files) {
    long opset = how.calibrator().isEmpty() ? Opsets.DYNAMIC : Opsets.PER_CHANNEL;
    if (model.opsets().get("") < opset) {
      MemorySegment raised = joined(Opsets.raise(file, model, read.apply(model), opset));
      return of(raised, read(raised), read, inputs, octet, how, files);
    }
    StaticQuantizer.Result result;
    if (how.calibrator().isEmpty()) {
      Graph graph = read.apply(model);
      Rewrite.BATCH_NORMALIZATIONS.pass().apply(graph);
      List<FloatLayer> layers = graph.nodes().stream().map(node -> FloatLayer.of(graph, node))
          .filter(Objects::nonNull).filter(how::quantizesInRuns).toList();
      requireSome(graph, layers);
      result = new StaticQuantizer.Result(DynamicForm.write(file, model, layers), graph,
          layers.stream().map(FloatLayer::node).toList(), Map.of(), OptionalDouble.empty());
    } else {
      StaticQuantizer quantizer = new StaticQuantizer(file, model, read, inputs, octet);
      Calibrator calibrator = how.calibrator().get();
      result = how.leastRatio().isEmpty()
          ? quantizer.quantize(calibrator, how::quantizes)
          : quantizer.quantize(calibrator, how::quantizes, how.leastRatio().getAsDouble());
      requireSome(result.graph(), result.nodes());
    }
    return new QuantizedOnnx(result, files);
  }

  private static Stream<Node> layers(Graph graph) {
    return graph.nodes().stream().filter(QuantizedOnnx::isLayer);
  }

  /** Whether a node is a product or a convolution. */
  static boolean isLayer(Node node) {
    return LAYERS.contains(node.op().type());
  }

  private static void requireSome(Graph graph, List<?> quantized) {
    if (quantized.isEmpty()) {
      throw new IllegalArgumentException("quantize: the model has no MatMul, Gemm or Conv of floats with "
          + "constant weights that can be quantized and is included; it has "
          + layers(graph).map(QuantizedOnnx::name).toList());
    }
  }

  private static String name(Node node) {
    return node.name() + " (" + node.op().type() + ")";
  }

  /**
   * Returns the nodes that were quantized.
   *
   * @return their names, each with its operator
   */
  public List<String> quantized() {
    return quantized;
  }

  /**
   * Returns the products and convolutions that stay as they are: not chosen, or too harmful for
   * {@link OnnxQuantization#outputRatio}, or without constant weights that can be quantized (products of two
   * values of the run are quantized statically only), or too small to gain by it.
   *
   * @return their names, each with its operator
   */
  public List<String> kept() {
    return kept;
  }

  /**
   * Returns what each product and convolution does to the outputs when it is the only one that is quantized,
   * where {@link OnnxQuantization#outputRatio} asked for more than all of them leave.
   *
   * @return by the names of their nodes the ratio of signal to noise of the outputs, in decibels, the least
   *         first; empty where it was not measured
   */
  public Map<String, Double> harm() {
    return harm;
  }

  /**
   * Returns how near the outputs on the sample runs are to those of floats, where
   * {@link OnnxQuantization#outputRatio} asked for it.
   *
   * @return the ratio of signal to noise in decibels, of the output that has the least; empty where it was
   *         not measured
   */
  public OptionalDouble outputRatio() {
    return outputRatio;
  }

  /**
   * Returns the size of the file.
   *
   * @return bytes
   */
  public long bytes() {
    return file.size();
  }

  /**
   * Writes the model. The file is written aside and gets its name at the end; one that has the name is
   * replaced.
   *
   * @param path the file
   * @throws IllegalArgumentException if it is the model that this was made of, or data beside it, or there is
   *         something else than a regular file of that name
   * @throws UncheckedIOException if it cannot be written
   * @throws IllegalStateException if the model that this was made of is closed
   */
  public void write(Path path) {
    Objects.requireNonNull(path, "path");
    OutputFile.refuseInputs("path", path, inputs);
    try (OutputFile output = OutputFile.create(path)) {
      long at = 0;
      for (MemorySegment part : file.parts()) {
        output.write(part.asByteBuffer(), at);
        at += part.byteSize();
      }
      output.commit();
    } catch (IOException e) {
      throw FileError.writing(path, e);
    }
  }

  /** What the file holds. */
  ModelProto model() {
    return read(joined(file));
  }

  static ModelProto read(MemorySegment file) {
    return ModelProto.read(file, new ExternalData(null, null));
  }

  static MemorySegment joined(ProtoWriter file) {
    MemorySegment all = MemorySegment.ofArray(new byte[Math.toIntExact(file.size())]);
    long at = 0;
    for (MemorySegment part : file.parts()) {
      MemorySegment.copy(part, 0, all, at, part.byteSize());
      at += part.byteSize();
    }
    return all;
  }

  /** Returns how many nodes were quantized, and how many stay. */
  @Override
  public String toString() {
    return quantized.size() + " nodes quantized, " + kept.size() + " products and convolutions kept, "
        + file.size() + " bytes";
  }
}
