package dev.octet.onnx;

import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.pass.FloatLayer;
import dev.octet.onnx.internal.write.DynamicForm;
import dev.octet.quantize.file.OutputFile;
import dev.octet.quantize.mapped.FileError;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.ProtoWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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

  static QuantizedOnnx of(MemorySegment file, ModelProto model, Graph graph, OnnxQuantization how,
      List<Path> inputs) {
    long opset = model.opsets().get("");
    if (opset < DynamicForm.OLDEST_OPSET) {
      throw new UnsupportedOperationException("opset " + opset + ": expected " + DynamicForm.OLDEST_OPSET
          + " or newer, the first with DynamicQuantizeLinear; raise the version of the model first");
    }
    Rewrite.BATCH_NORMALIZATIONS.pass().apply(graph);
    List<FloatLayer> layers = new ArrayList<>();
    List<String> kept = new ArrayList<>();
    for (Node node : graph.nodes()) {
      FloatLayer layer = how.quantizes(node.name()) ? FloatLayer.of(graph, node) : null;
      if (layer != null) {
        layers.add(layer);
      } else if (LAYERS.contains(node.op().type())) {
        kept.add(name(node));
      }
    }
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("quantize: the model has no MatMul, Gemm or Conv of floats with "
          + "constant weights that can be quantized and is included; it has " + kept);
    }
    return new QuantizedOnnx(DynamicForm.write(file, model, layers), inputs,
        layers.stream().map(layer -> name(layer.node())).toList(), kept);
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
   * can be quantized, or too small to gain by it.
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

  /** Returns how many nodes were quantized, and how many stay. */
  @Override
  public String toString() {
    return quantized.size() + " nodes quantized, " + kept.size() + " products and convolutions kept, "
        + file.size() + " bytes";
  }
}
