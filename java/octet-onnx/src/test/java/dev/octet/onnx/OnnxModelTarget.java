package dev.octet.onnx;

import static dev.octet.onnx.TestModel.vector;

import dev.octet.Engine;
import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import dev.octet.onnx.value.TensorInfo;
import dev.octet.quantize.file.MalformedFileException;
import dev.octet.testing.FuzzTarget;
import dev.octet.testing.Fuzzing;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** ONNX models that are prepared and run, with inputs of ones of the shapes that they ask for. */
final class OnnxModelTarget implements FuzzTarget {
  private static final long MEMORY = 1 << 20;
  private static final long LONGEST = 50;

  @Override
  public List<byte[]> seeds(Path folder) {
    return List.of(product(), attention(), shapes(), moves(), images(), windows(),
        dynamicConvolution(), quantized(), integers(), branches());
  }

  @Override
  public void run(byte[] input, Path folder) {
    try (Octet octet = Octet.builder().engine(Engine.SCALAR).threads(1).open();
        OnnxModel model = OnnxModel.open(new ByteArrayInputStream(input));
        PreparedOnnx prepared = model.prepare(octet, OnnxOptions.defaults().memoryLimit(MEMORY))) {
      run(prepared);
    } catch (MalformedFileException | UnsupportedOperationException e) {
      Fuzzing.refusal(e, MalformedFileException.class, UnsupportedOperationException.class);
    }
  }

  private static void run(PreparedOnnx prepared) {
    Map<String, Tensor> inputs = inputs(prepared);
    if (inputs == null) {
      return;
    }
    try {
      prepared.run(inputs);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      Fuzzing.refusal(e, IllegalArgumentException.class, UnsupportedOperationException.class);
    }
  }

  /** Inputs for a run; null where it needs too much memory for them. */
  static Map<String, Tensor> inputs(PreparedOnnx prepared) {
    Map<String, Tensor> inputs = new HashMap<>();
    for (TensorInfo info : prepared.inputs()) {
      long[] dims = info.dimensions().orElse(List.of()).stream()
          .mapToLong(dim -> dim.isFixed() ? Math.min(dim.length(), LONGEST) : 2).toArray();
      if (info.dimensions().orElse(List.of()).stream().anyMatch(dim -> dim.length() > LONGEST)
          || dims.length > 4) {
        return null;
      }
      Tensor tensor = Tensor.allocate(info.type(), Shape.of(dims));
      tensor.data().fill((byte) 1);
      inputs.put(info.name(), tensor);
    }
    return inputs;
  }

  private static byte[] product() {
    TestData data = new TestData(1);
    return new TestModel(11).input("x", ElementType.F32, "n", 8)
        .initializer("w", data.bytes(ElementType.I8, 8, 5))
        .initializer("sw", Tensor.floats(Shape.of(1), 0.5f))
        .initializer("zw", data.bytes(ElementType.I8)).initializer("b", data.floats(1, 5))
        .node("DynamicQuantizeLinear", "x", "q s z").node("Mul", "s sw", "ss")
        .node("MatMulInteger", "q w z zw", "i").node("Cast", "i", "f").attribute("to", 1)
        .node("Mul", "f ss", "p")
        .node("Add", "p b", "y").output("y", ElementType.F32).bytes();
  }

  private static byte[] attention() {
    return new TestModel(13).input("x", ElementType.F32, "n", 4, 6).input("m", ElementType.BOOL, "n", 1, 4)
        .initializer("low", Tensor.floats(Shape.of(), -1e9f))
        .initializer("w", new TestData(2).floats(1, 6, 6))
        .node("Transpose", "x", "t").attribute("perm", new long[]{0, 2, 1}).node("MatMul", "x t", "s")
        .node("Where", "m s low", "k").node("Softmax", "k", "p").attribute("axis", -1L)
        .node("MatMul", "p x", "c")
        .node("MatMul", "c w", "d").node("ReduceMean", "d", "e").attribute("axes", new long[]{-1})
        .node("Sub", "d e", "f").node("Pow", "f two", "g").initializer("two", Tensor.floats(Shape.of(), 2))
        .node("Erf", "g", "y").output("y", ElementType.F32).bytes();
  }

