package dev.octet.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.octet.Shape;
import dev.octet.onnx.value.ElementType;
import dev.octet.onnx.value.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Random;

/** Tensors of random numbers, always the same, and their comparison. */
final class TestData {
  /** Of sums of some hundred numbers, in another order. */
  private static final double ROUNDING = 1e-5;
  private final Random random;

  TestData(long seed) {
    this.random = new Random(seed);
  }

  /** Floats around 0. */
  Tensor floats(float magnitude, long... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * magnitude;
    }
    return Tensor.floats(shape, values);
  }

  /** Integers within bounds, the upper one excluded. */
  Tensor integers(ElementType type, int from, int to, long... dims) {
    Tensor tensor = Tensor.allocate(type, Shape.of(dims));
    for (long i = 0; i < tensor.shape().elements(); i++) {
      int value = random.nextInt(from, to);
      switch (type) {
        case I64 -> tensor.data().set(ValueLayout.JAVA_LONG_UNALIGNED, 8 * i, value);
        case I32 -> tensor.data().set(ValueLayout.JAVA_INT_UNALIGNED, 4 * i, value);
        default -> tensor.data().set(ValueLayout.JAVA_BYTE, i, (byte) value);
      }
    }
    return tensor;
  }

  /** Integers of all values of 8 bits. */
  Tensor bytes(ElementType type, long... dims) {
    return integers(type, -128, 128, dims);
  }

  /** A scalar. */
  static Tensor scalar(float value) {
    return Tensor.floats(Shape.of(), value);
  }

  /** Checks types, shapes and elements; floats within a bound, bit for bit where it is 0. */
  static void assertSame(String what, Map<String, Tensor> expected, Map<String, Tensor> actual,
      double tolerance) {
    assertEquals(expected.keySet(), actual.keySet(), what);
    expected.forEach((name, tensor) -> assertSame(what + ", " + name, tensor, actual.get(name), tolerance));
  }

  static void assertSame(String what, Tensor expected, Tensor actual, double tolerance) {
    assertEquals(expected.toString(), actual.toString(), what);
    for (long i = 0; i < expected.shape().elements(); i++) {
      String where = what + ", element " + i;
      if (expected.type() == ElementType.F32) {
        float x = expected.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
        float y = actual.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4 * i);
        if (tolerance == 0 || !Float.isFinite(x)) {
          assertEquals(x, y, where);
        } else {
          assertEquals(x, y, tolerance * Math.max(1, Math.abs(x)), where);
        }
      } else {
        for (long b = i * expected.type().bytes(); b < (i + 1) * expected.type().bytes(); b++) {
          assertEquals(expected.data().get(ValueLayout.JAVA_BYTE, b),
              actual.data().get(ValueLayout.JAVA_BYTE, b),
              where);
        }
      }
    }
  }

  /**
   * Checks types, shapes and elements: floats within the rounding of sums, integers of 8 bits within some
   * steps. Returns how many integers differ.
   */
  static long moved(String what, Map<String, Tensor> expected, Map<String, Tensor> actual,
      int steps) {
    long moved = 0;
    for (Map.Entry<String, Tensor> one : expected.entrySet()) {
      Tensor x = one.getValue();
      Tensor y = actual.get(one.getKey());
      if (x.type() == ElementType.F32) {
        assertSame(what, x, y, ROUNDING);
        continue;
      }
      assertTrue(x.toString().equals(y.toString()), what + ": expected " + x + ", got " + y);
      for (long i = 0; i < x.shape().elements(); i++) {
        int a = integer(x, i);
        int b = integer(y, i);
        assertTrue(Math.abs(a - b) <= steps,
            what + ", " + one.getKey() + ", element " + i + ": expected " + a + ", got " + b);
        moved += a == b ? 0 : 1;
      }
    }
    return moved;
  }

  private static int integer(Tensor tensor, long index) {
    byte value = tensor.data().get(ValueLayout.JAVA_BYTE, index);
    return tensor.type() == ElementType.U8 ? value & 0xff : value;
  }
}
