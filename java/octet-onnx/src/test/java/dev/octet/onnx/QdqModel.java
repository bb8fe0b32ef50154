package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Octet;
import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Builds quantized models as quantizers write them, integers in and integers out, with QuantizeLinear and
 * DequantizeLinear around nodes of floats; and runs them: rewritten, as they are, and in ONNX Runtime.
 */
final class QdqModel {
  /** How many elements of a comparison differ, and by how much at most. */
  static final class Differences {
    private long elements;
    private long moved;
    private long movedFromFused;

    @Override
    public String toString() {
      return moved + " of " + elements + " integers move by 1 from those of floats, " + movedFromFused
          + " from those of ONNX Runtime with its fusions";
    }
  }

  final TestModel model;
  final TestData data;
  private final Random random;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private int constants;
  private boolean fusedJudge = true;

  QdqModel(int opset, long seed) {
    this.model = new TestModel(opset);
    this.data = new TestData(seed);
    this.random = new Random(seed);
  }

  /** ONNX Runtime has no fusions for the model. */
  QdqModel unfusedJudge() {
    fusedJudge = false;
    return this;
  }

  /** A random number between bounds. */
  float between(double least, double most) {
    return (float) (least + random.nextDouble() * (most - least));
  }

  /** A random zero point. */
  int zeroPoint(ElementType type) {
    return random.nextInt(type == ElementType.U8 ? 0 : -128, type == ElementType.U8 ? 256 : 128);
  }

  boolean coin() {
    return random.nextBoolean();
  }

  /** The name of a constant. */
  String constant(Tensor tensor) {
    String name = "c" + constants++;
    model.initializer(name, tensor);
    return name;
  }

  static Tensor scalar(ElementType type, int value) {
    Tensor tensor = Tensor.allocate(type, Shape.of());
    if (type == ElementType.I32) {
      tensor.data().set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
    } else {
      tensor.data().set(ValueLayout.JAVA_BYTE, 0, (byte) value);
    }
    return tensor;
  }

  /** An input of integers, of which DequantizeLinear makes floats. */
  String input(String name, ElementType type, float scale, int zeroPoint, Tensor values) {
    model.input(name, type, new Object[values.shape().rank()]);
    inputs.put(name, values);
    return dequantized(name, type, scale, zeroPoint);
  }

  /** An input of random integers with a scale of some hundredths, and any zero point. */
  String input(String name, ElementType type, long... dims) {
    return input(name, type, between(0.01, 0.05), zeroPoint(type), data.bytes(type, dims));
  }

  /** An input of which more than the rank is known. */
  String known(String name, ElementType type, long... dims) {
    model.input(name, type, Arrays.stream(dims).boxed().toArray());
    inputs.put(name, data.bytes(type, dims));
    return dequantized(name, type, between(0.01, 0.05), zeroPoint(type));
  }

  /** Floats of integers. */
  String dequantized(String integers, ElementType type, float scale, int zeroPoint) {
    String floats = "d" + constants;
    model.node("DequantizeLinear", integers + " " + constant(TestData.scalar(scale)) + " "
        + constant(scalar(type, zeroPoint)), floats);
    return floats;
  }

  /** Weights of integers, with a scale and zero point of each index of an axis, or of all: below 0. */
  String weights(Tensor integers, int axis, boolean zeroPoints) {
    long count = axis < 0 ? 1 : integers.shape().dim(axis);
    float[] scales = new float[(int) count];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = between(0.002, 0.02);
    }
    return weights(integers, axis, scales, zeroPoints);
  }

  String weights(Tensor integers, int axis, float[] scales, boolean zeroPoints) {
    Shape shape = axis < 0 ? Shape.of() : Shape.of(scales.length);
    String floats = "d" + constants;
    String zero = zeroPoints
        ? " " + constant(axis < 0 ? data.bytes(integers.type()) : data.bytes(integers.type(), scales.length))
        : "";
    model.node("DequantizeLinear",
        constant(integers) + " " + constant(Tensor.floats(shape, scales)) + zero, floats);
    if (axis >= 0) {
      model.attribute("axis", (long) axis);
    }
    return floats;
  }

  /** Integers of floats. */
  void quantized(String floats, String name, ElementType type, float scale, int zeroPoint) {
    model.node("QuantizeLinear",
        floats + " " + constant(TestData.scalar(scale)) + " " + constant(scalar(type, zeroPoint)), name);
  }

  /** An output of integers. */
  QdqModel output(String floats, String name, ElementType type, float scale, int zeroPoint) {
    quantized(floats, name, type, scale, zeroPoint);
    model.output(name, type);
    return this;
  }

  /** An output of integers, with any zero point. */
  QdqModel output(String floats, ElementType type, float scale) {
    return output(floats, "y", type, scale, zeroPoint(type));
  }

  /** The outputs of the model, prepared with some options. */
  Map<String, Tensor> run(OnnxOptions options) {
    try (Octet octet = Octet.builder().threads(1).open();
        PreparedOnnx prepared = model.open().prepare(octet, options)) {
      return prepared.run(inputs);
    }
  }

  /**
   * How many nodes of each operator the rewritten model has. Checks that each says which nodes of the file it
   * does the work of, or is one that was put between others.
   */
  Map<String, Integer> operators(OnnxOptions options) {
    try (Octet octet = Octet.builder().threads(1).open();
        OnnxModel file = model.open();
        PreparedOnnx prepared = file.prepare(octet, options)) {
      Set<String> inFile = file.operators().keySet().stream().map(type -> type.replaceAll(".*:", ""))
          .collect(Collectors.toSet());
      for (NodeReport node : prepared.nodes()) {
        String itself = node.name() + " (" + node.operator() + ")";
        assertTrue(
            node.origins().equals(List.of(itself)) || inFile.containsAll(
                node.origins().stream().map(origin -> origin.replaceAll(".*\\((.*)\\)", "$1")).toList()),
            () -> itself + " for " + node.origins());
      }
      return RewritesTest.operators(prepared);
    }
  }

  /**
   * Runs the model rewritten, as it is, and in ONNX Runtime; integers of the first one differ from the others
   * by at most some steps, floats by the rounding of sums. Where integers may move, those of ONNX Runtime
   * with its own fusions are compared too: it fuses by other rules, and has other integers for floats.
   *
   * @param steps 0 or 1
   */
  Map<String, Integer> judged(String what, OnnxOptions options, int steps, Differences differences) {
    Map<String, Tensor> actual = run(options);
    Map<String, Tensor> plain = run(OnnxOptions.defaults().withoutRewrites());
    TestData.moved(what + ", as it is", plain, actual, steps);
    Map<String, Tensor> judge = OnnxRuntimeJudge.run(model.bytes(), inputs);
    differences.moved += TestData.moved(what + ", ONNX Runtime", judge, actual, steps);
    if (fusedJudge && steps > 0
        && actual.values().stream().noneMatch(tensor -> tensor.type() == ElementType.F32)) {
      try (OnnxRuntimeJudge fused = new OnnxRuntimeJudge(model.bytes(), true)) {
        differences.movedFromFused += TestData.moved(what + ", ONNX Runtime with fusions", fused.run(inputs),
            actual,
            1);
      }
    }
    judge.values().forEach(tensor -> differences.elements += tensor.shape().elements());
    return operators(options);
  }

  /** Checks that the rewritten model has the integers of the model as it is. */
  void assertUnmoved(String what) {
    TestData.assertSame(what, run(OnnxOptions.defaults().withoutRewrites()), run(OnnxOptions.defaults()), 0);
  }
}