  private static byte[] shapes() {
    return new TestModel(11).input("x", ElementType.F32, "n", "m").initializer("i", vector(0))
        .initializer("minus", vector(-1)).initializer("one", vector(1))
        .node("Shape", "x", "a")
        .node("Gather", "a i", "b").attribute("axis", 0L).node("Concat", "b minus one", "c")
        .attribute("axis", 0L)
        .node("Reshape", "x c", "d").node("ConstantOfShape", "a", "e")
        .attribute("value", Tensor.floats(Shape.of(1), 3)).node("Unsqueeze", "e", "f")
        .attribute("axes", new long[]{2}).node("Add", "d f", "g").node("Squeeze", "g", "h")
        .attribute("axes", new long[]{2}).node("Expand", "h a", "y").output("y", ElementType.F32).bytes();
  }

  private static byte[] moves() {
    return new TestModel(11).input("x", ElementType.I64, 3, 5).initializer("from", vector(1, -1))
        .initializer("to", vector(3, -9)).initializer("axes", vector(0, 1))
        .initializer("steps", vector(1, -2)).node("Slice", "x from to axes steps", "a")
        .node("Equal", "a a", "b").node("Cast", "b", "c").attribute("to", 3).node("Gather", "c i", "d")
        .initializer("i", vector(0, 1, -1)).attribute("axis", 1L)
        .node("DequantizeLinear", "d s", "y")
        .initializer("s", Tensor.floats(Shape.of(), 0.5f)).output("y", ElementType.F32).bytes();
  }

  private static byte[] images() {
    TestData data = new TestData(3);
    return new TestModel(11).input("x", ElementType.F32, "n", 4, 7, 9)
        .initializer("w", data.floats(1, 6, 2, 3, 2))
        .initializer("b", data.floats(1, 6)).initializer("d", data.floats(1, 6, 1, 3, 3))
        .initializer("t", data.floats(1, 6, 2, 2, 2)).initializer("none", Tensor.floats(Shape.of(0)))
        .initializer("s", Tensor.floats(Shape.of(4), 1, 1, 2, 0.5f))
        .initializer("p", vector(0, 0, 1, 2, 0, 0, -1, 1))
        .initializer("v", Tensor.floats(Shape.of(6), 1, 2, 3, 4, 5, 6))
        .node("Conv", "x w b", "a").attribute("group", 2L).attribute("strides", 2L, 1L)
        .attribute("pads", 1L, 0L, 1L, 1L).node("Conv", "a d", "c").attribute("group", 6L)
        .attribute("auto_pad", "SAME_UPPER").node("BatchNormalization", "c v b v v", "e")
        .node("ConvTranspose", "e t", "f").attribute("strides", 2L, 3L).attribute("output_padding", 1L, 0L)
        .node("Resize", "f none s", "g").attribute("mode", "linear").node("Pad", "g p", "h")
        .attribute("mode", "edge").node("GlobalAveragePool", "h", "i").node("Flatten", "i", "j")
        .node("Gemm", "j m", "y").initializer("m", data.floats(1, 3, 2)).attribute("transB", 1L)
        .output("y", ElementType.F32).bytes();
  }

  private static byte[] windows() {
    return new TestModel(12).input("x", ElementType.F32, "n", 2, 9, 8)
        .initializer("low", Tensor.floats(Shape.of(), -1))
        .node("MaxPool", "x", "a").attribute("kernel_shape", 2L, 3L).attribute("strides", 2L, 2L)
        .attribute("ceil_mode", 1L).attribute("dilations", 1L, 2L).node("AveragePool", "a", "b")
        .attribute("kernel_shape", 3L, 2L).attribute("pads", 1L, 1L, 1L, 0L)
        .attribute("count_include_pad", 1L)
        .node("Clip", "b low", "c").node("LeakyRelu", "c", "d").attribute("alpha", 0.5f)
        .node("Split", "d", "e f")
        .attribute("axis", 1L).node("Max", "e f low", "g").node("ReduceMax", "g", "h")
        .attribute("axes", 0L, 2L)
        .node("Less", "h low", "i").node("Not", "i", "y").output("y", ElementType.BOOL).bytes();
  }

  private static byte[] dynamicConvolution() {
    TestData data = new TestData(4);
    return new TestModel(11).input("x", ElementType.F32, "n", 3, 5, 6)
        .initializer("w", data.bytes(ElementType.U8, 4, 3, 2, 3))
        .initializer("zw", data.bytes(ElementType.U8))
        .initializer("sw", Tensor.floats(Shape.of(1), 0.5f)).initializer("b", data.floats(1, 1, 4, 1, 1))
        .node("DynamicQuantizeLinear", "x", "q s z").node("Mul", "s sw", "ss")
        .node("ConvInteger", "q w z zw", "i").attribute("pads", 1L, 0L, 0L, 1L).attribute("strides", 1L, 2L)
        .node("Cast", "i", "f").attribute("to", 1).node("Mul", "f ss", "p").node("Add", "p b", "a")
        .node("QuantizeLinear", "a sw zw", "y").output("y", ElementType.U8).bytes();
  }

