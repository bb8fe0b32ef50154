package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.S8;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/** What ONNX Runtime says to a matMul, dense. */
final class MatMulJudge {
  private final OnnxRuntime runtime;

  MatMulJudge(OnnxRuntime runtime) {
    this.runtime = runtime;
  }

  /** QLinearMatMul: 8-bit output, no bias, no clamp, one input scale. */
  Tensor qLinearMatMul(MatMulCase c) {
    DataType a = activations(c);
    DataType b = Judge.weights(a, c.kind.weights());
    OnnxModel model = new OnnxModel().input("a", a).input("as", F32).input("az", a).input("b", b)
        .input("bs", F32).input("bz", b).input("ys", F32).input("yz", a).output("y", a)
        .node("QLinearMatMul", "a as az b bs bz ys yz", "y");
    Map<String, Tensor> inputs = factors(c, a, b);
    inputs.put("ys", Tensor.floats(c.outputScale));
    inputs.put("yz", Judge.as(a, c.kind.output(), new int[]{c.outputZeroPoint}));
    return Judge.as(c.kind.output(), runtime.run(model, inputs).get("y"));
  }

  /** QGemm of ONNX Runtime: the same with an int32 bias. */
  Tensor qGemm(MatMulCase c) {
    DataType a = activations(c);
    DataType b = Judge.weights(a, c.kind.weights());
    OnnxModel model = new OnnxModel().input("a", a).input("as", F32).input("az", a).input("b", b)
        .input("bs", F32).input("bz", b).input("c", S32).input("ys", F32).input("yz", a).output("y", a)
        .microsoftNode("QGemm", "a as az b bs bz c ys yz", "y");
    Map<String, Tensor> inputs = factors(c, a, b);
    inputs.put("c", Tensor.integers(S32, c.bias).reshape(1, c.n));
    inputs.put("ys", Tensor.floats(c.outputScale));
    inputs.put("yz", Judge.as(a, c.kind.output(), new int[]{c.outputZeroPoint}));
    return Judge.as(c.kind.output(), runtime.run(model, inputs).get("y"));
  }

  /** MatMulInteger: S32 output, no bias, one input zero point. */
  Tensor matMulInteger(MatMulCase c) {
    DataType a = c.kind.input();
    DataType b = Judge.weights(a, c.kind.weights());
    OnnxModel model = new OnnxModel().input("a", a).input("b", b).input("az", a).input("bz", b)
        .output("y", S32)
        .node("MatMulInteger", "a b az bz", "y");
    Map<String, Tensor> inputs = factors(c, a, b);
    inputs.remove("as");
    inputs.remove("bs");
    return runtime.run(model, inputs).get("y");
  }

  /** MatMulIntegerToFloat of ONNX Runtime: F32 output, float bias or none, no clamp; per row: row by row. */
  Tensor matMulIntegerToFloat(MatMulCase c) {
    DataType a = activations(c);
    DataType b = Judge.weights(a, c.kind.weights());
    boolean biased = c.floatBias != null;
    OnnxModel model = new OnnxModel().input("a", a).input("b", b).input("as", F32).input("bs", F32)
        .input("az", a)
        .input("bz", b);
    if (biased) {
      model.input("c", F32);
    }
    model.output("y", F32).microsoftNode("MatMulIntegerToFloat", "a b as bs az bz" + (biased ? " c" : ""),
        "y");
    Map<String, Tensor> inputs = factors(c, a, b);
    if (biased) {
      inputs.put("c", Tensor.floats(c.floatBias).reshape(c.n));
    }
    if (c.inputScales.length == 1) {
      return runtime.run(model, inputs).get("y");
    }
    Tensor y = Tensor.zeros(F32, c.rows, c.n);
    Tensor x = inputs.get("a");
    for (int row = 0; row < c.rows; row++) {
      Tensor one = Tensor.zeros(a, 1, c.k);
      MemorySegment.copy(x.data(), (long) row * c.k, one.data(), 0, c.k);
      inputs.put("a", one);
      inputs.put("as", Tensor.floats(c.inputScales[row]));
      inputs.put("az", Judge.as(a, c.kind.input(), new int[]{c.inputZeroPoints[row]}));
      MemorySegment.copy(runtime.run(model, inputs).get("y").data(), 0, y.data(), 4L * row * c.n, 4L * c.n);
    }
    return y;
  }

  /** All but MatMulInteger lack signed activations with unsigned weights; 8-bit output has the same type. */
  private static DataType activations(MatMulCase c) {
    return c.kind.weights() == U8 ? U8 : c.kind.input();
  }

  /** Both factors with scales and zero points; the input's are those of the first row. */
  private static Map<String, Tensor> factors(MatMulCase c, DataType a, DataType b) {
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("a", Judge.as(a, c.x));
    inputs.put("as", Tensor.floats(c.inputScales[0]));
    inputs.put("az", Judge.as(a, c.kind.input(), new int[]{c.inputZeroPoints[0]}));
    inputs.put("b", Judge.as(b, c.w));
    inputs.put("bs", Tensor.floats(c.weightScales));
    inputs.put("bz", Judge.as(b, c.kind.weights(), c.weightZeroPoints));
    return inputs;
  }
}
