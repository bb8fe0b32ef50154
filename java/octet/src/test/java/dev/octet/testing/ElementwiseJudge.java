package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.BinaryOp;
import dev.octet.DataType;
import dev.octet.ImageLayout;
import dev.octet.Quantization;
import dev.octet.Quantization.Granularity;
import dev.octet.testing.ConversionCase.Direction;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** What ONNX Runtime says to everything that is no product. */
final class ElementwiseJudge {
  /** The type of the sizes of a resize, as ONNX numbers types. */
  private static final long INT64 = 7;

  private final OnnxRuntime runtime;

  ElementwiseJudge(OnnxRuntime runtime) {
    this.runtime = runtime;
  }

  /** QuantizeLinear or DequantizeLinear, with an axis, or in blocks, or neither. */
  Tensor convert(ConversionCase c) {
    // The Java API has no 4-bit tensors: integers of 4 bits come and go as S8 or U8, cast inside the graph.
    boolean small = c.type.bits() == 4;
    DataType outside = c.type.isSigned() ? S8 : U8;
    boolean quantize = c.direction == Direction.QUANTIZE;
    OnnxModel model = new OnnxModel().input("x", quantize ? F32 : outside).input("s", F32).input("z", outside)
        .output("y", quantize ? outside : F32);
    if (small) {
      model.node("Cast", "z", "z4").attribute("to", c.type);
    }
    if (small && !quantize) {
      model.node("Cast", "x", "x4").attribute("to", c.type);
    }
    model.node(quantize ? "QuantizeLinear" : "DequantizeLinear",
        (small && !quantize ? "x4" : "x") + " s " + (small ? "z4" : "z"), small && quantize ? "y4" : "y");
    // ONNX Runtime takes a single scale for one of the whole tensor, and refuses blocks then.
    Granularity granularity = c.quantization.count() == 1
        ? Granularity.PER_TENSOR
        : c.quantization.granularity();
    if (granularity != Granularity.PER_TENSOR) {
      model.attribute("axis", (long) c.quantization.axis());
    }
    if (granularity == Granularity.PER_GROUP) {
      model.attribute("block_size", (long) c.quantization.groupSize());
    }
    if (small && quantize) {
      model.node("Cast", "y4", "y").attribute("to", outside);
    }
    long[] shape = parameterShape(c, granularity);
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", quantize ? c.x : cast(c.x, outside));
    inputs.put("s", Tensor.floats(c.quantization.scales()).reshape(shape));
    inputs.put("z", Tensor.integers(outside, c.quantization.zeroPoints()).reshape(shape));
    Tensor y = runtime.run(model, inputs).get("y");
    return quantize ? cast(y, c.type) : y;
  }

  private static long[] parameterShape(ConversionCase c, Granularity granularity) {
    long[] shape = c.x.shape().toArray();
    return switch (granularity) {
      case PER_TENSOR -> new long[0];
      case PER_CHANNEL -> new long[]{shape[c.quantization.axis()]};
      case PER_GROUP -> {
        shape[c.quantization.axis()] = Math.ceilDiv(shape[c.quantization.axis()], c.quantization.groupSize());
        yield shape;
      }
    };
  }

  /** The same integers in a type of another size. */
  private static Tensor cast(Tensor tensor, DataType type) {
    Tensor result = Tensor.zeros(type, tensor.shape().toArray());
    for (long i = 0; i < tensor.elements(); i++) {
      result.set(i, tensor.get(i));
    }
    return result;
  }

  /** Mul, Add and Softmax; Add and LayerNormalization; Gelu. */
  Tensor floats(FloatRowsCase c) {
    OnnxModel model = new OnnxModel().input("x", F32).output("y", F32);
    Map<String, Tensor> inputs = new HashMap<>(Map.of("x", c.x));
    String x = "x";
    if (c.kind == FloatRowsCase.Kind.SOFTMAX) {
      model.input("s", F32).node("Mul", "x s", "m");
      inputs.put("s", Tensor.floats(c.number));
      x = "m";
    }
    if (c.other != null) {
      model.input("o", F32).node("Add", x + " o", "a");
      inputs.put("o", c.other);
      x = "a";
    }
    switch (c.kind) {
      case SOFTMAX -> model.node("Softmax", x, "y");
      case LAYER_NORM -> {
        model.input("w", F32).input("b", F32).node("LayerNormalization", x + " w b", "y").attribute("epsilon",
            c.number);
        inputs.put("w", Tensor.floats(c.weights).reshape(c.columns));
        inputs.put("b", Tensor.floats(c.bias == null ? new float[c.columns] : c.bias).reshape(c.columns));
      }
      case GELU_ERF -> model.node("Gelu", x, "y");
      case GELU_TANH -> model.node("Gelu", x, "y").attribute("approximate", "tanh");
    }
    return runtime.run(model, inputs).get("y");
  }

