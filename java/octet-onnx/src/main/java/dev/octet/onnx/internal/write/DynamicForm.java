package dev.octet.onnx.internal.write;

import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.pass.FloatLayer;
import dev.octet.onnx.value.ElementType;
import dev.octet.quantize.proto.ModelProto;
import dev.octet.quantize.proto.ProtoWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes dynamic quantization as ONNX has it: DynamicQuantizeLinear of the input, once however many layers
 * read it, MatMulInteger or ConvInteger with S8 weights, Cast, Mul by the product of the scales, and Add of
 * the bias.
 */
public final class DynamicForm {
  private static final int FLOAT = 1;

  private final GraphEditor editor;
  /** Names of integers, scale and zero point of what is quantized. */
  private final Map<String, List<String>> quantized = new HashMap<>();

  /** Names of integers and scales of weights. */
  private final Map<Matrix, List<String>> weights = new HashMap<>();

  /** Weights, which several layers may share. */
  private record Matrix(Value value, int axis) {}

  private DynamicForm(GraphEditor editor) {
    this.editor = editor;
  }

  /**
   * Writes a model.
   *
   * @param file the file
   * @param model what it holds, of opset {@link Opsets#DYNAMIC} or newer
   * @param layers what is quantized in it
   * @return the changed file
   * @throws UnsupportedOperationException if the result is too large
   */
  public static ProtoWriter write(MemorySegment file, ModelProto model, List<FloatLayer> layers) {
    GraphEditor editor = new GraphEditor(file, model);
    DynamicForm form = new DynamicForm(editor);
    layers.stream().sorted(Comparator.comparingInt(layer -> editor.place(layer.origins())))
        .forEach(form::write);
    return editor.file();
  }

  private void write(FloatLayer layer) {
    List<NewNode> nodes = new ArrayList<>();
    String name = layer.node().name();
    List<String> input = quantized.computeIfAbsent(layer.input().name(), x -> {
      List<String> outputs = List.of(editor.fresh(x + "_quantized"), editor.fresh(x + "_scale"),
          editor.fresh(x + "_zero_point"));
      nodes.add(NewNode.of("DynamicQuantizeLinear", editor.fresh(x + "_quantize"), List.of(x), outputs));
      return outputs;
    });
    long[] channels = channels(layer);
    List<String> weights = this.weights.computeIfAbsent(new Matrix(layer.node().input(1), layer.axis()),
        matrix -> weights(layer, channels));
    String sums = editor.fresh(name + "_sums");
    nodes.add(NewNode.of(layer.isConv() ? "ConvInteger" : "MatMulInteger", name,
        List.of(input.get(0), weights.get(0), input.get(2)), List.of(sums))
        .with(layer.isConv() ? editor.attributes(layer.node()) : List.of()));
    String floats = editor.fresh(name + "_floats");
    nodes.add(NewNode.of("Cast", editor.fresh(name + "_cast"), List.of(sums), List.of(floats)).with("to",
        FLOAT));
    String scale = editor.fresh(name + "_scale");
    nodes.add(NewNode.of("Mul", editor.fresh(name + "_scales"), List.of(input.get(1), weights.get(1)),
        List.of(scale)));
    String output = layer.output().name();
    String product = layer.bias() == null ? output : editor.fresh(name + "_product");
    nodes.add(NewNode.of("Mul", editor.fresh(name + "_scaled"), List.of(floats, scale), List.of(product)));
    if (layer.bias() != null) {
      String bias = editor.add(NewTensor.floats(editor.fresh(name + "_bias"), layer.bias(), channels));
      nodes.add(NewNode.of("Add", editor.fresh(name + "_biased"), List.of(product, bias), List.of(output)));
    }
    editor.replace(layer.origins(), nodes);
  }

  /** Adds the weights of a layer and their scales; returns the names. */
  private List<String> weights(FloatLayer layer, long[] channels) {
    String name = layer.node().input(1).name();
    float[] scales = layer.scales();
    return List.of(
        editor.add(integers(layer, editor.fresh(name + "_quantized"), layer.integers(scales))),
        editor.add(NewTensor.floats(editor.fresh(name + "_scale"), scales, channels)));
  }

  /** The shape of numbers that are broadcast to the out channels of a result. */
  static long[] channels(FloatLayer layer) {
    Known weights = layer.weights();
    long[] dims = new long[layer.isConv() ? weights.rank() - 1 : 1];
    Arrays.fill(dims, 1);
    dims[0] = weights.dims()[layer.axis()];
    return dims;
  }

  /** Weights of 8 bits: a matrix that is transposed becomes one that is not. */
  private static NewTensor integers(FloatLayer layer, String name, MemorySegment data) {
    long[] dims = layer.weights().dims();
    if (!layer.isTurned()) {
      return new NewTensor(name, ElementType.I8, dims, data);
    }
    byte[] turned = new byte[Math.toIntExact(dims[0] * dims[1])];
    int at = 0;
    for (long k = 0; k < dims[1]; k++) {
      for (long n = 0; n < dims[0]; n++) {
        turned[at++] = data.get(ValueLayout.JAVA_BYTE, n * dims[1] + k);
      }
    }
    return new NewTensor(name, ElementType.I8, new long[]{dims[1], dims[0]}, MemorySegment.ofArray(turned));
  }
}
