package dev.octet.testing;

import static dev.octet.DataType.S32;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.DataType;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.testing.ConversionCase.Direction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The node cases of the ONNX standard, put in terms of Octet: images as NHWC, 4-bit tensors packed, blocked
 * quantization per group, three-dimensional products as batches and, where all right operands are the same,
 * as products with fixed weights. Tolerance 0.
 */
public abstract class ConformanceSuite {
  private static final int CASES = 21;

  /** A case in terms of Octet; one node may become several. */
  private record Mapped(OpCase opCase, Collection<Feature> needs, Map<String, Tensor> expected) {}

  /** The engine under test. */
  protected abstract EngineProfile profile();

  @Test
  void nodeCases() {
    Optional<Path> file = Repository.shared("conformance/onnx-node-cases.json");
    if (file.isEmpty()) {
      System.out.println("conformance on " + profile().name() + ": skipped, no conformance data");
      return;
    }
    List<NodeCase> cases = NodeCase.read(file.get());
    assertEquals(CASES, cases.size());
    int offered = 0;
    try (Subject subject = new Subject(profile())) {
      for (NodeCase node : cases) {
        boolean ran = false;
        for (Mapped mapped : map(node)) {
          if (profile().offers(mapped.needs())) {
            check(subject, node, mapped);
            ran = true;
          }
        }
        offered += ran ? 1 : 0;
        if (!ran) {
          System.out.println("conformance on " + profile().name() + ": " + node.name() + " not offered");
        }
      }
    }
    System.out.println("conformance on " + profile().name() + ": " + offered + " of " + cases.size()
        + " node cases, 0 differences");
  }

  private static void check(Subject subject, NodeCase node, Mapped mapped) {
    try (Arena memory = Arena.ofConfined()) {
      Comparison.check(node.name() + " on " + subject.profile().name(), mapped.opCase(), mapped.expected(),
          mapped.opCase().run(subject, memory));
    }
  }

  private static List<Mapped> map(NodeCase node) {
    return switch (node.op()) {
      case "MatMulInteger", "QLinearMatMul" -> products(node);
      case "ConvInteger", "QLinearConv" -> List.of(convolution(node));
      case "QuantizeLinear" -> List.of(conversion(node, Direction.QUANTIZE));
      case "DequantizeLinear" -> List.of(conversion(node, Direction.DEQUANTIZE));
      case "DynamicQuantizeLinear" -> List.of(dynamicQuantize(node));
      default -> throw new IllegalStateException("operator " + node.op());
    };
  }

  private static List<Mapped> products(NodeCase node) {
    boolean integer = node.op().equals("MatMulInteger");
    Tensor a = node.inputs().get(integer ? "A" : "a");
    Tensor b = node.inputs().get(integer ? "B" : "b");
    Tensor y = node.outputs().values().iterator().next();
    int rank = a.shape().rank();
    int batch = rank == 3 ? a.shape().intDim(0) : 1;
    int m = a.shape().intDim(rank - 2);
    int k = a.shape().intDim(rank - 1);
    int n = b.shape().intDim(rank - 1);

    BatchMatMulCase.Kind kind = new BatchMatMulCase.Kind(a.type(), b.type(), y.type(), false, false, false);
    BatchMatMulCase batched = new BatchMatMulCase(kind, batch, m, k, n, batch == 1, batch == 1, false);
    batched.left.data.data().copyFrom(a.data());
    batched.right.data.data().copyFrom(b.data());
    batched.left.zeroPoints[0] = node.integers("a_zero_point")[0];
    batched.right.zeroPoints[0] = node.integers("b_zero_point")[0];
    if (!integer) {
      batched.left.scales[0] = node.reals("a_scale")[0];
      batched.right.scales[0] = node.reals("b_scale")[0];
      batched.outputScale = node.reals("y_scale")[0];
      batched.outputZeroPoint = node.integers("y_zero_point")[0];
    }
    Mapped asBatch = new Mapped(batched, kind.needs(), Map.of("y", y));
    MemorySegment first = b.data().asSlice(0, (long) k * n);
    for (int i = 1; i < batch; i++) {
      if (first.mismatch(b.data().asSlice((long) i * k * n, (long) k * n)) >= 0) {
        return List.of(asBatch);
      }
    }
    // As fixed weights: the batches of the left operand are rows of one product.
    MatMulCase.Kind fixedKind = new MatMulCase.Kind(a.type(), b.type(), y.type(), MatMulCase.Input.PER_TENSOR,
        batched.right.zeroPoints[0] == 0
            ? MatMulCase.WeightZeroPoints.NONE
            : MatMulCase.WeightZeroPoints.PER_TENSOR);
    MatMulCase fixed = new MatMulCase(fixedKind, batch * m, k, n);
    fixed.x.data().copyFrom(a.data());
    fixed.w.data().copyFrom(first);
    fixed.inputScales[0] = batched.left.scales[0];
    fixed.inputZeroPoints[0] = batched.left.zeroPoints[0];
    fixed.weightScales[0] = batched.right.scales[0];
    fixed.weightZeroPoints[0] = batched.right.zeroPoints[0];
    fixed.outputScale = batched.outputScale;
    fixed.outputZeroPoint = batched.outputZeroPoint;
    return List.of(asBatch, new Mapped(fixed, fixedKind.needs(), Map.of("y", y)));
  }