  /** MatMul of the operands, whose batches are broadcast. */
  Tensor product(SgemmCase c) {
    OnnxModel model = new OnnxModel().input("a", F32).input("b", F32).output("y", F32).node("MatMul", "a b",
        "y");
    return runtime.run(model, Map.of("a", c.left, "b", c.right)).get("y");
  }

  /** DynamicQuantizeLinear of the tensor, or of each row. */
  Map<String, Tensor> dynamicQuantize(DynamicQuantizeCase c) {
    OnnxModel model = new OnnxModel().input("x", F32).output("y", U8).output("s", F32).output("z", U8)
        .node("DynamicQuantizeLinear", "x", "y s z");
    int calls = c.perRow ? c.rows : 1;
    long length = c.x.elements() / calls;
    Tensor y = Tensor.zeros(U8, c.rows, c.columns);
    Tensor scales = Tensor.zeros(F32, calls);
    Tensor zeroPoints = Tensor.zeros(S32, calls);
    for (int call = 0; call < calls; call++) {
      Tensor x = Tensor.zeros(F32, length);
      MemorySegment.copy(c.x.data(), 4L * call * length, x.data(), 0, 4L * length);
      Map<String, Tensor> result = runtime.run(model, Map.of("x", x));
      MemorySegment.copy(result.get("y").data(), 0, y.data(), call * length, length);
      scales.set(call, result.get("s").real(0));
      zeroPoints.set(call, result.get("z").get(0));
    }
    return Map.of("y", y, "scales", scales, "zeroPoints", zeroPoints);
  }

  /**
   * Requantize of accumulators, by QGemm of ONNX Runtime: a product of zeros, to which the accumulators are
   * added as its int32 bias.
   */
  Tensor requantize(RequantizeCase c) {
    OnnxModel model = new OnnxModel().input("a", U8).input("as", F32).input("az", U8).input("b", U8)
        .input("bs", F32).input("bz", U8).input("c", S32).input("ys", F32).input("yz", U8).output("y", U8)
        .microsoftNode("QGemm", "a as az b bs bz c ys yz", "y");
    Tensor zero = Tensor.integers(U8, 0);
    int[] zeros = new int[c.scales.length];
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("a", Tensor.zeros(U8, c.rows, 1));
    inputs.put("as", Tensor.floats(1));
    inputs.put("az", zero);
    inputs.put("b", Tensor.zeros(U8, 1, c.channels));
    inputs.put("bs", Tensor.floats(c.scales));
    inputs.put("bz", Tensor.integers(U8, zeros));
    inputs.put("c", c.x);
    inputs.put("ys", Tensor.floats(c.outputScale));
    inputs.put("yz", Judge.as(U8, c.type, new int[]{c.outputZeroPoint}));
    return Judge.as(c.type, runtime.run(model, inputs).get("y"));
  }

  /**
   * QLinearAdd or QLinearMul of ONNX Runtime; no clamp. The first operand comes with all the elements of the
   * result: where it repeats one, ONNX Runtime adds the operands in another order.
   */
  Tensor binary(BinaryCase c, BinaryOp op, String node) {
    DataType type = c.a.type();
    OnnxModel model = new OnnxModel().input("a", type).input("as", F32).input("az", type).input("b", type)
        .input("bs", F32).input("bz", type).input("ys", F32).input("yz", type).output("y", type)
        .microsoftNode(node, "a as az b bs bz ys yz", "y");
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("a", c.expandedLeft());
    inputs.put("b", c.b);
    put(inputs, "a", type, c.left);
    put(inputs, "b", type, c.right);
    put(inputs, "y", type, c.output(op));
    return runtime.run(model, inputs).get("y");
  }

  /** DequantizeLinear, then QuantizeLinear. */
  Tensor requantize(LookupCase c) {
    OnnxModel model = new OnnxModel().input("x", c.x.type()).input("xs", F32).input("xz", c.x.type())
        .input("ys", F32).input("yz", c.type).output("y", c.type).node("DequantizeLinear", "x xs xz", "real")
        .node("QuantizeLinear", "real ys yz", "y");
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", c.x);
    put(inputs, "x", c.x.type(), c.input);
    put(inputs, "y", c.type, c.output);
    return runtime.run(model, inputs).get("y");
  }

  /** MaxPool, as NHWC. */
  Tensor maxPool(PoolCase c) {
    DataType type = c.x.type();
    OnnxModel model = new OnnxModel().input("x", type).output("y", type).node("MaxPool", "x", "y");
    c.window.attributes(model, false).attribute("ceil_mode", c.ceil ? 1L : 0L);
    return Operands.channelsLast(runtime.run(model, Map.of("x", Operands.channelsFirst(c.x))).get("y"));
  }

