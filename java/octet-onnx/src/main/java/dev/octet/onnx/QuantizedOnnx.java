package dev.octet.onnx;

import dev.octet.Octet;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.pass.FloatLayer;
import dev.octet.onnx.internal.write.DynamicForm;
import dev.octet.onnx.internal.write.Opsets;
import dev.octet.onnx.internal.write.StaticForm;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  private QuantizedOnnx(ProtoWriter file, List<Path> inputs, List<String> quantized, List<String> kept) {
    this.inputs = List.copyOf(inputs);
    this.file = file;
    this.quantized = List.copyOf(quantized);
    this.kept = List.copyOf(kept);
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
    Graph graph = floats(model, read);
    List<Node> quantized;
    ProtoWriter written;
    if (how.calibrator().isEmpty()) {
      List<FloatLayer> layers = graph.nodes().stream().filter(node -> how.quantizes(node.name()))
          .map(node -> FloatLayer.of(graph, node)).filter(Objects::nonNull).toList();
      quantized = layers.stream().map(FloatLayer::node).toList();
      requireSome(graph, quantized);
      written = DynamicForm.write(file, model, layers);
    } else {
      StaticForm form = StaticForm.plan(graph, how::quantizes);
      quantized = form.nodes();
      requireSome(graph, quantized);
      Calibrator calibrator = how.calibrator().get();
      Set<String> columns = form.smoothable();
      Map<String, float[]> factors = columns.isEmpty()
          ? Map.of()
          : form.factors(calibrator.magnitudes(floats(model, read), inputs, columns, octet));
      written = form.write(file, model,
          calibrator.ranges(floats(model, read), inputs, form.observed(), factors, octet), factors);
    }
    return new QuantizedOnnx(written, files, quantized.stream().map(QuantizedOnnx::name).toList(),
        layers(graph).filter(node -> !quantized.contains(node)).map(QuantizedOnnx::name).toList());
  }

  private static Graph floats(ModelProto model, Function<ModelProto, Graph> read) {
    Graph graph = read.apply(model);
    Rewrite.BATCH_NORMALIZATIONS.pass().apply(graph);
    return graph;
  }

  private static Stream<Node> layers(Graph graph) {
    return graph.nodes().stream().filter(node -> LAYERS.contains(node.op().type()));
  }

  private static void requireSome(Graph graph, List<Node> quantized) {
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
   * Returns the products and convolutions that stay as they are: not chosen, or without constant weights that
   * can be quantized (products of two values of the run are quantized statically only), or too small to gain
   * by it.
   *
   * @return their names, each with its operator
   */
  public List<String> kept() {
    return kept;
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

  private static ModelProto read(MemorySegment file) {
    return ModelProto.read(file, new ExternalData(null, null));
  }

  private static MemorySegment joined(ProtoWriter file) {
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