  private static Mapped convolution(NodeCase node) {
    boolean integer = node.op().equals("ConvInteger");
    Tensor x = Operands.channelsLast(node.inputs().get("x"));
    Tensor w = Operands.channelsLast(node.inputs().get("w"));
    int[] zeroPoints = node.integers(integer ? "w_zero_points" : "w_zero_point");
    DataType output = integer ? S32 : x.type();
    Conv2dCase.Kind kind = new Conv2dCase.Kind(x.type(), w.type(), output, Conv2dCase.Connection.DENSE,
        zeroPoints.length > 1
            ? MatMulCase.WeightZeroPoints.PER_COLUMN
            : zeroPoints[0] == 0 ? MatMulCase.WeightZeroPoints.NONE : MatMulCase.WeightZeroPoints.PER_TENSOR);
    int[] pads = node.attributes().getOrDefault("pads", new int[4]);
    WindowSizes window = new WindowSizes(w.shape().intDim(1), w.shape().intDim(2), 1, 1, 1, 1, pads[0],
        pads[1],
        pads[2], pads[3]);
    Conv2dCase c = new Conv2dCase(kind, x.shape().intDim(0), x.shape().intDim(1), x.shape().intDim(2),
        x.shape().intDim(3), w.shape().intDim(0), 1, window);
    c.x.data().copyFrom(x.data());
    c.w.data().copyFrom(w.data());
    c.inputZeroPoints[0] = node.integers("x_zero_point")[0];
    c.weightZeroPoints = zeroPoints;
    c.weightScales = new float[zeroPoints.length];
    for (int i = 0; i < zeroPoints.length; i++) {
      c.weightScales[i] = integer ? 1 : node.reals("w_scale")[0];
    }
    if (!integer) {
      c.inputScales[0] = node.reals("x_scale")[0];
      c.outputScale = node.reals("y_scale")[0];
      c.outputZeroPoint = node.integers("y_zero_point")[0];
    }
    return new Mapped(c, kind.needs(), Map.of("y", Operands.channelsLast(node.outputs().get("y"))));
  }

  private static Mapped conversion(NodeCase node, Direction direction) {
    boolean quantize = direction == Direction.QUANTIZE;
    Tensor x = node.inputs().get("x");
    Tensor y = node.outputs().get("y");
    float[] scales = node.reals(quantize ? "y_scale" : "x_scale");
    int[] zeroPoints = node.integers(quantize ? "y_zero_point" : "x_zero_point");
    int axis = node.attribute("axis", 1);
    int block = node.attribute("block_size", 0);
    Quantization quantization = block > 0
        ? Quantization.perGroup(axis, block, scales, zeroPoints)
        : scales.length > 1
            ? Quantization.perChannel(axis, scales, zeroPoints)
            : Quantization.perTensor(scales[0], zeroPoints[0]);
    Granularity granularity = quantization.granularity();
    DataType type = quantize ? y.type() : x.type();
    return new Mapped(new ConversionCase(direction, type, quantization, x),
        ConversionCase.needs(direction, type, granularity), Map.of("y", y));
  }

  private static Mapped dynamicQuantize(NodeCase node) {
    Tensor x = node.inputs().get("x");
    Tensor rows = x.shape().rank() == 1 ? x.reshape(1, x.elements()) : x;
    Map<String, Tensor> expected = new LinkedHashMap<>();
    expected.put("y", node.outputs().get("y"));
    expected.put("scales", node.outputs().get("y_scale"));
    expected.put("zeroPoints", Tensor.integers(S32, node.outputs().get("y_zero_point").get(0)));
    return new Mapped(new DynamicQuantizeCase(false, rows), Set.of(Feature.DYNAMIC_QUANTIZE), expected);
  }
}
