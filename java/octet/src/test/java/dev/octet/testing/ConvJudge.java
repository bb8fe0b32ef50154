package dev.octet.testing;

import static dev.octet.DataType.F32;
import static dev.octet.DataType.S32;
import static dev.octet.DataType.U8;

import dev.octet.DataType;
import java.util.HashMap;
import java.util.Map;

/** What ONNX Runtime says to a convolution, as NHWC. Images of one row are put as 1-D convolutions. */
final class ConvJudge {
  private final OnnxRuntime runtime;

  ConvJudge(OnnxRuntime runtime) {
    this.runtime = runtime;
  }

  /** QLinearConv: 8-bit output, int32 bias or none, no clamp. */
  Tensor qLinearConv(Conv2dCase c) {
    // Input and output have the same type there, and signed input has signed weights.
    DataType x = c.kind.weights() == U8 ? U8 : c.kind.input();
    DataType w = Judge.weights(x, c.kind.weights());
    OnnxModel model = new OnnxModel().input("x", x).input("xs", F32).input("xz", x).input("w", w)
        .input("ws", F32).input("wz", w).input("ys", F32).input("yz", x);
    if (c.bias != null) {
      model.input("b", S32);
    }
    model.output("y", x).node("QLinearConv", "x xs xz w ws wz ys yz" + (c.bias != null ? " b" : ""), "y");
    Map<String, Tensor> inputs = factors(c, x, w);
    inputs.put("xs", Tensor.floats(c.inputScales));
    inputs.put("ws", Tensor.floats(c.weightScales));
    inputs.put("ys", Tensor.floats(c.outputScale));
    inputs.put("yz", Judge.as(x, c.kind.output(), new int[]{c.outputZeroPoint}));
    if (c.bias != null) {
      inputs.put("b", Tensor.integers(S32, c.bias).reshape(c.outChannels()));
    }
    return Judge.as(c.kind.output(), result(c, model, inputs));
  }

  /** ConvInteger: S32 output, no bias. */
  Tensor convInteger(Conv2dCase c) {
    // ONNX Runtime has it for unsigned images alone.
    DataType w = Judge.weights(U8, c.kind.weights());
    OnnxModel model = new OnnxModel().input("x", U8).input("w", w).input("xz", U8).input("wz", w)
        .output("y", S32)
        .node("ConvInteger", "x w xz wz", "y");
    Map<String, Tensor> inputs = factors(c, U8, w);
    // It takes one zero point of the weights; the case has the same for all channels.
    inputs.put("wz", Judge.as(w, c.kind.weights(), new int[]{c.weightZeroPoints[0]}));
    return result(c, model, inputs);
  }

  /**
   * DynamicQuantizeLinear, ConvInteger, Cast, Mul, and Add of a bias: one range, one zero point of the
   * weights, no clamp.
   */
  Tensor dynamicConv(DynamicConv2dCase c) {
    Conv2dCase integers = c.integers;
    DataType w = Judge.weights(U8, integers.kind.weights());
    OnnxModel model = new OnnxModel().input("x", F32).input("w", w).input("ws", F32).input("wz", w)
        .output("y", F32).node("DynamicQuantizeLinear", "x", "q xs xz").node("Mul", "xs ws", "s");
    boolean biased = integers.floatBias != null;
    if (biased) {
      model.input("b", F32);
    }
    model.node("ConvInteger", "q w xz wz", "i");
    integers.window.attributes(model, false).attribute("group", (long) integers.groups);
    model.node("Cast", "i", "f").attribute("to", F32).node("Mul", "f s", biased ? "p" : "y");
    if (biased) {
      model.node("Add", "p b", "y");
    }
    int channels = integers.weightScales.length;
    Map<String, Tensor> inputs = new HashMap<>();
    inputs.put("x", Operands.channelsFirst(c.x));
    inputs.put("w", Operands.channelsFirst(Judge.as(w, integers.w)));
    inputs.put("ws", Tensor.floats(integers.weightScales).reshape(1, channels, 1, 1));
    inputs.put("wz", Judge.as(w, integers.kind.weights(), new int[]{integers.weightZeroPoints[0]}));
    if (biased) {
      inputs.put("b", Tensor.floats(integers.floatBias).reshape(1, integers.outChannels(), 1, 1));
    }
    return Operands.channelsLast(runtime.run(model, inputs).get("y"));
  }

  private static Map<String, Tensor> factors(Conv2dCase c, DataType x, DataType w) {
    Map<String, Tensor> inputs = new HashMap<>();
    Tensor images = Operands.channelsFirst(Judge.as(x, c.x));
    Tensor weights = Operands.channelsFirst(Judge.as(w, c.w));
    inputs.put("x", flat(c) ? images.reshape(c.batch(), c.inChannels(), c.width()) : images);
    inputs.put("w", flat(c)
        ? weights.reshape(c.outChannels(), c.w.shape().dim(3), c.window.kernelWidth())
        : weights);
    inputs.put("xz", Judge.as(x, c.kind.input(), c.inputZeroPoints));
    inputs.put("wz", Judge.as(w, c.kind.weights(), c.weightZeroPoints));
    return inputs;
  }

  private static boolean flat(Conv2dCase c) {
    return c.height() == 1 && c.window.kernelHeight() == 1 && c.window.strideHeight() == 1;
  }

  private Tensor result(Conv2dCase c, OnnxModel model, Map<String, Tensor> inputs) {
    c.window.attributes(model, flat(c)).attribute("group", (long) c.groups);
    Tensor y = runtime.run(model, inputs).get("y");
    return Operands.channelsLast(y.reshape(c.batch(), c.outChannels(), c.outHeight(), c.outWidth()));
  }
}
