package dev.octet.onnx;

import static dev.octet.onnx.OpCases.ROUNDING;
import static dev.octet.onnx.TestModel.vector;
import static dev.octet.onnx.value.ElementType.BOOL;
import static dev.octet.onnx.value.ElementType.F32;
import static dev.octet.onnx.value.ElementType.I32;
import static dev.octet.onnx.value.ElementType.I64;
import static dev.octet.onnx.value.ElementType.I8;
import static dev.octet.onnx.value.ElementType.U8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.octet.Shape;
import dev.octet.onnx.internal.op.OpTable;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Every operator against ONNX Runtime, in the opsets in which it changed: inputs that are known when a model
 * runs, and the same as constants. What moves elements or counts in integers agrees exactly.
 */
class OpsTest {
  /** Of sums of some hundred numbers of either sign, in another order. */
  private static final double LONG_SUMS = 1e-4;
  private static final long SEED = 29;
  private final OpCases cases = new OpCases(SEED);
  private final TestData data = cases.data;

  private OpCases.Case op(String op, int opset) {
    return cases.op(op, opset);
  }

  private Tensor floats(long... dims) {
    return cases.floats(dims);
  }

  private static Tensor shape(long... dims) {
    return vector(dims);
  }

  @Test
  void everyOperatorAgreesWithOnnxRuntime() {
    arithmetic();
    functions();
    shapes();
    moves();
    choices();
    conversions();
    reductions();
    products();
    integers();
    sequences();
    new ImageOpCases(cases).all();
    new IntegerOpCases(cases).all();
    new OnnxRuntimeOpCases(cases).all();
    Set<String> untried = OpTable.names();
    untried.removeAll(cases.finish());
    assertEquals(Set.of("Constant"), untried, "operators that no case is of");
  }

  private void arithmetic() {
    for (String name : List.of("Add", "Sub", "Mul", "Div")) {
      for (int opset : new int[]{9, 11, 13, 14, 23}) {
        op(name, opset).in(floats(2, 3, 5), floats(2, 3, 5)).gives(F32);
      }
      op(name, 13).in(floats(2, 3, 5), floats(5)).gives(F32);
      op(name, 13).in(floats(5), floats(2, 3, 5)).gives(F32);
      op(name, 13).in(floats(2, 3, 1), floats(2, 1, 5)).gives(F32);
      op(name, 13).in(floats(), floats(4, 700)).gives(F32);
      op(name, 13).in(floats(3000), floats()).gives(F32);
      op(name, 13).in(floats(3, 1, 2, 1), floats(4, 1, 6)).gives(F32);
      op(name, 13).in(floats(2, 0), floats(1)).gives(F32);
      op(name, 13).in(data.integers(I64, -50, 50, 3, 4), data.integers(I64, 1, 9, 4)).gives(I64);
      op(name, 13).in(data.integers(I32, -50, 50, 3, 4), data.integers(I32, 1, 9, 3, 1)).gives(I32);
    }
    Tensor positive = data.integers(I32, 1, 50, 2, 5);
    Tensor base = Tensor.floats(Shape.of(2, 5), floats(positive));
    op("Pow", 13).in(floats(2, 5), TestData.scalar(2)).gives(F32);
    op("Pow", 11).in(base, TestData.scalar(0.5f)).within(ROUNDING).gives(F32);
    op("Pow", 13).in(base, TestData.scalar(3)).within(ROUNDING).gives(F32);
    op("Pow", 15).in(base, data.integers(I64, -2, 4, 5)).within(ROUNDING).gives(F32);
  }

