package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** What ONNX Runtime says to a dynamicMatMul and to a batchMatMul, dense. */
final class ProductJudge {
  private final OnnxRuntime runtime;

  ProductJudge(OnnxRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * DynamicQuantizeMatMul of ONNX Runtime, row by row unless one range is that of all: weights per tensor or
   * per column, no clamp.
   */
  Tensor dynamicQuantizeMatMul(FloatMatMulCase c) {
    DataType b = Judge.weights(U8, c.kind.weights());
    boolean biased = c.bias != null;
    OnnxModel model = new OnnxModel().input("a", F32).input("b", b).input("bs", F32).input("bz", b);
    if (biased) {
      model.input("c", F32);
    }
    model.output("y", F32).microsoftNode("DynamicQuantizeMatMul", "a b bs bz" + (biased ? " c" : ""), "y");
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("b", Judge.as(b, c.w));
    inputs.put("bs", Tensor.floats(c.scales));
    inputs.put("bz", Judge.as(b, c.kind.weights(), c.zeroPoints));
    if (biased) {
      inputs.put("c", Tensor.floats(c.bias).reshape(c.n));
    }
    if (c.kind.perTensor()) {
      inputs.put("a", c.x);
      return runtime.run(model, inputs).get("y");
    }
    Tensor y = Tensor.zeros(F32, c.rows, c.n);
    for (int row = 0; row < c.rows; row++) {
      Tensor one = Tensor.zeros(F32, 1, c.k);
      MemorySegment.copy(c.x.data(), 4L * row * c.k, one.data(), 0, 4L * c.k);
      inputs.put("a", one);
      MemorySegment.copy(runtime.run(model, inputs).get("y").data(), 0, y.data(), 4L * row * c.n, 4L * c.n);
    }
    return y;
  }

  /** QLinearMatMul of three dimensions: 8-bit output, no clamp, one scale each. */
  Tensor qLinearMatMul(BatchMatMulCase c) {
    DataType a = c.kind.right() == U8 ? U8 : c.kind.left();
    DataType b = Judge.weights(a, c.kind.right());
    OnnxModel model = new OnnxModel().input("a", a).input("as", F32).input("az", a).input("b", b)
        .input("bs", F32).input("bz", b).input("ys", F32).input("yz", a).output("y", a)
        .node("QLinearMatMul", "a as az b bs bz ys yz", "y");
    Map<String, Tensor> inputs = factors(c, a, b);
    inputs.put("as", Tensor.floats(c.left.scales));
    inputs.put("bs", Tensor.floats(c.right.scales));
    inputs.put("ys", Tensor.floats(c.outputScale));
    inputs.put("yz", Judge.as(a, c.kind.output(), new int[]{c.outputZeroPoint}));
    return Judge.as(c.kind.output(), repeat(c, runtime.run(model, inputs).get("y")));
  }

  /** MatMulInteger of three dimensions: S32 output, one zero point each. */
  Tensor matMulInteger(BatchMatMulCase c) {
    DataType b = Judge.weights(c.kind.left(), c.kind.right());
    OnnxModel model = new OnnxModel().input("a", c.kind.left()).input("b", b).input("az", c.kind.left())
        .input("bz", b).output("y", S32).node("MatMulInteger", "a b az bz", "y");
    return repeat(c, runtime.run(model, factors(c, c.kind.left(), b)).get("y"));
  }

  /** MatMulInteger of operands of any rank. */
  Tensor matMulInteger(BroadcastCase c) {
    DataType a = c.left.type();
    DataType b = Judge.weights(a, c.right.type());
    OnnxModel model = new OnnxModel().input("a", a).input("b", b).input("az", a).input("bz", b)
        .output("y", S32)
        .node("MatMulInteger", "a b az bz", "y");
    return runtime.run(model, Map.of("a", c.left, "az", Tensor.integers(a, c.leftZeroPoint), "b",
        Judge.as(b, c.right), "bz", Judge.as(b, c.right.type(), new int[]{c.rightZeroPoint}))).get("y");
  }

  /** Where both operands are repeated over the batch, ONNX knows of one product alone. */
  private static Tensor repeat(BatchMatMulCase c, Tensor y) {
    if (y.shape().dim(0) == c.batch) {
      return y;
    }
    Tensor all = Tensor.zeros(y.type(), c.batch, c.m, c.n);
    for (int b = 0; b < c.batch; b++) {
      MemorySegment.copy(y.data(), 0, all.data(), b * y.data().byteSize(), y.data().byteSize());
    }
    return all;
  }

  private static Map<String, Tensor> factors(BatchMatMulCase c, DataType a, DataType b) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("a", Judge.as(a, c.left.data));
    inputs.put("az", Judge.as(a, c.kind.left(), c.left.zeroPoints));
    inputs.put("b", Judge.as(b, c.rightUntransposed()));
    inputs.put("bz", Judge.as(b, c.kind.right(), c.right.zeroPoints));
    return inputs;
  }
}
