package dev.octet.onnx.internal.pass;

import dev.octet.onnx.internal.graph.Elements;
import dev.octet.onnx.internal.graph.Graph;
import dev.octet.onnx.internal.graph.Known;
import dev.octet.onnx.internal.graph.Node;
import dev.octet.onnx.internal.graph.Value;
import dev.octet.onnx.internal.op.Conv;
import dev.octet.onnx.internal.op.ConvInteger;
import dev.octet.onnx.internal.op.Gemm;
import dev.octet.onnx.internal.op.SignedWeights;
import dev.octet.onnx.value.ElementType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What is quantized: MatMul and Gemm of floats with a constant matrix, or Conv with constant weights, and a
 * bias, or the Add of one behind it.
 *
 * @param node the product or convolution
 * @param nodes it, and the Add
 * @param bias F32, one for each out channel; null where there is none
 * @param scales of the weights as S8, one for each out channel
 */
public record FloatLayer(Node node, List<Node> nodes, float[] bias, float[] scales) {
  /**
   * Shorter sums of convolutions cost less than the quantizing of their images: one thread, AVX-512 VNNI, a
   * sum of 8 takes 1.8 times as long as in floats, one of 9 (depthwise 3x3) a half, one of 16 three quarters.
   */
  private static final int SHORTEST = 9;

  /** The layer that a node is; null where it is none, or its weights cannot be quantized. */
  public static FloatLayer of(Graph graph, Node node) {
    boolean conv = node.op() instanceof Conv;
    float[] scales = (conv ? isConv(node) : isProduct(node)) ? scales(node) : null;
    if (scales == null) {
      return null;
    }
    long channels = node.input(1).known().dims()[axis(node)];
    int rank = node.input(1).known().rank();
    if (node.input(2) != null) {
      float[] bias = conv ? Match.row(node.input(2), channels) : row(node.input(2), channels);
      return bias == null || !Elements.areFinite(bias)
          ? null
          : new FloatLayer(node, List.of(node), bias, scales);
    }
    Node add = Match.only(graph, node.output(), "Add");
    Value other = add == null ? null : Match.other(add, node.output());
    float[] bias = conv ? Match.bias(other, channels, rank) : Match.row(other, channels);
    return bias == null || !Elements.areFinite(bias)
        ? new FloatLayer(node, List.of(node), null, scales)
        : new FloatLayer(node, List.of(node, add), bias, scales);
  }

  /** Whether it is a convolution. */
  public boolean isConv() {
    return node.op() instanceof Conv;
  }

  /** Whether it is a convolution of each channel by itself. */
  public boolean isDepthwise() {
    return node.op() instanceof Conv conv && conv.groups() > 1 && weights().dims()[1] == 1;
  }

  /** Whether it is a product with a matrix that is transposed. */
  public boolean isTurned() {
    return node.op() instanceof Gemm gemm && gemm.turnsB();
  }

  /** What is multiplied, or convolved. */
  public Value input() {
    return node.input(0);
  }

  /** The weights. */
  public Known weights() {
    return node.input(1).known();
  }

  /** The weights as S8 with these scales. */
  public MemorySegment integers(float[] scales) {
    return SignedWeights.integers(weights(), axis(), scales);
  }

  /** The largest weight of each column of what is multiplied: of a product. */
  public float[] largest() {
    return SignedWeights.largest(weights(), 1 - axis());
  }

  /**
   * The product whose weights are multiplied with the factors that its columns are divided by before it.
   *
   * @param factors powers of 2, one for each column of what is multiplied
   */
  public FloatLayer smoothed(float[] factors) {
    Known weights = weights();
    float[] scaled = Elements.floats(weights);
    int inner = axis() == 1 ? scaled.length / factors.length : 1;
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= factors[i / inner % factors.length];
    }
    List<Value> inputs = new ArrayList<>(node.inputs());
    inputs.set(1, new Value(node.input(1).name(), weights.withData(MemorySegment.ofArray(scaled))));
    Node smooth = new Node(node.name(), node.op(), inputs, node.outputs(), node.origins());
    return new FloatLayer(smooth, nodes, bias,
        SignedWeights.scales(smooth.input(1).known(), axis()));
  }

  /** The axis of the out channels in the weights. */
  public int axis() {
    return axis(node);
  }

  private static int axis(Node node) {
    boolean turned = node.op() instanceof Gemm gemm && gemm.turnsB();
    return node.op() instanceof Conv || turned ? 0 : 1;
  }

  /** The result, with the bias. */
  public Value output() {
    return nodes.getLast().output();
  }

  /** The nodes of the file that it does the work of. */
  public List<Node> origins() {
    return nodes.stream().flatMap(one -> one.origins().stream()).toList();
  }

  private static boolean isConv(Node node) {
    Known weights = node.input(1).known();
    Conv conv = (Conv) node.op();
    return weights.isConstant() && (weights.rank() == 3 || weights.rank() == 4)
        && weights.elements() >= SHORTEST * weights.dims()[0]
        && new ConvInteger(conv.window(), conv.groups()).isOctets(node.input(0).known());
  }

  /** Whether a node is a product of rows with a constant, and a row that is added at most. */
  private static boolean isProduct(Node node) {
    if (node.op() instanceof Gemm gemm) {
      return gemm.alpha() == 1 && !gemm.turnsA() && (node.input(2) == null || gemm.beta() == 1);
    }
    return node.op().type().equals("MatMul") && node.input(1).isConstant()
        && node.input(1).known().rank() == 2;
  }

  /** The constant that a Gemm adds to each row; null where it is something else. */
  private static float[] row(Value value, long columns) {
    Known known = value.known();
    boolean isRow = known.isConstant() && (known.elements() == columns || known.elements() == 1)
        && (known.rank() == 0 || known.dims()[known.rank() - 1] == known.elements());
    if (!isRow) {
      return null;
    }
    float[] row = Elements.floats(known);
    if (row.length == columns) {
      return row;
    }
    float[] all = new float[Math.toIntExact(columns)];
    Arrays.fill(all, row[0]);
    return all;
  }

  /** The scales of weights; null where they are no constant of floats that S8 can stand for. */
  private static float[] scales(Node node) {
    Known weights = node.input(1).known();
    boolean isOffered = weights.isConstant() && weights.type() == ElementType.F32 && weights.elements() > 0
        && Arrays.stream(weights.dims()).allMatch(dim -> dim <= Integer.MAX_VALUE);
    return isOffered ? SignedWeights.scales(weights, axis(node)) : null;
  }
}