  private static float[] floats(Tensor integers) {
    float[] result = new float[(int) integers.shape().elements()];
    for (int i = 0; i < result.length; i++) {
      result[i] = integers.data().get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i) / 10f;
    }
    return result;
  }

  private void functions() {
    for (String name : List.of("Erf", "Tanh", "Exp", "Sigmoid", "Relu", "Neg", "Abs", "Floor", "Ceil")) {
      op(name, 13).in(floats(3, 7)).within(ROUNDING).gives(F32);
      op(name, 9).in(data.floats(0.1f, 5000)).within(ROUNDING).gives(F32);
      op(name, 13).in(Tensor.floats(Shape.of(5), 0f, -0f, 80f, -80f, Float.NaN)).within(ROUNDING).gives(F32);
    }
    for (int opset : new int[]{9, 13}) {
      op("Log", opset).in(Tensor.floats(Shape.of(6), 0.1f, 1f, 1e-30f, 3e30f, -1f, 0f)).within(ROUNDING)
          .gives(F32);
    }
    op("LeakyRelu", 9).in(floats(3, 7)).with("alpha", 0.2f).gives(F32);
    op("LeakyRelu", 16).in(floats(3000)).gives(F32);
    op("HardSigmoid", 9).in(data.floats(4, 3, 7)).with("alpha", 0.16f).with("beta", 0.4f).within(ROUNDING)
        .gives(F32);
    op("HardSigmoid", 22).in(data.floats(4, 3000)).within(ROUNDING).gives(F32);
    op("Gelu", 20).in(data.floats(4, 3000)).within(ROUNDING).gives(F32);
    op("Gelu", 20).in(data.floats(4, 7)).with("approximate", "tanh").within(ROUNDING).gives(F32);
    op("HardSwish", 14).in(data.floats(4, 3000)).within(ROUNDING).gives(F32);
    op("HardSwish", 22).in(data.floats(4, 7)).within(ROUNDING).gives(F32);
    limits();
    op("Sqrt", 13).in(Tensor.floats(Shape.of(5), 0f, 2f, 1e-30f, 3e30f, -1f)).gives(F32);
  }

  private void limits() {
    op("Clip", 9).in(data.floats(4, 3, 70)).with("min", -1f).with("max", 2f).gives(F32);
    op("Clip", 10).in(data.floats(4, 3000)).with("max", 2f).gives(F32);
    op("Clip", 11).in(data.floats(4, 3, 7), TestData.scalar(-1), TestData.scalar(2)).gives(F32);
    op("Clip", 12).in(data.floats(4, 3, 7), null, TestData.scalar(2)).gives(F32);
    op("Clip", 13).in(data.floats(4, 3, 7), TestData.scalar(3), TestData.scalar(-2)).gives(F32);
    op("Clip", 13).in(data.floats(4, 3, 7)).gives(F32);
    for (ElementType type : List.of(I64, I32, I8, U8)) {
      op("Clip", 12)
          .in(data.integers(type, 0, 100, 9), data.integers(type, 20, 21), data.integers(type, 60, 61))
          .gives(type);
    }
    for (String name : List.of("Max", "Min")) {
      for (int opset : new int[]{9, 12, 13}) {
        op(name, opset).in(floats(2, 3, 5), floats(2, 3, 5)).gives(F32);
      }
      op(name, 9).in(floats(2, 3, 5)).gives(F32);
      op(name, 13).in(floats(3, 1), floats(5), floats(2, 1, 1), floats()).gives(F32);
      op(name, 13).in(floats(1, 1, 1), floats(3, 1, 2100)).gives(F32);
      op(name, 13).in(data.integers(I64, -9, 9, 3, 4), data.integers(I64, -9, 9, 4)).gives(I64);
      op(name, 13).in(data.integers(I32, -9, 9, 3, 1), data.integers(I32, -9, 9, 4)).gives(I32);
      op(name, 13).in(data.bytes(U8, 3, 4), data.bytes(U8, 3, 4)).gives(U8);
      op(name, 13).in(data.bytes(I8, 3, 4), data.bytes(I8)).gives(I8);
    }
  }

  private void sequences() {
    long hidden = 9;
    for (int opset : new int[]{9, 14, 22}) {
      for (String direction : List.of("forward", "reverse", "bidirectional")) {
        int d = direction.equals("bidirectional") ? 2 : 1;
        op("LSTM", opset).in(floats(5, 3, 7)).shapes(floats(d, 4 * hidden, 7), floats(d, 4 * hidden, hidden))
            .with("hidden_size", (int) hidden).with("direction", direction).within(2e-5).gives(F32, F32, F32);
        op("LSTM", opset).in(floats(6, 1, 7))
            .shapes(floats(d, 4 * hidden, 7), floats(d, 4 * hidden, hidden), floats(d, 8 * hidden), null,
                floats(d, 1, hidden), floats(d, 1, hidden))
            .with("hidden_size", (int) hidden).with("direction", direction).within(2e-5).gives(F32, F32, F32);
      }
    }
  }

  private void shapes() {
    op("Size", 9).in(floats(2, 3, 5)).gives(I64);
    op("Size", 23).in(floats()).gives(I64);
    op("Flatten", 9).in(floats(2, 3, 4)).gives(F32);
    op("Flatten", 11).in(floats(2, 3, 4)).with("axis", -1).gives(F32);
    op("Flatten", 13).in(floats(2, 3, 4)).with("axis", 0).gives(F32);
    op("Flatten", 21).in(floats(2, 3, 4)).with("axis", 3).gives(F32);
    op("Shape", 11).in(floats(2, 3, 5)).gives(I64);
    op("Shape", 15).in(floats(2, 3, 5)).with("start", 1).gives(I64);
    op("Shape", 21).in(floats(2, 3, 5)).with("start", -2).with("end", -1).gives(I64);
    op("Reshape", 11).in(floats(2, 3, 4)).shapes(shape(0, -1)).gives(F32);
    op("Reshape", 14).in(floats(2, 0)).shapes(shape(0, 5)).with("allowzero", 1).gives(F32);
    op("Reshape", 21).in(floats(2, 3, 4)).shapes(shape(6, 2, -1, 1)).gives(F32);
    op("Squeeze", 11).in(floats(2, 1, 3, 1)).with("axes", new long[]{-1, 1}).gives(F32);
    op("Squeeze", 11).in(floats(2, 1, 3, 1)).gives(F32);
    op("Squeeze", 13).in(floats(2, 1, 3, 1)).shapes(vector(1)).gives(F32);
    op("Squeeze", 13).in(floats(2, 1, 3, 1)).gives(F32);
    op("Unsqueeze", 11).in(floats(2, 3)).with("axes", new long[]{0, 3}).gives(F32);
    op("Unsqueeze", 13).in(floats(2, 3)).shapes(vector(-1, 1)).gives(F32);
    op("Identity", 16).in(floats(2, 3)).gives(F32);
    op("ConstantOfShape", 9).shapes(shape(2, 3)).gives(F32);
    op("ConstantOfShape", 21).shapes(shape(4)).with("value", vector(7)).gives(I64);
  }

  private void moves() {
    op("Gather", 11).in(floats(4, 3), data.integers(I64, -4, 4, 2, 5)).gives(F32);
    op("Gather", 13).in(floats(2, 4, 3), data.integers(I32, -4, 4, 5)).with("axis", 1).gives(F32);
    op("Gather", 13).in(data.bytes(U8, 7, 9), data.integers(I64, 0, 7)).gives(U8);
    op("Gather", 13).in(floats(2, 4, 3), data.integers(I64, 0, 3, 2)).with("axis", -1).gives(F32);
    op("Concat", 11).in(floats(2, 3), floats(2, 1), floats(2, 4)).with("axis", 1).gives(F32);
    op("Concat", 13).in(vector(1, 2), vector(3)).with("axis", -1).gives(I64);
    op("Concat", 13).in(floats(1, 2), floats(0, 2), floats(3, 2)).with("axis", 0).gives(F32);
    op("Split", 9).in(floats(2, 6)).with("axis", 1).with("split", new long[]{1, 3, 2}).gives(F32, F32, F32);
    op("Split", 11).in(floats(6, 2)).gives(F32, F32);
    op("Split", 13).in(floats(2, 6)).shapes(vector(4, 2)).with("axis", -1).gives(F32, F32);
    op("Split", 13).in(data.integers(I64, 0, 9, 6)).gives(I64, I64, I64);
    op("Split", 18).in(floats(2, 7)).with("axis", 1).with("num_outputs", 3).gives(F32, F32, F32);
    pads();
    op("Transpose", 11).in(floats(2, 3, 4)).gives(F32);
    op("Transpose", 13).in(floats(2, 5, 3, 4)).with("perm", new long[]{0, 2, 1, 3}).gives(F32);
    op("Transpose", 13).in(floats(2, 5, 3, 4)).with("perm", new long[]{0, 2, 3, 1}).gives(F32);
    op("Transpose", 21).in(data.bytes(I8, 5, 6)).with("perm", new long[]{1, 0}).gives(I8);
    op("Transpose", 13).in(data.integers(I64, 0, 9, 5, 6)).gives(I64);
    op("Transpose", 13).in(floats(2, 0, 3)).gives(F32);
    op("Slice", 9).in(floats(4, 5)).with("starts", new long[]{1, -3}).with("ends", new long[]{9, -1})
        .gives(F32);
    op("Slice", 9).in(floats(4, 5)).with("starts", new long[]{2}).with("ends", new long[]{4})
        .with("axes", new long[]{1}).gives(F32);
    op("Slice", 11).in(floats(6, 5))
        .shapes(vector(1, 4), vector(Long.MAX_VALUE, -10), vector(0, 1), vector(2, -2))
        .gives(F32);
    op("Slice", 13).in(floats(6, 5)).shapes(vector(-1), vector(Long.MIN_VALUE), vector(-2), vector(-1))
        .gives(F32);
    op("Slice", 13).in(floats(6, 5)).shapes(vector(4), vector(2)).gives(F32);
    op("Expand", 13).in(floats(3, 1)).shapes(shape(2, 3, 4)).gives(F32);
    op("Expand", 9).in(floats(3, 4)).shapes(shape(1)).gives(F32);
  }

  private void pads() {
    op("Pad", 9).in(floats(2, 3)).with("pads", new long[]{1, 0, 2, 3}).with("value", 1.5f).gives(F32);
    op("Pad", 10).in(floats(2, 3)).with("pads", new long[]{0, 2, 0, 1}).with("mode", "reflect").gives(F32);
    op("Pad", 11).in(floats(2, 3, 4)).shapes(vector(0, 1, 2, 1, 0, 3)).gives(F32);
    op("Pad", 11).in(floats(2, 3, 4)).shapes(vector(0, 1, 2, 1, 0, 3)).with("mode", "edge").gives(F32);
    op("Pad", 13).in(floats(3, 4)).shapes(vector(2, 1, 0, 3), TestData.scalar(7)).gives(F32);
    op("Pad", 13).in(floats(3, 5)).shapes(vector(-1, 1, 1, -2)).gives(F32);
    op("Pad", 13).in(floats(3, 5)).shapes(vector(2, 4, 1, 4)).with("mode", "reflect").gives(F32);
    op("Pad", 13).in(data.integers(I64, 0, 9, 2, 2)).shapes(vector(1, 0, 0, 1)).gives(I64);
    op("Pad", 13).in(data.bytes(U8, 2, 2)).shapes(vector(1, 0, 0, 1), data.bytes(U8)).gives(U8);
    op("Pad", 18).in(floats(2, 3, 4)).shapes(vector(1, 2), null, vector(-1)).gives(F32);
    op("Pad", 21).in(floats(2, 3, 4)).shapes(vector(1, 2), null, vector(1)).with("mode", "reflect")
        .gives(F32);
  }

  private void choices() {
    Tensor condition = data.integers(BOOL, 0, 2, 3, 4);
    op("Where", 9).in(condition, floats(3, 4), floats(3, 4)).gives(F32);
    op("Where", 16).in(condition, floats(), floats(2, 1, 4)).gives(F32);
    op("Where", 16).in(data.integers(BOOL, 0, 2, 3, 1), vector(1, 2, 3, 4), vector(7)).gives(I64);
    op("Equal", 11).in(data.integers(I64, 0, 3, 3, 4), data.integers(I64, 0, 3, 4)).gives(BOOL);
    op("Equal", 13).in(data.integers(I32, 0, 3, 3, 1), data.integers(I32, 0, 3, 1, 4)).gives(BOOL);
    op("Equal", 19).in(Tensor.floats(Shape.of(4), 0f, 1f, Float.NaN, 2f),
        Tensor.floats(Shape.of(4), -0f, 1f, Float.NaN, 3f)).gives(BOOL);
    for (String name : List.of("Greater", "Less", "GreaterOrEqual", "LessOrEqual")) {
      int opset = name.endsWith("Equal") ? 12 : 9;
      op(name, opset).in(data.integers(I64, 0, 3, 3, 4), data.integers(I64, 0, 3, 4)).gives(BOOL);
      op(name, 13).in(Tensor.floats(Shape.of(4), 0f, 1f, Float.NaN, 2f),
          Tensor.floats(Shape.of(4), -0f, 2f, Float.NaN, 1f)).gives(BOOL);
      op(name, 16).in(data.integers(I32, 0, 3, 3, 1), data.integers(I32, 0, 3, 4)).gives(BOOL);
    }
    for (String name : List.of("And", "Or")) {
      op(name, 9).in(condition, data.integers(BOOL, 0, 2, 3, 4)).gives(BOOL);
      op(name, 13).in(condition, data.integers(BOOL, 0, 2, 3, 1)).gives(BOOL);
    }
    op("Not", 9).in(condition).gives(BOOL);
    op("Equal", 13).in(condition, data.integers(BOOL, 0, 2, 3, 4)).gives(BOOL);
  }

  private void conversions() {
    Tensor small = Tensor.floats(Shape.of(6), 0f, 1.9f, -1.9f, 100.5f, -0.4f, 3f);
    for (ElementType from : List.of(F32, I64, I32, I8, U8, BOOL)) {
      Tensor x = from == F32
          ? small
          : from == BOOL ? data.integers(BOOL, 0, 2, 6) : data.integers(from, 0, 100, 6);
      for (ElementType to : List.of(F32, I64, I32, I8, U8, BOOL)) {
        if (from != F32 || to != U8) { // negative floats to U8 are open
          op("Cast", 13).in(x).with("to", TestModel.number(to)).gives(to);
        }
      }
    }
    op("Cast", 9).in(data.integers(I64, -1000, 1000, 9)).with("to", TestModel.number(I8)).gives(I8);
    op("Cast", 21).in(data.integers(I32, -1000, 1000, 9)).with("to", TestModel.number(U8)).gives(U8);
    Tensor scale = TestData.scalar(0.037f);
    op("DequantizeLinear", 11).in(data.bytes(U8, 3, 5), scale, data.integers(U8, 0, 255)).gives(F32);
    op("DequantizeLinear", 13).in(data.bytes(I8, 3, 5), scale).gives(F32);
    op("DequantizeLinear", 13).in(data.integers(I32, -90000, 90000, 3, 5), scale).gives(F32);
    op("DequantizeLinear", 13).in(data.bytes(I8, 3, 5, 2), floats(5), data.bytes(I8, 5)).gives(F32);
    op("DequantizeLinear", 21).in(data.bytes(U8, 3, 5, 2), floats(3), data.bytes(U8, 3)).with("axis", -3)
        .gives(F32);
  }

  private void reductions() {
    op("ReduceMean", 11).in(floats(2, 3, 300)).with("axes", new long[]{-1}).within(ROUNDING).gives(F32);
    op("ReduceMean", 11).in(floats(2, 3, 5)).within(ROUNDING).gives(F32);
    op("ReduceMean", 13).in(floats(2, 30, 5)).with("axes", new long[]{1}).with("keepdims", 0).within(ROUNDING)
        .gives(F32);
    op("ReduceMean", 18).in(floats(2, 3, 5)).shapes(vector(0, 1)).within(ROUNDING).gives(F32);
    op("ReduceMean", 18).in(floats(2, 3, 5)).with("noop_with_empty_axes", 1).within(ROUNDING).gives(F32);
    op("ReduceMean", 13).in(floats(2, 3, 4, 5)).with("axes", new long[]{0, 2}).within(ROUNDING).gives(F32);
    for (String name : List.of("ReduceSum", "ReduceMax", "ReduceMin")) {
      for (int opset : new int[]{9, 11}) {
        op(name, opset).in(floats(2, 3, 300)).with("axes", new long[]{2}).within(LONG_SUMS).gives(F32);
      }
      op(name, 11).in(floats(2, 30, 5)).with("axes", new long[]{-2}).with("keepdims", 0).within(ROUNDING)
          .gives(F32);
      op(name, 18).in(floats(2, 3, 4, 5)).shapes(vector(3, 1)).within(ROUNDING).gives(F32);
      op(name, 13).in(floats(2, 3, 5)).with("keepdims", 0).within(ROUNDING).gives(F32);
      op(name, 18).in(data.integers(I64, -90, 90, 2, 3, 5)).shapes(vector(1)).gives(I64);
      op(name, 18).in(data.integers(I32, -90, 90, 2, 3, 5)).shapes(vector(0, 2)).gives(I32);
      op(name, 18).in(floats(2, 3, 5)).with("noop_with_empty_axes", 1).gives(F32);
    }
    op("ReduceSum", 13).in(floats(2, 3, 5)).shapes(vector(1)).within(ROUNDING).gives(F32);
    op("LogSoftmax", 11).in(floats(2, 3, 5)).within(ROUNDING).gives(F32);
    op("LogSoftmax", 13).in(data.floats(30, 2, 3, 300)).within(ROUNDING).gives(F32);
    op("LogSoftmax", 13).in(floats(2, 3, 5)).with("axis", 0).within(ROUNDING).gives(F32);
    op("Softmax", 11).in(floats(2, 3, 5)).within(ROUNDING).gives(F32);
    op("Softmax", 11).in(floats(2, 3, 5)).with("axis", 2).within(ROUNDING).gives(F32);
    op("Softmax", 13).in(data.floats(30, 2, 3, 300)).within(ROUNDING).gives(F32);
    op("Softmax", 13).in(floats(2, 3, 5)).with("axis", 0).within(ROUNDING).gives(F32);
    op("Softmax", 13).in(floats(2, 30, 4, 5)).with("axis", 1).within(ROUNDING).gives(F32);
    for (int opset : new int[]{17, 21}) {
      op("LayerNormalization", opset).in(floats(2, 3, 130)).shapes(floats(130), floats(130))
          .within(1e-5).gives(F32);
    }
    op("LayerNormalization", 17).in(floats(7, 33)).shapes(floats(33)).with("axis", 1)
        .with("epsilon", 0.5f).within(1e-5).gives(F32);
    op("Softmax", 13).in(Tensor.floats(Shape.of(2, 3), -3.4028235e38f, 0f, 1f, -3.4028235e38f, -3.4028235e38f,
        -3.4028235e38f)).within(ROUNDING).gives(F32);
  }

  private void products() {
    op("MatMul", 9).in(floats(3, 4), floats(4, 5)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(2, 7, 33), floats(33, 600)).within(1e-5).gives(F32);
    op("MatMul", 13).in(floats(1, 530), floats(530, 300)).within(1e-4).gives(F32);
    op("MatMul", 13).in(floats(2, 3, 6, 5), floats(2, 3, 5, 7)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(2, 1, 6, 5), floats(3, 5, 1)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(4, 6, 5), floats(5, 2)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(5), floats(5, 2)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(3, 5), floats(5)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(5), floats(5)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(5), floats(3, 5, 2)).within(ROUNDING).gives(F32);
    op("MatMul", 13).in(floats(0, 5), floats(5, 2)).within(ROUNDING).gives(F32);
    for (int opset : new int[]{9, 11, 13}) {
      op("Gemm", opset).in(floats(3, 4), floats(4, 5), floats(5)).within(ROUNDING).gives(F32);
    }
    op("Gemm", 11).in(floats(3, 4), floats(4, 5)).within(ROUNDING).gives(F32);
    op("Gemm", 13).in(floats(7, 33), floats(600, 33), floats(600)).with("transB", 1).within(1e-5).gives(F32);
    op("Gemm", 13).in(floats(4, 3), floats(4, 5), floats(1)).with("transA", 1).within(ROUNDING).gives(F32);
    op("Gemm", 13).in(floats(4, 3), floats(5, 4), floats(3, 1)).with("transA", 1).with("transB", 1)
        .with("alpha", 0.5f).with("beta", -2f).within(ROUNDING).gives(F32);
    op("Gemm", 13).in(floats(3, 4), floats(4, 5), floats(3, 5)).with("alpha", 3f).within(ROUNDING).gives(F32);
    op("Gemm", 13).in(floats(5, 4), floats(4, 5), floats(5, 1)).within(ROUNDING).gives(F32);
  }

  private void integers() {
    op("DynamicQuantizeLinear", 11).in(floats(3, 50)).gives(U8, F32, U8);
    op("DynamicQuantizeLinear", 11).in(Tensor.floats(Shape.of(6), 0, 2, -3, -2.5f, 1.34f, 0.5f))
        .gives(U8, F32, U8);
    op("DynamicQuantizeLinear", 11).in(Tensor.floats(Shape.of(2, 2, 1), 0, 0, 0, 0)).gives(U8, F32, U8);
    for (ElementType left : List.of(U8, I8)) {
      for (ElementType right : List.of(U8, I8)) {
        if (left == I8 && right == U8) {
          continue; // not in ONNX Runtime
        }
        Tensor zero = data.bytes(left);
        op("MatMulInteger", 10).in(data.bytes(left, 3, 40), data.bytes(right, 40, 9)).gives(I32);
        op("MatMulInteger", 13)
            .in(data.bytes(left, 2, 3, 70), data.bytes(right, 70, 33), zero, data.bytes(right))
            .gives(I32);
        op("MatMulInteger", 13)
            .in(data.bytes(left, 5, 13), data.bytes(right, 13, 6), zero, data.bytes(right, 6))
            .gives(I32);
        op("MatMulInteger", 13)
            .in(data.bytes(left, 2, 4, 8), data.bytes(right, 2, 8, 3), zero, data.bytes(right))
            .gives(I32);
        op("MatMulInteger", 13).in(data.bytes(left, 4, 8), data.bytes(right, 8, 3), null, data.bytes(right))
            .gives(I32);
      }
    }
  }
}