  /** AveragePool of ONNX Runtime over the centred integers, in float: windows, padding and counts. */
  Tensor averagePool(PoolCase c) {
    Tensor centred = Tensor.zeros(F32, c.x.shape().toArray());
    for (long i = 0; i < c.x.elements(); i++) {
      centred.set(i, (float) (c.x.get(i) - c.input.zeroPoint(0)));
    }
    OnnxModel model = new OnnxModel().input("x", F32).output("y", F32).node("AveragePool", "x", "y");
    c.window.attributes(model, false).attribute("ceil_mode", c.ceil ? 1L : 0L)
        .attribute("count_include_pad", c.countPadding ? 1L : 0L);
    return Operands
        .channelsLast(runtime.run(model, Map.of("x", Operands.channelsFirst(centred))).get("y"));
  }

  /** QLinearGlobalAveragePool of ONNX Runtime, in either order of dimensions. */
  Tensor globalAveragePool(PoolCase c, boolean channelsLast) {
    DataType type = c.x.type();
    OnnxModel model = new OnnxModel().input("x", type).input("xs", F32).input("xz", type).input("ys", F32)
        .input("yz", type).output("y", type)
        .microsoftNode("QLinearGlobalAveragePool", "x xs xz ys yz", "y")
        .attribute("channels_last", channelsLast ? 1L : 0L);
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", channelsLast ? c.x : Operands.channelsFirst(c.x));
    put(inputs, "x", type, c.input);
    put(inputs, "y", type, c.output);
    Tensor y = runtime.run(model, inputs).get("y");
    return channelsLast ? y : Operands.channelsLast(y);
  }

  /** Transpose of ONNX Runtime. */
  Tensor transpose(TransposeCase c) {
    DataType type = c.x.type();
    OnnxModel model = new OnnxModel().input("x", type).output("y", type).node("Transpose", "x", "y");
    if (c.to == ImageLayout.NHWC) {
      model.attribute("perm", 0, 2, 3, 1);
    } else {
      model.attribute("perm", 0, 3, 1, 2);
    }
    return runtime.run(model, Map.of("x", c.x)).get("y");
  }

  private static String lower(Enum<?> mode) {
    return mode.name().toLowerCase(Locale.ROOT);
  }

  /** Resize of the planes: the kernel for NHWC images has another arithmetic. */
  Tensor resize(ResizeCase c) {
    DataType type = c.x().type();
    boolean factors = c.factors() != null;
    OnnxModel model = new OnnxModel().input("x", type).input("n", factors ? F32 : S32).output("y", type);
    if (factors) {
      model.node("Resize", "x - n", "y");
    } else {
      model.node("Cast", "n", "sizes").attribute("to", INT64).node("Resize", "x - - sizes", "y");
    }
    model.attribute("coordinate_transformation_mode", lower(c.coordinates()));
    if (c.nearest() == null) {
      model.attribute("mode", "linear");
    } else {
      model.attribute("mode", "nearest").attribute("nearest_mode", lower(c.nearest()));
    }
    Tensor x = Operands.channelsFirst(c.x());
    Tensor n = factors
        ? Tensor.floats(1, 1, c.factors()[0], c.factors()[1])
        : Tensor.integers(S32, x.shape().intDim(0), x.shape().intDim(1), c.outHeight(), c.outWidth());
    return Operands.channelsLast(runtime.run(model, Map.of("x", x, "n", n)).get("y"));
  }

  /** QLinearConcat of ONNX Runtime. */
  Tensor concat(ConcatCase c) {
    // All types are the same there.
    StringBuilder names = new StringBuilder("ys yz");
    OnnxModel model = new OnnxModel().input("ys", F32).input("yz", c.type);
    Map<String, Tensor> inputs = new HashMap<>();
    put(inputs, "y", c.type, c.output);
    for (int i = 0; i < c.inputs.size(); i++) {
      model.input("x" + i, c.type).input("x" + i + "s", F32).input("x" + i + "z", c.type);
      names.append(" x").append(i).append(" x").append(i).append("s x").append(i).append('z');
      DataType from = c.inputs.get(i).type();
      inputs.put("x" + i, Judge.as(c.type, c.inputs.get(i)));
      inputs.put("x" + i + "s", Tensor.floats(c.quantizations.get(i).scale(0)));
      inputs.put("x" + i + "z", Judge.as(c.type, from, new int[]{c.quantizations.get(i).zeroPoint(0)}));
    }
    model.output("y", c.type).microsoftNode("QLinearConcat", names.toString(), "y").attribute("axis",
        (long) c.axis);
    return runtime.run(model, inputs).get("y");
  }

  private static void put(Map<String, Tensor> inputs, String name, DataType type, Quantization quantization) {
    inputs.put(name + "s", Tensor.floats(quantization.scale(0)));
    inputs.put(name + "z", Tensor.integers(type, quantization.zeroPoint(0)));
  }
}