  private static byte[] quantized() {
    TestData data = new TestData(5);
    String of = " s z";
    return new TestModel(13).input("x", ElementType.U8, "n", 3, 5, 6)
        .initializer("s", TestData.scalar(0.05f)).initializer("z", QdqModel.scalar(ElementType.U8, 117))
        .initializer("w", data.bytes(ElementType.I8, 4, 3, 3, 3)).initializer("sw", data.floats(0.01f, 1))
        .initializer("v", data.bytes(ElementType.I8, 2, 4)).node("DequantizeLinear", "x" + of, "a")
        .node("DequantizeLinear", "w s", "wf").node("Conv", "a wf", "b").attribute("pads", 1L, 1L, 1L, 1L)
        .node("Relu", "b", "c").node("QuantizeLinear", "c" + of, "d").node("DequantizeLinear", "d" + of, "e")
        .node("MaxPool", "e", "f").attribute("kernel_shape", 2L, 2L).node("Sigmoid", "f", "g")
        .node("QuantizeLinear", "g" + of, "h").node("DequantizeLinear", "h" + of, "i").node("Add", "i f", "j")
        .node("QuantizeLinear", "j" + of, "k").node("DequantizeLinear", "k" + of, "l")
        .node("GlobalAveragePool", "l", "m").node("QuantizeLinear", "m" + of, "o")
        .node("DequantizeLinear", "o" + of, "p").node("Flatten", "p", "q")
        .node("DequantizeLinear", "v s", "vf")
        .node("Gemm", "q vf", "r").attribute("transB", 1L).node("QuantizeLinear", "r" + of, "y")
        .output("y", ElementType.U8).bytes();
  }

  private static byte[] integers() {
    TestData data = new TestData(6);
    String domain = "com.microsoft:";
    String of = " s z";
    return new TestModel(13).input("x", ElementType.U8, "n", 4, 3, 2)
        .initializer("s", TestData.scalar(0.05f)).initializer("z", QdqModel.scalar(ElementType.U8, 117))
        .initializer("zw", QdqModel.scalar(ElementType.I8, 0)).initializer("f", vector(0, -1))
        .initializer("w", data.bytes(ElementType.I8, 8, 3))
        .node(domain + "QLinearAdd", "x" + of + " x" + of + of, "a")
        .node(domain + "QLinearLeakyRelu", "a" + of + of, "b")
        .node(domain + "QLinearConcat", "s z b" + of + " a" + of, "c").attribute("axis", 1L)
        .node(domain + "QLinearAveragePool", "c" + of + of, "d").attribute("kernel_shape", 2L, 2L)
        .node(domain + "QLinearGlobalAveragePool", "d" + of + of, "e").node("Reshape", "e f", "g")
        .node(domain + "QGemm", "g" + of + " w s zw", "h").node(domain + "FastGelu", "h", "i")
        .node(domain + "FusedMatMul", "i i", "y").attribute("transB", 1L).output("y", ElementType.F32)
        .bytes();
  }

  private static byte[] branches() {
    TestData data = new TestData(7);
    TestModel first = new TestModel(13).node("Squeeze", "x axis", "a").node("LSTM", "x w r", "- h")
        .attribute("hidden_size", 4L).node("Add", "a h", "b").output("b", ElementType.F32);
    TestModel second = new TestModel(13).node("Size", "x", "e").node("Equal", "e e", "f").node("If", "f", "c")
        .attribute("then_branch", new TestModel(13).node("Neg", "x", "g").output("g", ElementType.F32).graph
            .setName("g").build())
        .attribute("else_branch",
            new TestModel(13).node("Identity", "x", "k").output("k", ElementType.F32).graph
                .setName("k").build())
        .node("Transpose", "c", "d").attribute("perm", 1L, 0L, 2L).output("d", ElementType.F32);
    return new TestModel(13).input("on", ElementType.BOOL).input("x", ElementType.F32, "n", 1, 4)
        .initializer("axis", vector(1)).initializer("w", data.floats(1, 1, 16, 4))
        .initializer("r", data.floats(1, 1, 16, 4)).node("If", "on", "y")
        .attribute("then_branch", first.graph.setName("first").build())
        .attribute("else_branch", second.graph.setName("second").build()).output("y", ElementType.F32)
        .bytes();
  }
}
